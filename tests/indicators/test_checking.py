# ruff: noqa: E501  (one wrong value, one line)
"""A wrong file is refused whole, and every error says its place and its reason."""

import copy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.actions import InstrumentError, read_instrument
from tests.indicators.files import GONE, SMALL, as_text, changed

REAL = Path("indicators/instruments/kla-2024.json")
Q = ("clusters", 0, "indicators", 0, "questions", 0)
AT_Q = "clusters[0].indicators[0].questions[0] (4.1)"
I = Q[:4]  # noqa: E741
AT_I = "clusters[0].indicators[0] (4)"
C = Q[:2]
AT_C = "clusters[0] (I)"
CHOICE, THRESHOLD = ("rubrics", "ya-tidak"), ("rubrics", "persentase")
TREND, AREA = ("rubrics", "tren"), ("rubrics", "wilayah")
COLUMN = ("registers", "regulasi", "columns")


def problems(source):
    with pytest.raises(InstrumentError) as caught:
        read_instrument(source)
    return caught.value.problems


def test_the_small_instrument_is_right():
    data = read_instrument(as_text(SMALL))
    assert data.clusters[0].indicators[0].questions[0].max_points == Decimal("4.25")
    assert data.rubrics[1].levels[1].share == Decimal("0.5")


def test_the_real_instrument_has_274_questions_and_1000_points():
    data = read_instrument(REAL.read_bytes())
    indicators = [each for cluster in data.clusters for each in cluster.indicators]
    questions = [each for indicator in indicators for each in indicator.questions]
    assert (len(data.clusters), len(indicators), len(questions)) == (7, 31, 274)
    assert sum(each.max_points for each in data.clusters) == data.total_max_points == 1000
    assert {
        each.code: (sum(q.max_points for q in each.questions), each.max_points)
        for each in indicators
        if sum(q.max_points for q in each.questions) != each.max_points
    } == {"19": (54, 51), "21B": (18, 17)}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"", "Berkas bukan JSON yang benar: baris 1, kolom 1."),
        ('{\n  "code": "a",\n}', "Berkas bukan JSON yang benar: baris 3, kolom 1."),
        (b'{"code": "\xff"}', "Berkas bukan teks UTF-8: bita ke-11."),
        ('{"year": NaN}', "Berkas memuat NaN, yang bukan bilangan."),
        ('{"year": -Infinity}', "Berkas memuat -Infinity, yang bukan bilangan."),
        ('{"year": ' + "9" * 5000 + "}", "Berkas bukan JSON yang benar."),
        ("[" * 100_000, "Berkas bukan JSON yang benar."),
        ("[]", "Berkas harus berisi objek JSON, bukan daftar."),
        ('"a"', "Berkas harus berisi objek JSON, bukan teks."),
    ],
)
def test_a_file_that_cannot_be_read_says_where(source, said):
    assert problems(source) == [said]


def test_a_byte_order_mark_is_no_error():
    assert read_instrument(b"\xef\xbb\xbf" + as_text(SMALL).encode()).code == "uji-1"


