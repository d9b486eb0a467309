"""The instrument as a workbook that people edit: out, and in again by the rules of its file."""

from indicators.resources.instrument.reading import read_workbook
from indicators.resources.instrument.writing import write_workbook

__all__ = ["read_workbook", "write_workbook"]
