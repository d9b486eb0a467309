"""What a stage outside gave: the layouts people have, sums that do not fit, the verb and its
commands.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from submissions.actions.record import RefusedError
from submissions.actions.stages import (
    Given,
    MismatchError,
    describe_stage,
    load_places,
    mismatches,
    outline_of,
    points_of,
    remove_stage,
    store_stage,
    sums_of,
)
from submissions.forms.sheets import read_sheets
from submissions.forms.stages import read_points, read_recap
from submissions.models import Event, PlaceTotal, Stage, StageResult, Verb
from tests.submissions import recaps

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 6, 3, 3, 0, tzinfo=UTC)
EXPECTED = {code: Decimal(points) for code, points in recaps.POINTS.items()}


def read(content, found=None):
    outline = outline_of((found or recaps.year()).instrument)
    return read_recap(read_sheets(content), outline), outline


# --- layouts --------------------------------------------------------------------------------------
def nested(*, dot="."):
    """Questions under their indicators, as a recapitulation is printed."""
    return [
        ["REKAP NILAI VERIFIKASI ADMINISTRASI"],
        [],
        ["No", "Uraian", "Nilai", "Nilai Maksimal"],
        ["Klaster Kelembagaan", None, None, None],
        ["Indikator 1", "Peraturan", f"12{dot}50", "20"],
        ["Pertanyaan 1", "Perda", f" 7{dot}5 ", "10"],
        ["Pertanyaan 2a", "", "5", "5"],
        ["  2b ", "", f"0{dot}00", "5"],
        ["Indikator 2: Penguatan", "", "10", "10"],
        ["Pertanyaan 1", "", "8", "8"],
        ["Pertanyaan 2", "", f"7{dot}250", "8"],
        ["Jumlah Klaster Kelembagaan", "", f"22{dot}5", "30"],
        ["Klaster III", "Kesehatan Dasar", "7", "10"],
        ["Indikator 14.", "", "7", "10"],
        ["14.1", "", "3", "6"],
        ["14.10", "", "4", "4"],
        ["TOTAL NILAI", "", f"29{dot}5", "40"],
        ["Cimahi, 3 Juni 2024"],
    ]


def lines(rows, delimiter=";"):
    return "\n".join(delimiter.join("" if c is None else str(c) for c in row) for row in rows)


LAYOUTS = {
    "plain with commas": lambda: recaps.plain(),
    "with controls": lambda: recaps.plain(
        extra=["1,12.5", "2,10", "14,7.00", "KEL,22.5", "III,7", "TOTAL,29.5"]
    ),
    "decimal commas and semicolons": lambda: lines(nested(dot=",")).encode(),
    "decimal points and tabs": lambda: lines(nested(), "\t").encode(),
    "with the mark that Excel writes": lambda: "\ufeff".encode() + lines(nested(dot=",")).encode(),
    "Windows-1252": lambda: lines([*nested(dot=","), ["Catatan \u2013 selesai"]]).encode("cp1252"),
    "UTF-16": lambda: lines(nested(), "\t").encode("utf-16"),
    "Excel's hint of the separator": lambda: ("sep=;\n" + lines(nested(dot=","))).encode(),
    "a workbook of texts": lambda: recaps.book(("Rekap", nested(dot=","))),
    "a workbook whose first sheet is a cover": lambda: recaps.book(
        ("Sampul", [["Rekap nilai"], ["Kota Uji"]]), ("Nilai", nested())
    ),
    "numbers in cells": lambda: recaps.book(
        (
            "Rekap",
            [["Kode", "Nilai"]] + [[code, float(points)] for code, points in recaps.POINTS.items()],
        )
    ),
    "codes that became numbers": lambda: recaps.book(
        (
            "Rekap",
            [["Kode", "Nilai"]]
            + [
                [code if code[-1].isalpha() else float(code), float(points)]
                for code, points in recaps.POINTS.items()
            ],
        )
    ),
    "a heading of two rows, merged": lambda: recaps.book(
        (
            "Rekap",
            [["Kode", "Hasil", None], [None, "Maks", "Nilai"]]
            + [[code, None, points] for code, points in recaps.POINTS.items()],
        )
    ),
    "a running number beside the code": lambda: recaps.csv(
        [
            f"{number};{code};Bunyi {number};{points}"
            for number, (code, points) in enumerate(recaps.POINTS.items(), 1)
        ],
        heading="No;Kode pertanyaan;Uraian;Nilai",
    ),
    "sums above their parts and below them": lambda: recaps.plain(
        extra=["Indikator 1,12.5", "Jumlah indikator 1,12.5", "TOTAL,29.5", "Total nilai,29.5"]
    ),
    "blanks, capitals and a text behind the code": lambda: recaps.csv(
        [
            "\u00a01.1 Perda KLA ; 7,5",
            "1.2 A;5,00",
            "1,2b;0",
            "Pertanyaan 2.1;8",
            "2 . 2;7,25",
            "14.1;3",
            "14.10;4",
        ],
        heading="KODE PERTANYAAN ;Skor diperoleh;Catatan",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_that_people_have_gives_the_same_points(layout):
    recap, outline = read(LAYOUTS[layout]())
    assert [str(each) for each in recap.problems] == []
    assert points_of(recap.given) == EXPECTED
    assert mismatches(outline, recap.given) == []


def test_each_of_two_stated_sums_is_compared_with_its_parts():
    recap, outline = read(recaps.plain(extra=["1,12.5", "Jumlah indikator 1,13", "TOTAL,29.5"]))
    differ = mismatches(outline, recap.given)
    assert [(each.row, each.code, str(each.stated)) for each in differ] == [(10, "1", "13.00")]


PROBLEMS = [
    (["9.9,1"], "Baris 2, kolom Kode, isi “9.9”: kode tidak dikenal dalam instrumen tahun ini."),
    (["1.1,11"], "Baris 2, kolom Nilai, isi “11”: lebih dari nilai maksimum 10,00."),
    (["1.1,-1"], "Baris 2, kolom Nilai, isi “-1”: tidak boleh kurang dari nol."),
    (["1.1,banyak"], "Baris 2, kolom Nilai, isi “banyak”: bukan angka."),
    (["1.1,1", "1.1,2"], "Baris 3, kolom Kode, isi “1.1”: sudah ada di baris 2."),
    ([",3"], "Baris 2, kolom Kode, isi kosong: baris bernilai tanpa kode."),
    (
        ["Jumlah,3"],
        "Baris 2, kolom Kode, isi “Jumlah”: tidak jelas jumlah dari apa; tulis TOTAL, kode "
        "indikator, atau kode klaster.",
    ),
]


@pytest.mark.parametrize(("rows", "sentence"), PROBLEMS)
def test_a_wrong_row_is_named_by_row_column_value_and_reason(rows, sentence):
    recap, _ = read(recaps.csv(rows))
    assert [str(each) for each in recap.problems] == [sentence]


def test_a_code_that_may_be_two_questions_is_refused():
    content = recaps.book(("Rekap", [["Kode", "Nilai"], [14.1, 3]]))
    recap, _ = read(content)
    assert [each.reason for each in recap.problems] == [
        "kode berupa angka dan dapat berarti dua pertanyaan; ubah format sel menjadi teks."
    ]


def test_a_code_that_became_a_date_is_refused():
    recap, _ = read(recaps.book(("Rekap", [["Kode", "Nilai"], [date(2024, 2, 1), 3]])))
    assert [each.reason for each in recap.problems] == [
        "kode berubah menjadi tanggal; ubah format sel menjadi teks, lalu ketik ulang."
    ]


def test_a_file_without_the_columns_says_which_it_needs():
    with pytest.raises(RefusedError, match="Kolom Kode dan Nilai tidak ditemukan"):
        read(b"Nama,Alamat\nA,B\n")


def test_what_is_not_there_what_is_empty_and_what_is_rounded_is_told():
    recap, outline = read(recaps.csv(["1.1,7.555", "1.2a,", "1.2b,-"]))
    assert recap.missing(outline) == ["2.1", "2.2", "14.1", "14.10"]
    assert (recap.empty, recap.rounded) == (["1.2a", "1.2b"], ["1.1"])
    assert points_of(recap.given) == {"1.1": Decimal("7.56")}


@pytest.mark.parametrize(
    ("raw", "maximum", "points"),
    [
        ("7,5", 10, "7.5"),
        ("7.500", 10, "7.500"),
        ("7,500", 10, "7.500"),
        ("1.000", 1000, "1000"),
        ("1.000,00", 1000, "1000.00"),
        ("697.40", 1000, "697.40"),
        (0.1 + 0.2, 10, "0.30000000000000004"),
        (" 5 ", 10, "5"),
        ("", 10, None),
        ("\u2013", 10, None),
    ],
)
def test_a_figure_is_read_as_people_type_it(raw, maximum, points):
    read = read_points(raw, Decimal(maximum))
    assert read == (None if points is None else Decimal(points))


# --- sums -----------------------------------------------------------------------------------------
def test_an_indicator_gives_at_most_its_maximum():
    found = sums_of(outline_of(recaps.year().instrument), EXPECTED)
    assert {code: str(each) for code, each in found.indicators.items()} == {
        "1": "12.5", "2": "10.00", "14": "7",
    }  # fmt: skip
    assert found.total == Decimal(recaps.TOTAL)


def test_every_stated_figure_that_differs_is_listed_with_both_and_the_difference():
    recap, outline = read(
        recaps.csv(
            [
                *(f"{code},{points}," for code, points in recaps.POINTS.items()),
                "1,12.50,20",
                "2,15.25,10",
                "KEL,27.75,31",
                "TOTAL,29,40",
            ],
            heading="Kode,Nilai,Nilai maks",
        )
    )
    assert [
        (
            each.row, each.level, each.code, each.what,
            str(each.stated), str(each.parts), str(each.difference),
        )
        for each in mismatches(outline, recap.given)
    ] == [
        (10, "indikator", "2", "jumlah", "15.25", "10.00", "5.25"),
        (11, "klaster", "KEL", "jumlah", "27.75", "22.50", "5.25"),
        (11, "klaster", "KEL", "nilai maks", "31.00", "30.00", "1.00"),
        (12, "total", "TOTAL", "jumlah", "29.00", "29.50", "-0.50"),
    ]  # fmt: skip


# --- the verb -------------------------------------------------------------------------------------
def given(**changes):
    points = {**recaps.POINTS, **changes}
    return [
        Given(row, "pertanyaan", code, Decimal(each))
        for row, (code, each) in enumerate(points.items(), 2)
    ]


def store(found, *, rows=None, **changes):
    values = {
        "name": "Verifikasi administrasi", "held_on": date(2024, 6, 1), "accept": False,
        "by": found.verifikator, "now": NOW,
    }  # fmt: skip
    return store_stage(found.assessment, given=rows or given(), **(values | changes))


def test_a_stage_is_stored_with_its_points_and_one_event():
    found = recaps.year()
    stage = store(found, source="rekap.xlsx")
    assert dict(stage.results.values_list("question__code", "points")) == EXPECTED
    event = Event.objects.get(verb=Verb.STAGE)
    assert (event.by, event.data["stage"], event.data["total"], event.data["source"]) == (
        found.verifikator, "Verifikasi administrasi", "29.50", "rekap.xlsx",
    )  # fmt: skip


def test_sums_that_do_not_fit_store_nothing_until_they_are_accepted_and_that_is_recorded():
    found = recaps.year()
    rows = [*given(), Given(20, "total", "TOTAL", Decimal("30.00"))]
    with pytest.raises(MismatchError) as refused:
        store(found, rows=rows)
    assert [str(each.difference) for each in refused.value.found] == ["0.50"]
    assert (Stage.objects.count(), Event.objects.filter(verb=Verb.STAGE).count()) == (0, 0)
    stage = store(found, rows=rows, accept=True)
    told = [
        {
            "level": "total", "code": "TOTAL", "what": "jumlah",
            "stated": "30.00", "parts": "29.50",
        }
    ]  # fmt: skip
    assert stage.accepted == told
    assert Event.objects.get(verb=Verb.STAGE).data["accepted"] == told


def test_the_same_once_more_changes_nothing_and_other_points_take_the_place():
    found = recaps.year()
    first = store(found)
    again = store(found)
    assert (again.pk, again.version, Event.objects.filter(verb=Verb.STAGE).count()) == (
        first.pk, 1, 1,
    )  # fmt: skip
    later = store(found, rows=given(**{"1.1": "6.00"}))
    assert (later.pk, later.version, later.results.count()) == (first.pk, 2, 7)
    assert later.results.get(question__code="1.1").points == Decimal(6)


def test_who_looked_at_an_older_state_is_told():
    found = recaps.year()
    store(found)
    with pytest.raises(RefusedError, match="baru saja disimpan orang lain"):
        store(found, rows=given(**{"1.1": "6.00"}), version=0)
    assert StageResult.objects.get(question__code="1.1").points == Decimal("7.50")


@pytest.mark.parametrize("who", ["pimpinan", "operator"])
def test_only_who_may_stores_a_stage(who):
    found = recaps.year()
    with pytest.raises(PermissionDenied):
        store(found, by=getattr(found, who))


def test_nothing_out_of_bounds_is_stored_whatever_is_accepted():
    found = recaps.year()
    for rows in (
        [Given(2, "pertanyaan", "9.9", Decimal(1))],
        [Given(2, "pertanyaan", "1.1", Decimal(11))],
        [Given(2, "pertanyaan", "1.1", Decimal(1)), Given(3, "pertanyaan", "1.1", Decimal(2))],
        [Given(2, "pertanyaan", "1.1", None)],
    ):
        with pytest.raises(RefusedError):
            store(found, rows=rows, accept=True)
    assert Stage.objects.count() == 0


def test_a_stage_can_be_named_anew_and_taken_out_and_the_history_keeps_its_points():
    found = recaps.year()
    stage, other = store(found), store(found, name="Evaluasi mandiri")
    with pytest.raises(RefusedError, match="sudah ada"):
        describe_stage(stage, name="Evaluasi mandiri", held_on=None, by=found.verifikator, now=NOW)
    describe_stage(
        stage, name="Verifikasi lapangan", held_on=date(2024, 7, 1), by=found.verifikator, now=NOW
    )
    stage.refresh_from_db()
    assert (stage.name, stage.held_on, stage.version) == (
        "Verifikasi lapangan", date(2024, 7, 1), 2,
    )  # fmt: skip
    remove_stage(other, by=found.verifikator, now=NOW)
    remove_stage(other, by=found.verifikator, now=NOW)
    last = Event.objects.filter(verb=Verb.STAGE).order_by("-pk").first()
    assert (last.data["removed"], last.data["before"]["1.1"]) == (True, "7.50")
    assert list(Stage.objects.values_list("name", flat=True)) == ["Verifikasi lapangan"]


# --- the commands ---------------------------------------------------------------------------------
def run(found, path, *more):
    out, err = StringIO(), StringIO()
    call_command(
        "import_stage", str(found.assessment.year), str(path),
        "--region", found.region.code, "--stage", "Verifikasi administrasi", *more,
        stdout=out, stderr=err,
    )  # fmt: skip
    return out.getvalue(), err.getvalue()


@pytest.fixture
def rekap(tmp_path):
    def write(content):
        path = tmp_path / "rekap.csv"
        path.write_bytes(content)
        return path

    return write


def test_the_command_stores_and_scores_prints_the_stage(rekap):
    found = recaps.year()
    out, _ = run(found, rekap(recaps.plain(extra=["TOTAL,29.5"])), "--date", "2024-06-01")
    assert out.strip().endswith("7 pertanyaan, total 29,50.")
    said = StringIO()
    call_command(
        "scores", str(found.assessment.year), "--region", found.region.code,
        "--stage", "Verifikasi administrasi", "--json", stdout=said,
    )  # fmt: skip
    assert json.loads(said.getvalue()) == {
        "total": "29.50",
        "band": None,
        "clusters": {"KEL": "22.50", "III": "7.00"},
        "indicators": {"1": "12.50", "2": "10.00", "14": "7.00"},
    }


def test_the_command_refuses_sums_that_do_not_fit_row_by_row_until_told_otherwise(rekap):
    found = recaps.year()
    path = rekap(recaps.plain(extra=["1,13", "TOTAL,30"]))
    for more in ((), ("--dry-run",)):
        with pytest.raises(CommandError) as refused:
            run(found, path, *more)
        assert str(refused.value).splitlines()[:2] == [
            "Baris 9, indikator 1, jumlah: tertulis 13,00, seharusnya 12,50, selisih 0,50",
            "Baris 10, total TOTAL, jumlah: tertulis 30,00, seharusnya 29,50, selisih 0,50",
        ]
    assert Stage.objects.count() == 0
    run(found, path, "--accept-mismatch")
    event = Event.objects.get(verb=Verb.STAGE)
    assert (event.by, len(event.data["accepted"])) == (None, 2)


def test_a_dry_run_stores_nothing(rekap):
    found = recaps.year()
    out, _ = run(found, rekap(recaps.plain()), "--dry-run")
    assert (out, Stage.objects.count()) == ("Total 29,50. Hanya diperiksa, tidak disimpan.\n", 0)


@pytest.mark.parametrize(
    "content", [b"", b"Kode,Nilai\n9.9,1\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_the_command_says_why_it_refuses(rekap, content):
    with pytest.raises(CommandError):
        run(recaps.year(), rekap(content))


def test_a_stage_that_is_not_there_is_named_among_those_that_are():
    found = recaps.year()
    store(found)
    with pytest.raises(CommandError, match="Tahap tahun ini: Verifikasi administrasi"):
        call_command(
            "scores", str(found.assessment.year), "--region", found.region.code, "--stage", "Akhir"
        )


# --- other places ---------------------------------------------------------------------------------
PUBLIC = "submissions/places/angka-publik.json"


def test_the_public_figures_load_and_load_again_without_doubling(settings):
    for _ in range(2):
        call_command("load_places", str(settings.BASE_DIR / PUBLIC), stdout=StringIO())
    assert PlaceTotal.objects.count() == 16
    demak = PlaceTotal.objects.filter(place="Kab. Demak").order_by("pk")
    assert [(each.stage, str(each.points), each.band) for each in demak] == [
        ("Evaluasi mandiri", "973.90", ""),
        ("Verifikasi administrasi", "697.40", "Madya"),
    ]
    assert PlaceTotal.objects.get(place="Kota Pekanbaru", points=600).is_approximate


@pytest.mark.parametrize(
    "document",
    [{}, [], {"scores": [{"place": "X", "year": "dua", "stage_EM": 1, "source": "https://x.example"}]},
     {"scores": [{"place": "X", "year": 2024, "stage_EM": 1, "source": "bukan alamat"}]}],
)  # fmt: skip
def test_a_wrong_file_of_public_figures_changes_nothing(document):
    with pytest.raises(RefusedError):
        load_places(document)
    assert PlaceTotal.objects.count() == 0
