"""The grid of questions by areas: cells, shares and points, read in a fixed number of queries.

A cell is named `answer:version:key`, so that a form of hundreds of cells says of each what was seen
and changes only those that were typed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agencies.models import Agency, User
from indicators.models import AreaLevel, Question
from indicators.scoring import (
    ONE,
    ZERO,
    Answer,
    Mode,
    Scale,
    Tally,
    level_of,
    points,
    tally_indicator,
    tally_question,
    total,
)
from indicators.wording import one_area
from submissions.actions.answering import PERMISSION
from submissions.filters import areas_of
from submissions.models import Assessment, Event, EvidenceLink, Response, ResponseQuerySet
from submissions.workflow import STATE_LABELS, State, Verdict

WORDS = {"y": "Ya", "t": "Tidak"}
TYPED = {"ya": "y", "y": "y", "tidak": "t", "tdk": "t", "t": "t", "": ""}
PICKED = frozenset({Mode.AREA_SHARE, Mode.CHOICE, Mode.GRADED})

# More areas than this are shown one kecamatan at a time: a kabupaten has hundreds of desa.
MOST_COLUMNS = 40

# Why a cell holds still, in the words of the page; the key stands on the cell.
LOCKS = {
    "d": "Diajukan dan menunggu verifikator. Tarik kembali isian wilayah itu bila belum diperiksa.",
    "s": "Diterima verifikator, jadi tidak dapat diubah lagi.",
    "x": "Tahun penilaian ini sudah ditutup.",
    "b": "Anda dapat membaca jawaban ini, tidak mengubahnya.",
}


def keys_of(scale: Scale) -> list[str]:
    """What is typed for each option, in their order: y and t, or 1, 2, 3 where there are more."""
    labels = [each.label for each in scale.options()]
    if labels == ["Ya", "Tidak"]:
        return ["y", "t"]
    return [str(at) for at in range(1, len(labels) + 1)]


def key_of(scale: Scale, value: Any) -> str:
    """The key of a stored answer; empty while there is none."""
    level = level_of(scale, value)
    return "" if level is None else keys_of(scale)[level]


def key_typed(scale: Scale, typed: str) -> str:
    """The key that somebody meant; ValueError if the question has no such answer."""
    text = typed.strip().lower()
    key = TYPED.get(text, text)
    if key and key not in keys_of(scale):
        raise ValueError(typed)
    return key


def value_of(scale: Scale, key: str) -> dict[str, Any] | None:
    """The answer as it is stored."""
    if not key:
        return None
    at = keys_of(scale).index(key)
    return {"yes": at == 0} if scale.mode is Mode.AREA_SHARE else {"level": at}


def word_of(scale: Scale, key: str) -> str:
    """How a key is shown outside the grid."""
    return scale.options()[keys_of(scale).index(key)].label if key else "belum dijawab"


@dataclass(slots=True)
class Cell:
    """One area's answer to one question."""

    pk: int
    submission: int
    agency: Agency
    version: int
    key: str
    claimed: Decimal | None
    proven: Decimal | None
    proofs: int
    lacks: bool
    behalf: str
    lock: str
    typed: str = ""
    wrong: bool = False

    @property
    def name(self) -> str:
        return f"{self.pk}:{self.version}:{self.key}"

    @property
    def shown(self) -> str:
        """Ya and Tidak in words, else what was typed."""
        return self.typed or WORDS.get(self.key, self.key)

    @property
    def spoken(self) -> str:
        """What stands beside the answer, for those who do not see the marks."""
        said = ""
        if self.lacks:
            said = ", tanpa data dukung"
        elif self.proofs:
            said = f", {self.proofs} data dukung"
        return said + (", mewakili" if self.behalf else "")

    @property
    def marks(self) -> str:
        """Classes: evidence is there, evidence is missing, given by somebody else."""
        marks = {
            "p": self.proofs and not self.lacks,
            "r": self.lacks,
            "w": self.behalf,
        }
        return " ".join(mark for mark, there in marks.items() if there)

    def html(self, code: str) -> SafeString:
        """The cell as drawn; here and not in a template, since there are hundreds."""
        lock = format_html(' readonly data-lock="{}"', self.lock) if self.lock else ""
        wrong = format_html(' aria-invalid="{}"', "true") if self.wrong else ""
        return format_html(
            '<td class="{}"><input id="c{}" name="{}" value="{}" aria-label="{} {}{}"{}{}></td>',
            self.marks,
            self.pk,
            self.name,
            self.shown,
            code,
            short(self.agency),
            self.spoken,
            lock,
            wrong,
        )


