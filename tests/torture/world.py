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


def evening(people: str) -> dict[str, Any]:
    """The example city with ten closed years, and so many operators who each have answers of their
    own to save. `since` is where the history stood before they came.
    """
    from django.core.management import call_command
    from django.db.models import Q
    from django.utils import timezone

    from agencies.models import User
    from kla_tracker.demo.people import PASSWORD
    from submissions.models import Assessment, Event, EvidenceLink, Response

    _tables()
    call_command("seed_demo", years=1, stdout=sys.stderr)
    [year] = Assessment.objects.all()
    for before in range(1, CLOSED_YEARS + 1):
        _closed_year(year, before)
    Assessment.objects.exclude(pk=year.pk).update(closed_at=timezone.now())
    # On the last evening all that is not accepted yet is being worked on.
    year.submissions.filter(state="diajukan").update(state="draf")
    mine = Response.objects.filter(
        Q(role="support") | Q(question__rubric__mode__in=["choice", "graded", "area_share"]),
        assessment=year, verdict="", submission__state__in=["draf", "belum_diisi"],
    )  # fmt: skip
    columns = (
        "pk",
        "version",
        "submission",
        "submission__agency",
        "role",
        "question__rubric__mode",
    )
    rows = list(mine.order_by("pk").values_list(*columns))
    forms = _forms_of_thirty(year)
    password = User.objects.get(username="pimpinan").password
    agencies: dict[int, list[Any]] = {}
    for row in rows:
        agencies.setdefault(row[3], []).append(row)
    # Where there is most to do sit most people; each has answers that nobody else saves.
    order = sorted(agencies, key=lambda pk: -len(agencies[pk]))
    seats = [pk for turn in range(int(people)) for pk in order if len(agencies[pk]) > turn]
    users = [
        User(username=f"malam-{at}", name=f"Operator {at}", email=f"malam-{at}@contoh.example",
             role="operator", agency_id=agency, region=year.region, password=password)
        for at, agency in enumerate(seats[: int(people)])
    ]  # fmt: skip
    User.objects.bulk_create(users)
    made = []
    for at, user in enumerate(users):
        colleagues = [n for n, each in enumerate(users) if each.agency_id == user.agency_id]
        own = agencies[user.agency_id or 0][colleagues.index(at) :: len(colleagues)]
        form = forms.get(user.agency_id) or own[0][2]
        levels = [
            [] if role == "support" else ["ya", "tidak"] if mode == "area_share" else ["0", "1"]
            for *_, role, mode in own
        ]
        answers = [[*row[:3], each] for row, each in zip(own, levels, strict=True)]
        made.append({"name": user.username, "form": form, "answers": answers})
    assert len(made) == int(people), f"there is work for {len(made)} people only"
    last = [Event.objects.latest("pk").pk, EvidenceLink.objects.latest("pk").pk]
    return {"people": made, "password": PASSWORD, "since": last}


CLOSED_YEARS = 10


def _closed_year(year: Any, before: int) -> None:
    """A year as full as this one: the same answers, with their points."""
    from submissions.actions.year import open_year
    from submissions.models import Response

    past = open_year(
        year.region, year.instrument, year=year.year - before, data_year=year.data_year - before,
        closes_on=year.closes_on, by=None, is_example=True,
    )  # fmt: skip
    columns = ("value", "claim_level", "claim_share", "verdict", "verified_level", "verified_share")
    known = {
        (each.question_id, each.submission.agency_id, each.role): each
        for each in year.responses.select_related("submission")
    }
    rows = list(past.responses.select_related("submission"))
    for row in rows:
        same = known.get((row.question_id, row.submission.agency_id, row.role))
        for column in columns if same is not None and same.last_review_id is None else ():
            setattr(row, column, getattr(same, column))
    Response.objects.bulk_update(rows, columns, batch_size=200)


def _forms_of_thirty(year: Any) -> dict[int, int]:
    """Of each agency the form that is nearest to thirty questions."""
    from django.db.models import Count

    found: dict[int, tuple[int, int]] = {}
    for pk, agency, n in year.submissions.annotate(n=Count("responses")).values_list(
        "pk", "agency", "n"
    ):
        found[agency] = min(found.get(agency, (99, 0)), (abs(n - 30), pk))
    return {agency: pk for agency, (_, pk) in found.items()}


def facts(target: str, base: str = "{}", event: str = "0", link: str = "0") -> dict[str, int]:
    """Write what is there as the checker reads it; how many of each. `base`, the versions of the
    answers that count as they stood, `event` and `link`: what was there before the clients came.
    """
    from submissions.models import Event, EvidenceLink, Response, Review

    stood: dict[str, int] = json.loads(base)
    found = Response.objects.order_by("pk")
    if stood:
        found = found.filter(pk__in=[int(pk) for pk in stood])
    answers = [
        (pk, version - stood.get(str(pk), 0), note)
        for pk, version, note in found.values_list("pk", "version", "note")
    ]
    happened = Event.objects.filter(pk__gt=int(event)).order_by("pk")
    events = [
        {
            "verb": verb, "submission": submission, "response": response,
            "note": (data.get("to") or {}).get("note"),
            "version": (data.get("version") or 0) - stood.get(str(response), 0),
            "name": data.get("name"), "reason": data.get("reason"), "review": data.get("review"),
        }
        for verb, submission, response, data in happened.values_list(
            "verb", "submission", "response", "data"
        )
        if not (verb == "answer" and not (data.get("to") or {}).get("note"))
    ]  # fmt: skip
    links = []
    mine = EvidenceLink.objects.filter(removed_at=None, pk__gt=int(link))
    for each in mine.select_related("evidence__blob"):
        blob, digest = each.evidence.blob, ""
        if blob is not None:
            with blob.file.open("rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
        links.append({"response": each.response_id, "name": each.evidence.name, "sha256": digest})
    reviews = [] if stood else list(Review.objects.values("id", "response", "note", "verdict"))
    told = {
        "answers": {pk: {"version": version, "note": note} for pk, version, note in answers},
        "events": events,
        "links": links,
        "reviews": reviews,
    }
    Path(target).write_text(json.dumps(told))
    return {name: len(found) for name, found in told.items()}


def end(target: str, *stood: str) -> list[str]:
    """After the run: what is left undone, what the database and every `verify_*` say is wrong; and
    the facts for the checker.
    """
    found = _jobs() + _whole() + _verified()
    facts(target, *stood)
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
    parts = {"soak": soak, "evening": evening, "end": end}
    print(json.dumps(parts[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
