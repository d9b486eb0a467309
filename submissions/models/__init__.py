"""What was answered: a year's work with its evidence and verdicts, and what happened to it."""

from submissions.models.beside import beside, with_beside
from submissions.models.bundles import Bundle, ExportTurn
from submissions.models.entering import EntryTick
from submissions.models.evidence import (
    DESTROYED,
    HIDDEN,
    DocumentKind,
    Evidence,
    EvidenceQuerySet,
    Scan,
    Signed,
    newer_version,
)
from submissions.models.history import (
    Event,
    EventQuerySet,
    EvidenceChange,
    EvidenceVerb,
    Verb,
    hide_restricted,
)
from submissions.models.kept import Blob
from submissions.models.making import Made, MadeQuerySet
from submissions.models.pace import UploadPace
from submissions.models.planning import Effort, Scenario
from submissions.models.registers import (
    PARTNERSHIP,
    RegisterRow,
    RegisterRowQuerySet,
    ResponseRow,
    RowChange,
    RowEvidence,
    RowVerb,
)
from submissions.models.release import Release
from submissions.models.requests import HelpRequest, HelpRequestQuerySet, RequestState
from submissions.models.reviews import Review, ReviewDraft
from submissions.models.stages import PlaceTotal, Stage, StageQuerySet, StageResult
from submissions.models.uploads import Upload, UploadQuerySet
from submissions.models.work import (
    EvidenceLink,
    Response,
    ResponseQuerySet,
    Submission,
    SubmissionQuerySet,
)
from submissions.models.year import Assessment, AssessmentQuerySet

__all__ = [
    "DESTROYED",
    "HIDDEN",
    "PARTNERSHIP",
    "Assessment",
    "AssessmentQuerySet",
    "Blob",
    "Bundle",
    "DocumentKind",
    "Effort",
    "EntryTick",
    "Event",
    "EventQuerySet",
    "Evidence",
    "EvidenceChange",
    "EvidenceLink",
    "EvidenceQuerySet",
    "EvidenceVerb",
    "ExportTurn",
    "HelpRequest",
    "HelpRequestQuerySet",
    "Made",
    "MadeQuerySet",
    "PlaceTotal",
    "RegisterRow",
    "RegisterRowQuerySet",
    "Release",
    "RequestState",
    "Response",
    "ResponseQuerySet",
    "ResponseRow",
    "Review",
    "ReviewDraft",
    "RowChange",
    "RowEvidence",
    "RowVerb",
    "Scan",
    "Scenario",
    "Signed",
    "Stage",
    "StageQuerySet",
    "StageResult",
    "Submission",
    "SubmissionQuerySet",
    "Upload",
    "UploadPace",
    "UploadQuerySet",
    "Verb",
    "beside",
    "hide_restricted",
    "newer_version",
    "with_beside",
]
