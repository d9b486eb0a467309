"""Two people on one answer, over HTTP, each with a connection: what one did not see one does not
replace; what is sent twice changes nothing twice.
"""

import re
from collections import defaultdict
from typing import Any

import pytest
from django.test import Client

from agencies.models import User
from submissions.models import Event, Response, Submission, Verb
from submissions.workflow import State
from tests.at_once import at_once
from tests.factories import make_work
from tests.submissions.test_answering import answers, operator, verifikator

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"hx-request": "true"}
STORED = re.compile(r'name="versi" id="v-\d+" value="(\d+)"')
NEWER = re.compile(r'name="timpa" value="(\d+)"')


class Tab:
    """A tab of a signed-in person; says what it was answered."""

    def __init__(self, user: User, response: Response) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.form = f"/isian/{response.submission_id}/"
        self.card = f"{self.form}{response.pk}/"

    def save(self, **typed: Any) -> tuple[int, str]:
        values = {"versi": 0, "tingkat": "0", "catatan": ""} | typed
        reply = self.client.post(self.card, values, headers=HTMX)
        return reply.status_code, reply.content.decode()

    def hand_in(self) -> int:
        return self.client.post(f"{self.form}ajukan/").status_code


def told() -> list[tuple[int, str]]:
    """The saves in their order: the version that each made, and its note."""
    events = Event.objects.filter(verb=Verb.ANSWER).order_by("pk")
    return [(each.data["version"], each.data["to"]["note"]) for each in events]


def test_a_double_click_and_a_second_tab_save_the_same_once():
    for _ in range(5):
        submission = make_work()
        [response] = answers(submission)
        by = operator(submission)
        tabs = [Tab(by, response) for _ in range(3)]
        saves = [lambda tab=tab: tab.save(tingkat="1", catatan="Sama.") for tab in tabs]
        replies = at_once(*saves)
        assert [status for status, _ in replies] == [200, 200, 200]
        stored = Response.objects.get(pk=response.pk)
        assert (stored.value, stored.note, stored.version) == ({"level": 1}, "Sama.", 1)
        assert submission.events.filter(verb=Verb.ANSWER).count() == 1


def test_of_two_at_once_one_is_stored_and_the_other_sees_both():
    for _ in range(5):
        submission = make_work()
        [response] = answers(submission)
        people = [operator(submission, name="Ibu Sari"), operator(submission, name="Pak Budi")]
        first, second = (Tab(each, response) for each in people)
        replies = at_once(
            lambda tab=first: tab.save(tingkat="1", catatan="Dari Sari."),
            lambda tab=second: tab.save(tingkat="3", catatan="Dari Budi."),
        )
        assert sorted(status for status, _ in replies) == [200, 409]
        winner = [status for status, _ in replies].index(200)
        stored = Response.objects.get(pk=response.pk)
        assert (stored.note, stored.version) == (["Dari Sari.", "Dari Budi."][winner], 1)
        text = replies[1 - winner][1]
        name = people[winner].get_full_name()
        for each in (f"{name} mengubah jawaban ini", "WIB", "Dari Sari.", "Dari Budi."):
            assert each in text
        assert {"Sebagian besar", "Baru mulai"} <= set(re.findall(r"<b>([^<]+)</b>", text))


@pytest.mark.parametrize(
    ("how", "note"), [("timpa", "Dari Budi."), ("gabung", "Dari Sari.\nDari Budi.")]
)
def test_a_choice_that_is_sent_twice_is_made_once(how, note):
    submission = make_work()
    [response] = answers(submission)
    sari, budi = (Tab(operator(submission), response) for _ in range(2))
    assert sari.save(tingkat="1", catatan="Dari Sari.")[0] == 200
    status, text = budi.save(tingkat="3", catatan="Dari Budi.")
    assert (status, NEWER.findall(text)) == (409, ["1"])
    typed = {"tingkat": "3", "catatan": "Dari Budi.", how: 1}
    assert [status for status, _ in at_once(*[lambda: budi.save(**typed)] * 2)] == [200, 200]
    assert budi.save(**typed)[0] == 200
    stored = Response.objects.get()
    assert (stored.value, stored.note, stored.version) == ({"level": 3}, note, 2)
    assert told() == [(1, "Dari Sari."), (2, note)]


