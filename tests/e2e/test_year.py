"""One year from its opening to the workbook, by people in browsers; every figure worked out here.
The pages themselves say when a script or their policy complains (`conftest.Watch`).

Indicator A is worth 20, though its questions add to 22; indicator B is asked of three kelurahan.

    question        worth  claimed at first      as returned and reviewed     as accepted in the end
    A.1 choice         10  Lengkap       10,00   returned              0,00   Sebagian besar    7,50
    A.2 percentage      4  12 of 15 =80%  3,00   accepted as claimed   3,00                     3,00
    A.3 two years       3  80 -> 82       3,00   accepted as claimed   3,00                     3,00
    A.4 graded          5  all rows       5,00   accepted at Sebagian  2,00                     2,00
    A in all     22 -> 20  21,00 ->      20,00                         8,00                    15,50
    B.1 area            6  Ya, Tidak, -   2,00   not reviewed          0,00   both as claimed   2,00
    The year           26                22,00                         8,00                    17,50

    At risk (claimed, not proven) at first 22,00. Then A: 8 + 10 + (5 - 2) = 21 -> 20, less 8 =
    12,00 and B 2,00: 14,00. In the end 5 - 2 = 3,00; claimed 7,50 + 3 + 3 + 5 + 2 = 20,50.
"""

