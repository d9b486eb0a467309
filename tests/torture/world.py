# ruff: noqa: PLC0415  (the application is imported once it is set up)
"""What the torture asks of the application from inside, with the real settings: `python -m
tests.torture.world WHAT [ARGUMENT …]`, each answering with one line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")

CLIENTS = 8
QUESTIONS = 6


def _tables() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _cookies(user: Any) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {name: each.value for name, each in client.cookies.items()}


def soak() -> list[dict[str, Any]]:
    """Four offices with two operators each; every one has work of their own and shares another
    with the colleague; and a verifikator for each.
    """
    from agencies.roles import Role
    from tests import factories as make

    _tables()
    instrument, region = make.make_instrument(), make.make_region()
    agencies = [make.make_agency(region) for _ in range(CLIENTS // 2)]
    for agency in agencies:
        for count in (QUESTIONS, QUESTIONS, 1):
            indicator = make.make_indicator(instrument)
            for _ in range(count):
                make.assign(make.make_question(indicator, evidence_required=False), agency)
    make.publish(instrument)
    year = make.make_assessment(region, instrument)
    made = []
    for agency in agencies:
        first, second, shared = year.submissions.filter(agency=agency).order_by("pk")
        for mine in (first, second):
            user = make.make_user(Role.OPERATOR, agency=agency)
            made.append(
                {
                    "operator": _cookies(user),
                    "name": user.username,
                    "reviewer": _cookies(make.make_user(Role.VERIFIKATOR, region=region)),
                    "submission": mine.pk,
                    "answers": list(mine.responses.order_by("pk").values_list("pk", flat=True)),
                    "shared": [shared.pk, shared.responses.get().pk],
                }
            )
    return made


def facts(target: str) -> dict[str, int]:
    """Write what is there as the checker reads it; how many of each."""
    from submissions.models import Event, EvidenceLink, Response, Review

    answers = Response.objects.order_by("pk").values_list("pk", "version", "note")
    events = [
        {
            "verb": verb, "submission": submission, "response": response,
            "note": (data.get("to") or {}).get("note"), "version": data.get("version"),
            "name": data.get("name"), "reason": data.get("reason"), "review": data.get("review"),
        }
        for verb, submission, response, data in Event.objects.order_by("pk").values_list(
            "verb", "submission", "response", "data"
        )
        if not (verb == "answer" and not (data.get("to") or {}).get("note"))
    ]  # fmt: skip
    links = []
    for link in EvidenceLink.objects.filter(removed_at=None).select_related("evidence__blob"):
        blob, digest = link.evidence.blob, ""
        if blob is not None:
            with blob.file.open("rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
        links.append({"response": link.response_id, "name": link.evidence.name, "sha256": digest})
    reviews = Review.objects.order_by("pk").values("id", "response", "note", "verdict")
    told = {
        "answers": {pk: {"version": version, "note": note} for pk, version, note in answers},
        "events": events,
        "links": links,
        "reviews": list(reviews),
    }
    Path(target).write_text(json.dumps(told))
    return {name: len(found) for name, found in told.items()}


def jobs() -> dict[str, int]:
    """How many jobs stand in which state."""
    from django.db.models import Count
    from django_tasks_db.models import DBTaskResult

    rows = DBTaskResult.objects.values_list("status").annotate(n=Count("pk")).order_by()
    return dict(rows)


def lease() -> list[int]:
    """What the product's timer does with jobs of dead workers, as if their lease had run out."""
    from django.utils import timezone

    from submissions.management.commands.take_up_jobs import LEASE, take_up

    return list(take_up(timezone.now() + LEASE))


def whole() -> list[str]:
    """What the database says of itself."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        said = [row[0] for row in cursor.fetchall()]
        cursor.execute("PRAGMA foreign_key_check")
        return said + [str(row) for row in cursor.fetchall()]


if __name__ == "__main__":
    django.setup()
    parts = {"soak": soak, "facts": facts, "jobs": jobs, "lease": lease, "whole": whole}
    print(json.dumps(parts[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
