"""Last year's answers, evidence and register rows as a start of this year.

Nothing of it is stored, counted or shown as an answer before a person confirms it, question by
question; then it is saved by the same verbs as anything that is typed, and the history says whence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agencies.models import Agency, AssignmentRole, User
from indicators.actions.matching import Before, questions_before, without_successor
from indicators.models import Question
from indicators.scoring import Mode
from submissions.actions import answering, ticking
from submissions.actions import evidence as files
from submissions.actions.record import StaleError, require
from submissions.models import (
    PARTNERSHIP,
    Assessment,
    Evidence,
    EvidenceLink,
    RegisterRow,
    Response,
    ResponseRow,
)
from submissions.workflow import Verdict

LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA


@dataclass(slots=True)
class Offer:
    """What last year holds for one answer of this year, and has not been taken yet.

    `value` is what would be typed (nothing, where this year's answer has begun); `stays` counts
    evidence that only the office of last year may hand on.
    """

    response: Response
    before: Response
    changes: tuple[str, ...] = ()
    value: dict[str, Any] | None = None
    note: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    rows: list[RegisterRow] = field(default_factory=list)
    stays: int = 0

    @property
    def answers(self) -> bool:
        """Whether there is an answer or a note to take."""
        return self.value is not None or bool(self.note)

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.evidence or self.rows)

    @property
    def lowered(self) -> bool:
        """Whether less was proven than it claimed."""
        proven, claimed = self.before.verified_share, self.before.claim_share
        return self.before.verdict == Verdict.ACCEPTED and (proven or 0) < (claimed or 0)

    @property
    def plain(self) -> bool:
        """Whether it may be ticked with others: asked as before, and not doubted by a verdict."""
        return not self.changes and not self.lowered and self.before.verdict != Verdict.RETURNED


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person confirmed of one offer, and which answers were on the page then."""

    response: int
    before: int
    version: int
    seen: int
    answer: bool = False
    evidence: frozenset[int] = frozenset()
    rows: frozenset[int] = frozenset()


def year_before(assessment: Assessment) -> Assessment | None:
    """The region's newest earlier year. One query."""
    earlier = Assessment.objects.filter(region=assessment.region_id, year__lt=assessment.year)
    return earlier.select_related("instrument").order_by("-year").first()


def offers_of(agency: Agency, assessment: Assessment, responses: Sequence[Response]) -> list[Offer]:
    """What last year offers an agency for these answers, in their order. A fixed number of queries.

    A lead is offered the official answer, whoever gave it; others what they gave themselves, or
    what an office gave that is merged into theirs. Needs `question__rubric__instrument`.
    """
    earlier = year_before(assessment)
    if earlier is None or not responses:
        return []
    matched = questions_before([each.question for each in responses], earlier.instrument)
    answers = _answers(agency, earlier, matched.values())
    offers = []
    for each in responses:
        match = matched.get(each.question_id)
        before = match and answers.get((match.question, _kind(each.role)))
        if match and before:
            offers.append(_offer(each, before, match, assessment))
    _add_evidence(agency, offers)
    _add_rows(agency, assessment, offers)
    return [each for each in offers if not each.is_empty]


def left_behind(
    agency: Agency, assessment: Assessment, earlier: Assessment | None
) -> list[Response]:
    """What the agency gave in the earlier year to questions that this instrument asks no more, in
    their order. Nothing is read where the instrument is the same; else six queries.
    """
    if earlier is None or earlier.instrument_id == assessment.instrument_id:
        return []
    gone = without_successor(assessment.instrument, earlier.instrument)
    given = EvidenceLink.objects.filter(response=OuterRef("pk"), removed_at__isnull=True)
    answers = Response.objects.filter(
        Exists(given) | Q(value__isnull=False) | ~Q(note=""),
        submission__agency__in=_own(agency),
        assessment=earlier,
        question__in=gone,
    )
    return list(
        answers.select_related("submission", "question__rubric__instrument").order_by(
            "question__order", "pk"
        )
    )


@transaction.atomic
def carry_over(response: Response, *, wanted: Wanted, by: User, now: datetime) -> bool:
    """Confirm what was ticked of one offer: save, attach, tick. Says whether anything changed.

    Raises StaleError when this year's or last year's answer is not the one that was on the page;
    RefusedError as the verbs do. What is there already is passed over, so sent twice it is once.
    """
    require(by, answering.PERMISSION, response.submission)
    answering.hold(response.submission, now)
    found = answering.for_answering(Response.objects.filter(pk=response.pk))
    [current] = found
    submission = current.submission
    offers = offers_of(submission.agency, submission.assessment, [current])
    offer = next(iter(offers), None)
    if offer is None:
        return False
    if (offer.before.pk, offer.before.version) != (wanted.before, wanted.seen):
        raise StaleError(current)
    origin = {"year": offer.before.assessment.year, "agency": offer.before.agency.code}
    changed = False
    if wanted.answer and offer.answers:
        answering.answer(
            current,
            value=offer.value,
            note=offer.note,
            version=wanted.version,
            by=by,
            now=now,
            origin=origin,
        )
        changed = True
    for each in offer.evidence:
        if each.pk in wanted.evidence:
            files.attach_existing(current, evidence=each, by=by, now=now, origin=origin)
            changed = True
    rows = [each.pk for each in offer.rows if each.pk in wanted.rows]
    if rows:
        ticking.tick_rows(current, wanted=rows, shown=rows, by=by, now=now, origin=origin)
    return changed or bool(rows)


# --- the steps -----------------------------------------------------------------------------------


def _own(agency: Agency) -> set[int]:
    """The agency, and those that are merged into it."""
    merged = Agency.objects.filter(merged_into=agency).order_by()
    return {agency.pk, *merged.values_list("pk", flat=True)}


def _kind(role: str) -> str:
    return LEAD if role == LEAD else "own"


def _answers(
    agency: Agency, earlier: Assessment, matched: Iterable[Before]
) -> dict[tuple[int, str], Response]:
    """Last year's answers to these questions: the official ones, and the agency's own."""
    own = _own(agency)
    found: dict[tuple[int, str], Response] = {}
    answers = (
        Response.objects.filter(
            Q(role=LEAD) | Q(submission__agency__in=own),
            assessment=earlier,
            question__in={each.question for each in matched},
        )
        .select_related("submission__agency", "assessment", "last_review")
        .order_by("pk")
    )
    for each in answers:
        if each.role == LEAD:
            found[each.question_id, LEAD] = each
        if each.submission.agency_id in own:
            # Its own of last year before that of an office merged into it since.
            there = found.get((each.question_id, "own"))
            if there is None or each.submission.agency_id == agency.pk:
                found[each.question_id, "own"] = each
    return found


def _offer(response: Response, before: Response, match: Before, assessment: Assessment) -> Offer:
    """The offer without its evidence and rows; an answer that was begun is not offered over."""
    offer = Offer(response, before, match.changes)
    if response.value or response.note or not response.is_editable:
        return offer
    offer.note = before.note
    if response.role != SUPPORT and match.fits and before.role == response.role:
        offer.value = _value(response, before, assessment)
    return offer


def _value(response: Response, before: Response, assessment: Assessment) -> dict[str, Any] | None:
    """The value as a start: of two years, last year's second is this year's first."""
    value = before.value or None
    if value is None or response.question.rubric.scale.mode is not Mode.TREND:
        return value
    years = value.get("values")
    if not isinstance(years, list) or len(years) != 2 or years[1] is None:
        return None
    follows = before.assessment.data_year == assessment.data_year - 1
    return {"values": [years[1], None]} if follows else None


def _add_evidence(agency: Agency, offers: list[Offer]) -> None:
    """What hung on last year's answers, is not on this year's, and is the agency's to attach. Two
    queries.
    """
    before = {each.before.pk for each in offers}
    live = EvidenceLink.objects.filter(
        response__in=before, removed_at__isnull=True, evidence__destroyed_at__isnull=True
    )
    given: dict[int, list[Evidence]] = defaultdict(list)
    for link in live.select_related("evidence__blob", "evidence__agency").order_by("pk"):
        given[link.response_id].append(link.evidence)
    # Whichever version: what hangs there already is not changed back into last year's.
    attached = EvidenceLink.objects.filter(
        response__in=[each.response.pk for each in offers], removed_at__isnull=True
    ).values_list("response_id", "evidence_id", "evidence__first_id")
    there = {(answer, first or evidence) for answer, evidence, first in attached}
    for offer in offers:
        if offer.response.is_editable:
            left = [e for e in given[offer.before.pk] if (offer.response.pk, e.root) not in there]
            own = offer.before.submission.agency_id == agency.pk
            offer.evidence = [each for each in left if own or each.agency_id == agency.pk]
            offer.stays = len(left) - len(offer.evidence)


def _add_rows(agency: Agency, assessment: Assessment, offers: list[Offer]) -> None:
    """The rows that counted last year, still hold, and do not count yet: the agency's own, and
    those of the region's partners. Three queries.
    """
    questions = Question.objects.filter(pk__in=[each.response.question_id for each in offers])
    drawn_on = dict(questions.values_list("pk", "register__code"))
    ticks: dict[int, list[RegisterRow]] = defaultdict(list)
    partners = Agency.objects.filter(region=assessment.region_id).partners().order_by()
    whose = Q(agency=agency) | Q(code=PARTNERSHIP, agency__in=partners.values("pk"))
    holding = RegisterRow.objects.live().filter(whose).valid_in(assessment.data_year)
    live = ResponseRow.objects.filter(
        response__in={each.before.pk for each in offers}, removed_at__isnull=True, row__in=holding
    )
    for tick in live.select_related("row__register").order_by("row_id"):
        ticks[tick.response_id].append(tick.row)
    there = set(
        ResponseRow.objects.filter(
            response__in=[each.response.pk for each in offers], removed_at__isnull=True
        ).values_list("response_id", "row_id")
    )
    for offer in offers:
        if offer.response.is_editable:
            code = drawn_on[offer.response.question_id]
            left = [row for row in ticks[offer.before.pk] if row.code == code]
            offer.rows = [row for row in left if (offer.response.pk, row.pk) not in there]
