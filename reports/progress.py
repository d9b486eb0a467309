"""Who has answered how much, what is missing, and whose turn it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from agencies.models import Kind
from indicators.scoring import ZERO, Tally
from indicators.wording import local, short, sisa_hari
from reports.ledger import Entry, Ledger, Work
from reports.plan import PlanQuestion
from reports.scores import Line, Score
from submissions.workflow import EDITABLE, State, Verdict

NOTE_SHOWN = 70


class Standing(StrEnum):
    """Where one answer stands: what is wrong with it first, then whose turn it is."""

    EMPTY = "belum-diisi"
    DRAFT = "belum-diajukan"
    BARE = "tanpa-data-dukung"
    RETURNED = "dikembalikan"
    WAITING = "belum-diverifikasi"
    LOWERED = "diterima-lebih-rendah"
    UNPROVEN = "diterima-tanpa-data-dukung"
    ACCEPTED = "diterima"


STANDING_LABELS = {
    Standing.EMPTY: "Belum diisi",
    Standing.DRAFT: "Belum diajukan",
    Standing.BARE: "Diklaim tanpa data dukung",
    Standing.RETURNED: "Dikembalikan",
    Standing.WAITING: "Belum diverifikasi",
    Standing.LOWERED: "Diterima di bawah klaim",
    Standing.UNPROVEN: "Diterima tanpa data dukung",
    Standing.ACCEPTED: "Diterima",
}
TONES = {
    Standing.EMPTY: "neutral",
    Standing.DRAFT: "info",
    Standing.BARE: "risk",
    Standing.RETURNED: "returned",
    Standing.WAITING: "risk",
    Standing.LOWERED: "ok",
    Standing.UNPROVEN: "risk",
    Standing.ACCEPTED: "ok",
}
SETTLED = frozenset({Standing.LOWERED, Standing.UNPROVEN, Standing.ACCEPTED})
OWED = frozenset({Standing.EMPTY, Standing.DRAFT, Standing.RETURNED})


def standing_of(entry: Entry, question: PlanQuestion, state: str) -> Standing:
    """Where an answer stands, given the state of the work it belongs to."""
    if entry.verdict == Verdict.ACCEPTED:
        if entry.unproven:
            return Standing.UNPROVEN
        lower = (entry.verified_share or ZERO) < (entry.claim_share or ZERO)
        return Standing.LOWERED if lower else Standing.ACCEPTED
    if entry.verdict == Verdict.RETURNED:
        return Standing.RETURNED
    if lacks_evidence(entry, question):
        return Standing.BARE
    if entry.claim_share is None:
        return Standing.EMPTY
    return Standing.WAITING if state == State.SUBMITTED else Standing.DRAFT


def lacks_evidence(entry: Entry, question: PlanQuestion) -> bool:
    """Whether it claims points for which a document is required and none is attached."""
    return bool(entry.claim_share) and question.evidence_required and not entry.has_evidence


def is_late(work: Work, today: date) -> bool:
    """Whether the agency should have handed in and has not; the due day itself still counts."""
    return work.state in EDITABLE and work.due_on < today


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words, and the tone that helps them."""

    text: str
    tone: str


def deadline(due_on: date, today: date) -> str:
    """tenggat 5 hari, tenggat hari ini, lewat 2 hari."""
    left = (due_on - today).days
    if left < 0:
        return sisa_hari(due_on, today)
    return f"tenggat {left} hari" if left else "tenggat hari ini"


def badge_of(entry: Entry, standing: Standing, work: Work, *, today: date, now: datetime) -> Badge:
    """An answer's state: what, since when, whose turn."""
    text, tone = STANDING_LABELS[standing], TONES[standing]
    if standing is Standing.RETURNED and entry.said:
        said = short(entry.said, NOTE_SHOWN)
        return Badge(f"{text}: {said}", tone)
    if standing is Standing.WAITING and work.submitted_at:
        days = (today - local(work.submitted_at).date()).days
        return Badge(f"{text} · {days} hari" if days else f"{text} · hari ini", tone)
    if standing is Standing.EMPTY and work.state == State.SUBMITTED:
        return Badge("Diajukan tanpa jawaban", "risk")
    if standing in (Standing.EMPTY, Standing.DRAFT):
        late = is_late(work, today)
        return Badge(f"{text} · {deadline(work.due_on, today)}", "returned" if late else tone)
    return Badge(text, tone)


