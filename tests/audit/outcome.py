"""How a step of the audit ended: what is green, what is open, and what was not done at all."""

from __future__ import annotations

from dataclasses import dataclass

OK, OPEN, NOT_DONE = "ok", "OPEN", "NOT DONE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step. `findings` that have a reason in docs/decisions are explained, all others open."""

    state: str = OK
    said: str = ""
    open: int = 0
    explained: int = 0

    @property
    def is_green(self) -> bool:
        return self.state == OK


def green(said: str, *, explained: int = 0) -> Outcome:
    """Done, and nothing is left that nobody explained."""
    return Outcome(OK, said, 0, explained)


def found(said: str, *, count: int = 1, explained: int = 0) -> Outcome:
    """Done, and something is left to be mended or explained."""
    return Outcome(OPEN, said, count, explained)


def not_done(why: str) -> Outcome:
    """Neither green nor a finding: it was not looked."""
    return Outcome(NOT_DONE, why)
