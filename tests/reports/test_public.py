"""The public page: only when the city says so, only what was released, frozen, without anybody."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from agencies.roles import Role
from reports.actions import end_release, release_figures
from reports.ledger import ledger_of
from reports.public import as_csv, figures_of, read
from submissions.models import Event, Release
from tests import factories as make
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 3, 4, 5, 0, tzinfo=UTC)
PARTS = ("", "angka.json", "angka.csv")


@pytest.fixture
def found():
    return by_hand.world(code="77.01", name="Kota Contoh")


def release(found):
    return release_figures(found.assessment, by=found.users["verifikator"], now=NOW)


def get(client, part="", region="77.01", year=2024, **headers):
    return client.get(f"/publik/{region}/{year}/{part}", headers=headers)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_public_until_it_is_released_and_after_it_is_closed(client, found, part):
    assert get(client, part).status_code == 404
    release(found)
    assert get(client, part).status_code == 200
    assert get(client, part, region="99.99").status_code == 404
    assert get(client, part, year=2023).status_code == 404
    end_release(found.assessment, by=found.users["verifikator"], now=NOW)
    assert get(client, part).status_code == 404


def test_the_figures_are_those_of_the_score(found):
    figures = release(found).figures
    assert (figures["terbukti"], figures["maksimum"], figures["kategori"]) == (
        by_hand.PROVEN,
        "58.00",
        None,
    )
    assert [
        (each["kode"], each["terbukti"], each["maksimum"], each["pertanyaan"],
         each["terbukti_penuh"], each["terbukti_sebagian"])
        for each in figures["klaster"]
    ] == [("KA", "23.50", "40.00", 5, 2, 2), ("KB", "3.00", "18.00", 3, 0, 1)]  # fmt: skip


def test_what_was_released_does_not_move_with_the_year(client, found):
    release(found)
    by_hand.accept(found.response("1.3"), 0, by=found.users["verifikator"])
    assert json.loads(get(client, "angka.json").content)["terbukti"] == by_hand.PROVEN
    release(found)
    assert json.loads(get(client, "angka.json").content)["terbukti"] == "34.50"
    assert [each.figures["terbukti"] for each in Release.objects.order_by("pk")] == [
        by_hand.PROVEN,
        "34.50",
    ]


def test_page_json_and_csv_say_the_same(client, found):
    stored = release(found).figures
    said = get(client).content.decode()
    assert json.loads(get(client, "angka.json").content) == stored
    rows = list(csv.DictReader(StringIO(get(client, "angka.csv").content.decode())))
    assert [row["bagian"] for row in rows] == ["total", "klaster", "klaster"]
    assert [row["terbukti"] for row in rows] == [by_hand.PROVEN, "23.50", "3.00"]
    assert sum(Decimal(row["terbukti"]) for row in rows[1:]) == Decimal(rows[0]["terbukti"])
    for figure in ("26,50", "23,50", "3,00"):
        assert figure in said


def test_no_answer_file_office_person_or_claim_is_told(client, found):
    release(found)
    for part in PARTS:
        said = get(client, part).content.decode()
        for secret in (
            "Dinas Kesehatan", "Badan Perencanaan", "Kelurahan a", "Peraturan Wali Kota", "Sesuai.",
            "44,25", "44.25", *(user.username for user in found.users.values()),
        ):  # fmt: skip
            assert secret not in said


def test_a_signed_in_persons_messages_are_not_kept_for_others(client, found):
    client.force_login(found.users["verifikator"])
    client.post("/penilaian/2024/publik/", {"tindakan": "terbitkan"})
    said = get(client)
    assert "Angka diterbitkan" not in said.content.decode()
    assert said.headers["Cache-Control"] == "public, max-age=300"
    assert "Angka diterbitkan" in client.get("/penilaian/2024/publik/").content.decode()


@pytest.mark.parametrize("part", PARTS)
def test_what_is_unchanged_is_not_sent_again(client, found, part):
    release(found)
    etag = get(client, part).headers["ETag"]
    assert get(client, part, **{"If-None-Match": etag}).status_code == 304
    release(found)
    assert get(client, part, **{"If-None-Match": etag}).status_code == 200


def test_the_switch_belongs_to_the_verifikator_of_the_city(client, found):
    for who in ("pimpinan", "operator"):
        with pytest.raises(PermissionDenied):
            release_figures(found.assessment, by=found.users[who], now=NOW)
        with pytest.raises(PermissionDenied):
            end_release(found.assessment, by=found.users[who], now=NOW)
    far = make.make_user(Role.VERIFIKATOR)
    with pytest.raises(PermissionDenied):
        release_figures(found.assessment, by=far, now=NOW)
    client.force_login(found.users["pimpinan"])
    page = client.get("/penilaian/2024/publik/").content.decode()
    assert "Terbitkan angka ini" not in page
    assert client.post("/penilaian/2024/publik/", {"tindakan": "terbitkan"}).status_code == 403
    assert Release.objects.count() == 0


def test_each_turn_of_the_switch_leaves_one_event_and_twice_off_is_once(found):
    by = found.users["verifikator"]
    release(found)
    for _ in range(2):
        end_release(found.assessment, by=by, now=NOW)
    assert list(
        Event.objects.filter(verb__in=["release", "unrelease"]).order_by("pk").values_list("verb")
    ) == [("release",), ("unrelease",)]


def test_the_database_shows_at_most_one_release_of_a_year(found):
    first = release(found)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            assessment=found.assessment, figures=first.figures, released_by=first.released_by
        )


def test_text_in_the_csv_is_never_a_formula(found):
    figures = figures_of(found.assessment, ledger_of(found.assessment, None), now=NOW)
    figures["klaster"][0]["nama"] = "=HYPERLINK()"
    assert "'=HYPERLINK()" in as_csv(figures)


def test_figures_read_back_are_the_figures(found):
    figures = figures_of(found.assessment, ledger_of(found.assessment, None), now=NOW)
    year = read(json.loads(json.dumps(figures)))
    assert (year.region, year.proven, year.day.isoformat()) == (
        "Kota Contoh", Decimal("26.50"), "2024-03-04",
    )  # fmt: skip
    assert [each.left for each in year.clusters] == [1, 2]


def test_the_page_costs_one_query(client, found):
    release(found)
    with CaptureQueriesContext(connection) as queries:
        get(client)
    assert len(queries) == 1


def test_the_city_says_in_its_own_words_what_a_cluster_is_about(client, found):
    client.force_login(found.users["verifikator"])
    page = "/penilaian/2024/publik/"
    sent = {"tindakan": "terbitkan", "tentang-KA": "  Kota  menepati\njanji. ", "tentang-KB": ""}
    client.post(page, sent)
    stored = json.loads(get(client, "angka.json").content)
    rows = list(csv.DictReader(StringIO(get(client, "angka.csv").content.decode())))
    assert [each["tentang"] for each in stored["klaster"]] == ["Kota menepati janji.", ""]
    assert [row["tentang"] for row in rows] == ["", "Kota menepati janji.", ""]
    assert "Kota menepati janji." in get(client).content.decode()
    assert "Kota menepati janji.</textarea>" in client.get(page).content.decode()


def test_a_sentence_that_is_too_long_is_said_and_kept_and_nothing_is_released(client, found):
    client.force_login(found.users["verifikator"])
    sent = {"tindakan": "terbitkan", "tentang-KA": "Kota menepati janji. " * 30}
    answer = client.post("/penilaian/2024/publik/", sent)
    said = answer.content.decode()
    assert (answer.status_code, Release.objects.count()) == (422, 0)
    assert ("paling panjang 400 huruf" in said, "Kota menepati janji." in said) == (True, True)


def test_what_was_released_before_it_could_be_said_keeps_our_sentence(found):
    figures = release(found).figures
    for each in figures["klaster"]:
        del each["tentang"]
    assert read(figures).clusters[0].about.startswith("Aturan, anggaran")
    assert as_csv(figures).splitlines()[1].endswith(",")
