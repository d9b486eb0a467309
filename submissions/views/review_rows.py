"""The register rows that count for an answer, as the reviewer sees them: the official "matriks"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.urls import reverse

from submissions.actions.ticking import suggested_level
from submissions.forms.cells import columns_of
from submissions.models import Evidence, Response, ResponseRow, RowEvidence
from submissions.views.register_page import Shown, cells_of, validity

SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowLine:
    """A ticked row: its cells that say something, the years it holds, its evidence."""

    cells: list[Shown]
    years: str
    retired: bool
    documents: list[tuple[str, str]]  # name, address
    giver: str  # another office, whose row was taken over


@dataclass(frozen=True, slots=True)
class Rows:
    """All ticked rows in figures, the first of them in full; `suggested` is a level's name."""

    ticked: int
    proven: int
    suggested: str
    lines: list[RowLine]

    @property
    def more(self) -> int:
        return self.ticked - len(self.lines)


def rows_of(response: Response) -> Rows | None:
    """What was ticked for the answer; None where its question draws on no register.

    Two queries for any number of rows. Needs `question__register` and `question__rubric`.
    """
    register = response.question.register
    if register is None:
        return None
    ticks = list(
        ResponseRow.objects.filter(response=response, removed_at__isnull=True)
        .select_related("row__agency")
        .order_by("row")
    )
    documents: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for link in (
        RowEvidence.objects.filter(row__in=[each.row_id for each in ticks], removed_at__isnull=True)
        .select_related("evidence")
        .order_by("pk")
    ):
        documents[link.row_id].append((link.evidence.name, _address(link.evidence)))
    counted = [each for each in ticks if each.row.retired_at is None]
    proven = sum(each.row_id in documents for each in counted)
    scale = response.question.rubric.scale
    level = suggested_level(scale, proven, len(counted))
    columns = columns_of(register)
    own = response.submission.agency_id
    return Rows(
        ticked=len(ticks),
        proven=proven,
        suggested="" if level is None else scale.levels[level].label,
        lines=[
            RowLine(
                cells=[cell for cell in cells_of(columns, each.row.data) if cell.text],
                years=validity(each.row.valid_from, each.row.valid_to),
                retired=each.row.retired_at is not None,
                documents=documents[each.row_id],
                giver="" if each.row.agency_id == own else str(each.row.agency),
            )
            for each in ticks[:SHOWN]
        ],
    )


def _address(evidence: Evidence) -> str:
    return evidence.url or reverse("evidence", args=[evidence.pk])
