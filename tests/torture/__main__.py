"""The product under fire: python -m tests.torture soak|evening|others|report."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from tests.torture import evening, others, soak
from tests.torture.report import PAGE, report
from tests.torture.results import DATABASES


def main() -> int:
    """Do what is asked for, and say by the exit status whether it held."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    chosen = arguments().parse_args()
    failed = {"soak": _soak, "evening": _evening, "others": _others, "report": _report}[
        chosen.part
    ](chosen)
    return 1 if failed else 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    long = parts.add_parser("soak", help="people at work while any two faults happen")
    long.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    long.add_argument("--minutes", type=float, default=60, help="of all runs together")
    long.add_argument("--run", type=float, default=10, help="minutes of one run")
    long.add_argument("--seed", type=int, default=None, help="the same seed, the same faults")
    long.add_argument("--calm", type=float, nargs=2, default=(3, 8), metavar="SECONDS",
                      help="between two pairs of faults, at least and at most")  # fmt: skip
    rush = parts.add_parser("evening", help="the evening of the deadline, and its eight figures")
    rush.add_argument("--database", choices=[*DATABASES, "postgres"], default="postgresql")
    rush.add_argument("--people", type=int, default=None, help="200; 60 on SQLite")
    rush.add_argument("--minutes", type=float, default=10)
    rush.add_argument("--scale", type=float, default=1, help="of people and minutes, to try it")
    parts.add_parser("others", help="the restore drill, and the tests that tell a figure")
    parts.add_parser("report", help=f"write docs/{PAGE.name} from what was measured")
    return parser


def _soak(chosen: argparse.Namespace) -> bool:
    """Runs on the databases in turn until the time is over; whether one did not hold."""
    databases = list(DATABASES) if chosen.database == "both" else [chosen.database]
    seed = chosen.seed if chosen.seed is not None else int(time.time()) % 1_000_000
    left, number, failed = chosen.minutes * 60, 0, False
    while left > 0:
        seconds = min(left, chosen.run * 60, chosen.minutes * 60 / len(databases))
        run = soak.soak(
            databases[number % len(databases)], seconds, seed + number, tuple(chosen.calm)
        )
        soak.keep(run)
        soak.say(run)
        sys.stdout.flush()
        failed = failed or bool(soak.failures(run))
        left, number = left - seconds, number + 1
    soak.add_up()
    return failed


def _evening(chosen: argparse.Namespace) -> bool:
    """Measured and printed; only a measurement in full size is kept."""
    database = "sqlite" if chosen.database == "sqlite" else "postgresql"
    people = chosen.people or (60 if database == "sqlite" else 200)
    told = evening.evening(
        database, max(4, round(people * chosen.scale)), chosen.minutes * chosen.scale
    )
    whole = people >= (60 if database == "sqlite" else 200) and told["minutes"] >= 4
    return not evening.report(told, keep=whole)


def _others(_chosen: argparse.Namespace) -> bool:
    return others.measure()


def _report(_chosen: argparse.Namespace) -> bool:
    soak.add_up()
    left = report()
    sys.stdout.write(f"{PAGE.name} is written; {left} line(s) not measured or not at their goal.\n")
    return False


if __name__ == "__main__":
    sys.exit(main())
