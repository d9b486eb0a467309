"""Let somebody who lost phone and recovery codes sign in again with the password alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies.actions import factors
from agencies.actions.record import RefusedError
from agencies.models import User


class Command(BaseCommand):
    help = "Takes every second factor from one user. Be sure who is asking before you do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']}.")
        try:
            gone = factors.remove_all(user, by=None)
        except RefusedError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{gone} removed; {user.username} signs in with the password alone.")
