"""`Shown`: what a rakor shows, with figures as numbers and days as days. Records of a time when
less was kept are read as far as they go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from indicators.scoring import ZERO, BandEdge
from reports.charts import Line as Pace
from reports.charts import YearColumn

Plain = dict[str, Any]
DONE = "Selesai"  # how a follow-up stands that was confirmed, in a record too


@dataclass(frozen=True, slots=True)
class ShownLine:
    """The figures of the total, a cluster, an indicator or a question."""

    code: str
    label: str
    proven: Decimal
    claimed: Decimal
    at_risk: Decimal
    maximum: Decimal
    is_estimate: bool = False

    @property
    def stake(self) -> Decimal:
        """What is not proven yet."""
        return self.maximum - self.proven


@dataclass(frozen=True, slots=True)
class ShownIndicator:
    """A row of the official table."""

    number: int
    cluster: str
    line: ShownLine
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.line.code

    @property
    def label(self) -> str:
        return self.line.label


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question, who owes it and how it stood; `open` is what could still be won."""

    line: ShownLine
    indicator: str
    cluster: str
    who: str
    office: str
    state: str
    tone: str
    open: Decimal


@dataclass(frozen=True, slots=True)
class ShownOffice:
    """An office's progress."""

    code: str
    name: str
    asked: int
    answered: int
    line: ShownLine

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

    @property
    def stake(self) -> Decimal:
        return self.line.stake


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision, with the state it was in when it was shown."""

    number: int
    text: str
    agency: str
    person: str
    due_on: date | None
    indicator: str = ""
    office: str = ""
    pk: int | None = None
    standing: str = ""
    pending: bool = True
    meeting: str = ""
    question: str = ""
    proposal: bool = False

    @property
    def is_done(self) -> bool:
        """Done, and not called off."""
        return not self.pending and self.standing == DONE


def finished(decisions: Sequence[ShownDecision]) -> str:
    """How many are done, and how many were called off: 3 dari 6 selesai, 1 batal."""
    done = sum(each.is_done for each in decisions)
    off = sum(not each.pending for each in decisions) - done
    return f"{done} dari {len(decisions)} selesai" + (f", {off} batal" if off else "")


@dataclass(frozen=True, slots=True)
class Past:
    """What the year before had proven, and the last award before."""

    year: int | None = None
    clusters: dict[str, Decimal] = field(default_factory=dict)
    award: Plain | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a rakor shows."""

    total: ShownLine
    band: str
    next: Plain | None
    bands: tuple[BandEdge, ...]
    clusters: tuple[ShownLine, ...]
    indicators: tuple[ShownIndicator, ...]
    questions: tuple[ShownQuestion, ...]
    offices: tuple[ShownOffice, ...]
    decisions: tuple[ShownDecision, ...]
    followups: tuple[ShownDecision, ...]
    attendance: tuple[Plain, ...]
    invited: tuple[Plain, ...]
    chosen: tuple[str, ...]
    past: Past
    pace: Pace | None
    pace_before: Pace | None
    years: tuple[YearColumn, ...]
    facts: Plain

    @classmethod
    def read(cls, data: Plain) -> Shown:
        """From what `meetings.actions.showing` made, stored or not."""
        ahead, pace = data.get("next"), data.get("pace") or {}
        return cls(
            total=_line(data["total"]),
            band=data["band"],
            next=ahead and {"name": ahead["name"], "missing": Decimal(ahead["missing"])},
            bands=tuple(
                BandEdge(each["name"], Decimal(each["minimum"]), each["inclusive"])
                for each in data.get("bands", ())
            ),
            clusters=tuple(_line(each) for each in data["clusters"]),
            indicators=tuple(
                _indicator(number, each) for number, each in enumerate(data["indicators"], 1)
            ),
            questions=tuple(_question(each) for each in data.get("questions", ())),
            offices=tuple(_office(each) for each in data["offices"]),
            decisions=tuple(_decision(each) for each in data["decisions"]),
            followups=tuple(_decision(each) for each in data.get("followups", ())),
            attendance=tuple(data.get("attendance", ())),
            invited=tuple(data.get("invited", ())),
            chosen=tuple(data.get("chosen", ())),
            past=past_of(data.get("past") or {}),
            pace=_pace(pace.get("now")),
            pace_before=_pace(pace.get("before")),
            years=tuple(_year(each) for each in data.get("years", ())),
            facts=data.get("facts", {}),
        )

    @property
    def shown_clusters(self) -> tuple[ShownLine, ...]:
        """Those that the meeting goes through; all where none was chosen."""
        return tuple(each for each in self.clusters if not self.chosen or each.code in self.chosen)

    def of_cluster(self, code: str) -> list[ShownIndicator]:
        return [each for each in self.indicators if each.cluster == code]

    def risks(self, count: int) -> list[ShownQuestion]:
        """The questions with most points claimed and not proven."""
        found = [each for each in self.questions if each.line.at_risk]
        return sorted(found, key=lambda each: -each.line.at_risk)[:count]

    def gaps(self, count: int) -> list[ShownQuestion]:
        """The questions whose points can still be proven, those worth most first."""
        found = [each for each in self.questions if each.open > ZERO]
        return sorted(found, key=lambda each: -each.open)[:count]

    @property
    def holders(self) -> list[ShownOffice]:
        """Offices that hold points, those with most at stake first."""
        found = [each for each in self.offices if each.maximum]
        return sorted(found, key=lambda each: (-each.stake, each.name))


def _line(data: Plain) -> ShownLine:
    proven, risk = Decimal(data["proven"]), Decimal(data["at_risk"])
    return ShownLine(
        data.get("code", ""),
        data.get("label", ""),
        proven,
        Decimal(data.get("claimed", proven + risk)),
        risk,
        Decimal(data["maximum"]),
        bool(data.get("estimate")),
    )


def _indicator(number: int, data: Plain) -> ShownIndicator:
    columns = [tuple(data.get(name, ())) for name in ("done", "undone", "offices", "needed")]
    return ShownIndicator(number, data.get("cluster", ""), _line(data), *columns)


def _question(data: Plain) -> ShownQuestion:
    return ShownQuestion(
        _line(data),
        data["indicator"],
        data["cluster"],
        data["who"],
        data["office"],
        data["state"],
        data["tone"],
        Decimal(data["open"]),
    )


def _office(data: Plain) -> ShownOffice:
    code, name = data.get("code", ""), data["name"]
    return ShownOffice(code, name, data["asked"], data["answered"], _line({**data, "label": name}))


def _decision(data: Plain) -> ShownDecision:
    return ShownDecision(**{**data, "due_on": _day(data["due_on"])})


def past_of(data: Plain) -> Past:
    award = data.get("award")
    if award and award["score"] is not None:
        award = {**award, "score": Decimal(award["score"])}
    clusters = {code: Decimal(each) for code, each in data.get("clusters", {}).items()}
    return Past(data.get("year"), clusters, award)


def _pace(data: Plain | None) -> Pace | None:
    if not data:
        return None
    days = [(_day(day), Decimal(figure)) for day, figure in data["days"]]
    return Pace(data["year"], _day(data["opened"]), _day(data["closes"]), days)


def _year(data: Plain) -> YearColumn:
    claimed, proven = (None if data[k] is None else Decimal(data[k]) for k in ("claimed", "proven"))
    stages = tuple((name, Decimal(figure)) for name, figure in data["stages"])
    return YearColumn(data["year"], claimed, proven, stages, data["category"])


def _day(value: Any) -> date:
    """A day as it is, or as JSON has it."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)
