"""The verifikator's queue: which submissions, in which order, and the filter that stays with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

import django_filters
from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    FloatField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncDate

from agencies.models import Agency, AssignmentRole, User
from indicators.models import Cluster, Indicator
from indicators.scoring import ZERO, points
from indicators.wording import WIB
from submissions.models import Assessment, Response, Submission, SubmissionQuerySet
from submissions.workflow import State, Verdict

# The word in the address, what it says on the page, the state behind it.
TABS = (
    ("menunggu", "Menunggu", State.SUBMITTED),
    ("dikembalikan", "Dikembalikan", State.RETURNED),
    ("diterima", "Diterima", State.ACCEPTED),
    ("draf", "Draf", State.DRAFT),
    ("belum", "Belum diisi", State.EMPTY),
)
STATE_OF = {word: state.value for word, _, state in TABS}
EVERYTHING = "semua"
SELECTS = (
    ("klaster", "Klaster", "Semua klaster"),
    ("indikator", "Indikator", "Semua indikator"),
    ("perangkat", "Perangkat daerah", "Semua perangkat daerah"),
)
NARROWING = ("klaster", "indikator", "perangkat", "kata")
KEPT = ("tahun", *NARROWING, "keadaan")


def address(params: Mapping[str, str]) -> str:
    """The filter as an address says it: known names with something in them, and nothing else."""
    kept = {name: params.get(name, "").strip() for name in KEPT}
    return urlencode({name: value for name, value in kept.items() if value})


class QueueFilter(django_filters.FilterSet):
    """Narrows the queue; a value that is not among the choices is as if it were not there."""

    klaster = django_filters.ChoiceFilter(field_name="indicator__cluster__code")
    indikator = django_filters.ChoiceFilter(field_name="indicator__code")
    perangkat = django_filters.ChoiceFilter(field_name="agency__code")
    kata = django_filters.CharFilter(method="by_words")

    class Meta:
        model = Submission
        fields: list[str] = []

    def by_words(self, queryset: SubmissionQuerySet, name: str, value: str) -> SubmissionQuerySet:
        """Each word (of eight) in the indicator's code or name, or in the agency's name."""
        for word in value.split()[:8]:
            queryset = queryset.filter(
                Q(indicator__code__iexact=word)
                | Q(indicator__name__icontains=word)
                | Q(agency__name__icontains=word)
            )
        return queryset


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission stands in the queue: "isian 4 dari 17", and who stands beside it."""

    number: int | None
    total: int
    before: int | None
    after: int | None


class Queue:
    """One reader's queue of one year under a filter; `query` is the filter as an address.

    `open_years`: the region's years that are open, newest first; more than one while an old one is
    being mended and the next has begun.
    """

    open_years: Sequence[int] = ()

    def __init__(self, user: User, assessment: Assessment, params: Mapping[str, str]) -> None:
        self.assessment = assessment
        self.filterset = QueueFilter(
            params, queryset=assessment.submissions.visible_to(user).order_by()
        )
        self.user = user
        for name, _, _ in SELECTS:
            if params.get(name):
                self.filterset.form.fields[name].choices = self.choices(name)
        state = params.get("keadaan", "")
        self.state = state if state in {*STATE_OF, EVERYTHING} else "menunggu"
        self.query = address(params)

    def choices(self, name: str) -> list[tuple[str, str]]:
        """What can be chosen in a filter. One query; the page's own loop draws it, for speed."""
        instrument = self.assessment.instrument_id
        if name == "perangkat":
            agencies = Agency.objects.visible_to(self.user).filter(region=self.assessment.region_id)
            return list(agencies.order_by("name").values_list("code", "name"))
        rows = (Cluster if name == "klaster" else Indicator).objects.filter(instrument=instrument)
        pairs = rows.order_by("order").values_list("code", "name")
        return [(code, f"{code} {text}") for code, text in pairs]

    @cached_property
    def narrowed(self) -> SubmissionQuerySet:
        """All that the filter lets through, in any state."""
        found: SubmissionQuerySet = self.filterset.qs
        return found

    @property
    def rows(self) -> SubmissionQuerySet:
        """The queue itself, oldest day first and the most valuable of a day first."""
        chosen = self.narrowed
        if self.state != EVERYTHING:
            chosen = chosen.filter(state=STATE_OF[self.state])
        return in_order(chosen)

    def counts(self) -> dict[str, int]:
        """How many stand in each state; together they are `semua`. One query."""
        found = dict(self.narrowed.values_list("state").annotate(n=Count("pk")))
        by_word = {word: found.get(state, 0) for word, state in STATE_OF.items()}
        return {EVERYTHING: sum(by_word.values()), **by_word}

    def place(self, submission: int) -> Place:
        """Where a submission stands. One query; one that the filter does not show has no number."""
        keys = list(self.rows.values_list("pk", flat=True))
        if submission not in keys:
            return Place(None, len(keys), None, keys[0] if keys else None)
        at = keys.index(submission)
        return Place(
            at + 1,
            len(keys),
            keys[at - 1] if at else None,
            keys[at + 1] if at + 1 < len(keys) else None,
        )


