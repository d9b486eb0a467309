"""Making a backup while people work."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection, transaction

from kla_tracker.archive import rows, seal
from kla_tracker.history import chain


@dataclass
class Packed:
    """What a backup holds: rows by table, files, bytes of files, and the files that were gone."""

    tables: dict[str, int] = field(default_factory=dict)
    files: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)
    history: str = ""  # where the chain of the history ends in it


def pack(target: Path, *, now: datetime, recipient: str = "") -> Packed:
    """Write a backup of database and files. It appears under its name only when it is whole.

    The rows are those of one moment; files that they name are never changed afterwards, so they may
    be read later. Raises ArchiveError where the file is there already or the key is none.
    """
    if target.exists():
        raise seal.ArchiveError(f"{target} exists already. Name another file.")
    draft = target.with_name(f".{target.name}.part")
    sealed = target.with_name(f".{target.name}.age.part")
    try:
        _touch(draft)
        packed = _write(draft, now)
        seal.seal(draft)
        if recipient:
            _touch(sealed)
            seal.encrypt(draft, sealed, recipient)
        (sealed if recipient else draft).rename(target)
        _sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)
        sealed.unlink(missing_ok=True)
    return packed


def _touch(path: Path) -> None:
    """An empty file that only we may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(draft: Path, now: datetime) -> Packed:
    packed = Packed()
    members: dict[str, str] = {}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.comment = seal.placeholder()
        with one_moment():
            migrations = rows.applied()
            if not migrations:
                raise seal.ArchiveError(
                    "This database has no tables yet: there is nothing to keep."
                )
            if "kla_tracker_sealhead" in connection.introspection.table_names():
                packed.history = str(chain.head())
            named = _rows(archive, migrations, packed, members)
        _files(archive, named, packed, members)
        manifest = {
            "format": seal.FORMAT,
            "made_at": now.isoformat(),
            "database": connection.vendor,
            "migrations": migrations,
            "tables": packed.tables,
            "missing": packed.missing,
            "history": packed.history,
            "members": members,
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
    return packed


@contextmanager
def one_moment() -> Iterator[None]:
    """Reads inside see the database as it is now, whatever is written meanwhile; nobody waits."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django's own transactions take SQLite's write lock at once; a plain BEGIN only reads.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def _rows(
    archive: zipfile.ZipFile, migrations: rows.Names, packed: Packed, members: dict[str, str]
) -> list[str]:
    """Write every table; the names of all files that rows point to."""
    named: set[str] = set()
    for model in rows.models_at(migrations):
        label = model._meta.label
        places = rows.files_in(model)
        count, digest = 0, hashlib.sha256()
        name = f"rows/{label}.jsonl"
        with archive.open(name, "w", force_zip64=True) as member:
            for row in rows.read(model):
                line = rows.as_line(row)
                digest.update(line)
                member.write(line)
                count += 1
                named.update(str(row[place]) for place in places if row[place])
        packed.tables[label] = count
        members[name] = digest.hexdigest()
    return sorted(named)


def _files(
    archive: zipfile.ZipFile, named: list[str], packed: Packed, members: dict[str, str]
) -> None:
    """Copy the files as they are: pictures and PDFs do not get smaller."""
    for name in named:
        entry = zipfile.ZipInfo(f"files/{name}")
        entry.compress_type = zipfile.ZIP_STORED
        try:
            source = default_storage.open(name)
        except OSError:
            packed.missing.append(name)
            continue
        with source, archive.open(entry, "w", force_zip64=True) as member:
            size, digest = copy(source, member)
        packed.files += 1
        packed.size += size
        members[entry.filename] = digest


def copy(source: Any, target: IO[bytes]) -> tuple[int, str]:
    """All bytes from one to the other, in parts; how many there were, and their sha256."""
    size, digest = 0, hashlib.sha256()
    while part := source.read(seal.CHUNK):
        digest.update(part)
        target.write(part)
        size += len(part)
    return size, digest.hexdigest()
