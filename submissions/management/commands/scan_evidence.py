"""`scan_evidence [--again]`: show files to the scanner that it has not seen, or all of them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from submissions.actions import scanning
from submissions.models import Evidence, Scan


class Command(BaseCommand):
    help = "Have the files looked into for malware that were not yet; nobody is kept waiting by it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="all files, as after new signatures"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not scanning.is_set():
            raise CommandError("CLAMD_ADDRESS is not set: no file is looked into.")
        if not scanning.answers():
            raise CommandError("clamd does not answer. Nothing was looked into.")
        found = Evidence.objects.whole().filter(blob__isnull=False).exclude(blob__file="")
        if not options["again"]:
            found = found.exclude(scan__in=[Scan.CLEAN, Scan.INFECTED])
        told = dict.fromkeys(Scan.values, 0)
        told[""] = 0
        for pk in list(found.order_by("pk").values_list("pk", flat=True)):
            state = scanning.scan(pk, now=timezone.now(), again=True)
            told[state] += 1
            if state == Scan.INFECTED:
                self.stderr.write(f"data dukung {pk}: {Scan.INFECTED.label}")
        left = told[""] + told[Scan.WAITING]
        self.stdout.write(
            f"{told[Scan.CLEAN]} clean, {told[Scan.INFECTED]} infected, {left} without an answer."
        )
