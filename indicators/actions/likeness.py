"""Which texts say the same, nearly the same, or something else. Plain values, no database."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.6  # from here on a text is worth suggesting
LOOKED_AT = 8  # candidates by common words, of which letters decide
WORD = re.compile(r"\w+")
PIECE = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Suggested:
    """An older text for a newer one, and how alike they are (1 is the same words)."""

    key: str
    likeness: float


def plain(text: str) -> str:
    """A text without what the eye does not read: case and the width of blanks."""
    return " ".join(text.split()).casefold()


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1."""
    one, other = plain(one), plain(other)
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def suggestions(newer: Mapping[str, str], older: Mapping[str, str]) -> dict[str, Suggested]:
    """For each newer text its likely older one, each older text at most once.

    Equal texts first (the same key where several are equal), then the most alike.
    """
    found = _equal(newer, older)
    taken = {each.key for each in found.values()}
    left = {key: plain(text) for key, text in newer.items() if key not in found}
    free = {key: plain(text) for key, text in older.items() if key not in taken}
    scored = []
    having: dict[str, list[str]] = defaultdict(list)
    for key, text in free.items():
        for word in set(WORD.findall(text)):
            having[word].append(key)
    for key, text in left.items():
        common: Counter[str] = Counter()
        for word in sorted(set(WORD.findall(text))):
            for other in having.get(word, ()):
                # A word that many texts share ("persentase", "kelurahan") tells little.
                common[other] += 1000 // len(having[word])
        nearest = sorted(common, key=lambda other: (-common[other], other))[:LOOKED_AT]
        for other in nearest:
            ratio = SequenceMatcher(None, text, free[other], autojunk=False).ratio()
            if ratio >= ALIKE:
                scored.append((-ratio, key != other, key, other))
    for score, _, key, other in sorted(scored):
        if key not in found and other not in taken:
            found[key] = Suggested(other, -score)
            taken.add(other)
    return found


def _equal(newer: Mapping[str, str], older: Mapping[str, str]) -> dict[str, Suggested]:
    """Texts that are the same word by word."""
    places: dict[str, list[str]] = defaultdict(list)
    for key, text in older.items():
        places[plain(text)].append(key)
    found: dict[str, Suggested] = {}
    # Whoever keeps its key takes it before others of the same text may.
    for key, text in sorted(newer.items(), key=lambda pair: older.get(pair[0]) != pair[1]):
        free = places[plain(text)]
        if free:
            chosen = key if key in free else free[0]
            free.remove(chosen)
            found[key] = Suggested(chosen, 1.0)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text: `same`, `gone` or `new`."""

    kind: str
    text: str


def word_difference(older: str, newer: str) -> tuple[Part, ...]:
    """What became of a text, word by word."""
    before, after = _pieces(older), _pieces(newer)
    parts: list[Part] = []
    for step, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step == "equal":
            parts.append(Part("same", "".join(before[a:b])))
            continue
        if a < b:
            parts.append(Part("gone", "".join(before[a:b])))
        if c < d:
            parts.append(Part("new", "".join(after[c:d])))
    return tuple(parts)


def _pieces(text: str) -> Sequence[str]:
    return PIECE.findall(" ".join(text.split()))
