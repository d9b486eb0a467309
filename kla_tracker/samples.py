"""What the style guide shows: made-up figures, one sample of each thing in each state."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

from indicators.scoring import BandEdge
from reports.charts import (
    NARROW,
    WIDE,
    BarRow,
    Canvas,
    Chart,
    Line,
    YearColumn,
    burn_up_chart,
    clusters_chart,
    heat_chart,
    offices_chart,
    stairs_chart,
    years_chart,
)
from reports.figures import Pair
from submissions.workflow import State, Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """A cluster with its four figures."""

    code: str
    label: str
    proven: Decimal
    at_risk: Decimal
    maximum: Decimal

    @property
    def claimed(self) -> Decimal:
        return self.proven + self.at_risk


@dataclass(frozen=True, slots=True)
class Option:
    """A level as the radio list wants it."""

    value: int
    label: str
    points: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message as Django hands it to the page."""

    tags: str
    text: str

    def __str__(self) -> str:
        return self.text


SENTENCES = (
    ("success", "Isian diajukan. DP3AP2KB akan memeriksanya."),
    ("warning", "Diajukan tanpa data dukung untuk 2 pertanyaan."),
    ("error", "Tidak tersimpan: sudah diubah orang lain."),
    ("info", "Tidak ada yang berubah."),
)

# fmt: off
CLUSTERS = [
    Row(code, label, Decimal(proven), Decimal(risk), Decimal(maximum))
    for code, label, proven, risk, maximum in (
        ("KEL", "Kelembagaan",                       "78.40",  "42.80", 164),
        ("I",   "Hak sipil dan kebebasan",           "71.00",  "27.50", 115),
        ("II",  "Lingkungan keluarga dan pengasuhan","66.30",  "51.70", 156),
        ("III", "Kesehatan dasar dan kesejahteraan", "112.50", "15.50", 150),
        ("IV",  "Pendidikan, waktu luang, budaya",   "58.90",  "27.50", 110),
        ("V",   "Perlindungan khusus",               "84.10",  "76.90", 205),
        ("KD",  "Kecamatan dan kelurahan",           "41.20",  "26.85", 100),
    )
]
BANDS = [
    BandEdge(name, Decimal(minimum))
    for name, minimum in (
        ("Pratama", 500), ("Madya", 600), ("Nindya", 700), ("Utama", 800), ("KLA", 900),
    )
]
LEVELS = [
    Option(value, label, points)
    for value, (label, points) in enumerate((
        ("Lengkap dan berjalan", "5,00"), ("Sebagian besar", "3,75"), ("Sebagian", "2,50"),
        ("Baru mulai", "1,25"), ("Belum ada", "0,00"),
    ))
]
# fmt: on


def charts() -> list[Pair]:
    """Each drawn chart once, with a year before and an outside stage."""
    total = Row("", "Kota Cimahi", Decimal("512.40"), Decimal("268.75"), Decimal(1000))
    now = Line(
        2024,
        date(2024, 1, 8),
        date(2024, 3, 29),
        [
            (date(2024, 2, day), Decimal(figure))
            for day, figure in ((5, 40), (9, 122), (14, 260), (20, 391), (27, 512))
        ],
    )
    before = Line(
        2023,
        date(2023, 1, 9),
        date(2023, 3, 24),
        [
            (date(2023, 2, day), Decimal(figure))
            for day, figure in ((3, 90), (11, 300), (18, 466), (26, 571))
        ],
    )
    rows = [
        BarRow(
            f"{row.code} {row.label}", row, (row.proven * Decimal("0.8")).quantize(Decimal("0.01"))
        )
        for row in CLUSTERS
    ]
    years = [
        YearColumn(2022, category="Pratama"),
        YearColumn(2023, Decimal("938.10"), Decimal("690.20"), (("provinsi", Decimal("655.75")),)),
        YearColumn(2024, Decimal("781.15"), Decimal("512.40")),
    ]
    cells = {(row.label, code): row.figures for row in rows[:4] for code in ("1", "3", "21A")}
    bands, top, today = BANDS, Decimal(1000), date(2024, 3, 4)

    def drawn(size: Canvas) -> list[Chart]:
        return [
            stairs_chart(total, bands, canvas=size),
            burn_up_chart(now, today=today, bands=bands, maximum=top, before=before, canvas=size),
            clusters_chart(rows, before=2023, canvas=size),
            offices_chart(rows[:3], canvas=size),
            years_chart(years, bands, maximum=top, canvas=size),
            heat_chart(
                [row.label for row in rows[:4]],
                {"1": "KEL", "2": "KEL", "3": "KEL", "21A": "V"},
                cells,
                canvas=size,
            ),
        ]

    return [Pair(*both) for both in zip(drawn(WIDE), drawn(NARROW), strict=True)]


class SampleForm(forms.Form):
    """Each kind of field."""

    name = forms.CharField(label="Nama dokumen", help_text="Seperti tertulis pada sampulnya.")
    year = forms.IntegerField(label="Tahun data", max_value=2023)
    part = forms.DecimalField(label="Anak yang berakta kelahiran", localize=True, required=False)
    kind = forms.ChoiceField(
        label="Jenis", choices=[("sk", "Surat keputusan"), ("sop", "Prosedur tetap")]
    )
    due = forms.DateField(label="Berlaku sejak", widget=forms.DateInput(attrs={"type": "date"}))
    yes = forms.ChoiceField(
        label="Sudah dilaksanakan?",
        choices=[("y", "Ya"), ("n", "Tidak")],
        widget=forms.RadioSelect,
        help_text="Jawab menurut keadaan akhir tahun data.",
    )
    note = forms.CharField(label="Catatan", widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(label="Saya sudah memeriksa bukti ini")
    file = forms.FileField(label="Berkas", help_text="PDF, JPEG, PNG, XLSX, DOCX, PPTX; 25 MB.")
    locked = forms.CharField(label="Nomor isian", initial="32.77-2024-04", disabled=True)


def context() -> dict[str, Any]:
    """Everything the page needs; the dates stand still so that pictures of it compare."""
    total = Row("", "Kota Cimahi", Decimal("512.40"), Decimal("268.75"), Decimal(1000))
    rows = Paginator(range(1030), 50)
    return {
        "clusters": CLUSTERS,
        "bands": BANDS,
        "total": total,
        "levels": LEVELS,
        "states": list(State),
        "verdicts": list(Verdict),
        "fresh": SampleForm(),
        "wrong": SampleForm({"year": "2030", "kind": "sk"}, auto_id="salah_%s"),
        "first_page": rows.page(1),
        "middle_page": rows.page(3),
        "only_page": Paginator([], 50).page(1),
        "sections": [
            {"label": "Ringkasan", "href": "#ringkasan", "count": None},
            {"label": "Pertanyaan", "href": "#pertanyaan", "count": 274},
            {"label": "Riwayat", "href": "#riwayat", "count": 0},
        ],
        "moment": datetime(2024, 3, 21, 3, 42, tzinfo=UTC),
        "today": date(2024, 3, 24),
        "soon": date(2024, 3, 29),
        "late": date(2024, 3, 22),
        "charts": charts(),
        "said": [Said(tag, text) for tag, text in SENTENCES],
        "is_example": True,
    }
