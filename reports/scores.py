"""The one place that gives figures: page, workbook and commands all read `score_of`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.scoring import (
    CENT,
    ZERO,
    Answer,
    BandEdge,
    Tally,
    band_of,
    mean_share,
    next_band,
    points,
    tally_indicator,
    tally_question,
    total,
)
from reports.ledger import Entry, Ledger, ledger_of, part_of, tally_one
from reports.plan import PlanIndicator, PlanQuestion
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of a question, an indicator, a cluster or the total.

    `unproven`: those of the proven points that were accepted without the required evidence.
    `guess_proven`, `guess_claimed`: those that rest on a rubric whose shares are our estimate.
    """

    code: str
    label: str
    tally: Tally
    unproven: Decimal = ZERO
    guess_proven: Decimal = ZERO
    guess_claimed: Decimal = ZERO

    @property
    def proven(self) -> Decimal:
        return self.tally.proven

    @property
    def claimed(self) -> Decimal:
        return self.tally.claimed

    @property
    def at_risk(self) -> Decimal:
        return self.tally.at_risk

    @property
    def maximum(self) -> Decimal:
        return self.tally.maximum

    @property
    def open(self) -> Decimal:
        """Points that are not proven yet and can still be: what a gap is worth."""
        return self.tally.potential - self.tally.proven

    @property
    def is_estimate(self) -> bool:
        """Whether anything that counts here is "perkiraan"."""
        return self.guess_proven > 0 or self.guess_claimed > 0


@dataclass(frozen=True, slots=True)
class Score:
    """A year, or one agency's part of it. `questions` by primary key, `indicators` by code."""

    total: Line
    clusters: tuple[Line, ...]
    indicators: dict[str, Line]
    questions: dict[int, Line]
    bands: tuple[BandEdge, ...]

    @property
    def band(self) -> BandEdge | None:
        """The category that the proven points reach; None below the first."""
        return band_of(self.total.proven, self.bands)

    @property
    def next(self) -> tuple[BandEdge, Decimal] | None:
        """The next category and what is missing to it."""
        return next_band(self.total.proven, self.bands)

    @property
    def estimate_share(self) -> Decimal | None:
        """The share of the proven points (while there are none: of the claimed) that rests on
        estimated shares; None while there is nothing.
        """
        whole, part = self.total.proven, self.total.guess_proven
        if not whole:
            whole, part = self.total.claimed, self.total.guess_claimed
        return part / whole if whole else None


def score_of(assessment: Assessment) -> Score:
    """The figures of a whole year, as they stand now."""
    return score(ledger_of(assessment, None))


def score(ledger: Ledger) -> Score:
    """The figures of the answers that score.

    Of a whole year, or of one agency's: then only its questions count, and of a question that
    every area answers only its own part.
    """
    whole = not ledger.is_part
    official, areas = ledger.official, ledger.areas
    clusters: list[Line] = []
    indicators: dict[str, Line] = {}
    questions: dict[int, Line] = {}
    for cluster in ledger.plan.clusters:
        lines = []
        for indicator in cluster.indicators:
            own = []
            for question in indicator.questions:
                answers = official.get(question.pk, ())
                if whole or answers:
                    maximum = question.maximum
                    if not whole and question.pk in areas:
                        maximum = part_of(maximum, areas[question.pk])
                    line = questions[question.pk] = _question(question, maximum, answers)
                    own.append(line)
            if whole or own:
                line = indicators[indicator.code] = _indicator(indicator, own, whole=whole)
                lines.append(line)
        if whole or lines:
            clusters.append(_sum(cluster.code, cluster.name, lines))
    return Score(
        total=_sum("TOTAL", "Seluruh penilaian", clusters),
        clusters=tuple(clusters),
        indicators=indicators,
        questions=questions,
        bands=ledger.plan.bands,
    )


def _question(question: PlanQuestion, maximum: Decimal, answers: Sequence[Entry]) -> Line:
    if len(answers) == 1:
        tally = tally_one(maximum, answers[0].claim_share, answers[0].verified_share)
    else:
        tally = tally_question(
            maximum, [Answer(each.claim_share, each.verified_share) for each in answers]
        )
    unproven = ZERO
    if any(each.unproven for each in answers):
        shares = (each.verified_share for each in answers if each.unproven)
        unproven = points(maximum, mean_share(shares, len(answers)))
    return Line(
        question.code,
        question.text,
        tally,
        unproven,
        tally.proven if question.is_estimate else ZERO,
        tally.claimed if question.is_estimate else ZERO,
    )


def _indicator(indicator: PlanIndicator, lines: Sequence[Line], *, whole: bool) -> Line:
    """Capped at the indicator's maximum; an agency's part also at what its questions add to."""
    maximum = indicator.maximum
    if not whole:
        maximum = min(maximum, sum((line.maximum for line in lines), ZERO))
    tally = tally_indicator(maximum, (line.tally for line in lines))
    return Line(
        indicator.code,
        indicator.name,
        tally,
        min(_of(line.unproven for line in lines), tally.proven),
        min(_of(line.guess_proven for line in lines), tally.proven),
        min(_of(line.guess_claimed for line in lines), tally.claimed),
    )


def _sum(code: str, label: str, lines: Sequence[Line]) -> Line:
    return Line(
        code,
        label,
        total(line.tally for line in lines),
        _of(line.unproven for line in lines),
        _of(line.guess_proven for line in lines),
        _of(line.guess_claimed for line in lines),
    )


def _of(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, ZERO)


def as_json(found: Score) -> dict[str, object]:
    """The proven points as other programs read them: texts with two decimals."""
    band = found.band
    return {
        "total": _text(found.total.proven),
        "band": band.name if band else None,
        "clusters": {line.code: _text(line.proven) for line in found.clusters},
        "indicators": {code: _text(line.proven) for code, line in found.indicators.items()},
    }


def _text(figure: Decimal) -> str:
    return str(figure.quantize(CENT))
