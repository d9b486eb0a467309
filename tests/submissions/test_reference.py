# ruff: noqa: E501  (one row of a table, one line)
"""Registers as reference data: out and in unchanged, a bad row named, whole or not at all."""

import io
import uuid
from datetime import UTC, datetime
from io import StringIO

import openpyxl
import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Change
from agencies.roles import Role
from indicators.actions import load_instrument
from indicators.resources.problems import SheetError
from indicators.resources.tables import read_sheet
from indicators.resources.writing import to_csv, to_xlsx
from submissions.actions.registers import Cells, import_rows, retire_row
from submissions.forms.reference import resource_of
from submissions.models import RegisterRow, RowChange
from tests.factories import make_region, make_user
from tests.indicators.files import SMALL, as_text
from tests.submissions.test_register_files import stored
from tests.submissions.test_registers import DATA, desk, row_of

__all__ = ["desk"]
pytestmark = pytest.mark.django_db
NOW = datetime(2024, 3, 20, tzinfo=UTC)
HELD = ("token", "agency", "code", "data", "valid_from", "valid_to", "version")


@pytest.fixture
def administrator(desk):
    return make_user(Role.ADMINISTRATOR, region=desk[1].region, username="adminnya")


def said(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def table():
    return list(RegisterRow.objects.order_by("pk").values_list(*HELD))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_a_command_wrote_comes_in_unchanged(tmp_path, desk, administrator, ending):
    row_of(desk, {**DATA, "nama": "=1+1\nbaris kedua"}, valid_to=2030)
    row_of(desk)
    file, before = str(tmp_path / f"daftar.{ending}"), table()
    one = ["--register", "kegiatan"]
    assert said("export_reference", "registers", file, *one) == f"{file}: 2 baris.\n"
    assert said("import_reference", "registers", file, *one, "--by", "adminnya") == (
        "0 baris baru, 0 diubah, 2 tidak berubah.\n"
    )
    assert table() == before
    assert Change.objects.get(verb="export").data == {"sheet": f"registers.{ending}"}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(stored(), min_size=1, max_size=5))
def test_any_rows_go_out_and_come_in_unchanged(desk, rows):
    register, agency, by = desk

    import_rows(
        agency, register, rows=[Cells(*each) for each in rows], token=uuid.uuid4(), by=by, now=NOW
    )
    sheet = resource_of(register)().sheet()
    for content in (to_xlsx(sheet, title="Data"), to_csv(sheet)):
        outcome = resource_of(register)().load(read_sheet(content), by=by)
        assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, len(sheet))


def test_rows_without_a_key_are_added_once_however_often_they_come(desk, administrator):
    resource = resource_of(desk[0])
    row_of(desk)
    sheet = resource().sheet()
    [row] = sheet
    keyless = tablib.Dataset(("", *row[1:]), ("", *row[1:]), headers=sheet.headers)
    first = resource().load(keyless, by=administrator)
    again = resource().load(keyless, by=administrator)
    assert [(each.created, each.updated, each.unchanged) for each in (first, again)] == [
        (1, 0, 1), (0, 0, 2),
    ]  # fmt: skip
    change = RowChange.objects.latest("pk")
    assert (change.verb, change.by, change.on_behalf) == ("paste", administrator, True)


def test_a_changed_cell_is_stored_with_what_it_was(desk, administrator):
    row = row_of(desk)
    loaded(desk, administrator, pagu="Rp 2.000.000,-")
    row.refresh_from_db()
    change = RowChange.objects.latest("pk")
    assert (row.data["pagu"], row.version, change.verb) == ("2000000", 2, "save")
    assert (change.data["from"]["data"]["pagu"], "2000000" in row.words) == ("1250000", False)
    assert "2.000.000" in row.words


LABELS = {"pagu": "Pagu (Rp)", "tanggal": "Tanggal", "jenis": "Jenis", "nama": "Nama kegiatan"}


def changed(desk, **cells):
    sheet = resource_of(desk[0])().sheet()
    [row] = sheet
    cells = {LABELS.get(key, key.replace("_", " ")): value for key, value in cells.items()}
    held = dict(zip(sheet.headers, row, strict=True)) | cells
    return to_xlsx(tablib.Dataset(tuple(held.values()), headers=list(held)), title="kegiatan")


def loaded(desk, by, **cells):
    return resource_of(desk[0])().load(read_sheet(changed(desk, **cells)), by=by)


