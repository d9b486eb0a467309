"""What keeps a sheet out, and where in it that stands."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = 60
UNKNOWN = "kolom tidak dikenal."
UNTITLED = (
    "kolom ini tidak berjudul. Beri tiap kolom judulnya sendiri dan pisahkan sel yang digabung."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a sheet out; rows count as in the spreadsheet, its heading is row 1."""

    reason: str
    row: int | None = None
    column: str = ""
    value: object = None
    sheet: str = ""

    def __str__(self) -> str:
        place = [f"lembar {self.sheet}"] if self.sheet and (self.row or self.column) else []
        if self.row:
            place.append(f"baris {self.row}")
        if self.column:
            place.append(f"kolom {self.column}")
        if self.row and self.column:
            place.append(f"isi {_shown(self.value)}")
        if not place:
            return self.reason
        where = ", ".join(place)
        return f"{where[0].upper()}{where[1:]}: {self.reason}"


class SheetError(Exception):
    """A sheet that was refused whole; nothing of it was stored."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def _shown(value: object) -> str:
    if value is None or value == "":
        return "kosong"
    text = str(value)
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"
