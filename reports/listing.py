"""Every question of a year in one list, and the filters that a figure's link sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from indicators.scoring import Tally, total
from reports.forms import QuestionFilter
from reports.ledger import Ledger
from reports.progress import UNASSIGNED, Row, Standing, rows_of, support_rows_of
from reports.scores import Score, score


@dataclass(frozen=True, slots=True)
class Found:
    """The questions that were asked for; `answers` counts the answers in the state asked for."""

    rows: list[Row]
    answers: int
    tally: Tally
    office: str


def filter_of(data: Mapping[str, str], ledger: Ledger) -> QuestionFilter:
    """The filter with the clusters, indicators and agencies that there are to choose from."""
    asked = {work.indicator for work in ledger.works.values()}
    offices = {work.agency_code: work.agency_name for work in ledger.works.values()}
    return QuestionFilter(
        data,
        clusters=[(each.code, f"{each.code} {each.name}") for each in ledger.plan.clusters],
        indicators=[
            (each.code, f"{each.code} {each.name}")
            for each in ledger.plan.indicators
            if not ledger.is_part or each.code in asked
        ],
        agencies=sorted(offices.items(), key=lambda pair: pair[1].casefold()),
    )


def shown(ledger: Ledger, chosen: Mapping[str, str], *, today: date, now: datetime) -> Found:
    """The questions that the filters leave. With an agency chosen, the figures are its part."""
    office = ""
    if chosen["perangkat"]:
        mine = [w for w in ledger.works.values() if w.agency_code == chosen["perangkat"]]
        office = mine[0].agency_name
        ledger = ledger.of_agency(mine[0].agency)
    figures: Score = score(ledger)
    keep = CONDITION_TESTS.get(chosen["keadaan"], _always)
    every = rows_of(ledger, figures, today=today, now=now)
    if ledger.is_part:
        every += support_rows_of(ledger)
        order = {pk: place for place, pk in enumerate(ledger.plan.questions)}
        every.sort(key=lambda row: order[row.question.pk])
    rows = [
        row
        for row in every
        if keep(row)
        and chosen["klaster"] in ("", row.question.cluster)
        and chosen["indikator"] in ("", row.question.indicator)
    ]
    if chosen["urut"] == "celah":
        rows.sort(key=lambda row: row.line.open, reverse=True)
    elif chosen["urut"] == "risiko":
        rows.sort(key=lambda row: row.line.at_risk, reverse=True)
    answers = sum(_answers(row, chosen["keadaan"]) for row in rows)
    return Found(rows, answers, total(row.line.tally for row in rows), office)


def _answers(row: Row, condition: str) -> int:
    """How many answers of a question are in the state that was asked for."""
    if condition == Standing.WAITING:
        return row.waiting
    return (
        row.standings.count(Standing(condition)) if condition in set(Standing) else len(row.owners)
    )


def _always(row: Row) -> bool:
    return True


def _has(standing: Standing) -> Callable[[Row], bool]:
    return lambda row: standing in row.standings


CONDITION_TESTS: dict[str, Callable[[Row], bool]] = {
    "berisiko": lambda row: row.line.at_risk > 0,
    "celah": lambda row: row.line.open > 0,
    "terbukti": lambda row: row.line.proven > 0,
    "terlambat": lambda row: row.is_late,
    UNASSIGNED: lambda row: not row.owners,
    **{standing.value: _has(standing) for standing in Standing},
    Standing.WAITING.value: lambda row: row.waiting > 0,
}
