"""The sheets of the workbook: their headings, and which value of the file each cell is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GUIDE, HEAD = "Petunjuk", "Instrumen"
LABEL, VALUE = "Isian", "Isi"


class Cell(StrEnum):
    """How a cell is read."""

    TEXT = "teks"
    NUMBER = "bilangan"
    FLAG = "ya/tidak"
    LINES = "satu per baris"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the key in the file, how it is read, what may be chosen in it.

    `words` are the file's words and what stands for them here; `source` names a sheet whose codes
    may be chosen.
    """

    heading: str
    key: str
    kind: Cell = Cell.TEXT
    width: int = 18
    words: tuple[tuple[str, str], ...] = ()
    source: str = ""


MODES = (
    ("choice", "pilihan"),
    ("graded", "dinilai"),
    ("threshold", "batas persentase"),
    ("trend", "tren dua tahun"),
    ("area_share", "bagian wilayah"),
)
TYPES = (
    ("text", "teks"),
    ("integer", "bilangan bulat"),
    ("money", "rupiah"),
    ("year", "tahun"),
    ("date", "tanggal"),
    ("choice", "pilihan"),
)
BASES = tuple((each, each) for each in ("estimasi", "logis", "resmi"))
AREAS = tuple((each, each) for each in ("kota", "kecamatan", "kelurahan"))
PARENT = "_induk"  # the code of what a row belongs to

BANDS, RUBRICS, LEVELS = "Kategori", "Rubrik", "Tingkat"
REGISTERS, FIELDS = "Daftar induk", "Kolom daftar induk"
CLUSTERS, INDICATORS, QUESTIONS = "Klaster", "Indikator", "Pertanyaan"

NAME = Column("Nama", "name", width=44)
CODE = Column("Kode", "code", width=22)
NOTE = Column("Catatan", "note", width=40)
POINTS = Column("Nilai maksimum", "max_points", Cell.NUMBER, 12)
LEAD = Column("Penanggung jawab", "lead_agency", width=24)

HEAD_ROWS = (
    CODE,
    Column("Judul", "title"),
    Column("Tahun", "year", Cell.NUMBER),
    Column("Bahasa", "language"),
    Column("Dasar", "basis"),
    Column("Nilai maksimum", "total_max_points", Cell.NUMBER),
    Column("Catatan kategori", "bands_note"),
)

SHEETS: dict[str, tuple[Column, ...]] = {
    CLUSTERS: (
        Column("Kode", "code", width=10),
        NAME,
        POINTS,
        Column("Koordinator", "coordinator", width=30),
    ),
    INDICATORS: (
        Column("Klaster", PARENT, width=10, source=CLUSTERS),
        Column("Kode", "code", width=10),
        Column("Nomor resmi", "official_number", Cell.NUMBER, 10),
        NAME,
        Column("Nama lain", "alt_names", Cell.LINES, 30),
        POINTS,
        LEAD,
        NOTE,
    ),
    QUESTIONS: (
        Column("Indikator", PARENT, width=10, source=INDICATORS),
        Column("Kode", "code", width=10),
        Column("Pertanyaan", "text", width=60),
        Column("Jenis jawaban", "type", width=20),
        Column("Tingkat wilayah", "level", width=12, words=AREAS),
        Column("Rubrik", "rubric", width=20, source=RUBRICS),
        POINTS,
        Column("Wajib data dukung", "evidence_required", Cell.FLAG, 12),
        Column("Jenis data dukung", "evidence_kinds", Cell.LINES, 20),
        Column("Data dukung yang diminta", "expected_evidence", Cell.LINES, 30),
        LEAD,
        Column("Pendukung", "supporting_agencies", Cell.LINES, 24),
        Column("Daftar induk", "register", width=18, source=REGISTERS),
        NOTE,
    ),
    RUBRICS: (
        CODE,
        Column("Cara", "mode", width=18, words=MODES),
        Column("Dasar nilai", "basis", width=12, words=BASES),
        Column("Satuan", "unit", width=10),
        Column("Makin tinggi makin baik", "higher_is_better", Cell.FLAG, 12),
        Column("Batas termasuk", "min_inclusive", Cell.FLAG, 12),
        Column("Jumlah tahun", "years", Cell.NUMBER, 10),
        NOTE,
    ),
    LEVELS: (
        Column("Rubrik", PARENT, width=22, source=RUBRICS),
        Column("Tingkat", "label", width=44),
        Column("Bagian nilai", "share", Cell.NUMBER, 12),
        Column("Batas (persen)", "min", Cell.NUMBER, 12),
    ),
    BANDS: (
        NAME,
        Column("Batas bawah", "min", Cell.NUMBER, 12),
        Column("Batas termasuk", "inclusive", Cell.FLAG, 12),
    ),
    REGISTERS: (CODE, NAME),
    FIELDS: (
        Column("Daftar induk", PARENT, width=22, source=REGISTERS),
        Column("Kunci", "key", width=20),
        Column("Judul kolom", "label", width=30),
        Column("Jenis", "type", width=16, words=TYPES),
        Column("Pilihan", "options", Cell.LINES, 30),
        Column("Wajib diisi", "required", Cell.FLAG, 12),
    ),
}

GUIDE_LINES = (
    "Buku kerja ini memuat satu versi instrumen. Ubah isinya, lalu kirim lewat Instrumen, Versi, "
    "Impor buku kerja.",
    "",
    "1. Versi yang sudah terbit tidak berubah. Isi buku kerja menjadi draf; beri Kode dan Judul "
    "baru di lembar Instrumen bila yang lama sudah terbit.",
    "2. Baris boleh ditambah, dihapus, dan dipindah. Judul kolom dan nama lembar jangan diubah; "
    "kolom atau lembar lain ditolak.",
    "3. Urutan baris adalah urutan di halaman. Klaster memuat indikator, indikator memuat "
    "pertanyaan, menurut kodenya.",
    "4. Nilai maksimum klaster harus sama dengan jumlah indikatornya, dan nilai instrumen sama "
    "dengan jumlah klasternya. Jumlah nilai pertanyaan tidak boleh kurang dari nilai indikatornya.",
    "5. Bagian nilai ditulis 0 sampai 1 (0,75 berarti tiga perempat), dari yang tertinggi.",
    "6. Sel dengan beberapa isi (data dukung, pendukung, pilihan): satu per baris di dalam sel, "
    "dengan Alt+Enter (Ctrl+Enter di LibreOffice).",
    "7. Kode adalah teks: ketik 1.10 di sel berformat teks, agar tidak menjadi 1,1.",
    "",
    "Setelah dikirim, halaman menunjukkan dahulu apa yang akan berbeda. Satu sel yang salah "
    "menolak seluruh berkas, dengan lembar, baris, dan kolomnya.",
)
