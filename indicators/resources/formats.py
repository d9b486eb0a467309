"""The two formats of the admin's pages, read and written as everywhere else."""

from __future__ import annotations

from typing import Any

import tablib
from import_export.formats import base_formats

from indicators.resources.tables import Table, read_sheet
from indicators.resources.writing import to_csv, to_xlsx


class Xlsx(base_formats.XLSX):
    """The admin's export: the library would write a text such as =1+1 as a live formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return to_xlsx(dataset, title="Data")

    def create_dataset(self, in_stream: bytes) -> Table:
        return read_sheet(in_stream)


class Csv(base_formats.CSV):
    """The same guard for the plain table."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return to_csv(dataset)

    def create_dataset(self, in_stream: bytes) -> Table:
        return read_sheet(in_stream)


class EitherFormat(Xlsx):
    """Coming in, the bytes tell which of the two it is."""

    def get_title(self) -> str:
        return "XLSX atau CSV"
