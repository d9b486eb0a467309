"""Agencies by indicators in one look: a cell is a small proof bar with a letter for its state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from indicators.scoring import ZERO
from indicators.wording import points
from reports.ledger import Ledger, Work
from reports.links import Links
from reports.plan import PlanIndicator
from reports.progress import Office, is_late, offices_of
from submissions.workflow import STATE_LABELS, State

LETTERS = {
    State.EMPTY: "B",
    State.DRAFT: "D",
    State.SUBMITTED: "A",
    State.RETURNED: "K",
    State.ACCEPTED: "T",
}
CELL_UNITS = 20  # a cell's bar is 20 units wide: finer than the eye sees at 30 pixels
NONE = format_html("{}", "")
EMPTY_CELL = format_html("<td>{}</td>", NONE)


@dataclass(slots=True)
class Cell:
    """What one agency does for one indicator."""

    work: Work
    asked: int = 0
    answered: int = 0
    proven: Decimal = ZERO
    at_risk: Decimal = ZERO
    maximum: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class MatrixRow:
    office: Office
    name: SafeString
    cells: SafeString


@dataclass(slots=True)
class Matrix:
    """The whole table, drawn."""

    indicators: Sequence[PlanIndicator]
    clusters: list[tuple[str, str, int]]
    head: SafeString = NONE
    rows: list[MatrixRow] = field(default_factory=list)


LEGEND = [(LETTERS[state], STATE_LABELS[state]) for state in State]


def matrix_of(ledger: Ledger, links: Links, *, today: date, by_risk: bool = False) -> Matrix:
    """Drawn by strings: a template with a tag for each of 1,400 cells takes ten times as long."""
    cells = cells_of(ledger)
    offices = offices_of(ledger, today)
    if by_risk:
        offices.sort(key=lambda office: (-office.at_risk, office.name))
    asked = {code for _, code in cells}
    indicators = [
        each for each in ledger.plan.indicators if not ledger.is_part or each.code in asked
    ]
    clusters: dict[str, list[PlanIndicator]] = defaultdict(list)
    for each in indicators:
        clusters[each.cluster].append(each)
    names = {cluster.code: cluster.name for cluster in ledger.plan.clusters}
    first = {group[0].code for group in clusters.values()}
    drawn = Matrix(
        indicators, [(code, names[code], len(group)) for code, group in clusters.items()]
    )
    drawn.head = format_html_join(
        "",
        '<th scope="col" class="{}"><a href="{}" title="{}">{}</a></th>',
        (
            (
                "first" if each.code in first else "",
                links.to("indicator_report", each.code),
                each.name,
                each.code,
            )
            for each in indicators
        ),
    )
    for office in offices:
        way = links.questions(perangkat=office.code)
        drawn.rows.append(
            MatrixRow(
                office,
                format_html(
                    '<a href="{}">{}</a> <small>{}</small>',
                    way,
                    office.name,
                    points(office.at_risk),
                ),
                _cells(office, cells, indicators, f"{way}&indikator=", today),
            )
        )
    return drawn


def cells_of(ledger: Ledger) -> dict[tuple[int, str], Cell]:
    """Agency and indicator to what stands there."""
    found = {(work.agency, work.indicator): Cell(work) for work in ledger.works.values()}
    for entry in ledger.entries:
        work = ledger.works[entry.submission]
        cell = found[work.agency, work.indicator]
        tally = ledger.share_of_agency(entry)
        cell.asked += 1
        cell.answered += entry.answered
        cell.proven += tally.proven
        cell.at_risk += tally.at_risk
        cell.maximum += tally.maximum
    return found


def _cells(
    office: Office,
    cells: dict[tuple[int, str], Cell],
    indicators: Sequence[PlanIndicator],
    way: str,
    today: date,
) -> SafeString:
    """Safe text added to safe text stays safe, and costs a tenth of escaping it once more."""
    drawn = NONE
    for each in indicators:
        cell = cells.get((office.pk, each.code))
        drawn += EMPTY_CELL if cell is None else _cell(cell, each.code, way, today)
    return drawn


def _cell(cell: Cell, code: str, way: str, today: date) -> SafeString:
    """`way` ends where the indicator's code goes. Late work wears a mark besides its letter."""
    letter = LETTERS[State(cell.work.state)]
    # In a cell as wide as a thumb "18/20" does not fit; a whole per cent that is never 100 does.
    done = cell.answered == cell.asked
    return format_html(
        '<td class="{}"><a href="{}{}"><i>{} </i>{}{}</a> {}{}</td>',
        letter,
        way,
        code,
        code,
        letter,
        "!" if is_late(cell.work, today) else "",
        "" if done else f"{cell.answered * 100 // cell.asked}%",
        _bar(cell),
    )


def _bar(cell: Cell) -> SafeString:
    """Solid and hatched, in whole units; nothing where the agency only supports."""
    if not cell.maximum:
        return NONE
    solid = units(cell.proven, cell.maximum)
    hatched = min(units(cell.at_risk, cell.maximum), CELL_UNITS - solid)
    return _drawn(solid, hatched)


def units(part: Decimal, whole: Decimal) -> int:
    """A part of a bar; something is never drawn as nothing, nor nearly everything as all."""
    exact = part / whole * CELL_UNITS
    if not part:
        return 0
    return CELL_UNITS if part >= whole else min(max(round(exact), 1), CELL_UNITS - 1)


_bars: dict[tuple[int, int], SafeString] = {}


def _drawn(solid: int, hatched: int) -> SafeString:
    """At most 231 different bars, each drawn once."""
    if (solid, hatched) not in _bars:
        left, right = (f"{part * 100 // CELL_UNITS}%" for part in (solid, hatched))
        _bars[solid, hatched] = format_html(
            "<svg>{}{}</svg>",
            format_html('<rect class="h" x="{}" width="{}"/>', left, right) if hatched else "",
            format_html('<rect width="{}"/>', left) if solid else "",
        )
    return _bars[solid, hatched]