def test_a_choice_between_two_is_asked_again_when_a_third_came_in_between():
    submission = make_work()
    [response] = answers(submission)
    sari, budi, tini = (Tab(operator(submission), response) for _ in range(3))
    sari.save(catatan="Dari Sari.")
    assert budi.save(catatan="Dari Budi.")[0] == 409
    assert tini.save(catatan="Dari Tini.", versi=1)[0] == 200
    for how in ("timpa", "gabung"):
        status, text = budi.save(catatan="Dari Budi.", **{how: 1})
        assert (status, NEWER.findall(text)) == (409, ["2"])
        assert "Dari Tini." in text
    assert told() == [(1, "Dari Sari."), (2, "Dari Tini.")]


def test_an_old_form_sent_again_does_not_bring_an_old_value_back():
    submission = make_work()
    [response] = answers(submission)
    sari, budi = (Tab(operator(submission), response) for _ in range(2))
    sari.save(catatan="Dari Sari.")
    budi.save(catatan="Dari Budi.", versi=1)
    assert sari.save(catatan="Dari Sari.")[0] == 409
    assert Response.objects.get().note == "Dari Budi."


def test_whoever_replaces_a_value_has_seen_it_in_any_order_of_many():
    submission = make_work()
    [response] = answers(submission)
    people = [operator(submission) for _ in range(3)]
    seen: dict[int, set[int]] = defaultdict(lambda: {0})

    def work(person: User) -> None:
        tab, version = Tab(person, response), 0
        for turn in range(12):
            typed = {"tingkat": str(turn % 5), "catatan": f"{person.pk} ke-{turn}"}
            status, text = tab.save(versi=version, **typed)
            while status == 409:
                [shown] = NEWER.findall(text)
                seen[person.pk].add(int(shown))
                status, text = tab.save(versi=version, timpa=shown, **typed)
            assert status == 200
            version = int(STORED.findall(text)[0]) if STORED.search(text) else version + 1
            seen[person.pk].add(version)

    at_once(*[lambda person=person: work(person) for person in people])
    events = list(Event.objects.filter(verb=Verb.ANSWER).order_by("pk"))
    assert [each.data["version"] for each in events] == list(range(1, 37))
    notes = [each.data["to"]["note"] for each in events]
    assert [each.data["from"]["note"] for each in events] == ["", *notes[:-1]]
    for each in events:
        assert each.data["version"] - 1 in seen[each.by_id]


def test_handing_in_with_a_double_click_happens_once_and_holds_what_was_saved():
    for _ in range(5):
        submission = make_work()
        [response] = answers(submission)
        by = operator(submission)
        tabs = [Tab(by, response) for _ in range(2)]
        tabs[0].save(tingkat="1")
        assert at_once(*[tab.hand_in for tab in tabs]) == [302, 302]
        assert Submission.objects.get(pk=submission.pk).state == State.SUBMITTED
        assert submission.events.filter(verb=Verb.SUBMIT).count() == 1
        # The browser's Back shows the form as it was: it says so, and changes nothing.
        status, text = tabs[1].save(tingkat="3", versi=1)
        assert (status, "sudah diajukan" in text) == (422, True)
        assert Response.objects.get(pk=response.pk).value == {"level": 1}


def test_the_office_and_the_verifikator_on_its_behalf_meet_as_two_people_do():
    submission = make_work()
    [response] = answers(submission)
    office = Tab(operator(submission), response)
    helper = Tab(verifikator(submission), response)
    replies = at_once(
        lambda: office.save(catatan="Dari kantor."), lambda: helper.save(catatan="Mewakili.")
    )
    assert sorted(status for status, _ in replies) == [200, 409]
    assert Response.objects.get().version == 1
