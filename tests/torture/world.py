# ruff: noqa: PLC0415  (the application is imported once it is set up)
"""What the torture asks of the application from inside, with the real settings: `python -m
tests.torture.world WHAT [ARGUMENT …]`, each answering with one line of JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")

CLIENTS = 8
QUESTIONS = 6
JOBS_PATIENCE = 180


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


def end(target: str) -> list[str]:
    """After the run: what is left undone, what the database and every `verify_*` say is wrong; and
    the facts for the checker.
    """
    found = _jobs() + _whole() + _verified()
    facts(target)
    return found


def _jobs() -> list[str]:
    """Whatever a worker was killed with is done in the end, as the timer of the product sees to;
    here as if the lease had run out.
    """
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from submissions.management.commands.take_up_jobs import LEASE, take_up

    until = time.monotonic() + JOBS_PATIENCE
    while time.monotonic() < until:
        states = set(DBTaskResult.objects.values_list("status", flat=True).distinct())
        if not states & {"READY", "RUNNING"}:
            return []
        if "READY" not in states:
            time.sleep(1)  # the worker may be in the middle of the last
            take_up(timezone.now() + LEASE)
        time.sleep(0.2)
    return [f"jobs that nobody finishes: {sorted(states)}"]


def _whole() -> list[str]:
    from django.db import connection

    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        said = [row[0] for row in cursor.fetchall()]
        cursor.execute("PRAGMA foreign_key_check")
        said += [str(row) for row in cursor.fetchall()]
    return [] if said == ["ok"] else [f"the database says of itself: {said}"]


def _verified() -> list[str]:
    from django.core.management import call_command
    from django.core.management.base import CommandError

    found = []
    for command in ("verify_scores", "verify_evidence", "verify_history"):
        said = io.StringIO()
        try:
            call_command(command, stdout=said, stderr=said)
        except (CommandError, SystemExit) as error:
            found.append(f"{command}: {error} {said.getvalue()[-500:]}")
    return found


if __name__ == "__main__":
    django.setup()
    parts = {"soak": soak, "end": end}
    print(json.dumps(parts[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
