"""The charts of a year, out of the same functions that give the figures of every other page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agencies.models import User
from reports.charts import (
    NARROW,
    WIDE,
    BarRow,
    Canvas,
    Chart,
    Line,
    burn_up_chart,
    clusters_chart,
    heat_chart,
    offices_chart,
    stairs_chart,
    years_chart,
)
from reports.history import line_of
from reports.ledger import Ledger
from reports.matrix import cells_of
from reports.progress import Office, offices_of
from reports.scores import Score, score
from reports.years import YearRow, years_of
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class Material:
    """What the charts of a year are drawn from, read once; `draw` it as often as needed."""

    ledger: Ledger
    score: Score
    offices: list[Office]
    now: Line
    before: Line | None
    before_score: Score | None
    years: list[YearRow]
    today: date

    def draw(self, canvas: Canvas = WIDE) -> list[Chart]:
        """Each chart that has something to show, in the order in which one would ask."""
        total, bands = self.score.total, self.score.bands
        past = self.before_score
        earlier = {} if past is None else {line.code: line.proven for line in past.clusters}
        drawn = [
            stairs_chart(total, bands, canvas=canvas),
            burn_up_chart(
                self.now,
                today=self.today,
                bands=bands,
                maximum=total.maximum,
                before=self.before,
                canvas=canvas,
            ),
            clusters_chart(
                [
                    BarRow(f"{line.code} {line.label}", line, earlier.get(line.code))
                    for line in self.score.clusters
                ],
                before=self.before.year if self.before and past else None,
                canvas=canvas,
            ),
            offices_chart([BarRow(each.name, each) for each in self.holders], canvas=canvas),
            self.heat(canvas),
        ]
        if len(self.years) > 1:
            columns = [row.column for row in self.years]
            drawn.append(years_chart(columns, bands, maximum=total.maximum, canvas=canvas))
        return drawn

    def heat(self, canvas: Canvas = WIDE) -> Chart:
        """The matrix as a drawing, in one look; its figures also stand on a page of its own."""
        names = {each.pk: each.name for each in self.holders}
        cells = {
            (names[agency], code): cell
            for (agency, code), cell in cells_of(self.ledger).items()
            if agency in names and cell.maximum
        }
        rows = [each.name for each in self.holders]
        columns = {each.code: each.cluster for each in self.ledger.plan.indicators}
        return heat_chart(rows, columns, cells, canvas=canvas)

    @property
    def holders(self) -> list[Office]:
        """Offices that hold points, those with most at risk first."""
        found = [each for each in self.offices if each.maximum]
        return sorted(found, key=lambda each: (-each.at_risk, -each.maximum, each.name))


def material_of(
    assessment: Assessment, ledger: Ledger, user: User | None, *, today: date
) -> Material:
    """Five queries beside the ledger's, two more where the year before was assessed here too."""
    years = years_of(assessment, user)
    past = next((row for row in years if row.year == assessment.year - 1 and row.score), None)
    before = None
    if past is not None and past.assessment is not None and past.ledger is not None:
        before = line_of(past.assessment, past.ledger)
    return Material(
        ledger=ledger,
        score=score(ledger),
        offices=offices_of(ledger, today),
        now=line_of(assessment, ledger),
        before=before,
        before_score=past.score if past else None,
        years=years,
        today=today,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """A chart for a desk and for a phone; the style sheet shows the one that can be read."""

    wide: Chart
    narrow: Chart


def pairs_of(material: Material) -> list[Pair]:
    """Every chart twice, drawn from the same material."""
    return [
        Pair(wide, narrow)
        for wide, narrow in zip(material.draw(WIDE), material.draw(NARROW), strict=True)
    ]
