"""The cheapest way is the cheapest: against every subset of small cases, and fast on large ones."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.cheapest import Gap, cheapest, fewest, won

GROUPS = "abc"
gaps_of = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 5), st.sampled_from(GROUPS)), max_size=9
).map(lambda rows: [Gap(key, *row) for key, row in enumerate(rows)])
rooms_of = st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 1500))


def by_force(gaps, rooms, target):
    """(effort, -points) of the best subset, tried one by one."""
    every = (subset for size in range(len(gaps) + 1) for subset in combinations(gaps, size))
    return min(
        (
            (sum(gap.effort for gap in subset), -won(subset, rooms))
            for subset in every
            if won(subset, rooms) >= target
        ),
        default=None,
    )


@settings(max_examples=400, deadline=None)
@given(gaps_of, rooms_of, st.integers(-5, 3000))
def test_no_subset_is_cheaper(gaps, rooms, target):
    found = cheapest(gaps, rooms, target)
    best = by_force(gaps, rooms, target)
    if best is None:
        assert found is None
        return
    taken = [gap for gap in gaps if gap.key in found]
    assert won(taken, rooms) >= target
    assert sum(gap.effort for gap in taken) == best[0]
    if target > 0:
        assert won(taken, rooms) == -best[1]


@settings(max_examples=100, deadline=None)
@given(gaps_of, rooms_of, st.integers(1, 3000))
def test_nothing_that_was_taken_can_be_left_out(gaps, rooms, target):
    for left_out in cheapest(gaps, rooms, target) or []:
        rest = [gap for gap in gaps if gap.key in cheapest(gaps, rooms, target)]
        assert won([gap for gap in rest if gap.key != left_out], rooms) < target


def test_a_group_without_room_is_not_worked_on():
    gaps = [Gap(1, 500, 1, "penuh"), Gap(2, 300, 4, "longgar")]
    assert cheapest(gaps, {"penuh": 0, "longgar": 900}, 200) == [2]
    assert cheapest(gaps, {"penuh": 0, "longgar": 900}, 301) is None


def test_a_full_instrument_is_answered():
    rng = Random(1)  # noqa: S311  (the same each time)
    gaps = [
        Gap(key, rng.choice((25, 50, 100, 533, 1200, 2200)), rng.randint(1, 5), str(key % 31))
        for key in range(274)
    ]
    rooms = {str(group): 2000 for group in range(31)}
    target = won(gaps, rooms) * 9 // 10
    assert cheapest(gaps, rooms, target) is not None


def offices_of(gaps):
    """Every fourth gap to an office, so that an office has gaps in several groups."""
    return {str(at): gaps[at::4] for at in range(4)}


def fewest_by_force(offices, rooms, target):
    """(number of offices, -points) of the best choice, tried one by one."""
    every = (names for size in range(len(offices) + 1) for names in combinations(offices, size))
    reached = []
    for names in every:
        points = won([gap for name in names for gap in offices[name]], rooms)
        if points >= target:
            reached.append((len(names), -points))
    return min(reached, default=None)


@settings(max_examples=400, deadline=None)
@given(gaps_of, rooms_of, st.integers(-5, 3000))
def test_no_choice_of_fewer_offices_reaches_it(gaps, rooms, target):
    offices = offices_of(gaps)
    found, best = fewest(offices, rooms, target), fewest_by_force(offices, rooms, target)
    if best is None:
        assert found is None
        return
    assert len(found) == best[0]
    if target > 0:
        assert won([gap for name in found for gap in offices[name]], rooms) == -best[1]


@pytest.mark.parametrize("part", [2, 5, 9])
def test_the_offices_of_a_city_are_chosen(part):
    rng = Random(2)  # noqa: S311  (the same each time)
    gaps = [
        Gap(key, rng.choice((25, 50, 100, 533, 1200, 2200)), rng.randint(1, 5), str(key % 31))
        for key in range(274)
    ]
    offices = {str(at): gaps[at::36] for at in range(36)}
    rooms = {"7": 900, "12": 1500}
    target = won(gaps, rooms) * part // 10
    assert fewest(offices, rooms, target) is not None
