"""A region's years beside each other: figures, awards, and what changed between instruments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agencies.models import Award, User
from indicators.scoring import BandEdge
from indicators.wording import NOTHING, number, points, points0
from reports.charts import YearColumn
from reports.ledger import Entry, Ledger, count_areas
from reports.plan import Plan, plan_of
from reports.scores import Score, score
from reports.stages import outline_of_plan
from submissions.actions.stages import sums_of
from submissions.models import Assessment, Response, Stage, StageResult


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year: assessed here, awarded, or both. `changes` is against the assessed year before,
    `stages` what each outside stage gave in all.
    """

    year: int
    assessment: Assessment | None
    score: Score | None
    award: Award | None
    ledger: Ledger | None
    changes: tuple[str, ...] = ()
    stages: tuple[tuple[str, Decimal], ...] = ()

    @property
    def plan(self) -> Plan | None:
        return self.ledger.plan if self.ledger else None

    @property
    def band(self) -> BandEdge | None:
        return self.score.band if self.score else None

    @property
    def claimed(self) -> Decimal | None:
        return self.score.total.claimed if self.score else None

    @property
    def proven(self) -> Decimal | None:
        return self.score.total.proven if self.score else None

    @property
    def final(self) -> Decimal | None:
        """What the ministry gave, where it was told."""
        return self.award.score if self.award else None

    @property
    def column(self) -> YearColumn:
        """The year as the chart wants it."""
        return YearColumn(
            self.year,
            self.claimed,
            self.proven,
            self.stages + (() if self.final is None else (("nilai akhir", self.final),)),
            self.award.category if self.award else "",
        )


def years_of(assessment: Assessment, user: User | None) -> list[YearRow]:
    """Every year of the region that the user sees, oldest first. Five queries, and those of
    instruments that were not read yet.
    """
    seen = Assessment.objects.all() if user is None else Assessment.objects.visible_to(user)
    years = list(seen.filter(region=assessment.region_id).select_related("instrument", "region"))
    awards = {each.year: each for each in Award.objects.filter(region=assessment.region_id)}
    entries, stages = _entries(years), _stages(years)
    found: dict[int, YearRow] = {}
    before: YearRow | None = None
    for each in sorted(years, key=lambda year: year.year):
        plan = plan_of(each.instrument)
        ledger = Ledger(plan, {}, entries[each.pk], count_areas(entries[each.pk]))
        changes = () if before is None or before.plan is None else changes_of(before.plan, plan)
        before = found[each.year] = YearRow(
            each.year,
            each,
            score(ledger),
            awards.get(each.year),
            ledger,
            changes,
            stages.get(each.pk, ()),
        )
    for year, award in awards.items():
        found.setdefault(year, YearRow(year, None, None, award, None))
    return [found[year] for year in sorted(found)]


def year_before(assessment: Assessment, user: User | None) -> YearRow | None:
    """The last year before that was assessed here, without its stages and award. Two queries."""
    seen = Assessment.objects.all() if user is None else Assessment.objects.visible_to(user)
    past = (
        seen.filter(region=assessment.region_id, year__lt=assessment.year)
        .select_related("instrument")
        .order_by("-year")
        .first()
    )
    if past is None:
        return None
    entries = _entries([past])[past.pk]
    ledger = Ledger(plan_of(past.instrument), {}, entries, count_areas(entries))
    return YearRow(past.year, past, score(ledger), None, ledger)


def _entries(years: Sequence[Assessment]) -> defaultdict[int, list[Entry]]:
    """The answers that score, of all these years. One query."""
    found = defaultdict[int, list[Entry]](list)
    rows = Response.objects.filter(assessment__in=years).official().order_by("pk")
    for year, pk, question, submission, role, claim, proven, verdict in rows.values_list(
        "assessment_id",
        "pk",
        "question_id",
        "submission_id",
        "role",
        "claim_share",
        "verified_share",
        "verdict",
    ):
        found[year].append(
            Entry(
                pk, question, submission, role, claim, proven, verdict,
                said="", unproven=False, touched=False, has_evidence=False,
            )
        )  # fmt: skip
    return found


