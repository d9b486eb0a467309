# ruff: noqa: E501  (one cell or sentence, one line)
"""Registers: cells read, rows added once, pasted whole or not at all, proven, and seen by whom."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from agencies.models import Change
from agencies.roles import Role
from submissions.actions.registers import (
    Cells,
    StaleRowError,
    add_row,
    import_rows,
    retire_row,
    save_row,
)
from submissions.forms.cells import CellError, Column, read
from submissions.forms.registers import initial_of, read_pasted, split
from submissions.models import (
    Event,
    Evidence,
    RegisterRow,
    Response,
    ResponseRow,
    RowChange,
    RowEvidence,
    Submission,
)
from submissions.wording import cell_text
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    publish,
)

TODAY = date(2024, 3, 20)
COLUMNS = [
    {"key": "nama", "label": "Nama kegiatan", "type": "text"},
    {"key": "jenis", "label": "Jenis", "type": "choice", "options": ["Rapat", "Pelatihan"]},
    {"key": "tanggal", "label": "Tanggal", "type": "date"},
    {"key": "mulai", "label": "Tahun mulai", "type": "year"},
    {"key": "pagu", "label": "Pagu (Rp)", "type": "money"},
    {"key": "anak", "label": "Jumlah anak", "type": "integer", "required": False},
]
GOOD = ("Rapat gugus tugas", "Rapat", "24/11/2023", "2023", "Rp 1.250.000", "12")
DATA = {
    "nama": "Rapat gugus tugas", "jenis": "Rapat", "tanggal": "2023-11-24", "mulai": 2023,
    "pagu": "1250000", "anak": 12,
}  # fmt: skip


@pytest.fixture
def desk(db):
    """A published instrument with one register, two offices of a city in an open year."""
    instrument = make_instrument()
    register = make_register(instrument, code="kegiatan", name="Kegiatan", columns=COLUMNS)
    indicator = make_indicator(instrument)
    agency = make_agency()
    assign(make_question(indicator, register=register), agency)
    assign(make_question(indicator, register=register), make_agency(agency.region))
    publish(instrument)
    make_assessment(agency.region, instrument)
    return register, agency, make_user(agency=agency)


def row_of(desk, data=None, **changes) -> RegisterRow:
    register, agency, by = desk
    return add_row(
        agency,
        register,
        cells=Cells(data or DATA, **changes),
        token=uuid.uuid4(),
        by=by,
        now=timezone.now(),
    )


def typed(values=GOOD, **more) -> dict[str, str]:
    keys = (column["key"] for column in COLUMNS)
    cells = {f"kolom-{key}": value for key, value in zip(keys, values, strict=True)}
    return cells | {"dari": "2023", "sampai": "", "token": str(uuid.uuid4())} | more


def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["operator", "verifikator"])
def test_an_empty_register_says_once_that_it_has_no_rows(client, desk, who):
    user = desk[2] if who == "operator" else make_user(Role.VERIFIKATOR, region=desk[1].region)
    page = signed_in(client, user).get("/daftar-induk/kegiatan/").content.decode()
    assert page.count("0 baris") == (who == "operator")  # the foot, to which a first row is added


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "raw", "stored", "shown"),
    [
        ("money", "Rp 1.250.000", "1250000", "1.250.000"),
        ("money", "Rp1.250.000,-", "1250000", "1.250.000"),
        ("money", "1250000", "1250000", "1.250.000"),
        ("money", "1.250.000,00", "1250000", "1.250.000"),
        ("money", "1.250.000,50", "1250000.50", "1.250.000,50"),
        ("money", "0", "0", "0"),
        ("date", "24 November 2023", "2023-11-24", "24 November 2023"),
        ("date", "24/11/2023", "2023-11-24", "24 November 2023"),
        ("date", "2023-11-24", "2023-11-24", "24 November 2023"),
        ("date", "24-Nov-23", "2023-11-24", "24 November 2023"),
        ("date", "1 Agustus 2023", "2023-08-01", "1 Agustus 2023"),
        ("date", "01-Aug-23", "2023-08-01", "1 Agustus 2023"),
        ("year", "1945", 1945, "1945"),
        ("year", "2025", 2025, "2025"),
        ("integer", "1.234", 1234, "1.234"),
        ("integer", " 12 ", 12, "12"),
        ("text", "  dua\u00a0 kata\tlagi ", "dua kata lagi", "dua kata lagi"),
        ("text", "baris satu\r\nbaris dua", "baris satu\nbaris dua", "baris satu\nbaris dua"),
        ("choice", "rapat", "Rapat", "Rapat"),
    ],
)
def test_a_cell_is_read_as_people_type_it(kind, raw, stored, shown):
    column = Column("x", "Kolom", kind, options=("Rapat", "Pelatihan"))
    assert read(column, raw, today=TODAY) == stored
    assert cell_text(kind, stored) == shown
    assert read(column, shown, today=TODAY) == stored


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        ("money", "banyak", "Kolom: “banyak” tidak dapat dibaca. Tulis jumlah rupiah, misalnya 1.250.000."),
        ("money", "1,2505", "Kolom: “1,2505” tidak dapat dibaca. Tulis jumlah rupiah, misalnya 1.250.000."),
        ("money", "-5", "Kolom: “-5” tidak dapat dibaca. Tulis jumlah rupiah, misalnya 1.250.000."),
        ("money", "9" * 16, "Kolom: angkanya terlalu besar."),
        ("date", "31/02/2023", "Kolom: “31/02/2023” tidak dapat dibaca. Tulis tanggal, misalnya 24 November 2023 atau 24/11/2023."),
        ("date", "kemarin", "Kolom: “kemarin” tidak dapat dibaca. Tulis tanggal, misalnya 24 November 2023 atau 24/11/2023."),
        ("date", "24/11/1923", "Kolom: tahun pada tanggal harus dari 1945 sampai 2100."),
        ("year", "1944", "Kolom: tahun harus dari 1945 sampai 2025."),
        ("year", "2026", "Kolom: tahun harus dari 1945 sampai 2025."),
        ("year", "23", "Kolom: “23” tidak dapat dibaca. Tulis tahun empat angka, misalnya 2023."),
        ("text", "#REF!", "Kolom: “#REF!” adalah galat rumus; ketik isinya sebagai teks atau angka."),
        ("integer", "12,5", "Kolom: “12,5” tidak dapat dibaca. Tulis bilangan bulat, misalnya 120."),
        ("choice", "Pesta", "Kolom: “Pesta” tidak dapat dibaca. Tulis salah satu dari: Rapat; Pelatihan."),
        ("text", " \n ", "Kolom wajib diisi: teks."),
        ("text", "a" * 1001, "Kolom terlalu panjang: paling banyak 1000 huruf."),
    ],
)  # fmt: skip
def test_a_bad_cell_is_told_by_column_and_what_is_expected(kind, raw, sentence):
    column = Column("x", "Kolom", kind, options=("Rapat", "Pelatihan"))
    with pytest.raises(CellError) as told:
        read(column, raw, today=TODAY)
    assert str(told.value) == sentence


# --- rows ----------------------------------------------------------------------------------------


def test_a_row_is_added_by_the_form_and_shown_in_our_notation(client, desk):
    page = signed_in(client, desk[2]).post("/daftar-induk/kegiatan/", typed(), follow=True)
    row = RegisterRow.objects.get()
    assert (row.data, row.agency, row.valid_from, row.valid_to, row.version) == (
        DATA, desk[1], 2023, None, 1,
    )  # fmt: skip
    assert "1.250.000" in page.content.decode()
    assert "24 November 2023" in page.content.decode()
    assert list(RowChange.objects.values_list("verb", "by", "on_behalf")) == [
        ("add", desk[2].pk, False)
    ]


def test_the_same_form_sent_thrice_makes_one_row(client, desk):
    form = typed()
    signed_in(client, desk[2])
    codes = [client.post("/daftar-induk/kegiatan/", form).status_code for _ in range(3)]
    assert codes == [302, 302, 302]
    assert (RegisterRow.objects.count(), RowChange.objects.count()) == (1, 1)


def test_another_office_cannot_use_a_token_to_see_a_row(client, desk):
    form = typed()
    signed_in(client, desk[2]).post("/daftar-induk/kegiatan/", form)
    other = make_user(agency=make_agency(desk[1].region))
    reply = signed_in(client, other).post("/daftar-induk/kegiatan/", form)
    assert reply.status_code == 422
    assert "Formulir ini sudah dipakai" in reply.content.decode()


@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_typed_stays_beside_its_sentence(client, desk, htmx):
    bad = ("<b>Rapat", "Rapat", "kemarin", "2023", "banyak", "")
    headers = {"HX-Request": "true"} if htmx else {}
    reply = signed_in(client, desk[2]).post("/daftar-induk/kegiatan/", typed(bad), headers=headers)
    body = reply.content.decode()
    assert reply.status_code == 422
    assert "&lt;b&gt;Rapat" in body
    assert 'value="kemarin"' in body
    assert "Pagu (Rp): “banyak” tidak dapat dibaca." in body
    assert RegisterRow.objects.count() == 0


def test_htmx_gets_the_new_line_an_empty_form_and_the_sums(client, desk):
    row_of(desk)
    reply = signed_in(client, desk[2]).post(
        "/daftar-induk/kegiatan/",
        typed(),
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/daftar-induk/kegiatan/?q=rapat",
        },
    )
    body = reply.content.decode()
    assert body.count('<tr id="baris-') == 1
    assert "2.500.000" in body
    assert 'hx-swap-oob="true"' in body
    assert "<html" not in body


def test_fields_that_are_not_of_the_form_are_passed_over(client, desk):
    other = make_agency(desk[1].region)
    extra = {"agency": other.pk, "version": "9", "retired_at": "2020-01-01", "code": "lain"}
    signed_in(client, desk[2]).post("/daftar-induk/kegiatan/", typed(**extra))
    row = RegisterRow.objects.get()
    assert (row.agency, row.version, row.retired_at, row.code) == (desk[1], 1, None, "kegiatan")


def test_a_row_is_saved_and_its_history_says_by_whom(client, desk):
    row = row_of(desk)
    address = f"/daftar-induk/kegiatan/{row.pk}/"
    signed_in(client, desk[2])
    changed = typed(("Rapat kedua", *GOOD[1:]), versi="1")
    assert client.post(address, changed).status_code == 302
    row.refresh_from_db()
    assert (row.data["nama"], row.version) == ("Rapat kedua", 2)
    assert "Riwayat" in client.get(address).content.decode()
    change = RowChange.objects.get(verb="save")
    assert change.data["from"]["data"] == DATA
    assert change.data["to"]["data"]["nama"] == "Rapat kedua"


@pytest.mark.parametrize("htmx", [True, False])
def test_the_second_saver_sees_both_and_can_take_either(client, desk, htmx):
    row = row_of(desk)
    save_row(
        row, cells=Cells({**DATA, "nama": "Milik orang lain"}), version=1,
        by=desk[2], now=timezone.now(),
    )  # fmt: skip
    address = f"/daftar-induk/kegiatan/{row.pk}/"
    headers = {"HX-Request": "true"} if htmx else {}
    mine = typed(("Milik saya", *GOOD[1:]), versi="1")
    reply = signed_in(client, desk[2]).post(address, mine, headers=headers)
    body = reply.content.decode()
    assert reply.status_code == 409
    assert "Milik orang lain" in body
    assert "Milik saya" in body
    assert desk[2].get_full_name() in body
    assert 'name="versi" value="2"' in body
    assert client.post(address, mine | {"versi": "2"}, headers=headers).status_code in {200, 302}
    row.refresh_from_db()
    assert (row.data["nama"], row.version) == ("Milik saya", 3)


@pytest.mark.django_db(transaction=True)
def test_of_many_savers_at_once_one_wins_each_version(desk):
    row = row_of(desk)

    def save(number: int) -> bool:
        try:
            save_row(
                row, cells=Cells({**DATA, "nama": f"Rapat {number}"}), version=1,
                by=desk[2], now=timezone.now(),
            )  # fmt: skip
        except StaleRowError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        won = sum(pool.map(save, range(8)))
    row.refresh_from_db()
    assert (won, row.version, RowChange.objects.filter(verb="save").count()) == (1, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_equal_forms_at_once_one_row_comes(desk):
    token = uuid.uuid4()

    def add(_: int) -> int:
        try:
            return add_row(
                desk[1], desk[0], cells=Cells(DATA), token=token, by=desk[2], now=timezone.now()
            ).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(add, range(8)))
    assert (len(made), RegisterRow.objects.count(), RowChange.objects.count()) == (1, 1, 1)


def test_a_row_is_taken_out_and_brought_back(client, desk):
    row = row_of(desk)
    signed_in(client, desk[2])
    address = f"/daftar-induk/kegiatan/{row.pk}/hapus/"
    assert "Pulihkan" in client.post(address, follow=True).content.decode()
    assert f"baris-{row.pk}" not in client.get("/daftar-induk/kegiatan/").content.decode()
    assert f"baris-{row.pk}" in client.get("/daftar-induk/kegiatan/?dihapus=1").content.decode()
    saving = client.post(f"/daftar-induk/kegiatan/{row.pk}/", typed(versi="2", dari="2020"))
    assert saving.status_code == 422
    client.post(address, {"pulihkan": "1"})
    assert f"baris-{row.pk}" in client.get("/daftar-induk/kegiatan/").content.decode()
    verbs = list(RowChange.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["add", "retire", "restore"]


def test_a_copy_begins_a_new_row(client, desk):
    row = row_of(desk)
    body = (
        signed_in(client, desk[2]).get(f"/daftar-induk/kegiatan/?salin={row.pk}").content.decode()
    )
    assert body.count("Rapat gugus tugas") > 1
    assert initial_of(desk[0], row)["kolom-pagu"] == "1.250.000"
    assert RegisterRow.objects.count() == 1


@pytest.mark.parametrize("operation", ["UPDATE submissions_rowchange SET verb = 'x'",
                                       "DELETE FROM submissions_rowchange"])  # fmt: skip
def test_the_database_refuses_to_change_the_history(desk, operation):
    row_of(desk)
    with (
        pytest.raises(DatabaseError, match="Riwayat tidak dapat diubah"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(operation)


# --- the table -----------------------------------------------------------------------------------


def names(client, query) -> list[str]:
    table = client.get(f"/daftar-induk/kegiatan/{query}").context["table"]
    return [line.row.data["nama"] for line in table.lines]


def test_rows_are_searched_narrowed_and_sorted(client, desk):
    row_of(desk, {**DATA, "nama": "B", "pagu": "9", "tanggal": "2024-01-01"}, valid_from=2024)
    row_of(desk, {**DATA, "nama": "a", "pagu": "10", "jenis": "Pelatihan"}, valid_to=2022)
    row_of(desk, {key: DATA[key] for key in ("jenis", "tanggal", "mulai", "pagu")} | {"nama": "C"})
    signed_in(client, desk[2])
    assert names(client, "") == ["B", "a", "C"]
    assert names(client, "?q=PELATIHAN") == ["a"]
    assert names(client, "?q=januari+2024") == ["B"]
    assert names(client, "?q=%25") == []
    assert names(client, "?tahun=2022") == ["a", "C"]
    assert names(client, "?tahun=2024") == ["B", "C"]
    assert names(client, "?urut=nama") == ["a", "B", "C"]
    assert names(client, "?urut=-nama") == ["C", "B", "a"]
    assert names(client, "?urut=pagu") == ["B", "a", "C"]
    assert names(client, "?urut=-anak")[-1] == "C"
    assert names(client, "?urut=agency__user__password&page=999&tahun=x&salin=x") == ["B", "a", "C"]


def test_money_is_summed_over_all_that_was_found(client, desk):
    for amount in ("1250000.50", "2000000", "3000000"):
        row_of(desk, {**DATA, "pagu": amount})
    signed_in(client, desk[2])
    sums = client.get("/daftar-induk/kegiatan/").context["table"].sums
    assert [each.text for each in sums] == ["", "", "", "", "6.250.000,50", ""]


@pytest.mark.parametrize("address", ["/daftar-induk/", "/daftar-induk/kegiatan/?urut=pagu"])
def test_a_page_costs_the_same_whatever_the_number_of_rows(client, desk, address):
    row_of(desk)
    signed_in(client, desk[2]).get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    import_rows(
        desk[1], desk[0], rows=[Cells(DATA)] * 80, token=uuid.uuid4(),
        by=desk[2], now=timezone.now(),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page = client.get(address)
    assert len(many) == len(one) <= 10
    assert page.content.decode().count('<tr id="baris-') in {0, 50}


def test_the_list_says_how_much_is_there_and_what_hangs_on_it(client, desk):
    row_of(desk)
    retire_row(row_of(desk), by=desk[2], now=timezone.now())
    [shelf] = signed_in(client, desk[2]).get("/daftar-induk/").context["shelves"]
    assert (shelf.rows, shelf.unproven, shelf.questions, shelf.points, shelf.mine) == (
        1,
        1,
        2,
        20,
        1,
    )


# --- pasted --------------------------------------------------------------------------------------


def sheet(count: int = 200, **bad: str) -> str:
    rows = [list(GOOD) for _ in range(count)]
    for number, row in enumerate(rows, 1):
        row[0] = f"Rapat {number}"
    for place, text in bad.items():
        line, column = (int(part) for part in place[1:].split("_"))
        rows[line - 1][column] = text
    return "\n".join("\t".join(row) for row in rows)


THREE = {"r7_2": "kemarin", "r50_4": "banyak", "r199_1": "Pesta"}


def test_excel_quotes_are_understood():
    text = 'a\t"baris 1\nbaris 2"\t"kata ""dikutip"""\r\n"SRA" Negeri\t"b\tc"\td"\n'
    assert split(text) == [
        ["a", "baris 1\nbaris 2", 'kata "dikutip"'], ['"SRA" Negeri', "b\tc", 'd"'], [""],
    ]  # fmt: skip


