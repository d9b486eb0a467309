"""The faults that can be put into a module, one at a time, each as the whole program it makes.

Runs where cosmic-ray is installed (.venv/audit), for `tests/audit/mutants.py`:

    python -m tests.audit.mutating MODULE

Writes one line of JSON for each fault, and nothing else anywhere.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor

from tests.audit.faults import FAULTS

Span = tuple[tuple[int, int], tuple[int, int]]


def operators() -> Iterator[tuple[str, object]]:
    """All that need no argument, cosmic-ray's and our own."""
    for name in plugins.operator_names():
        known = plugins.get_operator(name)
        if not known.arguments():
            yield name.partition("/")[2], known()
    for name, ours in FAULTS.items():
        yield name, ours()


def annotations(source: str) -> list[Span]:
    """Where types are written: a fault there is none when the program runs."""
    hints = (
        hint
        for node in ast.walk(ast.parse(source))
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if hint is not None
    )
    return [
        ((hint.lineno, hint.col_offset), (hint.end_lineno, hint.end_col_offset)) for hint in hints
    ]


def mutants(source: str) -> Iterator[tuple[str, int, str]]:
    """Each different program that one fault makes of this one: its operator, its line, its text.

    Left out: what does not parse, what says the same as another, and faults in types.
    """
    typed, seen = annotations(source), {ast.dump(ast.parse(source))}
    for name, operator in operators():
        places = [
            place
            for node in ast_nodes(get_ast(source))
            for place in operator.mutation_positions(node)
        ]
        for at, (start, end) in enumerate(places):
            if any(first <= start and end <= last for first, last in typed):
                continue
            text = MutationVisitor.mutate_code(source, operator, at)
            try:
                meaning = ast.dump(ast.parse(text or ""))
            except SyntaxError:
                continue
            if meaning not in seen:
                seen.add(meaning)
                yield name, start[0], text


def changed(source: str, text: str) -> str:
    """The lines that differ, as they were and as they are."""
    old, new = source.splitlines(), text.splitlines()
    while old and new and old[0] == new[0]:
        old.pop(0), new.pop(0)
    while old and new and old[-1] == new[-1]:
        old.pop(), new.pop()
    return f"{' '.join(map(str.strip, old))} -> {' '.join(map(str.strip, new))}"


def wrong_examples() -> list[str]:
    """What our own faults do otherwise than they say."""
    return [
        f"{name}: {each.pre_mutation_code!r}"
        for name, fault in FAULTS.items()
        for each in fault.examples()
        if MutationVisitor.mutate_code(each.pre_mutation_code, fault(), each.occurrence)
        != each.post_mutation_code
    ]


def main(module: str) -> int:
    """Write them all; 1 if our own operators are wrong themselves."""
    if wrong := wrong_examples():
        print("\n".join(wrong), file=sys.stderr)
        return 1
    source = Path(module).read_text(encoding="utf-8")
    for fault, line, text in mutants(source):
        change = changed(source, text)
        told = {"fault": fault, "module": module, "line": line, "change": change, "text": text}
        print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
