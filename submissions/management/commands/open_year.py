"""`open_year YEAR --region CODE`: the verb, from the server's shell."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.models import Region
from indicators.models import Instrument
from submissions.actions.record import RefusedError
from submissions.actions.year import open_year


class Command(BaseCommand):
    help = "Open a year of assessment of a region on a published instrument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, as 32.77")
        parser.add_argument("--data-year", type=int, help="the year before, unless given")
        parser.add_argument(
            "--closes", type=date.fromisoformat, help="YYYY-MM-DD; 31 March, unless given"
        )
        parser.add_argument("--instrument", help="code; the latest published one, unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        year: int = options["year"]
        closes_on: date = options["closes"] or date(year, 3, 31)
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(f"There is no region with the code {options['region']}.")
        if options["closes"] is not None and closes_on < timezone.localdate():
            self.stderr.write(f"The closing date {closes_on} has passed.")
        try:
            assessment = open_year(
                region,
                self._instrument(options["instrument"]),
                year=year,
                data_year=options["data_year"] or year - 1,
                closes_on=closes_on,
                by=None,
            )
        except RefusedError as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            f"{assessment}: {assessment.submissions.count()} isian, "
            f"{assessment.responses.count()} jawaban, tenggat {closes_on}."
        )

    def _instrument(self, code: str | None) -> Instrument:
        if code:
            found = Instrument.objects.filter(code=code).first()
            if found is None:
                raise CommandError(f"There is no instrument with the code {code}.")
            return found
        newest = Instrument.objects.published().first()
        if newest is None:
            raise CommandError("No instrument is published: load_instrument FILE --publish")
        return newest
