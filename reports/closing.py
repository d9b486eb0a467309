"""What closing a year would leave behind, and who closed and opened it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indicators.wording import waktu
from reports.ledger import Ledger
from reports.links import Links
from reports.scores import Line, score
from submissions.filters import TABS
from submissions.models import Assessment, Verb
from submissions.workflow import State


@dataclass(frozen=True, slots=True)
class StateRow:
    """The submissions of one state, and the queue that lists them."""

    state: str
    label: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Once closed or opened again: who, when, and why."""

    what: str
    who: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A year before it is closed, or after."""

    total: Line
    states: Sequence[StateRow]
    unaccepted: int
    unanswered: int
    passed: Sequence[Passed]


def closing_of(
    assessment: Assessment, ledger: Ledger, links: Links, *, reviews: bool, queue: str
) -> Closing:
    """One query beside the ledger's. `reviews`: whether the reader may follow to the queue."""
    counts = Counter(work.state for work in ledger.works.values())
    states = [
        StateRow(
            state.value,
            label,
            counts[state],
            links.ask(queue, tahun=str(assessment.year), keadaan=word) if reviews else "",
        )
        for word, label, state in TABS
    ]
    return Closing(
        total=score(ledger).total,
        states=states,
        unaccepted=sum(each.count for each in states if each.state != State.ACCEPTED),
        unanswered=sum(not entry.answered for entry in ledger.entries if entry.is_official),
        passed=_passed(assessment),
    )


def _passed(assessment: Assessment) -> list[Passed]:
    found = assessment.events.filter(
        verb__in=[Verb.OPEN_YEAR, Verb.CLOSE_YEAR, Verb.REOPEN_YEAR]
    ).select_related("by")
    return [
        Passed(
            each.get_verb_display(),
            each.by.get_full_name() if each.by else "Administrator server",
            waktu(each.at),
            each.data.get("reason") or each.data.get("note") or "",
        )
        for each in found
    ]
