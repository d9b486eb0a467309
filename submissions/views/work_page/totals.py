"""The figures of one submission, for the head and the foot of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agencies.models import AssignmentRole
from indicators.scoring import ONE, ZERO, Answer, Tally, points, tally_indicator, tally_question
from submissions.actions.handing_in import Lack, lack, worth
from submissions.models import Response, Submission
from submissions.workflow import Verdict


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of one submission, for its head and foot."""

    tally: Tally
    asked: int
    answered: int
    unproven: int
    returned: int
    unmended: int

    @property
    def scores(self) -> bool:
        """Whether points hang on it; a supporting office wins none itself."""
        return self.tally.maximum > 0

    @property
    def lacking(self) -> str:
        """What is missing, in words; nothing when it is whole."""
        counts = (
            (self.unmended, "belum diperbaiki"),
            (self.asked - self.answered, "belum dijawab"),
            (self.unproven, "tanpa data dukung"),
        )
        return ", ".join(f"{count} {what}" for count, what in counts if count)


def totals_of(
    submission: Submission,
    responses: Sequence[Response],
    worths: Mapping[int, Decimal] | None = None,
) -> Totals:
    """The figures of a submission; answers need `has_evidence`. Without their `worths` a query more
    where areas are among them.
    """
    worths = worth(responses) if worths is None else worths
    parts = [
        tally_question(
            points(worths[each.pk], ONE),
            [Answer(each.claim_share, each.verified_share)],
        )
        for each in responses
        if each.role != AssignmentRole.SUPPORT
    ]
    most = min(submission.indicator.max_points, sum((part.maximum for part in parts), ZERO))
    lacks = [lack(each, has_evidence=each.has_evidence) for each in responses]  # type: ignore[attr-defined]
    return Totals(
        tally=tally_indicator(most, parts),
        asked=len(responses),
        answered=sum(what not in {Lack.ANSWER, Lack.SUPPORT} for what in lacks),
        unproven=sum(what is Lack.EVIDENCE for what in lacks),
        returned=sum(each.verdict == Verdict.RETURNED for each in responses),
        unmended=sum(what is Lack.MENDING for what in lacks),
    )
