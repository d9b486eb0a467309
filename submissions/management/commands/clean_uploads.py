"""`clean_uploads`: remove what was sent half-way and not gone on with; once a day by cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from submissions.actions.uploads import sweep


class Command(BaseCommand):
    help = "Remove uploads that nobody went on with in UPLOAD_KEEP_HOURS, and files left behind."

    def handle(self, *args: Any, **options: Any) -> None:
        uploads, strays = sweep(timezone.now())
        self.stdout.write(f"{uploads} uploads removed, {strays} stray files removed.")
