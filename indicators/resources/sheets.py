"""Rows of reference data as a sheet: in whole or not at all, out as typed cells.

The base of every room's resources.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from import_export import resources
from import_export.instance_loaders import ModelInstanceLoader
from openpyxl.utils import get_column_letter

from indicators.resources.cells import Column, DateCell, NumberCell, TextCell, WholeCell, YesNoCell
from indicators.resources.problems import UNKNOWN, UNTITLED, Problem, SheetError
from indicators.resources.reading import MAX_ROWS
from indicators.resources.tables import row_numbers, without_blank_end

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sheet did, or would do in a dry run."""

    created: int
    updated: int
    unchanged: int


class Difference(resources.Diff):
    """What a row would change, as pairs of before and after, for a page to draw."""

    def as_html(self) -> list[tuple[str, str]]:
        before = [""] * len(self.left) if self.new else [_plain(each) for each in self.left]
        return list(zip(before, (_plain(each) for each in self.right), strict=True))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


class KnownRows(ModelInstanceLoader):
    """Every stored row by its key, in one query however many rows a sheet has."""

    def __init__(self, resource: SheetResource, dataset: tablib.Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self.keys = [resource.fields[name] for name in resource.get_import_id_fields()]
        self.known = {
            tuple(field.get_value(row) for field in self.keys): row for row in self.get_queryset()
        }

    def get_instance(self, row: Any) -> Any:
        return self.known.get(tuple(field.clean(row) for field in self.keys))


class SheetResource(resources.ModelResource):
    """Base of every resource: `load` takes a sheet whole or raises SheetError; `sheet` gives it.

    The columns must be exactly those of the resource; `import_id_fields` tell rows apart.
    """

    DEFAULT_RESOURCE_FIELD = Column
    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {
        "CharField": TextCell,
        "TextField": TextCell,
        "SlugField": TextCell,
        "DecimalField": NumberCell,
        "IntegerField": WholeCell,
        "PositiveIntegerField": WholeCell,
        "PositiveSmallIntegerField": WholeCell,
        "SmallIntegerField": WholeCell,
        "BooleanField": YesNoCell,
        "DateField": DateCell,
    }

    class Meta:
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        instance_loader_class = KnownRows

    def load(self, sheet: tablib.Dataset, *, dry_run: bool = False, **facts: Any) -> Outcome:
        """Store every row, or none and raise SheetError with every problem; hooks get `facts`."""
        sheet = without_blank_end(sheet)
        if problems := self.problems_of(sheet):
            raise SheetError(problems)
        result = self.import_data(sheet, dry_run=dry_run, **facts)
        if result.problems:
            raise SheetError(result.problems)
        totals = result.totals
        return Outcome(totals["new"], totals["update"], totals["skip"])

    def import_data(self, dataset: tablib.Dataset, **kwargs: Any) -> Any:
        """All or nothing, whoever asks; the result carries its `problems`."""
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        result = super().import_data(dataset, **kwargs)
        result.problems = self._said(result, dataset)
        return result

    def get_diff_class(self) -> type[Difference]:
        return Difference

    def sheet(self, rows: QuerySet[Any] | None = None) -> tablib.Dataset:
        """The rows as typed cells, ready for `to_xlsx`."""
        return self.export(rows)

    def headings(self) -> list[str]:
        """The columns, in order."""
        return [str(field.column_name) for field in self.get_export_fields()]

    def problems_of(self, sheet: tablib.Dataset) -> list[Problem]:
        """What is wrong before a row is read: headings, too many rows, a row that stands twice."""
        expected = self.headings()
        given = [str(heading or "").strip() for heading in sheet.headers or []]
        title = sheet.title or ""
        problems = [
            Problem(UNKNOWN, column=heading, sheet=title)
            for heading in given
            if heading and heading not in expected
        ]
        problems += [
            Problem(UNTITLED, column=get_column_letter(place), sheet=title)
            for place, heading in enumerate(given, 1)
            if not heading
        ]
        problems += [
            Problem("kolom tidak ada.", column=heading, sheet=title)
            for heading in expected
            if heading not in given
        ]
        problems += [
            Problem("kolom ada dua kali.", column=heading, sheet=title)
            for heading, times in Counter(given).items()
            if times > 1 and heading in expected
        ]
        if problems:
            return problems
        if len(sheet) > MAX_ROWS:
            return [Problem(f"Terlalu banyak baris: {len(sheet)}, paling banyak {MAX_ROWS}.")]
        return self._repeated(sheet, given)

    def _repeated(self, sheet: tablib.Dataset, given: list[str]) -> list[Problem]:
        keys = [str(self.fields[name].column_name) for name in self.get_import_id_fields()]
        places = [given.index(key) for key in keys if key in given]
        seen: dict[tuple[str, ...], int] = {}
        problems = []
        for number, row in zip(row_numbers(sheet), sheet, strict=True):
            key = tuple(str(row[place] or "").strip() for place in places)
            if any(key) and key in seen:
                reason = f"sudah ada di baris {seen[key]}."
                problems.append(Problem(reason, number, keys[0], row[places[0]], sheet.title or ""))
            seen.setdefault(key, number)
        return problems

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """The same refusal for who comes by another way than `load`, such as the admin."""
        super().before_import(dataset, **kwargs)
        if problems := self.problems_of(dataset):
            raise SheetError(problems)
        dataset.headers = [str(heading).strip() for heading in dataset.headers]

    def import_field(
        self,
        field: Any,
        instance: Model,
        row: Any,
        is_m2m: bool = False,  # noqa: FBT001, FBT002  (the library's signature)
        **kwargs: Any,
    ) -> None:
        """One sentence for a cell, so that the other cells of its row are still read."""
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ObjectDoesNotExist:
            raise ValueError("tidak ada dalam data.") from None
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None
        except ArithmeticError:
            raise ValueError("tidak dapat dibaca.") from None

    def export(self, queryset: Any = None, **kwargs: Any) -> tablib.Dataset:
        """Numbers leave as numbers and dates as dates, whoever asks."""
        kwargs["force_native_type"] = True
        return super().export(queryset, **kwargs)

    def _said(self, result: Any, sheet: tablib.Dataset) -> list[Problem]:
        """Every problem of a result, in the order of the rows."""
        base = [error.error for error in result.base_errors]
        if base:
            return [
                problem
                for error in base
                for problem in getattr(error, "problems", [Problem(str(error))])
            ]
        columns = {field.attribute: str(field.column_name) for field in self.fields.values()}
        headings = [str(heading).strip() for heading in sheet.headers]
        lines, title = row_numbers(sheet), sheet.title or ""
        problems = []
        for invalid in result.invalid_rows:
            row = lines[invalid.number - 1]
            cells = dict(zip(headings, sheet[invalid.number - 1], strict=True))
            for attribute, reasons in invalid.error_dict.items():
                column = "" if attribute == NON_FIELD_ERRORS else columns.get(attribute, attribute)
                problems += [
                    Problem(str(reason), row, column, cells.get(column), title)
                    for reason in reasons
                ]
        for broken in result.error_rows:
            problems += [
                Problem("baris ini tidak dapat disimpan.", lines[broken.number - 1], sheet=title)
                for _ in broken.errors
            ]
        return sorted(problems, key=lambda problem: problem.row or 0)
