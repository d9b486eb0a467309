"""Moves and verdicts that meet on two connections at once; `test_moves.py` has the table."""

import pytest
from django.db import connection

from submissions.actions import handing_in, reviewing
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Event, Review, Submission, Verb
from submissions.workflow import State, Verdict
from tests.at_once import told_at_once
from tests.factories import make_user
from tests.submissions.review_case import (
    ACCEPT,
    NOW,
    RETURN,
    TODAY,
    answers,
    say,
    submitted,
    verifikator,
)

# --- at once, on two connections -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(attempt):
    submission = submitted()
    first, second = verifikator(submission), verifikator(submission)
    [seen] = answers(submission)
    [also] = answers(submission)
    told = told_at_once(lambda: say(seen, first, level=1), lambda: say(also, second, RETURN))
    assert sorted(told, key=str) == sorted([None, StaleError], key=str)
    review = Review.objects.get()
    [stored] = answers(submission)
    assert stored.last_review == review
    assert (stored.verdict, stored.verified_level) == (review.verdict, review.level)
    assert Event.objects.filter(verb=Verb.REVIEW).count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_verdicts_at_once_leave_one_and_as_many_refusals():
    submission = submitted()
    readers = [(answers(submission)[0], verifikator(submission)) for _ in range(8)]
    told = told_at_once(*(lambda a=a, by=by: say(a, by) for a, by in readers))
    assert (told.count(None), told.count(StaleError)) == (1, 7)
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_work_that_is_taken_back_at_the_same_moment_carries_no_stray_verdict(attempt):
    submission = submitted()
    by, operator = verifikator(submission), make_user(agency=submission.agency)
    [seen] = answers(submission)
    other = Submission.objects.for_work().get(pk=submission.pk)
    told = told_at_once(
        lambda: say(seen, by), lambda: handing_in.withdraw(other, by=operator, now=NOW)
    )
    submission.refresh_from_db()
    [stored] = answers(submission)
    if submission.state == State.DRAFT:
        assert (told, stored.verdict, Review.objects.count()) == ([StaleError, None], "", 0)
    else:
        assert (told, stored.verdict) == ([None, RefusedError], ACCEPT)


@pytest.mark.django_db(transaction=True)
def test_a_review_is_finished_once_by_two_who_press_at_once():
    submission = submitted()
    by = verifikator(submission)
    say(answers(submission)[0], by)
    copies = [Submission.objects.for_work().get(pk=submission.pk) for _ in range(2)]
    told = told_at_once(
        *(lambda each=each: reviewing.finish(each, by=by, today=TODAY, now=NOW) for each in copies)
    )
    assert sorted(told, key=str) == sorted([None, StaleError], key=str)
    assert Event.objects.filter(verb=Verb.ACCEPT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_verdict_and_the_end_at_once_never_leave_an_accepted_whole_with_a_returned_part():
    for _ in range(5):
        submission = submitted()
        by, second = verifikator(submission), verifikator(submission)
        given = say(answers(submission)[0], by)
        [seen] = answers(submission)
        copy = Submission.objects.for_work().get(pk=submission.pk)
        told_at_once(
            lambda seen=seen, second=second: say(seen, second, RETURN),
            lambda copy=copy, by=by, given=given: reviewing.finish(
                copy, by=by, today=TODAY, now=NOW, seen_review=given.pk
            ),
        )
        submission.refresh_from_db()
        [stored] = answers(submission)
        assert (submission.state, stored.verdict) in {
            (State.ACCEPTED, Verdict.ACCEPTED),
            (State.SUBMITTED, Verdict.RETURNED),
        }


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_holds_a_verdict_that_was_given():
    submission = submitted()
    given = say(answers(submission)[0], verifikator(submission))
    with pytest.raises(Exception, match="Riwayat tidak dapat diubah"):
        Review.objects.filter(pk=given.pk).update(note="lain")
    assert connection.is_usable()
