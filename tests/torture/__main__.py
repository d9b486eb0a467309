"""The product under fire: python -m tests.torture soak|report."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from tests.torture import soak
from tests.torture.report import PAGE, report
from tests.torture.results import DATABASES


def main() -> int:
    """Do what is asked for, and say by the exit status whether it held."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    chosen = arguments().parse_args()
    failed = {"soak": _soak, "report": _report}[chosen.part](chosen)
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


def _report(_chosen: argparse.Namespace) -> bool:
    soak.add_up()
    left = report()
    sys.stdout.write(f"{PAGE.name} is written; {left} line(s) not measured or not at their goal.\n")
    return False


if __name__ == "__main__":
    sys.exit(main())
