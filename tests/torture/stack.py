"""The product as it is installed, for the torture: PostgreSQL or SQLite, gunicorn with its own
settings file, the worker, the sealer, and nginx with deploy/nginx.conf.template where it is there.

Everything lies in one folder and ends with it; only processes that were started here are stopped.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.postgres import find_binaries, free_port, run
from tests.torture.results import ROOT

# The durability of a real server: what tests.postgres switches off is what is tried here.
POSTGRES = (
    "listen_addresses=127.0.0.1 max_connections=60 shared_buffers=128MB timezone=UTC "
    "log_min_messages=fatal"
)
PATIENCE = 90
DISK = 512  # MiB of the small disk for files


class Postgres:
    """A server of our own that can be restarted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.spent = 0.0  # seconds of processors, by those before the last restart
        self.binaries = find_binaries(self.folder)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if os.getuid() == 0:
            for place in (folder, self.folder):
                place.chmod(0o755)
            for place in (self.folder, self.data):
                shutil.chown(place, "nobody")
        self.port = free_port()
        run(self.binaries / "initdb", "-D", self.data, "-A", "trust", "-U", "kla", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        self._control("start")

    @property
    def url(self) -> str:
        return f"postgres://kla@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def restart(self, mode: str = "fast") -> None:
        """As an administrator does it (fast), or as after a crash (immediate)."""
        self.spent += spent_by(self.pid)
        self._control("restart", mode)

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            run(self.binaries / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def _control(self, what: str, mode: str = "fast") -> None:
        options = " ".join(f"-c {word}" for word in POSTGRES.split())
        options += f" -c port={self.port} -c unix_socket_directories={self.folder}"
        ways = ["-m", mode] if what == "restart" else []
        run(self.binaries / "pg_ctl", "-D", self.data, "-w", "-t", "60", *ways,
            "-l", self.folder / "log", "-o", options, what)  # fmt: skip


def spent_by(pid: int) -> float:
    """Seconds of processors that a process and all below it have used, those that ended too."""
    found = 0.0
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += sum(spent_by(int(each)) for each in (task / "children").read_text().split())
    return found


def spent_by_all() -> float:
    """... and by everything on this machine since it began."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft = map(int, fields[:7])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def quiet_port() -> int:
    """A free port below those that the system gives to callers (see tests/faults), drawn at random:
    two stacks that start at once must not end up behind each other.
    """
    for port in random.SystemRandom().sample(range(18_000, 31_000), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def nginx_conf(folder: Path, port: int, inner: int) -> Path:
    """The file that ships, for people at `port` and the application at `inner`; without TLS, since
    the machine that measures has no certificate.
    """
    shipped = (ROOT / "deploy" / "nginx.conf.template").read_text()
    shipped = shipped.replace("${KLA_HOST}", "_").replace("${KLA_UPSTREAM}", f"127.0.0.1:{inner}")
    shipped = re.sub(r"server \{\s+listen 80 default_server;.*?\n\}\n", "", shipped, flags=re.S)
    shipped = re.sub(r"\n\s*(?:ssl_|access_log )[^\n]*", "", shipped)
    shipped = re.sub(r"listen 443 ssl[^;]*;", f"listen 127.0.0.1:{port};", shipped)
    shipped = shipped.replace("Host $host", "Host $http_host")  # the port is not 443
    place = folder / "nginx.conf"
    place.write_text(
        f"daemon off; pid {folder}/nginx.pid; worker_processes 1;\n"
        f"{'user root;' if os.getuid() == 0 else ''}\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; error_log {folder}/nginx-error.log crit;\n"
        + "".join(
            f"{kind}_temp_path {folder}/nginx-{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"{shipped}\n}}\n"
    )
    return place


class Stack:
    """All of it, running. `port` is where people come in."""

    def __init__(self, folder: Path, database: str, **changes: str) -> None:
        self.folder, self.database = folder, database
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ended = threading.Event()
        self.mounted = False
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.postgres = Postgres(folder) if database == "postgresql" else None
        self.inner, self.mail_port = quiet_port(), quiet_port()
        self.nginx = shutil.which("nginx") or ""
        self.port = quiet_port() if self.nginx else self.inner
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "VAR_DIR": str(folder / "var"),
            "MEDIA_ROOT": str(self.disk / "media"),
            "UPLOAD_ROOT": str(self.disk / "incoming"),
            "SECRET_KEY": "for-tests-only-and-nothing-else-0123456789-abcdefghij",
            "BIND": f"127.0.0.1:{self.inner}",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "TRUSTED_PROXIES": "1" if self.nginx else "0",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.mail_port),
            "EMAIL_USE_TLS": "no",
            "SECOND_FACTOR_FOR": "none",  # robots sign in with a password
            "UPLOADS_PER_MINUTE": "100000",  # what is tried again counts again
            "LOG_LEVEL": "ERROR",
            **({"DATABASE_URL": self.postgres.url} if self.postgres else {}),
            **changes,
        }

    # --- from nothing to running -----------------------------------------------------------------

    def mount(self) -> bool:
        """A disk of its own for files that can be filled up; False where we may not mount."""
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(self.disk)]
        done = subprocess.run(words, capture_output=True, check=False)
        self.mounted = done.returncode == 0
        return self.mounted

    def inside(self, *words: str) -> Any:
        """What tests.torture.world answers, asked with the product's own settings."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.torture.world", *words],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])

    def start(self) -> None:
        """Pages, worker, sealer, proxy; back when the first page answers through all of them."""
        self.start_web()
        self.start_worker()
        words = [sys.executable, "manage.py", "seal_history", "--every", "10"]
        self._start("sealer", words)
        if self.nginx:
            self._start(
                "nginx", [self.nginx, "-c", str(nginx_conf(self.folder, self.port, self.inner))]
            )
        self.wait()
        threading.Thread(target=self.supervise, daemon=True).start()

    def start_web(self) -> None:
        self._start("web", [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"])

    def start_worker(self) -> None:
        """As systemd starts it, again after it was killed: nice to the people at their pages."""
        words = [sys.executable, "manage.py", "db_worker", "--no-startup-delay", "--no-reload"]
        self._start("worker", ["nice", "-n", "10", *words])

    def supervise(self) -> None:
        """What systemd and compose do: start again what ended by itself, such as a worker whose
        database went away.
        """
        while not self.ended.wait(1):
            worker = self.processes.get("worker")
            if worker is not None and worker.poll() is not None:
                self.start_worker()

    def wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if any(each.poll() is not None for each in self.processes.values()):
                break  # its port is another's: what answers there is not ours
            with contextlib.suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                with contextlib.closing(line):
                    line.request("GET", "/healthz")
                    if line.getresponse().status == 200:
                        return
            time.sleep(0.05)
        raise AssertionError(f"the server does not start: {self.log('web')[-2000:]}")

    def _start(self, name: str, words: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                words, cwd=ROOT, env=self.environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    # --- while it runs ---------------------------------------------------------------------------

    def web_workers(self) -> list[int]:
        """The processes that answer requests."""
        master = self.processes["web"].pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
            return [int(each) for each in children]
        return []

    def kill(self, name: str) -> None:
        """kill -9 of all that belongs to one of our processes."""
        process = self.processes.pop(name, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def memory(self) -> int:
        """Bytes of all processes of the product, shared pages counted once (PSS)."""
        total = 0
        groups = {process.pid for process in self.processes.values()}
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                if os.getpgid(int(place.name)) in groups:
                    told = (place / "smaps_rollup").read_text()
                    total += int(re.findall(r"^Pss:\s+(\d+)", told, re.M)[0]) * 1024
        return total

    def spent_elsewhere(self) -> float:
        """Seconds of processors that went to anything but us and what we try."""
        ours = spent_by(os.getpid())
        if self.postgres:
            ours += self.postgres.spent + spent_by(self.postgres.pid)
        return spent_by_all() - ours

    def log(self, name: str) -> str:
        place = self.folder / f"{name}.log"
        return place.read_text(errors="replace") if place.exists() else ""

    def end(self) -> None:
        self.ended.set()
        for name in ("nginx", "web", "worker", "sealer"):
            self.kill(name)
        if self.postgres:
            self.postgres.stop()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)


@contextlib.contextmanager
def stack(folder: Path, database: str, **changes: str) -> Iterator[Stack]:
    """Everything ends with the block, whatever happens in it."""
    made = Stack(folder, database, **changes)
    try:
        yield made
    finally:
        made.end()
