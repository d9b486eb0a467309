"""A year on a new version of the instrument: answers go along the mapping, never by the number."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.urls import reverse

from agencies.models import AssignmentRole
from agencies.roles import Role
from indicators.actions.mapping import confirm_equal, save_mapping
from indicators.models import Predecessor
from submissions.actions import answering
from submissions.actions.carrying import Wanted, carry_over, left_behind, offers_of
from submissions.models import EvidenceLink, Response
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_user,
    publish,
)
from tests.submissions.review_case import attach

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 2, 3, 5, tzinfo=UTC)
PAUD = "Persentase layanan PAUD-HI yang terintegrasi"
LKSA = "Lembaga pengasuhan alternatif yang terstandar"
GONE = "Jumlah pojok ASI di terminal"
OFFICE = "/isian/tahun-lalu/"


def answers(assessment, office):
    found = Response.objects.filter(assessment=assessment, submission__agency=office)
    return list(answering.for_answering(found).order_by("question__order"))


def case(older=(("9.1", LKSA), ("10.1", PAUD)), newer=(("9.1", PAUD), ("10.1", LKSA)), more=0):
    """An office answered every question of 2024, each with a note and a document of its own; 2025
    is open on a version that asks `newer`.
    """
    office = make_agency()
    by = make_user(agency=office)
    years = []
    for year, texts in ((2024, older), (2025, newer)):
        instrument = make_instrument(year=year)
        indicator = make_indicator(instrument)
        for code, text in texts:
            assign(make_question(indicator, code=code, text=text), office, AssignmentRole.LEAD)
        for number in range(more if year == 2024 else 0):
            assign(make_question(indicator, code=f"x.{number}", text=f"{number} hilang"), office)
        publish(instrument)
        years.append(make_assessment(office.region, instrument, year=year, data_year=year - 1))
    for each in answers(years[0], office):
        answering.answer(
            each, value={"level": 1}, note=each.question.text, version=0, by=by, now=NOW
        )
        attach(each, by)
    return SimpleNamespace(office=office, by=by, old=years[0], new=years[1])


def offered(c):
    return {
        each.response.question.code: each.before.question.code
        for each in offers_of(c.office, c.new, answers(c.new, c.office))
    }


@pytest.mark.parametrize("mapped", [True, False])
def test_an_answer_to_the_old_nine_arrives_at_the_new_ten(mapped):
    c = case()
    if mapped:
        confirm_equal(c.new.instrument, c.old.instrument, by=make_user(Role.ADMINISTRATOR))
    assert offered(c) == {"9.1": "10.1", "10.1": "9.1"}
    for offer in offers_of(c.office, c.new, answers(c.new, c.office)):
        wanted = Wanted(
            offer.response.pk, offer.before.pk, 0, offer.before.version, answer=True,
            evidence=frozenset(each.pk for each in offer.evidence),
        )  # fmt: skip
        carry_over(offer.response, wanted=wanted, by=c.by, now=NOW)
    taken = {each.question.code: each for each in answers(c.new, c.office)}
    assert {code: each.note for code, each in taken.items()} == {"9.1": PAUD, "10.1": LKSA}
    old = {each.question.code: each for each in answers(c.old, c.office)}
    documents = dict(EvidenceLink.objects.values_list("response", "evidence"))
    assert documents[taken["10.1"].pk] == documents[old["9.1"].pk]
    assert documents[taken["9.1"].pk] == documents[old["10.1"].pk]


def test_numbers_that_stayed_do_not_carry_what_was_swapped_and_reworded():
    """Nobody mapped, the words are others, only the numbers agree: nothing is offered."""
    c = case(newer=(("9.1", "Anak usia dini mendapat gizi"), ("10.1", "Panti telah dibina Dinsos")))
    assert offered(c) == {}


def test_the_mapping_leads_where_neither_number_nor_words_would():
    c = case(newer=(("31.4", "Panti yang dibina"),))
    new, old = c.new.instrument, c.old.instrument
    by = make_user(Role.ADMINISTRATOR)
    pair = {new.questions.get().pk: old.questions.get(code="9.1").pk}
    save_mapping(new, old, chosen=pair, seen={}, by=by)
    assert offered(c) == {"31.4": "9.1"}
    save_mapping(new, old, chosen=dict.fromkeys(pair), seen=pair, by=by)
    assert offered(c) == {}


def between(c, texts):
    """A version of the year between that nobody answered: its questions by code."""
    middle = make_instrument(code="antara", year=2024)
    indicator = make_indicator(middle)
    asked = {code: make_question(indicator, code=code, text=text) for code, text in texts}
    publish(middle)
    return middle, asked


def decide(newer, older, pairs):
    """Map codes of the newer to codes of the older version; "" where none asked the same."""
    known = dict(older.questions.values_list("code", "pk"))
    chosen = {newer.questions.get(code=code).pk: known.get(b) for code, b in pairs.items()}
    save_mapping(newer, older, chosen=chosen, seen={}, by=None)


def test_answers_cross_a_version_that_nobody_answered_along_both_mappings():
    """9 and 10 changed places in the first step, and were reworded in both."""
    c = case(newer=(("9.1", "Anak usia dini"), ("10.1", "Pengasuhan pengganti"), ("11.1", "Baru")))
    new, old = c.new.instrument, c.old.instrument
    middle, _ = between(c, (("9.1", "PAUD yang holistik"), ("10.1", "Panti dan asrama")))
    assert offered(c) == {}
    decide(middle, old, {"9.1": "10.1", "10.1": "9.1"})
    decide(new, middle, {"9.1": "9.1", "10.1": "10.1", "11.1": ""})
    assert offered(c) == {"9.1": "10.1", "10.1": "9.1"}
    assert left_behind(c.office, c.new, c.old) == []


def test_what_a_step_said_none_continues_has_no_successor_and_is_listed():
    c = case(newer=(("9.1", PAUD), ("10.1", LKSA)))
    middle, _ = between(c, (("9.1", "PAUD yang holistik"), ("10.1", "Panti dan asrama")))
    decide(middle, c.old.instrument, {"9.1": "10.1", "10.1": ""})
    decide(c.new.instrument, middle, {"9.1": "9.1", "10.1": "10.1"})
    assert offered(c) == {"9.1": "10.1"}  # 10.1 has the old words, but a person said it is new
    assert [each.question.code for each in left_behind(c.office, c.new, c.old)] == ["9.1"]


def test_where_only_one_step_was_decided_the_words_in_between_lead_on():
    c = case(newer=(("9.1", "Anak usia dini"), ("10.1", "Pengasuhan pengganti")))
    middle, _ = between(c, (("9.1", PAUD), ("10.1", LKSA)))
    decide(c.new.instrument, middle, {"9.1": "9.1", "10.1": "10.1"})
    assert offered(c) == {"9.1": "10.1", "10.1": "9.1"}


def test_what_was_decided_straight_counts_more_than_the_steps():
    c = case(newer=(("9.1", "Anak usia dini"), ("10.1", "Pengasuhan pengganti")))
    new, old = c.new.instrument, c.old.instrument
    middle, _ = between(c, (("9.1", "PAUD yang holistik"), ("10.1", "Panti dan asrama")))
    decide(middle, old, {"9.1": "10.1", "10.1": "9.1"})
    decide(new, middle, {"9.1": "9.1", "10.1": "10.1"})
    decide(new, old, {"9.1": ""})
    assert offered(c) == {"10.1": "9.1"}


def test_mappings_that_lead_in_a_circle_end():
    c = case(newer=(("9.1", "Anak usia dini"),))
    middle, _ = between(c, (("9.1", "PAUD yang holistik"),))
    decide(c.new.instrument, middle, {"9.1": "9.1"})
    decide(middle, c.new.instrument, {"9.1": "9.1"})
    assert offered(c) == {}


def test_the_mappings_page_suggests_what_the_steps_say(client):
    c = case(newer=(("9.1", "Anak usia dini"), ("10.1", "Pengasuhan pengganti")))
    new, old = c.new.instrument, c.old.instrument
    middle, _ = between(c, (("9.1", "PAUD yang holistik"), ("10.1", "Panti dan asrama")))
    decide(middle, old, {"9.1": "10.1", "10.1": ""})
    decide(new, middle, {"9.1": "9.1", "10.1": "10.1"})
    client.force_login(make_user(Role.ADMINISTRATOR))
    way = reverse("instrument_mapping", query={"dari": old.code, "ke": new.code})
    rows = {each.pairing.question.code: each for each in client.get(way).context["rows"]}
    assert {code: (each.typed, each.hint) for code, each in rows.items()} == {
        "9.1": ("10.1", "saran: lewat versi di antaranya"),
        "10.1": ("", "saran: lewat versi di antaranya, baru"),
    }


def test_two_questions_that_continue_one_are_both_offered_its_answer():
    c = case(newer=(("9.1", "Panti terdata"), ("9.2", "Panti terlatih")))
    old = c.old.instrument.questions.get(code="9.1")
    for each in c.new.instrument.questions.all():
        Predecessor.objects.create(question=each, older=c.old.instrument, before=old)
    assert offered(c) == {"9.1": "9.1", "9.2": "9.1"}


def test_what_has_no_successor_is_listed_with_what_was_said_and_is_lost_nowhere(client):
    c = case(older=(("9.1", LKSA), ("12.3", GONE)), newer=(("10.1", LKSA),))
    assert [each.question.code for each in left_behind(c.office, c.new, c.old)] == ["12.3"]
    client.force_login(c.by)
    text = client.get(OFFICE).content.decode()
    assert "Tidak ditanyakan lagi" in text
    assert f"{GONE} <b>Sebagian besar</b>" in text
    assert len(answers(c.old, c.office)) == 2


def test_what_was_never_answered_is_not_listed_as_left():
    c = case(older=(("9.1", LKSA), ("12.3", GONE)), newer=(("10.1", LKSA),))
    gone = Response.objects.filter(assessment=c.old, question__code="12.3")
    EvidenceLink.objects.filter(response__in=gone).update(removed_at=NOW)
    gone.update(value=None, note="")
    assert left_behind(c.office, c.new, c.old) == []


def test_another_office_s_answers_are_not_listed():
    c = case(older=(("9.1", LKSA), ("12.3", GONE)), newer=(("10.1", LKSA),))
    assert left_behind(make_agency(c.office.region), c.new, c.old) == []


@pytest.mark.parametrize("more", [1, 30])
def test_the_page_takes_the_same_queries_for_any_number(client, django_assert_num_queries, more):
    c = case(more=more)
    client.force_login(c.by)
    client.get(OFFICE)
    with django_assert_num_queries(17):
        reply = client.get(OFFICE)
    assert len(reply.context["left"]) == more
