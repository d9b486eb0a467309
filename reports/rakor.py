"""The table that a rakor goes through, in the columns that staff know: a row for each indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from indicators.models import Question
from indicators.scoring import ZERO
from indicators.wording import points, points0
from reports.ledger import Ledger
from reports.plan import PlanIndicator
from reports.progress import Row, rows_of
from reports.scores import Line, Score, score
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class RakorRow:
    """An indicator: what it has, what was done, what was not, who owes it and what is needed."""

    number: int
    cluster: str
    line: Line
    indicator: PlanIndicator
    done: tuple[str, ...]
    undone: tuple[str, ...]
    offices: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def value(self) -> str:
        """Proven of maximum, as the table has it."""
        return f"{points(self.line.proven)} / {points0(self.line.maximum)}"


@dataclass(frozen=True, slots=True)
class RakorTable:
    score: Score
    rows: tuple[RakorRow, ...]


def table_of(assessment: Assessment, ledger: Ledger, *, today: date, now: datetime) -> RakorTable:
    """One query beside the ledger's: what documents each question asks for."""
    figures = score(ledger)
    under: dict[str, list[Row]] = {}
    for row in rows_of(ledger, figures, today=today, now=now):
        under.setdefault(row.question.indicator, []).append(row)
    asked = dict(
        Question.objects.filter(instrument=assessment.instrument_id).values_list(
            "pk", "expected_evidence"
        )
    )
    names = {each.code: each.name for each in ledger.plan.clusters}
    rows = [
        _row(
            number,
            f"{each.cluster} {names[each.cluster]}",
            figures.indicators[each.code],
            each,
            under.get(each.code, []),
            asked,
        )
        for number, each in enumerate(ledger.plan.indicators, 1)
        if each.code in figures.indicators
    ]
    return RakorTable(figures, tuple(rows))


def _row(
    number: int,
    cluster: str,
    line: Line,
    indicator: PlanIndicator,
    questions: Sequence[Row],
    asked: dict[int, list[str]],
) -> RakorRow:
    """Proven in full is done; what is proven in part stands on both sides, with its points."""
    done = [row for row in questions if row.line.proven > ZERO]
    undone = [row for row in questions if row.line.proven < row.line.maximum]
    owing = [row for row in undone if row.line.open > ZERO or not row.owners]
    offices = dict.fromkeys(row.who for row in owing)
    needed = [
        f"{row.question.code} {'; '.join(asked.get(row.question.pk) or [])}"
        for row in owing
        if asked.get(row.question.pk)
    ]
    return RakorRow(
        number,
        cluster,
        line,
        indicator,
        tuple(
            f"{row.question.code} {row.question.text} "
            f"({points(row.line.proven)} dari {points0(row.line.maximum)})"
            for row in done
        ),
        tuple(f"{row.question.code} {row.question.text}: {row.badge.text}" for row in undone),
        tuple(offices),
        tuple(needed),
    )
