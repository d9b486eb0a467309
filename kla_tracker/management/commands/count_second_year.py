"""`count_second_year YEAR --region CODE`: how much of the next year is there before it is typed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kla_tracker.demo.second_year import count_second_year
from submissions.actions.record import RefusedError
from submissions.models import Assessment


class Command(BaseCommand):
    help = (
        "Count how many questions of the next year are answered by confirming this year's answers "
        "and by the registers alone. Everything is tried by the verbs and undone again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--region", required=True, help="code of the region, as 32.77")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Assessment.objects.filter(year=options["year"], region__code=options["region"])
        year = found.select_related("region", "instrument").first()
        if year is None:
            raise CommandError(f"{options['region']} has no year {options['year']}.")
        try:
            count = count_second_year(year, now=timezone.now())
        except RefusedError as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            f"{count.answered} of {count.asked} questions: {count.carried} by confirming the "
            f"answers of {year.year}, {count.by_registers} by the registers; {count.begun} more "
            "are begun."
        )
