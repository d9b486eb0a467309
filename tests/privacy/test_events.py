"""Whatever changes an answer, a verdict, an assignment, a role, an instrument or a stage, and
whatever takes something along, leaves an event; and nobody edits events through the product.
"""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client, RequestFactory

from agencies.models import Change
from kla_tracker.triggers import HISTORY
from tests.submissions.test_restricted import of_all
from tests.test_access import TABLE, address, body_of, world  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
ROOMS = ("agencies", "indicators", "submissions", "meetings")
# What writes a line of a history, in the four rooms and above them.
WRITES = {
    "record", "Change.objects.create", "Event.objects.create", "EvidenceChange.objects.create",
    "RowChange.objects.create", "RowChange.objects.bulk_create", "Event.objects.bulk_create",
    "MeetingEvent.objects.create", "record_meeting",
    "FollowUpEvent.objects.create", "Review.objects.create",
    "InstrumentChange.objects.create", "record_change", "Change.objects.bulk_create",
}  # fmt: skip

# Verbs with `by` that leave none, and why.
SILENT = {
    "agencies.people.may_manage": "asks, changes nothing",
    "indicators.record.require": "asks, changes nothing",
    "submissions.bundling.require_bundle": "asks, changes nothing",
    "submissions.registers.may_take": "asks, changes nothing",
    "submissions.pace.count": "counts files a minute",
    "submissions.turns.turn": "holds one of two places while an export is made",
    "submissions.evidence.let_go": "a step of detach and swap, which leave it",
    "meetings.merging.hand_on_meetings": "a step of merge_agency, which leaves it",
}


def calls(tree):
    """The names that a function calls, with what stands before their last dot or two."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield name
            yield name.rpartition(".")[2]
        elif isinstance(node, (ast.Name, ast.Attribute)):  # handed on: partial(f), link=f
            yield ast.unparse(node).rpartition(".")[2]


def verbs():
    """Every public function of the rooms' actions that says who acts; and what each one calls."""
    found, called = {}, defaultdict(set)
    for room in ROOMS:
        for file in sorted((Path(settings.BASE_DIR) / room / "actions").rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if not isinstance(node, ast.FunctionDef):
                    continue
                called[node.name] |= set(calls(node))
                arguments = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
                if "by" in arguments and not node.name.startswith("_"):
                    found[f"{room}.{file.stem}.{node.name}"] = node.name
    return found, called


def leaves_an_event(name, called):
    seen, left = set(), [name]
    while left:
        here = left.pop()
        if here in seen:
            continue
        seen.add(here)
        if called[here] & WRITES:
            return True
        left += [each for each in called[here] if each in called]
    return False


def test_every_verb_leaves_an_event_or_says_why_it_does_not():
    found, called = verbs()
    silent = {verb for verb, name in found.items() if not leaves_an_event(name, called)}
    assert silent == set(SILENT)
    assert len(found) > 60


TAKES = (
    "export_", "_sheet", "_pdf", "_xlsx", "_csv", "_paper", "pack_file", "_download", "bundle_ask",
)  # fmt: skip
NO_EVENT = {
    "bundle_download": "the event is left when it was made, for its requester alone",
    "meeting_pack_file": "the event is left when it was asked for, for its requester alone",
    "instrument_sheet": "the ministry's questions: nothing of the city or of a person",
    "public_csv": "open data, to everybody",
    "task_sheet": "a page, though it is called a sheet",
    "attendance_paper": "a list to print, a page as every other",
}


def rows():
    tables = {each._meta.db_table: each for each in apps.get_models(include_auto_created=True)}
    return sum(tables[table]._base_manager.count() for table in HISTORY)


def test_everything_that_is_taken_along_is_an_event(world):  # noqa: F811
    taken = [name for name in TABLE if any(word in name for word in TAKES)]
    silent = set()
    for name in taken:
        for viewer in ("own", "verifikator"):
            client = Client()
            client.force_login(world.people[viewer])
            get, post = TABLE[name]
            at = 1 if viewer == "own" else 3
            for method, code in (("post", post[at]), ("get", get[at])):
                if code != "o":
                    continue
                before = rows()
                body_of(getattr(client, method)(address(world, name)))
                if rows() == before:
                    silent.add(name)
    assert silent - set(NO_EVENT) == set()


def test_no_administrator_edits_the_history(client):
    """In the admin one looks: no form, no deleting, no action, no sheet that comes in."""
    client.force_login(of_all())
    tables = {each._meta.db_table: each for each in apps.get_models(include_auto_created=True)}
    held = [tables[table] for table in (*HISTORY, "kla_tracker_seal", "kla_tracker_sealhead")]
    shown = [model for model in held if model in admin.site._registry]
    assert {model.__name__ for model in shown} == {"Change", "Event", "Review"}
    event = Change.objects.create(verb="save_row", by=None, region=None)
    before = rows()
    for model in shown:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(base).status_code == 200
        for path in ("add/", "import/", f"{event.pk}/delete/", f"{event.pk}/change/"):
            assert client.post(f"{base}{path}", {"verb": "x", "post": "yes"}).status_code in {
                302, 403, 404,
            }, path  # fmt: skip
        asked = {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"}
        assert client.post(base, asked).status_code in {200, 302, 403}
        desk = admin.site._registry[model]
        request = RequestFactory().get(base)
        request.user = of_all()
        assert desk.get_actions(request) == {}
        for may in (
            desk.has_add_permission(request), desk.has_change_permission(request),
            desk.has_delete_permission(request),
        ):  # fmt: skip
            assert may is False
    event.refresh_from_db()
    assert (event.verb, rows()) == ("save_row", before)
