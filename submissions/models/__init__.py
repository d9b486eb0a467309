"""What was answered: a year's work with its evidence and verdicts, and what happened to it."""

from submissions.models.entering import EntryTick
from submissions.models.history import Event, EventQuerySet, Verb
from submissions.models.kept import Blob
from submissions.models.planning import Effort, Scenario
from submissions.models.registers import (
    RegisterRow,
    RegisterRowQuerySet,
    ResponseRow,
    RowChange,
    RowEvidence,
    RowVerb,
)
from submissions.models.release import Release
from submissions.models.stages import PlaceTotal, Stage, StageQuerySet, StageResult
from submissions.models.uploads import Upload, UploadQuerySet
from submissions.models.work import (
    Assessment,
    AssessmentQuerySet,
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
    "Effort",
    "EntryTick",
    "Event",
    "EventQuerySet",
    "Evidence",
    "EvidenceLink",
    "EvidenceQuerySet",
    "PlaceTotal",
    "RegisterRow",
    "RegisterRowQuerySet",
    "Release",
    "Response",
    "ResponseQuerySet",
    "ResponseRow",
    "Review",
    "ReviewDraft",
    "RowChange",
    "RowEvidence",
    "RowVerb",
    "Scenario",
    "Stage",
    "StageQuerySet",
    "StageResult",
    "Submission",
    "SubmissionQuerySet",
    "Upload",
    "UploadQuerySet",
    "Verb",
]
