"""Run a module's tests against each of its faults, quickly: a child for each, in which the module
is the faulty program, and nothing is ever written to the disk.

    python -m tests.audit.trying MODULE TESTS SECONDS < faults > outcomes

Both are lines of JSON, as `tests/audit/mutating.py` writes them; an outcome is added to each.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import hypothesis.strategies  # noqa: F401  (loaded once, before the children are made)
import pytest
from hypothesis import Phase, settings

CPU = 10  # seconds of work; who needs more than that has lost its end
WALL = 300  # ... and who only waits
MEMORY = 2 << 30


class Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another text than the one on the disk."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.text, self.name, "exec"), module.__dict__)  # noqa: S102


def passes(name: str, text: str, words: list[str]) -> bool:
    """Whether the tests are green with this text as the module; killed is not green."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(WALL)
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            sys.meta_path.insert(0, Faulty(name, text))
            code = int(pytest.main(words))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status == 0


def main(module: str, tests: str, seconds: str) -> int:
    """Try them all, or as many as there is time for; 1 if the tests are red without a fault."""
    ends, name = time.monotonic() + float(seconds), module.removesuffix(".py").replace("/", ".")
    assert name not in sys.modules
    # The same values each time, no look at the clock, and no search for the smallest that fails.
    quick = settings(settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
    settings.register_profile("faults", quick)
    settings.load_profile("faults")
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as ini:
        ini.write("[pytest]\n")
        ini.flush()
        words = ["-x", "-q", "-c", ini.name, "--rootdir", ".", "--noconftest"]
        words += ["-p", "no:cacheprovider", tests]
        if not passes(name, Path(module).read_text(encoding="utf-8"), words):
            print(f"{tests} is red as it is", file=sys.stderr)
            return 1
        for line in sys.stdin:
            told = json.loads(line)
            text = told.pop("text")
            if time.monotonic() > ends:
                told["outcome"] = "not tried"
            else:
                told["outcome"] = "survived" if passes(name, text, words) else "killed"
            print(json.dumps(told, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
