"""The dashboard of a year: where it stands, what is missing, and who has to do what next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from agencies.models import Award
from indicators.scoring import ZERO, BandEdge
from indicators.wording import local, nada_tenggat, points, sisa_hari
from reports.ledger import Ledger
from reports.links import Links
from reports.progress import (
    Office,
    Overview,
    Row,
    Standing,
    behind,
    most_valuable,
    offices_of,
    overview_of,
    rows_of,
)
from reports.scores import Line, Score, score
from submissions.models import Assessment

BEHIND_SHOWN = 8

# Each figure of the page, and the question whose answer is the rows behind it.
WAYS = {
    "proven": {"keadaan": "terbukti"},
    "risk": {"keadaan": "berisiko", "urut": "risiko"},
    "gaps": {"keadaan": "celah", "urut": "celah"},
    "late": {"keadaan": "terlambat"},
    "waiting": {"keadaan": "belum-diverifikasi"},
    "empty": {"keadaan": Standing.EMPTY.value},
    "returned": {"keadaan": Standing.RETURNED.value},
    "bare": {"keadaan": Standing.BARE.value, "urut": "risiko"},
    "unproven": {"keadaan": Standing.UNPROVEN.value},
}


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster's figures, and where the rows behind them are."""

    line: Line
    href: str
    risk_href: str
    proven_href: str

    @property
    def code(self) -> str:
        return self.line.code

    @property
    def label(self) -> str:
        return self.line.label

    @property
    def proven(self) -> Decimal:
        return self.line.proven

    @property
    def claimed(self) -> Decimal:
        return self.line.claimed

    @property
    def at_risk(self) -> Decimal:
        return self.line.at_risk

    @property
    def maximum(self) -> Decimal:
        return self.line.maximum


@dataclass(frozen=True, slots=True)
class Gap:
    """A question whose points can still be proven."""

    row: Row
    worth: Decimal
    href: str
    owner_href: str


@dataclass(frozen=True, slots=True)
class BehindRow:
    office: Office
    share: str
    due: str
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the page says, counted and worded."""

    score: Score
    counts: Overview
    clusters: tuple[ClusterRow, ...]
    finding: str
    gaps: tuple[Gap, ...]
    enough: str
    behind: tuple[BehindRow, ...]
    behind_total: int
    awards: tuple[Award, ...]
    band: BandEdge | None
    next_name: str
    next_missing: Decimal | None
    waiting_days: int
    longest: Decimal
    capped: tuple[Line, ...]
    ways: dict[str, str]

    @property
    def is_new(self) -> bool:
        """Nobody has answered anything yet."""
        return self.counts.answered == 0 and not self.score.total.proven


def page_of(assessment: Assessment, ledger: Ledger, links: Links, *, now: datetime) -> Dashboard:
    """One query beside the ledger's: the awards of the region."""
    today = local(now).date()
    figures = score(ledger)
    rows = rows_of(ledger, figures, today=today, now=now)
    counts = overview_of(ledger, rows)
    offices = [] if ledger.is_part else offices_of(ledger, today)
    late = behind(offices)
    ahead = None if ledger.is_part else figures.next
    gaps = tuple(_gap(row, links) for row in most_valuable(rows))
    clusters = tuple(_cluster(line, links) for line in figures.clusters)
    capped = {each.code for each in ledger.plan.indicators if each.is_capped}
    return Dashboard(
        score=figures,
        counts=counts,
        clusters=clusters,
        finding=_finding(clusters),
        gaps=gaps,
        enough=_enough(gaps, ahead, figures),
        behind=tuple(_behind(office, links, today) for office in late[:BEHIND_SHOWN]),
        behind_total=len(late),
        awards=() if ledger.is_part else tuple(Award.objects.filter(region=assessment.region)),
        band=None if ledger.is_part else figures.band,
        next_name=ahead[0].name if ahead else "",
        next_missing=ahead[1] if ahead else None,
        waiting_days=(local(now).date() - local(counts.oldest).date()).days if counts.oldest else 0,
        longest=max((line.maximum for line in figures.clusters), default=ZERO),
        capped=tuple(line for code, line in figures.indicators.items() if code in capped),
        ways={name: links.questions(**query) for name, query in WAYS.items()},
    )


def _cluster(line: Line, links: Links) -> ClusterRow:
    return ClusterRow(
        line,
        links.questions(klaster=line.code),
        links.questions(klaster=line.code, keadaan="berisiko"),
        links.questions(klaster=line.code, keadaan="terbukti"),
    )


def _finding(clusters: Sequence[ClusterRow]) -> str:
    """What the bars show, as a sentence."""
    if not clusters:
        return "Belum ada klaster"
    worst = max(clusters, key=lambda each: each.at_risk)
    if worst.at_risk:
        return f"Klaster {worst.code} menyimpan {points(worst.at_risk)} poin berisiko"
    if any(each.proven for each in clusters):
        best = max(clusters, key=lambda each: each.proven)
        return f"Klaster {best.code} paling banyak terbukti: {points(best.proven)} poin"
    return "Belum ada poin yang diklaim"


def _gap(row: Row, links: Links) -> Gap:
    question = row.question
    way = links.questions(perangkat=row.owner_code, indikator=question.indicator)
    report = links.to("indicator_report", question.indicator)
    worth = row.line.open if row.owners else row.line.maximum
    return Gap(row, worth, f"{report}#p-{question.code}", way if row.owner_code else "")


NUMBERS = ("", "Satu", "Dua", "Tiga", "Empat", "Lima", "Enam", "Tujuh", "Delapan", "Sembilan")


def _enough(gaps: Sequence[Gap], ahead: tuple[BandEdge, Decimal] | None, figures: Score) -> str:
    """How many of the gaps shown would be enough for the next category; an indicator gives no more
    than its maximum, whatever its questions add to.
    """
    if ahead is None:
        return ""
    won: dict[str, Decimal] = {}
    for count, gap in enumerate(gaps, 1):
        code = gap.row.question.indicator
        left = figures.indicators[code].maximum - figures.indicators[code].proven
        won[code] = min(won.get(code, ZERO) + gap.worth, left)
        if sum(won.values(), ZERO) >= ahead[1]:
            if count == 1:
                return "Pertanyaan teratas di bawah cukup untuk itu."
            said = NUMBERS[count] if count < len(NUMBERS) else str(count)
            return f"{said} pertanyaan teratas di bawah cukup untuk itu."
    return ""


def _behind(office: Office, links: Links, today: date) -> BehindRow:
    share = f"{office.answered} dari {office.asked}"
    return BehindRow(
        office,
        share,
        sisa_hari(office.due_on, today),
        nada_tenggat(office.due_on, today),
        links.questions(perangkat=office.code),
    )
