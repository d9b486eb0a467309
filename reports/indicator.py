"""One indicator of a year: its questions, who answered what, the verdicts, and what happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from agencies.models import User
from indicators.wording import local
from reports.answers import in_words, level_name
from reports.ledger import Entry, Ledger
from reports.plan import PlanIndicator, PlanQuestion
from reports.progress import Badge, Row, badge_of, rows_of, standing_of, support_rows_of
from reports.scores import Line, score
from submissions.models import HIDDEN, Assessment, Event, Evidence, EvidenceLink, Response

EVENTS_SHOWN = 40


@dataclass(slots=True)
class AnswerRow:
    """One agency's answer as the page shows it."""

    entry: Entry
    agency: str
    words: str
    note: str
    claimed: Decimal | None
    proven: Decimal | None
    level: str
    badge: Badge
    answered_at: datetime | None
    answered_by: str
    review_note: str
    review_by: str
    review_at: datetime | None
    unproven_reason: str
    evidence: list[Document] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """An attached evidence by name; without `href` where the reader may not open it."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    question: PlanQuestion
    row: Row
    answers: list[AnswerRow]
    support: list[AnswerRow]


@dataclass(frozen=True, slots=True)
class IndicatorReport:
    indicator: PlanIndicator
    cluster: str
    line: Line
    blocks: list[QuestionBlock]
    events: list[Event]
    more_events: bool
    own: int | None = None  # the isian of the reader's own office


def report_of(
    assessment: Assessment, ledger: Ledger, code: str, *, user: User, now: datetime
) -> IndicatorReport | None:
    """The indicator as the user sees it; None where there is none, or nothing of it is theirs."""
    indicator = next((each for each in ledger.plan.indicators if each.code == code), None)
    if indicator is None:
        return None
    part = ledger.of_indicator(code)
    if ledger.is_part and not part.entries:
        return None
    figures, today = score(part), local(now).date()
    rows = {row.question.pk: row for row in rows_of(part, figures, today=today, now=now)}
    if part.is_part:
        rows = {row.question.pk: row for row in support_rows_of(part)} | rows
    answers = _answers(assessment, part, user=user, now=now)
    blocks = []
    for question in indicator.questions:
        if question.pk in rows:
            given = answers[question.pk]
            blocks.append(
                QuestionBlock(
                    question,
                    rows[question.pk],
                    [each for each in given if each.entry.is_official],
                    [each for each in given if not each.entry.is_official],
                )
            )
    events = list(
        Event.objects.visible_to(user)
        .filter(assessment=assessment, submission__indicator=indicator.pk)
        .select_related("by__agency", "submission__agency", "response__question")
        .order_by("-pk")[: EVENTS_SHOWN + 1]
    )
    return IndicatorReport(
        indicator,
        next(each.name for each in ledger.plan.clusters if each.code == indicator.cluster),
        figures.indicators.get(code) or Line(code, indicator.name, figures.total.tally),
        blocks,
        events[:EVENTS_SHOWN],
        len(events) > EVENTS_SHOWN,
        next(iter(part.works), None) if part.is_part else None,
    )


def _answers(
    assessment: Assessment, part: Ledger, *, user: User, now: datetime
) -> dict[int, list[AnswerRow]]:
    """Question to its answers, in the order of the agencies' names."""
    today = local(now).date()
    entries = {entry.pk: entry for entry in part.entries}
    evidence = _evidence(list(entries), user)
    found: dict[int, list[AnswerRow]] = defaultdict(list)
    for response in (
        Response.objects.filter(pk__in=entries)
        .select_related("changed_by", "last_review__by")
        .order_by("submission__agency__name", "pk")
    ):
        entry = entries[response.pk]
        question, work = part.plan.questions[entry.question], part.works[entry.submission]
        tally = part.share_of_agency(entry)
        standing = standing_of(entry, question, work.state)
        review: Any = response.last_review
        found[entry.question].append(
            AnswerRow(
                entry=entry,
                agency=work.agency_name,
                words=in_words(question.scale, response.value),
                note=response.note,
                claimed=None if entry.claim_share is None else tally.claimed,
                proven=None if entry.verified_share is None else tally.proven,
                level=level_name(question.scale, response.verified_level),
                badge=badge_of(entry, standing, work, today=today, now=now),
                answered_at=response.answered_at,
                answered_by=response.changed_by.get_full_name() if response.changed_by else "",
                review_note=review.note if review else "",
                review_by=review.by.get_full_name() if review else "",
                review_at=review.at if review else None,
                unproven_reason=response.unproven_reason,
                evidence=evidence[response.pk],
            )
        )
    return found


def _evidence(responses: list[int], user: User) -> dict[int, list[Document]]:
    """What is attached now; a document that the reader may not open is named and not linked."""
    may_open = Exists(Evidence.objects.visible_to(user).filter(pk=OuterRef("evidence")))
    links = EvidenceLink.objects.filter(response__in=responses, removed_at__isnull=True)
    found: dict[int, list[Document]] = defaultdict(list)
    for response, pk, name, restricted, opens in (
        links.annotate(opens=may_open)
        .order_by("added_at", "pk")
        .values_list(
            "response_id", "evidence_id", "evidence__name", "evidence__restricted", "opens"
        )
    ):
        name = HIDDEN if restricted and not opens else name
        found[response].append(Document(name, reverse("evidence", args=[pk]) if opens else ""))
    return found