REFUSED = [
    ({"tanggal": "kemarin"}, "Lembar kegiatan, baris 2, kolom Tanggal, isi “kemarin”: “kemarin” tidak dapat dibaca."),
    ({"jenis": "Pesta"}, "Lembar kegiatan, baris 2, kolom Jenis, isi “Pesta”: “Pesta” tidak dapat dibaca."),
    ({"nama": ""}, "Lembar kegiatan, baris 2, kolom Nama kegiatan, isi kosong: Nama kegiatan wajib diisi"),
    ({"nama": 26.1}, "Lembar kegiatan, baris 2, kolom Nama kegiatan, isi “26.1”: harus teks;"),
    ({"nama": "NIK 3277014503900001"}, "Lembar kegiatan, baris 2, kolom Nama kegiatan, isi “NIK 3277014503900001”: Ada angka yang tampak seperti NIK"),
    ({"kunci": "abc"}, "Lembar kegiatan, baris 2, kolom kunci, isi “abc”: bukan kunci dari sistem ini;"),
    ({"perangkat_daerah": "tidak-ada"}, "Lembar kegiatan, baris 2, kolom perangkat daerah, isi “tidak-ada”: tidak ada dalam data."),
    ({"wilayah": "99"}, "Lembar kegiatan, baris 2, kolom wilayah, isi “99”: tidak ada dalam data."),
    ({"Berlaku dari tahun": 2025, "Berlaku sampai tahun": 2024}, "Lembar kegiatan, baris 2, kolom Berlaku sampai tahun, isi “2024”: tidak boleh sebelum"),
    ({"Warna": "biru"}, "Lembar kegiatan, kolom Warna: kolom tidak dikenal."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "sentence"), REFUSED, ids=[next(iter(each[0])) for each in REFUSED]
)
def test_a_bad_row_keeps_the_sheet_out_and_is_named(tmp_path, desk, administrator, cells, sentence):
    row_of(desk)
    file, before = tmp_path / "daftar.xlsx", table()
    file.write_bytes(changed(desk, **cells))
    with pytest.raises(CommandError) as refused:
        said("import_reference", "registers", str(file), "--by", "adminnya")
    first, *problems = str(refused.value).splitlines()
    assert first == f"{file} ditolak, tidak ada yang disimpan."
    assert [each.startswith(sentence) for each in problems].count(True) == 1, problems
    assert table() == before


def test_one_bad_row_in_one_sheet_keeps_all_sheets_out(tmp_path, desk, administrator):
    row_of(desk)
    good = read_sheet(changed(desk, pagu="5", kunci=""))
    bad = tablib.Dataset(("", "99"), headers=["kunci", "wilayah"])
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for title, sheet in (("kegiatan", good), ("lain", bad)):
        page = book.create_sheet(title)
        for row in (sheet.headers, *sheet):
            page.append(list(row))
    del book["Sheet"]
    book.save(out)
    file = tmp_path / "semua.xlsx"
    file.write_bytes(out.getvalue())
    with pytest.raises(CommandError, match="Lembar lain bukan daftar induk; namanya harus"):
        said("import_reference", "registers", str(file), "--by", "adminnya")
    assert RegisterRow.objects.count() == 1


def test_a_row_taken_out_or_of_another_register_is_told_and_not_doubled(desk, administrator):
    row = row_of(desk)
    content = changed(desk, pagu="5")
    retire_row(row, by=desk[2], now=NOW)
    with pytest.raises(SheetError, match="Baris ini sudah dihapus"):
        resource_of(desk[0])().load(read_sheet(content), by=administrator)
    RegisterRow.objects.update(code="lain")
    with pytest.raises(SheetError, match="kunci ini milik baris daftar induk lain"):
        resource_of(desk[0])().load(read_sheet(content), by=administrator)


def test_a_row_beyond_the_own_region_is_refused(desk):
    row_of(desk)
    stranger = make_user(Role.ADMINISTRATOR, region=make_region())
    with pytest.raises(SheetError, match="Baris ini di luar wilayah Anda"):
        loaded(desk, stranger, pagu="5")


def test_a_command_that_cannot_says_why(tmp_path, desk, administrator):
    row_of(desk)
    file = tmp_path / "daftar.csv"
    said("export_reference", "registers", str(file), "--register", "kegiatan")
    for words, sentence in (
        (["import_reference", "registers", str(file), "--by", "adminnya"], "sebut kodenya dengan --register"),
        (["import_reference", "registers", str(file), "--register", "kegiatan"], "Sebut dengan --by"),
        (["export_reference", "registers", str(file), "--register", "x"], "Daftar induk x tidak ada."),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=sentence):
            said(*words)


def test_known_rows_are_looked_at_in_the_queries_of_one(desk, administrator):
    def asked():
        content = to_xlsx(resource_of(desk[0])().sheet(), title="Data")
        with CaptureQueriesContext(connection) as caught:
            resource_of(desk[0])().load(read_sheet(content), dry_run=True, by=administrator)
        return len([each for each in caught if "SAVEPOINT" not in each["sql"]])

    row_of(desk)
    one = asked()
    for _ in range(20):
        row_of(desk)
    assert asked() == one


def test_the_admin_takes_one_register_after_a_preview(client, desk, administrator):
    row = row_of(desk)
    client.force_login(administrator)
    upload = SimpleUploadedFile("daftar.xlsx", changed(desk, pagu="5"))
    preview = client.post(
        reverse("admin:submissions_registerrow_import"),
        {"import_file": upload, "format": "0", "resource": "0"},
    )
    assert "0 baris baru, 1 diubah, 0 tidak berubah." in preview.content.decode()
    row.refresh_from_db()
    assert row.version == 1
    data = preview.context["confirm_form"].initial
    client.post(reverse("admin:submissions_registerrow_process_import"), data)
    row.refresh_from_db()
    assert (row.data["pagu"], row.version) == ("5", 2)
    out = client.post(
        reverse("admin:submissions_registerrow_export"), {"format": "0", "resource": "0"}
    )
    assert read_sheet(out.content)["Pagu (Rp)"] == [5]


def test_an_instrument_goes_out_and_comes_in_by_the_same_commands(tmp_path, db):
    load_instrument(as_text(SMALL), by=None, publish=True)
    file = str(tmp_path / "instrumen.xlsx")
    said("export_reference", "instrument", file)
    assert "tidak berubah" in said("import_reference", "instrument", file)
    assert "Hanya diperiksa" in said("import_reference", "instrument", file, "--dry-run")