def changes_of(before: Plan, after: Plan) -> tuple[str, ...]:
    """What is different in the instrument, in sentences; nothing where it is the same."""
    if before == after or before.code == after.code:
        return ()
    said = [f"Instrumen berganti dari «{before.title}» menjadi «{after.title}»."]
    counts = (len(before.questions), len(after.questions))
    if counts[0] != counts[1]:
        said.append(f"Jumlah pertanyaan {number(counts[0])} menjadi {number(counts[1])}.")
    said += _parts(
        "Klaster",
        {each.code: (each.name, each.maximum) for each in before.clusters},
        {each.code: (each.name, each.maximum) for each in after.clusters},
    )
    said += _parts(
        "Indikator",
        {each.code: (each.name, each.maximum) for each in before.indicators},
        {each.code: (each.name, each.maximum) for each in after.indicators},
    )
    if before.bands != after.bands:
        said.append(f"Batas kategori: {_bands(before)} menjadi {_bands(after)}.")
    return tuple(said)


Named = dict[str, tuple[str, Decimal]]


def _parts(word: str, before: Named, after: Named) -> list[str]:
    """What came, what went, what has another name or another maximum under the same code."""
    said = []
    for code, (name, maximum) in after.items():
        if code not in before:
            said.append(f"{word} {code} baru: {name}, {points0(maximum)} poin.")
            continue
        was, worth = before[code]
        if was.casefold() != name.casefold():
            said.append(f"{word} {code} kini «{name}», sebelumnya «{was}»: isinya tidak sama.")
        if worth != maximum:
            said.append(
                f"{word} {code}: maksimum {points0(worth)} menjadi {points0(maximum)} poin."
            )
    said += [
        f"{word} {code} tidak ada lagi: {name}, {points0(maximum)} poin."
        for code, (name, maximum) in before.items()
        if code not in after
    ]
    return said


def _bands(plan: Plan) -> str:
    return ", ".join(f"{band.name} {points0(band.minimum)}" for band in plan.bands)


def _stages(years: Sequence[Assessment]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    """What the outside stages of these years gave in all, by the sums of their own page; one
    that looked at a part of the questions says so. Two queries.
    """
    by_pk = {each.pk: each for each in years}
    given = defaultdict[int, dict[str, Decimal]](dict)
    for stage, code, figure in StageResult.objects.filter(stage__assessment__in=years).values_list(
        "stage_id", "question__code", "points"
    ):
        given[stage][code] = figure
    found = defaultdict[int, list[tuple[str, Decimal]]](list)
    for each in Stage.objects.filter(assessment__in=years):
        instrument = by_pk[each.assessment_id].instrument
        outline = outline_of_plan(plan_of(instrument), instrument.total_max_points)
        asked, whole = len(given[each.pk]), len(outline.questions)
        name = each.name if asked == whole else f"{each.name} ({asked} dari {whole} pertanyaan)"
        found[each.assessment_id].append((name, sums_of(outline, given[each.pk]).total))
    return {pk: tuple(mine) for pk, mine in found.items()}


@dataclass(frozen=True, slots=True)
class ClusterYears:
    """A cluster's proven points and maximum in each of the years that were assessed."""

    code: str
    label: str
    cells: tuple[str, ...]


def clusters_over(rows: Sequence[YearRow]) -> list[ClusterYears]:
    """By code and name together: a code that came to mean something else is another row."""
    assessed = [row for row in rows if row.score]
    keys: dict[tuple[str, str], None] = {}
    lines: list[dict[tuple[str, str], str]] = []
    for row in assessed:
        assert row.score is not None  # noqa: S101
        mine = {}
        for line in row.score.clusters:
            key = (line.code, line.label)
            keys.setdefault(key)
            mine[key] = f"{points(line.proven)} / {points0(line.maximum)}"
        lines.append(mine)
    return [
        ClusterYears(code, label, tuple(each.get((code, label), NOTHING) for each in lines))
        for code, label in keys
    ]
