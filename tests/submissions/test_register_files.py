"""A register's file: a download comes back as it went out, and a wrong file says what to do."""

import io
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.models import Register
from indicators.resources.reading import read_sheets
from indicators.resources.tables import read_sheet
from indicators.resources.writing import to_csv
from reports.stamp import stamp_of
from reports.workbook.matrices import matrices_of, write_matrices
from submissions.forms.cells import CellError, columns_of, read
from submissions.forms.register_files import pasted_of
from submissions.forms.registers import read_pasted
from submissions.models import Assessment, RegisterRow
from submissions.views.register_sheet import register_sheet
from tests.factories import make_agency, make_user
from tests.submissions.test_registers import COLUMNS, DATA, desk, row_of, signed_in

__all__ = ["desk"]
TODAY = date(2024, 3, 20)
ADDRESS = "/daftar-induk/kegiatan/tempel/"
# --- out and in, unchanged ------------------------------------------------------------------------

HARD = [
    "=1+1",
    "+62811",
    "-",
    "'=x",
    "@a",
    "007",
    "0001.20",
    '"kutip"',
    'a"b',
    "a\nb",
    "a\tb",
    "é”",
    "1;2",
]
TEXTS = st.one_of(
    st.sampled_from(HARD),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.lists(st.sampled_from([*HARD, "Rapat gugus tugas", "\n", " "]), max_size=4).map("".join),
)


@st.composite
def stored(draw):
    """What a row may hold: cells as they are read from what people type."""
    typed = {
        "nama": draw(TEXTS),
        "jenis": draw(st.sampled_from(["Rapat", "Pelatihan"])),
        "tanggal": draw(st.dates(date(1945, 1, 1), date(2100, 12, 31))).isoformat(),
        "mulai": str(draw(st.integers(1945, 2025))),
        "pagu": f"{draw(st.decimals(0, 999_999_999_999_999, places=2)):f}".replace(".", ","),
        "anak": draw(st.one_of(st.just(""), st.integers(0, 10**15 - 1).map(str))),
    }
    cells = {}
    for column in columns_of(Register(columns=COLUMNS)):
        try:
            value = read(column, typed[column.key], today=TODAY)
        except CellError:
            value = "biasa"  # nothing but blanks, or what looks like a person's number
        if value is not None:
            cells[column.key] = value
    begins = draw(st.one_of(st.none(), st.integers(1945, 2050)))
    ends = draw(st.one_of(st.none(), st.integers(begins or 1945, 2100)))
    return cells, begins, ends


def come_back(register, content):
    pasted = read_pasted(
        register, pasted_of(register, read_sheets(content)), valid_from=2024, valid_to=2024,
        today=TODAY, own_years=True,
    )  # fmt: skip
    assert (pasted.bad, pasted.refusals) == ([], [])
    return [(each.cells.data, each.cells.valid_from, each.cells.valid_to) for each in pasted.rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(stored(), min_size=1, max_size=6))
def test_what_was_downloaded_comes_back_as_it_went_out_as_xlsx_and_as_csv(rows):
    register = Register(code="kegiatan", name="Kegiatan", columns=COLUMNS)
    held = [
        SimpleNamespace(data=data, valid_from=begins, valid_to=ends, proofs=0)
        for data, begins, ends in rows
    ]
    content = register_sheet(register, held)
    assert come_back(register, content) == rows
    assert come_back(register, to_csv(read_sheet(content))) == rows


def send(client, content, name="daftar.xlsx"):
    return client.post(ADDRESS, {"kirim": "1", "berkas": SimpleUploadedFile(name, content)})


def store(client, looked):
    form = looked.context["form"]
    fields = {name: form[name].value() for name in ("isi", "token", "dari")}
    fields |= {"berkas": "on", "lewati": "on", "simpan": "semua"}
    return client.post(ADDRESS, fields)