# One thing wrong: the path, the wrong value, and the only sentence that may come back.
# fmt: off
WRONG = [
    # what belongs to the whole
    (("format",), "kla-instrument/2", 'format "kla-instrument/2" tidak dikenal; yang ada: kla-instrument/1'),
    (("format",), GONE, '"format" tidak ada'),
    (("code",), "KLA 2024", '"code" hanya boleh huruf kecil, angka, dan tanda hubung'),
    (("code",), 2024, '"code" harus teks, bukan bilangan'),
    (("title",), GONE, '"title" tidak ada'),
    (("title",), " ", '"title" kosong'),
    (("title",), "x" * 201, '"title" terlalu panjang: 201 huruf, paling banyak 200'),
    (("title",), "a\x00b", '"title" memuat huruf yang tidak dapat disimpan'),
    (("title",), "a\ud800b", '"title" memuat huruf yang tidak dapat disimpan'),
    (("year",), "2024", '"year" harus bilangan, bukan teks'),
    (("year",), True, '"year" harus bilangan, bukan true/false'),
    (("year",), 2024.5, '"year" harus bilangan bulat dari 2006 sampai 2100'),
    (("year",), 1e300, '"year" harus bilangan bulat dari 2006 sampai 2100'),
    (("language",), "en", 'language "en" tidak dikenal; yang ada: id'),
    (("author",), "x", 'kunci "author" tidak dikenal'),
    (("total_max_points",), 11, '"total_max_points" 11,00 tidak sama dengan jumlah bagiannya, 10,00'),
    (("total_max_points",), "10", '"total_max_points" harus bilangan, bukan teks'),
    (("total_max_points",), -1, '"total_max_points" harus dari 0 sampai 99999'),
    (("clusters",), {}, '"clusters" harus daftar, bukan objek'),
    (("clusters",), [], '"clusters" kosong'),
    # bands
    (("bands", 1, "min"), 5, 'bands[1]: "min" harus lebih tinggi dari kategori sebelumnya'),
    (("bands", 1, "min"), 11, 'bands[1]: "min" melebihi nilai maksimum instrumen'),
    (("bands", 1, "name"), "Pratama", "bands[1]: kode kategori Pratama sudah dipakai di bands[0]"),
    (("bands", 0, "inclusive"), 1, 'bands[0]: "inclusive" harus true/false, bukan bilangan'),
    (("bands", 0), "Pratama", "bands[0]: harus objek, bukan teks"),
    # rubrics
    ((*CHOICE, "mode"), "pilihan", 'rubrics["ya-tidak"]: mode "pilihan" tidak dikenal; yang ada: choice, threshold, trend, area_share, graded'),
    ((*CHOICE, "basis"), "kira-kira", 'rubrics["ya-tidak"]: basis "kira-kira" tidak dikenal; yang ada: estimasi, logis, resmi'),
    ((*CHOICE, "warna"), "x", 'rubrics["ya-tidak"]: kunci "warna" tidak dikenal'),
    ((*CHOICE, "levels"), [], 'rubrics["ya-tidak"]: "levels" kosong'),
    ((*CHOICE, "levels", 1), GONE, 'rubrics["ya-tidak"]: "levels" harus memuat sedikitnya dua tingkat'),
    ((*CHOICE, "levels", 0, "share"), 1.5, 'rubrics["ya-tidak"].levels[0]: "share" harus dari 0 sampai 1'),
    ((*CHOICE, "levels", 1, "share"), -0.1, 'rubrics["ya-tidak"].levels[1]: "share" harus dari 0 sampai 1'),
    ((*CHOICE, "levels", 1, "share"), True, 'rubrics["ya-tidak"].levels[1]: "share" harus bilangan, bukan true/false'),
    ((*CHOICE, "levels", 1, "share"), 0.33333, 'rubrics["ya-tidak"].levels[1]: "share" paling banyak 4 angka di belakang koma'),
    ((*CHOICE, "levels", 0, "min"), 1, 'rubrics["ya-tidak"].levels[0]: kunci "min" tidak dikenal'),
    ((*CHOICE, "levels", 0, "label"), 1, 'rubrics["ya-tidak"].levels[0]: "label" harus teks, bukan bilangan'),
    ((*CHOICE, "levels", 2), {"label": "Lebih", "share": 0.5}, 'rubrics["ya-tidak"]: "levels" harus urut dari nilai tertinggi'),
    (("rubrics", "Ya Tidak"), SMALL["rubrics"]["ya-tidak"], 'rubrics["Ya Tidak"]: kode harus huruf kecil, angka, dan tanda hubung'),
    ((*THRESHOLD, "levels", 0, "min"), GONE, 'rubrics["persentase"].levels[0]: "min" tidak ada'),
    ((*THRESHOLD, "levels", 0, "min"), 0, 'rubrics["persentase"]: "min" setiap tingkat harus menurun'),
    ((*THRESHOLD, "levels", 0, "min"), 101, 'rubrics["persentase"].levels[0]: "min" harus dari 0 sampai 100'),
    ((*THRESHOLD, "levels", 1, "min"), 10, 'rubrics["persentase"]: "min" terendah harus 0'),
    ((*THRESHOLD, "higher_is_better"), False, 'rubrics["persentase"]: "min" setiap tingkat harus menaik'),
    ((*THRESHOLD, "higher_is_better"), "ya", 'rubrics["persentase"]: "higher_is_better" harus true/false, bukan teks'),
    ((*TREND, "levels", 2), GONE, 'rubrics["tren"]: "levels" harus tiga untuk trend: membaik, tetap, memburuk'),
    ((*TREND, "years"), 1, 'rubrics["tren"]: "years" harus 2 untuk trend'),
    ((*TREND, "years"), 3, 'rubrics["tren"]: "years" harus bilangan bulat dari 1 sampai 2'),
    ((*AREA, "levels", 0), {"label": "Ya", "share": 1}, 'rubrics["wilayah"]: "levels" harus kosong: nilainya bagian wilayah'),
    # registers
    ((*COLUMN, 1, "key"), "nomor", 'registers["regulasi"].columns[1]: kolom "nomor" ada dua kali'),
    ((*COLUMN, 0, "type"), "angka", 'registers["regulasi"].columns[0]: type "angka" tidak dikenal; yang ada: text, integer, money, year, date, choice'),
    ((*COLUMN, 0, "required"), 0, 'registers["regulasi"].columns[0]: "required" harus true/false, bukan bilangan'),
    ((*COLUMN, 1, "options"), ["Perda"], 'registers["regulasi"].columns[1]: "options" harus memuat sedikitnya dua pilihan'),
    ((*COLUMN, 0, "options"), ["a", "b"], 'registers["regulasi"].columns[0]: "options" hanya untuk kolom bertipe choice'),
    # clusters, indicators, questions
    ((*C, "code"), 1, 'clusters[0]: "code" harus teks, bukan bilangan'),
    ((*C, "code"), "I/1", 'clusters[0]: "code" I/1 memuat huruf yang tidak boleh'),
    ((*C, "indicators"), [], f'{AT_C}: "indicators" kosong'),
    ((*C, "indicators", 0), "4", "clusters[0].indicators[0]: harus objek, bukan teks"),
    ((*I, "name"), 4, f'{AT_I}: "name" harus teks, bukan bilangan'),
    ((*I, "official_number"), "4", f'{AT_I}: "official_number" harus bilangan, bukan teks'),
    ((*I, "alt_names"), ["Akta", 4], f'{AT_I}: "alt_names[1]" harus teks, bukan bilangan'),
    ((*I, "weight"), 1, f'{AT_I}: kunci "weight" tidak dikenal'),
    ((*I, "questions"), [], f'{AT_I}: "questions" kosong'),
    ((*Q, "rubric"), "x", f'{AT_Q}: rubrik "x" tidak dikenal'),
    ((*Q, "rubric"), "wilayah", f'{AT_Q}: rubrik "wilayah" hanya untuk pertanyaan kecamatan/kelurahan'),
    ((*Q, "register"), "x", f'{AT_Q}: daftar induk "x" tidak dikenal'),
    ((*Q, "level"), "desa", f'{AT_Q}: level "desa" tidak dikenal; yang ada: kota, kecamatan, kelurahan'),
    ((*Q, "text"), 4, f'{AT_Q}: "text" harus teks, bukan bilangan'),
    ((*Q, "text"), GONE, f'{AT_Q}: "text" tidak ada'),
    ((*Q, "max_points"), True, f'{AT_Q}: "max_points" harus bilangan, bukan true/false'),
    ((*Q, "max_points"), "4", f'{AT_Q}: "max_points" harus bilangan, bukan teks'),
    ((*Q, "max_points"), None, f'{AT_Q}: "max_points" harus bilangan, bukan null'),
    ((*Q, "max_points"), 4.255, f'{AT_Q}: "max_points" paling banyak 2 angka di belakang koma'),
    ((*Q, "max_points"), 2.5, f'{AT_I}: "max_points" 10,00 lebih besar dari jumlah nilai pertanyaannya, 9,50'),
    ((*Q, "evidence_required"), 1, f'{AT_Q}: "evidence_required" harus true/false, bukan bilangan'),
    ((*Q, "expected_evidence"), "Perda", f'{AT_Q}: "expected_evidence" harus daftar, bukan teks'),
    ((*Q, "expected_evidence"), [" "], f'{AT_Q}: "expected_evidence[0]" kosong'),
    ((*Q, "colour"), "x", f'{AT_Q}: kunci "colour" tidak dikenal'),
    ((*Q, "code"), "4 1", 'clusters[0].indicators[0].questions[0]: "code" 4 1 memuat huruf yang tidak boleh'),
    ((*Q, "code"), "4.2", "clusters[0].indicators[0].questions[1] (4.2): kode pertanyaan 4.2 sudah dipakai di clusters[0].indicators[0].questions[0]"),
]
# fmt: on


