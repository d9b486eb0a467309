"""The instrument's page: what it says of each question, what the search finds, what it costs."""

import gzip
import re
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.roles import Role
from indicators.actions import load_instrument
from indicators.filters import question_anchor
from indicators.models import Instrument, Question
from tests.factories import (
    make_indicator,
    make_instrument,
    make_question,
    make_rubric,
    make_user,
    publish,
)
from tests.indicators.files import SMALL, as_text

pytestmark = pytest.mark.django_db

REAL = Path("indicators/instruments/kla-2024.json")
FIGURES = re.compile(r'<dl class="figures">(.*?)</dl>', re.DOTALL)


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def figures(response):
    return words(FIGURES.search(response.content.decode())[1])


def codes(response):
    return re.findall(r'<li id="p-([^"]+)"', response.content.decode())


def question(response, code):
    """The words of one question on the page."""
    html = response.content.decode()
    start = html.index(f'<li id="{question_anchor(code)}"')
    return words(html[start : html.index("</dl>", start)])


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.OPERATOR))
    return client


@pytest.fixture
def real(reader):
    load_instrument(REAL.read_bytes(), by=None, publish=True)
    return reader


@pytest.fixture
def small(reader):
    load_instrument(as_text(SMALL), by=None, publish=True)
    return reader


def test_the_whole_shows_274_questions_and_1000_points(real):
    response = real.get(reverse("instrument"))
    assert figures(response) == "Seluruhnya 274 pertanyaan Nilai maksimum 1.000,00 poin"
    assert len(codes(response)) == len(set(codes(response))) == 274


def test_the_whole_stays_light(real):
    content = real.get(reverse("instrument")).content
    assert len(content) < 250_000
    assert len(gzip.compress(content)) < 60_000


def test_a_question_says_how_it_scores_who_leads_and_what_it_wants(small):
    response = small.get(reverse("instrument"))
    assert question(response, "4.1") == (
        "4.1 Perda tentang akta kelahiran 4,25 poin "
        "Penilaian Satu tingkat dipilih. Ya 4,25 Tidak 0,00 "
        "Penanggung jawab Disdukcapil didukung Bagian Hukum Setda "
        "Data dukung Salinan Perda; Foto wajib "
        "Daftar induk Peraturan"
    )
    assert question(response, "4.2") == (
        "4.2 Kelurahan yang melayani akta 7,00 poin "
        "Penilaian Setiap kelurahan menjawab Ya atau Tidak; nilainya bagian yang menjawab Ya kali "
        "7,00 poin. perkiraan "
        "Penanggung jawab Setiap kelurahan Data dukung \u2013 "
        "Catatan Setiap kelurahan menjawab sendiri."
    )


def test_an_indicator_that_caps_its_questions_says_so(real):
    page = words(real.get(reverse("instrument")).content.decode())
    assert page.count("(begitu di sumber); nilai indikator menjadi batas atas.") == 2
    assert "Jumlah nilai pertanyaan 54, nilai indikator 51" in page
    assert "Jumlah nilai pertanyaan 18, nilai indikator 17" in page


@pytest.mark.parametrize(
    ("mode", "changes", "said"),
    [
        ("choice", {}, "Satu tingkat dipilih."),
        ("graded", {}, "Satu tingkat dipilih menurut bukti yang ada."),
        ("threshold", {}, "Persentase dari pembilang dan penyebut."),
        (
            "trend",
            {},
            "Tahun data dibandingkan dengan tahun sebelumnya. Makin tinggi makin baik.",
        ),
        (
            "trend",
            {"higher_is_better": False},
            "Tahun data dibandingkan dengan tahun sebelumnya. Makin rendah makin baik.",
        ),
        (
            "area_share",
            {"higher_is_better": False},
            "Setiap kelurahan menjawab Ya atau Tidak; nilainya bagian yang menjawab Tidak kali "
            "10,00 poin.",
        ),
    ],
)
def test_each_way_of_scoring_is_said_in_words(reader, mode, changes, said):
    instrument = make_instrument()
    rubric = make_rubric(instrument, mode, code="uji", basis="logis", **changes)
    level = "kelurahan" if mode == "area_share" else "kota"
    make_question(make_indicator(instrument), rubric=rubric, code="1.1", level=level)
    publish(instrument)
    told = question(reader.get(reverse("instrument")), "1.1")
    assert f"Penilaian {said}" in told
    assert "perkiraan" not in told