def test_two_hundred_rows_with_three_bad_cells_store_nothing_before_it_is_asked(client, desk):
    signed_in(client, desk[2])
    form = {"isi": sheet(**THREE), "dari": "2023", "sampai": "", "token": str(uuid.uuid4())}
    address = "/daftar-induk/kegiatan/tempel/"
    looked = client.post(address, form)
    assert looked.status_code == 200
    assert [(each.line, each.column, each.text) for each in looked.context["pasted"].bad] == [
        (7, "Tanggal", "kemarin"), (50, "Pagu (Rp)", "banyak"), (199, "Jenis", "Pesta"),
    ]  # fmt: skip
    assert "Yang diharapkan" in looked.content.decode()
    assert client.post(address, form | {"simpan": "semua"}).status_code == 422
    assert RegisterRow.objects.count() == 0
    for _ in range(2):
        assert client.post(address, form | {"simpan": "benar"}).status_code == 302
    assert RegisterRow.objects.count() == RowChange.objects.count() == 197
    assert not RegisterRow.objects.filter(data__nama__in=["Rapat 7", "Rapat 50"]).exists()


def test_a_whole_sheet_is_stored_at_once_and_only_once(client, desk):
    signed_in(client, desk[2])
    form = {"isi": sheet(), "dari": "2023", "sampai": "", "token": str(uuid.uuid4())}
    for _ in range(2):
        client.post("/daftar-induk/kegiatan/tempel/", form | {"simpan": "semua"})
    rows = RegisterRow.objects.all()
    assert (rows.count(), {row.valid_from for row in rows}) == (200, {2023})
    assert rows.first().data == {**DATA, "nama": "Rapat 1"}


