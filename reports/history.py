"""How the proven points came about, day by day, out of the verdicts that were given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from indicators.scoring import ZERO, mean_share, points
from indicators.wording import local
from reports.charts import Line
from reports.ledger import Ledger
from submissions.models import Assessment, Event, Review, Verb
from submissions.workflow import Verdict


class Move(NamedTuple):
    """From a moment on an answer has this proven share; None where nothing is proven any more."""

    at: datetime
    response: int
    share: Decimal | None


def moves_of(assessment: Assessment) -> list[Move]:
    """Every verdict of a year, and every one that was taken back, in order of time. Two queries."""
    given = Review.objects.filter(response__assessment=assessment).order_by("pk")
    moves = [
        Move(at, response, share if verdict == Verdict.ACCEPTED else None)
        for at, response, verdict, share in given.values_list(
            "at", "response_id", "verdict", "share"
        )
    ]
    undone = Event.objects.filter(
        assessment=assessment, verb=Verb.REVIEW, response__isnull=False, data__verdict=""
    ).order_by("pk")
    moves += [Move(at, pk, None) for at, pk in undone.values_list("at", "response_id") if pk]
    moves.sort(key=lambda move: move.at)
    return moves


def proven_by_day(ledger: Ledger, moves: Iterable[Move]) -> list[tuple[date, Decimal]]:
    """The proven points at the end of each day on which they changed; the last figure is that of
    `scores.score`, if these are the year's verdicts.
    """
    questions = {entry.pk: entry.question for entry in ledger.entries if entry.is_official}
    counts = {pk: len(entries) for pk, entries in ledger.official.items()}
    maxima = {each.code: each.maximum for each in ledger.plan.indicators}
    shares: defaultdict[int, dict[int, Decimal | None]] = defaultdict(dict)
    of_question: dict[int, Decimal] = {}
    of_indicator: defaultdict[str, Decimal] = defaultdict(Decimal)
    total, days = ZERO, list[tuple[date, Decimal]]()
    for move in moves:
        pk = questions.get(move.response)
        if pk is None:
            continue
        question = ledger.plan.questions[pk]
        shares[pk][move.response] = move.share
        earned = points(question.maximum, mean_share(shares[pk].values(), counts[pk]))
        maximum, code = maxima[question.indicator], question.indicator
        total -= min(of_indicator[code], maximum)
        of_indicator[code] += earned - of_question.get(pk, ZERO)
        of_question[pk] = earned
        total += min(of_indicator[code], maximum)
        day = local(move.at).date()
        if days and days[-1][0] == day:
            days[-1] = (day, total)
        elif total != (days[-1][1] if days else ZERO):
            days.append((day, total))
    return days


def line_of(assessment: Assessment, ledger: Ledger) -> Line:
    """A year's way upwards, as the chart wants it. Two queries."""
    return Line(
        assessment.year,
        local(assessment.opened_at).date(),
        assessment.closes_on,
        proven_by_day(ledger, moves_of(assessment)),
    )
