"""Points, totals and bands: arithmetic on plain values, no Django and no clock.

Points are `Decimal` with two places, rounded half up; a share is a `Decimal` from 0 to 1 with four
places.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")
HUNDRED = Decimal(100)

Value = Mapping[str, Any]


class Mode(StrEnum):
    """How a rubric turns an answer into a share of the question's points."""

    CHOICE = "choice"
    THRESHOLD = "threshold"
    TREND = "trend"
    AREA_SHARE = "area_share"
    GRADED = "graded"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a rubric; `minimum` is a percentage and only thresholds have it."""

    label: str
    share: Decimal
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """A rubric as plain values. Levels stand best first, as in the instrument's file."""

    mode: Mode
    levels: tuple[Level, ...] = ()
    higher_is_better: bool = True
    min_inclusive: bool = True
    ceiling: Decimal = HUNDRED

    def options(self) -> tuple[Level, ...]:
        """What a person can pick: the levels, or Ya and Tidak for one area's answer."""
        if self.mode is not Mode.AREA_SHARE:
            return self.levels
        yes, no = (ONE, ZERO) if self.higher_is_better else (ZERO, ONE)
        return (Level("Ya", yes), Level("Tidak", no))


def number(text: object) -> Decimal | None:
    """A finite number out of stored JSON, or None; never raises."""
    if text is None or isinstance(text, bool):
        return None
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def percentage(value: Value) -> Decimal | None:
    """Numerator over denominator in percent, two places half up; None while it cannot be told.

    Rounded before it is compared, so that the figure people read is the figure that decides:
    89,994 is 89,99 and below 90; 89,995 is 90,00.
    """
    numerator, denominator = number(value.get("numerator")), number(value.get("denominator"))
    if numerator is None or denominator is None or denominator <= 0 or numerator < 0:
        return None
    return (numerator / denominator * HUNDRED).quantize(CENT, ROUND_HALF_UP)


def level_of(scale: Scale, value: Value | None) -> int | None:
    """The option (an index into `scale.options()`) that an answer reaches; None if it is unanswered
    or incomplete.
    """
    if not value:
        return None
    if scale.mode is Mode.THRESHOLD:
        return _threshold_level(scale, percentage(value))
    if scale.mode is Mode.TREND:
        return _trend_level(scale, value.get("values"))
    if scale.mode is Mode.AREA_SHARE:
        answer = value.get("yes")
        return None if not isinstance(answer, bool) else int(not answer)
    index = value.get("level")
    known = (
        isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(scale.levels)
    )
    return index if known else None


def _threshold_level(scale: Scale, percent: Decimal | None) -> int | None:
    """The level with the highest minimum that the percentage reaches, or exceeds where a minimum is
    exclusive.
    """
    if percent is None or not scale.levels:
        return None
    steps = sorted(
        ((level.minimum or ZERO, index) for index, level in enumerate(scale.levels)), reverse=True
    )
    for minimum, index in steps:
        if percent > minimum or (scale.min_inclusive and percent == minimum):
            return index
    return steps[-1][1]  # the lowest step takes what stands on its own edge


def _trend_level(scale: Scale, values: object) -> int | None:
    """Better, equal or worse than the year before; equal at the ceiling (or at zero) counts as
    better.

    The first value is the earlier year. A missing year leaves the trend unanswered: half a
    comparison proves nothing.
    """
    if not isinstance(values, list | tuple) or len(values) < 2 or len(scale.levels) < 3:
        return None
    before, now = number(values[-2]), number(values[-1])
    if before is None or now is None:
        return None
    best, same, worse = 0, 1, 2
    if before == now:
        peak = scale.ceiling if scale.higher_is_better else ZERO
        return best if now == peak else same
    return best if (now > before) is scale.higher_is_better else worse


def share_of(scale: Scale, level: int | None) -> Decimal | None:
    """The share of the points that an option earns; None stays None."""
    return None if level is None else scale.options()[level].share


