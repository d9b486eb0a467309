"""The least effort that wins a number of points: exact, whole numbers only, no database.

A gap wins `gain` hundredths of a point for `effort`. Gaps of one group (an indicator) win no more
together than the group has `room` for. Efforts are small whole numbers, so the table runs over
effort and keeps the most that can be won for it: some hundred gaps times some hundred efforts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that can be won; `key` names it, `effort` is at least 1."""

    key: int
    gain: int
    effort: int
    group: str = ""


class Bundle(NamedTuple):
    """Gaps that are taken together."""

    effort: int
    gain: int
    keys: tuple[int, ...]


def won(gaps: Sequence[Gap], rooms: Mapping[str, int]) -> int:
    """What some gaps win together; a group without a room is not held back."""
    sums: dict[str, int] = {}
    for gap in gaps:
        sums[gap.group] = sums.get(gap.group, 0) + gap.gain
    return sum(min(gain, rooms.get(group, gain)) for group, gain in sums.items())


def cheapest(gaps: Sequence[Gap], rooms: Mapping[str, int], target: int) -> list[int] | None:
    """The keys of the gaps that win `target` for the least effort, and of those the ones that win
    most; None where all of them together do not reach it.
    """
    if target <= 0:
        return []
    useful = [gap for gap in gaps if gap.gain > 0]
    if won(useful, rooms) < target:
        return None
    limit = _enough(useful, rooms, target)
    best = [0] * (limit + 1)
    steps: list[tuple[list[Bundle], list[int]]] = []
    for bundles in _choices(useful, rooms, limit):
        chosen = [-1] * (limit + 1)
        before = best[:]
        for at, bundle in enumerate(bundles):
            for effort in range(bundle.effort, limit + 1):
                gain = before[effort - bundle.effort] + bundle.gain
                if gain > best[effort]:
                    best[effort], chosen[effort] = gain, at
        steps.append((bundles, chosen))
    effort = next(at for at, gain in enumerate(best) if gain >= target)
    keys: list[int] = []
    for bundles, chosen in reversed(steps):
        if chosen[effort] >= 0:
            bundle = bundles[chosen[effort]]
            keys += bundle.keys
            effort -= bundle.effort
    return sorted(keys)


def fewest(
    offices: Mapping[str, Sequence[Gap]], rooms: Mapping[str, int], target: int
) -> list[str] | None:
    """The names of as few offices as can win `target` together, and of those the ones that can win
    most; None where all of them do not reach it. Exact: every choice that could still be better is
    looked at, and what an office wins by itself bounds what it adds.
    """
    if target <= 0:
        return []
    alone = {name: won(mine, rooms) for name, mine in offices.items()}
    names = sorted((name for name in offices if alone[name]), key=lambda name: -alone[name])
    if won([gap for name in names for gap in offices[name]], rooms) < target:
        return None

    def best_of(at: int, left: int, taken: tuple[str, ...], floor: int) -> tuple[int, list[str]]:
        """The most that these with `left` more of those from `at` win, if it is above `floor`."""
        gaps = [gap for name in taken for gap in offices[name]]
        held, found = won(gaps, rooms), list[str]()
        if left == 0 or at == len(names):
            return (held, list(taken)) if held > floor else (floor, found)
        if held + sum(alone[name] for name in names[at : at + left]) <= floor:
            return floor, found
        for following, chosen in ((left - 1, (*taken, names[at])), (left, taken)):
            gain, better = best_of(at + 1, following, chosen, floor)
            if better:
                floor, found = gain, better
        return floor, found

    for count in range(1, len(names) + 1):
        _, found = best_of(0, count, (), target - 1)
        if found:
            return sorted(found)
    return None


def _enough(gaps: Sequence[Gap], rooms: Mapping[str, int], target: int) -> int:
    """An effort that surely reaches the target: the gaps by what they win for their effort."""
    taken: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: each.gain / each.effort, reverse=True):
        taken.append(gap)
        if won(taken, rooms) >= target:
            break
    return sum(gap.effort for gap in taken)


def _choices(gaps: Sequence[Gap], rooms: Mapping[str, int], limit: int) -> list[list[Bundle]]:
    """Independent choices, each of at most one bundle: a gap by itself, or what a group that would
    win too much can win for each effort.
    """
    groups: dict[str, list[Gap]] = {}
    for gap in gaps:
        groups.setdefault(gap.group, []).append(gap)
    found: list[list[Bundle]] = []
    for group, mine in groups.items():
        room = rooms.get(group)
        if room is None or sum(gap.gain for gap in mine) <= room:
            found += [[Bundle(gap.effort, gap.gain, (gap.key,))] for gap in mine]
        elif room > 0:
            found.append(_of_group(mine, room, limit))
    return found


def _of_group(gaps: Sequence[Gap], room: int, limit: int) -> list[Bundle]:
    """For each effort the bundle that wins most, where more effort wins more."""
    best: list[Bundle] = [Bundle(0, 0, ())] * (limit + 1)
    for gap in gaps:
        for effort in range(limit, gap.effort - 1, -1):
            rest = best[effort - gap.effort]
            if rest.gain + gap.gain > best[effort].gain:
                best[effort] = Bundle(effort, rest.gain + gap.gain, (*rest.keys, gap.key))
    kept: list[Bundle] = []
    for effort, bundle in enumerate(best):
        gain = min(bundle.gain, room)
        if gain > (kept[-1].gain if kept else 0):
            kept.append(Bundle(effort, gain, bundle.keys))
    return kept
