"""What is supposed: efforts and scenarios, which change no figure, and never get lost quietly."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from agencies.roles import Role
from submissions.actions.planning import SCENARIOS, drop_scenario, save_scenario, set_efforts
from submissions.actions.record import RefusedError
from submissions.models import Effort, Event, Response, Scenario
from tests.at_once import told_at_once
from tests.factories import make_user
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 3, 4, 5, 0, tzinfo=UTC)


@pytest.fixture
def found():
    return by_hand.world()


def question(found, code):
    return found.assessment.instrument.questions.get(code=code).pk


def judge(found, wanted, shown=None, by="verifikator"):
    return set_efforts(
        found.assessment,
        wanted={question(found, code): level for code, level in wanted.items()},
        shown={question(found, code): level for code, level in (shown or {}).items()},
        by=found.users[by],
        now=NOW,
    )


def keep(found, name="Utama", by="verifikator", **changes):
    values = {"basis": "penuh", "picks": ["1.3"], "dates": {"dinas": date(2024, 3, 20)}} | changes
    return save_scenario(found.assessment, name=name, by=found.users[by], now=NOW, **values)


def levels(found):
    return dict(found.assessment.efforts.values_list("question__code", "level"))


def test_only_what_changed_is_stored_with_one_event(found):
    assert judge(found, {"1.3": 5, "3.1": 3, "3.2": 1}) == 2
    assert levels(found) == {"1.3": 5, "3.2": 1}
    event = Event.objects.get(verb="effort")
    assert event.data == {"efforts": {"1.3": [3, 5], "3.2": [3, 1]}}
    assert judge(found, {"1.3": 5, "3.2": 1}, {"1.3": 5, "3.2": 1}) == 0
    assert Event.objects.filter(verb="effort").count() == 1


def test_two_who_judge_different_questions_both_keep_theirs(found):
    judge(found, {"1.3": 5})
    judge(found, {"1.3": 3, "3.2": 1})  # the second page was opened before the first was sent
    assert levels(found) == {"1.3": 5, "3.2": 1}


def test_who_judges_the_same_on_an_old_page_is_told_and_nothing_is_stored(found):
    judge(found, {"1.3": 5})
    with pytest.raises(RefusedError, match=r"1\.3 \(kini 5\)"):
        judge(found, {"1.3": 2, "3.2": 1})
    assert levels(found) == {"1.3": 5}


def test_an_effort_is_a_number_from_one_to_five(found):
    for level in (0, 6):
        with pytest.raises(RefusedError, match="1 sampai 5"):
            judge(found, {"1.3": level})
    assert levels(found) == {}


def test_a_question_of_another_instrument_has_no_effort_here(found):
    other = by_hand.instrument("lain").questions.get(code="1.3")
    by = found.users["verifikator"]
    assert set_efforts(found.assessment, wanted={other.pk: 5}, shown={}, by=by, now=NOW) == 0
    assert Effort.objects.count() == 0


@pytest.mark.parametrize("who", ["operator", "pimpinan"])
def test_only_the_verifikator_judges_efforts(found, who):
    with pytest.raises(PermissionDenied):
        judge(found, {"1.3": 5}, by=who)


def test_a_scenario_is_kept_by_name_and_changes_no_answer(found):
    before = list(Response.objects.order_by("pk").values())
    made = keep(found, "  Utama   lewat dinas ", by="pimpinan")
    assert (made.name, made.picks, made.dates) == (
        "Utama lewat dinas",
        ["1.3"],
        {"dinas": "2024-03-20"},
    )
    assert list(Response.objects.order_by("pk").values()) == before
    assert Event.objects.get(verb="scenario").data == {"name": "Utama lewat dinas", "questions": 1}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "  "}, "Beri nama"),
        ({"name": "x" * 81}, "paling panjang 80"),
        ({"picks": []}, "Belum ada pertanyaan"),
    ],
)
def test_what_cannot_be_kept_says_why(found, changes, sentence):
    with pytest.raises(RefusedError, match=sentence):
        keep(found, **changes)
    assert Scenario.objects.count() == 0


def test_a_name_is_used_once_and_the_list_stays_readable(found):
    keep(found)
    with pytest.raises(RefusedError, match="sudah dipakai"):
        keep(found)
    for number in range(SCENARIOS - 1):
        keep(found, f"Skenario {number}")
    with pytest.raises(RefusedError, match="Hapus dahulu"):
        keep(found, "satu lagi")
    assert Scenario.objects.count() == SCENARIOS


def test_a_scenario_that_is_dropped_stays_in_the_history(found):
    made = keep(found)
    drop_scenario(made, by=found.users["verifikator"], now=NOW)
    drop_scenario(made, by=found.users["verifikator"], now=NOW)
    assert Scenario.objects.count() == 0
    kept = [event.data.get("dropped", False) for event in Event.objects.filter(verb="scenario")]
    assert sorted(kept) == [False, True]


def test_nobody_keeps_or_drops_one_of_another_city_or_as_an_operator(found):
    made = keep(found)
    far = make_user(Role.VERIFIKATOR)
    for by in (far, found.users["operator"]):
        with pytest.raises(PermissionDenied):
            drop_scenario(made, by=by, now=NOW)
        with pytest.raises(PermissionDenied):
            save_scenario(
                found.assessment, name="x", basis="penuh", picks=["1.3"], dates={}, by=by, now=NOW
            )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_the_same_at_once_one_is_told():
    found = by_hand.world()
    pk = question(found, "1.3")

    def judge(level):
        wanted = {"wanted": {pk: level}, "shown": {}, "by": found.users["verifikator"]}
        return set_efforts(found.assessment, now=NOW, **wanted)

    told = told_at_once(lambda: judge(1), lambda: judge(5))
    assert sorted(told, key=str) == [RefusedError, None]
    assert Effort.objects.get().level in {1, 5}
