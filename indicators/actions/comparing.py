"""What changed between two versions of an instrument, in words. Plain data, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from indicators.actions.checking import (
    IndicatorData,
    InstrumentData,
    QuestionData,
    RegisterData,
    RubricData,
)
from indicators.actions.likeness import Part, plain, word_difference
from indicators.wording import percent, points

AREAS = {"kota": "kota", "kecamatan": "setiap kecamatan", "kelurahan": "setiap kelurahan"}


class Kind(StrEnum):
    """What can become of a question."""

    ADDED = "baru"
    REMOVED = "hilang"
    MOVED = "pindah"
    REWORDED = "kalimat"
    REWEIGHTED = "nilai"
    EVIDENCE = "bukti"
    OTHER = "lain"


KIND_LABELS = {
    Kind.ADDED: "Pertanyaan baru",
    Kind.REMOVED: "Tidak ditanyakan lagi",
    Kind.MOVED: "Pindah tempat",
    Kind.REWORDED: "Kalimat berubah",
    Kind.REWEIGHTED: "Nilai berubah",
    Kind.EVIDENCE: "Data dukung lain",
    Kind.OTHER: "Perubahan lain",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed: what it is, and its words before and after as one text."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One question that is not what it was."""

    code: str
    before: str
    text: str
    points: str
    indicator: str
    kinds: tuple[Kind, ...]
    lines: tuple[Line, ...] = ()

    @property
    def labels(self) -> list[str]:
        return [KIND_LABELS[kind] for kind in self.kinds]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs: of the whole, and question by question in the newer order."""

    whole: tuple[Line, ...]
    entries: tuple[Entry, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        return not self.whole and not self.entries

    def counts(self) -> dict[Kind, int]:
        """How many questions of each kind; one may be of several."""
        return {kind: sum(kind in each.kinds for each in self.entries) for kind in Kind}

    def of(self, kind: str) -> tuple[Entry, ...]:
        """Only those of a kind; of an unknown one all."""
        if kind not in set(Kind):
            return self.entries
        return tuple(each for each in self.entries if kind in each.kinds)


def compare(older: InstrumentData, newer: InstrumentData, pairs: Mapping[str, str]) -> Difference:
    """`pairs` says of each newer code which older one it continues; the rest is new or gone."""
    before = {question.code: (indicator, question) for indicator, question in _asked(older)}
    entries, same, kept = [], 0, set()
    for indicator, question in _asked(newer):
        old = before.get(pairs.get(question.code, ""))
        if old is None:
            entries.append(_alone(indicator, question, Kind.ADDED))
            continue
        kept.add(old[1].code)
        entry = _changed(old, (indicator, question), older, newer)
        if entry.kinds:
            entries.append(entry)
        else:
            same += 1
    gone = [_alone(*each, Kind.REMOVED) for code, each in before.items() if code not in kept]
    return Difference(tuple(_whole(older, newer)), (*entries, *gone), same)


def _asked(data: InstrumentData) -> Iterable[tuple[IndicatorData, QuestionData]]:
    return (
        (indicator, question)
        for cluster in data.clusters
        for indicator in cluster.indicators
        for question in indicator.questions
    )


def _alone(indicator: IndicatorData, question: QuestionData, kind: Kind) -> Entry:
    return Entry(
        code=question.code,
        before=question.code if kind is Kind.REMOVED else "",
        text=question.text,
        points=points(question.max_points),
        indicator=f"{indicator.code} {indicator.name}",
        kinds=(kind,),
    )


def _changed(
    old: tuple[IndicatorData, QuestionData],
    new: tuple[IndicatorData, QuestionData],
    older: InstrumentData,
    newer: InstrumentData,
) -> Entry:
    """One question before and after; without kinds where nothing changed."""
    (was_in, was), (is_in, now) = old, new
    found: list[tuple[Kind, Line]] = []

    def note(kind: Kind, label: str, before: str, after: str) -> None:
        if before != after:
            found.append((kind, Line(label, _exchange(before, after))))

    if was.code != now.code or plain(was_in.name) != plain(is_in.name):
        note(Kind.MOVED, "Tempat", _place(was_in, was), _place(is_in, now))
    if plain(was.text) != plain(now.text):
        found.append((Kind.REWORDED, Line("Kalimat", word_difference(was.text, now.text))))
    note(Kind.REWEIGHTED, "Nilai", points(was.max_points), points(now.max_points))
    note(Kind.EVIDENCE, "Data dukung", _evidence(was), _evidence(now))
    note(Kind.OTHER, "Dijawab", AREAS.get(was.level, ""), AREAS.get(now.level, ""))
    note(Kind.OTHER, "Penilaian", _rubric_of(was, older), _rubric_of(now, newer))
    note(Kind.OTHER, "Daftar induk", _register_of(was, older), _register_of(now, newer))
    note(Kind.OTHER, "Penanggung jawab", was.lead_agency, now.lead_agency)
    supporting = (", ".join(each.supporting_agencies) or "tidak ada" for each in (was, now))
    note(Kind.OTHER, "Pendukung", *supporting)
    note(Kind.OTHER, "Catatan", was.note, now.note)
    note(Kind.OTHER, "Jenis jawaban", was.answer_type, now.answer_type)
    return Entry(
        code=now.code,
        before=was.code,
        text=now.text,
        points=points(now.max_points),
        indicator=f"{is_in.code} {is_in.name}",
        kinds=tuple(dict.fromkeys(kind for kind, _ in found)),
        lines=tuple(line for _, line in found),
    )


def _exchange(before: str, after: str) -> tuple[Part, ...]:
    parts = [Part("gone", before)] if before else []
    if before and after:
        parts.append(Part("same", " "))
    return (*parts, *([Part("new", after)] if after else []))


def _place(indicator: IndicatorData, question: QuestionData) -> str:
    return f"{question.code} (indikator {indicator.code} {indicator.name})"


def _evidence(question: QuestionData) -> str:
    wanted = "; ".join((*question.expected_evidence, *question.evidence_kinds)) or "tidak diminta"
    return f"{wanted} (wajib)" if question.evidence_required else wanted


def _rubric_of(question: QuestionData, data: InstrumentData) -> str:
    """How it is scored: the levels, whatever the rubric is called."""
    rubric = next(each for each in data.rubrics if each.code == question.rubric)
    return f"{rubric.mode}: {_levels(rubric)}" if rubric.levels else rubric.mode


def _register_of(question: QuestionData, data: InstrumentData) -> str:
    names = {each.code: each.name for each in data.registers}
    return names.get(question.register, "tidak ada")


def _levels(rubric: RubricData) -> str:
    return "; ".join(f"{each.label} {percent(each.share, 2)}" for each in rubric.levels)


# --- the whole ------------------------------------------------------------------------------------


def _whole(older: InstrumentData, newer: InstrumentData) -> Iterable[Line]:
    """What is no question: head, categories, clusters, indicators, registers."""
    facts = [
        ("Tahun", str(older.year), str(newer.year)),
        ("Nilai maksimum", points(older.total_max_points), points(newer.total_max_points)),
        ("Kategori", _bands(older), _bands(newer)),
    ]
    was, now = ({each.code: each for each in data.clusters} for data in (older, newer))
    for code in dict.fromkeys((*was, *now)):
        names = [
            f"{group[code].name}, {points(group[code].max_points)} poin" if code in group else ""
            for group in (was, now)
        ]
        facts.append((f"Klaster {code}", names[0], names[1]))
    facts += _indicators(older, newer)
    columns = [{each.name: _columns(each) for each in data.registers} for data in (older, newer)]
    for name in dict.fromkeys((*columns[0], *columns[1])):
        facts.append((f"Daftar induk {name}", columns[0].get(name, ""), columns[1].get(name, "")))
    return [
        Line(label, _exchange(before, after)) for label, before, after in facts if before != after
    ]


def _indicators(older: InstrumentData, newer: InstrumentData) -> list[tuple[str, str, str]]:
    """Indicators by their names: numbers have changed places before."""
    was, now = (
        {plain(each.name): each for cluster in data.clusters for each in cluster.indicators}
        for data in (older, newer)
    )
    return [
        (
            f"Indikator {(now.get(name) or was[name]).name}",
            _weight(was.get(name)),
            _weight(now.get(name)),
        )
        for name in dict.fromkeys((*now, *was))
    ]


def _weight(indicator: IndicatorData | None) -> str:
    return (
        "" if indicator is None else f"nomor {indicator.code}, {points(indicator.max_points)} poin"
    )


def _bands(data: InstrumentData) -> str:
    return "; ".join(
        f"{each.name} {'mulai' if each.inclusive else 'lebih dari'} {points(each.minimum)}"
        for each in data.bands
    )


def _columns(register: RegisterData) -> str:
    return "; ".join(str(each["label"]) for each in register.columns)