@dataclass(slots=True)
class Line:
    """One question with its cells, in the order of the columns; None where an area has no part."""

    question: Question
    areas: int
    cells: list[Cell | None] = field(default_factory=list)

    @property
    def scale(self) -> Scale:
        return self.question.rubric.scale

    @property
    def code(self) -> str:
        return self.question.code

    @property
    def key(self) -> str:
        """For an id in the page."""
        return str(self.question.pk)

    @property
    def text(self) -> str:
        return one_area(self.question.text)

    @property
    def given(self) -> list[Cell]:
        return [each for each in self.cells if each is not None]

    @property
    def picked(self) -> bool:
        """Whether it is answered by picking; figures are typed in the area's own form."""
        return self.scale.mode in PICKED

    @property
    def tally(self) -> Tally:
        """The points of what is shown: of all areas the question's, of some their part."""
        given = self.given
        maximum = self.question.max_points
        if len(given) != self.areas:
            maximum = points(maximum * len(given) / self.areas, ONE)
        return tally_question(maximum, [Answer(each.claimed, each.proven) for each in given])

    @property
    def said(self) -> str:
        """12 ya, 1 tidak, 2 belum: who is silent never counts among those who said no."""
        given, keys = self.given, keys_of(self.scale)
        words = [word_of(self.scale, key).lower() for key in keys] if len(keys) == 2 else keys
        parts = [
            f"{sum(each.key == key for each in given)} {word}"
            for key, word in zip(keys, words, strict=True)
        ]
        parts.append(f"{sum(not each.key for each in given)} belum")
        return ", ".join(parts)

    @property
    def html(self) -> SafeString:
        """The cells as drawn."""
        return format_html_join(
            "",
            "{}",
            (
                (format_html("<td>{}</td>", "") if each is None else each.html(self.code),)
                for each in self.cells
            ),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One area: its name, where its isian stands, and the way to it."""

    agency: Agency
    name: str
    state: str
    href: str
    above: str


@dataclass(slots=True)
class Grid:
    """The questions of one level, of the areas that the user reaches."""

    assessment: Assessment
    level: str
    levels: list[str]
    columns: list[Column]
    lines: list[Line]
    may: bool
    region: str = ""  # named in addresses for someone of no region
    above: str = ""  # the kecamatan that is shown, where there are too many areas for one table
    aboves: list[tuple[str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return AreaLevel(self.level).label if self.level else ""

    @property
    def whole(self) -> bool:
        """Whether all areas of the region are here, so that the points are the region's."""
        return all(len(line.given) == line.areas for line in self.lines)

    @property
    def total(self) -> Tally:
        """The points of these questions, no indicator above its own maximum."""
        tallies: dict[int, list[Tally]] = defaultdict(list)
        most: dict[int, Decimal] = {}
        for line in self.lines:
            tallies[line.question.indicator_id].append(line.tally)
            most[line.question.indicator_id] = line.question.indicator.max_points
        return total(
            tally_indicator(min(most[key], sum((each.maximum for each in found), ZERO)), found)
            for key, found in tallies.items()
        )

    @property
    def silent(self) -> int:
        return sum(not each.key for line in self.lines for each in line.given)

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Each kecamatan over its kelurahan, with how many columns it spans."""
        found: list[tuple[str, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.above:
                found[-1] = (column.above, found[-1][1] + 1)
            else:
                found.append((column.above, 1))
        return found

    @property
    def locks(self) -> dict[str, str]:
        """The reasons that this grid needs."""
        here = {each.lock for line in self.lines for each in line.given if each.lock}
        return {key: text for key, text in LOCKS.items() if key in here}

    @property
    def tabs(self) -> list[dict[str, str]]:
        return [{"label": AreaLevel(each).label, "href": self.at(each)} for each in self.levels]

    @property
    def query(self) -> str:
        """What the address of a question needs beside it."""
        kept = urlencode(self._kept)
        return f"?{kept}" if kept else ""

    @property
    def _kept(self) -> dict[str, str]:
        pairs = {"kecamatan": self.above, "wilayah": self.region}
        return {key: value for key, value in pairs.items() if value}

    def at(self, level: str) -> str:
        """The address of one level, from the grid's own."""
        return "?" + urlencode({"tingkat": level} | self._kept)

    @property
    def here(self) -> str:
        """Which of the tabs this is."""
        return self.at(self.level)


def short(agency: Agency) -> str:
    """Kelurahan Cibabat stands in a column as Cibabat."""
    name = agency.name
    for word in ("Kelurahan ", "Kecamatan "):
        name = name.removeprefix(word)
    return name


def answers_of(user: User, assessment: Assessment) -> ResponseQuerySet:
    """The area answers of a year that the user reaches: the door of everything here."""
    return Response.objects.reached_by(user).areas().filter(assessment=assessment)


def grid_of(
    user: User, assessment: Assessment, *, level: str = "", code: str = "", above: str = ""
) -> Grid:
    """The grid of one level (the one with most areas unless it is named), or of one question.

    Where there are too many areas for a page, those of one kecamatan: `above`, else the first.
    """
    reached = answers_of(user, assessment)
    counted = dict(
        reached.order_by().values_list("question__level").annotate(n=Count("submission__agency"))
    )
    levels = sorted(counted, key=lambda each: counted[each], reverse=True)
    if level not in counted:
        level = levels[0] if levels else ""
    found = reached.filter(question__level=level)
    if code:
        found = reached.filter(question__code=code)
    above, aboves = _one_of(found, above)
    if aboves:
        found = found.filter(submission__agency__parent__code=above)
    lines, columns = _read(user, assessment, found)
    if code and lines:
        level = lines[0].question.level
    region = "" if user.region_id else assessment.region.code
    may = user.has_perm(PERMISSION)
    return Grid(assessment, level, levels, columns, lines, may, region, above, aboves)


def _one_of(found: ResponseQuerySet, above: str) -> tuple[str, list[tuple[str, str]]]:
    """Which kecamatan is shown, and which there are; none where all areas fit. One query."""
    parent = "submission__agency__parent"
    counted = list(
        found.order_by()
        .values_list(f"{parent}__code", f"{parent}__name")
        .annotate(n=Count("submission__agency", distinct=True))
    )
    named = sorted((name, code) for code, name, _ in counted if code)
    if sum(n for *_, n in counted) <= MOST_COLUMNS or len(named) < 2:
        return "", []
    codes = [code for _, code in named]
    return above if above in codes else codes[0], [(code, name) for name, code in named]


COLUMNS = (
    *("pk", "question_id", "submission_id", "submission__agency_id", "submission__state"),
    *("value", "claim_share", "verified_share", "version", "verdict", "changed_by__agency_id"),
)


def _read(
    user: User, assessment: Assessment, found: ResponseQuerySet
) -> tuple[list[Line], list[Column]]:
    """Rows and columns. Six queries for any number of either."""
    rows = list(found.order_by("pk").values_list(*COLUMNS))
    questions = _questions({row[1] for row in rows})
    agencies = _agencies({row[3] for row in rows})
    counts = areas_of(set(questions), {assessment.pk})
    links = EvidenceLink.objects.filter(response__in=found.order_by(), removed_at__isnull=True)
    proofs = dict(links.order_by().values_list("response").annotate(n=Count("pk")))
    others = [row[0] for row in rows if row[10] is not None and row[10] != row[3]]
    behalf = Event.objects.filled_on_behalf(others)
    lines = {pk: Line(each, counts[pk]) for pk, each in questions.items()}
    cells: dict[tuple[int, int], Cell] = {}
    states: dict[int, tuple[int, str]] = {}
    may = user.has_perm(PERMISSION)
    for pk, question, submission, agency, state, value, claim, proven, version, verdict, _ in rows:
        line = lines[question]
        lock = "" if may else "b"
        if assessment.closed_at is not None:
            lock = "x"
        elif state == State.ACCEPTED or verdict == Verdict.ACCEPTED:
            lock = "s"
        elif state == State.SUBMITTED:
            lock = "d"
        given = proofs.get(pk, 0)
        event = behalf.get(pk)
        cells[question, agency] = Cell(
            pk=pk,
            submission=submission,
            agency=agencies[agency],
            version=version,
            key=key_of(line.scale, value) if line.picked else "",
            claimed=claim,
            proven=proven,
            proofs=given,
            lacks=bool(claim) and line.question.evidence_required and not given,
            behalf=event.behalf_text(agencies[agency]) if event is not None else "",
            lock=lock,
        )
        states[agency] = (submission, state)
    for line in lines.values():
        line.cells = [cells.get((line.question.pk, agency)) for agency in agencies]
    return list(lines.values()), [_column(agencies[pk], *states[pk]) for pk in agencies]


def _column(agency: Agency, submission: int, state: str) -> Column:
    return Column(
        agency,
        short(agency),
        STATE_LABELS[State(state)],
        reverse("work_form", args=[submission]),
        agency.parent.name if agency.parent is not None else "",
    )


def _questions(keys: Iterable[int]) -> dict[int, Question]:
    found = Question.objects.filter(pk__in=list(keys)).order_by("order")
    return {
        each.pk: each for each in found.select_related("rubric__instrument", "indicator__cluster")
    }


def _agencies(keys: Iterable[int]) -> dict[int, Agency]:
    found = Agency.objects.filter(pk__in=list(keys)).select_related("parent")
    return {each.pk: each for each in found.order_by("parent__name", "name")}


def cells_of(data: Sequence[tuple[str, str]]) -> list[tuple[int, int, str, str]]:
    """Answer, version and key that were seen, and what is typed now; what is no cell is passed."""
    found = []
    for name, typed in data:
        parts = name.split(":")
        if len(parts) == 3 and all(
            each.isascii() and each.isdecimal() and len(each) < 19 for each in parts[:2]
        ):
            found.append((int(parts[0]), int(parts[1]), parts[2], typed))
    return found