@pytest.mark.parametrize(
    ("query", "found", "shown"),
    [
        ("q=4.1", ["4.1"], "Ditampilkan 1 dari 274 pertanyaan Nilai yang ditampilkan 1,00"),
        ("q=21b", None, "Ditampilkan 7 dari 274 pertanyaan"),  # 21C was called 21b in 2018
        ("q=xyzzy", [], "Ditampilkan 0 dari 274 pertanyaan Nilai yang ditampilkan 0,00"),
        ("perangkat=Dispusip&bukti=Dokumen+profil+anak", [], "Ditampilkan 0 dari 274 pertanyaan"),
    ],
)
def test_a_filtered_view_shows_how_many_of_how_many_and_their_points(real, query, found, shown):
    response = real.get(f"{reverse('instrument')}?{query}")
    assert shown in figures(response)
    if found is not None:
        assert codes(response) == found


def test_upper_and_lower_case_find_the_same(real):
    found = [codes(real.get(reverse("instrument"), {"q": each})) for each in ("Perda", "pERDA")]
    assert found[0] == found[1]
    assert len(found[0]) == 30


def test_a_code_finds_the_parts_of_its_question_and_not_its_neighbours(real):
    found = codes(real.get(reverse("instrument"), {"q": "1.2"}))
    assert found
    assert {each.rstrip("abcdefghijklmnopqrstuvwxyz") for each in found} == {"1.2"}


def test_an_agency_finds_what_it_leads_and_what_it_supports(real):
    name = "UPTD PPA"
    expected = [
        each.code
        for each in Question.objects.order_by("order")
        if name == each.lead_agency or name in each.supporting_agencies
    ]
    assert codes(real.get(reverse("instrument"), {"perangkat": name})) == expected


def test_a_kind_of_evidence_finds_the_questions_that_want_it(real):
    expected = [
        each.code for each in Question.objects.order_by("order") if "foto" in each.evidence_kinds
    ]
    assert codes(real.get(reverse("instrument"), {"bukti": "Foto"})) == expected


def test_points_of_a_filtered_view_are_capped_by_the_indicator(reader):
    instrument = make_instrument()
    indicator = make_indicator(instrument, code="19", max_points=Decimal(15))
    for each in "ab":
        make_question(indicator, code=f"19.{each}")
    publish(instrument)
    response = reader.get(reverse("instrument"), {"q": "19"})
    assert figures(response).startswith(
        "Ditampilkan 2 dari 2 pertanyaan Nilai yang ditampilkan 15,00"
    )


def test_a_filtered_indicator_says_how_many_of_its_questions_are_shown(small):
    page = words(small.get(reverse("instrument"), {"q": "4.1"}).content.decode())
    assert "1 dari 2 pertanyaan · 10,00 poin · Disdukcapil" in page


def test_a_kind_of_evidence_is_not_said_twice(real):
    told = question(real.get(reverse("instrument")), "4.5")
    assert "Data dukung Matriks isian; Sertifikat pelatihan KHA wajib Daftar induk" in told


def test_an_unknown_choice_is_said_and_an_unknown_parameter_ignored(real):
    response = real.get(
        reverse("instrument"), {"perangkat": "x", "lead_agency__startswith": "D", "rubric": "1"}
    )
    assert "Pilihan ini tidak ada pada instrumen ini." in response.content.decode()
    assert len(codes(response)) == 274


