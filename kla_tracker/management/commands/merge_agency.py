"""`merge_agency CODE INTO --region CODE --by USERNAME`: two offices become one, in mid-year too."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agencies.actions import RefusedError as AgencyRefusedError
from agencies.actions import merge_agency, refuse_to_merge
from agencies.models import Agency, User
from meetings.actions.merging import hand_on_meetings
from submissions.actions.merging import hand_on_work
from submissions.actions.record import RefusedError

WORDS = {
    "answers": "jawaban",
    "rows": "baris daftar induk",
    "evidence": "data dukung",
    "requests": "permintaan bantuan",
    "followups": "tindak lanjut",
    "invitations": "undangan rakor",
    "people": "pengguna",
    "assignments": "pengampuan tetap",
}


class Command(BaseCommand):
    help = (
        "Merges an office into another of the region: its answers of the open years with their "
        "verdicts, registers, evidence, follow-ups, people and standing assignments go to the "
        "successor. Points do not change, what it did keeps its name, closed years stay as they "
        "are. With --dry-run it only says what would go over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", help="code of the office that ends, as dinsos")
        parser.add_argument("into", help="code of its successor")
        parser.add_argument("--region", required=True, help="code of the region, as 32.77")
        parser.add_argument("--by", required=True, help="user name of the administrator who asks")
        parser.add_argument("--dry-run", action="store_true", help="only look, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        agency, into = (
            self._agency(options["region"], options[each]) for each in ("agency", "into")
        )
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"Pengguna {options['by']} tidak ada.")
        now = timezone.now()
        moment: dict[str, Any] = {"by": by, "now": now}
        try:
            with transaction.atomic():
                refuse_to_merge(agency, into)
                counts = hand_on_work(agency, into, today=timezone.localdate(now), **moment)
                counts |= hand_on_meetings(agency, into, **moment)
                counts |= merge_agency(agency, into, **moment)
                transaction.set_rollback(options["dry_run"])
        except (RefusedError, AgencyRefusedError) as refused:
            raise CommandError(str(refused)) from None
        except PermissionDenied:
            raise CommandError(f"{by} bukan administrator wilayah ini.") from None
        told = ", ".join(f"{counts[key]} {word}" for key, word in WORDS.items())
        ending = "akan beralih" if options["dry_run"] else "beralih"
        self.stdout.write(f"{agency} ke {into}: {told} {ending}.")

    def _agency(self, region: str, code: str) -> Agency:
        found = (
            Agency.objects.filter(region__code=region, code=code).select_related("region").first()
        )
        if found is None:
            raise CommandError(f"Perangkat daerah {code} tidak ada di wilayah {region}.")
        return found
