"""Every place that takes a sheet, by page and by command, refuses every wrong file by a sentence on
what to do, stores nothing, and takes what only looks unusual; in bounded time and memory.
"""

import csv
import html
import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from agencies.models import Agency, Change
from agencies.resources import SHEETS
from agencies.roles import Role
from indicators.models import Instrument, InstrumentChange
from indicators.resources.reading import WrongFileError, read_sheets
from submissions.forms.registers import FROM, TO
from submissions.forms.workbook.cells import HEADINGS, NOTE, SHEET, cell_text
from submissions.models import Event, RegisterRow, Stage
from tests.factories import make_agency, make_user
from tests.submissions import recaps
from tests.wrong_files import BY_PLACE, SAME_EVERYWHERE, content_of, far_below

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def world(client, tmp_path):
    found = recaps.year()
    found.administrator = make_user(Role.ADMINISTRATOR, region=found.region, username="pengimpor")
    return SimpleNamespace(**vars(found), client=client, folder=tmp_path)


def page(world, user, address, content, *, name="data.xlsx", field="berkas", **more):
    """What a page says of a file, as one reads it."""
    world.client.force_login(user)
    upload = SimpleUploadedFile(name, content)
    response = world.client.post(address, {field: upload, **more})
    return response.status_code, words(response.content.decode())


def words(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup)))


def command(world, content, *line, name="data.xlsx"):
    """What a command says; 422 stands for its exit 1."""
    file = world.folder / name
    file.write_bytes(content)
    out = StringIO()
    try:
        call_command(*(str(file) if each == "FILE" else each for each in line), stdout=out)
    except CommandError as error:
        return 422, words(str(error))
    return 200, words(out.getvalue())


def in_admin(model, resource="0", room="agencies"):
    def send(world, content, name="data.xlsx"):
        address = reverse(f"admin:{room}_{model}_import")
        return page(
            world, world.administrator, address, content, name=name, field="import_file",
            format="0", resource=resource,
        )  # fmt: skip

    return send


def by_command(kind, *more):
    return lambda world, content, name="data.xlsx": command(
        world, content, "import_reference", kind, "FILE", *more, name=name
    )


def workbook(world, content, name="data.xlsx"):
    return page(world, world.operator, reverse("work_import"), content, name=name)


def stage_page(world, content, name="data.xlsx"):
    address = reverse("stage_import", args=[world.assessment.year])
    return page(
        world, world.verifikator, address, content, name=name, nama="Akhir", tanggal="2024-06-01"
    )


def stage_command(world, content, name="data.xlsx"):
    year, region = str(world.assessment.year), world.region.code
    line = ("import_stage", year, "FILE", "--region", region, "--stage", "Akhir")
    return command(world, content, *line, name=name)


def register_file(world, content, name="data.xlsx"):
    address = reverse("register_paste", args=["kegiatan"])
    return page(world, world.operator, address, content, name=name, kirim="1")


def instrument_page(world, content, name="data.xlsx"):
    return page(world, world.administrator, reverse("instrument_import"), content, name=name)


def instrument_command(world, content, name="data.xlsx"):
    return command(world, content, "load_instrument", "FILE", name=name)


PLACES = {
    "/admin/ agencies": in_admin("agency"),
    "/admin/ areas": in_admin("agency", "1"),
    "/admin/ users": in_admin("user"),
    "/admin/ assignments": in_admin("assignment"),
    "/admin/ registers": in_admin("registerrow", room="submissions"),
    **{f"import_reference {kind}": by_command(kind) for kind in SHEETS},
    "import_reference registers": by_command("registers", "--by", "pengimpor"),
    "/isian/impor/": workbook,
    "/penilaian/TAHUN/tahap/impor/": stage_page,
    "import_stage": stage_command,
    "/daftar-induk/KODE/tempel/": register_file,
    "/instrumen/versi/impor/": instrument_page,
    "load_instrument": instrument_command,
}
UNKNOWN = "kolom tidak dikenal."
UNTITLED = (
    "kolom ini tidak berjudul. Beri tiap kolom judulnya sendiri dan pisahkan sel yang digabung."
)
NOT_OURS = "Berkas ini bukan buku kerja isian. Unduh buku kerjanya dari halaman ini"
OWN_WORDS = {
    "reference": {
        "a wrong sheet": f"Lembar Belanja, kolom Uraian: {UNKNOWN}",
        "merged headers": f"Lembar Belanja, baris 2, kolom B, isi “12”: {UNTITLED}",
        "one cell at XFD1048576": f"Lembar Isian, kolom 1: {UNKNOWN}",
    },
    "/isian/impor/": dict.fromkeys(BY_PLACE, NOT_OURS),
    "stage": dict.fromkeys(BY_PLACE, "Kolom Kode dan Nilai tidak ditemukan."),
    "import_reference registers": {
        "a wrong sheet": "Lembar Belanja bukan daftar induk;",
        "merged headers": f"Lembar Belanja, baris 2, kolom B, isi “12”: {UNTITLED}",
        "one cell at XFD1048576": "Lembar Isian bukan daftar induk;",
    },
    "/daftar-induk/KODE/tempel/": dict.fromkeys(BY_PLACE, "Baris judul tidak ditemukan."),
    "instrument": {
        "a wrong sheet": "Lembar Belanja tidak dikenal;",
        "merged headers": "Lembar Belanja tidak dikenal;",
        "one cell at XFD1048576": "Lembar Isian tidak dikenal;",
    },
}


