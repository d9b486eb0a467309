"""The year of `tests.reports.world`, with a meeting called about it."""

from datetime import UTC, datetime
from typing import Any

from meetings.actions.calling import Plan, call_meeting
from meetings.models import Meeting
from tests.reports.world import World, world

NOW = datetime(2099, 3, 1, 3, 0, tzinfo=UTC)
START, END = datetime(2099, 3, 13, 2, 0, tzinfo=UTC), datetime(2099, 3, 13, 5, 0, tzinfo=UTC)


def plan(found: World, **changes: Any) -> Plan:
    values = {
        "title": "Rakor Uji",
        "starts_at": START,
        "ends_at": END,
        "place": "Aula",
        "agenda": "Pembukaan\n\nKlaster KA",
        "clusters": [],
        "agencies": [found.dinas, found.badan],
    }
    return Plan(**(values | changes))


def called(**changes: Any) -> tuple[World, Meeting]:
    found = world()
    meeting = call_meeting(
        found.assessment, plan(found, **changes), by=found.users["verifikator"], now=NOW
    )
    return found, meeting
