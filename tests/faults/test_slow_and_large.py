"""Senders who are slow, stop half-way, or send more than may be sent: the others are answered, a
sentence says what is wrong, and nothing is left. At the real server with its own settings, asked
directly and, where nginx is installed, through it with the file that ships.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.faults.test_killed_server import PATIENCE, TOKEN, Server, a_machine, ask, inside
from tests.submissions.test_uploads import PDF
from tests.torture.people import FORM, of_file
from tests.torture.stack import nginx_conf, quiet_port

MB = 1024 * 1024
SLOW = 20  # of each kind


@pytest.fixture(scope="module")
def machine(tmp_path_factory: Any) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Settings, tables, an office with some answers; in memory where that can be, since nothing
    here asks whether a disk keeps it.
    """
    memory = Path("/dev/shm")  # noqa: S108
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        a_machine(Path(folder)) as environment,
    ):
        yield environment, inside(environment, "prepare")


@dataclass
class Door:
    """Where people come in."""

    name: str
    port: int
    folder: Path
    world: dict[str, Any]

    def headers(self, kind: str) -> dict[str, str]:
        cookies = self.world["cookies"] | {"csrf": TOKEN}
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": TOKEN,
            "HX-Request": "true",
            "Content-Type": kind,
        }

    def head(self, path: str, kind: str, length: object) -> bytes:
        """The head of a request, as bytes."""
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers(kind).items()]
        lines += [f"Content-Length: {length}"] if length is not None else []
        return "\r\n".join([*lines, "", ""]).encode()

    def call(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def save(self, at: int, note: str, version: int) -> tuple[int, bool]:
        body = urlencode({"catatan": note, "versi": version}).encode()
        status, _, text = ask(
            self.port, "POST", self.world["answers"][at], body, self.headers(FORM)
        )
        return status, "Tersimpan" in text

    def left(self) -> list[str]:
        """What lies in the folder of what is on its way."""
        return [each.name for each in (self.folder / "incoming").rglob("*") if each.is_file()]


@pytest.fixture(scope="module", params=["gunicorn", *(["nginx"] if shutil.which("nginx") else [])])
def door(request: Any, machine: Any, tmp_path_factory: Any) -> Iterator[Door]:
    environment, world = machine
    folder = Path(environment["VAR_DIR"])
    port = quiet_port()
    changes = {"PORT": str(port), "WEB_PATIENCE": "300"}
    if request.param == "gunicorn":
        with serving(environment | changes):
            yield Door("gunicorn", port, folder, world)
        return
    place, front = tmp_path_factory.mktemp("nginx"), quiet_port()
    words = ["nginx", "-c", str(nginx_conf(place, front, port))]
    with (
        serving(environment | changes | {"TRUSTED_PROXIES": "1"}),
        (place / "said").open("wb") as said,
        subprocess.Popen(words, stderr=said) as nginx,
    ):
        try:
            until_there(front, nginx, place / "said")
            yield Door("nginx", front, folder, world)
        finally:
            nginx.terminate()


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[None]:
    server = Server(environment)
    server.start()
    try:
        yield
    finally:
        server.kill()


def until_there(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    """A port that nobody has opened yet refuses at once: wait for a time, not for attempts."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nginx does not start: {process.poll()} {said.read_text()}")


# --- slow ----------------------------------------------------------------------------------------


def test_sixty_slow_senders_hold_nobody_up_and_what_they_send_arrives(door):
    name = f"Lambat {door.name}.pdf"
    content = PDF[:-6] + f"%{door.name}\n".encode() + PDF[-6:]
    body, kind = of_file(name, content, "application/pdf")
    place = f"{door.world['answers'][0]}data-dukung/"
    whole = door.head(place, kind, len(body)) + body
    with contextlib.ExitStack() as stack:
        silent, headless, halved = (
            [stack.enter_context(door.call()) for _ in range(SLOW)] for _ in range(3)
        )
        for line in headless:
            line.sendall(whole[:40])
        for line in halved:
            line.sendall(whole[:-20])
        at = 1 if door.name == "gunicorn" else 2
        for turn in range(8):
            assert ask(door.port, "GET", "/healthz")[0] == 200
            assert door.save(at, f"Catatan {turn}", turn) == (200, True)
        for line, rest in ((silent[0], whole), (headless[0], whole[40:]), (halved[0], whole[-20:])):
            line.sendall(rest)
            reply = http.client.HTTPResponse(line)
            reply.begin()
            assert (reply.status, name in reply.read().decode()) == (200, True)
    assert door.left() == []


@pytest.mark.parametrize("part", ["head", "body"])
def test_who_stops_half_way_does_not_keep_the_only_thread(machine, part):
    environment, world = machine
    port = quiet_port()
    few = {"PORT": str(port), "WEB_WORKERS": "1", "WEB_THREADS": "1", "WEB_PATIENCE": "1"}
    with serving(environment | few):
        door = Door("gunicorn", port, Path(environment["VAR_DIR"]), world)
        body, kind = of_file("Setengah.pdf", PDF, "application/pdf")
        head = door.head(f"{world['answers'][0]}data-dukung/", kind, len(body))
        with door.call() as line:
            line.sendall(head[:40] if part == "head" else head + body[:-20])
            assert ask(port, "GET", "/healthz")[0] == 200
            said = line.recv(65_536)
        assert said == b"" or said.startswith(b"HTTP/1.1 4")
        assert door.left() == []


def test_who_takes_nothing_of_a_file_does_not_keep_the_only_thread(machine):
    environment, world = machine
    port = quiet_port()
    few = {"PORT": str(port), "WEB_WORKERS": "1", "WEB_THREADS": "1", "WEB_PATIENCE": "1"}
    with serving(environment | few):
        door = Door("gunicorn", port, Path(environment["VAR_DIR"]), world)
        status, text = send(door, 20 * MB)  # more than the system holds for a line
        assert (status, "besar.pdf" in text) == (200, True)
        [address] = set(re.findall(r"/data-dukung/\d+/(?=[^>]*>besar\.pdf)", text))
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", port))
            line.sendall(door.head(address, FORM, None).replace(b"POST", b"GET", 1))
            assert line.recv(12) == b"HTTP/1.1 200"
            assert ask(port, "GET", "/healthz")[0] == 200


def test_behind_a_proxy_a_busy_process_leaves_the_calls_to_the_idle_one(machine):
    environment, world = machine
    port = quiet_port()
    few = {"PORT": str(port), "WEB_WORKERS": "2", "WEB_THREADS": "1", "WEB_PATIENCE": "300"}
    with serving(environment | few | {"TRUSTED_PROXIES": "1"}):
        door = Door("nginx", port, Path(environment["VAR_DIR"]), world)
        body, kind = of_file("Sibuk.pdf", PDF, "application/pdf")
        with door.call() as line:
            line.sendall(door.head(f"{world['answers'][0]}data-dukung/", kind, len(body)))
            line.sendall(body[:-20])
            assert [ask(port, "GET", "/healthz")[0] for _ in range(40)] == [200] * 40
            line.sendall(body[-20:])
            assert line.recv(12) == b"HTTP/1.1 200"


# --- large ---------------------------------------------------------------------------------------


def send(door: Door, size: int) -> tuple[int, str]:
    """A PDF of so many bytes; what came back, also when it came before all was sent."""
    content = PDF[:-6] + b"0" * (size - len(PDF)) + PDF[-6:]
    body, kind = of_file("besar.pdf", content, "application/pdf")
    line = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
    with contextlib.closing(line):
        line.putrequest("POST", f"{door.world['answers'][0]}data-dukung/")
        for name, value in door.headers(kind).items():
            line.putheader(name, value)
        line.putheader("Content-Length", str(len(body)))
        line.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.send(body)
        reply = line.getresponse()
        return reply.status, reply.read().decode()


def test_a_file_beyond_25_mb_is_refused_in_a_sentence_and_leaves_nothing(door):
    status, text = send(door, 25 * MB + 1)
    assert (status, "besar.pdf tidak diterima. Paling besar 25 MB per berkas" in text) == (
        413,
        True,
    )
    status, text = send(door, 28 * MB)
    assert (status, "Paling besar 25 MB per berkas" in text) == (413, True)
    assert (door.left(), ask(door.port, "GET", "/healthz")[0]) == ([], 200)


@pytest.mark.parametrize("length", ["missing", "a word", "negative", "too small", "too large"])
def test_a_length_that_is_not_true_stores_nothing(door, length):
    name = "Panjang palsu.pdf"
    body, kind = of_file(name, PDF, "application/pdf")
    said = {
        "missing": None, "a word": "banyak", "negative": -5,
        "too small": len(body) - 60, "too large": len(body),
    }[length]  # fmt: skip
    place = f"{door.world['answers'][0]}data-dukung/"
    with door.call() as line:
        line.sendall(door.head(place, kind, said) + (body[:-60] if length == "too large" else body))
        line.shutdown(socket.SHUT_WR)  # as a browser that was closed
        reply = http.client.HTTPResponse(line)
        with contextlib.suppress(http.client.HTTPException, ConnectionError):
            reply.begin()
            assert reply.status in {400, 411, 413, 422}
    page = ask(door.port, "GET", place, headers=door.headers(FORM))
    assert (page[0], name in page[2], door.left()) == (200, False, [])