def in_order(submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    """Adds `day` and `weight` (points claimed), and orders by them.

    A verdict moves nothing: the next one is still the next. An area's answer weighs its part of the
    question; what was never handed in stands under its due date. `weight` is only for the order: a
    float, since SQLite divides whole numbers whole.
    """
    areas = (
        Response.objects.filter(
            assessment=OuterRef("assessment"),
            question=OuterRef("question"),
            role=AssignmentRole.AREA,
        )
        .order_by()
        .values("question")
        .annotate(n=Count("pk"))
        .values("n")
    )
    whole = Cast("question__max_points", FloatField())
    worth = Case(
        When(role=AssignmentRole.AREA, then=whole / Cast(Subquery(areas), FloatField())),
        default=whole,
    )
    claimed = (
        Response.objects.filter(submission=OuterRef("pk"), claim_share__isnull=False)
        .exclude(role=AssignmentRole.SUPPORT)
        .order_by()
        .values("submission")
        .annotate(total=Sum(Cast("claim_share", FloatField()) * worth))
        .values("total")
    )
    return submissions.annotate(
        day=Coalesce(TruncDate("submitted_at", tzinfo=WIB), F("due_on"), output_field=DateField()),
        weight=Coalesce(Subquery(claimed), 0.0, output_field=FloatField()),
    ).order_by("day", "-weight", "indicator__order", "agency__name", "pk")


@dataclass(slots=True)
class Row:
    """A submission as the queue shows it: its answers, how many are judged, what is missing."""

    submission: Submission
    asked: int = 0
    checked: int = 0
    unproven: int = 0
    waiting: Decimal = ZERO
    scores: bool = False  # whether an answer here earns points; a support's does not


def rows_of(keys: Sequence[int]) -> list[Row]:
    """The rows of one page of the queue, in its order. Four queries for any number.

    Points are rounded answer by answer, as on the page of the review.
    """
    found = {each.pk: Row(each) for each in Submission.objects.for_work().filter(pk__in=keys)}
    fields = ("submission", "question", "role", "verdict", "claim_share", "question__max_points")
    judged = Response.objects.filter(submission__in=keys)
    proved = judged.proved()
    answers = list(judged.order_by("pk").values_list(*fields, "question__evidence_required", "pk"))
    areas = areas_of(
        {question for _, question, role, *_ in answers if role == AssignmentRole.AREA},
        {row.submission.assessment_id for row in found.values()},
    )
    for submission, question, role, verdict, share, maximum, required, answer in answers:
        row = found[submission]
        row.asked += 1
        row.checked += verdict != Verdict.NONE
        if role == AssignmentRole.SUPPORT:
            continue
        row.scores = True
        row.unproven += bool(required and share and answer not in proved)
        if verdict == Verdict.NONE:
            row.waiting += points(part_of(maximum, role, areas.get(question, 1)), share)
    return [found[key] for key in keys if key in found]


def areas_of(questions: Collection[int], assessments: Collection[int]) -> dict[int, int]:
    """How many areas answer each of these questions in a year. One query, none for no question."""
    if not questions:
        return {}
    return dict(
        Response.objects.filter(
            assessment__in=assessments, question__in=questions, role=AssignmentRole.AREA
        )
        .order_by()
        .values_list("question")
        .annotate(n=Count("pk"))
    )


def part_of(maximum: Decimal, role: str, areas: int) -> Decimal:
    """The points that hang on an official answer: an area has its part of the question's."""
    return maximum / areas if role == AssignmentRole.AREA else maximum


def queue_of(user: User, params: Mapping[str, str]) -> Queue | None:
    """The queue of the year in the address, else of the latest open one; None where none is."""
    years = Assessment.objects.visible_to(user).select_related("region", "instrument")
    still_open = list(years.filter(closed_at__isnull=True).order_by("-year", "pk"))
    named = params.get("tahun", "")
    wanted = int(named[:4]) if named.isdecimal() else None
    found = next((each for each in still_open if each.year == wanted), None)
    if found is None and wanted is not None:
        found = years.filter(year=wanted).first()
    found = found or next(iter(still_open), None)
    if found is None:
        return None
    queue = Queue(user, found, params)
    queue.open_years = [each.year for each in still_open if each.region_id == found.region_id]
    return queue
