"""Programmes and budget against the indicators: what the register of programmes pays for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from agencies.models import User
from indicators.models import Question, Register
from indicators.scoring import ZERO, number
from indicators.wording import NOTHING, waktu
from reports.ledger import Ledger
from reports.plan import PlanIndicator
from reports.scores import Line, Score
from reports.stamp import Stamp
from submissions.models import Assessment, RegisterRow, ResponseRow
from submissions.wording import rupiah

AIMS = Path(__file__).with_name("budget-aims.json")
MONEY = "pagu"  # the column that makes a register one of programmes
NO_SOURCE = "Sumber tidak disebut"


@cache
def _aims() -> dict[str, str]:
    """What a budget question says, to what the indicator that it pays for says."""
    found: dict[str, str] = json.loads(AIMS.read_text())["aims"]
    return {_plain(question): _plain(indicator) for question, indicator in found.items()}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Programme:
    """One row of the register: rupiah of the year before the data, of the year, and realised."""

    pk: int
    agency: str
    name: str
    activity: str
    detail: str
    source: str
    before: Decimal
    planned: Decimal
    realised: Decimal | None
    year: int


@dataclass(slots=True)
class Money:
    """Rupiah, added up."""

    before: Decimal = ZERO
    planned: Decimal = ZERO
    realised: Decimal = ZERO

    @classmethod
    def of(cls, programmes: Iterable[Programme]) -> Money:
        found = cls()
        for each in programmes:
            found.before += each.before
            found.planned += each.planned
            found.realised += each.realised or ZERO
        return found

    @property
    def share(self) -> Decimal | None:
        """What part of the plan was realised."""
        return self.realised / self.planned if self.planned else None


@dataclass(frozen=True, slots=True)
class Aimed:
    """An indicator with its points and the programmes that are said to pay for it.

    `questions` are the codes of the budget questions about it: without any, the instrument does
    not ask, and nothing is missing.
    """

    indicator: PlanIndicator
    line: Line
    questions: tuple[str, ...]
    programmes: tuple[Programme, ...]

    @property
    def money(self) -> Money:
        return Money.of(self.programmes)

    @property
    def sources(self) -> str:
        return ", ".join(sorted({each.source for each in self.programmes}))

    @property
    def is_missing(self) -> bool:
        """Whether the instrument asks for a budget and no programme is named."""
        return bool(self.questions) and not self.programmes


@dataclass(frozen=True, slots=True)
class Budget:
    """Every indicator, the programmes that no question names, and the sums; each row counts once in
    `total`, also where it pays for two indicators.
    """

    rows: tuple[Aimed, ...]
    loose: tuple[Programme, ...]
    programmes: tuple[Programme, ...]
    sources: tuple[tuple[str, Money], ...]

    @property
    def total(self) -> Money:
        return Money.of(self.programmes)

    @property
    def missing(self) -> tuple[Aimed, ...]:
        """Those with most to win first."""
        found = [row for row in self.rows if row.is_missing]
        return tuple(sorted(found, key=lambda row: -row.line.open))


def budget_of(assessment: Assessment, ledger: Ledger, score: Score, user: User) -> Budget:
    """Four queries beside the ledger's."""
    registers = _registers(assessment)
    rows = _rows(assessment, registers, user).valid_in(assessment.data_year)
    programmes = {each.pk: each for each in _programmes(rows, assessment.data_year)}
    asking = _asking(assessment, registers, ledger.plan.indicators)
    ticked: defaultdict[int, set[int]] = defaultdict(set)
    ticks = ResponseRow.objects.filter(
        response__assessment=assessment, removed_at__isnull=True, row__code__in=registers
    )
    for row, question in ticks.order_by("pk").values_list("row_id", "response__question_id"):
        if row in programmes:
            ticked[question].add(row)
    aimed = []
    for indicator in ledger.plan.indicators:
        mine = [(pk, code) for pk, (code, aim) in asking.items() if aim == indicator.code]
        named = sorted({row for pk, _ in mine for row in ticked[pk]})
        aimed.append(
            Aimed(
                indicator,
                score.indicators[indicator.code],
                tuple(code for _, code in mine),
                tuple(programmes[row] for row in named),
            )
        )
    used = {row for rows_ in ticked.values() for row in rows_}
    loose = tuple(each for pk, each in programmes.items() if pk not in used)
    every = tuple(programmes.values())
    return Budget(tuple(aimed), loose, every, _sources(every))


def _registers(assessment: Assessment) -> list[str]:
    """The codes of the instrument's registers of programmes. One query."""
    found = Register.objects.filter(instrument=assessment.instrument_id)
    return [each.code for each in found if any(column["key"] == MONEY for column in each.columns)]


def _rows(assessment: Assessment, registers: Sequence[str], user: User) -> Any:
    return (
        RegisterRow.objects.visible_to(user)
        .live()
        .filter(agency__region=assessment.region_id, code__in=registers)
        .order_by("agency__name", "pk")
    )


def _programmes(rows: Any, year: int) -> list[Programme]:
    return [
        Programme(
            pk,
            agency,
            str(data.get("program") or ""),
            str(data.get("kegiatan") or ""),
            str(data.get("subkegiatan") or ""),
            str(data.get("sumber_dana") or NO_SOURCE),
            number(data.get("pagu_lalu")) or ZERO,
            number(data.get(MONEY)) or ZERO,
            number(data.get("realisasi")),
            valid_from or year,
        )
        for pk, agency, data, valid_from in rows.values_list(
            "pk", "agency__name", "data", "valid_from"
        )
    ]


