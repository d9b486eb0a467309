"""`close_year YEAR --region CODE`: the verb, from the server's shell."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from submissions.actions.record import RefusedError
from submissions.actions.year import close_year, reopen_year
from submissions.models import Assessment


class Command(BaseCommand):
    help = "Close a year of assessment of a region, or open it again; nothing else changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, as 32.77")
        parser.add_argument("--note", default="", help="kept in the history")
        parser.add_argument("--reopen", metavar="REASON", help="open it again, for this reason")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Assessment.objects.filter(year=options["year"], region__code=options["region"])
        year = found.select_related("region").first()
        if year is None:
            raise CommandError(f"{options['region']} has no year {options['year']}.")
        now = timezone.now()
        try:
            if options["reopen"] is not None:
                reopen_year(year, reason=options["reopen"], by=None, now=now)
                self.stdout.write(f"{year}: dibuka kembali.")
            else:
                close_year(year, note=options["note"], by=None, now=now)
                self.stdout.write(f"{year}: ditutup.")
        except RefusedError as refused:
            raise CommandError(str(refused)) from None
