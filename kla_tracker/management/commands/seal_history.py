"""`seal_history [--every SECONDS]`: what happened becomes a link of the chain."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from kla_tracker.history import chain


class Command(BaseCommand):
    help = "Seal what happened since the last time; everything, the first time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="go on for ever, with this pause between"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        every: int | None = options["every"]
        while every:
            try:
                self._seal(quiet=True)
            except OperationalError as error:  # the database is away or busy: next time
                self.stderr.write(f"not sealed now: {type(error).__name__}")
            close_old_connections()
            time.sleep(max(every, 1))
        self._seal(quiet=False)

    def _seal(self, *, quiet: bool) -> None:
        done = chain.seal(now=timezone.now())
        if done or not quiet:
            self.stdout.write(f"{done} disegel; ujung riwayat {chain.head()}")
            self.stdout.flush()