@pytest.mark.parametrize(
    ("path", "value", "said"),
    WRONG,
    ids=[f"{'.'.join(map(str, path))}-{at}" for at, (path, _, _) in enumerate(WRONG)],
)
def test_one_wrong_value_is_refused_by_its_place_and_reason(path, value, said):
    assert problems(as_text(changed(*path, to=value))) == [said]


def test_a_cluster_must_weigh_what_its_indicators_weigh():
    assert problems(as_text(changed(*C, "max_points", to=9, total_max_points=9))) == [
        'clusters[0] (I): "max_points" 9,00 tidak sama dengan jumlah bagiannya, 10,00'
    ]


def test_questions_may_add_to_more_than_the_indicator_that_caps_them():
    assert read_instrument(as_text(changed(*Q, "max_points", to=9))).total_max_points == 10


def test_an_indicator_s_code_may_stand_once_in_the_whole_instrument():
    second = {**SMALL["clusters"][0], "code": "II"}
    source = changed("clusters", 1, to=second, total_max_points=20)
    assert problems(as_text(source)) == [
        "clusters[1].indicators[0] (4): kode indikator 4 sudah dipakai di clusters[0].indicators[0]",
        "clusters[1].indicators[0].questions[0] (4.1): kode pertanyaan 4.1 sudah dipakai di "
        "clusters[0].indicators[0].questions[0]",
        "clusters[1].indicators[0].questions[1] (4.2): kode pertanyaan 4.2 sudah dipakai di "
        "clusters[0].indicators[0].questions[1]",
    ]


