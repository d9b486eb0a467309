"""An instrument file becomes checked plain data, or a list of everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from indicators import wording
from indicators.actions.nodes import CODE, SLUG, InstrumentError, Node, kind_of, parse
from indicators.scoring import ZERO, Mode

__all__ = [
    "BandData",
    "ClusterData",
    "IndicatorData",
    "InstrumentData",
    "InstrumentError",
    "LevelData",
    "QuestionData",
    "RegisterData",
    "RubricData",
    "read_instrument",
]

FORMAT = "kla-instrument/1"
MODES = tuple(mode.value for mode in Mode)
BASES = ("estimasi", "logis", "resmi")
AREA_LEVELS = ("kota", "kecamatan", "kelurahan")
COLUMN_TYPES = ("text", "integer", "money", "year", "date", "choice")
MOST_POINTS = 99_999
TAKEN = ("versi",)  # /instrumen/versi/ is a page
# A number that could not be read: sums that would need it are not judged.
UNKNOWN = Decimal("NaN")


@dataclass(frozen=True, slots=True)
class BandData:
    name: str
    minimum: Decimal
    inclusive: bool


@dataclass(frozen=True, slots=True)
class LevelData:
    label: str
    share: Decimal
    minimum: Decimal | None


@dataclass(frozen=True, slots=True)
class RubricData:
    code: str
    mode: str
    basis: str
    unit: str
    higher_is_better: bool
    min_inclusive: bool
    years: int
    note: str
    levels: tuple[LevelData, ...]


@dataclass(frozen=True, slots=True)
class RegisterData:
    code: str
    name: str
    columns: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class QuestionData:
    code: str
    text: str
    answer_type: str
    level: str
    rubric: str
    max_points: Decimal
    evidence_required: bool
    evidence_kinds: tuple[str, ...]
    expected_evidence: tuple[str, ...]
    lead_agency: str
    supporting_agencies: tuple[str, ...]
    register: str
    note: str


@dataclass(frozen=True, slots=True)
class IndicatorData:
    code: str
    official_number: int | None
    name: str
    alt_names: tuple[str, ...]
    max_points: Decimal
    lead_agency: str
    note: str
    questions: tuple[QuestionData, ...]


@dataclass(frozen=True, slots=True)
class ClusterData:
    code: str
    name: str
    max_points: Decimal
    coordinator: str
    indicators: tuple[IndicatorData, ...]


@dataclass(frozen=True, slots=True)
class InstrumentData:
    """The whole file, checked: every code is known and every sum adds up."""

    code: str
    title: str
    year: int
    language: str
    basis: str
    total_max_points: Decimal
    bands_note: str
    bands: tuple[BandData, ...]
    rubrics: tuple[RubricData, ...]
    registers: tuple[RegisterData, ...]
    clusters: tuple[ClusterData, ...]


def read_instrument(source: str | bytes) -> InstrumentData:
    """Check a file whole; raises InstrumentError with every problem by its place."""
    values = parse(source)
    if not isinstance(values, dict):
        raise InstrumentError([f"Berkas harus berisi objek JSON, bukan {kind_of(values)}."])
    return check_instrument(values)


def check_instrument(values: dict[str, Any]) -> InstrumentData:
    """The same rules for the values of a file, however they were read; numbers are Decimal."""
    root = Node(values, "", [])
    data = _Reader(root).instrument()
    if root.problems:
        raise InstrumentError(root.problems)
    return data


class _Reader:
    """One pass over the file; it remembers the codes that were seen, and where."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.seen: dict[tuple[str, str], str] = {}
        self.modes: dict[str, str] = {}
        self.registers: set[str] = set()

    def once(self, node: Node, what: str, code: str) -> None:
        """A code names one thing in the whole instrument."""
        if not code:
            return
        first = self.seen.setdefault((what, code), node.place)
        if first != node.place:
            node.wrong(f"kode {what} {code} sudah dipakai di {first}")

    def instrument(self) -> InstrumentData:
        root = self.root
        root.only(
            "format", "code", "title", "year", "language", "basis", "total_max_points", "bands",
            "bands_note", "rubrics", "clusters", "registers",
        )  # fmt: skip
        root.word("format", (FORMAT,))
        code = root.text("code", 64)
        if code and not SLUG.fullmatch(code):
            root.wrong('"code" hanya boleh huruf kecil, angka, dan tanda hubung')
        if code in TAKEN:
            root.wrong(f'"code" {code} tidak boleh dipakai: itu alamat halaman lain')
        total = root.number("total_max_points", most=MOST_POINTS)
        rubrics = tuple(self.rubric(node) for node in root.named_items("rubrics"))
        registers = tuple(self.register(node) for node in root.named_items("registers"))
        self.modes = {rubric.code: rubric.mode for rubric in rubrics}
        self.registers = {register.code for register in registers}
        clusters = [self.cluster(node) for node in root.items("clusters")]
        _adds_up(root, "total_max_points", total, [cluster.max_points for cluster in clusters])
        return InstrumentData(
            code=code,
            title=root.text("title", 200),
            year=root.whole("year", 2006, 2100) or 0,
            language=root.word("language", ("id",), default="id"),
            basis=root.text("basis", optional=True),
            total_max_points=total or ZERO,
            bands_note=root.text("bands_note", optional=True),
            bands=self.bands(total),
            rubrics=rubrics,
            registers=registers,
            clusters=tuple(clusters),
        )

    def bands(self, total: Decimal | None) -> tuple[BandData, ...]:
        """Categories from the lowest up, all within the total."""
        bands: list[BandData] = []
        for node in self.root.items("bands", may_be_empty=True):
            node.only("name", "min", "inclusive")
            name = node.text("name", 40)
            self.once(node, "kategori", name)
            minimum = node.number("min", most=MOST_POINTS)
            if minimum is not None and bands and minimum <= bands[-1].minimum:
                node.wrong('"min" harus lebih tinggi dari kategori sebelumnya')
            if minimum is not None and total is not None and minimum > total:
                node.wrong('"min" melebihi nilai maksimum instrumen')
            bands.append(BandData(name, minimum or ZERO, node.flag("inclusive", default=False)))
        return tuple(bands)

    # --- rubrics and registers ----------------------------------------------------------------

    def rubric(self, node: Node) -> RubricData:
        node.only(
            "mode", "basis", "unit", "higher_is_better", "min_inclusive", "years", "note", "levels"
        )
        mode = node.word("mode", MODES)
        levels = [
            self.level(each, mode)
            for each in node.items("levels", may_be_empty=mode == Mode.AREA_SHARE)
        ]
        rubric = RubricData(
            code=node.key,
            mode=mode,
            basis=node.word("basis", BASES),
            unit=node.text("unit", 16, optional=True),
            higher_is_better=node.flag("higher_is_better", default=True),
            min_inclusive=node.flag("min_inclusive", default=True),
            years=node.whole("years", 1, 2, default=2 if mode == Mode.TREND else 1) or 1,
            note=node.text("note", optional=True),
            levels=tuple(levels),
        )
        _fits_mode(node, rubric)
        return rubric

    def level(self, node: Node, mode: str) -> LevelData:
        node.only("label", "share", *(["min"] if mode == Mode.THRESHOLD else []))
        share = node.number("share", places=4, most=1)
        minimum = node.number("min", most=100) if mode == Mode.THRESHOLD else None
        return LevelData(node.text("label", 200), ZERO if share is None else share, minimum)

    def register(self, node: Node) -> RegisterData:
        node.only("name", "columns")
        keys: set[str] = set()
        columns = []
        for column in node.items("columns"):
            column.only("key", "label", "type", "options", "required")
            key = column.text("key", 64)
            if key in keys:
                column.wrong(f'kolom "{key}" ada dua kali')
            keys.add(key)
            column.text("label", 200)
            kind = column.word("type", COLUMN_TYPES)
            column.flag("required", default=True)
            options = column.texts("options", optional=kind != "choice")
            if kind == "choice" and len(set(options)) < 2:
                column.wrong('"options" harus memuat sedikitnya dua pilihan')
            if kind != "choice" and options:
                column.wrong('"options" hanya untuk kolom bertipe choice')
            columns.append(_column(column.values, options))
        return RegisterData(node.key, node.text("name", 200), tuple(columns))

    # --- what is asked ------------------------------------------------------------------------

    def cluster(self, node: Node) -> ClusterData:
        code = node.named(CODE, 16)
        node.only("code", "name", "max_points", "coordinator", "indicators")
        self.once(node, "klaster", code)
        maximum = node.number("max_points", most=MOST_POINTS)
        indicators = [self.indicator(each) for each in node.items("indicators")]
        _adds_up(node, "max_points", maximum, [each.max_points for each in indicators])
        return ClusterData(
            code=code,
            name=node.text("name", 200),
            max_points=UNKNOWN if maximum is None else maximum,
            coordinator=node.text("coordinator", 200, optional=True),
            indicators=tuple(indicators),
        )

    def indicator(self, node: Node) -> IndicatorData:
        code = node.named(CODE, 16)
        node.only(
            "code", "official_number", "name", "alt_names", "max_points", "lead_agency", "note",
            "questions",
        )  # fmt: skip
        self.once(node, "indikator", code)
        maximum = node.number("max_points", most=MOST_POINTS)
        questions = [self.question(each) for each in node.items("questions")]
        asked = _sum([each.max_points for each in questions])
        if maximum is not None and asked is not None and questions and asked < maximum:
            node.wrong(
                f'"max_points" {wording.points(maximum)} lebih besar dari jumlah nilai '
                f"pertanyaannya, {wording.points(asked)}"
            )
        official = node.values.get("official_number")
        return IndicatorData(
            code=code,
            official_number=None if official is None else node.whole("official_number", 1, 999),
            name=node.text("name", 200),
            alt_names=node.texts("alt_names", optional=True),
            max_points=UNKNOWN if maximum is None else maximum,
            lead_agency=node.text("lead_agency", 200, optional=True),
            note=node.text("note", optional=True),
            questions=tuple(questions),
        )

    def question(self, node: Node) -> QuestionData:
        code = node.named(CODE, 16)
        node.only(
            "code", "text", "type", "level", "rubric", "max_points", "evidence_required",
            "evidence_kinds", "expected_evidence", "lead_agency", "supporting_agencies",
            "register", "note",
        )  # fmt: skip
        self.once(node, "pertanyaan", code)
        maximum = node.number("max_points", most=9_999)
        level = node.word("level", AREA_LEVELS)
        question = QuestionData(
            code=code,
            text=node.text("text"),
            answer_type=node.text("type", 40),
            level=level,
            rubric=self.known(node, "rubric", "rubrik", self.modes),
            max_points=UNKNOWN if maximum is None else maximum,
            evidence_required=node.flag("evidence_required"),
            evidence_kinds=node.texts("evidence_kinds", 40, optional=True),
            expected_evidence=node.texts("expected_evidence", optional=True),
            lead_agency=node.text("lead_agency", 200, optional=True),
            supporting_agencies=node.texts("supporting_agencies", 200, optional=True),
            register=self.known(node, "register", "daftar induk", self.registers, optional=True),
            note=node.text("note", optional=True),
        )
        if self.modes.get(question.rubric) == Mode.AREA_SHARE and level == "kota":
            node.wrong(f'rubrik "{question.rubric}" hanya untuk pertanyaan kecamatan/kelurahan')
        return question

    def known(
        self, node: Node, key: str, what: str, codes: Iterable[str], *, optional: bool = False
    ) -> str:
        """The code of a rubric or register of this file."""
        code = node.text(key, 64, optional=optional)
        if code and code not in codes:
            node.wrong(f'{what} "{code}" tidak dikenal')
        return code


