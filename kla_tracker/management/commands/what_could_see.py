"""`what_could_see USER --since DATE`: what is terbatas in an account's reach, what it opened."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.models import User
from indicators.wording import tanggal, waktu
from kla_tracker.privacy import telling


class Command(BaseCommand):
    help = "Say which restricted evidence an account could see since a day, and which it opened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name of the account")
        parser.add_argument("--since", type=date.fromisoformat, required=True, help="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        user = (
            User.objects.select_related("agency", "region").filter(username=options["user"]).first()
        )
        if user is None:
            raise CommandError(f"Tidak ada akun {options['user']}.")
        since = timezone.make_aware(datetime.combine(options["since"], time.min))
        found = telling.what_could_see(user, since)
        for each in found:
            facts = [each.office or "perangkat daerah tidak dikenal lagi"]
            facts += [] if each.marked else ["tidak lagi terbatas"]
            facts += [each.gone] if each.gone else []
            times = ", ".join(waktu(at) for at in each.opened)
            facts.append(f"dibuka {times}" if times else "tidak dibuka")
            self.stdout.write(f"{each.evidence}: {'; '.join(facts)}")
        opened = sum(bool(each.opened) for each in found)
        self.stdout.write(
            f"Sejak {tanggal(since)} {user.username} dapat melihat {len(found)} data dukung "
            f"terbatas dan membuka {opened} di antaranya."
        )
