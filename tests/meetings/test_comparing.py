"""Two meetings beside each other: what moved since, by whom, and what did not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from meetings.actions.calling import call_meeting
from meetings.actions.deciding import close_meeting, move
from reports.shown import Shown, compare
from submissions.models import Event, Verb
from tests.meetings.test_deciding import decided
from tests.meetings.world import END, NOW, START, called, plan
from tests.reports.world import accept

pytestmark = pytest.mark.django_db
LATER = timedelta(days=7)


def two_meetings(*, close=True):
    """A closed meeting, an answer accepted since, and a meeting after it."""
    found, first = called()
    by = found.users["verifikator"]
    followup = decided(found, first, text="Terbitkan SK")
    close_meeting(first, by=by, now=END)
    response = found.response("1.3")
    accept(response, 0, by=by)
    Event.objects.create(
        assessment=found.assessment, response=response, verb=Verb.REVIEW, by=by,
        at=END + timedelta(days=1),
    )  # fmt: skip
    for at in (END - timedelta(days=1), END + 2 * LATER):  # before the one, after the other
        Event.objects.create(
            assessment=found.assessment, response=response, verb=Verb.ATTACH,
            by=found.users["operator"], at=at,
        )  # fmt: skip
    move(followup, "work", by=found.users["operator"], now=END + timedelta(days=1))
    second = call_meeting(
        found.assessment, plan(found, title="Kedua", starts_at=START + LATER, ends_at=END + LATER),
        by=by, now=NOW,
    )  # fmt: skip
    if close:
        close_meeting(second, by=by, now=END + LATER)
    return found, first, second


def shown(meeting):
    return Shown.read(meeting.record.data)


def test_what_moved_is_the_difference_of_the_two_records_and_names_who_did_it(client):
    found, first, second = two_meetings()
    client.force_login(found.users["pimpinan"])
    told = client.get(f"/rakor/{second.pk}/banding/{first.pk}/").context["found"]
    before, after = shown(first), shown(second)
    assert told.total.change == after.total.proven - before.total.proven > 0
    assert sum(each.change for each in told.clusters) == told.total.change
    assert sum(each.change for each in told.indicators) == told.total.change
    assert [each.code for each in told.moved] == ["1.3"]
    assert [each.change for each in told.moved] == [told.total.change]
    by = found.users["verifikator"]
    who = str(by.agency or by.get_role_display())
    assert told.moved[0].who == (f"{who} memeriksa jawaban",)


def test_what_did_not_move_and_can_still_be_won_is_named_with_its_points():
    _, first, second = two_meetings()
    told = compare(shown(first), shown(second), {})
    after = shown(second)
    still = {each.line.code for each in after.questions if each.open} - {"1.3"}
    assert {each.question.line.code for each in told.stuck} == still
    worth = sum((each.open for each in after.questions if each.line.code in still), Decimal(0))
    assert (told.stuck_count, told.stuck_points) == (len(still), worth)
    named = {each.label for each in told.offices} | {each.label for each in told.idle}
    assert named >= {each.name for each in after.offices if each.stake}


def test_the_order_in_the_address_does_not_matter_and_decisions_say_what_became_of_them(client):
    found, first, second = two_meetings()
    client.force_login(found.users["verifikator"])
    pages = [
        client.get(f"/rakor/{a.pk}/banding/{b.pk}/") for a, b in ((first, second), (second, first))
    ]
    assert pages[0].context["found"] == pages[1].context["found"]
    [followed] = pages[0].context["found"].followed
    assert (followed.decision.standing, followed.now.standing) == ("Terbuka", "Dikerjakan")
    own = client.get(f"/rakor/{second.pk}/").content.decode()
    assert f"/rakor/{second.pk}/banding/{first.pk}/" in own


def test_a_meeting_that_is_open_is_compared_as_it_stands_and_one_without_a_record_is_not(client):
    found, first, second = two_meetings(close=False)
    client.force_login(found.users["verifikator"])
    live = client.get(f"/rakor/{second.pk}/banding/{first.pk}/")
    assert (live.context["is_live"], live.context["found"].total.is_moved) == (True, True)
    third = call_meeting(
        found.assessment,
        plan(found, starts_at=START + 2 * LATER, ends_at=END + 2 * LATER),
        by=found.users["verifikator"],
        now=NOW,
    )
    page = client.get(f"/rakor/{third.pk}/banding/{second.pk}/").content.decode()
    assert "belum ditutup, jadi angkanya belum direkam" in page
    same = client.get(f"/rakor/{first.pk}/banding/{first.pk}/").content.decode()
    assert "Pilih dua rakor yang berbeda" in same


def test_an_indicator_whose_number_means_something_else_is_not_compared():
    _, first, second = two_meetings()
    other = dict(second.record.data)
    other["indicators"] = [dict(each) for each in other["indicators"]]
    other["indicators"][0]["label"] = "Sesuatu yang lain"
    told = compare(shown(first), Shown.read(other), {})
    assert [each.code for each in told.indicators] == ["2", "3"]
    assert (told.only_before, told.only_after) == (("1 Indikator 1",), ("1 Sesuatu yang lain",))


@pytest.mark.parametrize("count", [1, 3])
def test_a_comparison_takes_the_same_queries_for_any_number(
    client, count, django_assert_num_queries
):
    found, first, second = two_meetings()
    for code in ("1.1", "1.2", "2.1")[:count]:
        Event.objects.create(
            assessment=found.assessment, response=found.response(code), verb=Verb.REVIEW,
            by=found.users["verifikator"], at=END + timedelta(days=2),
        )  # fmt: skip
    client.force_login(found.users["verifikator"])
    client.get("/rakor/")
    with django_assert_num_queries(4):
        client.get(f"/rakor/{second.pk}/banding/{first.pk}/")