@dataclass(frozen=True, slots=True)
class Row:
    """A question of a year: its figures, who owes it, how it stands; `waiting` answers are with
    the verifikator.
    """

    question: PlanQuestion
    line: Line
    owners: tuple[Work, ...]
    standings: tuple[Standing, ...]
    badge: Badge
    is_late: bool = False
    waiting: int = 0

    @property
    def who(self) -> str:
        """The agency that owes it, or how many areas do."""
        names = list(dict.fromkeys(work.agency_name for work in self.owners))
        if not names:
            return "Belum ada pengampu"
        return names[0] if len(names) == 1 else f"{len(names)} {self.question.level}"

    @property
    def short(self) -> str:
        """The state in a word or three, without since when or why."""
        return self.badge.text.split(" · ")[0].split(": ")[0]

    @property
    def owner_code(self) -> str:
        """The agency's code, where it is one."""
        codes = {work.agency_code for work in self.owners}
        return codes.pop() if len(codes) == 1 else ""


UNASSIGNED = "tanpa-pengampu"


def rows_of(ledger: Ledger, score: Score, *, today: date, now: datetime) -> list[Row]:
    """Every question that the ledger holds figures of, in the instrument's order."""
    rows = []
    for pk, line in score.questions.items():
        question, entries = ledger.plan.questions[pk], ledger.official.get(pk, ())
        rows.append(_row(ledger, question, line, entries, today=today, now=now))
    return rows


def support_rows_of(ledger: Ledger) -> list[Row]:
    """The questions that one agency only supports: no points hang on them, but work does."""
    rows = []
    for entry in ledger.entries:
        if not entry.is_official:
            question, work = ledger.plan.questions[entry.question], ledger.works[entry.submission]
            text = "sudah memberi" if entry.answered else "belum memberi"
            badge = Badge(f"Pendukung · {text}", "info" if entry.answered else "neutral")
            line = Line(question.code, question.text, Tally())
            rows.append(Row(question, line, (work,), (), badge))
    return rows


def _row(
    ledger: Ledger,
    question: PlanQuestion,
    line: Line,
    entries: Sequence[Entry],
    *,
    today: date,
    now: datetime,
) -> Row:
    if not entries:
        return Row(question, line, (), (), Badge("Tanpa pengampu", "returned"))
    works = tuple(ledger.works[entry.submission] for entry in entries)
    standings = tuple(
        standing_of(entry, question, work.state) for entry, work in zip(entries, works, strict=True)
    )
    late, waiting = False, 0
    for entry, work, standing in zip(entries, works, standings, strict=True):
        late = late or (standing in OWED and is_late(work, today))
        waiting += work.state == State.SUBMITTED and not entry.verdict
    chief, owing = standings[0], works
    if len(entries) > 1:
        chief = _chief(standings)
        pairs = zip(works, standings, strict=True)
        owing = tuple(work for work, each in pairs if each not in SETTLED) or works
    at = standings.index(chief)
    badge = badge_of(entries[at], chief, works[at], today=today, now=now)
    if len(entries) > 1:
        shown = f"{badge.text} · {standings.count(chief)} dari {len(entries)} wilayah"
        badge = Badge(shown, badge.tone)
    return Row(question, line, owing, standings, badge, late, waiting)


def _chief(standings: Sequence[Standing]) -> Standing:
    """The one that speaks for all areas: the most frequent of those that are not settled; of
    equals the one that stands first in Standing.
    """
    pending = [each for each in standings if each not in SETTLED] or standings
    return max(Standing, key=pending.count)


def most_valuable(rows: Sequence[Row], count: int = 10) -> list[Row]:
    """The gaps worth most: points that are not proven and can still be."""
    gaps = [row for row in rows if row.line.open > 0 or (not row.owners and row.line.maximum > 0)]
    return sorted(gaps, key=_worth, reverse=True)[:count]


def _worth(row: Row) -> Decimal:
    """What a gap is worth; nobody can win the points of a question without an agency until it has
    one, so it is worth all of them.
    """
    return row.line.open if row.owners else row.line.maximum