import json
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from agencies.models import AssignmentRole, Kind
from agencies.roles import Role
from indicators.models import Cluster
from submissions.models import Submission
from tests.e2e.case import ON_A_PHONE, as_file, beyond, pdf
from tests.factories import (
    assign,
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "SK belum ditandatangani. Kirim yang sudah."


@pytest.fixture
def city(transactional_db: None) -> SimpleNamespace:
    """A published instrument, who answers what, and the people; no year yet."""
    instrument = make_instrument(total_max_points=Decimal(26))
    indicators = {}
    for order, (code, worth) in enumerate({"A": 20, "B": 6}.items(), 1):
        cluster = Cluster.objects.create(
            instrument=instrument,
            order=order,
            code=f"K{order}",
            name=f"Klaster {code}",
            max_points=Decimal(worth),
        )
        indicators[code] = make_indicator(
            instrument,
            cluster=cluster,
            code=code,
            name=f"Uji {code}",
            order=order,
            max_points=Decimal(worth),
        )
    region = make_region()
    office = make_agency(region, name="Dinas Pencatatan Uji")
    kelurahan = [
        make_agency(region, kind=Kind.KELURAHAN, name=f"Kelurahan {name}")
        for name in ("Melati", "Mawar", "Kenanga")
    ]
    for order, (mode, worth) in enumerate(
        [("choice", 10), ("threshold", 4), ("trend", 3), ("graded", 5)], 1
    ):
        question = make_question(
            indicators["A"],
            mode,
            code=f"A.{order}",
            order=order,
            max_points=Decimal(worth),
            evidence_required=mode == "choice",
        )
        assign(question, office)
    area = make_question(
        indicators["B"],
        "area_share",
        code="B.1",
        order=5,
        max_points=Decimal(6),
        level="kelurahan",
    )
    for each in kelurahan:
        assign(area, each, AssignmentRole.AREA)
    publish(instrument)
    return SimpleNamespace(
        region=region,
        office=office,
        kelurahan=kelurahan,
        verifikator=make_user(Role.VERIFIKATOR, region=region),
        pimpinan=make_user(Role.PIMPINAN, region=region),
        operator=make_user(agency=office),
        melati=make_user(agency=kelurahan[0]),
        mawar=make_user(agency=kelurahan[1]),
    )


# --- the steps -----------------------------------------------------------------------------------


def open_the_year(page: Page) -> None:
    page.fill("input[name=tahun]", "2024")
    page.fill("input[name=tahun_data]", "2023")
    page.fill("input[name=tenggat]", "2099-03-29")
    expect(page.get_by_text("Semua pertanyaan punya penanggung jawab.")).to_be_visible()
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_contain_text("Penilaian 2024")


def card(page: Page, code: str):
    return page.locator("section.q", has=page.locator("[id^='t-']", has_text=f"{code} · "))


def expect_saved(page: Page, code: str, claim: str) -> None:
    expect(card(page, code).locator(".saved")).to_contain_text("Tersimpan")
    expect(card(page, code).locator(".q-claim")).to_contain_text(claim)


def send_file(page: Page, code: str, name: str, text: str) -> None:
    with page.expect_file_chooser() as chooser:
        card(page, code).get_by_role("button", name="Unggah berkas").click()
    chooser.value.set_files([as_file(name, pdf(text))])
    expect(card(page, code).get_by_role("link", name=name, exact=True)).to_be_visible()


def answer_all_of_a(page: Page) -> None:
    """By mouse and keyboard, each saved by itself."""
    card(page, "A.1").get_by_text("Lengkap dan berjalan").click()
    expect_saved(page, "A.1", "Klaim 10,00 poin")
    card(page, "A.2").locator("input[name=pembilang]").fill("12")
    card(page, "A.2").locator("input[name=penyebut]").fill("15")
    expect_saved(page, "A.2", "Klaim 3,00 poin")
    card(page, "A.3").locator("input[name=sebelum]").fill("80")
    card(page, "A.3").locator("input[name=sesudah]").fill("82")
    expect_saved(page, "A.3", "Klaim 3,00 poin")
    card(page, "A.4").get_by_text("Semua baris terbukti").click()
    expect_saved(page, "A.4", "Klaim 5,00 poin")
    expect(page.locator("#total")).to_contain_text("20,00 diklaim dari 20")
    expect(page.locator("#total")).to_contain_text("4 dari 4 terjawab")


def hand_in(page: Page) -> None:
    page.click("#ajukan")
    expect(page.get_by_text("Lengkap.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Ajukan", exact=True).click()
    expect(page.get_by_text("Sekarang giliran verifikator").first).to_be_visible()


def answer_as_kelurahan(page: Page, answer: str) -> None:
    """On a phone: find the work, answer, hand in; never wider than the screen."""
    assert beyond(page) == 0
    page.get_by_role("link", name="Indikator B").click()
    page.wait_for_load_state("networkidle")
    assert beyond(page) == 0
    card(page, "B.1").get_by_text(answer, exact=True).tap()
    expect_saved(page, "B.1", "Klaim 2,00 poin" if answer == "Ya" else "Klaim 0,00 poin")
    page.tap("#ajukan")
    expect(page.get_by_text("Lengkap.", exact=True)).to_be_visible()
    assert beyond(page) == 0
    page.get_by_role("button", name="Ajukan", exact=True).tap()
    expect(page.get_by_text("Sekarang giliran verifikator").first).to_be_visible()
    assert beyond(page) == 0


def expect_current(page: Page, code: str) -> None:
    expect(page.locator(".review-list a[aria-current]")).to_contain_text(code)


def accept(page: Page, code: str, level: str | None = None) -> None:
    expect_current(page, code)
    if level is not None:
        page.locator(".review-form fieldset").get_by_text(level, exact=True).click()
    page.wait_for_timeout(420)  # who is quicker double-clicked, and the page takes it as that
    page.click("[data-accept]")


def review_a(page: Page) -> None:
    page.get_by_role("link", name="A · Uji A").click()
    expect_current(page, "A.1")
    expect(page.locator(".review-frame iframe")).to_be_visible()
    page.fill("textarea[name=catatan]", NOTE)
    page.click("[data-return]")
    accept(page, "A.2")
    accept(page, "A.3")
    accept(page, "A.4", "Sebagian")
    expect(page.locator("h1")).to_contain_text("Yang akan dilihat Dinas Pencatatan Uji")
    expect(page.get_by_role("row", name="A.1")).to_contain_text(NOTE)
    expect(page.locator("tfoot")).to_contain_text("8,00")
    page.get_by_role("button", name="Kembalikan ke perangkat daerah").click()
    page.wait_for_url("**/verifikasi/**")


def mend(page: Page) -> None:
    page.get_by_role("link", name="Indikator A").first.click()
    expect(card(page, "A.1").locator(".notice")).to_contain_text(NOTE)
    expect(card(page, "A.2").locator("input[name=pembilang]")).to_be_disabled()
    send_file(page, "A.1", "SK bertanda tangan.pdf", "Sudah ditandatangani")
    card(page, "A.1").get_by_text("Sebagian besar").click()
    expect_saved(page, "A.1", "Klaim 7,50 poin")
    hand_in(page)


def accept_the_rest(page: Page) -> None:
    page.get_by_role("link", name="A · Uji A").click()
    expect(page.locator(".review-changes")).to_contain_text("SK bertanda tangan.pdf")
    accept(page, "A.1")
    page.get_by_role("button", name="Terima seluruhnya").click()
    for _ in range(2):
        page.wait_for_url("**/verifikasi/**")
        page.goto("/verifikasi/")
        page.get_by_role("link", name="B · Uji B").first.click()
        accept(page, "B.1")
        page.get_by_role("button", name="Terima seluruhnya").click()
        page.wait_for_url("**/verifikasi/**")


# --- what the figures are ------------------------------------------------------------------------


def shown(page: Page) -> dict[str, str]:
    """The figures on top of the dashboard, by their names."""
    return {
        each.locator("dt").inner_text(): each.locator("dd").inner_text().split()[0]
        for each in page.locator(".top-figures .figures > div").all()
    }


def workbook(page: Page) -> openpyxl.Workbook:
    page.goto("/ekspor/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh XLSX").click()
    return openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))


