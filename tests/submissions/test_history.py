"""The history of an answer: who changed what, and the way back while it is a draft."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.roles import Role
from indicators.wording import NOTHING
from submissions.actions import answering
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Event, Response, Submission
from submissions.workflow import State
from tests.factories import make_user, make_work

NOW = timezone.now()


@pytest.fixture
def case(db):
    """An answer that was saved three times: level 1, level 3 with a note, nothing."""
    submission = make_work(mode="choice")
    by = make_user(Role.OPERATOR, agency=submission.agency, name="Ibu Sari")
    for value, note in (({"level": 1}, ""), ({"level": 3}, "Salah ketik"), (None, "")):
        save(by, value, note)
    return by


def save(by, value, note):
    response = current()
    return answering.answer(
        response, value=value, note=note, version=response.version, by=by, now=NOW
    )


def current() -> Response:
    return answering.for_answering(Response.objects.order_by("pk")).first()


def events():
    return list(Event.objects.filter(verb="answer").order_by("pk"))


def path(response):
    return f"/isian/{response.submission_id}/{response.pk}/riwayat/"


def test_every_change_is_told_with_what_was_before_and_after(client, case):
    client.force_login(case)
    turns = client.get(path(current())).context["turns"]
    told = [(each.what, [change[0] for change in each.changes], each.back) for each in turns]
    assert told[:3] == [
        ("mengisi jawaban", ["Jawaban", "Catatan"], True),
        ("mengisi jawaban", ["Jawaban", "Catatan"], True),
        ("mengisi jawaban", ["Jawaban"], False),  # before it there was nothing, as now
    ]
    assert turns[1].changes[1] == ("Catatan", NOTHING, "Salah ketik")


@pytest.mark.parametrize(
    ("at", "value", "note"),
    [(0, None, ""), (1, {"level": 1}, ""), (2, {"level": 3}, "Salah ketik")],
)
def test_any_former_value_comes_back_with_one_event(client, case, at, value, note):
    client.force_login(case)
    sent = {"kejadian": events()[at].pk, "versi": current().version}
    assert client.post(path(current()), sent).status_code == 302
    assert ((current().value, current().note)) == (value, note)
    if at:
        assert events()[-1].data["origin"] == {"brought_back": events()[at].pk}
        assert len(events()) == 4
        first = client.get(path(current())).context["turns"][0]
        assert first.what == "mengembalikan jawaban terdahulu"


def test_a_version_that_is_past_brings_nothing_back(client, case):
    client.force_login(case)
    sent = {"kejadian": events()[1].pk, "versi": current().version - 1}
    page = client.post(path(current()), sent)
    assert (page.status_code, current().value) == (422, None)
    assert "baru saja berubah" in page.content.decode()
    with pytest.raises(StaleError):
        answering.bring_back(current(), events()[1], version=0, by=case, now=NOW)


def test_what_was_handed_in_keeps_its_value_and_offers_no_way_back(client, case):
    Submission.objects.update(state=State.SUBMITTED.value)
    client.force_login(case)
    page = client.get(path(current()))
    assert [each.back for each in page.context["turns"]][:3] == [False] * 3
    sent = {"kejadian": events()[1].pk, "versi": current().version}
    assert client.post(path(current()), sent).status_code == 422
    assert current().value is None


def test_an_event_of_another_answer_is_not_found(client, case):
    other = make_work(mode="choice")
    stranger = make_user(Role.OPERATOR, agency=other.agency)
    response = other.responses.get()
    client.force_login(stranger)
    sent = {"kejadian": events()[1].pk, "versi": 0}
    assert client.post(path(response), sent).status_code == 404
    assert client.post(path(response), {"kejadian": "x", "versi": 0}).status_code == 422
    with pytest.raises(RefusedError):
        answering.bring_back(
            answering.for_answering(other.responses.all()).get(),
            events()[1], version=0, by=stranger, now=NOW,
        )  # fmt: skip


def test_the_history_costs_the_same_for_three_changes_and_for_forty(client, case):
    client.force_login(case)
    counts = []
    for more in (0, 37):
        for number in range(more):
            save(case, {"level": number % 4}, f"catatan {number}")
        address = path(current())
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len([each for each in asked if "django_session" not in each["sql"]]))
    assert (counts[0], 3 <= counts[0] <= 6) == (counts[1], True)