def sentence_of(place, file):
    if file in SAME_EVERYWHERE:
        return SAME_EVERYWHERE[file][1]
    if file == "one cell at XFD1048576" and place.startswith("/admin/"):
        return "Tidak ada data yang dapat diimpor. Pastikan judul kolom dan isinya benar."
    if place in OWN_WORDS:
        return OWN_WORDS[place][file]
    kinds = {"tahap": "stage", "stage": "stage", "instrum": "instrument"}
    kind = next((kind for part, kind in kinds.items() if part in place), "reference")
    return OWN_WORDS[kind][file]


STORED = (RegisterRow, Agency, Change, Event, Stage, Instrument, InstrumentChange)


def stored(world):
    return [model.objects.count() for model in STORED]


@pytest.mark.parametrize("file", [*SAME_EVERYWHERE, *BY_PLACE])
@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_file_ends_in_a_sentence_and_stores_nothing(world, place, file):
    before = stored(world)
    status, said = PLACES[place](world, content_of(file))
    assert (status, sentence_of(place, file) in said) == (422, True), said[-1500:]
    assert stored(world) == before


@pytest.mark.parametrize("place", PLACES)
def test_a_file_of_no_bytes_ends_in_a_sentence(world, place):
    status, said = PLACES[place](world, b"")
    assert (status, "kosong" in said) == (422, True), said[-1500:]


# --- what only looks unusual, works ---------------------------------------------------------------

ODD = {
    "semicolons": (";", "utf-8"),
    "tabs": ("\t", "utf-8"),
    "Windows-1252": (";", "cp1252"),
    "BOM": (",", "utf-8-sig"),
    "UTF-16": ("\t", "utf-16"),
}


NAME = "Dinas “Kafé” baru"
ROW = ["wilayah", "kode", "nama", "jenis", "induk"]
ONE_NEW = "1 baris baru, 0 diubah, 0 tidak berubah."


def agencies(world):
    row = [world.region.code, "pd-baru", NAME, "Perangkat daerah", "", "Tidak"]
    return [[*ROW, "sekretariat"], row], ONE_NEW


def areas(world):
    return [ROW, [world.region.code, "kec-baru", NAME, "Kecamatan", ""]], ONE_NEW


def users(world):
    headings = ["nama pengguna", "nama", "surel", "peran", "wilayah", "perangkat daerah", "aktif"]
    mail = "baru@contoh.example"
    row = ["baru", NAME, mail, "Operator", world.region.code, world.agency.code, "Ya"]
    return [headings, row], ONE_NEW


def assignments(world):
    other = make_agency(world.region, name=NAME)
    headings = ["wilayah", "pertanyaan", "perangkat daerah", "tugas"]
    return [headings, [world.region.code, "1.1", other.code, "Pendukung"]], ONE_NEW


def registers(world):
    headings = ["kunci", "wilayah", "perangkat daerah", "Nama", FROM, TO]
    return [headings, ["", world.region.code, world.agency.code, NAME, "2023", ""]], ONE_NEW


def one_register(world):
    return [["Nama", FROM, TO], [NAME, "2023", ""]], "1 baris benar"


