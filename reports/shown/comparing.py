"""Two meetings beside each other: what moved since, by whom, and what did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.wording import signed
from reports.shown.reading import Shown, ShownDecision, ShownLine, ShownOffice, ShownQuestion

MOVED, STUCK = 100, 60  # so many questions that one can read; the page says how many there are


@dataclass(frozen=True, slots=True)
class Move:
    """The same thing at two meetings; `who` are those who did something about it in between."""

    code: str
    label: str
    before: ShownLine
    after: ShownLine
    who: tuple[str, ...] = ()

    @property
    def change(self) -> Decimal:
        """How many proven points more."""
        return self.after.proven - self.before.proven

    @property
    def claimed(self) -> Decimal:
        """How many claimed points more."""
        return self.after.claimed - self.before.claimed

    @property
    def is_moved(self) -> bool:
        return any((self.change, self.claimed, self.after.at_risk - self.before.at_risk))

    @property
    def said(self) -> str:
        """+12,50, or -3,00; where only the claim moved, by how much that."""
        if not self.change and self.claimed:
            return f"klaim {signed(self.claimed)}"
        return signed(self.change)

    @property
    def tone(self) -> str:
        return "t-ok" if self.change > 0 else "t-returned" if self.change < 0 else "soft"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A question whose points could still be won and that did not move."""

    question: ShownQuestion
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A decision of the earlier meeting, with what became of it until the later one."""

    decision: ShownDecision
    now: ShownDecision | None


@dataclass(frozen=True, slots=True)
class Comparison:
    total: Move
    clusters: tuple[Move, ...]
    indicators: tuple[Move, ...]
    moved: tuple[Move, ...]
    moved_count: int
    stuck: tuple[Stuck, ...]
    stuck_count: int
    stuck_points: Decimal
    offices: tuple[Move, ...]
    idle: tuple[Move, ...]
    followed: tuple[Followed, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    before_band: str
    after_band: str


def compare(before: Shown, after: Shown, did: Mapping[str, Iterable[str]]) -> Comparison:
    """`did`: by a question's code, who did what between the two. Things are the same where code and
    name are: an indicator's number may come to mean something else.
    """
    clusters = _paired(before.clusters, after.clusters)
    old = [each.line for each in before.indicators]
    new = [each.line for each in after.indicators]
    indicators = _paired(old, new)
    questions = _paired(
        [each.line for each in before.questions], [each.line for each in after.questions], did
    )
    moved = sorted(
        (each for each in questions if each.is_moved),
        key=lambda each: (-abs(each.change), -abs(each.claimed), each.code),
    )
    still = {(each.code, each.label) for each in questions if not each.is_moved}
    stuck = [each for each in after.gaps(len(after.questions)) if _key(each.line) in still]
    offices = _paired([_office(x) for x in before.offices], [_office(x) for x in after.offices])
    states = {each.pk: each for each in after.followups}
    keys = ({_key(each) for each in old}, {_key(each) for each in new})
    return Comparison(
        total=Move("TOTAL", "Seluruh penilaian", before.total, after.total),
        clusters=clusters,
        indicators=indicators,
        moved=tuple(moved[:MOVED]),
        moved_count=len(moved),
        stuck=tuple(Stuck(each, tuple(did.get(each.line.code, ()))) for each in stuck[:STUCK]),
        stuck_count=len(stuck),
        stuck_points=sum((each.open for each in stuck), Decimal(0)),
        offices=tuple(
            sorted((x for x in offices if x.is_moved), key=lambda x: (-abs(x.change), x.label))
        ),
        idle=tuple(x for x in offices if not x.is_moved and x.after.stake),
        followed=tuple(Followed(each, states.get(each.pk)) for each in before.decisions if each.pk),
        only_before=tuple(f"{code} {name}" for code, name in sorted(keys[0] - keys[1])),
        only_after=tuple(f"{code} {name}" for code, name in sorted(keys[1] - keys[0])),
        before_band=before.band or "belum ada",
        after_band=after.band or "belum ada",
    )


def _key(line: ShownLine) -> tuple[str, str]:
    return line.code, line.label


def _office(office: ShownOffice) -> ShownLine:
    """An office's figures under its own code and name."""
    return replace(office.line, code=office.code, label=office.name)


def _paired(
    before: Iterable[ShownLine],
    after: Iterable[ShownLine],
    did: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Move, ...]:
    """What stands in both, in the order of the later."""
    past = {_key(each): each for each in before}
    return tuple(
        Move(each.code, each.label, past[_key(each)], each, tuple((did or {}).get(each.code, ())))
        for each in after
        if _key(each) in past
    )
