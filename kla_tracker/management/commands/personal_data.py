"""`personal_data USER [--text]`: everything that is kept about a person with an account."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from agencies.actions.record import record
from agencies.models import ChangeVerb, User
from kla_tracker.privacy import personal


class Command(BaseCommand):
    help = "Print everything that is kept about the owner of an account, as JSON or to be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name of the account")
        parser.add_argument("--text", action="store_true", help="lines to read instead of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.select_related("region").filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"Tidak ada akun {options['user']}.")
        kept = personal.of(user)
        record(ChangeVerb.EXPORT, by=None, region=user.region, user=user.pk, sheet="personal_data")
        if not options["text"]:
            self.stdout.write(json.dumps(kept, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
            return
        for kind, rows in kept.items():
            self.stdout.write(f"\n{kind}")
            for row in rows if isinstance(rows, list) else [rows]:
                self.stdout.write(
                    "  " + "; ".join(f"{name}: {value}" for name, value in row.items())
                )
