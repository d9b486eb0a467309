"""What a rakor shows of a year: one shape with two sources, live figures or a meeting's record.

Slides, pages and papers are made from `Shown` alone, so that a closed meeting needs no page of its
own and can never show a figure that moved since.
"""

from reports.shown.comparing import Comparison, compare
from reports.shown.making import charts_shown, past_shown, year_shown
from reports.shown.reading import (
    Past,
    Shown,
    ShownDecision,
    ShownIndicator,
    ShownLine,
    ShownOffice,
    ShownQuestion,
    finished,
    past_of,
)

__all__ = [
    "Comparison",
    "Past",
    "Shown",
    "ShownDecision",
    "ShownIndicator",
    "ShownLine",
    "ShownOffice",
    "ShownQuestion",
    "charts_shown",
    "compare",
    "finished",
    "past_of",
    "past_shown",
    "year_shown",
]
