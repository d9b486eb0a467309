"""docs/threats.md names every threat and fault, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = [f"T{number}" for number in range(1, 46)] + [f"F{number}" for number in range(1, 29)]
NOT_YET = "**not yet**"


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "threats.md").read_text()
    return [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in text.splitlines()
        if re.match(r"\| [TF]\d", line)
    ]


@cache
def defined_in(file: str) -> frozenset[str]:
    """The names of the tests that a file defines, and of the scripts that are run as a whole."""
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


def test_every_threat_and_fault_has_its_row():
    assert [row[0] for row in rows()] == NUMBERS


def test_every_test_that_a_row_names_exists():
    missing = [
        (number, each)
        for number, _, tests in rows()
        if tests != NOT_YET
        for each in tests.split(", ")
        if not (ROOT / each.partition("::")[0]).is_file()
        or each.partition("::")[2] not in defined_in(each.partition("::")[0])
    ]
    assert missing == []
