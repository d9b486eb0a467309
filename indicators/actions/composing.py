"""What was decided of questions towards a version that is not the neighbour: step by step through
the versions in between, as far as somebody decided each step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from indicators.models import Instrument, Predecessor


@dataclass(slots=True)
class Decided:
    """By the newer question: the older one (or None where it was said that none asked the same),
    and, of those that stay open, the code and words of what it continues in between, furthest last.
    """

    before: dict[int, int | None] = field(default_factory=dict)
    between: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def decided(questions: Iterable[int], older: Instrument) -> Decided:
    """The shortest way counts; of ways of the same length the one through the newest version. A
    query for each step of the longest way.
    """
    found = Decided()
    here = {pk: {pk} for pk in questions}  # where we are, and for which of the questions
    been = set(here)
    while here:
        rows = list(
            Predecessor.objects.filter(question__in=here, older__year__gte=older.year)
            .order_by("-older__year", "-older", "pk")
            .values_list("question", "older", "before", "before__code", "before__text")
        )
        for question, version, before, *_ in rows:
            if version == older.pk:
                for origin in here[question]:
                    found.before.setdefault(origin, before)
        there: dict[int, set[int]] = {}
        for question, version, before, code, text in rows:
            left = here[question] - found.before.keys()
            if version == older.pk or before is None or before in been or not left:
                continue
            there.setdefault(before, set()).update(left)
            for origin in left:
                found.between.setdefault(origin, []).append((code, text))
        been |= there.keys()
        here = there
    return found
