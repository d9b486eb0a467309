"""The table that a rakor goes through, in the columns that staff know: a row for each indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from indicators.scoring import ZERO
from indicators.wording import points, points0
from reports.ledger import Ledger
from reports.plan import PlanIndicator
from reports.progress import Row, rows_of
from reports.scores import Line, Score, score


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
    """The rows by indicator, and the questions that they were made from."""

    score: Score
    rows: tuple[RakorRow, ...]
    questions: tuple[Row, ...]


def table_of(ledger: Ledger, *, today: date, now: datetime) -> RakorTable:
    """No query beside the ledger's."""
    figures = score(ledger)
    under: dict[str, list[Row]] = {}
    questions = rows_of(ledger, figures, today=today, now=now)
    for row in questions:
        under.setdefault(row.question.indicator, []).append(row)
    names = {each.code: each.name for each in ledger.plan.clusters}
    rows = [
        _row(
            number,
            f"{each.cluster} {names[each.cluster]}",
            figures.indicators[each.code],
            each,
            under.get(each.code, []),
        )
        for number, each in enumerate(ledger.plan.indicators, 1)
        if each.code in figures.indicators
    ]
    return RakorTable(figures, tuple(rows), tuple(questions))


def _row(
    number: int,
    cluster: str,
    line: Line,
    indicator: PlanIndicator,
    questions: Sequence[Row],
) -> RakorRow:
    """Proven in full is done; what is proven in part stands on both sides, with its points."""
    done = [row for row in questions if row.line.proven > ZERO]
    undone = [row for row in questions if row.line.proven < row.line.maximum]
    owing = [row for row in undone if row.line.open > ZERO or not row.owners]
    offices = dict.fromkeys(row.who for row in owing)
    needed = [
        f"{row.question.code} {'; '.join(row.question.expected)}"
        for row in owing
        if row.question.expected
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
        tuple(_undone(row) for row in undone),
        tuple(offices),
        tuple(needed),
    )


def _undone(row: Row) -> str:
    """What is missing: how the answer stands; one that is settled, with what it was given."""
    said = f"{row.question.code} {row.question.text}: {row.badge.text}"
    if row.line.open > ZERO or not row.owners:
        return said
    return f"{said}, {points(row.line.proven)} dari {points0(row.line.maximum)}"
