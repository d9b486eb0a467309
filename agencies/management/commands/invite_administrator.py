"""`invite_administrator USERNAME EMAIL`: prints the link by which they set a password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.actions import INVITATION, RefusedError, invite, invite_again
from agencies.models import User
from agencies.roles import Role


class Command(BaseCommand):
    help = "Mengundang administrator; tautannya ditampilkan di sini, tidak dikirim."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        """Once more for the same name: a new link, if no password was set yet."""
        name, now = options["username"].lower(), timezone.now()
        try:
            known = User.objects.filter(username=name, role=Role.ADMINISTRATOR.value).first()
            invitation = (
                invite_again(known, by=None, now=now)
                if known
                else invite(
                    username=name,
                    name=options["name"],
                    email=options["email"],
                    role=Role.ADMINISTRATOR,
                    agency=None,
                    region=None,
                    by=None,
                    now=now,
                )
            )
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(INVITATION.address(invitation.user))
