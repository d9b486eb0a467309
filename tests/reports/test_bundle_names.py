"""Names that unpack everywhere."""

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.bundles.names import PATH_LENGTH, numbered, safe, split, width


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("SK Gugus Tugas", "SK Gugus Tugas"),
        ('a<b>c:d"e/f\\g|h?i*j', "a-b-c-d-e-f-g-h-i-j"),
        ("berakhir titik. . ", "berakhir titik"),
        ("CON", "_CON"),
        ("nul.pdf", "_nul.pdf"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("LPT¹", "_LPT¹"),
        ("konsep", "konsep"),
        ("../../etc/passwd", "..-..-etc-passwd"),
        ("baris\nbaru\tdan\x00nol", "baris baru dannol"),
        ("gambar\u202egpj.exe", "gambargpj.exe"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("   ", "tanpa nama"),
        ("...", "tanpa nama"),
        ("\ud800", "tanpa nama"),
    ],
)
def test_a_name_is_kept_as_far_as_every_system_takes_it(said, kept):
    assert safe(said, 100) == kept


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("SK.PDF", ("SK", ".pdf")),
        ("data.2024 final", ("data.2024 final", "")),
        (".pdf", (".pdf", "")),
        ("a.tar.gz", ("a.tar", ".gz")),
    ],
)
def test_an_extension_is_what_looks_like_one(name, parts):
    assert split(name) == parts


def test_the_same_name_again_gets_a_number_also_in_other_capitals():
    taken: set[str] = set()
    made = [numbered("A/1", each, " - X - 2024", ".pdf", taken) for each in ("sk", "SK", "sk")]
    assert made == [
        "A/1/sk - X - 2024.pdf", "A/1/SK - X - 2024 (2).pdf", "A/1/sk - X - 2024 (3).pdf",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=160), min_size=1, max_size=5))
def test_whatever_the_names_the_paths_are_short_and_of_their_own(names):
    folder, taken = f"KEL/{safe('2 Penguatan kelembagaan' * 9, 48)}", set()
    made = [numbered(folder, f"2.1 {each}", " - DP3AP2KB - 2024", ".pdf", taken) for each in names]
    assert len({each.casefold() for each in made}) == len(names)
    for path in made:
        last = path.rsplit("/", 1)[1]
        assert width(path) <= PATH_LENGTH
        assert len(last.encode()) <= 255
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]', last)
        assert path.count("/") == 2
        assert unicodedata.is_normalized("NFC", last)
