"""Run the benchmark: python -m tests.bench [--quick] [--write] [--only sqlite|postgresql].

On each database with one region and with fifty (`--quick`: five), each in a process and a folder of
its own. Prints a table; `--write` stores it as docs/benchmarks.md.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure
from tests.postgres import server

ROOT = Path(__file__).resolve().parents[2]
SLOWER = 1.3
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Measure, print, and say by the exit status whether every target was met."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five regions, a shorter load")
    parser.add_argument("--write", action="store_true", help=f"store the table in {PAGE.name}")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a target is missed")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    many, seconds = (5, 6) if chosen.quick else (50, 30)
    lines = [f"Regions 1 and {many}; {os.cpu_count()} cores; {time.strftime('%Y-%m-%d')}.", ""]
    missed = 0
    for database in ("sqlite", "postgresql"):
        if chosen.only in {None, database}:
            one, more = measured(database, 1, seconds), measured(database, many, seconds)
            part, count = table(database, one, more, many)
            lines += part
            missed += count
            sys.stdout.write("\n".join(part) + "\n")
    if chosen.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text("\n".join([*HEAD, *lines]))
    sys.stdout.write(f"{missed} figure(s) over their target.\n")
    return 1 if missed and chosen.strict else 0


def measured(database: str, regions: int, seconds: int) -> list[Figure]:
    """The figures of a database made for this alone."""
    sys.stderr.write(f"== {database}, {regions} region(s)\n")
    with tempfile.TemporaryDirectory(prefix="kla-bench-") as folder:
        if database == "sqlite":
            return child(folder, regions, seconds, "")
        with server() as url:
            return child(folder, regions, seconds, url)


def child(folder: str, regions: int, seconds: int, url: str) -> list[Figure]:
    """A process that measures, with nothing of our surroundings but what it needs."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "VAR_DIR": folder,
        "UPLOADS_PER_MINUTE": "100000",
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "LOG_LEVEL": "CRITICAL",
    }
    if url:
        environment["DATABASE_URL"] = url
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    out = Path(folder) / "figures.json"
    words = [sys.executable, "-m", "tests.bench.child", str(out), str(regions), str(seconds)]
    process = subprocess.Popen(words, cwd=ROOT, env=environment)
    try:
        code = process.wait()
    finally:
        # Whoever stops us stops the measurement and its server with it.
        if process.poll() is None:
            process.terminate()
            process.wait(30)
    if code:
        sys.exit(f"The measurement on {regions} region(s) failed; what it said stands above.")
    return [Figure(**each) for each in json.loads(out.read_text())]


def table(database: str, one: list[Figure], more: list[Figure], many: int) -> tuple[list[str], int]:
    """The lines of a database, and how many targets were missed."""
    grown = {figure.name: figure for figure in more}
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
    rows = [
        f"## {name}",
        "",
        f"| what | figure | floor | ratio | target | queries | with {many} regions | |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    missed = 0
    for figure in one:
        other = grown.get(figure.name)
        growth, fine = compare(figure, other)
        rows.append(row(figure, growth, fine=fine))
        missed += not fine
    for figure in more:
        if figure.name not in {each.name for each in one}:
            rows.append(row(figure, "", fine=figure.ok))
            missed += not figure.ok
    return [*rows, ""], missed


def compare(one: Figure, more: Figure | None) -> tuple[str, bool]:
    """How much slower it is with many regions, and whether all of it is within its target."""
    if more is None or one.name.startswith(("floor", "migrations")) or one.unit != "ms":
        return "", one.ok
    # Each beside the floor of its own run: the machine may have been busier in one of them.
    here, there = one.steady or one.value, more.steady or more.value
    text = f"{there / here:.2f}x"
    if one.queries != more.queries:
        text += f", {more.queries} queries"
    same = one.queries == more.queries
    return text, one.ok and same and there / here <= SLOWER


def row(figure: Figure, growth: str, *, fine: bool) -> str:
    """One line of the table."""
    ratio = f"{figure.ratio:.2f}" if figure.ratio else ""
    if figure.most is not None:
        target = f"<= {figure.most:g}" + ("x" if figure.floor else f" {figure.unit}")
    else:
        target = f">= {figure.least:g}x" if figure.least is not None else ""
    queries = "" if figure.queries is None else str(figure.queries)
    if figure.most_queries is not None:
        queries += f" (<= {figure.most_queries})"
    judged = bool(target)
    words = [
        figure.name + (f" ({figure.note})" if figure.note else ""),
        f"{figure.value:.2f} {figure.unit}",
        f"{figure.floor:.2f}" if figure.floor else "",
        ratio,
        target,
        queries,
        growth,
        ("ok" if fine else "over") if judged else "",
    ]
    return f"| {' | '.join(words)} |"


HEAD = [
    "# Benchmarks",
    "",
    "Made by `.venv/bin/python -m tests.bench --write`. Trust the ratios, doubt the times: a",
    "figure stands beside a floor, measured in turn with it on the same machine. Most floors are a",
    "page with a session and a user. Pages and verbs are timed inside one process (the middle of",
    "30); rates and memory come from the real gunicorn. The last column but one is the figure with",
    "many regions against the one with one, each beside its own floor (the quickest quarters, as",
    "others use the machine too): 1.3 is allowed, and as many queries. BEGIN and COMMIT count as",
    "queries. A bundle of 10 GB is not here but in `python -m tests.bench.large`; what is over its",
    "target, and why, stands in `decisions/0041-what-a-save-costs.md`.",
    "",
]


if __name__ == "__main__":
    sys.exit(main())
