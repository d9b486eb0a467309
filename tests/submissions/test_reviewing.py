"""The verifikator's verbs, called straight: who may, from which state, and what they leave."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import arranging, reviewing
from submissions.actions.record import RefusedError, StaleError
from submissions.models import (
    Event,
    EvidenceLink,
    Response,
    Review,
    ReviewDraft,
    Submission,
    Verb,
)
from submissions.workflow import State, Verdict
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
from tests.submissions.review_case import (
    ACCEPT,
    NOW,
    RETURN,
    TODAY,
    answers,
    attach,
    hand_in,
    say,
    submitted,
    verifikator,
)

pytestmark = pytest.mark.django_db

# --- one verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "share"), [(0, "1"), (1, "0.75"), (2, "0.5"), (3, "0.25"), (4, "0")]
)
def test_accepting_stores_the_level_that_was_proven(level, share):
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    given = say(answer, by, level=level, note="  Cukup.  ")
    [stored] = answers(submission)
    assert (stored.verdict, stored.verified_level, stored.verified_share) == (
        ACCEPT,
        level,
        Decimal(share),
    )
    assert stored.last_review == given
    assert (given.version, given.level, given.share, given.note, given.value) == (
        1,
        level,
        Decimal(share),
        "Cukup.",
        {"level": 0},
    )
    event = Event.objects.get(verb=Verb.REVIEW)
    assert (event.response_id, event.by, event.data["review"], event.on_behalf) == (
        answer.pk,
        by,
        given.pk,
        False,
    )


def test_returning_clears_what_was_proven_and_keeps_the_claim():
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    say(answer, by)
    [seen] = answers(submission)
    say(seen, by, RETURN)
    [stored] = answers(submission)
    assert (stored.verdict, stored.verified_level, stored.verified_share) == (RETURN, None, None)
    assert (stored.claim_level, stored.claim_share) == (0, Decimal(1))
    assert stored.last_review.note == "SK belum ditandatangani."
    assert Review.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"verdict": RETURN, "level": None, "note": " "}, "Tulis catatan"),
        ({"level": None}, "Pilih tingkat"),
        ({"level": 5}, "Pilih tingkat"),
        ({"level": -1}, "Pilih tingkat"),
        ({"verdict": ""}, "Pilih terima atau kembalikan"),
        ({"verdict": "disetujui"}, "Pilih terima atau kembalikan"),
    ],
)
def test_a_verdict_that_says_too_little_is_refused_with_a_sentence(changes, sentence):
    submission = submitted()
    [answer] = answers(submission)
    with pytest.raises(RefusedError) as refused:
        say(answer, verifikator(submission), **changes)
    assert str(refused.value).startswith(sentence)
    assert (Review.objects.count(), Event.objects.filter(verb=Verb.REVIEW).count()) == (0, 0)


@pytest.mark.parametrize("mode", ["choice", "threshold", "trend", "graded", "area_share"])
def test_every_kind_of_question_can_be_accepted_at_each_of_its_levels(mode):
    submission = submitted(mode=mode)
    by = verifikator(submission)
    [answer] = answers(submission)
    for level, option in enumerate(answer.question.rubric.scale.options()):
        [answer] = answers(submission)
        say(answer, by, level=level)
        [answer] = answers(submission)
        assert (answer.verified_level, answer.verified_share) == (level, option.share)


@pytest.mark.parametrize(("level", "passes"), [(0, False), (3, False), (4, True)])
def test_an_answer_without_a_claim_passes_only_at_the_level_of_nothing(level, passes):
    submission = submitted(claimed=False)
    by, [answer] = verifikator(submission), answers(submission)
    if passes:
        assert say(answer, by, level=level).share == Decimal(0)
        return
    with pytest.raises(RefusedError):
        say(answer, by, level=level)
    assert answers(submission)[0].verdict == Verdict.NONE


@pytest.mark.parametrize(
    ("required", "attached", "level", "reason", "passes", "marked"),
    [
        (True, False, 0, "", False, ""),
        (True, False, 0, "   ", False, ""),
        (True, False, 0, "Dilihat langsung.", True, "Dilihat langsung."),
        (True, False, 4, "", True, ""),
        (True, False, 4, "tak perlu", True, ""),
        (True, True, 0, "", True, ""),
        (True, True, 0, "tak perlu", True, ""),
        (False, False, 0, "", True, ""),
        (False, False, 0, "tak perlu", True, ""),
    ],
)
def test_nothing_unproven_passes_for_proven(required, attached, level, reason, passes, marked):
    submission = submitted(evidence_required=required)
    by, [answer] = verifikator(submission), answers(submission)
    if attached:
        attach(answer, by)
    if not passes:
        with pytest.raises(RefusedError):
            say(answer, by, level=level, unproven_reason=reason)
        assert answers(submission)[0].verified_share is None
        return
    given = say(answer, by, level=level, unproven_reason=reason)
    assert (given.unproven_reason, answers(submission)[0].unproven_reason) == (marked, marked)


def test_evidence_that_was_taken_away_is_no_evidence():
    submission = submitted(evidence_required=True)
    by, [answer] = verifikator(submission), answers(submission)
    attach(answer, by)
    EvidenceLink.objects.update(removed_at=NOW, removed_by=by)
    with pytest.raises(RefusedError):
        say(answer, by)


def test_the_evidence_that_was_seen_stays_with_the_verdict():
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    evidence = attach(answer, by)
    given = say(answer, by)
    EvidenceLink.objects.update(removed_at=NOW, removed_by=by)
    assert list(given.evidence.all()) == [evidence]


def test_a_supports_answer_is_accepted_without_a_level():
    submission = submitted()
    [answer] = answers(submission)
    Response.objects.filter(pk=answer.pk).update(
        role=AssignmentRole.SUPPORT, claim_level=None, claim_share=None, value=None
    )
    [answer] = answers(submission)
    given = say(answer, verifikator(submission), level=3)
    [stored] = answers(submission)
    assert (given.level, given.share, stored.verdict, stored.verified_share) == (
        None,
        None,
        ACCEPT,
        None,
    )


def test_the_same_verdict_again_by_the_same_person_is_one_verdict():
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    first = say(answer, by, note="Baik.")
    for _ in range(2):
        assert say(answer, by, note="Baik.") == first
    assert (Review.objects.count(), Event.objects.filter(verb=Verb.REVIEW).count()) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"level": 1},
        {"note": "Lain."},
        {"verdict": RETURN, "level": None, "note": "Lain."},
    ],
)
def test_another_verdict_by_someone_who_has_not_seen_the_first_is_told_of_it(other):
    submission = submitted()
    [answer] = answers(submission)
    first = say(answer, verifikator(submission))
    with pytest.raises(StaleError) as stale:
        say(answer, verifikator(submission), **other)
    assert stale.value.current.last_review == first
    assert answers(submission)[0].verified_level == 0
    assert Review.objects.count() == 1


def test_even_the_same_verdict_of_a_second_person_is_told_of_the_first():
    submission = submitted()
    [answer] = answers(submission)
    say(answer, verifikator(submission))
    with pytest.raises(StaleError):
        say(answer, verifikator(submission))


def test_a_second_person_who_saw_the_first_verdict_may_give_another():
    submission = submitted()
    say(answers(submission)[0], verifikator(submission))
    second = verifikator(submission)
    given = say(answers(submission)[0], second, level=2)
    [stored] = answers(submission)
    assert (stored.last_review, stored.verified_level, given.by) == (given, 2, second)


def test_an_answer_that_was_saved_again_is_not_judged_on_what_was_seen():
    submission = submitted()
    [seen] = answers(submission)
    submission.responses.update(version=2, note="Diubah.")
    with pytest.raises(StaleError) as stale:
        say(seen, verifikator(submission))
    assert (stale.value.current.version, stale.value.current.note) == (2, "Diubah.")
    assert answers(submission)[0].verdict == Verdict.NONE


def test_a_closed_year_is_not_judged_any_more():
    submission = submitted()
    submission.assessment.closed_at = NOW
    submission.assessment.save(update_fields=["closed_at"])
    [answer] = answers(submission)
    with pytest.raises(RefusedError) as refused:
        say(answer, verifikator(submission))
    assert str(refused.value).startswith("Penilaian 2024 sudah ditutup ")


# --- undo, draft, empty ones ---------------------------------------------------------------------


def test_a_verdict_taken_back_waits_again_and_stays_in_the_history():
    submission = submitted()
    by = verifikator(submission)
    given = say(answers(submission)[0], by)
    reviewing.unreview(answers(submission)[0], seen_review=given.pk, by=by, now=NOW)
    [stored] = answers(submission)
    assert (stored.verdict, stored.verified_level, stored.verified_share, stored.last_review) == (
        Verdict.NONE,
        None,
        None,
        None,
    )
    assert list(stored.reviews.all()) == [given]
    assert Event.objects.first().data["undone"] == ACCEPT


def test_a_verdict_taken_back_leaves_the_note_of_the_round_before():
    submission = submitted()
    by = verifikator(submission)
    before = say(answers(submission)[0], by, RETURN)
    submission.responses.update(verdict=Verdict.NONE.value, version=2)
    Submission.objects.update(submitted_at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    say(answers(submission)[0], by, RETURN, now=later)
    given = say(answers(submission)[0], by, now=later)
    reviewing.unreview(answers(submission)[0], seen_review=given.pk, by=by, now=NOW)
    assert answers(submission)[0].last_review == before


def test_a_verdict_that_is_not_the_seen_one_is_not_taken_back():
    submission = submitted()
    by = verifikator(submission)
    first = say(answers(submission)[0], by)
    say(answers(submission)[0], by, level=1)
    with pytest.raises(StaleError):
        reviewing.unreview(answers(submission)[0], seen_review=first.pk, by=by, now=NOW)
    assert answers(submission)[0].verified_level == 1


def test_a_draft_is_ones_own_and_goes_with_the_verdict():
    submission = submitted()
    mine, theirs = verifikator(submission), verifikator(submission)
    [answer] = answers(submission)
    for by, note in ((mine, "Saya"), (theirs, "Mereka"), (mine, "Saya lagi")):
        reviewing.save_draft(answer, seen_review=None, level=1, note=note, by=by)
    drafts = ReviewDraft.objects.order_by("pk").values_list("by", "note", "level")
    assert list(drafts) == [(mine.pk, "Saya lagi", 1), (theirs.pk, "Mereka", 1)]
    say(answer, mine)
    assert list(ReviewDraft.objects.values_list("by", flat=True)) == [theirs.pk]


def test_a_draft_of_nothing_is_no_draft():
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    reviewing.save_draft(answer, seen_review=None, level=None, note="Sesuatu", by=by)
    assert reviewing.save_draft(answer, seen_review=None, level=None, note=" ", by=by) is None
    assert ReviewDraft.objects.count() == 0


def test_a_draft_that_arrives_after_the_verdict_does_not_bring_it_back():
    submission = submitted()
    by, [answer] = verifikator(submission), answers(submission)
    say(answer, by)
    with pytest.raises(StaleError):
        reviewing.save_draft(answer, seen_review=None, level=1, note="Terlambat", by=by)
    assert ReviewDraft.objects.count() == 0


def test_what_needs_no_judgement_is_returned_in_one_go_and_nothing_else():
    submission = submitted(6, claimed=False)
    by = verifikator(submission)
    empty, claimed, proven, decided, support, silent = answers(submission)
    set_ = lambda answer, **to: Response.objects.filter(pk=answer.pk).update(**to)  # noqa: E731
    set_(claimed, value={"level": 4}, claim_level=4, claim_share=0, version=1)
    attach(proven, by)
    say(decided, by, RETURN, note="Sendiri.")
    set_(support, role=AssignmentRole.SUPPORT, note="Kami membantu.")
    set_(silent, role=AssignmentRole.SUPPORT)
    found = reviewing.without_answer(submission).order_by("question__order")
    assert list(found) == [empty, silent]
    assert reviewing.return_empty(submission, expected=2, by=by, now=NOW) == 2
    assert [each.verdict for each in answers(submission)] == [RETURN, "", "", RETURN, "", RETURN]
    events = Event.objects.filter(verb=Verb.REVIEW).values_list("response", flat=True)
    assert sorted(events) == sorted([empty.pk, decided.pk, silent.pk])
    assert answers(submission)[0].last_review.note == reviewing.EMPTY_NOTE


def test_another_number_of_empty_answers_than_was_shown_returns_none():
    submission = submitted(2, claimed=False)
    with pytest.raises(StaleError):
        reviewing.return_empty(submission, expected=3, by=verifikator(submission), now=NOW)
    assert Review.objects.count() == 0


def test_no_empty_answer_is_a_sentence():
    submission = submitted()
    with pytest.raises(RefusedError):
        reviewing.return_empty(submission, by=verifikator(submission), now=NOW)


# --- finishing, reopening, due dates -------------------------------------------------------------


def end(submission, by, **changes):
    return reviewing.finish(submission, **({"by": by, "today": TODAY, "now": NOW} | changes))


def test_finishing_counts_what_is_left():
    submission = submitted(3)
    by = verifikator(submission)
    say(answers(submission)[0], by)
    with pytest.raises(RefusedError) as refused:
        end(submission, by)
    assert str(refused.value) == "Masih ada 2 jawaban yang belum diperiksa."
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


@pytest.mark.parametrize(
    ("verdicts", "state", "verb", "due"),
    [
        ([ACCEPT, ACCEPT], State.ACCEPTED, Verb.ACCEPT, TODAY),
        ([ACCEPT, RETURN], State.RETURNED, Verb.RETURN, TODAY + timedelta(days=3)),
        ([RETURN, RETURN], State.RETURNED, Verb.RETURN, TODAY + timedelta(days=3)),
    ],
)
def test_one_returned_answer_returns_the_whole(verdicts, state, verb, due):
    submission = submitted(2)
    by = verifikator(submission)
    for answer, verdict in zip(answers(submission), verdicts, strict=True):
        say(answer, by, verdict)
    assert end(submission, by) == state
    submission.refresh_from_db()
    assert (submission.state, submission.due_on, submission.decided_at) == (state, due, NOW)
    event = Event.objects.get(verb=verb)
    assert (event.by, event.data["accepted"], event.data["returned"]) == (
        by,
        verdicts.count(ACCEPT),
        verdicts.count(RETURN),
    )


@pytest.mark.parametrize(
    ("due", "asked", "told"),
    [
        (0, None, 3),
        (2, None, 3),
        (10, None, 10),
        (0, 7, 7),
        (10, 7, 10),
        (0, 0, 0),
    ],
)
def test_mending_never_ends_before_what_was_told(due, asked, told):
    submission = submitted()
    day = lambda n: TODAY + timedelta(days=n)  # noqa: E731
    Submission.objects.filter(pk=submission.pk).update(due_on=day(due))
    submission.refresh_from_db(fields=["due_on"])
    by = verifikator(submission)
    say(answers(submission)[0], by, RETURN)
    end(submission, by, mend_until=None if asked is None else day(asked))
    submission.refresh_from_db()
    assert submission.due_on == day(told)


def test_mending_does_not_end_in_the_past():
    submission = submitted()
    by = verifikator(submission)
    say(answers(submission)[0], by, RETURN)
    with pytest.raises(RefusedError):
        end(submission, by, mend_until=TODAY - timedelta(days=1))


def test_finishing_what_has_changed_since_it_was_read_is_told():
    submission = submitted()
    by = verifikator(submission)
    first = say(answers(submission)[0], by)
    say(answers(submission)[0], verifikator(submission), RETURN)
    with pytest.raises(StaleError):
        end(submission, by, seen_review=first.pk)
    assert answers(submission)[0].submission.state == State.SUBMITTED


def accepted(questions=2):
    submission = submitted(questions)
    by = verifikator(submission)
    for answer in answers(submission):
        say(answer, by)
    end(submission, by)
    return submission, by


def reopen(submission, by, **changes):
    values = {"responses": [], "reason": "Nomor SK keliru.", "by": by, "today": TODAY, "now": NOW}
    return reviewing.reopen(submission, **(values | changes))


def test_reopening_returns_the_chosen_answers_with_the_reason():
    submission, by = accepted()
    first, second = answers(submission)
    reopen(submission, by, responses=[second.pk])
    submission.refresh_from_db()
    assert (submission.state, submission.due_on) == (State.RETURNED, TODAY + timedelta(days=3))
    first, second = answers(submission)
    assert (first.verdict, first.verified_share) == (ACCEPT, Decimal(1))
    assert (second.verdict, second.verified_share) == (RETURN, None)
    assert second.last_review.note == "Nomor SK keliru."
    event = Event.objects.get(verb=Verb.REOPEN)
    assert (event.data["reason"], event.data["responses"]) == ("Nomor SK keliru.", [second.pk])


@pytest.mark.parametrize("missing", [{"reason": " "}, {"responses": []}, {"responses": [0]}])
def test_reopening_asks_for_a_reason_and_for_answers(missing):
    submission, by = accepted()
    with pytest.raises(RefusedError):
        reopen(submission, by, **({"responses": [answers(submission)[0].pk]} | missing))
    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED


def test_answers_of_another_submission_are_not_opened_with_it():
    submission, by = accepted()
    foreign, _ = accepted()
    with pytest.raises(RefusedError):
        reopen(submission, by, responses=[answers(foreign)[0].pk])
    assert answers(foreign)[0].verdict == ACCEPT


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (State.EMPTY, 1),
        (State.DRAFT, 1),
        (State.RETURNED, 1),
        (State.SUBMITTED, 0),
        (State.ACCEPTED, 0),
    ],
)
def test_another_due_date_reaches_only_what_is_with_the_agency(state, changes):
    submission = submitted()
    Submission.objects.filter(pk=submission.pk).update(state=state.value)
    submission.refresh_from_db(fields=["state"])
    later = TODAY + timedelta(days=9)
    assert (
        arranging.extend([submission], due_on=later, by=verifikator(submission), today=TODAY)
        == changes
    )
    submission.refresh_from_db()
    assert submission.due_on == (later if changes else TODAY)
    data = [event.data for event in Event.objects.filter(verb=Verb.EXTEND)]
    expected = {"before": TODAY.isoformat(), "due_on": later.isoformat()}
    assert data == [expected] * changes


def test_a_due_date_in_the_past_is_refused():
    submission = make_work()
    with pytest.raises(RefusedError):
        arranging.extend(
            [submission],
            due_on=TODAY - timedelta(days=1),
            by=verifikator(submission),
            today=TODAY,
        )


# --- who may, and from where ---------------------------------------------------------------------

VERBS = {
    "review": lambda s, by: say(answers(s)[0], by),
    "unreview": lambda s, by: reviewing.unreview(
        answers(s)[0], seen_review=answers(s)[0].last_review_id, by=by, now=NOW
    ),
    "save_draft": lambda s, by: reviewing.save_draft(
        answers(s)[0], seen_review=answers(s)[0].last_review_id, level=0, note="x", by=by
    ),
    "return_empty": lambda s, by: reviewing.return_empty(s, by=by, now=NOW),
    "finish": lambda s, by: end(s, by),
    "reopen": lambda s, by: reopen(s, by, responses=[answers(s)[0].pk]),
    "extend": lambda s, by: arranging.extend([s], due_on=date(2099, 1, 1), by=by, today=TODAY),
}
OTHERS = [
    (Role.OPERATOR, True),
    (Role.PIMPINAN, True),
    (Role.ADMINISTRATOR, True),
    (Role.OPERATOR, False),
    (Role.VERIFIKATOR, False),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("role", "here"), OTHERS)
def test_nobody_but_the_verifikator_of_the_region_holds_these_verbs(verb, role, here):
    submission = submitted(claimed=verb != "return_empty")
    if role is Role.OPERATOR:
        own = submission.agency
        by = make_user(role, agency=own if here else make_agency(own.region))
    else:
        by = make_user(role, region=submission.agency.region if here else make_region())
    before = list(Response.objects.values()), list(Submission.objects.values())
    with pytest.raises(PermissionDenied):
        VERBS[verb](submission, by)
    assert (list(Response.objects.values()), list(Submission.objects.values())) == before
    assert (Review.objects.count(), ReviewDraft.objects.count()) == (0, 0)


def test_a_verifikator_who_left_holds_no_verb():
    submission = submitted()
    with pytest.raises(PermissionDenied):
        say(answers(submission)[0], verifikator(submission, is_active=False))


@pytest.mark.parametrize("verb", ["review", "unreview", "save_draft", "return_empty", "finish"])
@pytest.mark.parametrize("state", [s for s in State if s is not State.SUBMITTED])
def test_what_is_not_waiting_is_not_judged(verb, state):
    submission = submitted(claimed=verb != "return_empty")
    by = verifikator(submission)
    if verb in {"unreview", "finish"}:
        say(answers(submission)[0], by)
    Submission.objects.filter(pk=submission.pk).update(state=state.value)
    reviews = Review.objects.count()
    with pytest.raises(StaleError):
        VERBS[verb](submission, by)
    submission.refresh_from_db()
    assert (submission.state, Review.objects.count()) == (state, reviews)


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACCEPTED])
def test_only_what_was_accepted_is_reopened(state):
    submission = submitted()
    Submission.objects.filter(pk=submission.pk).update(state=state.value)
    submission.refresh_from_db(fields=["state"])
    with pytest.raises(StaleError):
        VERBS["reopen"](submission, verifikator(submission))
    submission.refresh_from_db()
    assert submission.state == state


def test_an_area_is_judged_for_itself():
    instrument = make_instrument()
    question = make_question(make_indicator(instrument), "area_share", level="kelurahan")
    region = make_region()
    areas = [make_agency(region, kind="kelurahan") for _ in range(2)]
    for area in areas:
        assign(question, area, AssignmentRole.AREA)
    publish(instrument)
    assessment = make_assessment(region, instrument)
    first, second = assessment.submissions.for_work().order_by("pk")
    for each in (first, second):
        hand_in(each)
    say(answers(first)[0], verifikator(first), level=1)
    assert [answers(s)[0].verified_share for s in (first, second)] == [Decimal(0), None]
