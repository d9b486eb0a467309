"""A backup comes back row by row and byte by byte: on both databases and across, under a later
version, and never when a single byte of it is another.
"""

import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psycopg2
import pyrage
import pytest
from django.conf import settings
from django.db import connection

from agencies.models import Region
from kla_tracker.archive import ArchiveError, seal
from kla_tracker.archive.pack import one_moment
from tests.factories import make_region
from tests.torture import results

SERVER = os.environ.get("DATABASE_URL", "")
HERE = "postgresql" if SERVER else "sqlite"
WAYS = [(HERE, HERE)] + ([("postgresql", "sqlite"), ("sqlite", "postgresql")] if SERVER else [])


@dataclass
class Place:
    """A folder and a database of an installation of its own."""

    folder: Path
    url: str

    def manage(self, *words, code=0, **settings_):
        """A command as somebody types it; what it said."""
        env = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        env |= {"VAR_DIR": str(self.folder), "LOG_LEVEL": "ERROR"} | settings_
        if self.url:
            env["DATABASE_URL"] = self.url
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def make_place(tmp_path_factory):
    """Makes empty places; the databases on the server go again at the end."""
    made = []

    def place(kind):
        folder = tmp_path_factory.mktemp("tempat")
        if kind == "sqlite":
            return Place(folder, "")
        name = f"cadangan_{os.getpid()}_{len(made)}"
        on_server(f'CREATE DATABASE "{name}"')
        made.append(name)
        return Place(folder, SERVER.rpartition("/")[0] + f"/{name}")

    yield place
    for name in made:
        on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def on_server(statement):
    link = psycopg2.connect(SERVER)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute(statement)
    finally:
        link.close()


@pytest.fixture(scope="module")
def example(make_place):
    """The example city in a place of each kind that is asked for, made once, and its backup."""
    made = {}

    def of(kind):
        if kind not in made:
            place = make_place(kind)
            place.manage("migrate", "-v0")
            place.manage("seed_demo", "--years", "1")
            place.manage("backup", place.folder / "kla.zip")
            made[kind] = place
        return made[kind]

    return of


def manifest_of(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_row_and_byte_comes_back(example, make_place, source, target):
    packed = example(source).folder / "kla.zip"
    place = make_place(target)
    said = place.manage("restore", packed)
    before = manifest_of(packed)
    files = sum(name.startswith("files/") for name in before["members"])
    assert f"{sum(before['tables'].values())} rows, {files} files" in said
    assert files > 200
    place.manage("backup", place.folder / "again.zip")
    after = manifest_of(place.folder / "again.zip")
    assert before["tables"]["submissions.Response"] == 1031
    assert (after["tables"], after["members"]) == (before["tables"], before["members"])
    assert "0 missing or altered; 0 orphans" in place.manage("verify_evidence")
    assert "tidak ada selisih" in place.manage("verify_scores")
    assert (before["history"], ":" in before["history"]) == (after["history"], True)
    assert f"Ujung: {before['history']}" in place.manage("verify_history")
    # What is new gets a number of its own, and the history holds still again.
    place.manage("invite_administrator", "admin-baru", "admin@contoh.example")
    script = (
        "from django.db import DatabaseError\n"
        "from submissions.models import Event\n"
        "try: Event.objects.update(verb='x')\n"
        "except DatabaseError as error: print('held:', str(error).splitlines()[0])"
    )
    assert "held: Riwayat tidak dapat diubah" in place.manage("shell", "-v0", "-c", script)


def test_a_full_place_is_refused_and_keeps_what_it_has(example):
    place = example(HERE)
    said = place.manage("restore", place.folder / "kla.zip", code=1)
    assert "This place is not empty" in said
    place.manage("backup", place.folder / "then.zip")
    kept = manifest_of(place.folder / "then.zip")
    assert kept["members"] == manifest_of(place.folder / "kla.zip")["members"]


def test_files_without_rows_make_a_place_full_too(example, make_place):
    place = make_place(HERE)
    stray = place.folder / "media" / "data-dukung" / "aa" / "berkas.pdf"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"%PDF")
    said = place.manage("restore", example(HERE).folder / "kla.zip", code=1)
    assert "This place is not empty" in said
    assert stray.read_bytes() == b"%PDF"


def test_an_existing_file_is_never_written_over(example):
    place = example(HERE)
    before = (place.folder / "kla.zip").read_bytes()
    assert "exists already" in place.manage("backup", place.folder / "kla.zip", code=1)
    assert (place.folder / "kla.zip").read_bytes() == before


def test_not_one_of_two_hundred_damaged_copies_is_taken(example, tmp_path):
    whole = (example(HERE).folder / "kla.zip").read_bytes()
    dice = random.Random(7)  # noqa: S311  (the same two hundred each time)
    copy, taken = tmp_path / "copy.zip", []
    for number in range(200):
        at = dice.randrange(len(whole))
        if number % 2:
            copy.write_bytes(whole[:at])
        else:
            altered = bytearray(whole)
            altered[at] ^= 1 << dice.randrange(8)
            copy.write_bytes(altered)
        try:
            seal.check(copy)
        except ArchiveError:
            continue
        taken.append((number, at))
    results.record("damaged_backups", figure=f"{len(taken)} of 200", reached=not taken)
    assert taken == []
    copy.write_bytes(whole)
    seal.check(copy)