def test_what_is_searched_for_is_shown_as_text(small):
    response = small.get(reverse("instrument"), {"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in response.content.decode()


def test_indicators_are_folded_until_asked_for(small):
    def opened(**query):
        html = small.get(reverse("instrument"), query).content.decode()
        return re.search(r'<details class="ind"[^>]*>', html)[0].endswith(" open>")

    assert [opened(), opened(buka="semua"), opened(q="akta")] == [False, True, True]


def test_the_newest_published_instrument_is_shown(reader):
    for year in (2023, 2025, 2024):
        instrument = make_instrument(title=f"Instrumen {year}", year=year)
        make_question(make_indicator(instrument))
        publish(instrument)
    make_instrument(title="Rancangan", year=2030)
    page = words(reader.get(reverse("instrument")).content.decode())
    assert "Instrumen 2025" in page
    assert "Rancangan" not in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 302),
        (Role.OPERATOR, 404),
        (Role.VERIFIKATOR, 200),
        (Role.PIMPINAN, 404),
        (Role.ADMINISTRATOR, 200),
    ],
)
def test_a_draft_is_seen_only_by_who_may_change_it(client, role, status):
    make_instrument(code="draf")
    publish(make_instrument(code="terbit"))
    if role:
        client.force_login(make_user(role))
    assert client.get(reverse("instrument_version", args=["draf"])).status_code == status
    opened = client.get(reverse("instrument_version", args=["terbit"])).status_code
    assert opened == (200 if role else 302)
    assert client.get(reverse("instrument")).status_code == (200 if role else 302)


def test_an_unknown_version_is_not_there(reader):
    assert reader.get(reverse("instrument_version", args=["tidak-ada"])).status_code == 404


def test_without_an_instrument_the_page_says_who_to_call(reader):
    page = words(reader.get(reverse("instrument")).content.decode())
    assert "Belum ada instrumen yang dapat dibaca. Hubungi administrator untuk memuatnya." in page


def test_the_page_only_reads(reader):
    assert reader.post(reverse("instrument")).status_code == 405


@pytest.mark.parametrize("count", [1, 60])
def test_the_page_takes_the_same_queries_for_any_number_of_questions(reader, count):
    instrument = make_instrument()
    for _ in range(count // 10 or 1):
        indicator = make_indicator(instrument)
        for _ in range(min(count, 10)):
            make_question(indicator)
    publish(instrument)
    reader.get(reverse("instrument"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = reader.get(reverse("instrument"), {"q": "uji"})
    assert len(codes(response)) == count
    # session, user; instruments; rubrics, levels, registers, questions, indicators, clusters
    assert len(queries) == 9


@pytest.mark.parametrize("role", Role)
def test_the_admin_shows_instruments_to_the_administrator_and_lets_nobody_change_them(client, role):
    instrument = load_instrument(as_text(SMALL), by=None).instrument
    client.force_login(make_user(role))
    allowed = role is Role.ADMINISTRATOR
    listed = client.get("/admin/indicators/instrument/").status_code
    assert (listed == 200) is allowed
    for page in ("add/", f"{instrument.pk}/delete/"):
        assert client.get(f"/admin/indicators/instrument/{page}").status_code != 200
    changed = client.post(f"/admin/indicators/instrument/{instrument.pk}/change/", {"title": "x"})
    assert changed.status_code in ({403} if allowed else {302, 403, 404})
    assert Instrument.objects.get().title == "Instrumen uji"


def test_the_admin_publishes_a_draft_by_the_verb(client):
    instrument = load_instrument(as_text(SMALL), by=None).instrument
    client.force_login(make_user(Role.ADMINISTRATOR))
    chosen = {"action": "publish", "_selected_action": [instrument.pk]}
    first = client.post("/admin/indicators/instrument/", chosen, follow=True)
    again = client.post("/admin/indicators/instrument/", chosen, follow=True)
    assert Instrument.objects.get().published_at is not None
    assert "Instrumen uji-1 diterbitkan." in first.content.decode()
    assert "Instrumen uji-1 sudah diterbitkan." in again.content.decode()
