"""Which question of an older instrument asked the same, and what changed since."""

from decimal import Decimal

import pytest

from indicators.actions.matching import Before, questions_before, without_successor
from indicators.models import Predecessor
from tests.factories import make_indicator, make_instrument, make_question, make_rubric, publish

pytestmark = pytest.mark.django_db


def read(instrument):
    return list(instrument.questions.with_scale().order_by("order"))


def two(**newer):
    """The same question in two instruments, but for what is said."""
    old, new = make_instrument(), make_instrument()
    same = {"code": "4.1", "text": "Ada SK?", "max_points": Decimal(10)}
    before = make_question(make_indicator(old), **same)
    mode = newer.pop("mode", "choice")
    after = make_question(make_indicator(new), mode, **(same | newer))
    publish(old)
    publish(new)
    return before, after


def compared(before, after):
    return questions_before(read(after.instrument), before.instrument).get(after.pk)


def test_on_the_same_instrument_nothing_changed_and_nothing_is_read(django_assert_num_queries):
    instrument = make_instrument()
    question = make_question(make_indicator(instrument))
    found = read(instrument)
    with django_assert_num_queries(0):
        assert questions_before(found, instrument) == {question.pk: Before(question.pk)}


FITS_NOT = "pilihan jawaban berubah"

# fmt: off
CHANGED = [
    ({},                                   (), True),
    ({"text": " ada  sk? "},               (), True),
    ({"max_points": Decimal(12)},          ("poin 10,00 menjadi 12,00",), True),
    ({"text": "Ada SK baru?"},             ("pertanyaan semula: Ada SK?",), True),
    ({"code": "5.1"},                      ("kode semula 4.1",), True),
    ({"mode": "trend"},                    (FITS_NOT,), False),
    ({"mode": "graded"},                   (FITS_NOT,), False),
    ({"level": "kelurahan"},               ("tingkat wilayah semula kota", FITS_NOT), False),
]
# fmt: on


@pytest.mark.parametrize(("newer", "changes", "fits"), CHANGED)
def test_what_changed_is_said_and_whether_an_answer_still_fits(newer, changes, fits):
    before, after = two(**newer)
    assert compared(before, after) == Before(before.pk, changes, fits)


def test_a_question_that_nobody_asked_before_has_none():
    before, after = two(code="9.9", text="Baru?")
    assert compared(before, after) is None


def test_the_same_code_with_other_words_is_another_question():
    before, after = two(text="Anggaran PAUD-HI naik dari tahun lalu")
    assert compared(before, after) is None


def test_what_a_person_decided_counts_before_words_and_codes():
    before, after = two(text="Anggaran PAUD-HI naik dari tahun lalu")
    Predecessor.objects.create(question=after, older=before.instrument, before=before)
    assert compared(before, after).question == before.pk
    Predecessor.objects.update(before=None)
    assert compared(before, after) is None


def test_equal_words_are_not_followed_where_a_person_said_that_it_is_new():
    before, after = two()
    Predecessor.objects.create(question=after, older=before.instrument, before=None)
    assert compared(before, after) is None
    assert without_successor(after.instrument, before.instrument) == {before.pk}


def test_two_questions_that_changed_places_are_followed_by_their_words():
    old, new = make_instrument(), make_instrument()
    indicator = make_indicator(old)
    before = make_question(indicator, code="4.1", text="Ada SK?")
    other = make_question(indicator, code="4.2", text="Ada Perda?")
    publish(old)
    indicator = make_indicator(new)
    first = make_question(indicator, code="4.1", text="Ada Perda?")
    second = make_question(indicator, code="4.2", text="Ada SK?")
    publish(new)
    found = questions_before(read(new), before.instrument)
    assert found[first.pk] == Before(other.pk, ("kode semula 4.2",))
    assert found[second.pk] == Before(before.pk, ("kode semula 4.1",))


def test_other_shares_for_the_same_levels_are_said_and_fit():
    before, _ = two()
    new = make_instrument()
    rubric = make_rubric(new, "choice", code="lain")
    rubric.levels.filter(order=1).update(share=Decimal("0.9"))
    after = make_question(make_indicator(new), code="4.1", text="Ada SK?", rubric=rubric)
    publish(new)
    assert compared(before, after) == Before(before.pk, ("nilai tingkat jawaban berubah",))
