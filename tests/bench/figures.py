"""What a figure is: a value beside its floor and its target."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Figure:
    """One line of the table; `most` and `least` are of the ratio, or of the value if no floor.

    `steady` is the ratio to the floor of the quickest quarters, which a busy machine changes least.
    """

    name: str
    value: float
    unit: str = "ms"
    floor: float | None = None
    most: float | None = None
    least: float | None = None
    queries: int | None = None
    most_queries: int | None = None
    note: str = ""
    steady: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def ok(self) -> bool:
        measure = self.ratio if self.floor else self.value
        fine = (self.most is None or measure <= self.most) and (
            self.least is None or measure >= self.least
        )
        counted = self.queries is not None and self.most_queries is not None
        return fine and not (counted and self.queries > self.most_queries)


def paired(
    work: Callable[[int], object], floor: Callable[[int], object], times: int = 30
) -> tuple[float, float, float]:
    """Milliseconds of the middle one of so many runs, of the work and its floor; the steady ratio.

    In turn, so that a machine that is busy meanwhile slows both; the first three only warm up.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 3):
        for kept, each in zip(taken, (work, floor), strict=True):
            started = time.perf_counter()
            each(number)
            kept.append((time.perf_counter() - started) * 1000)
    figure, beside = taken[0][3:], taken[1][3:]
    quick = statistics.quantiles(figure, n=4)[0] / statistics.quantiles(beside, n=4)[0]
    return statistics.median(figure), statistics.median(beside), quick
