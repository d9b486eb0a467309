"""`backup FILE [--recipient age1…]`: database and files in one, while people work."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kla_tracker.archive import ArchiveError, pack, record
from kla_tracker.history import chain
from kla_tracker.privacy import listed
from kla_tracker.readiness import is_migrated


class Command(BaseCommand):
    help = "Write the database and all files into one file, consistent and with checksums."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it must not exist")
        parser.add_argument(
            "--recipient",
            default=settings.BACKUP_RECIPIENT,
            help="encrypt to this public key of age (default: BACKUP_RECIPIENT)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            if is_migrated():
                chain.seal(now=now)
                listed.bring_up_to_date()
            packed = pack(options["file"], now=now, recipient=options["recipient"])
        except (ArchiveError, OSError) as error:
            raise CommandError(str(error)) from None
        record.Record(
            made_at=now,
            rows=sum(packed.tables.values()),
            files=packed.files,
            size=options["file"].stat().st_size,
            missing=len(packed.missing),
            encrypted=bool(options["recipient"]),
        ).write()
        self.stdout.write(
            f"{options['file']}: {sum(packed.tables.values())} rows, {packed.files} files "
            f"({packed.size} bytes)" + (", encrypted." if options["recipient"] else ".")
        )
        self.stdout.write(f"history {packed.history}")
        for name in packed.missing:
            self.stderr.write(f"{name}: not in the storage")
        if packed.missing:
            raise CommandError(
                f"The backup was written, but {len(packed.missing)} files were not there to copy. "
                "verify_evidence says whose they are."
            )