def test_an_own_download_sent_back_adds_nothing_and_in_another_office_adds_the_same(client, desk):
    row_of(desk, valid_from=None, valid_to=2030)
    row_of(desk, {**DATA, "nama": "=Baris\nkedua"}, valid_from=2023)
    content = signed_in(client, desk[2]).get("/daftar-induk/kegiatan/unduh/").content
    looked = send(client, content)
    assert {each.same for each in looked.context["pasted"].rows} == {"sudah ada dalam daftar"}
    assert store(client, looked).status_code == 302
    assert RegisterRow.objects.count() == 2
    other = make_user(agency=make_agency(desk[1].region))
    looked = send(signed_in(client, other), content)
    assert store(client, looked).status_code == 302
    rows = ("data", "valid_from", "valid_to")
    mine, theirs = (
        list(RegisterRow.objects.filter(agency=agency).values_list(*rows))
        for agency in (desk[1], other.agency)
    )
    assert theirs == mine


def test_the_matrix_of_an_export_comes_back_with_its_heading_below_the_stamp(client, desk):
    row = row_of(desk, {**DATA, "pagu": "999999999999999.99"}, valid_from=2022, valid_to=2030)
    year = Assessment.objects.get()
    out = io.BytesIO()
    matrices = matrices_of(year, desk[2], registers=[desk[0]])
    write_matrices(matrices, out, stamp_of(year, by=desk[2], now=timezone.now()))
    looked = send(signed_in(client, desk[2]), out.getvalue())
    [found] = looked.context["pasted"].rows
    assert (found.same, found.cells.data) == ("sudah ada dalam daftar", row.data)


# --- a preview, then all or nothing ---------------------------------------------------------------


def book(*rows, title="Lembar1"):
    made = openpyxl.Workbook()
    made.active.title = title
    for each in rows:
        made.active.append(each)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


HEAD = [column["label"] for column in COLUMNS]
ROW = ["Rapat", "Rapat", date(2024, 3, 1), 2024, 1250000.5, 12]


def test_one_bad_cell_is_named_by_its_row_and_keeps_the_whole_file_out(client, desk):
    looked = send(signed_in(client, desk[2]), book(HEAD, ROW, [], [*ROW[:2], "kemarin", *ROW[3:]]))
    [bad] = looked.context["pasted"].bad
    assert (bad.line, bad.column, bad.text) == (4, "Tanggal", "kemarin")
    assert store(client, looked).status_code == 422
    assert RegisterRow.objects.count() == 0


def test_a_good_file_is_stored_once_however_often_it_is_sent(client, desk):
    looked = send(signed_in(client, desk[2]), book(HEAD, ROW))
    for _ in range(2):
        assert store(client, looked).status_code == 302
    [row] = RegisterRow.objects.all()
    assert (row.data["tanggal"], row.data["pagu"], row.valid_from) == (
        "2024-03-01", "1250000.50", 2023
    )  # fmt: skip


SENTENCES = {
    "an unknown column": (
        book([*HEAD, "Warna"], [*ROW, "biru"]),
        "Kolom “Warna” tidak dikenal.",
    ),
    "no heading": (book(ROW), "Baris judul tidak ditemukan. Baris itu harus memuat: Nama kegiatan"),
    "another office": (
        book([*HEAD, "Perangkat daerah"], [*ROW, "Dinas Lain"]),
        "Baris ini milik perangkat daerah lain",
    ),
    "no bytes": (b"", "Berkas ini kosong."),
    "far below": (
        book(HEAD, ROW, *[[]] * 700, [*ROW[:2], "kemarin", *ROW[3:]]),
        "1 baris belum dapat dibaca",
    ),
}


@pytest.mark.parametrize("file", SENTENCES)
def test_a_file_that_cannot_come_in_says_why(client, desk, file):
    content, sentence = SENTENCES[file]
    reply = send(signed_in(client, desk[2]), content)
    assert sentence in " ".join(reply.content.decode().split())
    assert RegisterRow.objects.count() == 0


def test_no_file_at_all_is_said(client, desk):
    reply = signed_in(client, desk[2]).post(ADDRESS, {"kirim": "1"})
    assert (reply.status_code, "Pilih berkasnya." in reply.content.decode()) == (422, True)
