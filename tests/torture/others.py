"""Figures of what is measured elsewhere: the restore drill, and tests that record or count."""

from __future__ import annotations

import subprocess
import sys

from tests.torture import results

# Tests that write their own figure.
RECORDING = [
    "tests/test_backup.py::test_not_one_of_two_hundred_damaged_copies_is_taken",
    "tests/faults/test_hostile_files.py",
    "tests/history/test_chain.py",
]


def measure() -> bool:
    """All of them, one after the other; whether one did not hold."""
    held = [passes(*RECORDING), access(), logs(), drill()]
    return not all(held)


def passes(*words: str) -> bool:
    """Whether these tests are green, each with a process and a database of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", *words],
        cwd=results.ROOT, stdout=sys.stderr, check=False,
    )  # fmt: skip
    return done.returncode == 0


def access() -> bool:
    """Every cell of the table of who reaches what, as the test asks it: address x method x viewer.

    The test walks the addresses of the product itself, so one without a row is red. It stops at the
    first difference of an address, so what is red is told as such and not as a number.
    """
    green = passes("tests/test_access.py")
    count = subprocess.run(
        [sys.executable, "-c", COUNT], cwd=results.ROOT, capture_output=True, text=True, check=True
    )
    cells, addresses = count.stdout.split()[-2:]
    figure = f"0 of {cells} cells, {addresses} addresses" if green else "some: the test is red"
    results.record("access_cells", figure=figure, reached=green)
    return green


COUNT = """
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from tests.test_access import TABLE
print(sum(len(cells) for row in TABLE.values() for cells in row), len(TABLE))
"""


def logs() -> bool:
    """A canary in every field, and every line that was logged meanwhile."""
    green = passes("tests/history/test_logs.py")
    figure = "0 lines" if green else "some: the test is red"
    results.record("personal_data_in_logs", figure=figure, reached=green)
    return green


def drill() -> bool:
    """The way back on both databases and across, compared and timed."""
    from tests import drill as the  # noqa: PLC0415  (needs what only tests have)

    return the.tell(the.run())
