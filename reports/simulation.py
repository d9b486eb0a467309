"""What if: the figures of a year as they would be, had some gaps been proven. Nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from agencies.models import AssignmentRole
from indicators.scoring import CENT, ZERO, BandEdge, Tally, band_of, next_band, tally_indicator
from reports.cheapest import Gap as Prize
from reports.cheapest import Office, cheapest, fewest
from reports.ledger import Ledger, Work
from reports.plan import Plan, PlanQuestion
from reports.scores import Score
from submissions.models import Assessment, Scenario
from submissions.models.planning import USUAL

FULL, CLAIMED = "penuh", "klaim"
BASES = {FULL: "nilai penuh tiap pertanyaan", CLAIMED: "setinggi yang diklaim sekarang"}
EFFORT, FEWEST, OFFICES = "upaya", "jumlah", "kantor"
WAYS = {
    EFFORT: "upaya paling kecil",
    FEWEST: "pertanyaan paling sedikit",
    OFFICES: "perangkat daerah paling sedikit",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A question whose points can still be proven: `gain` of them under the chosen basis.

    `number` is its place in the instrument, `key` names who would do it (an agency's code, or the
    level where every area does), `offices` are those who still owe it, `due` is when they should
    have handed in.
    """

    number: int
    question: PlanQuestion
    gain: Decimal
    effort: int
    is_judged: bool
    key: str
    who: str
    offices: frozenset[str]
    due: date


@dataclass(frozen=True, slots=True)
class Step:
    """What would stand at the end of a day, after everything that was to be done by then."""

    day: date
    total: Decimal
    band: BandEdge | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One agency's part of what is supposed, and by when; `offices` is how many it stands for."""

    key: str
    who: str
    offices: int
    questions: int
    points: Decimal
    effort: int
    day: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the picked gaps would make of the year."""

    picked: tuple[Gap, ...]
    now: Tally
    then: Tally
    band_now: BandEdge | None
    band_then: BandEdge | None
    ahead: tuple[BandEdge, Decimal] | None
    shares: tuple[Share, ...]
    steps: tuple[Step, ...]

    @property
    def gained(self) -> Decimal:
        return self.then.proven - self.now.proven

    @property
    def effort(self) -> int:
        return sum(gap.effort for gap in self.picked)

    @property
    def offices(self) -> int:
        return sum(share.offices for share in self.shares)

    @property
    def last(self) -> date | None:
        """When the last of it would be done."""
        return max((share.day for share in self.shares), default=None)


def efforts_of(assessment: Assessment) -> dict[int, int]:
    """Question to its effort, of those that were judged. One query."""
    return dict(assessment.efforts.values_list("question_id", "level"))


def gaps_of(ledger: Ledger, score: Score, efforts: Mapping[int, int], *, basis: str) -> list[Gap]:
    """Every gap, in the instrument's order; a question that nobody answers cannot be won."""
    found = []
    for number, (pk, question) in enumerate(ledger.plan.questions.items(), 1):
        line, entries = score.questions[pk], ledger.official.get(pk, ())
        gain = line.open if basis == FULL else min(line.at_risk, line.open)
        if gain <= 0 or not entries:
            continue
        owing = [each for each in entries if each.verified_share is None] or entries
        works = [ledger.works[each.submission] for each in owing]
        key, who = _owner(works, question, entries[0].role)
        found.append(
            Gap(
                number,
                question,
                gain,
                efforts.get(pk, USUAL),
                pk in efforts,
                key,
                who,
                frozenset(work.agency_code for work in works),
                max(work.due_on for work in works),
            )
        )
    return found


def _owner(works: Sequence[Work], question: PlanQuestion, role: str) -> tuple[str, str]:
    if role == AssignmentRole.AREA:
        return question.level, f"Semua {question.level}"
    return works[0].agency_code, works[0].agency_name


def outcome_of(
    ledger: Ledger,
    score: Score,
    gaps: Sequence[Gap],
    picks: Collection[int],
    *,
    dates: Mapping[str, date],
    today: date,
) -> Outcome:
    """The year with the picked gaps proven; without any it is the year as it stands."""
    picked = tuple(gap for gap in gaps if gap.number in picks)
    then = supposed(ledger, score, picked)
    shares = _shares(picked, dates, today)
    days = {share.key: share.day for share in shares}
    steps = []
    for day in sorted(set(days.values())):
        done = [gap for gap in picked if days[gap.key] <= day]
        figure = supposed(ledger, score, done).proven
        names = tuple(share.who for share in shares if share.day == day)
        steps.append(Step(day, figure, band_of(figure, score.bands), names))
    return Outcome(
        picked,
        score.total.tally,
        then,
        score.band,
        band_of(then.proven, score.bands),
        next_band(then.proven, score.bands),
        shares,
        tuple(steps),
    )


