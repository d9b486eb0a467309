"""`clean_bundles`: remove bundles and packs past their 24 hours; once an hour by cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from submissions.actions.making import sweep


class Command(BaseCommand):
    help = "Remove bundles and packs that are older than 24 hours, and files left behind."

    def handle(self, *args: Any, **options: Any) -> None:
        bundles, strays = sweep(timezone.now())
        self.stdout.write(f"{bundles} bundles removed, {strays} stray files removed.")
