"""How the application server runs; read by gunicorn from the working directory."""

import contextlib
import errno
import gc
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

_before = set(sys.modules)

from kla_tracker import environment as env  # noqa: E402  (what it brings is forgotten below)


def forget(before: set[str]) -> None:
    """Drop what was imported since: processes begin as copies of this one, and after a reload they
    must find the new version's files and not what was read here long ago.
    """
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {"kla_tracker", "django", "asgiref", "prometheus_client"}:
            del sys.modules[name]


wsgi_app = "kla_tracker.wsgi"
bind = env.text("BIND", f"127.0.0.1:{env.number('PORT', 8000, least=1, most=65535)}")
if not bind.startswith("unix:") and not bind.rpartition(":")[0]:
    env.mistake(f"BIND must be an address and a port like 127.0.0.1:8000, not {bind!r}.")
workers = env.number("WEB_WORKERS", 2, least=1)
# A proxy in front hands over whole requests. Without one a slow sender keeps a thread waiting: then
# there are more of them than slow senders (a thread begins when it is needed), and none waits for
# ever (below).
BEHIND_A_PROXY = env.number("TRUSTED_PROXIES", 0, most=9) > 0
threads = env.number("WEB_THREADS", 2 if BEHIND_A_PROXY else 64, least=1)
PATIENCE = env.number("WEB_PATIENCE", 20, least=1)
timeout = 60
graceful_timeout = 20
# Longer than the proxy keeps an idle connection (60 s): it is never the one that is surprised.
keepalive = 75
if BEHIND_A_PROXY:
    # Take no more calls than there are threads: those that wait, wait where the other processes
    # find them too. So no line is kept open after its reply, it would count as one (0047).
    keepalive, worker_connections = 0, threads
# Against a leak that nobody has seen (memory is flat after 10,000): rare, for a new process costs a
# second of a processor, and 5,000 came round in the middle of an evening of the deadline.
max_requests = 50_000
max_requests_jitter = 25_000
# No socket to steer it by: it would lie in the folder of the program, which nobody may write to.
control_socket_disable = True
# A heartbeat file, of no use to anybody else.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # nosec B108
# Who is in front is Django's question (TRUSTED_PROXIES), not answered twice.
forwarded_allow_ips = ""
# No line by gunicorn for each request: addresses of pages tell who looked at what, and LOG_FORMAT
# writes one without them. Errors go to stderr.
accesslog = None
loglevel = "warning"
env.refuse_mistakes()


@contextlib.contextmanager
def patiently(line: socket.socket, times: int = 1) -> Iterator[None]:
    """Whoever does nothing for too long has gone, as if the line had broken."""
    usual = line.gettimeout()
    if usual:
        line.settimeout(usual * times)
    try:
        yield
    except TimeoutError:
        raise ConnectionResetError(errno.ECONNRESET, "nothing for too long") from None
    finally:
        if usual:
            line.settimeout(usual)


class Caller(socket.socket):
    """The line of one who calls: nobody is waited for longer than PATIENCE seconds at once, three
    times as long for who takes a page or a file (nginx gives a phone in a tunnel a minute).
    """

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  (the standard library's own)
        """gunicorn asks to wait for ever."""
        self.settimeout(PATIENCE if flag else 0)

    def recv(self, *args: Any) -> bytes:
        with patiently(self):
            return super().recv(*args)

    def sendall(self, *args: Any) -> None:
        with patiently(self, 3):
            super().sendall(*args)

    def sendfile(self, *args: Any, **kwargs: Any) -> int:
        with patiently(self, 3):
            return super().sendfile(*args, **kwargs)


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own worker with threads, whose callers are Callers."""

    def enqueue_req(self, conn: TConn) -> None:
        """Every new line comes through here before a thread waits for it."""
        if type(conn.sock) is socket.socket:
            kept = conn.sock
            conn.sock = Caller(kept.family, kept.type, kept.proto, kept.detach())
        super().enqueue_req(conn)


worker_class = Worker

# Where the counters of all processes add up for /metrics; set before a worker imports anything.
METRICS = Path(env.text("VAR_DIR", str(Path(__file__).resolve().parent / "var"))) / "metrics"
METRICS.mkdir(mode=0o700, parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)


def on_starting(server: Any) -> None:
    """Count from nothing; not at a reload, where processes go on."""
    if "GUNICORN_PID" not in os.environ:
        shutil.rmtree(METRICS, ignore_errors=True)
        METRICS.mkdir(mode=0o700, parents=True, exist_ok=True)


def post_fork(server: Any, worker: Any) -> None:
    """Change threads ten times as often as Python would: one that waits for the database gives its
    turn away, and waits again for each reply while another draws a page (0047).

    And look for no garbage while the code is loaded: all of it stays, and looking took a sixth of
    the time until a process answers (0046).
    """
    sys.setswitchinterval(0.0005)
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """From here on there is garbage, though none among what was loaded."""
    gc.freeze()
    gc.enable()


def child_exit(server: Any, worker: Any) -> None:
    """Keep what a process that ended had counted, in one file with those before it."""
    before = set(sys.modules)
    from kla_tracker.counted import bury  # noqa: PLC0415  (after the folder is known)

    bury(METRICS, worker.pid)
    forget(before)


forget(_before)