def points(maximum: Decimal, share: Decimal | None) -> Decimal:
    """Points for a share of a question's maximum; an unanswered question earns nothing."""
    return ZERO.quantize(CENT) if share is None else (maximum * share).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one answering agency (the lead, or one area) stands at: shares from 0 to 1, None while
    there is none.
    """

    claimed: Decimal | None = None
    proven: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of a question, an indicator, a cluster or a year, in points; never mix them.

    `claimed`: what agencies claim. `proven`: what DP3AP2KB accepted. `at_risk`: claimed and not
    proven.
    `potential`: still reachable (a verdict settles its question). `maximum`: what there is to win.
    """

    claimed: Decimal = ZERO
    proven: Decimal = ZERO
    at_risk: Decimal = ZERO
    potential: Decimal = ZERO
    maximum: Decimal = ZERO

    @property
    def missing(self) -> Decimal:
        """Points that nobody claims and nothing proves."""
        return self.maximum - self.proven - self.at_risk


def mean_share(shares: Iterable[Decimal | None], count: int) -> Decimal:
    """The share of areas; one that did not answer counts among the areas and earns nothing."""
    return sum((share for share in shares if share is not None), ZERO) / count if count else ZERO


def tally_question(maximum: Decimal, answers: Sequence[Answer]) -> Tally:
    """One question: one answer of its lead, or one for each of its areas (none: nobody is
    assigned).
    """
    count = len(answers)
    claimed = points(maximum, mean_share((a.claimed for a in answers), count))
    proven = points(maximum, mean_share((a.proven for a in answers), count))
    reach = points(
        maximum, mean_share((max(a.claimed or ZERO, a.proven or ZERO) for a in answers), count)
    )
    potential = points(
        maximum, mean_share((ONE if a.proven is None else a.proven for a in answers), count)
    )
    return Tally(claimed, proven, reach - proven, potential, maximum)


def total(parts: Iterable[Tally]) -> Tally:
    """The sum of tallies: a cluster of its indicators, a year of its clusters."""
    claimed = proven = at_risk = potential = maximum = ZERO
    for part in parts:
        claimed += part.claimed
        proven += part.proven
        at_risk += part.at_risk
        potential += part.potential
        maximum += part.maximum
    return Tally(claimed, proven, at_risk, potential, maximum)


def tally_indicator(maximum: Decimal, questions: Iterable[Tally]) -> Tally:
    """The sum of an indicator's questions, capped at the indicator's own maximum."""
    parts = total(questions)
    proven = min(parts.proven, maximum)
    return Tally(
        claimed=min(parts.claimed, maximum),
        proven=proven,
        at_risk=min(parts.proven + parts.at_risk, maximum) - proven,
        potential=min(parts.potential, maximum),
        maximum=maximum,
    )


@dataclass(frozen=True, slots=True)
class BandEdge:
    """A category and where it begins: at `minimum` points if inclusive, above it otherwise."""

    name: str
    minimum: Decimal
    inclusive: bool = False

    def holds(self, points_total: Decimal) -> bool:
        """Whether a total has reached this category."""
        return points_total > self.minimum or (self.inclusive and points_total == self.minimum)

    @property
    def first(self) -> Decimal:
        """The lowest total with two decimals that reaches it."""
        return self.minimum if self.inclusive else self.minimum + CENT


def band_of(points_total: Decimal, bands: Iterable[BandEdge]) -> BandEdge | None:
    """The highest category that a total has reached, or None below the first."""
    reached = [band for band in bands if band.holds(points_total)]
    return max(reached, key=lambda band: band.minimum, default=None)


def next_band(points_total: Decimal, bands: Iterable[BandEdge]) -> tuple[BandEdge, Decimal] | None:
    """The next category and the points that are missing to it; None at the top."""
    ahead = [band for band in bands if not band.holds(points_total)]
    if not ahead:
        return None
    band = min(ahead, key=lambda each: each.minimum)
    return band, band.first - points_total
