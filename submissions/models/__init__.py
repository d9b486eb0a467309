"""What was answered: a year's work with its evidence and verdicts, and what happened to it."""

from submissions.models.history import Event, EventQuerySet, Verb
from submissions.models.work import (
    Assessment,
    AssessmentQuerySet,
    Blob,
    Evidence,
    EvidenceLink,
    EvidenceQuerySet,
    Response,
    ResponseQuerySet,
    Review,
    ReviewDraft,
    Submission,
    SubmissionQuerySet,
)

__all__ = [
    "Assessment",
    "AssessmentQuerySet",
    "Blob",
    "Event",
    "EventQuerySet",
    "Evidence",
    "EvidenceLink",
    "EvidenceQuerySet",
    "Response",
    "ResponseQuerySet",
    "Review",
    "ReviewDraft",
    "Submission",
    "SubmissionQuerySet",
    "Verb",
]
