"""Which question of an older instrument asked the same: as a person said, else by its words.

A code alone never tells: 9 and 10 were swapped once. Where nobody decided yet, equal words do, or
the same code with words that are much alike; either is only what is offered, and says what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.actions.likeness import ALIKE, likeness, plain
from indicators.models import Instrument, Predecessor, Question
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
    is read; else four queries. Needs the rubric with its levels, or with its instrument.
    """
    if all(each.instrument_id == older.pk for each in questions):
        return {each.pk: Before(each.pk) for each in questions}
    known = {each.pk: each for each in older.questions.with_scale()}
    pairs = _pairs(questions, list(known.values()), older)
    return {
        each.pk: _compared(each, known[pairs[each.pk]]) for each in questions if each.pk in pairs
    }


def without_successor(newer: Instrument, older: Instrument) -> set[int]:
    """Questions of the older instrument that none of the newer continues. Three queries."""
    if newer.pk == older.pk:
        return set()
    known = list(older.questions.only("code", "text", "instrument"))
    asked = list(newer.questions.only("code", "text", "instrument"))
    return {each.pk for each in known} - set(_pairs(asked, known, older).values())


def _pairs(
    questions: Sequence[Question], known: Sequence[Question], older: Instrument
) -> dict[int, int]:
    """The older question of each newer one, by keys. One query."""
    said = dict(
        Predecessor.objects.filter(
            older=older, question__in=[each.pk for each in questions]
        ).values_list("question", "before")
    )
    by_code = {each.code: each for each in known}
    by_text = _once((plain(each.text), each) for each in known)
    found: dict[int, int] = {}
    for question in questions:
        if question.pk in said:
            decided = said[question.pk]
            if decided is not None:
                found[question.pk] = decided
            continue
        same = by_code.get(question.code)
        if same is not None and plain(same.text) == plain(question.text):
            found[question.pk] = same.pk
        elif (equal := by_text.get(plain(question.text))) is not None:
            found[question.pk] = equal.pk
        elif same is not None and likeness(same.text, question.text) >= ALIKE:
            found[question.pk] = same.pk
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
