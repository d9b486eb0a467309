"""`verify_evidence [--delete-orphans]`: every row has its file, unaltered; files without a row are
orphans. Exits with 1, each difference on stderr, when a file is missing or altered.
"""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from submissions.actions.previews import FOLDER
from submissions.models import Blob, Evidence

ROOTS = ("data-dukung", FOLDER)  # only what evidence writes: nothing else is ours to judge
ORPHAN_AGE = timedelta(hours=24)  # younger, it may be an upload whose rows are about to follow
CHUNK = 1 << 20


class Command(BaseCommand):
    help = "Prove that every evidence has its file with the bytes that were sent; find orphans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--delete-orphans",
            action="store_true",
            help="remove files that no row points to and that are older than 24 hours",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files = [
            name for root in ROOTS for name in _files(root)
        ]  # before the rows: what is stored from now on is no orphan
        checked = wrong = 0
        for blob in Blob.objects.exclude(file="").order_by("pk").iterator():
            checked += 1
            difference = _difference(blob)
            # A row taken away meanwhile took its file with it.
            if difference and Blob.objects.filter(pk=blob.pk).exists():
                wrong += 1
                self.stderr.write(f"{blob.file.name}: {difference}")
        orphans, removed = self._orphans(files, delete=options["delete_orphans"])
        self.stdout.write(
            f"{checked} files of evidence checked, {wrong} missing or altered; "
            f"{orphans} orphans, {removed} removed."
        )
        if wrong:
            raise CommandError(f"{wrong} of {checked} files are missing or altered.")

    def _orphans(self, files: list[str], *, delete: bool) -> tuple[int, int]:
        known = _known()
        orphans = removed = 0
        for name in files:
            if name in known or (changed := _changed(name)) is None:
                continue
            orphans += 1
            old = changed <= timezone.now() - ORPHAN_AGE
            gone = delete and old and not _points_to(name)
            if gone:
                default_storage.delete(name)
                removed += 1
            said = "removed" if gone else "older than 24 hours" if old else "younger than 24 hours"
            self.stdout.write(f"orphan: {name} ({said})")
        return orphans, removed


def _known() -> set[str]:
    """Every file that a row points to: what was given, and the pictures of it."""
    pictures = Evidence.objects.exclude(drawn_at=None).values_list("thumb", "preview")
    given = Blob.objects.values_list("file", flat=True)
    return {*given, *(name for pair in pictures for name in pair)}


def _points_to(name: str) -> bool:
    """Whether a row has come to point to a file meanwhile."""
    drawn = Evidence.objects.filter(Q(thumb=name) | Q(preview=name))
    return Blob.objects.filter(file=name).exists() or drawn.exists()


def _files(folder: str) -> Iterator[str]:
    """Every file below a folder of the storage, by its name there."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for each in sorted(files):
        yield f"{folder}/{each}"
    for each in sorted(folders):
        yield from _files(f"{folder}/{each}")


def _changed(name: str) -> datetime | None:
    """When the file was written; None when it has gone meanwhile."""
    try:
        return default_storage.get_modified_time(name)
    except FileNotFoundError:
        return None


def _difference(blob: Blob) -> str:
    """What is wrong with the file of a row, in words; empty when nothing is."""
    digest, size = hashlib.sha256(), 0
    try:
        with default_storage.open(str(blob.file.name), "rb") as file:
            for part in file.chunks(CHUNK):
                digest.update(part)
                size += len(part)
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if size != blob.size:
        return f"altered: {size} bytes instead of {blob.size}"
    if digest.hexdigest() != blob.sha256:
        return "altered: the sha256 differs"
    return ""