def test_a_damaged_backup_restores_nothing(example, make_place):
    place = make_place(HERE)
    altered = bytearray((example(HERE).folder / "kla.zip").read_bytes())
    altered[len(altered) // 2] ^= 1
    damaged = place.folder / "damaged.zip"
    damaged.write_bytes(altered)
    assert "its checksum does not fit" in place.manage("restore", damaged, code=1)
    assert "no tables yet" in place.manage("backup", place.folder / "none.zip", code=1)


def test_an_encrypted_backup_opens_with_its_key_and_with_no_other(example, make_place):
    source, place = example(HERE), make_place(HERE)
    ours, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, key in (("ours", ours), ("other", other)):
        (place.folder / name).write_text(f"# created\n{key}\n")
    sealed = place.folder / "kla.age"
    said = source.manage("backup", sealed, BACKUP_RECIPIENT=str(ours.to_public()))
    assert "encrypted." in said
    assert b"disdukcapil" not in sealed.read_bytes()
    assert "--identity" in place.manage("restore", sealed, code=1)
    said = place.manage("restore", sealed, "--identity", place.folder / "other", code=1)
    assert "another key, or it is damaged" in said
    place.manage("restore", sealed, "--identity", place.folder / "ours")
    assert "0 missing or altered" in place.manage("verify_evidence")
    assert sorted(each.name for each in place.folder.glob(".restore-*")) == []


def test_a_key_that_is_none_makes_no_backup(example):
    place = example(HERE)
    said = place.manage("backup", place.folder / "x.age", "--recipient", "kunci", code=1)
    assert "not a public key of age" in said
    assert sorted(place.folder.glob("*x.age*")) == []


def test_the_backup_of_an_older_version_is_brought_up_to_this_one(make_place):
    older, place = make_place("sqlite"), make_place(HERE)
    older.manage("migrate", "submissions", "0003", "-v0")
    older.manage("migrate", "agencies", "-v0")
    link = sqlite3.connect(older.folder / "kla.sqlite3")
    columns = [each[1] for each in link.execute("PRAGMA table_info(agencies_region)")]
    link.close()
    assert {"code", "name"} < set(columns)
    script = (
        "from kla_tracker.archive import rows\n"
        "region = {m._meta.label: m for m in rows.models_at(rows.applied())}['agencies.Region']\n"
        "region._base_manager.create(code='99.01', name='Kota Lama')"
    )
    older.manage("shell", "-v0", "-c", script)
    older.manage("backup", older.folder / "old.zip")
    place.manage("restore", older.folder / "old.zip")
    assert "[ ]" not in place.manage("showmigrations")
    script = (
        "from agencies.models import Region; print([each.name for each in Region.objects.all()])"
    )
    assert "['Kota Lama']" in place.manage("shell", "-v0", "-c", script)


def test_the_backup_of_a_newer_version_is_refused(example, make_place):
    place = make_place(HERE)
    newer = place.folder / "newer.zip"
    with (
        zipfile.ZipFile(example(HERE).folder / "kla.zip") as old,
        zipfile.ZipFile(newer, "w") as new,
    ):
        new.comment = seal.placeholder()
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                said = json.loads(content)
                said["migrations"].append(["submissions", "9999_from_tomorrow"])
                content = json.dumps(said).encode()
            new.writestr(name, content)
    seal.seal(newer)
    assert "newer version (submissions.9999_from_tomorrow)" in place.manage(
        "restore", newer, code=1
    )


def test_an_older_backup_does_not_bring_back_what_was_destroyed_since(example, make_place):
    packed = example(HERE).folder / "kla.zip"
    with zipfile.ZipFile(packed) as archive:
        rows = [json.loads(line) for line in archive.open("rows/submissions.Blob.jsonl")]
    blob, sha256 = next((row[0], row[1]) for row in rows if str(row[4]).endswith(".pdf"))
    script = (
        "from submissions.models import Evidence; from kla_tracker.privacy.listed import Entry\n"
        "from django.utils import timezone\n"
        f"e = Evidence.objects.filter(blob={blob}).first()\n"
        f"print(Entry(e.pk, e.created_at, '{sha256}', timezone.now(), 1, 'Surat 12').as_line())"
    )
    line = example(HERE).manage("shell", "-v0", "-c", script)
    place = make_place(HERE)
    gone = place.folder / "brought.jsonl"
    gone.write_text(line)
    said = place.manage("restore", packed, "--destroyed", gone)
    assert "evidence destroyed again" in said
    assert "0 evidence destroyed again" not in said
    files = [each.read_bytes() for each in (place.folder / "media").rglob("*") if each.is_file()]
    assert sha256 not in {hashlib.sha256(each).hexdigest() for each in files}
    assert (place.folder / "destroyed.jsonl").read_text().splitlines()[0] == line.strip()
    assert "0 missing or altered; 0 orphans" in place.manage("verify_evidence")
    assert "Riwayat utuh" in place.manage("verify_history")
    assert "tidak ada selisih" in place.manage("verify_scores")
    refused = make_place(HERE)
    gone.write_text("{}\n")
    assert "line 1" in refused.manage("restore", packed, "--destroyed", gone, code=1)


def test_a_file_that_is_gone_is_named_and_the_rest_is_kept(make_place):
    place = make_place(HERE)
    place.manage("migrate", "-v0")
    place.manage("seed_demo", "--years", "1")
    gone = next((place.folder / "media").rglob("*.pdf"))
    gone.unlink()
    name = str(gone.relative_to(place.folder / "media"))
    said = place.manage("backup", place.folder / "kla.zip", code=1)
    assert f"{name}: not in the storage" in said
    again = make_place(HERE)
    assert f"{name}: was already missing" in again.manage("restore", place.folder / "kla.zip")


@pytest.mark.django_db(transaction=True)
def test_a_backup_sees_one_moment_while_others_write():
    make_region()
    with one_moment():
        before = Region.objects.count()
        writer = Thread(target=write_one)
        writer.start()
        writer.join(timeout=10)
        assert not writer.is_alive()  # who writes does not wait for the backup
        assert Region.objects.count() == before
    assert Region.objects.count() == before + 1


def write_one():
    try:
        make_region()
    finally:
        connection.close()
