"""F28: eight people save, attach, hand in and judge while any two faults happen, again and again.

Everything is drawn from a seed. After each pair: seconds from its end to the first good save. At
the end the history checker and every `verify_*` of the product.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.torture import faults, results
from tests.torture.checker import ACKED, UNKNOWN, check
from tests.torture.people import Person, Told
from tests.torture.stack import Stack, stack

ENOUGH = 100_000  # acknowledged acts on both databases together
# A recovery is timed on a machine of our own only: so much of its processors may go elsewhere.
QUIET = 0.1
RECOVERED = 2.0  # seconds from a fault's end to the first good save
RUNS = results.ROOT / "var" / "torture"


def soak(database: str, seconds: float, seed: int, calm: tuple[float, float]) -> dict[str, Any]:
    """One run; what was found, as it is kept."""
    began = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="kla-torture-", ignore_cleanup_errors=True) as name,
        stack(Path(name), database) as machine,
    ):
        machine.mount()
        world = machine.inside("soak")
        machine.mail = faults.Post(machine.mail_port)  # type: ignore[attr-defined]
        try:
            machine.start()
            before, at = machine.spent_elsewhere(), time.monotonic()
            told, troubles, crashed = work(machine, world, seconds, seed, calm)
            spent = machine.spent_elsewhere() - before
            elsewhere = spent / (time.monotonic() - at) / (os.cpu_count() or 1)
        finally:
            machine.mail.stop()  # type: ignore[attr-defined]
        found = judge(machine, told, Path(name))
    acked = [act for act in told.acts if act.outcome == ACKED]
    return {
        "database": database,
        "when": began.isoformat(timespec="seconds"),
        "commit": results.commit(),
        "seed": seed,
        "seconds": seconds,
        "elsewhere": round(elsewhere, 3),
        "acknowledged": len(acked),
        "by_kind": {kind: sum(a.what == kind for a in acked) for kind in {a.what for a in acked}},
        "unknown": sum(act.outcome == UNKNOWN for act in told.acts),
        "lost_replies": told.lost,
        "replies": dict(sorted(told.replies.items())),
        "refused_files": told.refused_files,
        "faults": troubles,
        "slowest_recovery": max((each["seconds"] for each in troubles), default=0.0),
        "mute": told.mute[:20],
        "crashed": crashed,
        "wrong": found[:200],
        "wrong_count": len(found),
    }


def work(
    machine: Stack, world: list[dict[str, Any]], seconds: float, seed: int,
    calm: tuple[float, float],
) -> tuple[Told, list[dict[str, Any]], list[str]]:  # fmt: skip
    """People at work until the time is over, and what happens to them meanwhile."""
    told, over = Told(), threading.Event()
    chance = random.Random(seed)  # noqa: S311
    shared: dict[int, int] = {}
    crashed: list[str] = []

    def run(person: Person) -> None:
        try:
            person.run()
        except Exception as error:  # noqa: BLE001  (told in the result)
            crashed.append(f"{type(error).__name__}: {error}")

    people = [
        Person(at, machine.port, mine, told, seed, over, shared) for at, mine in enumerate(world)
    ]
    threads = [threading.Thread(target=run, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    until, troubles = time.monotonic() + seconds, []
    told.seconds_to_a_save(0, 30)
    while time.monotonic() < until and not crashed:
        time.sleep(chance.uniform(*calm))
        pair = [kind(machine, chance) for kind in chance.sample(faults.kinds(machine), 2)]
        ended = faults.two_at_once(pair, chance)
        taken = told.seconds_to_a_save(ended, 60)
        troubles.append({"faults": [each.name for each in pair], "seconds": round(taken, 3)})
    over.set()
    for thread in threads:
        thread.join()
    return told, troubles, crashed


def judge(machine: Stack, told: Told, folder: Path) -> list[str]:
    """Every difference between what was told and what is there."""
    found: list[str] = machine.inside("end", str(folder / "facts.json"))
    return found + check(told.acts, json.loads((folder / "facts.json").read_text()))


def keep(run: dict[str, Any]) -> Path:
    """The run as a file of its own: the figures on docs/trust.md add them up."""
    RUNS.mkdir(parents=True, exist_ok=True)
    stamp = run["when"].replace(":", "").replace("+0000", "")
    place = RUNS / f"soak-{run['database']}-{stamp}-{run['seed']}.json"
    place.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n")
    return place


def add_up() -> None:
    """Tell docs/trust.md what all runs together showed, those of other days and machines too."""
    total = {database: _runs(database) for database in results.DATABASES}
    enough = sum(r["acknowledged"] for runs in total.values() for r in runs) >= ENOUGH
    for database, runs in total.items():
        if not runs:
            continue
        measured = {name: runs[-1][name] for name in ("when", "commit")}
        acts, wrong = (sum(run[name] for run in runs) for name in ("acknowledged", "wrong_count"))
        results.record(
            f"lost_acts_{database}",
            figure=f"{wrong} of {acts:,} in {len(runs)} runs",
            reached=not wrong and enough,
            runs=runs,
            **measured,
        )
        last = next((run for run in reversed(runs) if is_quiet(run)), runs[-1])
        figure, reached = recovery(runs)
        results.record(
            f"recovery_{database}",
            figure=figure,
            reached=reached,
            **{name: last[name] for name in ("when", "commit")},
        )


def is_quiet(run: dict[str, Any]) -> bool:
    """Whether the machine did nothing else meanwhile; of old runs it is not known."""
    return run.get("elsewhere", 1) <= QUIET


def recovery(runs: list[dict[str, Any]]) -> tuple[str, bool]:
    """The longest recovery as a figure, and whether it is good. What was timed while the machine
    was busy with something else counts beside it and is told.
    """
    alone, beside = (
        [seconds for run in runs if is_quiet(run) is quiet for seconds in run["recoveries"]]
        for quiet in (True, False)
    )
    told = []
    for pairs, where in ((alone, "alone on the machine"), (beside, "beside other work")):
        slow = sum(seconds > RECOVERED for seconds in pairs)
        if pairs:
            told.append(
                f"{where} {max(pairs):.2f} after {len(pairs)} pairs of faults, {slow} over 2"
            )
    return "; ".join(told) or "no fault happened", bool(alone) and max(alone) <= RECOVERED


def _runs(database: str) -> list[dict[str, Any]]:
    """Of each run on this database what its sum needs: from here, and from docs/trust.json."""
    kept = results.kept().get(f"lost_acts_{database}", {}).get("runs", [])
    found = {(run["when"], run["seed"]): run for run in kept}
    for place in sorted(RUNS.glob(f"soak-{database}-*.json")):
        run = json.loads(place.read_text())
        found[run["when"], run["seed"]] = {
            **{name: run[name] for name in ("when", "commit", "seed", "seconds")},
            **{name: run[name] for name in ("acknowledged", "wrong_count")},
            **({"elsewhere": run["elsewhere"]} if "elsewhere" in run else {}),
            "recoveries": [each["seconds"] for each in run["faults"]],
        }
    return [found[each] for each in sorted(found)]


def failures(run: dict[str, Any]) -> list[str]:
    """Why this run does not hold; nothing if it does."""
    found = [*run["wrong"][:20], *run["crashed"]]
    found += [f"a reply without a sentence: {each}" for each in run["mute"][:5]]
    return found


def say(run: dict[str, Any]) -> None:
    """The run in some lines."""
    slow = sum(each["seconds"] > RECOVERED for each in run["faults"])
    pairs = len(run["faults"])
    lines = [
        f"{run['database']}, seed {run['seed']}, {run['seconds']:.0f} s: "
        f"{run['acknowledged']} acts acknowledged, {run['wrong_count']} differences",
        f"{run['elsewhere']:.0%} of the processors went elsewhere; "
        f"{pairs} pairs of faults; first good save after at most {run['slowest_recovery']} s, "
        f"{slow} of them over {RECOVERED} s",
        f"{run['lost_replies']} replies lost; replies by status {run['replies']}",
    ]
    lines += [
        f"{each['seconds']} s after {' and '.join(each['faults'])}"
        for each in run["faults"]
        if each["seconds"] > RECOVERED
    ]
    sys.stdout.write("\n  ".join(lines) + "\n")
    for each in failures(run):
        sys.stdout.write(f"  {each}\n")
