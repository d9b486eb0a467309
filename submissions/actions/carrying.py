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
    """What last year offers an agency for these answers, in their order. A fixed number of queries;
    fewer where nothing may be changed, and where last year has no rows or evidence to offer.

    A lead is offered the official answer, whoever gave it; others what they gave themselves, or
    what an office gave that is merged into theirs. Needs `question__rubric__instrument`.
    """
    open_ = [each for each in responses if each.is_editable]
    earlier = year_before(assessment) if open_ else None
    if earlier is None:
        return []
    matched = questions_before([each.question for each in open_], earlier.instrument)
    answers = _answers(agency, earlier, matched.values())
    offers = []
    for each in open_:
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


# What an offer reads of an answer of last year.
BEFORE = (
    *("assessment", "question", "role", "value", "note", "version", "verdict", "claim_share"),
    *("verified_level", "verified_share", "submission__agency__name", "submission__agency__code"),
    *("submission__agency__merged_into", "last_review__note"),
)


def _answers(
    agency: Agency, earlier: Assessment, matched: Iterable[Before]
) -> dict[tuple[int, str], Response]:
    """Last year's answers to these questions: the official ones, and the agency's own, with those
    of what is merged into it.
    """
    found: dict[tuple[int, str], Response] = {}
    whose = Q(submission__agency=agency) | Q(submission__agency__merged_into=agency)
    answers = (
        Response.objects.filter(
            Q(role=LEAD) | whose,
            assessment=earlier,
            question__in={each.question for each in matched},
        )
        .select_related("submission__agency", "last_review")
        .only(*BEFORE)
        .order_by()
    )
    for each in sorted(answers, key=lambda each: each.pk):
        each.assessment = earlier
        if each.role == LEAD:
            found[each.question_id, LEAD] = each
        if agency.pk in {each.submission.agency_id, each.submission.agency.merged_into_id}:
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
    """What hung on last year's answers, is not on this year's, and is the agency's to attach. A
    query, and one more where there is any.
    """
    links = EvidenceLink.objects.filter(response__in=_both(offers), removed_at__isnull=True)
    shown = links.select_related("evidence").only(
        "response", "evidence__first", "evidence__agency", "evidence__destroyed_at"
    )
    given: dict[int, list[Evidence]] = defaultdict(list)
    for link in sorted(shown.order_by(), key=lambda each: each.pk):
        given[link.response_id].append(link.evidence)
    mine: dict[int, list[int]] = {}
    for offer in offers:
        # Whichever version: what hangs there already is not changed back into last year's.
        there = {each.root for each in given[offer.response.pk]}
        before = [each for each in given[offer.before.pk] if each.destroyed_at is None]
        left = [each for each in before if each.root not in there]
        own = offer.before.submission.agency_id == agency.pk
        mine[offer.response.pk] = [e.pk for e in left if own or e.agency_id == agency.pk]
        offer.stays = len(left) - len(mine[offer.response.pk])
    keys = {pk for each in mine.values() for pk in each}
    if keys:
        found = Evidence.objects.select_related("blob", "agency").in_bulk(keys)
        for offer in offers:
            offer.evidence = [found[pk] for pk in mine[offer.response.pk] if pk in found]


def _both(offers: Iterable[Offer]) -> set[int]:
    """The answers of this year and of last year."""
    return {pk for each in offers for pk in (each.response.pk, each.before.pk)}


def _add_rows(agency: Agency, assessment: Assessment, offers: list[Offer]) -> None:
    """The rows that counted last year, still hold, and do not count yet: the agency's own, and
    those of the region's partners. Three queries; none where no question draws on a register.
    """
    drawing = [each for each in offers if each.response.question.register_id is not None]
    if not drawing:
        return
    live = ResponseRow.objects.filter(response__in=_both(drawing), removed_at__isnull=True)
    ticks: dict[int, list[int]] = defaultdict(list)
    for row, response in sorted(live.order_by().values_list("row_id", "response_id")):
        ticks[response].append(row)
    left = {
        each.response.pk: [pk for pk in ticks[each.before.pk] if pk not in ticks[each.response.pk]]
        for each in drawing
    }
    if not any(left.values()):
        return
    questions = Question.objects.filter(pk__in=[each.response.question_id for each in drawing])
    drawn_on = dict(questions.order_by().values_list("pk", "register__code"))
    partners = Agency.objects.filter(region=assessment.region_id).partners().order_by()
    whose = Q(agency=agency) | Q(code=PARTNERSHIP, agency__in=partners.values("pk"))
    holding = RegisterRow.objects.live().filter(whose).valid_in(assessment.data_year)
    found = holding.select_related("register").in_bulk(
        {pk for each in left.values() for pk in each}
    )
    for offer in drawing:
        rows = [found[pk] for pk in left[offer.response.pk] if pk in found]
        offer.rows = [each for each in rows if each.code == drawn_on[offer.response.question_id]]
