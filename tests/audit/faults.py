"""Faults that are put into tables, beside those that cosmic-ray puts into expressions.

What we decide by is mostly a table: who may do what, which move leads where. cosmic-ray turns
operators, numbers and conditions; these take an entry away, give one too many, put another member
of an enumeration, another word or nothing in the place of what stands there.

For cosmic-ray, so this runs where it is installed (.venv/audit), not where the product is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import parso
from cosmic_ray.operators.operator import Example, Operator
from parso.python import tree

Place = tuple[tuple[int, int], tuple[int, int]]
LISTS = ("dictorsetmaker", "testlist_comp", "arglist")


def entries(node: Any) -> list[list[Any]]:
    """The entries of a written-out collection or call, each the leaves and nodes it is made of."""
    if node.type not in LISTS or any(_kind(each) == "comp_for" for each in node.children):
        return []
    found: list[list[Any]] = [[]]
    for child in node.children:
        if _is(child, ","):
            found.append([])
        else:
            found[-1].append(child)
    return [each for each in found if each]


def written(entry: list[Any]) -> str:
    """An entry as it stands, without the space before it."""
    return "".join(part.get_code(include_prefix=at > 0) for at, part in enumerate(entry))


def family(entry: list[Any]) -> str:
    """What an entry could be exchanged with: words with words, members with their fellows."""
    if len(entry) != 1:
        return ""
    if entry[0].type == "string":
        return "word"
    name, dot, member = written(entry).partition(".")
    return name if dot and member.isupper() else ""


class Fault(Operator):  # type: ignore[misc]
    """A fault that is known by where it can be: each place with the deed that makes it."""

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[Place]:
        for where, _ in self.faults(node):
            yield where.start_pos, where.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return list(self.faults(node))[index][1]()

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return tuple(Example(before, after) for before, after in SHOWN[cls.__name__])


class EntryTaken(Fault):
    """An entry is missing: of a set, a tuple, a dictionary; the last argument of a call, or one
    that is given by name.
    """

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        found = entries(node)
        for entry in found:
            named = entry[0].type == "argument"
            if node.type == "arglist" and not named and entry is not found[-1]:
                continue
            yield entry[0], lambda entry=entry: self._without(node, entry)

    def _without(self, node: Any, entry: list[Any]) -> Any:
        at = node.children.index(entry[0])
        end = at + len(entry)
        follows = end < len(node.children)
        node.children[at : end + follows] = []
        tuple_ = node.type == "testlist_comp" and _is(node.parent.children[0], "(")
        if tuple_ and len(node.children) == 1:
            node.children.append(tree.Operator(",", node.end_pos))
        return node


class EntryGiven(Fault):
    """An entry too many: every one that stands in a like collection of the same file."""

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        kind = self._kind_of(node)
        if not kind:
            return
        mine = {written(entry) for entry in entries(node)}
        for text in self._known(node.get_root_node(), kind):
            if text not in mine:
                yield node, lambda text=text: self._with(node, text)

    def _kind_of(self, node: Any) -> str:
        kinds = {family(entry) for entry in entries(node)} if node.type in LISTS[:2] else set()
        [kind] = kinds if len(kinds) == 1 else [""]
        # Words only in sets: a tuple of words is mostly a text in parts, or goes by its order.
        return "" if kind == "word" and not _is(node.parent.children[0], "{") else kind

    def _known(self, root: Any, kind: str) -> list[str]:
        return sorted(
            {
                written(entry)
                for node in _all(root)
                if node.type in LISTS and self._kind_of(node) == kind
                for entry in entries(node)
            }
        )

    def _with(self, node: Any, text: str) -> Any:
        extra = parso.parse(f"({text}, 0)").children[0].children[1].children[:2]
        node.children[:0] = extra
        return node


class OtherMember(Fault):
    """The next member of an enumeration in the place of one."""

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        if node.type not in {"power", "atom_expr"} or len(node.children) != 2:
            return
        owner, trailer = node.children
        if owner.type != "name" or not _is(trailer.children[0], "."):
            return
        members = self._members(node.get_root_node(), owner.value)
        name = trailer.children[1].value
        if name in members and len(members) > 1:
            other = members[(members.index(name) + 1) % len(members)]
            yield node, lambda: self._named(node, other)

    def _members(self, root: Any, owner: str) -> list[str]:
        for each in _all(root):
            if each.type == "classdef" and each.name.value == owner:
                body = [line for line in each.get_suite().children if line.type == "simple_stmt"]
                firsts = [line.children[0] for line in body]
                return [
                    first.children[0].value
                    for first in firsts
                    if first.type == "expr_stmt" and first.children[0].value.isupper()
                ]
        return []

    def _named(self, node: Any, other: str) -> Any:
        node.children[1].children[1].value = other
        return node


class OtherWord(Fault):
    """Another word in the place of one; what only explains is left alone."""

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        if node.type == "string" and node.parent.type != "simple_stmt":
            yield node, lambda: self._changed(node)

    def _changed(self, node: Any) -> Any:
        quote = node.value.index(node.value[-1])
        node.value = f"{node.value[: quote + 1]}XX{node.value[quote + 1 :]}"
        return node


class NothingReturned(Fault):
    """None in the place of what a function answers."""

    def faults(self, node: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
        if node.type == "return_stmt" and written([node.children[1]]) != "None":
            yield node, lambda: self._nothing(node)

    def _nothing(self, node: Any) -> Any:
        node.children[1] = tree.Keyword("None", node.children[1].start_pos, prefix=" ")
        return node


def _kind(node: Any) -> str:
    return "comp_for" if node.type in {"comp_for", "sync_comp_for"} else node.type


def _is(node: Any, mark: str) -> bool:
    return node.type == "operator" and node.value == mark


def _all(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _all(child)


SHOWN = {
    "EntryTaken": (
        ('x = {"a", "b"}\n', 'x = { "b"}\n'),
        ("x = (1, 2)\n", "x = ( 2,)\n"),
        ("x = f(1, 2)\n", "x = f(1,)\n"),
        ("x = f(a=1, b=2)\n", "x = f( b=2)\n"),
        ('x = {"a": 1, "b": 2}\n', 'x = { "b": 2}\n'),
    ),
    "EntryGiven": (
        ('x = {"a", "b"}\ny = {"c", "a"}\n', 'x = {"c","a", "b"}\ny = {"c", "a"}\n'),
        ("x = (S.A, S.B)\ny = (S.C,)\n", "x = (S.C,S.A, S.B)\ny = (S.C,)\n"),
    ),
    "OtherMember": (
        (
            "class S(StrEnum):\n    A = 1\n    B = 2\n\nx = S.B\n",
            "class S(StrEnum):\n    A = 1\n    B = 2\n\nx = S.A\n",
        ),
    ),
    "OtherWord": (('"""Doc."""\nx = "a"\n', '"""Doc."""\nx = "XXa"\n'),),
    "NothingReturned": (("def f():\n    return 1\n", "def f():\n    return None\n"),),
}
FAULTS = {each.__name__: each for each in Fault.__subclasses__()}
