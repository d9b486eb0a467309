"""Reference data as sheets, by the commands and in the admin: whole or not at all, never a
password, in as many queries however many rows are known already.
"""

import io
from io import StringIO

import openpyxl
import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import Agency, Assignment, Change, User
from agencies.resources import SHEETS, AgencyResource, AreaResource
from agencies.roles import Role
from indicators.resources.writing import to_csv, to_xlsx
from tests.agencies.test_admin import sheets, table
from tests.factories import make_agency, make_region, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make_user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


MODELS = {"agencies": Agency, "areas": Agency, "users": User, "assignments": Assignment}


def said(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", SHEETS)
def test_what_a_command_wrote_comes_in_unchanged(tmp_path, kind, ending):
    sheets()
    file, before = str(tmp_path / f"data.{ending}"), table(MODELS[kind])
    count = {"agencies": 2, "areas": 2, "users": 2, "assignments": 2}[kind]
    assert said("export_reference", kind, file) == f"{file}: {count} baris.\n"
    assert said("import_reference", kind, file) == (
        f"0 baris baru, 0 diubah, {count} tidak berubah.\n"
    )
    assert table(MODELS[kind]) == before
    told = Change.objects.get(verb="export")
    assert (told.by, told.region, told.data) == (None, None, {"sheet": f"{kind}.{ending}"})


@pytest.mark.parametrize("kind", ["agencies", "areas"])
def test_areas_come_into_an_empty_place_below_their_kecamatan(tmp_path, kind):
    region = make_region(code="32.77")
    kec = make_agency(region, code="kec-z", name="Zeta", kind="kecamatan")
    make_agency(region, code="kel-a", name="Alfa", kind="kelurahan", parent=kec)
    file = str(tmp_path / "wilayah.xlsx")
    said("export_reference", kind, file, "--region", "32.77")
    Agency.objects.filter(kind="kelurahan").delete()
    Agency.objects.all().delete()
    assert said("import_reference", kind, file) == "2 baris baru, 0 diubah, 0 tidak berubah.\n"
    assert Agency.objects.get(code="kel-a").parent.code == "kec-z"


def test_a_dry_run_looks_and_stores_nothing(tmp_path):
    sheets()
    file = tmp_path / "pd.csv"
    file.write_text("wilayah;kode;nama;jenis;induk;sekretariat\n32.77;baru;Baru;Dunia usaha;;Tidak")
    assert said("import_reference", "agencies", str(file), "--dry-run") == (
        "1 baris baru, 0 diubah, 0 tidak berubah.\nHanya diperiksa, tidak disimpan.\n"
    )
    assert not Agency.objects.filter(code="baru").exists()
    said("import_reference", "agencies", str(file))
    assert Agency.objects.get(code="baru").kind == "dunia_usaha"


REFUSED = {
    "agencies": (
        "32.77;a b;A;Perangkat daerah;;Tidak",
        "Baris 3, kolom kode, isi “a b”: hanya huruf, angka, - dan _, tanpa spasi.",
    ),
    "areas": (
        "32.77;kel-c;C;Kelurahan;",
        "Baris 3, kolom induk, isi kosong: kelurahan harus menyebut kode kecamatannya.",
    ),
    "users": (
        "budi;Budi;;Raja;32.77;kel-b;Ya",
        "Baris 3, kolom peran, isi “Raja”: harus salah satu dari",
    ),
    "assignments": (
        "32.77;9.9;kec-a;Pendukung",
        "Baris 3, kolom pertanyaan, isi “9.9”: tidak ada dalam data.",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_row_keeps_the_sheet_out_and_is_named(tmp_path, kind):
    sheets()
    bad, sentence = REFUSED[kind]
    before, resource = table(MODELS[kind]), SHEETS[kind]()
    out = to_csv(resource.sheet()[:0] or tablib.Dataset(headers=resource.headings())).decode()
    good = to_csv(resource.sheet()).decode().splitlines()[1]
    file = tmp_path / "data.csv"
    file.write_text(f"{out}{good}\n{bad}\n", encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        said("import_reference", kind, str(file))
    first, *problems = str(refused.value).splitlines()
    assert first == f"{file} ditolak, tidak ada yang disimpan."
    assert [each.startswith(sentence) for each in problems] == [True]
    assert table(MODELS[kind]) == before


@pytest.mark.parametrize("kind", SHEETS)
def test_an_unknown_column_is_refused_and_not_ignored(tmp_path, kind):
    sheets()
    sheet = SHEETS[kind]().sheet()
    sheet.append_col(["rahasia"] * len(sheet), header="kata sandi")
    file = tmp_path / "data.xlsx"
    file.write_bytes(to_xlsx(sheet, title="Data"))
    with pytest.raises(
        CommandError, match=r"^.*\nLembar Data, kolom kata sandi: kolom tidak dikenal\.$"
    ):
        said("import_reference", kind, str(file))


def test_no_password_goes_out():
    sheets()
    hashes = list(User.objects.values_list("password", flat=True))
    cells = {str(cell) for row in SHEETS["users"]().sheet() for cell in row}
    assert cells & set(hashes) == set()
    assert [each for each in SHEETS["users"]().headings() if "sandi" in each] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export_reference", "users", "x.pdf"], "Nama berkas harus berakhir .xlsx atau .csv."),
        (["export_reference", "users", "x.csv", "--region", "99"], "Wilayah 99 tidak ada."),
        (["export_reference", "users", "/tidak/ada.csv"], "tidak dapat ditulis"),
        (["import_reference", "users", "/tidak/ada.csv"], "tidak dapat dibaca"),
    ],
)
def test_a_command_that_cannot_says_why(words, sentence):
    with pytest.raises(CommandError, match=sentence):
        said(*words)


# --- in fixed queries -----------------------------------------------------------------------------


def look_at(kind, rows):
    resource = SHEETS[kind]()
    sheet = resource.sheet()
    with CaptureQueriesContext(connection) as caught:
        outcome = SHEETS[kind]().load(sheet, dry_run=True)
    assert outcome.unchanged == rows
    with CaptureQueriesContext(connection) as read:
        SHEETS[kind]().sheet()
    return len(asked(caught)), len(asked(read))


def asked(caught):
    """The queries, without the savepoint of each row, by which one bad row is told from others."""
    return [each for each in caught if "SAVEPOINT" not in each["sql"]]


def test_a_sheet_of_known_rows_is_looked_at_and_written_in_the_queries_of_one():
    region = make_region(code="32.77")
    first = make_agency(region, code="pd-0")
    make_user(agency=first)
    one = look_at("agencies", 1), look_at("users", 1)
    for number in range(1, 40):
        make_user(agency=make_agency(region, code=f"pd-{number}"))
    assert (look_at("agencies", 40), look_at("users", 40)) == one


# --- in the admin ---------------------------------------------------------------------------------


def send(client, content, name="data.xlsx", resource="0", model="agency"):
    upload = SimpleUploadedFile(name, content)
    page = reverse(f"admin:agencies_{model}_import")
    return client.post(page, {"import_file": upload, "format": "0", "resource": resource})


def row_of(region, code="dlh", name="Dinas Lingkungan"):
    row = [region.code, code, name, "Perangkat daerah", "", "Tidak"]
    return to_xlsx(tablib.Dataset(row, headers=AgencyResource().headings()), title="Data")


def test_a_preview_shows_what_each_row_would_change(client, administrator):
    make_agency(administrator.region, code="dlh", name="Dinas Lama")
    preview = send(client, row_of(administrator.region))
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "<del>Dinas Lama</del> <ins>Dinas Lingkungan</ins>" in page
    assert "0 baris baru, 1 diubah, 0 tidak berubah." in page
    assert Agency.objects.get(code="dlh").name == "Dinas Lama"


def test_a_sheet_that_changes_nothing_offers_nothing_to_store(client, administrator):
    make_agency(administrator.region, code="dlh", name="Dinas Lingkungan")
    page = send(client, row_of(administrator.region)).content.decode()
    assert "tidak ada yang perlu disimpan" in page
    assert "Simpan impor" not in page


def test_problems_are_named_in_the_admin_as_everywhere(client, administrator):
    preview = send(client, row_of(administrator.region, code="kode salah"))
    page = preview.content.decode()
    assert preview.status_code == 422
    assert "Lembar Data, baris 2, kolom kode, isi “kode salah”" in page
    assert "Belum ada yang disimpan" in page
    assert "Simpan impor" not in page


def test_an_unknown_column_is_refused_in_the_admin(client, administrator):
    answer = send(client, b"wilayah;kode;sandi\n1;2;3", "data.csv")
    assert answer.status_code == 422
    assert "Kolom sandi: kolom tidak dikenal." in answer.content.decode()


def test_csv_comes_into_the_admin_and_areas_have_their_own_sheet(client, administrator):
    code = administrator.region.code
    text = (
        f"wilayah;kode;nama;jenis;induk\n{code};kec-a;A;Kecamatan;\n{code};kel-b;B;Kelurahan;kec-a"
    )
    preview = send(client, text.encode("cp1252"), "wilayah.csv", resource="1")
    assert preview.status_code == 200
    store(client, preview)
    assert Agency.objects.get(code="kel-b").parent.code == "kec-a"
    exported = client.post(
        reverse("admin:agencies_agency_export"), {"format": "0", "resource": "1"}
    )
    page = openpyxl.load_workbook(io.BytesIO(exported.content)).active
    assert [cell.value for cell in page[1]] == AreaResource().headings()
    assert page.max_row == 3


def store(client, preview):
    data = preview.context["confirm_form"].initial
    return client.post(reverse("admin:agencies_agency_process_import"), data, follow=True)


def test_a_preview_is_stored_once_and_only_by_who_made_it(client, administrator):
    preview = send(client, row_of(administrator.region))
    client.force_login(make_user(Role.ADMINISTRATOR, region=administrator.region))
    assert "Pratinjau ini sudah disimpan atau sudah lama" in store(client, preview).content.decode()
    assert not Agency.objects.filter(code="dlh").exists()
    client.force_login(administrator)
    assert "1 baru" in store(client, preview).content.decode()
    assert "Pratinjau ini sudah disimpan atau sudah lama" in store(client, preview).content.decode()
    assert Change.objects.filter(verb="save_row").count() == 1


def test_what_changed_since_the_preview_keeps_the_whole_sheet_out(client, administrator):
    region = administrator.region
    rows = [
        [region.code, "dlh", "Dinas Lingkungan", "Perangkat daerah", "", "Tidak"],
        [region.code, "dks", "Dinas Kesehatan", "Perangkat daerah", "", "Tidak"],
    ]
    content = to_xlsx(tablib.Dataset(*rows, headers=AgencyResource().headings()), title="Data")
    preview = send(client, content)
    make_agency(region, code="lain", name="Dinas Kesehatan")
    page = store(client, preview).content.decode()
    assert "Nama ini sudah dipakai perangkat daerah lain." in page
    assert not Agency.objects.filter(code="dlh").exists()


def test_an_empty_cell_says_that_an_office_is_not_the_secretariat(tmp_path):
    region, file = make_region(), tmp_path / "kantor.csv"
    file.write_text(
        "wilayah;kode;nama;jenis;induk;sekretariat\n"
        f"{region.code};a;Dinas A;Perangkat daerah;;Ya\n{region.code};b;Dinas B;Perangkat daerah;;"
    )
    said("import_reference", "agencies", str(file))
    found = Agency.objects.order_by("code").values_list("code", "is_secretariat")
    assert list(found) == [("a", True), ("b", False)]
