"""JSON read strictly: every object knows its place, and every wrong value is noted, not guessed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")
# What a database or a workbook does not keep.
UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
MANY = 1_000_000


class InstrumentError(Exception):
    """An instrument that was refused whole; `problems` says each thing that is wrong and where."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Wrong(str):
    """One problem as a sentence; `place` is the object's and `reason` the sentence without it."""

    place: str
    reason: str

    def __new__(cls, where: str, reason: str, place: str) -> Wrong:
        said = super().__new__(cls, f"{where}: {reason}" if where else reason)
        said.place, said.reason = place, reason
        return said


class Pairs(dict[str, Any]):
    """A JSON object that remembers the keys that it was given twice."""

    twice: tuple[str, ...] = ()


def _pairs(found: list[tuple[str, Any]]) -> Pairs:
    pairs = Pairs(found)
    keys = [key for key, _ in found]
    pairs.twice = tuple(dict.fromkeys(key for key in keys if keys.count(key) > 1))
    return pairs


def _refuse(word: str) -> None:
    raise InstrumentError([f"Berkas memuat {word}, yang bukan bilangan."])


def parse(source: str | bytes) -> Any:
    """The file as plain values, decimals exact; raises InstrumentError with the line and column."""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_pairs
        )
    except json.JSONDecodeError as error:
        place = f"baris {error.lineno}, kolom {error.colno}"
        raise InstrumentError([f"Berkas bukan JSON yang benar: {place}."]) from None
    except UnicodeDecodeError as error:
        raise InstrumentError([f"Berkas bukan teks UTF-8: bita ke-{error.start + 1}."]) from None
    except (ValueError, RecursionError):
        raise InstrumentError(["Berkas bukan JSON yang benar."]) from None


def kind_of(value: object) -> str:
    """What a JSON value is, in the words of the messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, int | Decimal):
        return "bilangan"
    if isinstance(value, str):
        return "teks"
    return "daftar" if isinstance(value, list) else "objek"


@dataclass(slots=True)
class Node:
    """One object of the file at its place; a wrong value is noted and read as a harmless one."""

    values: dict[str, Any]
    place: str
    problems: list[str]
    code: str = ""
    key: str = ""

    def wrong(self, reason: str) -> None:
        """Note a problem of this object."""
        where = f"{self.place} ({self.code})" if self.code else self.place
        self.problems.append(Wrong(where, reason, self.place))

    def only(self, *known: str) -> None:
        """Refuse keys that the format does not have, and keys that stand twice."""
        for key in self.values:
            if key not in known:
                self.wrong(f'kunci "{key}" tidak dikenal')
        for key in getattr(self.values, "twice", ()):
            self.wrong(f'kunci "{key}" ada dua kali')

    def _get(self, key: str, kind: str, *, optional: bool) -> Any:
        """The value if it is of that kind, else None and a problem."""
        if key not in self.values:
            if not optional:
                self.wrong(f'"{key}" tidak ada')
            return None
        value = self.values[key]
        if kind_of(value) != kind:
            self.wrong(f'"{key}" harus {kind}, bukan {kind_of(value)}')
            return None
        return value

    def text(self, key: str, limit: int = 4000, *, optional: bool = False) -> str:
        """A text that is not empty, unless it is optional."""
        value: str | None = self._get(key, "teks", optional=optional)
        if value is None:
            return ""
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        if not value.strip() and not optional:
            self.wrong(f'"{key}" kosong')
        elif len(value) > limit:
            self.wrong(f'"{key}" terlalu panjang: {len(value)} huruf, paling banyak {limit}')
        elif UNSTORABLE.search(value):
            self.wrong(f'"{key}" memuat huruf yang tidak dapat disimpan')
        return value

    def word(self, key: str, known: tuple[str, ...], *, default: str = "") -> str:
        """One of the words that the format knows."""
        value = self.text(key, optional=bool(default)) or default
        if value and value not in known:
            self.wrong(f'{key} "{value}" tidak dikenal; yang ada: {", ".join(known)}')
        return value

    def named(self, pattern: re.Pattern[str], limit: int) -> str:
        """The object's own code, from which its place is told from now on."""
        value = self.text("code", limit)
        if value and not pattern.fullmatch(value):
            self.wrong(f'"code" {value} memuat huruf yang tidak boleh')
        elif value:
            self.code = value
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false; no number and no word stands for them."""
        value = self._get(key, "true/false", optional=default is not None)
        return bool(default) if value is None else bool(value)

    def number(
        self, key: str, *, places: int = 2, most: int = MANY, optional: bool = False
    ) -> Decimal | None:
        """A number from 0 to `most`; None where it cannot be told."""
        value = self._get(key, "bilangan", optional=optional)
        if value is None:
            return None
        exact = Decimal(value)
        if not 0 <= exact <= most:
            self.wrong(f'"{key}" harus dari 0 sampai {most}')
            return None
        if exact != round(exact, places):
            self.wrong(f'"{key}" paling banyak {places} angka di belakang koma')
            return None
        return exact

    def whole(self, key: str, least: int, most: int, *, default: int | None = None) -> int | None:
        """A whole number between two ends."""
        value = self._get(key, "bilangan", optional=default is not None)
        if value is None:
            return default
        if not least <= value <= most or value != int(value):
            self.wrong(f'"{key}" harus bilangan bulat dari {least} sampai {most}')
            return default
        return int(value)

    def texts(self, key: str, limit: int = 400, *, optional: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        values = self._get(key, "daftar", optional=optional) or []
        kept = []
        for at, value in enumerate(values):
            if not isinstance(value, str):
                self.wrong(f'"{key}[{at}]" harus teks, bukan {kind_of(value)}')
            elif not value.strip():
                self.wrong(f'"{key}[{at}]" kosong')
            elif len(value.strip().splitlines()) > 1:
                self.wrong(f'"{key}[{at}]" harus satu baris')
            elif len(value) > limit or UNSTORABLE.search(value):
                self.wrong(f'"{key}[{at}]" terlalu panjang atau tidak dapat disimpan')
            else:
                kept.append(value.strip())
        return tuple(kept)

    def items(self, key: str, *, may_be_empty: bool = False) -> list[Node]:
        """The objects of a list."""
        values = self._get(key, "daftar", optional=False)
        if values == [] and not may_be_empty:
            self.wrong(f'"{key}" kosong')
        return self._nodes((f"{key}[{at}]", value) for at, value in enumerate(values or []))

    def named_items(self, key: str) -> list[Node]:
        """The objects of an object; the key of each is its code."""
        values = self._get(key, "objek", optional=False) or {}
        for name in getattr(values, "twice", ()):
            self.wrong(f'"{key}" memuat "{name}" dua kali')
        nodes = self._nodes((f'{key}["{name}"]', value) for name, value in values.items())
        for node in nodes:
            if not SLUG.fullmatch(node.key) or len(node.key) > 64:
                node.wrong("kode harus huruf kecil, angka, dan tanda hubung")
        return nodes

    def _nodes(self, found: Iterable[tuple[str, Any]]) -> list[Node]:
        nodes = []
        for place, value in found:
            node = Node({}, f"{self.place}.{place}" if self.place else place, self.problems)
            node.key = place.partition('["')[2].removesuffix('"]')
            if isinstance(value, dict):
                node.values = value
                nodes.append(node)
            else:
                node.wrong(f"harus objek, bukan {kind_of(value)}")
        return nodes
