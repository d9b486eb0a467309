"""`upgrade FOLDER [--dry-run]`: look first, back up, then migrate. The way back is that backup."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import Sum
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from kla_tracker import readiness
from kla_tracker.archive import rows
from kla_tracker.version import VERSION
from submissions.models import Blob


class Command(BaseCommand):
    help = "Bring the database to this version: check, back up into FOLDER, migrate."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the backup is written")
        parser.add_argument("--dry-run", action="store_true", help="only look")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            planned = readiness.unapplied()
            first = not rows.applied()
            refusals = [] if first else list(_refusals(folder))
        except DatabaseError:
            raise CommandError("The database does not answer. Nothing was done.") from None
        self.stdout.write(f"{len(planned)} migrations to run.")
        for name in planned:
            self.stdout.write(f"  {name}")
        for sentence in refusals:
            self.stderr.write(sentence)
        if refusals:
            raise CommandError("Nothing was done.")
        if options["dry_run"]:
            return
        way_back = ""
        if not first:
            stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M%S")
            ending = "age" if settings.BACKUP_RECIPIENT else "zip"
            file = folder / f"kla-before-{VERSION}-{stamp}.{ending}"
            call_command("backup", str(file), stdout=self.stdout, stderr=self.stderr)
            way_back = f" with {file}"
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except Exception as error:
            raise CommandError(_broken(error, planned, way_back)) from error
        self.stdout.write("The database is that of this version.")


def _refusals(folder: Path) -> list[str]:
    """Why not now, each in a sentence."""
    found = []
    if not folder.is_dir():
        return [f"{folder} is not a folder."]
    running = DBTaskResult.objects.running().count()
    if running:
        found.append(
            f"{running} jobs are running: wait for them, or stop the worker and run take_up_jobs "
            "in ten minutes."
        )
    if readiness.is_low_on_space():
        found.append("A disk of the product has less than 5 % or 2 GB free.")
    need = _size() * (2 if settings.BACKUP_RECIPIENT else 1)
    free = shutil.disk_usage(folder).free
    if free < need:
        found.append(f"{folder} has {free} bytes free; the backup may need {need}.")
    return found


def _broken(error: Exception, planned: list[str], way_back: str) -> str:
    """What a migration that failed left behind, and what to do."""
    try:
        left = readiness.unapplied()
    except DatabaseError:
        left = planned
    reason = (str(error).strip() or "no reason given").splitlines()[0]
    told = [f"{left[0] if left else 'What follows the migrations'} failed: {reason}"]
    done = len(planned) - len(left)
    if done:
        told += [
            f"What it had begun was taken back; the {done} before it are done. Do not start either "
            "version on this database.",
            "If the reason can be mended (disk, rights, the database away), mend it and run "
            f"upgrade again. Otherwise go the way back of docs/operate.md{way_back}.",
        ]
    else:
        told += [
            "What it had begun was taken back: the database is as it was before.",
            "If the reason can be mended (disk, rights, the database away), mend it and run "
            "upgrade again. Otherwise check the version before out again and start it; nothing has "
            "to be restored.",
        ]
    return "\n".join(told)


def _size() -> int:
    """About how large a backup will be: the documents, and something for the rows."""
    documents = Blob.objects.order_by().aggregate(Sum("size"))["size__sum"] or 0
    return int(documents * 1.05) + 200_000_000
