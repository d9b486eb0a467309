"""A plain table as CSV, as an Indonesian Excel opens it: BOM, semicolons, decimal commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from indicators.resources.formulas import guarded
from indicators.wording import local
from reports.stamp import Stamp
from reports.workbook.sheets import Column


def write_csv(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], target: IO[bytes], stamp: Stamp
) -> None:
    """The heading first, as programs expect it; when, from what and by whom stands at the end."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([said(column.label) for column in columns])
    writer.writerows([said(value) for value in row] for row in rows)
    writer.writerow([])
    writer.writerows([said(label), said(words)] for label, words in stamp.facts)
    text.flush()
    text.detach()


def said(value: object) -> str:
    """One cell as text, never a formula; a figure as it is read here."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Decimal | int):
        return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
    return guarded(str(value))
