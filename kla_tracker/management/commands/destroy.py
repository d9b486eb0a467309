"""`destroy EVIDENCE --by ADMINISTRATOR --reason TEXT`, or `destroy --scrub`: a person's right."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.models import User
from kla_tracker.privacy import destroying, listed
from submissions.actions.record import RefusedError
from submissions.models import Evidence


class Command(BaseCommand):
    help = (
        "Destroy an evidence for a person's right to deletion: bytes and text of all its versions, "
        "for ever. What it was, who did it, when and why stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("evidence", type=int, nargs="?", help="its number, as the page says it")
        parser.add_argument("--by", help="the name of the administrator's account")
        parser.add_argument("--reason", default="", help="why; without names, it is kept")
        parser.add_argument(
            "--yes", action="store_true", help="do it; without, only show what would go"
        )
        parser.add_argument(
            "--scrub",
            action="store_true",
            help="have the database write over what it let go (holds it for some minutes)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["evidence"] is not None:
            self._destroy(options)
        elif not options["scrub"]:
            raise CommandError("Name the number of an evidence, or --scrub.")
        if options["scrub"]:
            destroying.scrub()
            self.stdout.write("The database has written over what it let go.")

    def _destroy(self, options: dict[str, Any]) -> None:
        by = User.objects.select_related("region").filter(username=options["by"] or "").first()
        if by is None:
            raise CommandError("Name the account of an administrator with --by.")
        found = Evidence.objects.for_destroying(by).select_related("agency__region")
        evidence = found.filter(pk=options["evidence"]).first()
        if evidence is None:
            raise CommandError(f"There is no evidence {options['evidence']} in reach of {by}.")
        whole = destroying.whole_of(evidence)
        for each in whole:
            self.stdout.write(f"{each.pk}, version {each.number}, {each.created_at:%Y-%m-%d}")
        if not options["yes"]:
            self.stdout.write(f"{len(whole)} would be destroyed. Add --yes to do it.")
            return
        try:
            done = destroying.destroy(evidence, reason=options["reason"], by=by, now=timezone.now())
        except PermissionDenied:
            raise CommandError(f"{by.username} is not an administrator of its region.") from None
        except RefusedError as error:
            raise CommandError(str(error)) from None
        listed.bring_up_to_date()
        self.stdout.write(f"{done} destroyed.")
