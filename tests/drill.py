"""The way back, exercised and timed, as docs/operate.md says it: python -m tests.drill

A city of the example is backed up; in an empty folder and an empty database the backup is restored,
proved, compared row by row and byte by byte, served, and one document is opened. On SQLite, on
PostgreSQL, and across.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import requests

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "kla-demo-2024"  # noqa: S105  # of the example only
ASKED = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Figures:
    """What one way took, and what was found."""

    way: str
    rows: int
    files: int
    restore_seconds: float
    proved_seconds: float
    open_seconds: float
    total_seconds: float
    differing: int


@dataclass(frozen=True)
class Place:
    """An installation: a folder and a database."""

    kind: str
    folder: Path
    url: str = ""

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        found = kept | {"VAR_DIR": str(self.folder), "EXAMPLE_ACCOUNTS": "1", "LOG_LEVEL": "ERROR"}
        return found | ({"DATABASE_URL": self.url} if self.url else {}) | more

    def manage(self, *words: str | Path) -> str:
        """A command as somebody types it; what it said, or an end with what it complained of."""
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout


def run() -> list[Figures]:
    """Every way, one after the other."""
    with tempfile.TemporaryDirectory(prefix="kla-drill-") as folder, postgres.server() as server:
        base = Path(folder)
        here = Place("sqlite", _folder(base / "kota"))
        here.manage("migrate", "-v0")
        here.manage("seed_demo")
        packed = base / "kota.zip"
        here.manage("backup", packed)
        found = []
        taken = {"sqlite": packed}
        for source, target in (
            ("sqlite", "sqlite"), ("sqlite", "postgresql"),
            ("postgresql", "postgresql"), ("postgresql", "sqlite"),
        ):  # fmt: skip
            name = f"{source}_{target}"
            url = _database(server, name) if target == "postgresql" else ""
            place = Place(target, _folder(base / name), url)
            found.append(drill(taken[source], place, f"{source} -> {target}"))
            if target == "postgresql":  # what was restored there is the next one's source
                taken["postgresql"] = place.folder / "again.zip"
        return found


def drill(packed: Path, place: Place, way: str) -> Figures:
    """Restore one backup into one empty place, and prove that all of it works."""
    began = time.monotonic()
    place.manage("restore", packed)
    restored = time.monotonic()
    for command in ("verify_evidence", "verify_scores", "verify_history"):
        place.manage(command)
    proved = time.monotonic()
    place.manage("backup", place.folder / "again.zip")  # before anybody signs in; not timed
    compared = time.monotonic()
    with serving(place) as address:
        opened = open_one(address, packed)
    ended = time.monotonic()
    before, after = manifest_of(packed), manifest_of(place.folder / "again.zip")
    differing = sum(
        before[part].get(key) != after[part].get(key)
        for part in ("tables", "members")
        for key in before[part].keys() | after[part].keys()
    )
    return Figures(
        way=way,
        rows=sum(before["tables"].values()),
        files=sum(name.startswith("files/") for name in before["members"]),
        restore_seconds=round(restored - began, 1),
        proved_seconds=round(proved - restored, 1),
        open_seconds=round(ended - compared, 1),
        total_seconds=round(ended - began - (compared - proved), 1),
        differing=differing + (not opened),
    )


@contextlib.contextmanager
def serving(place: Place) -> Iterator[str]:
    """The restored city under gunicorn, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place.manage("collectstatic", "--no-input", "-v0")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"], cwd=ROOT, stderr=subprocess.DEVNULL,
        env=place.environment(BIND=f"127.0.0.1:{port}"), start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{address}/readyz", timeout=20).ok:
                    break
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def open_one(address: str, packed: Path) -> bool:
    """Sign in as the verifikator and open a document; whether its bytes are those of the backup."""
    evidence, name, sha256 = a_document(packed)
    with requests.Session() as browser:
        page = browser.get(f"{address}/masuk/", timeout=60)
        token = ASKED.search(page.text)
        if token is None:
            return False
        form = {"username": "verifikator", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        signed_in = browser.post(f"{address}/masuk/", form, timeout=60)
        answer = browser.get(f"{address}/data-dukung/{evidence}/", timeout=60)
    sound = signed_in.ok and answer.ok and hashlib.sha256(answer.content).hexdigest() == sha256
    if not sound:
        sys.stderr.write(f"{name}: {answer.status_code}\n")
    return sound


def a_document(packed: Path) -> tuple[int, str, str]:
    """An evidence of the backup that has a file, with the file's name there and its sum."""
    with zipfile.ZipFile(packed) as archive:
        blobs = {row[0]: row for row in _rows(archive, "submissions.Blob") if row[4]}
        for row in _rows(archive, "submissions.Evidence"):
            held = next((blobs[each] for each in row[5:6] if each in blobs), None)
            if held is not None:
                return row[0], held[4], held[1]
    raise RuntimeError("the backup holds no document")


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[list[Any]]:
    for line in archive.read(f"rows/{table}.jsonl").decode().splitlines():
        yield json.loads(line)


def manifest_of(packed: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    with zipfile.ZipFile(packed) as archive:
        found: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return found


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _database(server: str, name: str) -> str:
    with contextlib.closing(psycopg2.connect(server)) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "drill_{name}"')
    return urlsplit(server)._replace(path=f"/drill_{name}").geturl()


def main() -> int:
    """Say what was found, a way a line; exit with 1 if anything differs."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # a database of ours never outlives us
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    found = run()
    for each in found:
        sys.stdout.write(json.dumps(asdict(each)) + "\n")
    return int(any(each.differing for each in found))


if __name__ == "__main__":
    sys.exit(main())
