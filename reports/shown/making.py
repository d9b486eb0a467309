"""The figures of a year as plain values, ready to be stored as JSON as they are."""

from __future__ import annotations

from datetime import date
from typing import Any

from agencies.models import Award, User
from reports.charts import Line as Pace
from reports.figures import Material
from reports.ledger import Ledger
from reports.progress import offices_of
from reports.rakor import RakorTable
from reports.scores import Line
from reports.years import year_before
from submissions.models import Assessment

Plain = dict[str, Any]


def year_shown(ledger: Ledger, table: RakorTable, *, today: date) -> Plain:
    """Total, clusters, the official table, questions and offices. No query of its own."""
    figures = table.score
    ahead = figures.next
    return {
        "total": _line(figures.total),
        "band": figures.band.name if figures.band else "",
        "next": {"name": ahead[0].name, "missing": ahead[1]} if ahead else None,
        "bands": [
            {"name": each.name, "minimum": each.minimum, "inclusive": each.inclusive}
            for each in figures.bands
        ],
        "clusters": [_line(line) for line in figures.clusters],
        "indicators": [
            {
                **_line(row.line),
                "cluster": row.indicator.cluster,
                "done": row.done,
                "undone": row.undone,
                "offices": row.offices,
                "needed": row.needed,
            }
            for row in table.rows
        ],
        "questions": [
            {
                **_line(row.line),
                "indicator": row.question.indicator,
                "cluster": row.question.cluster,
                "who": row.who,
                "office": row.owner_code,
                "state": row.badge.text,
                "tone": row.badge.tone,
                "open": row.line.open if row.owners else row.line.maximum,
            }
            for row in table.questions
        ],
        "offices": [
            {
                "code": each.code,
                "name": each.name,
                "asked": each.asked,
                "answered": each.answered,
                "proven": each.proven,
                "claimed": each.claimed,
                "at_risk": each.at_risk,
                "maximum": each.maximum,
            }
            for each in offices_of(ledger, today)
        ],
    }


def _line(line: Line) -> Plain:
    return {
        "code": line.code,
        "label": line.label,
        "proven": line.proven,
        "claimed": line.claimed,
        "at_risk": line.at_risk,
        "maximum": line.maximum,
        "estimate": line.is_estimate,
    }


def past_shown(assessment: Assessment, user: User | None) -> Plain:
    """The year before in points by cluster, and the last award. Three queries."""
    before = year_before(assessment, user)
    award = (
        Award.objects.filter(region=assessment.region_id, year__lt=assessment.year)
        .order_by("-year")
        .first()
    )
    lines = before.score.clusters if before and before.score else ()
    return {
        "year": before.year if before else None,
        "clusters": {line.code: line.proven for line in lines},
        "award": award and {"year": award.year, "category": award.category, "score": award.score},
    }


def charts_shown(material: Material) -> Plain:
    """What only the papers draw: the way upwards day by day, and the years beside each other."""
    return {
        "pace": {
            "now": _pace(material.now),
            "before": _pace(material.before) if material.before else None,
        },
        "years": [
            {
                "year": row.year,
                "claimed": row.claimed,
                "proven": row.proven,
                "stages": row.column.stages,
                "category": row.column.category,
            }
            for row in material.years
        ],
    }


def _pace(line: Pace) -> Plain:
    return {
        "year": line.year,
        "opened": line.opened,
        "closes": line.closes,
        "days": [list(each) for each in line.days],
    }