def paste(desk, text):
    return read_pasted(desk[0], text, valid_from=2023, valid_to=None, today=TODAY)


def test_a_heading_gives_the_columns_in_any_order(desk):
    found = paste(
        desk,
        "No\tJENIS\tNama kegiatan\ttanggal\tTahun mulai\tpagu\tBerlaku sampai tahun\n"
        "1\tRapat\tA\t24/11/2023\t2023\t5\t2025\n",
    )
    [row] = found.rows
    assert (found.heading, found.bad, found.refusals, row.line) == (True, [], [], 2)
    assert row.cells == Cells(
        {"nama": "A", "jenis": "Rapat", "tanggal": "2023-11-24", "mulai": 2023, "pagu": "5"},
        2023, 2025,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Nama kegiatan\tJenis\tWarna\n", "Kolom “Warna” tidak dikenal. Hapus kolom itu, atau samakan judulnya dengan judul dalam daftar."),
        ("Nama kegiatan\tJenis\tJenis\tTanggal\tTahun mulai\tPagu\n", "Kolom “Jenis” ada dua kali dalam baris judul."),
        ("Nama kegiatan\tJenis\tTanggal\tPagu\n", "Kolom wajib tidak ada: Tahun mulai."),
        ("\n \t\n", "Tidak ada isi. Salin sel-sel di Excel, lalu tempel di sini."),
        ("Rapat;Rapat;24/11/2023", "Sel tidak terpisah. Salin langsung dari Excel atau Google Spreadsheet (bukan dari berkas CSV atau PDF), lalu tempel di sini."),
        ("a\tb\n" * 1002, "Ada 1002 baris. Tempel paling banyak 1000 baris sekali, lalu ulangi untuk sisanya."),
        ("a\tb\n" * 1001, "Tempel paling banyak 1000 baris sekali."),
    ],
)  # fmt: skip
def test_a_block_that_cannot_be_understood_is_refused_whole(desk, text, refusal):
    found = paste(desk, text)
    assert (refusal in found.refusals, found.rows) == (True, [])


