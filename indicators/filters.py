"""The instrument as its page shows it: every question in words, and the search over them.

The search runs in Python over the few hundred rows that the page loads anyway, so that upper and
lower case mean the same on both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms

from indicators import scoring, wording
from indicators.models import Cluster, Indicator, Instrument, Question, Rubric
from indicators.scoring import ZERO, Mode

HOW = {
    Mode.CHOICE: "Satu tingkat dipilih.",
    Mode.GRADED: "Satu tingkat dipilih menurut bukti yang ada.",
    Mode.THRESHOLD: "Persentase dari pembilang dan penyebut.",
    Mode.TREND: "Tahun data dibandingkan dengan tahun sebelumnya.",
}


def question_anchor(code: str) -> str:
    """The place of a question on the instrument's page: /instrumen/#p-4.4."""
    return f"p-{code}"


def indicator_anchor(code: str) -> str:
    """The place of an indicator on the instrument's page: /instrumen/#i-4."""
    return f"i-{code}"


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a question and the points that it earns there."""

    label: str
    points: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question, said in words; figures are texts already."""

    code: str
    anchor: str
    text: str
    points: Decimal
    shown_points: str
    lead: str
    supporting: tuple[str, ...]
    area: str
    how: str
    steps: tuple[Step, ...]
    is_estimate: bool
    evidence: tuple[str, ...]
    kinds: tuple[str, ...]
    evidence_required: bool
    register: str
    note: str
    haystack: str

    @property
    def supporters(self) -> str:
        return ", ".join(self.supporting)

    @property
    def wanted(self) -> str:
        """The documents, and the kinds that no document's name says already."""
        unsaid = [kind for kind in self.kinds if not any(e.startswith(kind) for e in self.evidence)]
        return "; ".join((*self.evidence, *unsaid))


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    code: str
    anchor: str
    name: str
    lead: str
    note: str
    maximum: Decimal
    asked: int
    questions: tuple[QuestionRow, ...]

    @property
    def points(self) -> Decimal:
        """What these questions can earn: never more than the indicator."""
        return min(sum((each.points for each in self.questions), ZERO), self.maximum)


@dataclass(frozen=True, slots=True)
class ClusterRow:
    code: str
    anchor: str
    name: str
    coordinator: str
    maximum: Decimal
    indicators: tuple[IndicatorRow, ...]


def catalogue(instrument: Instrument) -> list[ClusterRow]:
    """The whole instrument in order. Six queries for any number of questions."""
    rubrics = {each.pk: each for each in instrument.rubrics.prefetch_related("levels")}
    registers = {each.pk: each.name for each in instrument.registers.all()}
    questions: dict[int, list[Question]] = {}
    for question in instrument.questions.all():
        questions.setdefault(question.indicator_id, []).append(question)
    indicators: dict[int, list[IndicatorRow]] = {}
    for indicator in instrument.indicators.all():
        rows = tuple(
            _question_row(
                each, indicator, rubrics[each.rubric_id], registers.get(each.register_id or 0, "")
            )
            for each in questions.get(indicator.pk, ())
        )
        indicators.setdefault(indicator.cluster_id, []).append(_indicator_row(indicator, rows))
    return [
        _cluster_row(each, tuple(indicators.get(each.pk, ()))) for each in instrument.clusters.all()
    ]


def _cluster_row(cluster: Cluster, indicators: tuple[IndicatorRow, ...]) -> ClusterRow:
    return ClusterRow(
        code=cluster.code,
        anchor=f"k-{cluster.code}",
        name=cluster.name,
        coordinator=cluster.coordinator,
        maximum=cluster.max_points,
        indicators=indicators,
    )


def _indicator_row(indicator: Indicator, questions: tuple[QuestionRow, ...]) -> IndicatorRow:
    return IndicatorRow(
        code=indicator.code,
        anchor=indicator_anchor(indicator.code),
        name=indicator.name,
        lead=indicator.lead_agency,
        note=indicator.note,
        maximum=indicator.max_points,
        asked=len(questions),
        questions=questions,
    )


