# ruff: noqa: PLC0415  (the application is imported once it is set up)
"""What a fault test asks of the application from outside, with the real settings:
`python -m tests.faults.inside prepare|report`, each answering with one line of JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")

ANSWERS = 8


def prepare() -> dict[str, Any]:
    """Tables, an office with some answers, and its operator signed in."""
    from django.core.management import call_command
    from django.test import Client

    from agencies.roles import Role
    from tests.factories import make_user, make_work

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    submission = make_work(ANSWERS)
    client = Client()
    client.force_login(make_user(Role.OPERATOR, agency=submission.agency))
    return {
        "cookies": {name: each.value for name, each in client.cookies.items()},
        "answers": [
            f"/isian/{submission.pk}/{pk}/"
            for pk in submission.responses.order_by("pk").values_list("pk", flat=True)
        ],
    }


def report() -> dict[str, Any]:
    """What is there: answers with their events, evidence with the sums of its bytes."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import F

    from submissions.models import Blob, Event, Evidence, EvidenceLink, Response, Upload, Verb

    said = io.StringIO()
    call_command("verify_evidence", stdout=said, stderr=said)
    whole = ["ok"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            whole = [row[0] for row in cursor.fetchall()]
    answers = {}
    for each in Response.objects.order_by("pk"):
        events = Event.objects.filter(response=each, verb=Verb.ANSWER).order_by("pk")
        answers[f"/isian/{each.submission_id}/{each.pk}/"] = {
            "note": each.note,
            "version": each.version,
            "versions": [event.data["version"] for event in events],
        }
    files = []
    for evidence in Evidence.objects.select_related("blob").order_by("name"):
        assert evidence.blob is not None
        with evidence.blob.file.open("rb") as file:
            files.append([evidence.name, hashlib.sha256(file.read()).hexdigest()])
    return {
        "database": whole,
        "answers": answers,
        "files": files,
        "links": EvidenceLink.objects.count(),
        "attached": Event.objects.filter(verb=Verb.ATTACH).count(),
        "bytes of nobody": Blob.objects.filter(evidence=None).count(),
        "evidence of nothing": Evidence.objects.filter(links=None).count(),
        "whole but not finished": Upload.objects.filter(offset=F("size"), finished_at=None).count(),
        "verified": said.getvalue().splitlines()[-1].partition(";")[0],
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"prepare": prepare, "report": report}[sys.argv[1]]()))  # noqa: T201