def test_rows_that_exist_already_are_pointed_out_and_skipped_if_wished(client, desk):
    row_of(desk)
    text = "\n".join("\t".join(row) for row in (GOOD, ("Baru", *GOOD[1:]), ("Baru", *GOOD[1:])))
    form = {"isi": text, "dari": "", "sampai": "", "token": str(uuid.uuid4()), "lewati": "on"}
    signed_in(client, desk[2])
    looked = client.post("/daftar-induk/kegiatan/tempel/", form)
    assert [each.same for each in looked.context["pasted"].rows] == [
        "sudah ada dalam daftar", "", "sama dengan baris 2 di atasnya",
    ]  # fmt: skip
    client.post("/daftar-induk/kegiatan/tempel/", form | {"simpan": "semua"})
    assert RegisterRow.objects.count() == 2


# --- evidence ------------------------------------------------------------------------------------


def picture(name="Foto.png") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_a_file_is_attached_once_seen_by_its_own_and_taken_away(client, desk):
    row = row_of(desk)
    signed_in(client, desk[2])
    address = f"/daftar-induk/kegiatan/{row.pk}/data-dukung/"
    for _ in range(2):
        assert client.post(address, {"berkas": picture()}).status_code == 302
    link = RowEvidence.objects.get()
    assert "1 berkas" in client.get("/daftar-induk/kegiatan/").content.decode()
    assert names(client, "?tanpa=1") == []
    shown = client.get(f"/data-dukung/{link.evidence_id}/")
    assert (shown.status_code, b"".join(shown.streaming_content)[:4]) == (200, b"\x89PNG")
    outsider = make_user(agency=make_agency(desk[1].region))
    signed_in(client, outsider)
    assert client.get(f"/data-dukung/{link.evidence_id}/").status_code == 404
    assert client.post(f"{address}{link.pk}/lepas/").status_code == 404
    signed_in(client, desk[2]).post(f"{address}{link.pk}/lepas/")
    assert names(client, "?tanpa=1") == ["Rapat gugus tugas"]
    assert Evidence.objects.count() == 1