def _column(values: dict[str, Any], options: tuple[str, ...]) -> dict[str, Any]:
    """A column as it is stored: what goes without saying is left out."""
    kept = {key: value for key, value in values.items() if key not in {"options", "required"}}
    if options:
        kept["options"] = list(options)
    if values.get("required") is False:
        kept["required"] = False
    return kept


def _sum(parts: Iterable[Decimal]) -> Decimal | None:
    total = sum(parts, ZERO)
    return None if total.is_nan() else total


def _adds_up(node: Node, key: str, said: Decimal | None, parts: Sequence[Decimal]) -> None:
    """A weight is the sum of its parts."""
    found = _sum(parts)
    if said is not None and found is not None and parts and said != found:
        node.wrong(
            f'"{key}" {wording.points(said)} tidak sama dengan jumlah bagiannya, '
            f"{wording.points(found)}"
        )


def _fits_mode(node: Node, rubric: RubricData) -> None:
    """What a mode needs of its levels."""
    levels = rubric.levels
    if rubric.mode == Mode.AREA_SHARE:
        if levels:
            node.wrong('"levels" harus kosong: nilainya bagian wilayah')
        return
    if rubric.mode == Mode.TREND and len(levels) != 3:
        node.wrong('"levels" harus tiga untuk trend: membaik, tetap, memburuk')
    elif len(levels) == 1:
        node.wrong('"levels" harus memuat sedikitnya dua tingkat')
    if rubric.mode == Mode.TREND and rubric.years != 2:
        node.wrong('"years" harus 2 untuk trend')
    if any(below.share > above.share for above, below in pairwise(levels)):
        node.wrong('"levels" harus urut dari nilai tertinggi')
    if rubric.mode == Mode.THRESHOLD:
        _fits_threshold(node, rubric)


def _fits_threshold(node: Node, rubric: RubricData) -> None:
    """Every percentage must land on exactly one level."""
    minimums = [level.minimum for level in rubric.levels if level.minimum is not None]
    if len(minimums) != len(rubric.levels) or not minimums:
        return
    upwards = minimums[::-1] if rubric.higher_is_better else minimums
    if any(before >= after for before, after in pairwise(upwards)):
        order = "menurun" if rubric.higher_is_better else "menaik"
        node.wrong(f'"min" setiap tingkat harus {order}')
    elif upwards[0] != ZERO:
        node.wrong('"min" terendah harus 0')
