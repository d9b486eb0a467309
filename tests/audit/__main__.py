"""Every step in turn, or those that are named: python -m tests.audit [STEP …]

At the end stands a table of how each ended. The exit code is 0 only when every step that was asked
for was done and left nothing open: a step whose service cannot be reached was not done. A run of
all steps records its two figures for docs/trust.md (tests/torture/results.py).
"""

import sys
import time

from tests.audit import mutants, scan, steps, tls
from tests.audit.outcome import NOT_DONE, OPEN, Outcome
from tests.torture.results import record

STEPS = {
    "deploy": steps.deploy,
    "lock": steps.lock,
    "ruff": steps.ruff,
    "bandit": steps.bandit,
    "secrets": steps.secrets,
    "licences": steps.licences,
    "sbom": steps.sbom,
    "holes": steps.holes,
    "tls": tls.tls,
    "mutants": mutants.mutants,
    "scan": scan.scan,
}
EXTRA = {"relock": steps.relock, "baseline": steps.baseline}
# What looks for weaknesses in what is ours; known holes of others' code have a line of their own.
SCANNERS = ("deploy", "ruff", "bandit", "secrets", "tls", "scan")


def main(names: list[str]) -> int:
    """Do the steps, show how each ended, and answer with the exit code."""
    unknown = [name for name in names if name not in STEPS | EXTRA]
    if unknown:
        print(f"No such step: {', '.join(unknown)}. There are: {', '.join(STEPS | EXTRA)}.")
        return 2
    ended: dict[str, tuple[Outcome, float]] = {}
    for name in names or STEPS:
        began = time.monotonic()
        outcome = (STEPS | EXTRA)[name]()
        ended[name] = outcome, time.monotonic() - began
        if names:
            print(line_of(name, *ended[name]), flush=True)
        else:
            print(f"audit {name}: {outcome.state}", flush=True)
    outcomes = {name: outcome for name, (outcome, _) in ended.items()}
    if not names:
        print("\n" + "\n".join(line_of(name, *how) for name, how in ended.items()))
        for figure in figures(outcomes):
            record(**figure)
    left = [f"{name} ({each.state})" for name, each in outcomes.items() if not each.is_green]
    if left or not names:
        print("make audit: " + (f"not green: {', '.join(left)}" if left else "all is green"))
    return 1 if left else 0


def line_of(name: str, outcome: Outcome, seconds: float) -> str:
    """One line of the table at the end."""
    return f"{name:<9} {outcome.state:<9} {seconds:>4.0f} s  {outcome.said}".rstrip()


def figures(outcomes: dict[str, Outcome]) -> list[dict]:
    """What docs/trust.md tells of a run of all steps. What was not done is no nought."""
    ran = {name: outcomes[name] for name in SCANNERS}
    missed = [name for name, each in ran.items() if each.state == NOT_DONE]
    open_, explained = (
        sum(getattr(each, it) for each in ran.values()) for it in ("open", "explained")
    )
    told = f"{open_} without an explanation, {explained} explained ({', '.join(ran)})"
    if missed:
        told += f"; NOT DONE: {', '.join(missed)}"
    holes = outcomes["holes"]
    return [
        {
            "name": "open_findings",
            "figure": told,
            "reached": open_ == 0 and not missed,
            "steps": {name: f"{each.state}: {each.said}" for name, each in outcomes.items()},
        },
        {
            "name": "known_holes",
            "figure": str(holes.open) if holes.state == OPEN else holes.said,
            "reached": holes.is_green,
        },
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
