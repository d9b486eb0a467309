"""The one guard of every CSV: no spreadsheet runs a text, and any text comes back as it was."""

import re
from decimal import Decimal

import pytest
import tablib

from indicators.resources.formulas import guarded, unguarded
from indicators.resources.tables import read_sheet
from indicators.resources.writing import to_csv

CELLS = [
    ("=1+1", "'=1+1"), ("+62", "'+62"), ("-5", "'-5"), ("-", "'-"), ("@a", "'@a"), ("\tx", "'\tx"),
    ("\rx", "'\rx"), ("'=x", "''=x"), ("''-1", "'''-1"), ("'biasa", "'biasa"), ("a=b", "a=b"),
    ("", ""), ("a;b", "a;b"), (-5, -5), (Decimal("-1.5"), Decimal("-1.5")), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "out"), CELLS)
def test_what_would_be_run_is_marked_as_a_text_and_nothing_else_is_touched(cell, out):
    assert guarded(cell) == out
    assert unguarded(out) == cell


@pytest.mark.parametrize("text", ["=1+1", "'=x", "''-1", "+62", "@a", "'biasa", "-", "a;b", 'a"b'])
def test_a_text_leaves_a_csv_as_no_formula_and_comes_back_as_it_was(text):
    out = to_csv(tablib.Dataset([text], headers=["Judul"]))
    assert re.match(r'"?[=+\-@]', out.decode("utf-8-sig").splitlines()[1]) is None
    assert read_sheet(out)["Judul"] == [text]
