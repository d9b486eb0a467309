"""The list of versions and the readable difference between two."""

import copy

import pytest
from django.urls import reverse

from agencies.roles import Role
from indicators.actions import load_instrument, read_instrument
from indicators.actions.comparing import Kind, compare
from indicators.models import Instrument, InstrumentChange
from tests.factories import make_user
from tests.indicators.files import SMALL, as_text
from tests.indicators.test_mapping import swapped

pytestmark = pytest.mark.django_db

FIRST = ("clusters", 0, "indicators", 0, "questions", 0)


def small(**changes):
    """The small instrument with changes of its first question."""
    values = copy.deepcopy(SMALL)
    values["clusters"][0]["indicators"][0]["questions"][0] |= changes
    return values


def difference(newer, pairs=None, older=SMALL):
    was, now = (read_instrument(as_text(each)) for each in (older, newer))
    return compare(was, now, pairs if pairs is not None else {"4.1": "4.1", "4.2": "4.2"})


# fmt: off
CHANGES = [
    ({},                                          (), []),
    ({"text": "Perda tentang akta anak"},         (Kind.REWORDED,),   ["Kalimat"]),
    ({"max_points": 5},                           (Kind.REWEIGHTED,), ["Nilai"]),
    ({"expected_evidence": ["Foto loket"]},       (Kind.EVIDENCE,),   ["Data dukung"]),
    ({"evidence_required": False},                (Kind.EVIDENCE,),   ["Data dukung"]),
    ({"evidence_kinds": []},                      (Kind.EVIDENCE,),   ["Data dukung"]),
    ({"rubric": "persentase"},                    (Kind.OTHER,),      ["Penilaian"]),
    ({"register": ""},                            (Kind.OTHER,),      ["Daftar induk"]),
    ({"lead_agency": "Dinas Sosial"},             (Kind.OTHER,),      ["Penanggung jawab"]),
    ({"note": "Baru."},                           (Kind.OTHER,),      ["Catatan"]),
    ({"text": "Lain", "max_points": 5},
     (Kind.REWORDED, Kind.REWEIGHTED), ["Kalimat", "Nilai"]),
]
# fmt: on


@pytest.mark.parametrize(("changes", "kinds", "labels"), CHANGES)
def test_what_became_of_a_question_is_named(changes, kinds, labels):
    found = difference(small(**changes))
    assert found.same == (2 if not kinds else 1)
    assert [each.kinds for each in found.entries] == ([kinds] if kinds else [])
    assert [line.label for each in found.entries for line in each.lines] == labels


def test_another_code_is_a_move_where_the_mapping_says_so_and_else_one_gone_and_one_new():
    newer = small(code="4.9")
    [moved] = difference(newer, {"4.9": "4.1", "4.2": "4.2"}).entries
    assert (moved.kinds, moved.before, moved.code) == ((Kind.MOVED,), "4.1", "4.9")
    new, gone = difference(newer, {"4.2": "4.2"}).entries
    assert (new.code, new.kinds) == ("4.9", (Kind.ADDED,))
    assert (gone.code, gone.kinds) == ("4.1", (Kind.REMOVED,))


def test_the_same_instrument_has_no_difference():
    found = difference(SMALL)
    assert (found.is_empty, found.same) == (True, 2)


def test_of_the_whole_clusters_indicators_bands_and_registers_are_told():
    newer = copy.deepcopy(SMALL)
    newer["year"] = 2025
    newer["bands"][1]["min"] = 8
    newer["clusters"][0]["name"] = "Hak Sipil Anak"
    newer["clusters"][0]["indicators"][0]["code"] = "5"
    newer["registers"]["regulasi"]["columns"].pop()
    assert [line.label for line in difference(newer).whole] == [
        "Tahun", "Kategori", "Klaster I", "Indikator Akta kelahiran", "Daftar induk Peraturan",
    ]  # fmt: skip


# --- the page -------------------------------------------------------------------------------------


def at(**query):
    return reverse("instrument_versions", query=query)


def test_the_swapped_numbers_are_told_as_moves_and_nothing_as_new(client):
    swapped()
    client.force_login(make_user(Role.OPERATOR))
    answer = client.get(at(dari="lama", ke="baru"))
    found = answer.context["difference"]
    assert [(each.before, each.code, each.kinds) for each in found.entries] == [
        ("10.1", "9.1", (Kind.MOVED,)),
        ("9.1", "10.1", (Kind.MOVED,)),
    ]
    text = answer.content.decode()
    assert "<del>10.1 (indikator 10" in text
    assert "Padanan 2 pertanyaan belum diputuskan" in text
    assert "Periksa pemetaan" not in text  # an operator reads


def test_the_newest_is_compared_with_the_published_one_before_it(client):
    swapped()
    client.force_login(make_user(Role.PIMPINAN))
    answer = client.get(at())
    assert [answer.context[key].code for key in ("older", "newer")] == ["lama", "baru"]


def test_one_kind_is_shown_alone_and_an_unknown_one_shows_all(client):
    swapped()
    client.force_login(make_user(Role.PIMPINAN))
    shown = {
        kind: len(client.get(at(jenis=kind)).context["pages"].object_list)
        for kind in ("pindah", "baru", "apa-saja")
    }
    assert shown == {"pindah": 2, "baru": 0, "apa-saja": 2}


def test_an_unknown_version_is_not_there_and_a_draft_only_for_who_may_change_it(client):
    load_instrument(as_text(SMALL), by=None)
    client.force_login(make_user(Role.OPERATOR))
    assert client.get(at(ke="tidak-ada")).status_code == 404
    assert client.get(at(ke="uji-1")).status_code == 404
    client.force_login(make_user(Role.VERIFIKATOR))
    assert client.get(at(ke="uji-1")).status_code == 200


def test_an_administrator_publishes_a_draft_from_the_page_and_the_history_says_so(client):
    load_instrument(as_text(SMALL), by=None)
    by = make_user(Role.ADMINISTRATOR)
    client.force_login(by)
    client.post(reverse("instrument_publish", args=["uji-1"]))
    assert Instrument.objects.get().published_at is not None
    assert list(InstrumentChange.objects.values_list("verb", "by")) == [
        ("publish", by.pk), ("load", None),
    ]  # fmt: skip
    again = client.post(reverse("instrument_publish", args=["uji-1"]), follow=True)
    assert "Instrumen uji-1 sudah diterbitkan." in again.content.decode()


def test_text_of_an_instrument_stays_text(client):
    older = read_instrument(as_text(SMALL))
    load_instrument(as_text(SMALL), by=None, publish=True)
    worse = small(text='Perda "><svg onload=alert(1)> {{7*7}}') | {"code": "uji-2", "year": 2025}
    load_instrument(as_text(worse), by=None, publish=True)
    client.force_login(make_user(Role.OPERATOR))
    text = client.get(at(dari=older.code, ke="uji-2")).content.decode()
    assert "<svg onload" not in text
    assert "{{7*7}}" in text


@pytest.mark.parametrize("more", [0, 30])
def test_the_page_costs_the_same_for_few_and_for_many(client, more, django_assert_num_queries):
    swapped(more)
    client.force_login(make_user(Role.PIMPINAN))
    with django_assert_num_queries(26):
        assert client.get(at()).status_code == 200