def test_a_file_of_another_kind_is_refused_and_nothing_is_stored(client, desk):
    row = row_of(desk)
    bad = SimpleUploadedFile("virus.pdf", b"MZ\x90", "application/pdf")
    reply = signed_in(client, desk[2]).post(
        f"/daftar-induk/kegiatan/{row.pk}/data-dukung/", {"berkas": bad}
    )
    assert (reply.status_code, Evidence.objects.count()) == (422, 0)


# --- sheets --------------------------------------------------------------------------------------


def test_the_workbook_holds_every_row_and_no_formula(client, desk):
    row_of(desk, {**DATA, "nama": "=1+1"})
    reply = signed_in(client, desk[2]).get("/daftar-induk/kegiatan/unduh/")
    told = Change.objects.latest("pk")
    assert (told.verb, told.by, told.data["agency"]) == ("export", desk[2], desk[1].code)
    page = openpyxl.load_workbook(BytesIO(reply.content)).active
    assert [cell.value for cell in page[1]] == [
        *(column["label"] for column in COLUMNS),
        "Berlaku dari tahun", "Berlaku sampai tahun", "Data dukung",
    ]  # fmt: skip
    assert (page["A2"].value, page["A2"].data_type, page["E2"].value) == ("=1+1", "s", 1250000)
    empty = client.get("/daftar-induk/kegiatan/unduh/?kosong=1")
    assert openpyxl.load_workbook(BytesIO(empty.content)).active.max_row == 1


