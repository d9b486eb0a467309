"""`load_places FILE`: public totals of other places, to compare one's own stages with."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from submissions.actions.record import RefusedError
from submissions.actions.stages import load_places


class Command(BaseCommand):
    help = "Loads public totals of other places (submissions/places/angka-publik.json)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            count = load_places(json.loads(file.read_text(encoding="utf-8")))
        except OSError as error:
            raise CommandError(f"{file} tidak dapat dibaca: {error.strerror}.") from None
        except (UnicodeDecodeError, json.JSONDecodeError):
            raise CommandError(f"{file} bukan JSON.") from None
        except RefusedError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{count} angka publik tersimpan.")
