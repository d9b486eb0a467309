"""What the pages of the registers show: whose register, its rows, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404

from agencies.http import Request
from agencies.models import Agency, User
from indicators.models import Instrument, Question, Register
from indicators.wording import tanggal
from submissions.actions.registers import PERMISSION, for_saving, open_to
from submissions.forms.cells import FIRST_YEAR, LAST_YEAR, Column, columns_of
from submissions.forms.registers import RowForm, initial_of, new_token
from submissions.models import (
    Assessment,
    RegisterRow,
    RegisterRowQuerySet,
    Response,
    RowEvidence,
)
from submissions.views.work_page import Proof, proof_of
from submissions.wording import cell_text, rupiah

PAGE = 50
ALL = "semua"
ADD_FORM = "tambah"


@dataclass(slots=True)
class Desk:
    """Whose registers are looked at, under which instrument. Without an agency: of all that the
    user sees.
    """

    user: User
    instrument: Instrument | None
    assessment: Assessment | None
    agency: Agency | None
    agencies: list[Agency]

    @property
    def editable(self) -> bool:
        return self.agency is not None and self.user.has_perm(PERMISSION, self.agency)

    @property
    def own(self) -> bool:
        return self.agency is not None and self.agency.pk == self.user.agency_id

    @property
    def data_year(self) -> int | None:
        return self.assessment.data_year if self.assessment is not None else None

    @property
    def query(self) -> str:
        """What an address needs to stay with this agency; nothing for the own one."""
        if not self.agencies or self.own:
            return ""
        return urlencode({"perangkat": self.agency.code if self.agency else ALL})

    def rows(self) -> RegisterRowQuerySet:
        rows = RegisterRow.objects.visible_to(self.user)
        return rows if self.agency is None else rows.filter(agency=self.agency)

    def registers(self) -> QuerySet[Register]:
        """Those of this year's instrument that the agency fills."""
        if self.agency is not None:
            return open_to(self.agency, self.instrument)
        return Register.objects.filter(instrument=self.instrument)

    def register(self, code: str) -> Register:
        """The register of that code in this year's instrument, or 404."""
        found = self.registers().filter(code=code).first()
        if found is None:
            raise Http404
        return found


def desk_of(request: Request) -> Desk:
    """The own agency, or one chosen of the region; the instrument of the year that is open."""
    user = request.user
    agency, agencies = user.agency, list[Agency]()
    if user.has_perm("agencies.view_agency"):
        seen = Agency.objects.visible_to(user).active().select_related("region")
        agencies = list(seen.order_by("name"))
        code = request.GET.get("perangkat", "")
        chosen = next((each for each in agencies if each.code == code), None)
        agency = chosen or (None if code == ALL else user.agency)
    return _desk(user, agency, agencies)


def _desk(user: User, agency: Agency | None, agencies: list[Agency]) -> Desk:
    years = Assessment.objects.visible_to(user).filter(closed_at__isnull=True)
    if agency is not None:
        years = years.filter(region=agency.region_id)
    assessment = years.select_related("instrument").order_by("-year", "pk").first()
    instrument = assessment.instrument if assessment else Instrument.objects.published().first()
    return Desk(user, instrument, assessment, agency, agencies)


def fetch_row(user: User, code: str, pk: int) -> RegisterRow:
    """The row, or 404 as for a number that never was."""
    row = for_saving(RegisterRow.objects.visible_to(user)).filter(pk=pk, code=code).first()
    if row is None:
        raise Http404
    return row


def desk_of_row(user: User, row: RegisterRow) -> Desk:
    """The desk of the agency whose row it is, so that every way back leads to its table."""
    others = [row.agency] if row.agency_id != user.agency_id else []
    return _desk(user, row.agency, others)


# --- the list of registers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shelf:
    """One register with its figures."""

    register: Register
    rows: int
    unproven: int
    questions: int
    points: Decimal
    mine: int


