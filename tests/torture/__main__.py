"""The product under fire: python -m tests.torture report."""

from __future__ import annotations

import argparse
import sys

from tests.torture.report import PAGE, report


def main() -> int:
    """Do what is asked for, and say by the exit status whether it held."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    parts.add_parser("report", help="write docs/trust.md from what was measured")
    parser.parse_args()
    left = report()
    sys.stdout.write(f"{PAGE.name} is written; {left} line(s) not measured or not at their goal.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