@dataclass(slots=True)
class Office:
    """One agency's year: how much is answered and proven, and by when the rest is due."""

    pk: int
    code: str
    name: str
    kind: str
    asked: int = 0
    answered: int = 0
    bare: int = 0
    returned: int = 0
    proven: Decimal = ZERO
    claimed: Decimal = ZERO
    at_risk: Decimal = ZERO
    maximum: Decimal = ZERO
    states: Counter[str] = field(default_factory=Counter)
    due_on: date | None = None
    late: int = 0

    @property
    def pending(self) -> int:
        """Submissions that are still the agency's turn."""
        return sum(self.states[state] for state in EDITABLE)

    @property
    def stake(self) -> Decimal:
        """Points that hang on the agency and are not proven yet."""
        return self.maximum - self.proven

    def is_behind(self) -> bool:
        return self.pending > 0


def offices_of(ledger: Ledger, today: date) -> list[Office]:
    """Every agency that has work in the year, by kind and name. No question is capped here: an
    indicator's cap cannot be laid on one of several agencies.
    """
    offices: dict[int, Office] = {}
    for work in ledger.works.values():
        office = offices.get(work.agency)
        if office is None:
            office = offices[work.agency] = Office(
                work.agency, work.agency_code, work.agency_name, work.agency_kind
            )
        office.states[work.state] += 1
        if work.state in EDITABLE:
            office.due_on = min(office.due_on or work.due_on, work.due_on)
            office.late = max(office.late, (today - work.due_on).days)
    for entry in ledger.entries:
        office = offices[ledger.works[entry.submission].agency]
        question = ledger.plan.questions[entry.question]
        tally = ledger.share_of_agency(entry)
        office.asked += 1
        office.answered += entry.answered
        office.bare += entry.is_official and lacks_evidence(entry, question)
        office.returned += entry.verdict == Verdict.RETURNED
        office.proven += tally.proven
        office.claimed += tally.claimed
        office.at_risk += tally.at_risk
        office.maximum += tally.maximum
    kinds = {kind: place for place, kind in enumerate(Kind.values)}
    return sorted(offices.values(), key=lambda each: (kinds[each.kind], each.name.casefold()))


def behind(offices: Sequence[Office], count: int | None = None) -> list[Office]:
    """Those whose turn it is: the latest first, then whose unproven points are most."""
    found = [office for office in offices if office.is_behind()]
    found.sort(key=lambda each: (-each.late, each.proven - each.maximum, each.name))
    return found[:count]


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts of a year. Those of answers are over the ones that score; `bare_points` are the
    points claimed without the document that is required; `waiting` counts submissions, `late` the
    questions that the list of late ones shows.
    """

    asked: int
    answered: int
    standings: Counter[Standing]
    bare_points: Decimal
    late: int
    waiting: int
    waiting_answers: int
    oldest: datetime | None
    unassigned: int

    @property
    def empty(self) -> int:
        return self.standings[Standing.EMPTY]

    @property
    def bare(self) -> int:
        return self.standings[Standing.BARE]

    @property
    def returned(self) -> int:
        return self.standings[Standing.RETURNED]

    @property
    def unproven(self) -> int:
        return self.standings[Standing.UNPROVEN]


def overview_of(ledger: Ledger, rows: Sequence[Row]) -> Overview:
    """The same standings that the rows show, counted: a figure equals the list behind it."""
    official = [entry for entry in ledger.entries if entry.is_official]
    standings = Counter(each for row in rows for each in row.standings)
    bare_points = ZERO
    for entry in official:
        if not entry.verdict and lacks_evidence(entry, ledger.plan.questions[entry.question]):
            bare_points += ledger.share_of_agency(entry).at_risk
    handed = [work for work in ledger.works.values() if work.state == State.SUBMITTED]
    return Overview(
        asked=len(official),
        answered=sum(entry.answered for entry in official),
        standings=standings,
        bare_points=bare_points,
        late=sum(row.is_late for row in rows),
        waiting=len(handed),
        waiting_answers=sum(row.waiting for row in rows),
        oldest=min((work.submitted_at for work in handed if work.submitted_at), default=None),
        unassigned=sum(not row.owners for row in rows),
    )