def test_a_rubric_that_stands_twice_is_seen_although_json_would_keep_the_last():
    text = as_text(SMALL)
    doubled = text.replace('"tren": {', '"wilayah": {', 1)
    assert problems(doubled) == ['"rubrics" memuat "wilayah" dua kali']


def test_a_key_that_stands_twice_is_refused():
    doubled = as_text(SMALL).replace('"code": "4.1"', '"code": "4.0", "code": "4.1"', 1)
    assert problems(doubled) == [f'{AT_Q}: kunci "code" ada dua kali']


def test_every_error_is_listed_at_once():
    source = changed(*Q, "rubric", to="x", year="dua ribu")
    del source["clusters"][0]["indicators"][0]["questions"][1]["text"]
    assert problems(as_text(source)) == [
        f'{AT_Q}: rubrik "x" tidak dikenal',
        'clusters[0].indicators[0].questions[1] (4.2): "text" tidak ada',
        '"year" harus bilangan, bukan teks',
    ]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(values, path=()):
    yield path
    items = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


PLACES = [place for place in places(SMALL) if place]


@given(st.sampled_from(PLACES), JSON_VALUES)
def test_whatever_stands_anywhere_the_reader_answers_with_data_or_with_problems(path, value):
    source = copy.deepcopy(SMALL)
    holder = source
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    try:
        data = read_instrument(as_text(source))
    except InstrumentError as error:
        said = error.problems
    else:
        said = (
            ["right"] if data.total_max_points == sum(c.max_points for c in data.clusters) else []
        )
    assert [sentence for sentence in said if sentence] == said != []
