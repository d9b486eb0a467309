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
from tests.torture import results

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "kla-demo-2024"  # noqa: S105  # of the example only
# An evidence of the restored city that is a file, and the file's name in the storage.
A_DOCUMENT = """
from submissions.models import Evidence
found = Evidence.objects.filter(restricted=False).exclude(blob=None).order_by("pk").first()
print(found.pk, found.blob.file.name)
"""
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
        opened = open_one(place, address, packed)
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
        until, said = time.monotonic() + 60, "it does not answer"
        while said != "ok":
            if time.monotonic() > until:
                raise RuntimeError(f"/readyz: {said}")
            with contextlib.suppress(requests.ConnectionError):
                said = requests.get(f"{address}/readyz", timeout=20).text.strip()
            time.sleep(0.05)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def open_one(place: Place, address: str, packed: Path) -> bool:
    """Sign in as the verifikator and open a document; whether its bytes are those of the backup."""
    evidence, name = place.manage("shell", "-v0", "-c", A_DOCUMENT).split(maxsplit=1)
    with requests.Session() as browser:
        page = browser.get(f"{address}/masuk/", timeout=60)
        token = ASKED.search(page.text)
        if token is None:
            raise RuntimeError(f"the page to sign in on: {page.status_code}")
        form = {"username": "verifikator", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        browser.post(f"{address}/masuk/", form, timeout=60)
        answer = browser.get(f"{address}/data-dukung/{evidence}/", timeout=60)
    said = manifest_of(packed)["members"][f"files/{name.strip()}"]
    sound = answer.ok and hashlib.sha256(answer.content).hexdigest() == said
    if not sound:
        sys.stderr.write(f"{name}: {answer.status_code}\n")
    return sound


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


def tell(found: list[Figures]) -> bool:
    """Keep the figures for docs/trust.md; whether every row and byte came back."""
    for each in found:
        source, _, target = each.way.partition(" -> ")
        name = source if source == target else f"{source}_to_{target}"
        results.record(
            f"restore_drill_{name}",
            figure=f"{each.rows:,} rows, {each.files} files, {each.differing} differing; "
            f"restored in {each.restore_seconds:.0f} s, {each.total_seconds:.0f} s in all",
            reached=not each.differing,
        )
    return not any(each.differing for each in found)


def main() -> int:
    """Say what was found, a way a line; exit with 1 if anything differs."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # a database of ours never outlives us
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    found = run()
    for each in found:
        sys.stdout.write(json.dumps(asdict(each)) + "\n")
    return int(not tell(found))


if __name__ == "__main__":
    sys.exit(main())
