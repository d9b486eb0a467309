"""The server is killed (SIGKILL) again and again while people save and upload: what was said to be
stored is stored, and nothing is half.

A real gunicorn on a real port, with the real settings and a database of its own. What happens when
is drawn from SEED; a reply that was lost may or may not have happened, and is asked for again.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20241125
SAVES, FILES, KILLS = 200, 50, 8
TOKEN = "0123456789abcdefghijABCDEFGHIJ01"  # noqa: S105  (a csrf cookie and its header)
PATIENCE = 90


@contextlib.contextmanager
def a_machine(folder: Path) -> Iterator[dict[str, str]]:
    """Settings of a machine of its own; on PostgreSQL a database beside that of the suite."""
    found = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "VAR_DIR": str(folder),
        "UPLOADS_PER_MINUTE": "100000",  # what is tried again counts again
        "SECRET_KEY": "for-tests-only-and-nothing-else-0123456789-abcdefghij",
        "PORT": str(quiet_port()),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "SECOND_FACTOR_FOR": "none",
    }
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield found
        return
    name = f"faults_{os.getpid()}_{found['PORT']}"
    with contextlib.closing(psycopg2.connect(url)) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield found | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    with a_machine(tmp_path) as found:
        yield found


def quiet_port() -> int:
    """A free port below those that the system gives to callers: one of our own calls while nobody
    listens could otherwise get this very port, and hold it against the server.
    """
    for port in random.Random(os.getpid()).sample(range(18_000, 30_000), 50):  # noqa: S311
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def inside(environment: dict[str, str], what: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.inside", what],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Server:
    """gunicorn with two workers, in a group of processes that dies at once."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.port = int(environment["PORT"])
        self.process: subprocess.Popen[bytes] | None = None
        self.log = Path(environment["VAR_DIR"]) / "gunicorn.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
                cwd=ROOT, env=self.environment, start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(self.port, "GET", "/healthz")[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server does not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """One request on a line of its own; an exception when its reply is lost."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(method, path, body, headers or {})
        reply = line.getresponse()
        return reply.status, dict(reply.headers), reply.read().decode()
    finally:
        line.close()


@dataclass
class Client:
    """One who saves or uploads, asks again what was lost, and keeps what was acknowledged."""

    port: int
    cookies: dict[str, str]
    chance: random.Random
    lost: int = 0
    notes: dict[str, tuple[str, int]] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)

    def until_told(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Ask until there is a reply that is not "later"."""
        cookies = self.cookies | {"csrf": TOKEN}
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": TOKEN,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                reply = ask(self.port, method, path, body, sent)
                if reply[0] < 500:
                    return reply
            except ConnectionRefusedError:
                pass
            except (OSError, http.client.HTTPException):
                self.lost += 1
            time.sleep(0.05)
        raise AssertionError(f"no reply to {method} {path}")

    def save(self, address: str, times: int) -> None:
        version = 0
        for turn in range(1, times + 1):
            note = f"Catatan {turn} dari {address}"
            body = urlencode({"catatan": note, "versi": version}).encode()
            kind = "application/x-www-form-urlencoded"
            status, _, text = self.until_told(
                "POST", address, body, HX_Request="true", Content_Type=kind
            )
            assert (status, "Tersimpan" in text) == (200, True)
            [told] = re.findall(r'name="versi"[^>]* value="(\d+)"', text)
            version = int(told)
            self.notes[address] = (note, version)
            time.sleep(self.chance.uniform(0.1, 0.4))

    def send(self, address: str, name: str, *, parts: bool) -> None:
        length = self.chance.randrange(100_000, 1_500_000)
        content = b"%PDF-1.4\n" + self.chance.randbytes(length) + b"\n%%EOF\n"
        if parts:
            self._in_parts(address, name, content)
        else:
            mark = "batas0123456789"
            body = (
                (
                    f'--{mark}\r\nContent-Disposition: form-data; name="berkas"; filename="{name}"'
                    "\r\nContent-Type: application/pdf\r\n\r\n"
                ).encode()
                + content
                + f"\r\n--{mark}--\r\n".encode()
            )
            status, _, text = self.until_told(
                "POST", f"{address}data-dukung/", body, HX_Request="true",
                Content_Type=f"multipart/form-data; boundary={mark}",
            )  # fmt: skip
            assert (status, name in text) == (200, True)
        self.sums[name] = hashlib.sha256(content).hexdigest()
        time.sleep(self.chance.uniform(0.05, 0.2))

    def _in_parts(self, address: str, name: str, content: bytes) -> None:
        tus = {"Tus_Resumable": "1.0.0"}
        told = f"filename {b64encode(name.encode()).decode()}"
        status, headers, _ = self.until_told(
            "POST", f"{address}unggahan/", Upload_Length=str(len(content)),
            Upload_Metadata=told, **tus,
        )  # fmt: skip
        assert status == 201
        place, offset = headers["Location"], 0
        while offset < len(content):
            status, headers, text = self.until_told(
                "PATCH", place, content[offset : offset + 256 * 1024], Upload_Offset=str(offset),
                Content_Type="application/offset+octet-stream", **tus,
            )  # fmt: skip
            if status == 409:  # the part had come; its reply was lost
                status, headers, text = self.until_told("HEAD", place, **tus)
            assert status in {200, 204}, text
            assert int(headers["Upload-Offset"]) >= offset  # what was acknowledged stays
            offset = int(headers["Upload-Offset"])


def test_what_was_acknowledged_is_there_and_nothing_is_half_however_often_the_server_is_killed(
    environment,
):
    world = inside(environment, "prepare")
    chance = random.Random(SEED)  # noqa: S311
    server = Server(environment)
    addresses = world["answers"]
    clients = [
        Client(server.port, world["cookies"], random.Random(SEED + at))  # noqa: S311
        for at in range(len(addresses) + 4)
    ]

    def upload(at: int) -> None:
        for turn in range(at, FILES, 4):
            sender = clients[len(addresses) + at]
            place = addresses[turn % len(addresses)]
            sender.send(place, f"Berkas {turn:02d}.pdf", parts=turn % 3 != 0)

    done = threading.Event()
    kills = 0
    server.start()
    try:
        with ThreadPoolExecutor(len(clients)) as pool:
            jobs = [
                pool.submit(clients[at].save, address, SAVES // len(addresses))
                for at, address in enumerate(addresses)
            ] + [pool.submit(upload, at) for at in range(4)]
            while kills < KILLS and not all(job.done() for job in jobs):
                done.wait(chance.uniform(0.2, 1.0))
                server.kill()
                kills += 1
                server.start()
            for job in jobs:
                job.result()
        server.kill()
        server.start()
    finally:
        server.kill()

    found = inside(environment, "report")
    notes = {address: said for each in clients for address, said in each.notes.items()}
    sums = {name: said for each in clients for name, said in each.sums.items()}
    assert (kills, sum(each.lost for each in clients) > 0) == (KILLS, True)
    turns = SAVES // len(addresses)
    assert found.pop("answers") == {
        address: {"note": note, "version": turns, "versions": list(range(1, turns + 1))}
        for address, (note, _) in notes.items()
    }
    assert found.pop("files") == sorted([name, said] for name, said in sums.items())
    assert found == {
        "database": ["ok"],
        "links": FILES,
        "attached": FILES,
        "bytes of nobody": 0,
        "evidence of nothing": 0,
        "whole but not finished": 0,
        "verified": f"{FILES} files of evidence checked, 0 missing or altered",
    }
