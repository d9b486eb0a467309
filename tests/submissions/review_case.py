"""What the tests of reviewing share: work that waits, someone who may judge it, and a verdict."""

from datetime import UTC, date, datetime

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import reviewing
from submissions.models import Evidence, EvidenceLink, Response, Submission
from submissions.workflow import State, Verdict
from tests.factories import make_user, make_work

NOW = datetime(2024, 3, 20, 3, 42, tzinfo=UTC)
TODAY = date(2024, 3, 20)
ACCEPT, RETURN = Verdict.ACCEPTED, Verdict.RETURNED


def submitted(questions=1, mode="choice", *, claimed=True, **question) -> Submission:
    """A submission that waits, its answers claimed at the best level."""
    submission = make_work(questions, mode, **question)
    hand_in(submission, claimed=claimed)
    return submission


def hand_in(submission, *, claimed=True):
    if claimed:
        submission.responses.exclude(role=AssignmentRole.SUPPORT).update(
            value={"level": 0}, claim_level=0, claim_share=1, version=1, answered_at=NOW
        )
    Submission.objects.filter(pk=submission.pk).update(
        state=State.SUBMITTED.value, submitted_at=NOW, due_on=TODAY
    )
    submission.refresh_from_db(fields=["state", "submitted_at", "due_on"])


def answers(submission) -> list[Response]:
    return list(reviewing.for_review(submission.responses.order_by("question__order")))


def verifikator(submission, **changes):
    return make_user(Role.VERIFIKATOR, region=submission.agency.region, **changes)


def attach(response, by) -> Evidence:
    evidence = Evidence.objects.create(
        agency=response.agency, name="SK", url="https://contoh.example/sk", created_by=by
    )
    EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)
    return evidence


def say(response, by, verdict=ACCEPT, **changes):
    values = {
        "version": response.version,
        "seen_review": response.last_review_id,
        "verdict": verdict,
        "level": 0 if verdict == ACCEPT else None,
        "note": "" if verdict == ACCEPT else "SK belum ditandatangani.",
        "by": by,
        "now": NOW,
    }
    return reviewing.review(response, **(values | changes))
