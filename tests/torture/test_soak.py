"""Half a minute of people at work while any two faults happen; `make soak` does it for an hour."""

# ruff: noqa: E501  (one row of a table, one line)
import os
import random
import subprocess
import sys

import pytest

from tests.torture import soak, stack

SECONDS = 25


def test_nothing_acknowledged_is_lost_whatever_two_things_break():
    database = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    seed = random.SystemRandom().randrange(1_000_000)
    run = soak.soak(database, SECONDS, seed, (1.0, 3.0))
    assert (soak.failures(run), run["seed"]) == ([], seed)
    assert run["acknowledged"] > 50
    assert len(run["faults"]) > 1


def run_of(*recoveries, **more):
    return {"recoveries": list(recoveries)} | more


@pytest.mark.parametrize(
    ("runs", "figure", "reached"),
    [
        ([run_of()], "no fault happened", False),
        ([run_of(0.5, elsewhere=0.02)], "alone on the machine 0.50 after 1 pairs of faults, 0 over 2", True),
        (
            [run_of(0.5, 2.1, elsewhere=0.02), run_of(5.01)],
            "alone on the machine 2.10 after 2 pairs of faults, 1 over 2; "
            "beside other work 5.01 after 1 pairs of faults, 1 over 2",
            False,
        ),
        ([run_of(0.5)], "beside other work 0.50 after 1 pairs of faults, 0 over 2", False),
        ([run_of(0.5, elsewhere=0.3)], "beside other work 0.50 after 1 pairs of faults, 0 over 2", False),
        (
            [run_of(1.5, elsewhere=0.1), run_of(3.0, elsewhere=0.11)],
            "alone on the machine 1.50 after 1 pairs of faults, 0 over 2; "
            "beside other work 3.00 after 1 pairs of faults, 1 over 2",
            True,
        ),
    ],
)  # fmt: skip
def test_a_recovery_counts_where_the_machine_did_nothing_else_and_the_others_are_told(
    runs, figure, reached
):
    assert soak.recovery(runs) == (figure, reached)


def test_what_children_spent_is_counted_after_they_ended_too():
    before = stack.spent_by(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(8_000_000))"], check=True)
    assert stack.spent_by(os.getpid()) - before > 0.02
    assert stack.spent_by_all() > stack.spent_by(os.getpid())
