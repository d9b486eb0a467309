"""Charts as plain shapes: figures in, SVG out; the same drawing for page, paper and wall.

Each chart answers a question and says what it finds; its figures stand beside it as a table. On a
page shapes have classes, so that they follow the tokens; `to_svg` gives a file of its own.
"""

from reports.charts.bars import BarRow, clusters_chart, offices_chart
from reports.charts.burn_up import Line, burn_up_chart
from reports.charts.heat import heat_chart
from reports.charts.shapes import (
    HALL,
    NARROW,
    PAPER,
    WIDE,
    Canvas,
    Chart,
    Shape,
    Sheet,
    tags_of,
    to_svg,
)
from reports.charts.stairs import stairs_chart
from reports.charts.years import YearColumn, years_chart

__all__ = [
    "HALL",
    "NARROW",
    "PAPER",
    "WIDE",
    "BarRow",
    "Canvas",
    "Chart",
    "Line",
    "Shape",
    "Sheet",
    "YearColumn",
    "burn_up_chart",
    "clusters_chart",
    "heat_chart",
    "offices_chart",
    "stairs_chart",
    "tags_of",
    "to_svg",
    "years_chart",
]
