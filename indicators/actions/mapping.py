"""The mapping of an older version's questions to a newer one's, decided by a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from indicators.actions.composing import decided
from indicators.actions.likeness import plain, suggestions
from indicators.actions.nodes import InstrumentError
from indicators.actions.record import Actor, leave, require
from indicators.models import Instrument, InstrumentVerb, Predecessor, Question

PERMISSION = "indicators.change_instrument"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A newer question with what was decided of it, or else what the steps over versions in between
    (`via`) or its words suggest.
    """

    question: Question
    before: Question | None
    decided: bool
    likeness: float = 0.0
    via: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether the suggestion has the same words."""
        return not self.decided and self.likeness == 1.0


def pairings(newer: Instrument, older: Instrument) -> list[Pairing]:
    """Every question of the newer version, in order. Four queries, and one for each version in
    between.
    """
    asked = list(newer.questions.select_related("indicator__cluster"))
    known = {each.code: each for each in older.questions.select_related("indicator__cluster")}
    by_pk = {each.pk: each for each in known.values()}
    said = decisions(newer, older)
    steps = decided([each.pk for each in asked if each.pk not in said], older).before
    taken = {pk for pk in (*said.values(), *steps.values()) if pk is not None}
    likely = suggestions(
        {each.code: each.text for each in asked if each.pk not in said | steps},
        {each.code: each.text for each in known.values() if each.pk not in taken},
    )
    found = []
    for each in asked:
        if each.pk in said:
            found.append(Pairing(each, by_pk.get(said[each.pk] or 0), decided=True))
        elif each.pk in steps:
            found.append(Pairing(each, by_pk.get(steps[each.pk] or 0), decided=False, via=True))
        elif each.code in likely:
            near = likely[each.code]
            found.append(Pairing(each, known[near.key], decided=False, likeness=near.likeness))
        else:
            found.append(Pairing(each, None, decided=False))
    return found


def decisions(newer: Instrument, older: Instrument) -> dict[int, int | None]:
    """What was decided, by the newer question; None where none asked the same. One query."""
    rows = Predecessor.objects.filter(older=older, question__instrument=newer)
    return dict(rows.values_list("question", "before"))


@transaction.atomic
def save_mapping(
    newer: Instrument,
    older: Instrument,
    *,
    chosen: Mapping[int, int | None],
    seen: Mapping[int, int | None],
    by: Actor,
) -> int:
    """Decide for these newer questions; says how many changed.

    `seen` is what was decided of them on the page: if somebody decided otherwise since, nothing is
    stored and InstrumentError says so.
    """
    require(by, PERMISSION)
    if older.published_at is None:
        raise InstrumentError(["Versi lama masih draf; pemetaan dimulai dari versi yang terbit."])
    if newer.pk == older.pk:
        raise InstrumentError(["Pilih dua versi yang berbeda."])
    Instrument.objects.select_for_update().get(pk=newer.pk)
    asked = dict(newer.questions.filter(pk__in=chosen).values_list("pk", "code"))
    known = dict(older.questions.values_list("pk", "code"))
    wanted = {pk: before for pk, before in chosen.items() if pk in asked}
    if any(before is not None and before not in known for before in wanted.values()):
        raise InstrumentError(["Pertanyaan asal tidak ada pada versi lama. Muat ulang halaman."])
    now = {pk: before for pk, before in decisions(newer, older).items() if pk in wanted}
    if now != {pk: before for pk, before in seen.items() if pk in wanted}:
        raise InstrumentError(
            ["Belum ada yang disimpan: pemetaan baru saja diubah orang lain. Muat ulang halaman."]
        )
    changed = {pk: b for pk, b in wanted.items() if pk not in now or now[pk] != b}
    Predecessor.objects.filter(older=older, question__in=changed).delete()
    Predecessor.objects.bulk_create(
        Predecessor(question_id=pk, older=older, before_id=before) for pk, before in changed.items()
    )
    if changed:
        said = {asked[pk]: known[b] if b else None for pk, b in sorted(changed.items())}
        leave(InstrumentVerb.MAP, newer, by=by, older=older.code, pairs=said)
    return len(changed)


@transaction.atomic
def confirm_equal(newer: Instrument, older: Instrument, *, by: Actor) -> int:
    """Decide, for all that is undecided and has an equal text in the older version, that it is that
    one; says how many.
    """
    equal = {each.question.pk: each.before for each in pairings(newer, older) if each.is_equal}
    chosen: dict[int, int | None] = {pk: b.pk for pk, b in equal.items() if b is not None}
    return save_mapping(newer, older, chosen=chosen, seen={}, by=by)


def keep_of_draft(draft: Instrument) -> list[tuple[str, int, int | None]]:
    """The mapping of a draft that is about to be replaced, by the words of its questions."""
    rows = Predecessor.objects.filter(question__instrument=draft)
    return [
        (plain(text), older, before)
        for text, older, before in rows.values_list("question__text", "older", "before")
    ]


def give_back(draft: Instrument, kept: Iterable[tuple[str, int, int | None]]) -> None:
    """Map what is still asked in the same words; codes may have moved meanwhile."""
    once: dict[str, int | None] = {}
    for pk, text in draft.questions.values_list("pk", "text"):
        once[plain(text)] = None if plain(text) in once else pk
    new: dict[tuple[int, int], Any] = {}
    for text, older, before in kept:
        same = once.get(text)
        if same is not None:
            new[same, older] = Predecessor(question_id=same, older_id=older, before_id=before)
    Predecessor.objects.bulk_create(new.values())
