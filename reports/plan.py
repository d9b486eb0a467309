"""A published instrument as plain values, in its order: what every figure is counted against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from indicators.models import Band, Indicator, Instrument, Question, RubricLevel
from indicators.scoring import ZERO, BandEdge, Level, Mode, Scale


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """One question: what it is worth, how it scores, and whether that is a guess of ours."""

    pk: int
    code: str
    text: str
    maximum: Decimal
    level: str
    scale: Scale
    unit: str
    is_estimate: bool
    evidence_required: bool
    expected: tuple[str, ...]
    lead: str
    indicator: str
    cluster: str


@dataclass(frozen=True, slots=True)
class PlanIndicator:
    """A scored row; `is_capped` where its questions add to more than it may give."""

    pk: int
    code: str
    name: str
    maximum: Decimal
    cluster: str
    questions: tuple[PlanQuestion, ...]

    @property
    def is_capped(self) -> bool:
        """Whether its questions add to more than its own maximum."""
        return sum((each.maximum for each in self.questions), ZERO) > self.maximum


@dataclass(frozen=True, slots=True)
class PlanCluster:
    code: str
    name: str
    maximum: Decimal
    indicators: tuple[PlanIndicator, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole instrument; `questions` by primary key, in the instrument's order."""

    code: str
    title: str
    clusters: tuple[PlanCluster, ...]
    questions: dict[int, PlanQuestion]
    bands: tuple[BandEdge, ...]

    @property
    def indicators(self) -> list[PlanIndicator]:
        """Every indicator, in order."""
        return [indicator for cluster in self.clusters for indicator in cluster.indicators]

    def only(self, code: str) -> Plan:
        """The same instrument as if it had one indicator."""
        clusters = [
            replace(cluster, indicators=tuple(i for i in cluster.indicators if i.code == code))
            for cluster in self.clusters
        ]
        return replace(self, clusters=tuple(each for each in clusters if each.indicators))


def plan_of(instrument: Instrument) -> Plan:
    """The plan of an instrument: four queries the first time, none after.

    Kept in the process because a published instrument never changes (the database refuses); a
    draft is read anew each time. Measured: reading it costs about as much as a year's answers.
    """
    if instrument.published_at is None:
        return _read(instrument.pk, instrument.code, instrument.title)
    return _kept(instrument.pk, instrument.code, instrument.title, instrument.published_at)


@lru_cache(maxsize=16)
def _kept(pk: int, code: str, title: str, published_at: datetime) -> Plan:
    """`published_at` and `code` are part of the key: a restored database may use a number again."""
    return _read(pk, code, title)


def _read(pk: int, code: str, title: str) -> Plan:
    scales, questions = _scales(pk), defaultdict[int, list[PlanQuestion]](list)
    for question in (
        Question.objects.filter(instrument=pk)
        .select_related("rubric", "indicator__cluster")
        .order_by("order")
    ):
        rubric = question.rubric
        scale = Scale(
            Mode(rubric.mode),
            tuple(scales[rubric.pk]),
            higher_is_better=rubric.higher_is_better,
            min_inclusive=rubric.min_inclusive,
        )
        questions[question.indicator_id].append(
            PlanQuestion(
                pk=question.pk,
                code=question.code,
                text=question.text,
                maximum=question.max_points,
                level=question.level,
                scale=scale,
                unit=rubric.unit,
                is_estimate=rubric.is_estimate,
                evidence_required=question.evidence_required,
                expected=tuple(question.expected_evidence or ()),
                lead=question.lead_agency,
                indicator=question.indicator.code,
                cluster=question.indicator.cluster.code,
            )
        )
    clusters = _clusters(pk, questions)
    return Plan(
        code=code,
        title=title,
        clusters=clusters,
        questions={
            question.pk: question
            for cluster in clusters
            for indicator in cluster.indicators
            for question in indicator.questions
        },
        bands=tuple(
            BandEdge(*row)
            for row in Band.objects.filter(instrument=pk)
            .order_by("order")
            .values_list("name", "minimum", "inclusive")
        ),
    )


def _scales(pk: int) -> defaultdict[int, list[Level]]:
    """The levels of each rubric, best first."""
    levels = defaultdict[int, list[Level]](list)
    for rubric, label, share, minimum in (
        RubricLevel.objects.filter(rubric__instrument=pk)
        .order_by("rubric", "order")
        .values_list("rubric_id", "label", "share", "minimum")
    ):
        levels[rubric].append(Level(label, share, minimum))
    return levels


def _clusters(pk: int, questions: dict[int, list[PlanQuestion]]) -> tuple[PlanCluster, ...]:
    """Clusters in order, each with its indicators."""
    found: dict[int, tuple[str, str, Decimal, list[PlanIndicator]]] = {}
    for each in (
        Indicator.objects.filter(instrument=pk)
        .select_related("cluster")
        .order_by("cluster__order", "order")
    ):
        cluster = each.cluster
        row = (cluster.code, cluster.name, cluster.max_points, list[PlanIndicator]())
        found.setdefault(cluster.pk, row)[3].append(
            PlanIndicator(
                pk=each.pk,
                code=each.code,
                name=each.name,
                maximum=each.max_points,
                cluster=cluster.code,
                questions=tuple(questions.get(each.pk, ())),
            )
        )
    return tuple(
        PlanCluster(code, name, maximum, tuple(indicators))
        for code, name, maximum, indicators in found.values()
    )