def _question_row(
    question: Question, indicator: Indicator, rubric: Rubric, register: str
) -> QuestionRow:
    area = question.level if question.is_area else ""
    kinds = [str(kind).capitalize() for kind in question.evidence_kinds]
    searched = (
        question.text,
        indicator.name,
        *indicator.alt_names,
        *question.expected_evidence,
        *kinds,
        register,
        question.note,
    )
    return QuestionRow(
        code=question.code,
        anchor=question_anchor(question.code),
        text=question.text,
        points=question.max_points,
        shown_points=wording.points(question.max_points),
        lead=question.lead_agency,
        supporting=tuple(question.supporting_agencies),
        area=area,
        how=how_scored(rubric, area, question.max_points),
        steps=steps_of(rubric, question.max_points),
        is_estimate=rubric.is_estimate,
        evidence=tuple(question.expected_evidence),
        kinds=tuple(kinds),
        evidence_required=question.evidence_required,
        register=register,
        note=question.note,
        haystack=" ".join(searched).casefold(),
    )


def how_scored(rubric: Rubric, area: str, maximum: Decimal) -> str:
    """How an answer earns its points, in a sentence."""
    if rubric.mode == Mode.AREA_SHARE:
        answer = "Ya" if rubric.higher_is_better else "Tidak"
        return (
            f"Setiap {area or 'wilayah'} menjawab Ya atau Tidak; nilainya bagian yang menjawab "
            f"{answer} kali {wording.points(maximum)} poin."
        )
    sentence = HOW[Mode(rubric.mode)]
    if rubric.mode == Mode.TREND:
        sentence += (
            " Makin tinggi makin baik." if rubric.higher_is_better else " Makin rendah makin baik."
        )
    if area:
        sentence += f" Setiap {area} menjawab; nilainya rata-rata."
    return sentence


def steps_of(rubric: Rubric, maximum: Decimal) -> tuple[Step, ...]:
    """The levels with their points for a question worth `maximum`; prefetch `levels`."""
    return tuple(
        Step(level.label, wording.points(scoring.points(maximum, level.share)))
        for level in rubric.scale.levels
    )


# --- the search -------------------------------------------------------------------------------


class InstrumentSearchForm(forms.Form):
    """Words or a code, an agency, a kind of evidence: any other parameter is ignored."""

    q = forms.CharField(
        label="Kata atau kode",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "akta, Perda, 4.2"}),
    )
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)
    bukti = forms.ChoiceField(label="Data dukung", required=False)

    def __init__(self, data: Any, *, clusters: Sequence[ClusterRow]) -> None:
        super().__init__(data)
        rows = list(all_questions(clusters))
        agencies = {name for row in rows for name in (row.lead, *row.supporting) if name}
        evidence = {kind for row in rows for kind in (*row.evidence, *row.kinds)}
        for name, found in (("perangkat", agencies), ("bukti", evidence)):
            choices = [("", "Semua"), *((each, each) for each in sorted(found, key=str.casefold))]
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = choices
            field.error_messages["invalid_choice"] = "Pilihan ini tidak ada pada instrumen ini."

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked, and understood."""
        return self.is_valid() and any(self.cleaned_data.values())

    def apply(self, clusters: Sequence[ClusterRow]) -> list[ClusterRow]:
        """The clusters with only what was asked for; what has no question left is gone."""
        if not self.is_filtered:
            return list(clusters)
        wanted = self.cleaned_data
        terms = wanted["q"].casefold().split()
        kept = []
        for cluster in clusters:
            indicators = [
                replace(
                    indicator,
                    questions=tuple(
                        row
                        for row in indicator.questions
                        if all(_found(term, row, indicator.code) for term in terms)
                        and wanted["perangkat"] in ("", row.lead, *row.supporting)
                        and wanted["bukti"] in ("", *row.evidence, *row.kinds)
                    ),
                )
                for indicator in cluster.indicators
            ]
            left = tuple(each for each in indicators if each.questions)
            if left:
                kept.append(replace(cluster, indicators=left))
        return kept


def _found(term: str, row: QuestionRow, indicator_code: str) -> bool:
    """A term is part of a word, an indicator's code, or how a question's code begins."""
    code = row.code.casefold()
    if term == indicator_code.casefold() or code == term:
        return True
    if code.startswith(term) and not code[len(term)].isdigit() and "." in term:
        return True
    return term in row.haystack


def all_questions(clusters: Iterable[ClusterRow]) -> Iterable[QuestionRow]:
    """Every question, in order."""
    return (
        row
        for cluster in clusters
        for indicator in cluster.indicators
        for row in indicator.questions
    )


def total_points(clusters: Iterable[ClusterRow]) -> Decimal:
    """What the questions shown can earn together, each indicator capped at its own maximum."""
    return sum((each.points for cluster in clusters for each in cluster.indicators), ZERO)
