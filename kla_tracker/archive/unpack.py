"""Taking a backup in, into an empty place."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from kla_tracker import triggers
from kla_tracker.archive import rows, seal
from kla_tracker.privacy import destroying, listed

# What Django writes by itself when it migrates; the backup brings its own.
MADE_BY_DJANGO = frozenset({"contenttypes.ContentType", "auth.Permission"})


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was restored, and what the backup itself said was missing."""

    made_at: str
    tables: dict[str, int]
    files: int
    missing: list[str]
    destroyed: int = 0  # what was destroyed after it was made, and again now


def unpack(
    source: Path, *, identity: Path | None = None, destroyed: Path | None = None
) -> Unpacked:
    """Restore a backup; nothing is touched before all of it was found whole and the place empty.
    What the list `destroyed` names is destroyed again.

    Raises ArchiveError with a sentence otherwise. A restore that was cut off leaves no rows, but
    may leave files: empty the place and begin again.
    """
    if not source.is_file():
        raise seal.ArchiveError(f"{source} is not a file.")
    try:
        gone = listed.read(destroyed or settings.DESTROYED_LIST)
    except ValueError as error:
        raise seal.ArchiveError(f"{error}. Nothing was restored.") from None
    with seal.opened(source, identity) as plain:
        seal.check(plain)
        with zipfile.ZipFile(plain) as archive:
            manifest = _manifest(archive)
            _prove(archive, manifest)
            _refuse_a_full_place(manifest)
            done = _bring_in(archive, manifest)
    return replace(done, destroyed=_destroy_again(gone))


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest["format"] != seal.FORMAT:
        raise seal.ArchiveError("The backup is of a form that this version does not know.")
    known = MigrationLoader(connection).disk_migrations or {}
    strange = [".".join(each) for each in manifest["migrations"] if tuple(each) not in known]
    if strange:
        raise seal.ArchiveError(
            f"The backup is of a newer version ({strange[0]}). Install that version, then restore."
        )
    return manifest


def _prove(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    for name, said in manifest["members"].items():
        digest = hashlib.sha256()
        with archive.open(name) as member:
            while part := member.read(seal.CHUNK):
                digest.update(part)
        if digest.hexdigest() != said:
            raise seal.ArchiveError(seal.DAMAGED)


def _names(manifest: dict[str, Any]) -> rows.Names:
    return [(app, name) for app, name in manifest["migrations"]]


def _refuse_a_full_place(manifest: dict[str, Any]) -> None:
    full = seal.ArchiveError(
        "This place is not empty. Restore into an empty database (DATABASE_URL, or a new VAR_DIR) "
        "and an empty folder of files (MEDIA_ROOT)."
    )
    if connection.introspection.table_names():
        have = rows.applied()
        for model in rows.models_at(have):
            if model._meta.label not in MADE_BY_DJANGO and model._base_manager.exists():
                raise full
        if set(have) != set(_names(manifest)):
            raise seal.ArchiveError(
                "The empty tables here are of another version than the backup. Restore into a "
                "database without tables; restore makes them."
            )
    for folder in {name.split("/")[1] for name in manifest["members"] if name.startswith("files/")}:
        if _any_file(folder):
            raise full


def _any_file(folder: str) -> bool:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return True
    return bool(files) or any(_any_file(f"{folder}/{each}") for each in folders)


def _bring_in(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> Unpacked:
    names = _names(manifest)
    MigrationExecutor(connection).migrate(rows.leaves(names))
    files = _files(archive, manifest)
    found = rows.models_at(names)
    triggers.remove(connection)
    with transaction.atomic():
        for model in found:
            if model._meta.label in MADE_BY_DJANGO:
                model._base_manager.all().delete()
        for model in found:
            label = model._meta.label
            if rows.write(model, _lines(archive, label)) != manifest["tables"][label]:
                raise seal.ArchiveError(seal.DAMAGED)
        rows.restart_counters(found)
    call_command("migrate", verbosity=0)  # on to this version; the triggers are made again
    return Unpacked(manifest["made_at"], manifest["tables"], files, manifest["missing"])


def _destroy_again(gone: list[listed.Entry]) -> int:
    """No backup brings back what a person had deleted; the list goes on from here."""
    done = destroying.apply_again(gone)
    listed.bring_up_to_date(gone)
    if done:
        destroying.scrub()
    return done


def _lines(archive: zipfile.ZipFile, label: str) -> Iterator[bytes]:
    with archive.open(f"rows/{label}.jsonl") as member:
        yield from member


def _files(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    count = 0
    for member in manifest["members"]:
        if not member.startswith("files/"):
            continue
        name = member.removeprefix("files/")
        with archive.open(member) as source:
            stored = default_storage.save(name, File(source))
        if stored != name:
            raise seal.ArchiveError(
                f"The storage would not keep the name {name}. Restore into an empty MEDIA_ROOT."
            )
        count += 1
    return count
