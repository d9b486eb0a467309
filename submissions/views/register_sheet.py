"""A register as a sheet: what goes out to Excel, in the columns that can be pasted back."""

from __future__ import annotations

from collections.abc import Iterable

import tablib

from indicators.models import Register
from indicators.resources.writing import to_xlsx
from submissions.forms.cells import columns_of
from submissions.forms.register_files import exact
from submissions.forms.registers import FROM, TO
from submissions.models import RegisterRow


def register_sheet(
    register: Register, rows: Iterable[RegisterRow], *, offices: bool = False
) -> bytes:
    """The rows as a workbook; numbers and dates are typed, a text is never a formula.

    `offices` adds whose each row is. The rows need `agency`, and `proofs`: how many evidences.
    """
    columns = columns_of(register)
    sheet = tablib.Dataset(headers=headings(register, offices=offices))
    for row in rows:
        cells = [exact(column, row.data.get(column.key)) for column in columns]
        cells += [row.valid_from, row.valid_to, getattr(row, "proofs", 0)]
        sheet.append([row.agency.name, *cells] if offices else cells)
    return bytes(to_xlsx(sheet, title=register.code))


def empty_sheet(register: Register) -> bytes:
    """Only the heading, to fill in."""
    titles = headings(register, offices=False)[:-1]
    return bytes(to_xlsx(tablib.Dataset(headers=titles), title=register.code))


def headings(register: Register, *, offices: bool) -> list[str]:
    """The titles of the columns."""
    titles = [column.label for column in columns_of(register)]
    return [*(["Perangkat daerah"] if offices else []), *titles, FROM, TO, "Data dukung"]
