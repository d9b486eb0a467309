"""The stages side by side: claimed, proven, what each stage gave; and where points were lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from indicators.scoring import CENT, ZERO, BandEdge, band_of
from indicators.wording import local, points
from reports.answers import level_name
from reports.ledger import Ledger
from reports.plan import Plan
from reports.progress import Row, rows_of
from reports.scores import Line, Score, score
from submissions.actions.stages import INDICATOR, MAXIMUM, Node, Outline, Sums, sums_of
from submissions.models import Assessment, PlaceTotal, Response, Stage, StageResult
from submissions.workflow import VERDICT_LABELS, Verdict

CLAIMED, PROVEN = "klaim", "terbukti"

Figures = tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One of the figures that stand side by side."""

    key: str
    label: str
    held_on: date | None = None
    stage: Stage | None = None
    accepted: tuple[str, ...] = ()
    covered: int = 0


@dataclass(frozen=True, slots=True)
class StageLine:
    """A cluster, an indicator, a question or the total, with one figure a column."""

    code: str
    label: str
    maximum: Decimal
    figures: Figures
    pk: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    line: StageLine
    indicators: tuple[StageLine, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """A question that has less in one column than in an earlier one."""

    row: Row
    before: Decimal
    after: Decimal

    @property
    def lost(self) -> Decimal:
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the page compares; `start` and `end` are the columns of the losses."""

    columns: tuple[Column, ...]
    total: StageLine
    bands: tuple[str, ...]
    clusters: tuple[Cluster, ...]
    questions: tuple[StageLine, ...]
    start: Column
    end: Column
    losses: tuple[Loss, ...]
    lost: Decimal
    gained: Decimal

    @property
    def has_stages(self) -> bool:
        return len(self.columns) > 2


def outline_of_plan(plan: Plan, total: Decimal) -> Outline:
    """The instrument as `sums_of` reads it, out of the plan that is kept anyway: no query."""
    return Outline(
        {
            q.code: Node(q.pk, q.code, q.text, q.maximum, q.indicator)
            for q in plan.questions.values()
        },
        {i.code: Node(i.pk, i.code, i.name, i.maximum, i.cluster) for i in plan.indicators},
        {c.code: Node(0, c.code, c.name, c.maximum) for c in plan.clusters},
        total,
    )


def results_of(assessment: Assessment) -> dict[int, dict[str, Decimal]]:
    """Stage to question code to points: one query."""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for stage, code, given in StageResult.objects.filter(stage__assessment=assessment).values_list(
        "stage_id", "question__code", "points"
    ):
        found[stage][code] = given
    return found


def board_of(
    assessment: Assessment,
    ledger: Ledger,
    *,
    now: datetime,
    start: str = "",
    end: str = "",
    cluster: str = "",
) -> Board:
    """Two queries beside the ledger's. `start`, `end`: keys of columns; unknown ones are passed
    over. The questions are those of the chosen cluster; of one agency's ledger, all of its own.
    """
    figures, plan = score(ledger), ledger.plan
    outline = outline_of_plan(plan, assessment.instrument.total_max_points)
    stages = list(assessment.stages.select_related("stored_by", "assessment"))
    results = results_of(assessment) if stages else {}
    sums = {stage.pk: sums_of(outline, results.get(stage.pk, {})) for stage in stages}
    columns = (
        Column(CLAIMED, "Klaim"),
        Column(PROVEN, "Terbukti"),
        *(_column(stage, results.get(stage.pk, {})) for stage in stages),
    )
    given = [results.get(stage.pk, {}) for stage in stages]
    added = [sums[stage.pk] for stage in stages]
    total = StageLine(
        "TOTAL", "Seluruh penilaian", figures.total.maximum,
        (figures.total.claimed, figures.total.proven, *(each.total for each in added)),
    )  # fmt: skip
    asked = _asked(plan, given)
    lines = {pk: _question(line, pk, given) for pk, line in figures.questions.items()}
    shown = [
        lines[pk]
        for pk, each in plan.questions.items()
        if pk in lines and (ledger.is_part or each.cluster == cluster)
    ]
    by_key = {each.key: place for place, each in enumerate(columns)}
    last = by_key.get(end, len(columns) - 1)
    first = by_key.get(start, 0 if len(columns) <= 3 else len(columns) - 2)
    today = local(now).date()
    losses, gained = _losses(
        rows_of(ledger, figures, today=today, now=now), lines, first=first, last=last
    )
    return Board(
        columns=columns,
        total=total,
        bands=tuple(_band(each, figures.bands) for each in total.figures),
        clusters=tuple(_clusters(plan, figures, added, asked)) if not ledger.is_part else (),
        questions=tuple(shown),
        start=columns[first],
        end=columns[last],
        losses=losses,
        lost=sum((each.lost for each in losses), ZERO),
        gained=gained,
    )


def _column(stage: Stage, given: Mapping[str, Decimal]) -> Column:
    return Column(
        str(stage.pk),
        stage.name,
        stage.held_on,
        stage,
        tuple(_accepted(each) for each in stage.accepted),
        len(given),
    )


def _accepted(each: Mapping[str, str]) -> str:
    """An accepted difference as a sentence."""
    stated, parts = Decimal(each["stated"]), Decimal(each["parts"])
    part = "total" if each["level"] == "total" else f"{each['level']} {each['code']}"
    what = "nilai maks " if each["what"] == MAXIMUM else ""
    return (
        f"{what}{part} tertulis {points(stated)}, seharusnya {points(parts)} "
        f"(selisih {points(stated - parts)})"
    )


def _asked(plan: Plan, given: Sequence[Mapping[str, Decimal]]) -> list[set[str]]:
    """Of each stage, the codes of the indicators and clusters of which it looked at anything."""
    of = {each.code: each for each in plan.questions.values()}
    return [
        {f"{INDICATOR} {of[code].indicator}" for code in stage}
        | {of[code].cluster for code in stage}
        for stage in given
    ]


def _clusters(
    plan: Plan, figures: Score, added: Sequence[Sums], asked: Sequence[set[str]]
) -> list[Cluster]:
    lines = {line.code: line for line in figures.clusters}
    found = []
    for cluster in plan.clusters:
        stages = [
            each.clusters[cluster.code] if cluster.code in seen else None
            for each, seen in zip(added, asked, strict=True)
        ]
        found.append(
            Cluster(
                _line(lines[cluster.code], stages),
                tuple(
                    _line(
                        figures.indicators[indicator.code],
                        [
                            each.indicators[indicator.code]
                            if f"{INDICATOR} {indicator.code}" in seen
                            else None
                            for each, seen in zip(added, asked, strict=True)
                        ],
                    )
                    for indicator in cluster.indicators
                ),
            )
        )
    return found


def _line(line: Line, stages: Sequence[Decimal | None]) -> StageLine:
    return StageLine(line.code, line.label, line.maximum, (line.claimed, line.proven, *stages))


def _question(line: Line, pk: int, given: Sequence[Mapping[str, Decimal]]) -> StageLine:
    """What every stage gave; None where it did not look."""
    stages = [stage.get(line.code) for stage in given]
    return StageLine(line.code, line.label, line.maximum, (line.claimed, line.proven, *stages), pk)


def _losses(
    rows: Sequence[Row], lines: Mapping[int, StageLine], *, first: int, last: int
) -> tuple[tuple[Loss, ...], Decimal]:
    """The questions that lost, most first, and what the others gained."""
    found, gained = [], ZERO
    for row in rows:
        before, after = (lines[row.question.pk].figures[place] for place in (first, last))
        if before is None or after is None:
            continue
        if after < before:
            found.append(Loss(row, before, after))
        gained += max(after - before, ZERO)
    found.sort(key=lambda each: each.lost, reverse=True)
    return tuple(found), gained


def _band(figure: Decimal | None, bands: Sequence[BandEdge]) -> str:
    band = None if figure is None else band_of(figure, bands)
    return band.name if band else "belum ada kategori"


# --- what the reviewer said -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """The reviewer's verdict on the answers to a question, before the stage."""

    text: str
    tone: str
    note: str = ""


def said_of(ledger: Ledger, losses: Sequence[Loss]) -> dict[int, Said]:
    """Question to the verdict; one query for the notes of those that are shown."""
    shown = [each.row.question.pk for each in losses]
    entries = {pk: ledger.official.get(pk, []) for pk in shown}
    alone = [each[0].pk for each in entries.values() if len(each) == 1]
    rows = Response.objects.filter(pk__in=alone).values_list(
        "pk", "verified_level", "last_review__note"
    )
    notes = {pk: (level, note or "") for pk, level, note in rows}
    found = {}
    for pk, answers in entries.items():
        if len(answers) != 1:
            accepted = sum(each.verdict == Verdict.ACCEPTED for each in answers)
            text = f"{accepted} dari {len(answers)} diterima" if answers else "Tanpa pengampu"
            found[pk] = Said(text, "ok" if answers and accepted == len(answers) else "risk")
            continue
        [entry] = answers
        level, note = notes.get(entry.pk, (None, ""))
        text = VERDICT_LABELS[Verdict(entry.verdict)]
        name = level_name(ledger.plan.questions[pk].scale, level)
        if entry.verdict == Verdict.ACCEPTED and name:
            text = f"{text}: {name}"
        tones = {Verdict.ACCEPTED: "ok", Verdict.RETURNED: "returned", Verdict.NONE: "risk"}
        found[pk] = Said(text, tones[Verdict(entry.verdict)], note)
    return found


# --- other places ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place and year: its totals in words, the first and the last, and where it was told."""

    place: str
    year: int
    told: str
    change: Decimal | None
    source: str
    is_own: bool = False

    @property
    def host(self) -> str:
        """Where a link leads, so that nobody follows it blindly."""
        return urlsplit(self.source).hostname or ""


def places_beside(assessment: Assessment, board: Board) -> list[PlaceRow]:
    """Public totals of other places, and one's own between them, by how much was lost."""
    groups: dict[tuple[str, int], list[PlaceTotal]] = defaultdict(list)
    for each in PlaceTotal.objects.order_by("place", "year", "pk"):
        groups[each.place, each.year].append(each)
    rows = []
    for (place, year), totals in groups.items():
        told = "; ".join(_told(each) for each in totals)
        exact = [each.points for each in totals]
        change = exact[-1] - exact[0] if len(exact) > 1 else None
        rows.append(PlaceRow(place, year, told, change, totals[0].source))
    own = [
        (column.label, figure)
        for column, figure in zip(board.columns[2:], board.total.figures[2:], strict=True)
        if figure is not None
    ]
    if own and rows:
        told = "; ".join(f"{label} {points(figure)}" for label, figure in own)
        change = own[-1][1] - own[0][1] if len(own) > 1 else None
        name = str(assessment.region)
        rows.append(PlaceRow(name, assessment.year, told, change, "", is_own=True))
    return sorted(rows, key=lambda row: (row.change is None, row.change or ZERO, row.place))


def _told(each: PlaceTotal) -> str:
    about = "sekitar " if each.is_approximate else ""
    band = f" ({each.band})" if each.band else ""
    return f"{each.stage} {about}{points(each.points)}{band}"


# --- for other programs ---------------------------------------------------------------------------


def as_json(assessment: Assessment, plan: Plan, stage: Stage) -> dict[str, object]:
    """What a stage gave, as `scores --stage` prints it: texts with two decimals."""
    outline = outline_of_plan(plan, assessment.instrument.total_max_points)
    given = dict(stage.results.values_list("question__code", "points"))
    sums = sums_of(outline, given)
    band = band_of(sums.total, plan.bands)
    return {
        "total": str(sums.total.quantize(CENT)),
        "band": band.name if band else None,
        "clusters": {code: str(each.quantize(CENT)) for code, each in sums.clusters.items()},
        "indicators": {code: str(each.quantize(CENT)) for code, each in sums.indicators.items()},
    }
