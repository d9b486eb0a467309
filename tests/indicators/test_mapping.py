"""Which older question a newer one continues: suggested by words, decided by a person."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from agencies.roles import Role
from indicators.actions import InstrumentError, load_instrument
from indicators.actions.likeness import Part, Suggested, suggestions, word_difference
from indicators.actions.mapping import confirm_equal, decisions, pairings, save_mapping
from indicators.models import Instrument, InstrumentChange, InstrumentVerb, Predecessor
from tests.factories import make_indicator, make_instrument, make_question, make_user, publish
from tests.indicators.files import SMALL, as_text, changed

pytestmark = pytest.mark.django_db

PAUD = "Persentase layanan PAUD-HI yang terintegrasi"
LKSA = "Lembaga pengasuhan alternatif yang terstandar"


def swapped(more=0):
    """9 and 10 changed places between two published versions, as they did once."""
    old = make_instrument(code="lama", year=2018)
    new = make_instrument(code="baru", year=2024)
    texts = [[("9.1", LKSA), ("10.1", PAUD)], [("9.1", PAUD), ("10.1", LKSA)]]
    questions = {}
    for instrument, asked in zip((old, new), texts, strict=True):
        for code, text in asked:
            indicator = make_indicator(instrument, code=code.split(".")[0], name=text)
            questions[instrument.code, code] = make_question(indicator, code=code, text=text)
        for number in range(more):
            indicator = make_indicator(instrument, code=f"x{number}", name=f"Lain {number}")
            make_question(indicator, code=f"x{number}.1", text=f"Pertanyaan lain ke-{number}")
        publish(instrument)
    return SimpleNamespace(old=old, new=new, q=questions)


def page(**query):
    return reverse("instrument_mapping", query={"dari": "lama", "ke": "baru"} | query)


# --- words ----------------------------------------------------------------------------------------

# fmt: off
SUGGESTED = [
    ({"9": "A b"},             {"10": "a  B"},                     {"9": Suggested("10", 1.0)}),
    ({"1": "sama", "2": "sama"}, {"2": "sama", "3": "sama"},
     {"2": Suggested("2", 1.0), "1": Suggested("3", 1.0)}),
    ({"1": "kota"},            {"1": "anggaran yang naik"},        {}),
    ({},                       {"1": "kota"},                      {}),
]
# fmt: on


@pytest.mark.parametrize(("newer", "older", "expected"), SUGGESTED)
def test_equal_texts_come_first_and_each_older_one_is_given_once(newer, older, expected):
    assert suggestions(newer, older) == expected


def test_the_most_alike_is_suggested_and_a_number_plays_no_part():
    older = {"9.1": "Jumlah LKSA yang terstandar", "10.1": "Jumlah satuan PAUD-HI yang terlatih"}
    newer = {"9.1": "Jumlah satuan PAUD-HI terlatih", "10.1": "Jumlah LKSA yang sudah terstandar"}
    found = suggestions(newer, older)
    assert {key: each.key for key, each in found.items()} == {"9.1": "10.1", "10.1": "9.1"}


def test_a_reworded_text_shows_what_went_and_what_came():
    assert word_difference("Ada SK  tim KLA", "Ada SK gugus tugas KLA") == (
        Part("same", "Ada SK "),
        Part("gone", "tim"),
        Part("new", "gugus tugas"),
        Part("same", " KLA"),
    )


# --- deciding -------------------------------------------------------------------------------------


def test_the_swapped_numbers_are_suggested_by_their_words_and_decided_with_one_click(client):
    c = swapped()
    by = make_user(Role.VERIFIKATOR)
    client.force_login(by)
    assert client.post(page(), {"sama": "1"}, follow=True).status_code == 200
    assert decisions(c.new, c.old) == {
        c.q["baru", "9.1"].pk: c.q["lama", "10.1"].pk,
        c.q["baru", "10.1"].pk: c.q["lama", "9.1"].pk,
    }
    change = InstrumentChange.objects.get()
    assert (change.by, change.verb, change.instrument) == (by, InstrumentVerb.MAP, c.new)
    assert change.data == {"older": "lama", "pairs": {"9.1": "10.1", "10.1": "9.1"}}


def test_a_page_decides_every_row_of_its_cluster_also_that_a_question_is_new(client):
    c = swapped()
    client.force_login(make_user(Role.ADMINISTRATOR))
    question = c.q["baru", "9.1"]
    here = page(klaster=question.indicator.cluster.code)
    said = client.post(here, {f"asal-{question.pk}": " ", "lihat": ""}, follow=True)
    assert "Pemetaan disimpan: 1 berubah." in said.content.decode()
    assert decisions(c.new, c.old) == {question.pk: None}


def test_a_code_that_nobody_knows_stores_nothing_and_says_which(client):
    c = swapped()
    client.force_login(make_user(Role.ADMINISTRATOR))
    question = c.q["baru", "9.1"]
    here = page(klaster=question.indicator.cluster.code)
    answer = client.post(here, {f"asal-{question.pk}": "99.9", "lihat": ""})
    assert answer.status_code == 422
    assert "Kode 99.9 tidak ada pada versi lama." in answer.content.decode()
    assert 'value="99.9"' in answer.content.decode()
    assert not Predecessor.objects.exists()


def test_who_decides_over_another_s_decision_unseen_is_refused(client):
    c = swapped()
    by = make_user(Role.ADMINISTRATOR)
    new, old = c.q["baru", "9.1"].pk, c.q["lama", "10.1"].pk
    save_mapping(c.new, c.old, chosen={new: old}, seen={}, by=by)
    with pytest.raises(InstrumentError, match="baru saja diubah orang lain"):
        save_mapping(c.new, c.old, chosen={new: None}, seen={}, by=by)
    assert decisions(c.new, c.old) == {new: old}
    assert save_mapping(c.new, c.old, chosen={new: None}, seen={new: old}, by=by) == 1


def test_deciding_the_same_again_changes_nothing_and_leaves_no_line():
    c = swapped()
    by = make_user(Role.ADMINISTRATOR)
    assert confirm_equal(c.new, c.old, by=by) == 2
    assert confirm_equal(c.new, c.old, by=by) == 0
    said = decisions(c.new, c.old)
    assert save_mapping(c.new, c.old, chosen=said, seen=said, by=by) == 0
    assert InstrumentChange.objects.count() == 1


def test_a_question_of_a_third_version_is_no_origin():
    c = swapped()
    stranger = make_question(make_indicator(make_instrument()))
    with pytest.raises(InstrumentError, match="tidak ada pada versi lama"):
        save_mapping(
            c.new, c.old, chosen={c.q["baru", "9.1"].pk: stranger.pk}, seen={},
            by=make_user(Role.ADMINISTRATOR),
        )  # fmt: skip


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PIMPINAN])
def test_who_may_not_change_the_instrument_does_not_map(role):
    c = swapped()
    with pytest.raises(PermissionDenied):
        confirm_equal(c.new, c.old, by=make_user(role))


def test_a_draft_is_no_older_version_to_map_from():
    draft, new = make_instrument(), make_instrument()
    with pytest.raises(InstrumentError, match="masih draf"):
        save_mapping(new, draft, chosen={}, seen={}, by=make_user(Role.ADMINISTRATOR))


def test_replacing_a_draft_keeps_the_mapping_of_what_is_asked_in_the_same_words():
    old = load_instrument(as_text(SMALL), by=None, publish=True).instrument
    draft = load_instrument(as_text(SMALL | {"code": "uji-2"}), by=None).instrument
    by = make_user(Role.ADMINISTRATOR)
    assert confirm_equal(draft, old, by=by) == 2
    questions = ("clusters", 0, "indicators", 0, "questions")
    other = changed(*questions, 1, "text", to="Kelurahan dengan loket akta", code="uji-2")
    other["clusters"][0]["indicators"][0]["questions"][0]["code"] = "4.9"
    load_instrument(as_text(other), by=None)
    new = Instrument.objects.get(code="uji-2")
    kept = {each.question.code: each.before for each in pairings(new, old) if each.decided}
    assert {code: each.code for code, each in kept.items()} == {"4.9": "4.1"}


def test_the_history_of_an_instrument_cannot_be_rewritten():
    c = swapped()
    confirm_equal(c.new, c.old, by=make_user(Role.ADMINISTRATOR))
    with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
        InstrumentChange.objects.update(data={})
    with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
        InstrumentChange.objects.all().delete()


@pytest.mark.parametrize("more", [0, 30])
def test_the_page_costs_the_same_for_one_cluster_of_few_and_of_many(
    client, more, django_assert_num_queries
):
    swapped(more)
    client.force_login(make_user(Role.VERIFIKATOR))
    with django_assert_num_queries(13):
        assert client.get(page()).status_code == 200
