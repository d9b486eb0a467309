"""docs/trust.json and docs/trust.md, from what was recorded: nothing stands there unmeasured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.torture.results import KEPT, LINES, ROOT, recorded

PAGE = ROOT / "docs" / "trust.md"
HEAD = """# Why this can be trusted

Each line is a promise, the test that shows it, and the figure of the last time it was measured.
`python -m tests.torture report` writes this page from [trust.json](trust.json) and from what was
measured on this machine since; nobody edits it by hand. A line that says "not measured" was not.
A commit with a plus had changes on top that were not committed yet. Figures of time and rate depend
on the machine, and on who else works on it; those here come from two cores.

| promise | test | last figure | goal | reached | when, commit |
|---|---|---|---|---|---|
"""


def report(kept: Path = KEPT, page: Path = PAGE, folder: Path | None = None) -> int:
    """Bring both files up to date; the number of lines that are not measured or not reached."""
    known = merged(json.loads(kept.read_text()) if kept.exists() else {}, recorded(folder))
    kept.write_text(json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    page.write_text(text(known))
    return sum(name not in known for name in LINES) + sum(
        not each["reached"] for each in known.values()
    )


def merged(
    before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Of each line the later measurement."""
    found = dict(before)
    for name, each in now.items():
        if name not in found or found[name]["when"] <= each["when"]:
            found[name] = each
    return found


def text(known: dict[str, dict[str, Any]]) -> str:
    """The page: the lines in their order, then those that came on top."""
    names = [*LINES, *sorted(name for name in known if name not in LINES)]
    return HEAD + "".join(_row(name, known.get(name)) for name in names)


def _row(name: str, told: dict[str, Any] | None) -> str:
    if told is None:
        line = LINES[name]
        cells = [line.promise, f"`{line.test}`", "not measured", line.goal, "—", "—"]
    else:
        reached = "yes" if told["reached"] else "**no**"
        when = f"{told['when'][:16].replace('T', ' ')}, {told['commit']}"
        cells = [told["promise"], f"`{told['test']}`", told["figure"], told["goal"], reached, when]
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |\n"
