"""Two at the same moment, each on a connection of its own: one stage of a name, one tick a person,
and of two workbooks each row saved once.
"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from submissions.actions import answering
from submissions.actions.entering import tick_entry
from submissions.actions.importing import Change, ImportRefusedError, answer_many
from submissions.actions.record import RefusedError
from submissions.actions.stages import Given, store_stage
from submissions.models import EntryTick, Event, Response, Stage, Verb
from tests.at_once import at_once
from tests.factories import make_user, make_work
from tests.submissions import recaps

NOW = datetime(2024, 6, 3, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_store_the_same_stage_at_once_one_is_told():
    found = recaps.year()

    def store(points):
        given = [Given(2, "pertanyaan", "1.1", Decimal(points))]
        try:
            return store_stage(
                found.assessment, name="Akhir", held_on=None, given=given, accept=False, version=0,
                by=found.verifikator, now=NOW,
            )  # fmt: skip
        except RefusedError as error:
            return str(error)

    told = at_once(lambda: store("5"), lambda: store("6"))
    assert sum(isinstance(each, Stage) for each in told) == 1
    assert sum("baru saja disimpan orang lain" in str(each) for each in told) == 1
    assert (Stage.objects.count(), Event.objects.filter(verb=Verb.STAGE).count()) == (1, 1)
    assert Stage.objects.get().results.count() == 1


def test_a_tick_that_is_pressed_twice_at_once_is_one_tick():
    found = recaps.year()
    question = found.instrument.questions.first()
    deed = lambda: tick_entry(  # noqa: E731
        found.assessment, question, told="a", by=found.verifikator, now=NOW
    )
    at_once(deed, deed)
    assert EntryTick.objects.count() == 1
    assert Event.objects.filter(verb=Verb.ENTER).count() == 1


def test_of_two_workbooks_of_one_office_at_once_one_is_saved_whole_and_the_other_not_at_all():
    submission = make_work(4)
    people = [make_user(agency=submission.agency) for _ in range(2)]

    def save(by, level):
        seen = {
            each.pk: each
            for each in answering.for_answering(Response.objects.filter(submission=submission))
        }
        changes = [Change(pk, {"level": level}, "", 0) for pk in seen]
        try:
            return answer_many(changes, responses=seen, only_good=False, by=by, now=NOW)
        except ImportRefusedError as error:
            return str(error)

    told = at_once(lambda: save(people[0], 0), lambda: save(people[1], 1))
    assert sorted(map(str, told)) == ["(4, {})", "Baru saja diubah orang lain."]
    assert len(set(Response.objects.values_list("claim_level", flat=True))) == 1
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 4
