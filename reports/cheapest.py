"""The least effort that wins a number of points: exact, whole numbers only, no database.

A gap wins `gain` hundredths of a point for `effort`. Gaps of one group (an indicator) win no more
together than the group has `room` for. Efforts are small whole numbers, so the table runs over
effort and keeps the most that can be won for it: some hundred gaps times some hundred efforts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


class Office(NamedTuple):
    """Who has gaps, and for how many offices the name stands (every kelurahan: fifteen)."""

    gaps: Sequence[Gap]
    size: int = 1


def fewest(
    offices: Mapping[str, Office], rooms: Mapping[str, int], target: int
) -> list[str] | None:
    """The names of as few offices as can win `target` together; of those the ones that win it for
    the least effort, and of those the ones that win most with it. None where all of them do not
    reach it. Exact.
    """
    if target <= 0:
        return []
    first = _few(offices, rooms, target)
    return None if first is None else _Least(offices, rooms, target, first).names()


def _few(offices: Mapping[str, Office], rooms: Mapping[str, int], target: int) -> list[str] | None:
    """As few offices as reach the target, whatever their effort. Every choice that could still be
    better is looked at, and what an office wins by itself bounds what it adds.
    """
    alone = {name: won(office.gaps, rooms) for name, office in offices.items()}
    names = sorted((name for name in offices if alone[name]), key=lambda name: -alone[name])
    if won(_together(offices, names), rooms) < target:
        return None

    def reached(at: int, left: int, taken: tuple[str, ...]) -> tuple[str, ...] | None:
        """These with `left` more of those from `at`, if they reach the target."""
        held = won(_together(offices, taken), rooms)
        if held >= target:
            return taken
        if held + sum(alone[name] for name in names[at : at + left]) < target:
            return None
        found, rest = None, left - offices[names[at]].size
        if rest >= 0:
            found = reached(at + 1, rest, (*taken, names[at]))
        return found or reached(at + 1, left, taken)

    whole = sum(offices[name].size for name in names)
    tries = (reached(0, count, ()) for count in range(1, whole + 1))
    return sorted(next(found for found in tries if found is not None))


def _together(offices: Mapping[str, Office], names: Iterable[str]) -> list[Gap]:
    return [gap for name in names for gap in offices[name].gaps]


class _Least:
    """Among all choices of as many offices as `first`, the one of the least effort.

    Offices meet only in a group that would win too much; the few that do are tried open and closed.
    For the others a table tells the most that so many of them win for each effort, and the same
    table, which lets every office win what it would by itself, bounds what is still to be tried.
    """

    def __init__(
        self,
        offices: Mapping[str, Office],
        rooms: Mapping[str, int],
        target: int,
        first: list[str],
    ) -> None:
        self.offices, self.rooms, self.target = offices, rooms, target
        self.count, self.found = sum(offices[name].size for name in first), first
        gaps = _together(offices, first)
        keys = set(cheapest(gaps, rooms, target) or ())
        taken = [gap for gap in gaps if gap.key in keys]
        self.effort, self.gain = sum(gap.effort for gap in taken), won(taken, rooms)
        meeting = self._meeting()
        useful = sorted(name for name in offices if won(offices[name].gaps, rooms))
        self.meeting = [name for name in useful if name in meeting]
        self.order = [*self.meeting, *(name for name in useful if name not in meeting)]
        self.alone = {name: _most(offices[name].gaps, rooms, self.effort) for name in self.order}
        self.tables = self._tables()

    def names(self) -> list[str]:
        self._search(0, ())
        return sorted(self.found)

    def _meeting(self) -> set[str]:
        """Offices with a gap in a group that several of them share and that is too small."""
        sums: dict[str, int] = {}
        owners: dict[str, set[str]] = {}
        for name, office in self.offices.items():
            for gap in office.gaps:
                sums[gap.group] = sums.get(gap.group, 0) + gap.gain
                owners.setdefault(gap.group, set()).add(name)
        tight = (group for group, gain in sums.items() if gain > self.rooms.get(group, gain))
        return set[str]().union(*(owners[group] for group in tight if len(owners[group]) > 1))

    def _tables(self) -> list[list[list[int]]]:
        """For each place in the order, number of offices and effort: the most that so many of the
        offices from there win, each by itself.
        """
        nothing = [0] * (self.effort + 1)
        tables, most = [[nothing] * (self.count + 1)], 0
        for name in reversed(self.order):
            after, office = tables[-1], self.offices[name]
            most += office.size  # more of them than there are win what all of them win
            choices = _choices(office.gaps, self.rooms, self.effort)
            rows = after[: office.size]
            for number in range(office.size, self.count + 1):
                if number > most:
                    rows.append(rows[-1])
                    continue
                taken = _added(after[number - office.size], choices)
                rows.append([*map(max, after[number], taken)])
            tables.append(rows)
        return tables[::-1]

    def _search(self, at: int, opened: tuple[str, ...]) -> None:
        """Everything with these open, and of those that meet the ones from `at` undecided."""
        held = _most(_together(self.offices, opened), self.rooms, self.effort)
        left = self.count - sum(self.offices[name].size for name in opened)
        beside = self.tables[at][left]

        def reach(effort: int) -> int:
            return max(held[one] + beside[effort - one] for one in range(effort + 1))

        if reach(self.effort - 1) < self.target and reach(self.effort) <= self.gain:
            return
        if at < len(self.meeting):
            if self.offices[self.meeting[at]].size <= left:
                self._search(at + 1, (*opened, self.meeting[at]))
            self._search(at + 1, opened)
            return
        while reach(self.effort - 1) >= self.target:
            self.effort -= 1
        self.gain = reach(self.effort)
        rest = next(
            each
            for each in range(self.effort + 1)
            if held[self.effort - each] + beside[each] == self.gain
        )
        self.found = [*opened, *self._taken(at, left, rest)]

    def _taken(self, at: int, left: int, effort: int) -> list[str]:
        """The offices behind a cell of the tables."""
        found = []
        for place, name in enumerate(self.order[at:], at):
            here, after = self.tables[place][left][effort], self.tables[place + 1]
            if here == after[left][effort]:
                continue
            left -= self.offices[name].size
            effort -= next(
                one
                for one, gain in _steps(self.alone[name])
                if one <= effort and gain + after[left][effort - one] == here
            )
            found.append(name)
        return found


def _most(gaps: Sequence[Gap], rooms: Mapping[str, int], limit: int) -> list[int]:
    """The most that gaps win together for each total effort up to the limit."""
    return _added([0] * (limit + 1), _choices(gaps, rooms, limit))


def _added(best: list[int], choices: Iterable[Sequence[Bundle]]) -> list[int]:
    """The most for each effort, with these choices beside what is there."""
    for bundles in choices:
        before = best
        for bundle in bundles:
            if bundle.effort < len(before):
                more = [bundle.gain + each for each in before[: len(before) - bundle.effort]]
                best = [*best[: bundle.effort], *map(max, best[bundle.effort :], more)]
    return best


def _steps(most: Sequence[int]) -> list[tuple[int, int]]:
    """(effort, gain) wherever more effort wins more."""
    return [(at, gain) for at, gain in enumerate(most) if at and gain > most[at - 1]]


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
