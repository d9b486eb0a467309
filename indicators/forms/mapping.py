"""What a page of the mapping sends: for each newer question the code of the older one, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indicators.actions.mapping import Pairing

FIELD = "asal-{}"
SEEN = "lihat"
NONE = "-"
PAIR = re.compile(r"([0-9]{1,18}):([0-9]{1,18}|-)")


@dataclass(slots=True)
class MappingSheet:
    """The rows as they were sent; `errors` by the newer question where a code is not known."""

    chosen: dict[int, int | None] = field(default_factory=dict)
    seen: dict[int, int | None] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not self.errors


def seen_of(pairings: Sequence[Pairing]) -> str:
    """What was decided when the page was made, for the comparison at saving."""
    return ",".join(
        f"{each.question.pk}:{each.before.pk if each.before else NONE}"
        for each in pairings
        if each.decided
    )


def read_mapping(
    data: Mapping[str, str], pairings: Sequence[Pairing], codes: Mapping[str, int]
) -> MappingSheet:
    """The rows of these pairings; a row that was not sent is left as it is."""
    sheet = MappingSheet()
    for shown in PAIR.finditer(data.get(SEEN, "")):
        sheet.seen[int(shown[1])] = None if shown[2] == NONE else int(shown[2])
    for each in pairings:
        pk = each.question.pk
        typed = data.get(FIELD.format(pk))
        if typed is None:
            continue
        code = typed.strip()
        sheet.typed[pk] = code
        if code in codes:
            sheet.chosen[pk] = codes[code]
        elif code in ("", NONE):
            sheet.chosen[pk] = None
        else:
            sheet.errors[pk] = f"Kode {code[:40]} tidak ada pada versi lama."
    return sheet