def rows_of(sheet, first: str) -> list[dict[str, object]]:
    """The rows under the last line that begins with `first`, by the names of their columns."""
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    head = max(at for at, line in enumerate(lines) if line[0] == first)
    return [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 :]]


def figures(sheet) -> dict[object, tuple[object, ...]]:
    names = ("Diklaim", "Terbukti", "Berisiko", "Maksimum")
    return {row["Bagian"]: tuple(row[n] for n in names) for row in rows_of(sheet, "Bagian")}


def answers(sheet) -> dict[object, tuple[object, ...]]:
    names = ("Jawaban", "Poin diklaim", "Tingkat terbukti", "Poin terbukti", "Poin maksimum")
    return {row["Kode"]: tuple(row[n] for n in names) for row in rows_of(sheet, "Kode")}


def told_by_the_command(region: str) -> object:
    out = StringIO()
    call_command("scores", "2024", "--region", region, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_year_from_its_opening_to_the_workbook(new_page, sign_in, city):
    verifikator, operator = new_page(), new_page()
    melati, mawar = new_page(**ON_A_PHONE), new_page(**ON_A_PHONE)
    sign_in(verifikator, city.verifikator.username, "/penilaian/buka/")
    open_the_year(verifikator)

    sign_in(operator, city.operator.username, "/isian/")
    operator.get_by_role("link", name="Indikator A").click()
    answer_all_of_a(operator)
    operator.click("#ajukan")
    expect(operator.locator("h2#kurang")).to_have_text("Masih kurang 1, senilai 10,00 poin")
    operator.get_by_role("link", name="Lengkapi dahulu").click()
    send_file(operator, "A.1", "SK belum.pdf", "Belum ditandatangani")
    hand_in(operator)
    for phone, user, answer in ((melati, city.melati, "Ya"), (mawar, city.mawar, "Tidak")):
        sign_in(phone, user.username, "/isian/")
        answer_as_kelurahan(phone, answer)

    verifikator.goto("/penilaian/2024/")
    first = {"Terbukti": "0,00", "Diklaim, belum terbukti": "+22,00", "Diklaim": "22,00"}
    assert shown(verifikator) == first
    verifikator.goto("/verifikasi/")
    review_a(verifikator)
    verifikator.goto("/penilaian/2024/")
    halfway = {"Terbukti": "8,00", "Diklaim, belum terbukti": "+14,00", "Diklaim": "22,00"}
    assert shown(verifikator) == halfway

    operator.goto("/isian/")
    mend(operator)
    verifikator.goto("/verifikasi/")
    accept_the_rest(verifikator)
    verifikator.goto("/penilaian/2024/")
    end = {"Terbukti": "17,50", "Diklaim, belum terbukti": "+3,00", "Diklaim": "20,50"}
    assert shown(verifikator) == end
    operator.goto("/isian/")
    expect(operator.locator("#harus")).to_have_text("Harus dikerjakan (0)")

    book, part = workbook(verifikator), workbook(operator)
    assert figures(book["Ringkasan"]) == {
        "TOTAL": (20.5, 17.5, 3, 26),
        "Klaster K1": (18.5, 15.5, 3, 20),
        "A": (18.5, 15.5, 3, 20),
        "Klaster K2": (2, 2, 0, 6),
        "B": (2, 2, 0, 6),
    }
    assert figures(part["Ringkasan"])["A"] == (18.5, 15.5, 3, 20)
    assert answers(book["Penilaian"]) == {
        "A.1": ("Sebagian besar", 7.5, "Sebagian besar", 7.5, 10),
        "A.2": ("12 dari 15 (80,00\u00a0%): 75-89,99 %", 3, "75-89,99 %", 3, 4),
        "A.3": ("80 lalu 82: Membaik", 3, "Membaik", 3, 3),
        "A.4": ("Semua baris terbukti", 5, "Sebagian", 2, 5),
        "B.1": ("1 dari 3 kelurahan menjawab ya, 1 belum menjawab", 2, "2 dari 3 kelurahan", 2, 6),
    }
    assert told_by_the_command(city.region.code) == {
        "total": "17.50",
        "band": None,
        "clusters": {"K1": "15.50", "K2": "2.00"},
        "indicators": {"A": "15.50", "B": "2.00"},
    }
    states = Submission.objects.values_list("agency__name", "state").order_by("agency__name")
    assert list(states) == [
        ("Dinas Pencatatan Uji", "diterima"),
        ("Kelurahan Kenanga", "belum_diisi"),
        ("Kelurahan Mawar", "diterima"),
        ("Kelurahan Melati", "diterima"),
    ]
