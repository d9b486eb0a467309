"""What a user may see of a year's answers, as plain rows: three queries for any number of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)

from agencies.models import AssignmentRole, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.scoring import ONE, Answer, Tally, points, tally_question
from reports.plan import Plan, plan_of
from submissions.models import Assessment, Response, ResponseQuerySet, Review, Submission
from submissions.workflow import Verdict


class Work(NamedTuple):
    """A submission: one agency's work on one indicator."""

    pk: int
    indicator: str
    agency: int
    agency_code: str
    agency_name: str
    agency_kind: str
    state: str
    due_on: date
    submitted_at: datetime | None


class Entry(NamedTuple):
    """A response without its texts. `said` is the note of the verdict, where it was returned."""

    pk: int
    question: int
    submission: int
    role: str
    claim_share: Decimal | None
    verified_share: Decimal | None
    verdict: str
    unproven: bool
    touched: bool
    said: str
    has_evidence: bool

    @property
    def is_official(self) -> bool:
        """Whether it scores: a supporting agency's answer does not."""
        return self.role != AssignmentRole.SUPPORT

    @property
    def answered(self) -> bool:
        """Whether it says something; a supporting agency gives notes and evidence, not a level."""
        if self.role == AssignmentRole.SUPPORT:
            return self.touched or self.has_evidence
        return self.claim_share is not None


# Looked up where it is shown: as a join PostgreSQL would read the verdicts of every region.
SAID = Review.objects.filter(pk=OuterRef("last_review")).order_by().values("note")
FLAGS = {
    "unproven": ExpressionWrapper(~Q(unproven_reason=""), output_field=BooleanField()),
    "touched": ExpressionWrapper(Q(answered_at__isnull=False), output_field=BooleanField()),
    "said": Case(
        When(verdict=Verdict.RETURNED, then=Subquery(SAID)),
        default=Value(""),
        output_field=TextField(),
    ),
}


@dataclass(frozen=True)
class Ledger:
    """A year on its instrument, with the work and the answers that one user sees.

    `areas`: how many areas answer a question, also those that the user does not see. `is_part`:
    it holds one agency's work only, so its figures are that agency's and not the region's.
    """

    plan: Plan
    works: dict[int, Work]
    entries: list[Entry]
    areas: dict[int, int]
    is_part: bool = False

    def share_of_agency(self, entry: Entry) -> Tally:
        """What one answer carries of its question: all of it for a lead, one part for an area."""
        if not entry.is_official:
            return NOTHING
        question = self.plan.questions[entry.question]
        maximum = question.maximum
        if entry.role == AssignmentRole.AREA:
            maximum = part_of(maximum, self.areas[entry.question])
        return tally_one(maximum, entry.claim_share, entry.verified_share)

    def of_agency(self, agency: int) -> Ledger:
        """The same year, but only what one agency does in it."""
        works = {pk: work for pk, work in self.works.items() if work.agency == agency}
        entries = [entry for entry in self.entries if entry.submission in works]
        return Ledger(self.plan, works, entries, self.areas, is_part=True)

    def of_indicator(self, code: str) -> Ledger:
        """The same year and reader, but only the answers of one indicator."""
        works = {pk: work for pk, work in self.works.items() if work.indicator == code}
        entries = [entry for entry in self.entries if entry.submission in works]
        return Ledger(self.plan.only(code), works, entries, self.areas, is_part=self.is_part)

    @cached_property
    def official(self) -> dict[int, list[Entry]]:
        """Question to the answers that score."""
        found: dict[int, list[Entry]] = {}
        for entry in self.entries:
            if entry.is_official:
                found.setdefault(entry.question, []).append(entry)
        return found


NOTHING = Tally()
_parts: dict[tuple[Decimal, int], Decimal] = {}
_tallies: dict[tuple[Decimal, Decimal | None, Decimal | None], Tally] = {}
KEPT = 20_000


def part_of(maximum: Decimal, areas: int) -> Decimal:
    """One area's part of a question's points."""
    key = (maximum, areas)
    if key not in _parts:
        if len(_parts) > KEPT:
            _parts.clear()
        _parts[key] = points(maximum, ONE / areas)
    return _parts[key]


def tally_one(maximum: Decimal, claimed: Decimal | None, proven: Decimal | None) -> Tally:
    """`scoring.tally_question` for a single answer, remembered: a year has few different ones."""
    key = (maximum, claimed, proven)
    found = _tallies.get(key)
    if found is None:
        if len(_tallies) > KEPT:
            _tallies.clear()
        found = _tallies[key] = tally_question(maximum, (Answer(claimed, proven),))
    return found


def ledger_of(assessment: Assessment, user: User | None, *, indicator: str = "") -> Ledger:
    """What the user sees of the year, or of one indicator in it; everything for None, the server's
    own shell.
    """
    works, entries = Submission.objects.in_use(), Response.objects.all()
    if user is not None:
        works, entries = works.visible_to(user), entries.visible_to(user)
    if indicator:
        works = works.filter(indicator__code=indicator)
        entries = entries.filter(submission__indicator__code=indicator)
    rows = _entries(entries.filter(assessment=assessment))
    sees_all = user is None or user.role not in OWN_AGENCY_ONLY
    return Ledger(
        plan=plan_of(assessment.instrument),
        works={row[0]: Work(*row) for row in _works(works.filter(assessment=assessment))},
        entries=rows,
        areas=count_areas(rows) if sees_all else _areas(assessment, rows),
        is_part=not sees_all,
    )


def _works(found: QuerySet[Submission]) -> QuerySet[Submission, tuple[Any, ...]]:
    return found.order_by("agency__kind", "agency__name", "indicator__order").values_list(
        "pk",
        "indicator__code",
        "agency_id",
        "agency__code",
        "agency__name",
        "agency__kind",
        "state",
        "due_on",
        "submitted_at",
    )


def _entries(found: ResponseQuerySet) -> list[Entry]:
    columns = ("pk", "question_id", "submission_id", "role", "claim_share", "verified_share")
    proved = found.proved()
    answers: Iterable[tuple[Any, ...]] = (
        found.annotate(**FLAGS).order_by("pk").values_list(*columns, "verdict", *FLAGS)
    )
    return [Entry._make((*row, row[0] in proved)) for row in answers]


def count_areas(entries: list[Entry]) -> dict[int, int]:
    """How many areas answer each question, out of all the answers of a year."""
    return Counter(each.question for each in entries if each.role == AssignmentRole.AREA)


def _areas(assessment: Assessment, own: list[Entry]) -> dict[int, int]:
    """The same for someone who sees one area only: one count, and nothing of the others."""
    asked = list(count_areas(own))
    if not asked:
        return {}
    return dict(
        Response.objects.filter(assessment=assessment, question__in=asked, role=AssignmentRole.AREA)
        .order_by()
        .values_list("question")
        .annotate(Count("pk"))
    )
