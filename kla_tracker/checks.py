"""What `check --deploy` says of a real server beside Django's own findings."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DatabaseError

from kla_tracker import readiness


def real_server(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The accounts that everybody knows must not be here. A database without tables has none."""
    try:
        found = readiness.example_accounts()
    except DatabaseError:
        return []
    if not found:
        return []
    names = ", ".join(found)
    return [
        Error(
            f"Accounts of the example have the password that everybody knows: {names}.",
            hint="Retire them, or start with an empty database: the example is for looking at.",
            id="kla.E001",
        )
    ]
