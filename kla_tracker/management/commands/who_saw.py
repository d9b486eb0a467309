"""`who_saw EVIDENCE`: who opened a marked evidence, and when."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.wording import waktu
from kla_tracker.privacy import telling
from submissions.models import Evidence


class Command(BaseCommand):
    help = "Say who opened or downloaded a restricted evidence, in any of its versions, and when."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("evidence", type=int, help="its number: /data-dukung/NUMBER/")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Evidence.objects.select_related("agency").filter(pk=options["evidence"]).first()
        if found is None:
            raise CommandError(f"Tidak ada data dukung nomor {options['evidence']}.")
        opened, marks = telling.who_saw(found)
        self.stdout.write(f"Data dukung {found.pk}, {found.agency}")
        for mark in marks:
            who = mark.by.get_full_name() if mark.by else "sistem"
            self.stdout.write(f"{waktu(mark.at)}: {mark.get_verb_display()}, {who}")
        for each in opened:
            how = "mengunduh" if each.saved else "membuka"
            where = f"{each.who} ({each.account}), {each.place}" if each.account else each.who
            self.stdout.write(f"{waktu(each.at)}: {how} versi {each.version}: {where}")
        people = {each.account for each in opened if each.account}
        self.stdout.write(f"{len(opened)} kali dibuka oleh {len(people)} akun.")
        self.stdout.write(
            "Hanya pembukaan selama ditandai terbatas yang dicatat."
            if marks or found.restricted
            else "Tidak pernah ditandai terbatas, jadi pembukaannya tidak dicatat."
        )
