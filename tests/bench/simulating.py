"""What if, for a year in which nothing is proven: every question is a gap, so the search is as long
as it can be.
"""

import time
from dataclasses import replace

from reports.ledger import Ledger, ledger_of
from reports.scores import Score, score
from reports.simulation import EFFORT, FEWEST, FULL, OFFICES, Gap, cheapest_way, gaps_of
from tests.bench.measure import QUESTIONS, SESSION, Bench, UnmeasuredError

NAMES = {
    EFFORT: "the cheapest way",
    FEWEST: "the fewest questions",
    OFFICES: "the fewest offices",
}


def simulating(bench: Bench) -> None:
    """Each way to each category, and the page that asks for one."""
    ledger, figures, gaps = unproven(bench)
    for way, name in NAMES.items():
        slowest, reached = 0.0, 0
        for band in figures.bands:
            if not band.holds(figures.total.proven):
                began = time.perf_counter()
                found = cheapest_way(ledger, figures, gaps, band, way=way)
                slowest = max(slowest, time.perf_counter() - began)
                reached += found is not None
        if not reached:
            raise UnmeasuredError(f"no category can be reached by {name}")
        bench.add(
            f"simulation: {name} for {len(gaps)} questions", slowest, unit="s", most=1,
            note=f"the slowest of {reached} categories",
        )  # fmt: skip
    bench.add_page(
        "simulation of a year", "/simulasi/2024/", bench.verifikator, floor=SESSION, most=25,
        most_queries=12,
    )  # fmt: skip


def unproven(bench: Bench) -> tuple[Ledger, Score, list[Gap]]:
    """The year as if nothing had been answered, with efforts from 1 to 5 in turn."""
    ledger = ledger_of(bench.year, None)
    empty = [
        each._replace(claim_share=None, verified_share=None, verdict="") for each in ledger.entries
    ]
    ledger = replace(ledger, entries=empty)
    figures = score(ledger)
    efforts = {pk: 1 + at % 5 for at, pk in enumerate(ledger.plan.questions)}
    gaps = gaps_of(ledger, figures, efforts, basis=FULL)
    if len(gaps) < QUESTIONS * 0.9:
        raise UnmeasuredError(f"only {len(gaps)} questions can be won")
    return ledger, figures, gaps
