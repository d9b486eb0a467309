"""Bars and charts: what is proven, what is only claimed, and what is left."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from indicators import wording
from reports.charts import tags_of
from reports.charts.bars import Figures
from reports.figures import Pair

register = template.Library()

ZERO = Decimal(0)
HUNDRED = Decimal(100)
SIZES = frozenset({"s", "m", "l", "total"})


class BandStep(Protocol):
    """What `indicators.models.Band` and `scoring.Band` have."""

    @property
    def name(self) -> str: ...
    @property
    def minimum(self) -> Decimal: ...
    @property
    def inclusive(self) -> bool: ...


def width_of(part: Decimal, whole: Decimal) -> str:
    """A part of a whole as an SVG percentage, held between 0 and 100."""
    if whole <= 0:
        return "0%"
    share = min(max(part / whole, ZERO), Decimal(1)) * HUNDRED
    return f"{share.quantize(Decimal('0.01')).normalize():f}%"


def spoken(label: str, proven: Decimal, risk: Decimal, maximum: Decimal) -> str:
    """The bar in words, for those who hear it."""
    start = f"{label}: terbukti" if label else "Terbukti"
    return (
        f"{start} {wording.points(proven)}, diklaim tetapi belum terbukti {wording.points(risk)}, "
        f"dari {wording.points0(maximum)} poin"
    )


@register.simple_tag
def proof_bar(
    *,
    proven: Decimal | int | None,
    claimed: Decimal | int | None,
    maximum: Decimal | int,
    risk: Decimal | int | None = None,
    label: str = "",
    size: str = "m",
    bands: Iterable[BandStep] = (),
    of: Decimal | int | None = None,
    hidden: bool = False,
) -> SafeString:
    """Solid: proven. Hatched: claimed, not proven. Empty: not claimed.

    `risk` is the hatched part; without it, what `claimed` has beyond `proven`. `of` is the longest
    maximum among bars that stand below each other, so that their lengths compare. `hidden` leaves
    the bar out of the spoken page, where its figures stand beside it in the same row.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size of a proof bar: {size}")
    top, full = Decimal(maximum), Decimal(of or maximum)
    solid = Decimal(proven or 0)
    hatched = max(Decimal(claimed or 0) - solid, ZERO) if risk is None else Decimal(risk)
    said = (
        format_html('aria-hidden="{}"', "true")
        if hidden
        else format_html('role="img" aria-label="{}"', spoken(label, solid, hatched, top))
    )
    bar = format_html(
        '<svg class="proof proof-{}" {}><rect class="p-left" width="{}" height="100%"/>'
        '<rect width="{}" height="100%" fill="url(#arsir)"/>'
        '<rect class="p-proven" width="{}" height="100%"/></svg>',
        size,
        said,
        width_of(top, full),
        width_of(min(solid + hatched, top), full),
        width_of(solid, full),
    )
    if size != "total":
        return bar
    return format_html('<div class="proof-box">{}{}</div>', bar, stairs(solid, top, bands))


@register.simple_tag
def tally_bar(
    tally: Figures,
    *,
    label: str = "",
    size: str = "m",
    bands: Iterable[BandStep] = (),
    of: Decimal | int | None = None,
    hidden: bool = False,
) -> SafeString:
    """The proof bar of a tally, with its own idea of what is at risk."""
    return proof_bar(
        proven=tally.proven,
        claimed=tally.claimed,
        maximum=tally.maximum,
        risk=tally.at_risk,
        label=label,
        size=size,
        bands=bands,
        of=of,
        hidden=hidden,
    )


def stairs(proven: Decimal, maximum: Decimal, bands: Iterable[BandStep]) -> SafeString:
    """The bands under the total; on a narrow page every second one stands a step lower."""
    steps = sorted(bands, key=lambda band: band.minimum)
    reached = [
        step
        for step in steps
        if proven > step.minimum or (step.inclusive and proven == step.minimum)
    ]
    return format_html(
        '<svg class="stairs" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<svg x="{}" class="{}{}"><line y1="3" y2="9"/><line class="deep" y1="9" y2="40"/>'
            '<text y="23">{}</text><text y="38">{}</text></svg>',
            (
                (
                    width_of(step.minimum, maximum),
                    "low" if index % 2 else "high",
                    " here" if reached and step is reached[-1] else "",
                    wording.points0(step.minimum),
                    step.name,
                )
                for index, step in enumerate(steps)
                if step.minimum > 0
            ),
        ),
    )


@register.inclusion_tag("components/legend.html")
def legend() -> dict[str, Any]:
    """What solid, hatched and empty mean; once on a page with bars."""
    return {}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(rows: Sequence[Any], *, title: str, name: str = "Klaster") -> dict[str, Any]:
    """Bars below each other, and the same figures as a table to unfold.

    A row has `code`, `label`, the four figures of a tally, and may have `href`. The title says
    the finding.
    """
    longest = max((row.maximum for row in rows), default=ZERO)
    return {"rows": rows, "title": title, "name": name, "longest": longest}


@register.inclusion_tag("components/chart.html")
def chart(pair: Pair, *, level: int = 2) -> dict[str, Any]:
    """A chart (`reports.charts`) for a desk and a phone, under its question, with its figures as a
    table to unfold.
    """
    return {
        "chart": pair.wide,
        "wide": tags_of(pair.wide),
        "narrow": tags_of(pair.narrow),
        "level": level,
    }
