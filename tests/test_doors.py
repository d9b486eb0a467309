"""Every address at once: its headers, what a form may change, and what a filter may ask."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from agencies.models import Agency, Assignment, User
from indicators.models import Instrument
from submissions.models import Assessment, Evidence, Response, Submission
from tests import test_access
from tests.test_access import TABLE, address, body_of, signed_in
from tests.test_house import EVERYWHERE, POLICY, policy

world = test_access.world

# What somebody sent is shown under a stricter policy of its own.
SANDBOXED = {"evidence", "evidence_picture"}
# Open data: anybody's page may read it.
OPEN_DATA, OPEN = {"public_json", "public_csv"}, {"Cross-Origin-Resource-Policy": "cross-origin"}
PUBLIC = {name for name, (get, _) in TABLE.items() if get[0] in "og"}


@pytest.mark.parametrize(
    ("viewer", "method"), [("guest", "get"), ("verifikator", "get"), ("own", "post")]
)
def test_every_address_answers_under_the_policy_whatever_it_says(world, viewer, method):
    client, wrong = signed_in(world, viewer), []
    for name in TABLE:
        with transaction.atomic():
            reply = getattr(client, method)(address(world, name))
            body_of(reply)
            transaction.set_rollback(True)
        told = policy(reply["Content-Security-Policy"])
        if name in SANDBOXED and reply.status_code == 200:
            right = {"sandbox", "default-src 'none'"} <= told
        else:
            right = told == policy(POLICY)
        opened = name in OPEN_DATA and reply.status_code == 200
        meant = EVERYWHERE | OPEN if opened else EVERYWHERE
        same = {each: reply.get(each) for each in meant} == meant
        kept_back = "no-" in reply.get("Cache-Control", "")
        private = viewer == "guest" or name in PUBLIC or kept_back or reply.status_code != 200
        framed = reply.get("X-Frame-Options") in {"DENY", "SAMEORIGIN"}
        if not (right and same and private and framed and "()" in reply["Permissions-Policy"]):
            wrong.append((name, reply.status_code))
        if method == "post":  # which may have ended the session
            client = signed_in(world, viewer)
    assert wrong == []


# --- more than a form asks for -------------------------------------------------------------------

# What no form may set: whose a thing is, how far it has come, what it is worth, who may what.
GUARDED: dict[Any, tuple[str, ...]] = {
    User: ("is_staff", "is_superuser", "role", "region_id", "agency_id", "username", "password"),
    Agency: ("region_id", "is_secretariat", "merged_into_id", "retired_at", "code", "name"),
    Submission: ("agency_id", "assessment_id", "state", "due_on"),
    Response: ("submission_id", "verdict", "verified_level", "verified_share", "role"),
    Evidence: ("agency_id", "blob_id", "restricted", "number", "created_by_id"),
    Assessment: ("region_id", "year", "instrument_id", "closed_at", "is_example"),
    Instrument: ("code", "published_at", "total_max_points"),
    Assignment: ("agency_id", "role", "question_id"),
}  # fmt: skip
# What an empty form of these roles does by itself, with nothing smuggled in.
ITS_OWN = {
    ("own", "work_withdraw", "Submission.state"),
    ("own", "work_submit", "Submission.state"),
}


def everything(world: Any) -> dict[str, str]:
    """A value for every column of every model of ours, as somebody would smuggle it in."""
    values = {
        "agency": str(world.people["other"].agency_id),
        "region": str(world.far.pk),
        "role": "administrator",
        "state": "diterima",
        "verdict": "diterima",
        "name": "Diselundupkan",
        "code": "selundup",
    }
    names = {
        each
        for model in apps.get_models()
        if model._meta.app_label in {"agencies", "indicators", "submissions", "meetings"}
        for field in model._meta.concrete_fields
        for each in (field.name, field.attname)
    }
    return {name: values.get(name.removesuffix("_id"), "1") for name in names}


def columns() -> dict[str, Any]:
    return {
        f"{model.__name__}.{name}": list(model.objects.order_by("pk").values_list("pk", name))
        for model, names in GUARDED.items()
        for name in names
    }


@pytest.mark.parametrize("viewer", ["own", "verifikator"])
def test_no_form_takes_more_than_it_asks_for(world, viewer):
    smuggled, before, changed = everything(world), columns(), set()
    known = {key: {pk for pk, _ in rows} for key, rows in before.items()}
    for name in TABLE:
        client = signed_in(world, viewer)
        with transaction.atomic():
            body_of(client.post(address(world, name), smuggled))
            after = columns()
            for key, rows in after.items():
                there = [row for row in rows if row[0] in known[key]]
                if there != before[key]:
                    changed.add((viewer, name, key))
            transaction.set_rollback(True)
    assert changed - ITS_OWN == set()


# --- what a filter may ask -----------------------------------------------------------------------

LISTS = (
    "agencies", "work", "question_list", "matrix", "dashboard", "registers", "register",
    "evidence_list", "review_queue", "history", "followups", "meetings", "exports", "assignments",
)  # fmt: skip
LOOKUPS = {
    "agency__users__password__startswith": "pbkdf2",
    "created_by__password__contains": "a",
    "submission__agency__users__is_superuser": "True",
    "pk__gt": "0",
    "order_by": "agency__users__password",
    "ordering": "-created_by__password",
    "page_size": "100000",
}


def plain(reply: Any) -> str:
    """A page without what differs each time: tokens, and the address that links carry along."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken": ?"[^"]+"', "", body_of(reply).decode())
    text = re.sub(r"[A-Za-z0-9]{64}", "", text)
    return re.sub(r'(href|action|content|value)="[^"]*"', "", text)


def test_a_lookup_of_the_database_in_an_address_asks_nothing(world):
    client = signed_in(world, "verifikator")
    asked = {
        name: (client.get(address(world, name)), client.get(address(world, name), LOOKUPS))
        for name in LISTS
    }
    assert {(a.status_code, b.status_code) for a, b in asked.values()} == {(200, 200)}
    assert [name for name, (a, b) in asked.items() if plain(a) != plain(b)] == []


# --- the net -------------------------------------------------------------------------------------


def test_the_suite_reaches_nothing_but_this_machine():
    """Held by tests/conftest.py for every test, so that no code of ours can call out unseen."""
    with socket.socket() as line, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        line.connect(("192.0.2.1", 80))