def shelves(desk: Desk) -> list[Shelf]:
    """The registers in order; four queries for any number of rows."""
    counts = {
        code: (rows, unproven)
        for code, rows, unproven in desk.rows()
        .live()
        .annotate(proven=Exists(_live_links()))
        .order_by()
        .values_list("code")
        .annotate(rows=Count("pk"), unproven=Count("pk", filter=Q(proven=False)))
    }
    asked = {
        register: (questions, points)
        for register, questions, points in Question.objects.filter(
            instrument=desk.instrument, register__isnull=False
        )
        .order_by()
        .values_list("register")
        .annotate(questions=Count("pk"), points=Sum("max_points"))
    }
    mine: dict[int | None, int] = {}
    if desk.agency is not None and desk.assessment is not None:
        mine = dict(
            Response.objects.filter(
                assessment=desk.assessment,
                submission__agency=desk.agency,
                question__register__isnull=False,
            )
            .order_by()
            .values_list("question__register")
            .annotate(count=Count("pk"))
        )
    found = desk.registers().order_by("pk")
    return [
        Shelf(
            each,
            *counts.get(each.code, (0, 0)),
            *asked.get(each.pk, (0, Decimal(0))),
            mine.get(each.pk, 0),
        )
        for each in found
    ]


def _live_links() -> Any:
    return RowEvidence.objects.filter(row=OuterRef("pk"), removed_at__isnull=True)


# --- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell as it is read."""

    label: str
    text: str
    number: bool


