"""Django's `migrate`, which leaves no hole when a migration breaks half-way."""

from __future__ import annotations

import contextlib
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, connections

from kla_tracker import triggers


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """A migration that broke is taken back by its transaction. The triggers that hold the
        history and published instruments go before the first one (SQLite) and come back after the
        last: after one that broke they must come back too.
        """
        connection = connections[options["database"]]
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer ({str(error).strip()}). Nothing was done: look at "
                "DATABASE_URL, and whether the database runs."
            ) from None
        try:
            super().handle(*args, **options)
        except BaseException:
            with contextlib.suppress(DatabaseError):  # the first error is the one to tell
                triggers.install(connection)
            raise
