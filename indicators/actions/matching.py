"""Which question of an older instrument asked the same.

Until instruments carry an explicit mapping this is told by code and text; a mapping would replace
`questions_before` and nothing else. A number alone says little: 9 and 10 were swapped once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.models import Instrument, Question
from indicators.scoring import Mode, Scale
from indicators.wording import points

BY_LABELS = frozenset({Mode.CHOICE, Mode.GRADED})


@dataclass(frozen=True, slots=True)
class Before:
    """The older question, what the instrument changed since, and whether an answer to it fits."""

    question: int
    changes: tuple[str, ...] = ()
    fits: bool = True


def questions_before(questions: Sequence[Question], older: Instrument) -> dict[int, Before]:
    """The older question of each that has one. On the same instrument nothing changed, and nothing
    is read; else three queries. Needs the rubric with its levels, or with its instrument.
    """
    if all(each.instrument_id == older.pk for each in questions):
        return {each.pk: Before(each.pk) for each in questions}
    known = list(older.questions.with_scale())
    by_code = {each.code: each for each in known}
    by_text = _once((_plain(each.text), each) for each in known)
    found = {}
    for question in questions:
        same = by_code.get(question.code)
        if same is None or _plain(same.text) != _plain(question.text):
            same = by_text.get(_plain(question.text)) or same
        if same is not None:
            found[question.pk] = _compared(question, same)
    return found


def _once(pairs: Iterable[tuple[str, Question]]) -> dict[str, Question]:
    """Texts that stand for one question only."""
    found: dict[str, Question | None] = {}
    for text, question in pairs:
        found[text] = None if text in found else question
    return {text: question for text, question in found.items() if question is not None}


def _compared(question: Question, older: Question) -> Before:
    changes = []
    if older.code != question.code:
        changes.append(f"kode semula {older.code}")
    if _plain(older.text) != _plain(question.text):
        changes.append(f"pertanyaan semula: {older.text}")
    if older.max_points != question.max_points:
        changes.append(f"poin {points(older.max_points)} menjadi {points(question.max_points)}")
    if older.level != question.level:
        changes.append(f"tingkat wilayah semula {older.get_level_display().lower()}")
    fits = older.level == question.level and _fits(older.rubric.scale, question.rubric.scale)
    if not fits:
        changes.append("pilihan jawaban berubah")
    elif older.rubric.scale != question.rubric.scale:
        changes.append("nilai tingkat jawaban berubah")
    return Before(older.pk, tuple(changes), fits)


def _fits(older: Scale, newer: Scale) -> bool:
    """Whether a value means the same on both: the same kind, and of levels the same ones."""
    if older.mode != newer.mode:
        return False
    if older.mode not in BY_LABELS:
        return True
    labels = [[_plain(level.label) for level in scale.levels] for scale in (older, newer)]
    return labels[0] == labels[1]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
