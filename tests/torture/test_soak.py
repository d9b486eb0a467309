"""Half a minute of people at work while any two faults happen; `make soak` does it for an hour."""

import os
import random

from tests.torture import soak

SECONDS = 25


def test_nothing_acknowledged_is_lost_whatever_two_things_break():
    database = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    seed = random.SystemRandom().randrange(1_000_000)
    run = soak.soak(database, SECONDS, seed, (1.0, 3.0))
    assert (soak.failures(run), run["seed"]) == ([], seed)
    assert run["acknowledged"] > 50
    assert len(run["faults"]) > 1
