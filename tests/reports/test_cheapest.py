"""The cheapest way is the cheapest: against every subset of small cases, and fast on large ones."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.cheapest import Gap, Office, cheapest, fewest, won

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
    """Every fourth gap to an office, so that an office has gaps in several groups; the last of them
    stands for three.
    """
    return {str(at): Office(gaps[at::4], 3 if at == 3 else 1) for at in range(4)}


def fewest_by_force(offices, rooms, target):
    """(offices, effort, -points) of the best subset of gaps, tried one by one."""
    owner = {gap.key: name for name, office in offices.items() for gap in office.gaps}
    gaps = [gap for office in offices.values() for gap in office.gaps]
    every = (subset for size in range(len(gaps) + 1) for subset in combinations(gaps, size))
    return min(
        (
            (
                sum(offices[name].size for name in {owner[gap.key] for gap in subset}),
                sum(gap.effort for gap in subset),
                -points,
            )
            for subset in every
            if (points := won(subset, rooms)) >= target
        ),
        default=None,
    )


@settings(max_examples=400, deadline=None)
@given(gaps_of, rooms_of, st.integers(-5, 3000))
def test_offices_come_first_then_the_least_effort_then_the_most_points(gaps, rooms, target):
    offices = offices_of(gaps)
    found, best = fewest(offices, rooms, target), fewest_by_force(offices, rooms, target)
    if best is None:
        assert found is None
        return
    mine = [gap for name in found for gap in offices[name].gaps]
    keys = cheapest(mine, rooms, target)
    taken = [gap for gap in mine if gap.key in keys]
    points = won(taken, rooms) if target > 0 else -best[2]
    count = sum(offices[name].size for name in found)
    assert (count, sum(gap.effort for gap in taken), -points) == best


def test_of_two_offices_that_win_enough_the_one_with_less_effort_is_asked():
    offices = {
        "banyak": Office([Gap(1, 900, 5)]),
        "ringan": Office([Gap(2, 500, 2)]),
        "sama": Office([Gap(3, 600, 2)]),
        "semua kelurahan": Office([Gap(4, 990, 1)], 15),
    }
    assert fewest(offices, {}, 500) == ["sama"]
    assert fewest(offices, {}, 900) == ["banyak"]


def test_offices_that_share_a_full_indicator_are_not_counted_twice():
    """Together they win no more than the indicator has room for, whatever each would win alone."""
    offices = {
        "a": Office([Gap(1, 500, 1, "19")]),
        "b": Office([Gap(2, 500, 1, "19")]),
        "c": Office([Gap(3, 400, 4, "20")]),
    }
    assert fewest(offices, {"19": 500}, 900) == ["a", "c"]
    assert fewest(offices, {"19": 1000}, 900) == ["a", "b"]


@pytest.mark.parametrize("part", [2, 5, 9])
def test_the_offices_of_a_city_are_chosen(part):
    """As many gaps as the instrument has questions; two indicators that hold less than their
    questions and that three offices share.
    """
    rng = Random(2)  # noqa: S311  (the same each time)
    gaps = [
        Gap(key, rng.choice((25, 50, 100, 533, 1200, 2200)), rng.randint(1, 5), str(key // 9))
        for key in range(274)
    ]
    owners = [str((key // 9) % 12 if key % 3 else key // 9) for key in range(274)]
    offices = {
        name: Office([gap for gap, owner in zip(gaps, owners, strict=True) if owner == name])
        for name in set(owners)
    }
    rooms = {"7": 900, "12": 1500}
    target = won(gaps, rooms) * part // 10
    found = fewest(offices, rooms, target)
    assert won([gap for name in found for gap in offices[name].gaps], rooms) >= target
