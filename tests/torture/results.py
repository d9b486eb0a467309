"""Figures that show what the product promises: written where they are measured, read by report.py.

`record` writes var/trust/NAME.json (nothing of it is in the repository); `python -m tests.torture
report` takes the newest of these and of docs/trust.json, and writes docs/trust.json and
docs/trust.md again. Needs no Django, so that a test, a tool and a script can all call it.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "trust.json"
# Another folder for who tries this out.
FOLDER = Path(os.environ.get("TRUST_DIR") or ROOT / "var" / "trust")
DATABASES = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Line:
    """What is promised, the test that shows it, and what it has to reach."""

    promise: str
    test: str
    goal: str


def _evening() -> dict[str, Line]:
    """The eight figures of the evening of the deadline, on each database."""
    figures = {
        "missing": ("nothing acknowledged is missing, doubled or altered", "0"),
        "errors": ("no reply of 500 or more outside the restart, no locked database", "0; 0"),
        "slower": ("a form, a save, the dashboard against one user alone (p95)", "≤ 3; ≤ 3; ≤ 4"),
        "spread": ("the slowest saves against the middle one (p99 / p50)", "≤ 8"),
        "headroom": ("the highest rate that still holds, against the evening's", "≥ 3"),
        "login": ("the last of all is signed in, against one sign-in alone", "≤ 120"),
        "memory": ("memory of all processes at the end, against minute 1", "≤ 1.2"),
        "slow": ("/healthz with 60 slow uploads, against none (p99)", "≤ 3"),
    }
    return {
        f"evening_{name}_{database}": Line(
            f"The evening of the deadline, {database}: {promise}",
            f"python -m tests.torture evening --database {database}",
            goal,
        )
        for database in DATABASES
        for name, (promise, goal) in figures.items()
    }


LINES: dict[str, Line] = {
    **{
        f"lost_acts_{database}": Line(
            f"What was acknowledged is there, once and unaltered, {database}: acts lost",
            "make soak (tests/torture/soak.py)",
            "0 of at least 100,000 on both together",
        )
        for database in DATABASES
    },
    **{
        f"recovery_{database}": Line(
            f"Seconds from the end of a fault to the first good save, {database}: the longest",
            "make soak (tests/torture/soak.py)",
            "≤ 2",
        )
        for database in DATABASES
    },
    "access_cells": Line(
        "Access: cells of address x role x whose that answer otherwise than the table",
        "tests/test_access.py",
        "0, with every address in it",
    ),
    "hostile_files": Line(
        "Hostile files are refused or made harmless, without effort",
        "tests/faults (hostile files)",
        "0 taken of at least 60; the slowest < 0.2 s",
    ),
    **_evening(),
    **{
        f"restore_drill_{way}": Line(
            f"A restore by who has never seen it: {way.replace('_', ' ')}",
            "python -m tests.drill",
            "every row and byte back",
        )
        for way in (
            "sqlite",
            "postgresql",
            "sqlite_to_postgresql",
            "postgresql_to_sqlite",
        )
    },
    "damaged_backups": Line(
        "Truncated or altered backups that are accepted", "tests/test_backup.py", "0 of 200"
    ),
    "mutants": Line(
        "Faults put into scoring, workflow and roles that the tests find", "make audit", "≥ 95 %"
    ),
    "rewritten_history": Line(
        "Rewritten history that is not found", "tests/history/test_chain.py", "0"
    ),
    "personal_data_in_logs": Line("Personal data in logs", "tests/history/test_logs.py", "0 lines"),
    "open_findings": Line(
        "Findings of the scanners without an explanation (docs/decisions/0040)", "make audit", "0"
    ),
    "known_holes": Line(
        "Known holes in the packages that are installed, asked of PyPI's service", "make audit", "0"
    ),
}


def record(
    name: str,
    *,
    figure: str,
    reached: bool,
    promise: str = "",
    test: str = "",
    goal: str = "",
    **more: Any,
) -> Path:
    """Write what was measured just now; promise, test and goal are those of LINES unless given.

    A name that LINES does not have needs all three. `more` is kept beside (seed, seconds, …).
    """
    line = LINES.get(name) or Line(promise, test, goal)
    told = {
        "promise": promise or line.promise,
        "test": test or line.test,
        "figure": figure,
        "goal": goal or line.goal,
        "reached": reached,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        **more,
    }
    lacking = [field for field in ("promise", "test", "goal", "figure") if not told[field]]
    if lacking:
        message = f"{name} is not in LINES and lacks {', '.join(lacking)}."
        raise ValueError(message)
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = FOLDER / f"{name}.json"
    draft = place.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return draft.replace(place)


def commit() -> str:
    """Which code was measured; with a plus if it was changed since."""
    words = ["git", "describe", "--always", "--abbrev=10", "--exclude=*", "--dirty=+"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def recorded(folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """What was recorded on this machine, by name."""
    found = sorted((folder or FOLDER).glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in found}


def kept() -> dict[str, dict[str, Any]]:
    """What is in the repository, by name."""
    found: dict[str, dict[str, Any]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return found
