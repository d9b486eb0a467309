"""Every step in turn, or those that are named: python -m tests.audit [STEP …]

Each says "ok" or what is wrong; the exit code is 0 only when every step that was asked for was done
and found nothing. A step whose service cannot be reached was not done.
"""

import sys
import time

from tests.audit import scan, steps

STEPS = {
    "deploy": steps.deploy,
    "lock": steps.lock,
    "ruff": steps.ruff,
    "bandit": steps.bandit,
    "secrets": steps.secrets,
    "licences": steps.licences,
    "sbom": steps.sbom,
    "holes": steps.holes,
    "scan": scan.scan,
}
EXTRA = {"relock": steps.relock, "baseline": steps.baseline}


def main(names: list[str]) -> int:
    """Do the steps, say how each ended, and answer with the exit code."""
    unknown = [name for name in names if name not in STEPS | EXTRA]
    if unknown:
        print(f"No such step: {', '.join(unknown)}. There are: {', '.join(STEPS | EXTRA)}.")
        return 2
    bad = 0
    for name in names or STEPS:
        began = time.monotonic()
        problem = (STEPS | EXTRA)[name]()
        took = f"{time.monotonic() - began:.0f} s"
        print(f"audit {name}: {problem or 'ok'} ({took})", flush=True)
        bad += bool(problem)
    if bad:
        print(f"make audit: {bad} step(s) not green")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
