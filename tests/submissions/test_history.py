"""The history of an answer: who changed what, and the way back while it is a draft."""

from datetime import timedelta

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
TYPED = (({"level": 1}, ""), ({"level": 3}, "Salah ketik"), (None, ""))


@pytest.fixture
def case(db):
    """An answer that was saved three times: level 1, level 3 with a note, nothing."""
    submission = make_work(mode="choice")
    by = make_user(Role.OPERATOR, agency=submission.agency, name="Ibu Sari")
    for at, (value, note) in enumerate(TYPED):
        save(by, value, note, now=NOW + timedelta(minutes=10 * at))
    return by


def save(by, value, note, now=NOW):
    response = current()
    return answering.answer(
        response, value=value, note=note, version=response.version, by=by, now=now
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
        assert first.what == "memakai lagi nilai terdahulu"


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


# --- typed on without a pause --------------------------------------------------------------------


def grouped(client, by):
    client.force_login(by)
    turns = client.get(path(current())).context["turns"]
    return [(len(each.parts), each.changes) for each in turns if each.event.verb == "answer"]


@pytest.fixture
def work(db):
    """An answer to nothing yet."""
    submission = make_work(mode="choice")
    return make_user(Role.OPERATOR, agency=submission.agency, name="Ibu Sari")


def test_what_one_person_types_on_without_a_pause_is_one_turn_that_can_be_opened(client, work):
    for at, note in enumerate(("H", "Had", "Hadir")):
        save(work, {"level": 1}, note, now=NOW + timedelta(minutes=4 * at))
    save(work, {"level": 3}, "Hadir", now=NOW + timedelta(minutes=14))
    last, first = grouped(client, work)
    assert last[0] == 0
    assert (first[0], first[1][1]) == (3, ("Catatan", NOTHING, "Hadir"))
    text = client.get(path(current())).content.decode()
    assert "Lihat 3 simpanan" in text
    assert "Pakai nilai sebelumnya lagi" in text


def test_a_turn_brings_back_what_was_before_all_of_it_and_each_part_what_was_before_it(
    client, work
):
    save(work, {"level": 2}, "", now=NOW - timedelta(hours=1))
    for at, level in enumerate((1, 3)):
        save(work, {"level": level}, "", now=NOW + timedelta(minutes=at))
    client.force_login(work)
    turn = client.get(path(current())).context["turns"][0]
    assert [each.event.data["from"]["value"] for each in turn.parts] == [{"level": 1}, {"level": 2}]
    client.post(path(current()), {"kejadian": turn.first.pk, "versi": current().version})
    assert current().value == {"level": 2}


@pytest.mark.parametrize("who", ["another person", "the same after a longer pause"])
def test_what_is_not_one_person_typing_on_stays_apart(client, work, who):
    other = make_user(Role.OPERATOR, agency=work.agency)
    save(work, {"level": 1}, "", now=NOW)
    if who == "another person":
        save(other, {"level": 2}, "", now=NOW + timedelta(minutes=1))
    else:
        save(work, {"level": 2}, "", now=NOW + timedelta(minutes=5, seconds=1))
    assert [parts for parts, _ in grouped(client, work)] == [0, 0]


def test_what_was_taken_again_is_never_part_of_what_was_typed(client, work):
    save(work, {"level": 1}, "", now=NOW)
    save(work, {"level": 2}, "", now=NOW)
    answering.bring_back(current(), events()[1], version=current().version, by=work, now=NOW)
    assert [parts for parts, _ in grouped(client, work)] == [0, 2]
