"""The answers beside one, read with it in one query: the figures of the page come out the same."""

from decimal import Decimal

import pytest

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions.answering import for_saving
from submissions.models import Evidence, EvidenceLink, Response, beside, with_beside
from submissions.views.work_page import responses_of, totals_of
from submissions.workflow import State, Verdict
from tests.factories import make_user, make_work

pytestmark = pytest.mark.django_db

SHARES = (None, Decimal(0), Decimal(1), Decimal("0.75"), Decimal("0.3333"), Decimal("0.0001"))


@pytest.fixture
def work():
    """Answers of every kind: shares, points, verdicts, roles, with and without evidence."""
    submission = make_work(24, max_points=Decimal("3.33"))
    by = make_user(Role.OPERATOR, agency=submission.agency)
    for at, each in enumerate(submission.responses.select_related("question")):
        share = SHARES[at % len(SHARES)]
        verdict = list(Verdict)[at % len(Verdict)]
        accepted = verdict is Verdict.ACCEPTED
        Response.objects.filter(pk=each.pk).update(
            claim_share=share,
            claim_level=None if share is None else at % 3,
            verdict=verdict.value,
            verified_share=share if accepted else None,
            note="Ada “kutip”, \\ dan\nbaris." if at % 2 else "",
            role=AssignmentRole.SUPPORT if at % 5 == 4 else AssignmentRole.LEAD,
        )
        if at % 4 == 1:
            evidence = Evidence.objects.create(
                agency=submission.agency, name="SK", url="https://contoh.example/", created_by=by
            )
            removed = {"removed_at": submission.changed_at} if at % 8 == 1 else {}
            EvidenceLink.objects.create(response=each, evidence=evidence, added_by=by, **removed)
    submission.state = State.RETURNED
    submission.save()
    return submission


def told(response):
    """What the figures of a form are made of."""
    names = ("pk", "role", "assessment_id", "question_id", "note", "verdict", "claim_level")
    shares = (response.claim_share, response.verified_share, response.question.max_points)
    return (
        *(getattr(response, name) for name in names), shares,
        response.question.evidence_required, response.has_evidence,
    )  # fmt: skip


def test_they_are_those_that_the_page_reads_itself(work, django_assert_num_queries):
    pages = sorted(map(told, responses_of(work)))
    first = work.responses.first()
    with django_assert_num_queries(1):
        read = for_saving(with_beside(Response.objects.filter(pk=first.pk))).get()
        found = beside(read)
        assert sorted(map(told, found)) == pages
    kinds = {type(share) for each in found for share in told(each)[7] if share is not None}
    assert kinds == {Decimal}


def test_the_figures_are_the_same(work):
    for each in with_beside(Response.objects.filter(submission=work)):
        assert totals_of(work, beside(each)) == totals_of(work, responses_of(work))


def test_another_submission_is_not_among_them(work):
    other = make_work(2)
    [first, second] = with_beside(other.responses.order_by("pk"))
    assert [each.pk for each in beside(first)] == [first.pk, second.pk]
