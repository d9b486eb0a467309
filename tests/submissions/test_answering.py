"""The operator's verbs, called straight: what is stored, who may, from where, and two at once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import answering, handing_in, reviewing
from submissions.actions.handing_in import Lack
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Assessment, Event, Evidence, EvidenceLink, Response, Submission, Verb
from submissions.workflow import State, Verdict
from tests.at_once import at_once, told_at_once
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    make_work,
    publish,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 20, 3, 42, tzinfo=UTC)
TODAY = date(2024, 3, 20)


def answers(submission) -> list[Response]:
    found = submission.responses.order_by("question__order")
    return list(answering.for_answering(found))


def operator(submission, **changes):
    return make_user(Role.OPERATOR, agency=submission.agency, **changes)


def verifikator(submission):
    return make_user(Role.VERIFIKATOR, region=submission.agency.region)


def say(response, by, value=None, **changes):
    values = {
        "value": {"level": 0} if value is None else value,
        "note": "",
        "version": response.version,
        "by": by,
        "now": NOW,
    }
    return answering.answer(response, **(values | changes))


def attach(response, by):
    evidence = Evidence.objects.create(
        agency=response.agency, name="SK", url="https://contoh.example/sk", created_by=by
    )
    return EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)


def send(submission, by, **changes):
    values = {"reason": "", "by": by, "today": TODAY, "now": NOW}
    return handing_in.submit(submission, **(values | changes))


def state_of(submission) -> str:
    return Submission.objects.values_list("state", flat=True).get(pk=submission.pk)


# --- one answer ----------------------------------------------------------------------------------

VALUES = [
    ("choice", {"level": 1}, {"level": 1}, 1, "0.75"),
    ("graded", {"level": 2}, {"level": 2}, 2, "0"),
    ("threshold", {"numerator": "12", "denominator": "15"}, None, 1, "0.75"),
    ("threshold", {"numerator": "0", "denominator": "15"}, None, 4, "0"),
    ("threshold", {"numerator": "12", "denominator": None}, {"numerator": "12"}, None, None),
    ("threshold", {"numerator": "", "denominator": ""}, "empty", None, None),
    (
        "threshold",
        {"numerator": "1.50", "denominator": "03"},
        {"numerator": "1.5", "denominator": "3"},
        2,
        "0.5",
    ),
    ("trend", {"values": ["80.5", "82"]}, None, 0, "1"),
    ("trend", {"values": ["80.5", None]}, {"values": ["80.5", None]}, None, None),
    ("trend", {"values": [None, ""]}, "empty", None, None),
    ("area_share", {"yes": True}, None, 0, "1"),
    ("area_share", {"yes": False}, None, 1, "0"),
    ("choice", {}, "empty", None, None),
]


@pytest.mark.parametrize(("mode", "sent", "kept", "level", "share"), VALUES)
def test_an_answer_is_stored_with_the_level_that_it_claims(mode, sent, kept, level, share):
    submission = make_work(mode=mode)
    by, [response] = operator(submission), answers(submission)
    say(response, by, sent, note="  Lihat SK.\r\nHalaman 2.  ")
    [stored] = answers(submission)
    assert stored.value == (None if kept == "empty" else kept or sent)
    assert (stored.claim_level, stored.claim_share) == (level, share and Decimal(share))
    assert (stored.note, stored.version, stored.changed_at, stored.changed_by) == (
        "Lihat SK.\nHalaman 2.",
        1,
        NOW,
        by,
    )
    assert stored.answered_at == (None if level is None else NOW)


@pytest.mark.parametrize(
    ("mode", "sent"),
    [
        ("choice", {"level": 5}),
        ("choice", {"level": -1}),
        ("choice", {"level": "0"}),
        ("choice", {"level": True}),
        ("choice", {"yes": True}),
        ("area_share", {"yes": "ya"}),
        ("area_share", {"level": 0}),
        ("threshold", {"numerator": "1", "denominator": "0"}),
        ("threshold", {"numerator": "-1", "denominator": "2"}),
        ("threshold", {"numerator": "satu", "denominator": "2"}),
        ("threshold", {"numerator": "NaN", "denominator": "2"}),
        ("threshold", {"numerator": "1e30", "denominator": "2"}),
        ("threshold", {"numerator": "0.1234567", "denominator": "2"}),
        ("trend", {"values": ["1"]}),
        ("trend", {"values": "12"}),
        ("trend", {"values": ["1", "Infinity"]}),
    ],
)
def test_a_value_that_does_not_fit_the_rubric_is_a_sentence_and_changes_nothing(mode, sent):
    submission = make_work(mode=mode)
    [response] = answers(submission)
    with pytest.raises(RefusedError):
        say(response, operator(submission), sent)
    assert answers(submission)[0].version == 0
    assert state_of(submission) == State.EMPTY


def test_the_first_save_starts_the_draft_and_each_save_leaves_one_event():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    saved = say(response, by)
    say(saved, by, {"level": 2}, note="Baru sebagian.")
    assert state_of(submission) == State.DRAFT
    told = Event.objects.filter(submission=submission).order_by("pk")
    assert list(told.values_list("verb", "by", "on_behalf", "at")) == [
        (Verb.START, by.pk, False, NOW),
        (Verb.ANSWER, by.pk, False, NOW),
        (Verb.ANSWER, by.pk, False, NOW),
    ]
    assert told.last().data == {
        "version": 2,
        "from": {"value": {"level": 0}, "note": "", "level": 0},
        "to": {"value": {"level": 2}, "note": "Baru sebagian.", "level": 2},
    }


def test_an_answer_that_is_cleared_is_unanswered_again():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    saved = say(response, by)
    say(saved, by, {}, note="")
    [stored] = answers(submission)
    assert (stored.value, stored.claim_level, stored.claim_share, stored.answered_at) == (
        None,
        None,
        None,
        None,
    )
    assert stored.version == 2


@pytest.mark.parametrize("version", [0, 1, 7])
def test_the_same_sent_again_is_the_same_and_leaves_no_event(version):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by, note="Sama.")
    events = Event.objects.count()
    again = say(response, by, note="Sama.", version=version)
    assert (again.version, Event.objects.count()) == (1, events)


def test_another_value_on_an_old_version_is_stale_and_says_whose_the_newer_is():
    submission = make_work()
    first, second = operator(submission), operator(submission)
    [response] = answers(submission)
    say(response, first, note="Saya dulu.")
    with pytest.raises(StaleError) as stale:
        say(response, second, {"level": 3}, note="Saya juga.")
    current = stale.value.current
    assert (current.value, current.note, current.changed_by, current.version) == (
        {"level": 0},
        "Saya dulu.",
        first,
        1,
    )
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 1


def test_a_save_takes_three_queries_and_the_first_of_a_submission_six(django_assert_num_queries):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    assert response.question.rubric.scale.levels  # kept in the process from now on
    with django_assert_num_queries(6 + 2):  # within a test the savepoint counts as two
        say(response, by)
    [read] = answers(submission)
    with django_assert_num_queries(3 + 2):
        say(read, by, {"level": 1})


def test_a_support_writes_a_note_and_gives_no_value():
    submission = make_work()
    submission.responses.update(role=AssignmentRole.SUPPORT)
    by, [response] = operator(submission), answers(submission)
    with pytest.raises(RefusedError):
        say(response, by)
    say(response, by, {}, note="SK ada pada kami.")
    [stored] = answers(submission)
    assert (stored.claim_level, stored.answered_at, stored.note) == (
        None,
        NOW,
        "SK ada pada kami.",
    )
    say(stored, by, {}, note="")
    assert answers(submission)[0].answered_at is None


def test_a_note_has_an_end():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by, note="a" * 4000)
    with pytest.raises(RefusedError):
        say(answers(submission)[0], by, note="a" * 4001)


def returned(submission, by):
    """Submitted and returned, each answer with a note."""
    for response in answers(submission):
        say(response, by)
    send(submission, by)
    reader = verifikator(submission)
    for response in answers(submission):
        reviewing.review(
            response,
            version=response.version,
            seen_review=None,
            verdict=Verdict.RETURNED.value,
            note="SK belum ditandatangani.",
            by=reader,
            now=NOW,
        )
    reviewing.finish(submission, by=reader, today=TODAY, now=NOW)
    submission.refresh_from_db()


def test_a_returned_answer_that_changes_waits_again_and_keeps_what_was_said():
    submission = make_work()
    by = operator(submission)
    returned(submission, by)
    [response] = answers(submission)
    assert response.verdict == Verdict.RETURNED
    say(response, by, {"level": 1})
    [mended] = answers(submission)
    assert (mended.verdict, mended.last_review.note) == ("", "SK belum ditandatangani.")
    assert (mended.last_review.value, mended.value) == ({"level": 0}, {"level": 1})


@pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED])
def test_what_is_with_the_verifikator_or_accepted_is_not_changed(state):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    Submission.objects.filter(pk=submission.pk).update(state=state.value)
    with pytest.raises(RefusedError):
        say(response, by)
    assert answers(submission)[0].version == 0


def test_an_accepted_answer_holds_still_in_a_returned_submission():
    submission = make_work(2)
    by = operator(submission)
    Submission.objects.filter(pk=submission.pk).update(state=State.RETURNED.value)
    first, second = answers(submission)
    Response.objects.filter(pk=first.pk).update(
        verdict=Verdict.ACCEPTED.value, verified_level=0, verified_share=1
    )
    with pytest.raises(RefusedError):
        say(first, by)
    say(second, by)
    assert [each.version for each in answers(submission)] == [0, 1]


def close(response):
    Assessment.objects.update(closed_at=NOW)


def hand_in(response):
    send(response.submission, operator(response.submission))


def empty_out(response):
    Submission.objects.update(emptied_at=NOW)


def accept(response):
    Response.objects.update(verdict=Verdict.ACCEPTED)


def move_elsewhere(response):
    other = Submission.objects.get(pk=response.submission_id)
    other.pk, other.agency = None, make_agency(response.agency.region)
    other.save()
    Response.objects.update(submission=other)


MEANWHILE = [
    (close, "sudah ditutup"),
    (hand_in, "sudah diajukan"),
    (empty_out, "sudah diajukan"),
    (accept, "sudah diterima verifikator"),
    (move_elsewhere, "baru saja dialihkan ke"),
]


@pytest.mark.parametrize(("happens", "sentence"), MEANWHILE)
def test_what_happened_since_an_answer_was_read_keeps_a_save_out(happens, sentence):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    [read] = answers(submission)  # a draft, not judged, in an open year: it may be saved
    happens(response)
    stored = Response.objects.values().get()
    events = Event.objects.count()
    with pytest.raises(RefusedError, match=sentence):
        say(read, by, {"level": 1})
    assert (Response.objects.values().get(), Event.objects.count()) == (stored, events)


def test_what_was_read_stays_as_it_was_read():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    [read] = answers(submission)
    saved = say(read, by, {"level": 1})
    assert (read.version, read.value, saved.version, saved.value) == (
        1, {"level": 0}, 2, {"level": 1},
    )  # fmt: skip


def test_a_closed_year_is_not_changed():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    Assessment.objects.update(closed_at=NOW)
    with pytest.raises(RefusedError):
        say(response, by)
    with pytest.raises(RefusedError):
        send(submission, by, reason="Tetap.")


# --- what is missing, and handing in -------------------------------------------------------------


def test_what_is_missing_is_said_with_the_points_that_it_costs():
    submission = make_work(6, evidence_required=True)
    by = operator(submission)
    unanswered, claimed, proven, nothing, mended, supports = answers(submission)
    say(claimed, by, {"level": 1})
    say(proven, by)
    attach(proven, by)
    say(nothing, by, {"level": 4})
    say(mended, by)
    Response.objects.filter(pk=mended.pk).update(verdict=Verdict.RETURNED.value)
    Response.objects.filter(pk=supports.pk).update(role=AssignmentRole.SUPPORT)
    found = [(each.response.pk, each.points, each.what) for each in handing_in.missing(submission)]
    assert found == [
        (unanswered.pk, Decimal("10.00"), Lack.ANSWER),
        (claimed.pk, Decimal("7.50"), Lack.EVIDENCE),
        (mended.pk, Decimal("10.00"), Lack.MENDING),
        (supports.pk, Decimal("0.00"), Lack.SUPPORT),
    ]


def test_an_area_answer_is_worth_its_part_of_the_question():
    instrument = make_instrument()
    question = make_question(make_indicator(instrument), "area_share", level="kelurahan")
    region = make_region()
    areas = [make_agency(region, kind="kelurahan") for _ in range(4)]
    for area in areas:
        assign(question, area, AssignmentRole.AREA)
    publish(instrument)
    submission = make_assessment(region, instrument).submissions.first()
    assert [each.points for each in handing_in.missing(submission)] == [Decimal("2.5")]


def test_what_is_missing_takes_the_same_queries_for_any_number(django_assert_num_queries):
    for questions in (1, 20):
        submission = make_work(questions)
        with django_assert_num_queries(1):
            assert len(handing_in.missing(submission)) == questions


def test_handing_in_says_who_and_when():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    send(submission, by, reason="Tidak perlu.")
    submission.refresh_from_db()
    assert (submission.state, submission.submitted_at, submission.submitted_by) == (
        State.SUBMITTED,
        NOW,
        by,
    )
    assert submission.submit_reason == ""
    event = Event.objects.get(verb=Verb.SUBMIT)
    assert (event.by, event.data) == (by, {"missing": 0, "reason": ""})


def test_the_incomplete_is_handed_in_only_with_a_reason():
    submission = make_work(2)
    by = operator(submission)
    say(answers(submission)[0], by)
    with pytest.raises(RefusedError):
        send(submission, by, reason="  ")
    assert state_of(submission) == State.DRAFT
    send(submission, by, reason=" Data menyusul. ")
    submission.refresh_from_db()
    assert (submission.state, submission.submit_reason) == (State.SUBMITTED, "Data menyusul.")
    assert Event.objects.get(verb=Verb.SUBMIT).data == {"missing": 1, "reason": "Data menyusul."}


def test_handing_in_thrice_happens_once():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    for _ in range(3):
        assert send(submission, by).state == State.SUBMITTED
    assert Event.objects.filter(verb=Verb.SUBMIT).count() == 1


def test_handing_in_what_a_colleague_handed_in_is_stale():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    send(submission, by)
    with pytest.raises(StaleError) as stale:
        send(submission, operator(submission))
    assert stale.value.current.submitted_by_id == by.pk


@pytest.mark.parametrize(("days", "sent"), [(-1, True), (0, True), (1, False)])
def test_a_due_date_is_the_last_day(days, sent):
    submission = make_work()
    Submission.objects.filter(pk=submission.pk).update(due_on=TODAY)
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    if sent:
        send(submission, by, today=TODAY + timedelta(days=days))
    else:
        with pytest.raises(RefusedError) as refused:
            send(submission, by, today=TODAY + timedelta(days=days))
        assert "20 Maret 2024" in str(refused.value)
        assert "tersimpan sebagai draf" in str(refused.value)
    assert state_of(submission) == (State.SUBMITTED if sent else State.DRAFT)


def test_what_was_returned_and_left_waits_for_its_verdict_again():
    submission = make_work(2)
    by = operator(submission)
    returned(submission, by)
    say(answers(submission)[0], by, {"level": 1})
    with pytest.raises(RefusedError):
        send(submission, by)
    send(submission, by, reason="Yang kedua sudah benar.")
    assert [each.verdict for each in answers(submission)] == ["", ""]


def test_what_nobody_has_read_can_be_taken_back():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    send(submission, by)
    handing_in.withdraw(submission, by=by, now=NOW)
    submission.refresh_from_db()
    assert (submission.state, submission.submitted_at, submission.submitted_by) == (
        State.DRAFT,
        None,
        None,
    )
    assert Event.objects.filter(verb=Verb.WITHDRAW).count() == 1


def test_what_is_being_reviewed_is_not_taken_back():
    submission = make_work(2)
    by = operator(submission)
    for response in answers(submission):
        say(response, by)
    send(submission, by)
    first = answers(submission)[0]
    reviewing.review(
        first,
        version=first.version,
        seen_review=None,
        verdict="diterima",
        level=0,
        by=verifikator(submission),
        now=NOW + timedelta(minutes=1),
    )
    with pytest.raises(RefusedError):
        handing_in.withdraw(submission, by=by, now=NOW)
    assert state_of(submission) == State.SUBMITTED


def test_a_verdict_on_what_was_taken_back_and_sent_again_is_stale():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    say(response, by)
    send(submission, by)
    [seen] = answers(submission)
    handing_in.withdraw(submission, by=by, now=NOW)
    send(submission, by)
    with pytest.raises(StaleError):
        reviewing.review(
            seen,
            version=seen.version,
            seen_review=None,
            verdict="diterima",
            level=0,
            by=verifikator(submission),
            now=NOW,
        )


@pytest.mark.parametrize("state", [s for s in State if s is not State.SUBMITTED])
def test_only_what_was_handed_in_is_taken_back(state):
    submission = make_work()
    Submission.objects.filter(pk=submission.pk).update(state=state.value)
    with pytest.raises(StaleError):
        handing_in.withdraw(submission, by=operator(submission), now=NOW)
    assert state_of(submission) == state


# --- who may -------------------------------------------------------------------------------------

VERBS = {
    "answer": lambda s, by: say(answers(s)[0], by),
    "submit": lambda s, by: send(s, by, reason="Tetap."),
    "withdraw": lambda s, by: handing_in.withdraw(s, by=by, now=NOW),
}
WHO = [
    (Role.OPERATOR, "own", True),
    (Role.OPERATOR, "region", False),
    (Role.OPERATOR, "other", False),
    (Role.VERIFIKATOR, "region", True),
    (Role.VERIFIKATOR, "other", False),
    (Role.PIMPINAN, "region", False),
    (Role.ADMINISTRATOR, "region", False),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("role", "where", "may"), WHO)
def test_the_agency_answers_or_the_verifikator_on_its_behalf(verb, role, where, may):
    submission = make_work()
    if verb == "withdraw":
        Submission.objects.filter(pk=submission.pk).update(state=State.SUBMITTED.value)
    region = make_region() if where == "other" else submission.agency.region
    agency = {"own": submission.agency}.get(where) or make_agency(region)
    by = make_user(role, region=region, agency=agency)
    before = list(Response.objects.values()), list(Submission.objects.values())
    if may:
        VERBS[verb](submission, by)
        behalf = role is Role.VERIFIKATOR
        assert set(submission.events.values_list("on_behalf", flat=True)) == {behalf}
    else:
        with pytest.raises(PermissionDenied):
            VERBS[verb](submission, by)
        assert (list(Response.objects.values()), list(Submission.objects.values())) == before
        assert submission.events.count() == 0


# --- two at once ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_who_save_forty_times_each_lose_nothing_unseen():
    submission = make_work(mode="threshold")
    people = [operator(submission), operator(submission)]
    pk = answers(submission)[0].pk

    def work(person):
        won = told = 0
        for turn in range(40):
            response = answering.for_answering(Response.objects.all()).get(pk=pk)
            value = {"numerator": str(turn), "denominator": str(100 + person.pk)}
            try:
                say(response, person, value, note=f"{person.pk} {turn}")
                won += 1
            except StaleError:
                told += 1
        return won, told

    results = at_once(*[partial(work, each) for each in people])
    won, told = (sum(each) for each in zip(*results, strict=True))
    assert won + told == 80
    assert Response.objects.get(pk=pk).version == won
    assert Event.objects.filter(verb=Verb.ANSWER).count() == won
    assert Event.objects.filter(verb=Verb.START).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_save_and_a_handing_in_at_once_never_change_what_is_with_the_verifikator():
    for _ in range(10):
        submission = make_work()
        by, [response] = operator(submission), answers(submission)
        say(response, by)
        [response] = answers(submission)
        typed, sent = told_at_once(
            partial(say, response, by, {"level": 3}), partial(send, submission, by)
        )
        verbs = list(submission.events.order_by("pk").values_list("verb", flat=True))
        expected = [Verb.SUBMIT] if typed is RefusedError else [Verb.ANSWER, Verb.SUBMIT]
        assert (sent, verbs[2:]) == (None, expected)
        assert answers(submission)[0].version == (1 if typed is RefusedError else 2)
    assert connection.in_atomic_block is False
