"""What a form of the operator is made of: a card a question, as text that a template only draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from agencies.models import AssignmentRole
from indicators.scoring import Mode, Scale
from indicators.wording import one_area
from submissions.models import HelpRequest, Response

KINDS = {Mode.THRESHOLD: "ratio", Mode.TREND: "years"}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    points: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """One attached evidence as a row."""

    link: int
    name: str
    kind: str
    details: str
    href: str
    outside: bool
    added: datetime | None = None
    pk: int = 0
    number: int = 1
    thumb: bool = False  # whether there is a picture of it
    expired: str = ""  # until when it held, where the year needs a newer one
    newer: int = 0  # a later version, which this answer does not have yet
    restricted: bool = False

    @property
    def about(self) -> str:
        """Where its description, versions and uses stand; nothing for whom it does not open."""
        return "" if self.restricted and not self.href else f"/data-dukung/{self.pk}/pemakaian/"


@dataclass(frozen=True, slots=True)
class Help:
    """What a supporting office gave for the same question."""

    agency: str
    note: str
    proofs: list[Proof]
    rows: int = 0
    take: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The last verdict, and what was changed since."""

    title: str
    note: str
    tone: str
    since: str


@dataclass
class Card:
    """One question of the form; what it is does not change while it is drawn."""

    response: Response
    key: str
    code: str
    url: str
    scale: Scale
    worth: Decimal
    points: str
    editable: bool
    options: list[Option] = field(default_factory=list)
    steps: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    note: str = ""
    claim: str = ""
    state: str = ""
    tone: str = ""
    said: Said | None = None
    proofs: list[Proof] = field(default_factory=list)
    helps: list[Help] = field(default_factory=list)
    asked: list[HelpRequest] = field(default_factory=list)
    askable: bool = False  # whether there is a support to ask
    years: tuple[int, int] = (0, 0)
    before: str = ""
    errors: list[str] = field(default_factory=list)
    conflict: dict[str, Any] | None = None
    behalf: str = ""
    lead: str = ""  # of what this office supports

    @cached_property
    def is_short(self) -> bool:
        """An area's yes or no: drawn small, since it has twenty of them and a phone."""
        return self.response.role == AssignmentRole.AREA and len(self.options) == 2

    @cached_property
    def title(self) -> str:
        """What is asked; of an area what is to be true of it, not the share of all areas."""
        text = self.response.question.text
        return one_area(text) if self.response.role == AssignmentRole.AREA else text

    @property
    def edge(self) -> str:
        return self.tone if self.tone in {"returned", "ok"} else ""

    @cached_property
    def kind(self) -> str:
        """Which field it wants: levels, ratio, years, or only a note."""
        if self.response.role == AssignmentRole.SUPPORT:
            return "support"
        return KINDS.get(self.scale.mode, "levels")