# --- roles ---------------------------------------------------------------------------------------


def test_a_verifikator_edits_on_behalf_and_the_history_says_so(client, desk):
    by = make_user(Role.VERIFIKATOR, region=desk[1].region)
    signed_in(client, by).post(f"/daftar-induk/kegiatan/?perangkat={desk[1].code}", typed())
    row = RegisterRow.objects.get()
    assert (row.agency, row.created_by) == (desk[1], by)
    assert list(RowChange.objects.values_list("verb", "on_behalf")) == [("add", True)]
    page = client.get("/daftar-induk/kegiatan/?perangkat=semua").content.decode()
    assert "Rapat gugus tugas" in page


def test_no_office_chooses_another(client, desk):
    row_of(desk)
    other = make_user(agency=make_agency(desk[1].region))
    signed_in(client, other)
    for address in ("/daftar-induk/kegiatan/", "/daftar-induk/kegiatan/unduh/"):
        reply = client.get(f"{address}?perangkat={desk[1].code}")
        assert b"Rapat gugus tugas" not in reply.content
    client.post(f"/daftar-induk/kegiatan/?perangkat={desk[1].code}", typed())
    assert RegisterRow.objects.order_by("-pk").first().agency == other.agency


@pytest.mark.parametrize(
    ("role", "far", "may"),
    [
        (Role.OPERATOR, False, False),
        (Role.VERIFIKATOR, False, True),
        (Role.VERIFIKATOR, True, False),
        (Role.PIMPINAN, False, False),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_each_verb_asks_who_it_is(desk, role, far, may):
    row = row_of(desk)
    by = make_user(role, region=make_region() if far else desk[1].region)
    now = timezone.now()
    verbs = [
        lambda: add_row(desk[1], desk[0], cells=Cells(DATA), token=uuid.uuid4(), by=by, now=now),
        lambda: import_rows(
            desk[1], desk[0], rows=[Cells(DATA)], token=uuid.uuid4(), by=by, now=now
        ),
        lambda: save_row(row, cells=Cells(DATA, 2020), version=1, by=by, now=now),
        lambda: retire_row(row, by=by, now=now),
    ]
    for verb in verbs:
        if may:
            verb()
        else:
            with pytest.raises(PermissionDenied):
                verb()


def test_addresses_of_another_offices_row_are_not_found(client, desk):
    row = row_of(desk)
    other = make_user(agency=make_agency(desk[1].region))
    signed_in(client, other)
    for name in ("register_row", "register_evidence"):
        assert client.get(reverse(name, args=["kegiatan", row.pk])).status_code == 404
    assert client.post(reverse("register_retire", args=["kegiatan", row.pk])).status_code == 404
    assert client.get("/daftar-induk/tak-ada/").status_code == 404


# --- rows that count for an answer ---------------------------------------------------------------


@pytest.fixture
def graded(db):
    """Two graded questions of one office on one register."""
    instrument = make_instrument()
    register = make_register(instrument, code="kegiatan", name="Kegiatan", columns=COLUMNS)
    indicator, agency = make_indicator(instrument), make_agency()
    for _ in range(2):
        assign(make_question(indicator, "graded", register=register), agency)
    publish(instrument)
    make_assessment(agency.region, instrument)
    return register, agency, make_user(agency=agency)


def first_of(desk) -> Response:
    return Response.objects.filter(submission__agency=desk[1]).order_by("question__order").first()


def rows_address(response) -> str:
    return f"/isian/{response.submission_id}/{response.pk}/baris/"


def test_rows_that_fit_are_ticked_and_counted_and_nothing_is_answered(client, graded):
    fits, open_end = row_of(graded), row_of(graded, valid_from=2020)
    past, out = row_of(graded, valid_to=2022), row_of(graded)
    retire_row(out, by=graded[2], now=timezone.now())
    answer, other = Response.objects.filter(submission__agency=graded[1]).order_by(
        "question__order"
    )
    signed_in(client, graded[2])
    client.post(f"/daftar-induk/kegiatan/{fits.pk}/data-dukung/", {"berkas": picture()})
    every = [row.pk for row in (fits, open_end, past, out)]
    form = {"baris": every, "tampil": every}
    for response in (answer, answer, other):
        assert client.post(rows_address(response), form).status_code == 302
    page = client.get(rows_address(answer))
    assert [(each.line.row.pk, each.ticked, each.elsewhere) for each in page.context["choices"]] == [
        (fits.pk, True, other.question.code), (open_end.pk, True, other.question.code),
    ]  # fmt: skip
    assert [page.context[name] for name in ("ticked", "proven", "suggested")] == [2, 1, "Sebagian"]
    answer.refresh_from_db()
    assert (answer.value, answer.version) == (None, 0)
    events = Event.objects.filter(verb="tick").order_by("pk")
    assert [each.data["added"] for each in events] == [[fits.pk, open_end.pk]] * 2
    client.post(rows_address(answer), {"baris": [fits.pk], "tampil": [fits.pk, open_end.pk]})
    assert client.get(rows_address(answer)).context["suggested"] == "Semua baris terbukti"


def test_the_evidence_of_ticked_rows_is_attached_when_asked(client, graded):
    row, answer = row_of(graded), first_of(graded)
    signed_in(client, graded[2])
    client.post(f"/daftar-induk/kegiatan/{row.pk}/data-dukung/", {"berkas": picture()})
    for _ in range(2):
        client.post(rows_address(answer), {"baris": row.pk, "tampil": row.pk, "lampirkan": "1"})
    assert [each.evidence.row_links.get().row for each in answer.links.all()] == [row]
    assert (
        "Baris daftar induk yang dihitung"
        in client.get(f"/isian/{answer.submission_id}/").content.decode()
    )


def test_rows_of_another_office_are_never_ticked(client, graded):
    answer = first_of(graded)
    other = make_agency(graded[1].region)
    foreign = row_of((graded[0], other, make_user(agency=other)))
    signed_in(client, graded[2]).post(
        rows_address(answer), {"baris": foreign.pk, "tampil": foreign.pk}
    )
    assert ResponseRow.objects.count() == 0


def test_what_was_handed_in_keeps_its_ticks(client, graded):
    row, answer = row_of(graded), first_of(graded)
    Submission.objects.filter(pk=answer.submission_id).update(state="diajukan")
    reply = signed_in(client, graded[2]).post(
        rows_address(answer), {"baris": row.pk, "tampil": row.pk}
    )
    assert (reply.status_code, ResponseRow.objects.count()) == (422, 0)


def test_the_rows_to_tick_cost_the_same_whatever_their_number(client, graded):
    answer = first_of(graded)
    row_of(graded)
    signed_in(client, graded[2]).get(rows_address(answer))
    with CaptureQueriesContext(connection) as one:
        client.get(rows_address(answer))
    import_rows(
        graded[1], graded[0], rows=[Cells(DATA)] * 60, token=uuid.uuid4(),
        by=graded[2], now=timezone.now(),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get(rows_address(answer))
    assert len(many) == len(one) <= 12


# --- what the reviewer sees of them --------------------------------------------------------------


def reviewed(client, answer):
    """The review page of an answer, as its city's verifikator reads it."""
    client.force_login(make_user(Role.VERIFIKATOR, region=answer.submission.agency.region))
    return client.get(f"/verifikasi/{answer.submission_id}/?jawaban={answer.pk}")


def test_the_reviewer_reads_the_rows_that_count_with_what_proves_them(client, graded):
    proven, bare = row_of(graded), row_of(graded, DATA | {"nama": "Rapat tanpa notulen"})
    answer = first_of(graded)
    assert reviewed(client, answer).context["rows"].ticked == 0
    signed_in(client, graded[2])
    client.post(f"/daftar-induk/kegiatan/{proven.pk}/data-dukung/", {"berkas": picture()})
    every = [proven.pk, bare.pk]
    client.post(rows_address(answer), {"baris": every, "tampil": every})
    page = reviewed(client, answer)
    rows = page.context["rows"]
    assert (rows.ticked, rows.proven, rows.suggested, rows.more) == (2, 1, "Sebagian", 0)
    assert [(each.cells[0].text, len(each.documents)) for each in rows.lines] == [
        ("Rapat gugus tugas", 1), ("Rapat tanpa notulen", 0),
    ]  # fmt: skip
    sent = client.get(rows.lines[0].documents[0][1])
    assert (sent.status_code, b"".join(sent)[:4]) == (200, b"\x89PNG")
    retire_row(bare, by=graded[2], now=timezone.now())
    rows = reviewed(client, answer).context["rows"]
    assert (rows.ticked, rows.proven, rows.suggested) == (2, 1, "Semua baris terbukti")
    assert [each.retired for each in rows.lines] == [False, True]


def test_a_review_costs_the_same_for_one_row_and_for_eighty(client, graded):
    answer = first_of(graded)
    row_of(graded)
    costs = []
    for more in (1, 80):
        import_rows(
            graded[1], graded[0], rows=[Cells(DATA)] * (more - 1), token=uuid.uuid4(),
            by=graded[2], now=timezone.now(),
        )  # fmt: skip
        every = list(RegisterRow.objects.values_list("pk", flat=True))
        signed_in(client, graded[2]).post(rows_address(answer), {"baris": every, "tampil": every})
        reviewed(client, answer)
        with CaptureQueriesContext(connection) as asked:
            page = reviewed(client, answer)
        costs.append(len([each for each in asked if "session" not in each["sql"]]))
    assert (page.context["rows"].ticked, page.context["rows"].more) == (80, 20)
    assert costs[0] == costs[1]
