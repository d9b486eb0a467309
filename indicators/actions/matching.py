"""Which question of an older instrument asked the same: as a person said (of it, or step by step of
the versions in between), else by its words.

A code alone never tells: 9 and 10 were swapped once. Where nobody decided yet, equal words do, or
the same code with words that are much alike; either is only what is offered, and says what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.actions.composing import decided
from indicators.actions.likeness import ALIKE, likeness, plain
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
    is read; else four queries, and one for each version in between. Needs the rubric with its
    levels, or with its instrument.
    """
    if all(each.instrument_id == older.pk for each in questions):
        return {each.pk: Before(each.pk) for each in questions}
    known = {each.pk: each for each in older.questions.with_scale()}
    pairs = _pairs(questions, list(known.values()), older)
    return {
        each.pk: _compared(each, known[pairs[each.pk]]) for each in questions if each.pk in pairs
    }


def continued(newer: Instrument, older: Instrument) -> dict[int, int]:
    """The older question of each of the newer instrument's that has one, by keys."""
    if newer.pk == older.pk:
        return {pk: pk for pk in newer.questions.values_list("pk", flat=True)}
    known = list(older.questions.only("code", "text", "instrument"))
    asked = list(newer.questions.only("code", "text", "instrument"))
    return _pairs(asked, known, older)


def without_successor(newer: Instrument, older: Instrument) -> set[int]:
    """Questions of the older instrument that none of the newer continues."""
    if newer.pk == older.pk:
        return set()
    known = list(older.questions.only("code", "text", "instrument"))
    asked = list(newer.questions.only("code", "text", "instrument"))
    return {each.pk for each in known} - set(_pairs(asked, known, older).values())


def _pairs(
    questions: Sequence[Question], known: Sequence[Question], older: Instrument
) -> dict[int, int]:
    """The older question of each newer one, by keys. A query for each step between the versions."""
    said = decided([each.pk for each in questions], older)
    by_code = {each.code: each for each in known}
    by_text = _once((plain(each.text), each) for each in known)
    found: dict[int, int] = {}
    for question in questions:
        if question.pk in said.before:
            same = said.before[question.pk]
        else:
            # What it continues in between has the older words; its own come last.
            between = reversed(said.between.get(question.pk, []))
            words = [*between, (question.code, question.text)]
            near = (_near(code, text, by_code, by_text) for code, text in words)
            same = next((pk for pk in near if pk is not None), None)
        if same is not None:
            found[question.pk] = same
    return found


def _near(
    code: str, text: str, by_code: Mapping[str, Question], by_text: Mapping[str, Question]
) -> int | None:
    """The question of the same words, or of the same code and much alike ones."""
    same, words = by_code.get(code), plain(text)
    if same is not None and plain(same.text) == words:
        return same.pk
    if (equal := by_text.get(words)) is not None:
        return equal.pk
    return same.pk if same is not None and likeness(same.text, text) >= ALIKE else None


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
    if plain(older.text) != plain(question.text):
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
    labels = [[plain(level.label) for level in scale.levels] for scale in (older, newer)]
    return labels[0] == labels[1]