def _asking(
    assessment: Assessment, registers: Sequence[str], indicators: Sequence[PlanIndicator]
) -> dict[int, tuple[str, str]]:
    """Each question that draws on such a register, with the code of the indicator that it pays for:
    by what it says, else its own. One query.
    """
    codes = {_plain(each.name): each.code for each in indicators}
    found = Question.objects.filter(
        instrument=assessment.instrument_id, register__code__in=registers
    ).order_by("order")
    return {
        pk: (code, codes.get(_aims().get(_plain(text), ""), own))
        for pk, code, text, own in found.values_list("pk", "code", "text", "indicator__code")
    }


def _sources(programmes: Iterable[Programme]) -> tuple[tuple[str, Money], ...]:
    groups: dict[str, list[Programme]] = {}
    for each in programmes:
        groups.setdefault(each.source, []).append(each)
    sums = [(source, Money.of(mine)) for source, mine in groups.items()]
    return tuple(sorted(sums, key=lambda pair: -pair[1].planned))


@dataclass(slots=True)
class PlanLine:
    """One programme of one agency over the years: what was planned, and what was realised."""

    agency: str
    name: str
    activity: str
    detail: str
    source: str
    planned: dict[int, Decimal] = field(default_factory=dict)
    realised: dict[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The matrix of the RAD KLA: programme by office by year."""

    years: tuple[int, ...]
    rows: tuple[PlanLine, ...]

    def cells(self, row: PlanLine) -> list[tuple[Decimal | None, Decimal | None]]:
        return [(row.planned.get(year), row.realised.get(year)) for year in self.years]

    def sums(self, rows: Sequence[PlanLine]) -> list[tuple[Decimal | None, Decimal | None]]:
        """The same of some rows together; None where none of them says anything."""
        found = []
        for year in self.years:
            planned = [row.planned[year] for row in rows if year in row.planned]
            realised = [row.realised[year] for row in rows if year in row.realised]
            found.append(
                (sum(planned, ZERO) if planned else None, sum(realised, ZERO) if realised else None)
            )
        return found

    def offices(self) -> list[tuple[str, list[PlanLine]]]:
        """The rows by office, in their order."""
        return [(name, list(mine)) for name, mine in groupby(self.rows, key=lambda row: row.agency)]


YEARS_SHOWN = 5


def action_plan_of(assessment: Assessment, user: User) -> ActionPlan:
    """Every year that the registers tell of, the last five. A row says the plan of its own year and
    of the one before; what a row says of its own year stands above what a later one recalls. Two
    queries.
    """
    rows = _rows(assessment, _registers(assessment), user)
    programmes = _programmes(rows, assessment.data_year)
    found: dict[tuple[str, ...], PlanLine] = {}
    recalled: defaultdict[tuple[tuple[str, ...], int], Decimal] = defaultdict(Decimal)
    for each in sorted(programmes, key=lambda one: -one.year):
        said = (each.agency, each.name, each.activity, each.detail, each.source)
        key = tuple(map(_plain, said))
        line = found.setdefault(key, PlanLine(*said))
        line.planned[each.year] = line.planned.get(each.year, ZERO) + each.planned
        if each.realised is not None:
            line.realised[each.year] = line.realised.get(each.year, ZERO) + each.realised
        recalled[key, each.year - 1] += each.before
    for (key, year), figure in recalled.items():
        found[key].planned.setdefault(year, figure)
    years = sorted({year for line in found.values() for year in line.planned})[-YEARS_SHOWN:]
    ordered = sorted(
        found.values(), key=lambda one: (one.agency, one.name, one.activity, one.detail)
    )
    return ActionPlan(tuple(years), tuple(ordered))


def plan_paper(plan: ActionPlan, stamp: Stamp) -> dict[str, Any]:
    """The matrix as texts, for the PDF: a part for each office, with its sum. No query."""

    def said(pairs: Iterable[tuple[Decimal | None, Decimal | None]]) -> list[str]:
        return [NOTHING if cell is None else rupiah(cell) for pair in pairs for cell in pair]

    parts = [
        {
            "office": office,
            "rows": [
                {
                    "name": row.name,
                    "detail": " · ".join(each for each in (row.activity, row.detail) if each),
                    "source": row.source,
                    "cells": said(plan.cells(row)),
                }
                for row in rows
            ],
            "sum": {"name": f"Jumlah {office}", "cells": said(plan.sums(rows))},
        }
        for office, rows in plan.offices()
    ]
    last = [each for each in plan.sums(plan.rows) if each[0] is not None][-1:]
    return {
        "region": str(stamp.assessment.region),
        "made": waktu(stamp.made),
        "facts": stamp.facts,
        "example": stamp.assessment.is_example,
        "years": [str(year) for year in plan.years],
        "parts": parts,
        "figures": [
            ("Program", str(len(plan.rows))),
            ("Perangkat daerah", str(len(parts))),
            ("Pagu tahun terakhir (Rp)", said(last)[0] if last else NOTHING),
            ("Realisasi tahun terakhir (Rp)", said(last)[1] if last else NOTHING),
        ],
    }
