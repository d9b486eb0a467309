"""Midnight in Jakarta, the turn of a year, 29 February, and a clock that is put back."""

import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from agencies.roles import Role
from submissions.actions import arranging
from submissions.models import Event, Submission, Verb
from submissions.workflow import State
from tests.factories import PASSWORD, first_response, make_user, make_work

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
DUE = date(2024, 9, 30)
# 24:00 of that day in Jakarta is 17:00 in Greenwich.
MOMENTS = {
    datetime(2024, 9, 30, 16, 59, 59, tzinfo=UTC): (date(2024, 9, 30), State.SUBMITTED),
    datetime(2024, 9, 30, 17, 0, 0, tzinfo=UTC): (date(2024, 10, 1), State.DRAFT),
    datetime(2024, 9, 30, 17, 0, 1, tzinfo=UTC): (date(2024, 10, 1), State.DRAFT),
}
HTMX = {"hx-request": "true"}


def signed_in(submission):
    client = Client()
    client.force_login(make_user(agency=submission.agency))
    return client


def save(client, submission, **typed):
    response = first_response(submission)
    values = {"versi": response.version, "tingkat": "0", "catatan": ""} | typed
    return client.post(f"/isian/{submission.pk}/{response.pk}/", values, headers=HTMX)


@pytest.fixture(params=["UTC", "America/New_York"])
def elsewhere(request, monkeypatch):
    """The machine's own time zone, which says nothing about a due date."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_form_that_is_sent_after_midnight_in_jakarta_is_saved_and_not_handed_in(
    elsewhere, moment
):
    submission = make_work()
    Submission.objects.update(due_on=DUE)
    with time_machine.travel(moment, tick=False):
        client = signed_in(submission)
        assert save(client, submission, catatan="Tetap tersimpan.").status_code == 200
        client.post(f"/isian/{submission.pk}/ajukan/", follow=True)
    submission.refresh_from_db()
    assert (submission.state, first_response(submission).note) == (
        MOMENTS[moment][1],
        "Tetap tersimpan.",
    )


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_process_started_in_another_zone_has_the_day_of_jakarta(zone, tmp_path):
    code = (
        "import django, time_machine; django.setup(); from django.utils import timezone as t\n"
        + "".join(
            f"with time_machine.travel({moment.timestamp()}, tick=False): print(t.localdate())\n"
            for moment in MOMENTS
        )
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            "PATH": os.environ["PATH"], "TZ": zone, "VAR_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "kla_tracker.settings",
        },
    )  # fmt: skip
    assert told.stdout.split() == [str(day) for day, _ in MOMENTS.values()]


def test_the_turn_of_the_year_changes_no_page_s_year():
    submission = make_work()
    region = submission.agency.region
    people = [make_user(agency=submission.agency), make_user(Role.VERIFIKATOR, region=region)]
    eve = datetime(2024, 12, 31, 16, 59, tzinfo=UTC)
    for person in people:
        led_to = []
        for moment in (eve, eve + timedelta(minutes=2), eve + timedelta(days=1)):
            with time_machine.travel(moment, tick=False):
                client = Client()
                client.force_login(person)
                pages = [client.get(each, follow=True) for each in ("/", "/isian/", "/penilaian/")]
                led_to.append(
                    [
                        (page.status_code, sorted(set(re.findall(r'href="(/[^"]*)"', text))))
                        for page in pages
                        for text in [page.content.decode()]
                    ]
                )
        assert led_to[0] == led_to[1] == led_to[2]
        assert any("/penilaian/2024/" in link for _, links in led_to[0] for link in links)


def test_a_due_date_may_be_the_29th_of_february():
    submission = make_work()
    by = make_user(Role.VERIFIKATOR, region=submission.agency.region)
    leap, before = date(2028, 2, 29), date(2028, 2, 1)
    arranging.extend([submission], due_on=leap, by=by, today=before)
    for moment, state in (
        (datetime(2028, 2, 29, 17, 0, tzinfo=UTC), State.DRAFT),  # the first of March
        (datetime(2028, 2, 29, 16, 59, tzinfo=UTC), State.SUBMITTED),
    ):
        with time_machine.travel(moment, tick=False):
            client = signed_in(submission)
            assert "29 Februari 2028" in client.get(f"/isian/{submission.pk}/").content.decode()
            save(client, submission)
            client.post(f"/isian/{submission.pk}/ajukan/")
        submission.refresh_from_db()
        assert submission.state == state


def test_a_clock_that_is_put_back_changes_no_order_and_ends_no_session():
    submission = make_work()
    user = make_user(agency=submission.agency)
    client = Client()
    noon = datetime(2024, 3, 4, 5, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False) as clock:
        client.post("/masuk/", {"username": user.username, "password": PASSWORD})
        for turn, step in enumerate((0, -300, 600, -300)):
            clock.shift(step)
            reply = save(client, submission, catatan=f"Catatan {turn}")
            assert (reply.status_code, "Tersimpan" in reply.content.decode()) == (200, True)
        page = client.get(f"/isian/{submission.pk}/{first_response(submission).pk}/riwayat/")
    events = Event.objects.filter(verb=Verb.ANSWER).order_by("pk")
    assert [each.data["version"] for each in events] == [1, 2, 3, 4]
    assert first_response(submission).note == "Catatan 3"
    times = [each.at for each in events]
    assert times != sorted(times)  # the clock did go back
    told = re.findall(r"Catatan \d", page.content.decode())
    assert told[:6] == [f"Catatan {turn}" for turn in (2, 3, 1, 2, 0, 1)]  # from, to; newest first
