"""The year before in the example: told to its end, verified and closed, so that this year has
something to be compared with. All of it is invented; no award is made up for a real city.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from agencies.models import Region, User
from indicators.models import Instrument
from indicators.scoring import CENT
from kla_tracker.demo.story import Story
from kla_tracker.demo.work import WIB, Work, workday
from reports.scores import score_of
from submissions.actions.stages import QUESTION, Given, store_stage
from submissions.actions.year import close_year, open_year
from submissions.models import Assessment, Response, Submission

YEAR_OF_DAYS = 364  # the same day of the week
OPENED = 56  # working days before it was closed, 15 of them after the deadline
VERIFIED_FOR = timedelta(days=21)
LETTERS = (
    "A" * 34 + "M" * 8 + "RRDE"
)  # see `plans`; the rest of an office's work goes on from there
POORER = 0.5  # an office stood so much worse than this year
STAGE = "Verifikasi provinsi (data contoh)"
CUT = {7: Decimal("0.75"), 11: Decimal("0.5")}  # of each so manieth question, what was left
NOTE = "Verifikasi selesai; yang belum diterima tidak dihitung. Data contoh, bukan angka nyata."


def tell(
    region: Region,
    instrument: Instrument,
    people: dict[int, User],
    *,
    year: int,
    closes_on: date,
    seed: str,
) -> Assessment:
    """Open, tell, verify and close the year before `closes_on`, on the same instrument."""
    due = closes_on - timedelta(days=YEAR_OF_DAYS)
    end = due + VERIFIED_FOR
    past = open_year(
        region,
        instrument,
        year=year,
        data_year=year - 1,
        closes_on=due,
        by=people[0],
        is_example=True,
        at=datetime.combine(workday(end, OPENED), time(7, 30), WIB),
    )
    told = PastStory(past, people, end, seed)
    told.tell()
    told.store()
    at = datetime.combine(end, time(15), WIB)
    _look_from_outside(past, by=people[0], now=at)
    return close_year(past, note=NOTE, by=people[0], now=at + timedelta(minutes=30))


class PastWork(Work):
    """Work that went on for months and was verified as it came in."""

    @property
    def is_late(self) -> bool:
        return False

    @property
    def quality(self) -> float:
        return super().quality - POORER

    def days(self) -> tuple[int, int, int]:
        """Verdicts from the third week on to the last, more of them early than late."""
        rng = self.rng
        if self.letter == "D":
            return rng.randint(20, 40), 0, 0
        decided = max(rng.randint(4, 44), rng.randint(4, 44))
        sent = decided + rng.randint(3, 7)
        return min(sent + rng.randint(2, 9), OPENED - 1), sent, decided


@dataclass
class PastStory(Story):
    """Its offices gave one document for each indicator, all with the same page inside."""

    real_files: bool = False
    work: type[Work] = PastWork

    def plan(
        self, submissions: list[Submission], given: Mapping[int, list[Response]]
    ) -> dict[int, str]:
        """The letter of each submission: most are accepted, some were never finished."""
        letters = Random(f"{self.seed}:plan").choices(LETTERS, k=len(submissions))  # noqa: S311
        return {each.pk: letter for each, letter in zip(submissions, letters, strict=True)}

    def attach(self, response: Response, submission: Submission, name: str, at: datetime) -> None:
        data_year, code = self.assessment.data_year, submission.indicator.code
        name = f"Data dukung indikator {code} tahun {data_year}.pdf"
        super().attach(response, submission, name, at)

    def ask(self) -> None:
        """Nobody waits for an answer in a year that is over."""


def _look_from_outside(past: Assessment, *, by: User, now: datetime) -> None:
    """What an outside stage left of the proven points."""
    lines = score_of(past).questions.values()
    given = [
        Given(row, QUESTION, line.code, (line.proven * _left(row)).quantize(CENT))
        for row, line in enumerate(lines, 1)
    ]
    held = now.date() - timedelta(days=2)
    store_stage(past, name=STAGE, held_on=held, given=given, accept=True, by=by, now=now)


def _left(row: int) -> Decimal:
    return next((left for every, left in CUT.items() if row % every == 0), Decimal(1))
