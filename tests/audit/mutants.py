"""Whether the tests of scoring, workflow and roles would notice a fault: each fault that cosmic-ray
and `faults.py` can put there, one at a time, and how many of them turn the tests red.

Those modules need no Django, and neither do the tests named here.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.audit import steps
from tests.audit.outcome import Outcome, found, green, not_done
from tests.torture import results

TRIED = {
    "indicators/scoring.py": "tests/indicators/test_scoring.py",
    "meetings/workflow.py": "tests/meetings/test_moves.py",
    "agencies/roles.py": "tests/agencies/test_roles.py",
    "submissions/workflow.py": "tests/submissions/test_moves.py",
}
GOAL = 0.95
SECONDS = 15 * 60  # for each module; what is left untried then is not green
AT_ONCE = 2
Told = dict[str, str]


def mutants() -> Outcome:
    """Find at least 95 in 100 faults. Says each that nobody noticed, and records the figure."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = [told for each in pool.map(try_module, TRIED) for told in each]
    for each in outcomes:
        if each["outcome"] != "killed":
            print("  {outcome}: {module}:{line} {fault}: {change}".format(**each))
    return judged(outcomes)


def judged(outcomes: list[Told]) -> Outcome:
    """How these outcomes count; the figure is recorded for docs/trust.md."""
    lacking = [module for module in TRIED if not any(e["module"] == module for e in outcomes)]
    if lacking:
        return not_done(f"nothing was tried in {', '.join(lacking)}")
    untried = sum(each["outcome"] == "not tried" for each in outcomes)
    if untried:
        return not_done(f"{untried} of {len(outcomes)} faults were not tried in time")
    killed = sum(each["outcome"] == "killed" for each in outcomes)
    reached = killed >= GOAL * len(outcomes)
    figure = f"{killed:,} of {len(outcomes):,} ({killed * 1000 // len(outcomes) / 10} %)"
    results.record("mutants", figure=figure, reached=reached)
    said = f"{figure} faults noticed"
    return green(said) if reached else found(f"{said}; at least {GOAL:.0%} are wanted")


def try_module(module: str) -> list[Told]:
    """What became of each fault in a module."""
    made = steps.run(steps.TOOLS / "python", "-m", "tests.audit.mutating", module)
    if made.returncode:
        steps.said(made, "")
        return []
    done = subprocess.run(
        [sys.executable, "-m", "tests.audit.trying", module, TRIED[module], str(SECONDS)],
        cwd=steps.ROOT,
        # Without plugins a start is quicker; CI makes hypothesis repeat itself and not look at
        # the clock.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "1"},
        input=made.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    steps.said(done, "")
    return [json.loads(line) for line in done.stdout.splitlines()]