def supposed(ledger: Ledger, score: Score, picked: Iterable[Gap]) -> Tally:
    """The total with these gaps proven, by the same arithmetic and the same caps as the score."""
    gains = {gap.question.pk: gap.gain for gap in picked}
    figures = ZERO
    risks = ZERO
    for indicator in ledger.plan.indicators:
        parts = []
        for question in indicator.questions:
            tally = score.questions[question.pk].tally
            gain = gains.get(question.pk, ZERO)
            if gain:
                risk = max(tally.at_risk - gain, ZERO)
                tally = replace(tally, proven=tally.proven + gain, at_risk=risk)
            parts.append(tally)
        whole = tally_indicator(indicator.maximum, parts)
        figures += whole.proven
        risks += whole.at_risk
    return replace(score.total.tally, proven=figures, at_risk=risks)


def _shares(picked: Iterable[Gap], dates: Mapping[str, date], today: date) -> tuple[Share, ...]:
    """By agency, those with most points first. Without a date it is their due date, or today where
    that is past.
    """
    groups: dict[str, list[Gap]] = {}
    for gap in picked:
        groups.setdefault(gap.key, []).append(gap)
    found = [
        Share(
            key,
            mine[0].who,
            size_of(mine),
            len(mine),
            sum((gap.gain for gap in mine), ZERO),
            sum(gap.effort for gap in mine),
            dates.get(key) or max(today, *(gap.due for gap in mine)),
        )
        for key, mine in groups.items()
    ]
    return tuple(sorted(found, key=lambda share: (-share.points, share.who)))


def size_of(gaps: Iterable[Gap]) -> int:
    """For how many offices a name stands that may mean every kelurahan."""
    return len(frozenset[str]().union(*(gap.offices for gap in gaps)))


def cheapest_way(
    ledger: Ledger,
    score: Score,
    gaps: Sequence[Gap],
    band: BandEdge,
    *,
    way: str = EFFORT,
    without: Collection[str] = (),
) -> list[int] | None:
    """The numbers of the gaps that reach a category for the least effort, by fewest questions,
    or by fewest agencies (of those for the least effort, then for most points); `without` the
    agencies that cannot help. None where it is out of reach.
    """
    rooms = {}
    for indicator in ledger.plan.indicators:
        held = sum((score.questions[each.pk].proven for each in indicator.questions), ZERO)
        rooms[indicator.code] = max(_cents(indicator.maximum - held), 0)
    able = [gap for gap in gaps if gap.key not in without]
    target = _cents(band.first - score.total.proven)
    if way == OFFICES:
        offices: dict[str, list[Gap]] = {}
        for gap in able:
            offices.setdefault(gap.key, []).append(gap)
        sized = {key: Office(_prizes(mine, way), size_of(mine)) for key, mine in offices.items()}
        chosen = fewest(sized, rooms, target)
        if chosen is None:
            return None
        able = [gap for key in chosen for gap in offices[key]]
    return cheapest(_prizes(able, way), rooms, target)


def _prizes(gaps: Iterable[Gap], way: str) -> list[Prize]:
    return [
        Prize(
            gap.number,
            _cents(gap.gain),
            1 if way == FEWEST else gap.effort,
            gap.question.indicator,
        )
        for gap in gaps
    ]


def _cents(figure: Decimal) -> int:
    return int((figure / CENT).to_integral_value())


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address supposes; it can be written back as one."""

    basis: str
    picks: frozenset[int]
    dates: Mapping[str, date]

    def query(self, **more: str) -> str:
        said = [("dasar", self.basis), *(("p", str(pick)) for pick in sorted(self.picks))]
        said += [(f"k.{key}", day.isoformat()) for key, day in self.dates.items()]
        return urlencode([*said, *((key, value) for key, value in more.items() if value)])


def asked_of_scenario(scenario: Scenario, plan: Plan) -> Asked:
    """A stored supposition, on the questions that the year still has."""
    numbers = {each.code: at for at, each in enumerate(plan.questions.values(), 1)}
    return Asked(
        scenario.basis,
        frozenset(numbers[code] for code in scenario.picks if code in numbers),
        {key: date.fromisoformat(day) for key, day in scenario.dates.items()},
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """A stored supposition with what it would make of the year today."""

    scenario: Scenario
    outcome: Outcome
    settled: int
    query: str


def compared(
    assessment: Assessment,
    ledger: Ledger,
    score: Score,
    efforts: Mapping[int, int],
    *,
    today: date,
) -> list[Compared]:
    """All that were stored, each counted on today's figures. One query."""
    gaps = {basis: gaps_of(ledger, score, efforts, basis=basis) for basis in BASES}
    found = []
    for scenario in assessment.scenarios.select_related("created_by"):
        asked = asked_of_scenario(scenario, ledger.plan)
        outcome = outcome_of(
            ledger, score, gaps[asked.basis], asked.picks, dates=asked.dates, today=today
        )
        settled = len(asked.picks) - len(outcome.picked)
        found.append(Compared(scenario, outcome, settled, asked.query()))
    return found