@dataclass(slots=True)
class Line:
    """One row of the table."""

    row: RegisterRow
    cells: list[Shown]
    years: str
    proofs: int

    @property
    def name(self) -> str:
        """What tells it from others, for those who hear the page: its first cells."""
        return ", ".join(cell.text for cell in self.cells[:2] if cell.text)[:80] or "tanpa isi"


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title, and the address that sorts by it."""

    label: str
    href: str
    sorted: str
    number: bool


@dataclass(slots=True)
class Narrowing:
    """What is looked for; an unknown value is as if it were not there."""

    words: str = ""
    year: int | None = None
    unproven: bool = False
    retired: bool = False
    sort: str = ""

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.year or self.unproven or self.retired)

    def params(self) -> dict[str, str]:
        given = {
            "q": self.words,
            "tahun": str(self.year or ""),
            "tanpa": "1" if self.unproven else "",
            "dihapus": "1" if self.retired else "",
            "urut": self.sort,
        }
        return {name: value for name, value in given.items() if value}

    def apply(self, rows: RegisterRowQuerySet) -> RegisterRowQuerySet:
        rows = rows.filter(retired_at__isnull=False) if self.retired else rows.live()
        for word in self.words.casefold().split()[:8]:
            rows = rows.filter(words__contains=word)
        if self.year is not None:
            rows = rows.valid_in(self.year)
        return rows.without_evidence() if self.unproven else rows


def narrowing_of(given: Mapping[str, str], columns: Sequence[Column]) -> Narrowing:
    year, sort = given.get("tahun", ""), given.get("urut", "")
    number = int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else 0
    known = sort.removeprefix("-") in {column.key for column in columns}
    return Narrowing(
        words=given.get("q", "").strip()[:100],
        year=number if FIRST_YEAR <= number <= LAST_YEAR else None,
        unproven=given.get("tanpa") == "1",
        retired=given.get("dihapus") == "1",
        sort=sort if known else "",
    )


@dataclass(slots=True)
class Table:
    """A page of rows, and what holds for all that were found."""

    page: Page[Any]
    lines: list[Line]
    count: int
    sums: list[Shown] = field(default_factory=list)


def table_of(desk: Desk, register: Register, narrowing: Narrowing, page: str | None) -> Table:
    """The rows that were asked for: two queries whatever their number."""
    columns = columns_of(register)
    found = narrowing.apply(desk.rows().filter(code=register.code))
    money = [column for column in columns if column.type == "money"]
    facts = _facts(found, columns, narrowing, money)
    pages = Paginator(facts, PAGE).get_page(page)
    wanted = [each[0] for each in pages.object_list]
    rows = {each.pk: each for each in with_proofs(RegisterRow.objects.filter(pk__in=wanted))}
    sums = {
        column.key: sum((_amount(each[1][place]) or Decimal(0) for each in facts), Decimal(0))
        for place, column in enumerate(money)
    }
    return Table(
        page=pages,
        lines=[line_of(columns, rows[pk]) for pk in wanted if pk in rows],
        count=len(facts),
        sums=[
            Shown(each.label, rupiah(sums[each.key]) if each.key in sums else "", each.is_number)
            for each in columns
        ],
    )


def _facts(
    rows: RegisterRowQuerySet,
    columns: Sequence[Column],
    narrowing: Narrowing,
    money: Sequence[Column],
) -> list[tuple[int, list[Any]]]:
    """The key of every row found, in order, with its amounts of money.

    Sorted here: a cell typed under an older instrument may be of another type, and databases do
    not agree on the order of letters.
    """
    key = narrowing.sort.removeprefix("-")
    by = next((column for column in columns if column.key == key), None)
    wanted = [*money, *([by] if by is not None else [])]
    names = {
        f"cell_{place}": KeyTextTransform(each.key, "data") for place, each in enumerate(wanted)
    }
    facts = list(rows.order_by("pk").annotate(**names).values_list("pk", *names))
    if by is not None:
        facts.sort(
            key=lambda each: _rank(by, each[-1]),
            reverse=narrowing.sort.startswith("-"),
        )
        facts.sort(key=lambda each: each[-1] is None)  # what is empty stands last both ways
    return [(each[0], list(each[1:])) for each in facts]


def _rank(column: Column, value: Any) -> tuple[int, Decimal, str]:
    number = _amount(value) if column.is_number else None
    if number is not None:
        return (0, number, "")
    return (1, Decimal(0), str(value or "").casefold())


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    return amount if amount.is_finite() else None


def with_proofs(rows: RegisterRowQuerySet) -> RegisterRowQuerySet:
    """Rows with whose they are and how many evidences they have now."""
    live = Count("links", filter=Q(links__removed_at__isnull=True))
    return rows.select_related("agency").annotate(proofs=live).order_by("pk")


def cells_of(columns: Sequence[Column], data: Mapping[str, Any]) -> list[Shown]:
    """The cells of a row as people read them."""
    return [
        Shown(each.label, cell_text(each.type, data.get(each.key)), each.is_number)
        for each in columns
    ]


def line_of(columns: Sequence[Column], row: RegisterRow) -> Line:
    return Line(
        row=row,
        cells=cells_of(columns, row.data),
        years=validity(row.valid_from, row.valid_to),
        proofs=getattr(row, "proofs", 0),
    )


def one_line(register: Register, pk: int) -> Line:
    """One row as the table shows it."""
    return line_of(columns_of(register), with_proofs(RegisterRow.objects.all()).get(pk=pk))


def validity(begins: int | None, ends: int | None) -> str:
    """The years in which a row holds, in words."""
    if begins is None and ends is None:
        return "seterusnya"
    if begins == ends:
        return str(begins)
    if begins is None:
        return f"sampai {ends}"
    return f"sejak {begins}" if ends is None else f"{begins}-{ends}"


def heads_of(columns: Sequence[Column], desk: Desk, narrowing: Narrowing) -> list[Head]:
    """Titles that sort: first up, then down, then as typed."""
    kept = narrowing.params() | dict(pair.split("=", 1) for pair in [desk.query] if pair)
    heads = []
    for column in columns:
        state, after = "", column.key
        if narrowing.sort == column.key:
            state, after = "ascending", f"-{column.key}"
        elif narrowing.sort == f"-{column.key}":
            state, after = "descending", ""
        params = {**kept, "urut": after}
        address = urlencode({name: value for name, value in params.items() if value})
        heads.append(Head(column.label, f"?{address}", state, column.is_number))
    return heads


def new_form(
    desk: Desk, register: Register, today: date, like: RegisterRow | None = None
) -> RowForm:
    """An empty row, or one that begins as another."""
    initial: dict[str, Any] = {"dari": desk.data_year}
    if like is not None:
        initial = initial_of(register, like)
    initial["token"] = new_token()
    return RowForm(register=register, today=today, form_id=ADD_FORM, initial=initial)


def proofs_of(row: RegisterRow, user: User) -> list[Proof]:
    links = row.links.filter(removed_at__isnull=True).select_related("evidence__blob")
    return [
        proof_of(each.evidence, user=user, when=tanggal(each.added_at), link=each.pk)
        for each in links
    ]
