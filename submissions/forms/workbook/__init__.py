"""The office's work as a workbook: what goes out, what comes back, and what would change."""

from submissions.forms.workbook.reading import Fate, Plan, Row, plan_of
from submissions.forms.workbook.writing import write_work

__all__ = ["Fate", "Plan", "Row", "plan_of", "write_work"]