def office(world):
    """The list of the office's workbook, with a note typed into it."""
    content = world.client_of(world.operator).get(reverse("work_sheet")).content
    [sheet] = [each for each in read_sheets(content) if each.title == SHEET]
    rows = [["" if cell is None else cell_text(cell) for cell in cells] for _, cells in sheet.rows]
    rows[1][HEADINGS.index(NOTE)] = NAME
    return rows, NAME


def points(world):
    return [["Kode", "Nilai"], *recaps.POINTS.items()], "29,5"


def instrument(world):
    return [["kode", "nama"], ["1", NAME]], "Instrumen dikirim sebagai XLSX, bukan CSV."


TABLES = {
    "agencies": agencies, "areas": areas, "users": users, "assignments": assignments,
    "registers": registers, "/isian/impor/": office, "/daftar-induk": one_register,
    "tahap": points, "import_stage": points, "instrum": instrument,
}  # fmt: skip


def table_of(place, world):
    """The rows that a place takes, and what it says of them."""
    world.client_of = lambda user: world.client.force_login(user) or world.client
    return next(make for part, make in TABLES.items() if part in place)(world)


def as_csv(rows, separator, encoding, *, comma=False):
    """As a spreadsheet writes it: what holds the separator or a line break stands in quotes."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    for row in rows:
        cells = [str(cell) for cell in row]
        writer.writerow([cells[0], *(c.replace(".", ",") if comma else c for c in cells[1:])])
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", PLACES)
def test_a_table_comes_in_with_any_separator_and_encoding(world, place, odd):
    """Everywhere; an instrument has many sheets, so a table of it is refused by a sentence."""
    separator, encoding = ODD[odd]
    rows, sentence = table_of(place, world)
    # Decimal commas wherever the separator lets one write them without quotes.
    comma = "29,5" in sentence and separator != ","
    content = as_csv(rows, separator, encoding, comma=comma)
    status, said = only_one(place)(world, content, "data.csv")
    expected = 422 if "instrum" in place or place == "load_instrument" else 200
    assert (status, sentence in said) == (expected, True), said[-1500:]


def only_one(place):
    """A CSV holds one register, which a command names."""
    if place == "import_reference registers":
        return by_command("registers", "--by", "pengimpor", "--register", "kegiatan")
    return PLACES[place]


@pytest.mark.parametrize("row", [500, 503, 5_000, 1_048_576])
def test_what_stands_far_below_the_others_is_read_as_well(row):
    [sheet] = read_sheets(far_below(row))
    assert sheet.rows == [(1, ["atas"]), (row, ["bawah"])]


def test_what_stands_far_below_the_others_in_a_csv_is_read_as_well():
    [sheet] = read_sheets(b"atas;x" + b"\n" * 2_000 + b"bawah;y\n")
    assert sheet.rows == [(1, ["atas", "x"]), (2_001, ["bawah", "y"])]


def test_one_far_row_in_each_of_many_sheets_is_refused_by_its_row():
    with pytest.raises(WrongFileError) as refused:
        read_sheets(far_below(1_048_576, sheets=3))
    assert str(refused.value).startswith(
        "Terlalu banyak baris kosong (sampai lembar Sheet2, baris 51428)."
    )


# --- bounded time and memory ----------------------------------------------------------------------

MEASURE = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
from tests.wrong_files import BY_PLACE, SAME_EVERYWHERE
import pathlib
from indicators.resources.reading import MAX_BYTES, WrongFileError, read_sheets
taken = {}
for file in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    content = file.read_bytes()[: MAX_BYTES + 1]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        read_sheets(content)
    except WrongFileError:
        pass
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    taken[file.name] = (time.process_time() - began, grown / 1024)
print(json.dumps(taken))
"""


def test_every_wrong_file_is_seen_through_in_bounded_time_and_memory(tmp_path):
    for file in (*SAME_EVERYWHERE, *BY_PLACE):
        (tmp_path / file.replace("/", " ")).write_bytes(content_of(file))
    words = [sys.executable, "-c", MEASURE, str(ROOT), str(tmp_path)]
    run = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    taken = json.loads(run.stdout)
    assert len(taken) == len(SAME_EVERYWHERE) + len(BY_PLACE)
    slow = {name: seconds for name, (seconds, _) in taken.items() if seconds > 15}
    fat = {name: grown for name, (_, grown) in taken.items() if grown > 100}
    assert (slow, fat) == ({}, {})
