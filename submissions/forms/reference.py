"""Registers as reference data: the rows of one register as a sheet, whole or not at all.

The columns are the register's own, as the instrument has them, behind whose each row is and a key
that tells it from others. The cells are read by the same rules as the page's.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils import timezone
from import_export import widgets
from import_export.instance_loaders import ModelInstanceLoader

from agencies.models import User
from agencies.resources import OfficeCell, OfficeResource, RegionCell
from indicators.models import Instrument, Register
from indicators.resources.cells import Column, TextCell
from indicators.resources.problems import Problem, SheetError
from indicators.resources.sheets import Outcome
from indicators.resources.tables import read_sheet, read_tables, row_numbers
from submissions.actions.record import RefusedError
from submissions.actions.registers import StaleRowError, may_take, take_row, words_of
from submissions.forms import cells
from submissions.forms.register_files import exact, text_of
from submissions.forms.registers import FROM, TO
from submissions.models import RegisterRow

KEY = "kunci"


class ReadCell(widgets.Widget):
    """A cell of a register: read as on its page, out as a number, a day or a text."""

    def __init__(self, column: cells.Column) -> None:
        super().__init__()
        self.column = column

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if self.column.type == "text" and isinstance(value, bool | float | datetime | date):
            TextCell().clean(value)  # refuses: what was typed is not to be known any more
        try:
            return self.read(text_of(value))
        except cells.CellError as error:
            raise ValueError(str(error).removeprefix(f"{self.column.label}: ")) from None

    def read(self, text: str) -> Any:
        return cells.read(self.column, text, today=timezone.localdate())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return exact(self.column, value)


class ValidityCell(ReadCell):
    """A year of validity; an empty one is an open end."""

    def __init__(self, label: str) -> None:
        super().__init__(cells.Column("", label, "year", required=False))

    def read(self, text: str) -> Any:
        return cells.read_year(self.column.label, text, today=timezone.localdate())


class KeyCell(TextCell):
    """What tells a row from others, given by the system; empty for a new one."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value, row, **kwargs) if value is not None else ""
        try:
            return uuid.UUID(text) if text else None
        except ValueError:
            raise ValueError("bukan kunci dari sistem ini; kosongkan untuk baris baru.") from None


class RegionColumn(Column):
    """The region of the row's office: it is told here, and kept with the office."""

    def get_value(self, instance: Any) -> Any:
        return instance.agency.region if instance.agency_id else None

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
        self.clean(row, **kwargs)


class DataColumn(Column):
    """One of the register's own columns, kept in `data`; an empty cell is left out."""

    key: str

    def get_value(self, instance: Any) -> Any:
        return instance.data.get(self.key)

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
        value = self.clean(row, **kwargs)
        others = {key: each for key, each in instance.data.items() if key != self.key}
        instance.data = others if value is None else others | {self.key: value}


class KnownRegisterRows(ModelInstanceLoader):
    """Every row of the register in one query: by its key, or by all that it says where it has none,
    so that a sheet without keys adds nothing when it comes again.
    """

    def __init__(self, resource: RegisterResource, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self.by_key: dict[uuid.UUID, RegisterRow] = {}
        self.by_content: dict[tuple[Any, ...], list[RegisterRow]] = defaultdict(list)
        for row in resource.known():
            self.by_key[row.token] = row
            if row.retired_at is None:
                self.by_content[_content(row)].append(row)

    def get_instance(self, row: Any) -> Any:
        fields = self.resource.fields
        key = fields["token"].clean(row)
        if key is not None:
            return self.by_key.get(key)
        found = RegisterRow(register=self.resource.register, code=self.resource.register.code)
        try:
            for field in self.resource.get_import_fields():
                field.save(found, row)
        except (ValidationError, ObjectDoesNotExist):
            return None  # what is wrong is told when the row is read
        same = self.by_content[_content(found)]
        return same.pop(0) if same else None


def _content(row: RegisterRow) -> tuple[Any, ...]:
    return (row.agency_id, words_of(row.register, row.data), row.valid_from, row.valid_to)


class RegisterResource(OfficeResource):
    """The rows of one register; `resource_of` makes the class for it."""

    register: Register
    region_path = "agency__region"

    token = Column("token", KEY, widget=KeyCell(), saves_null_values=False)
    region = RegionColumn("region", "wilayah", widget=RegionCell())
    agency = Column("agency", "perangkat daerah", widget=OfficeCell())
    valid_from = Column("valid_from", FROM, widget=ValidityCell(FROM))
    valid_to = Column("valid_to", TO, widget=ValidityCell(TO))

    class Meta(OfficeResource.Meta):
        model = RegisterRow
        fields = ("token", "region", "agency", "valid_from", "valid_to")
        import_id_fields = ("token",)
        instance_loader_class = KnownRegisterRows
        clean_model_instances = False

    def get_queryset(self) -> Any:
        return self.filter_export(RegisterRow.objects.all())

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        rows = queryset.live().filter(code=self.register.code)
        rows = rows.select_related("agency__region", "register")
        return rows.order_by("agency__region", "agency__name", "pk")

    def known(self) -> Any:
        """All rows that a key may mean, also those taken out: these are told, not doubled."""
        rows = RegisterRow.objects.filter(code=self.register.code)
        return rows.select_related("agency__region", "register")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """A key of another register is told here, in one query."""
        super().before_import(dataset, **kwargs)
        if self.by is None:
            raise SheetError([Problem("Sebut siapa yang mengimpor: riwayat baris memuat namanya.")])
        keys: dict[uuid.UUID, int] = {}
        for line, text in zip(row_numbers(dataset), dataset[KEY], strict=True):
            try:
                keys[uuid.UUID(str(text))] = line
            except ValueError:
                continue
        others = RegisterRow.objects.filter(token__in=keys).exclude(code=self.register.code)
        if found := list(others.values_list("token", flat=True)):
            reason = "kunci ini milik baris daftar induk lain."
            raise SheetError(
                [Problem(reason, keys[each], KEY, each, dataset.title or "") for each in found]
            )

    def after_init_instance(self, instance: Any, new: Any, row: Any, **kwargs: Any) -> None:
        if new:
            instance.register, instance.code = self.register, self.register.code
        else:
            instance.agency_before = instance.agency

    def allow(self, instance: RegisterRow) -> None:
        """Whose row it may become, and that it is still there."""
        before = getattr(instance, "agency_before", None)
        if before is not None and before != instance.agency:
            raise ValidationError({"agency": "baris tidak pindah perangkat daerah."})
        if instance.retired_at is not None:
            raise ValidationError("Baris ini sudah dihapus. Pulihkan dahulu, lalu impor lagi.")
        if self.by is None or not may_take(instance.agency, by=self.by):
            raise ValidationError("Baris ini di luar wilayah Anda.")

    def validate_instance(
        self,
        instance: RegisterRow,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002  (the library's signature)
    ) -> None:
        """The cells were judged one by one; what is left stands between two of them."""
        errors = dict(import_validation_errors or {})
        if not errors:
            if instance.agency_id is None:
                raise ValidationError({"agency": "wajib diisi."})
            self.allow(instance)
            begins, ends = instance.valid_from, instance.valid_to
            if begins is not None and ends is not None and ends < begins:
                raise ValidationError({"valid_to": f"tidak boleh sebelum {FROM.lower()}."})
        if errors:
            raise ValidationError(errors)

    def do_instance_save(self, instance: RegisterRow, is_create: bool) -> None:  # noqa: FBT001
        """By the verb, which leaves the row's own history."""
        if self.by is None:
            return
        try:
            take_row(instance, by=self.by, now=timezone.now())
        except RefusedError as error:
            raise ValidationError(str(error)) from None
        except StaleRowError:
            raise ValidationError("Baris ini baru saja diubah orang lain.") from None

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The verb has told it."""


def resource_of(register: Register) -> type[RegisterResource]:
    """The resource of one register: its own columns between whose the row is and when it holds."""
    own = {}
    for place, column in enumerate(cells.columns_of(register)):
        made = DataColumn(f"data__{column.key}", column.label, widget=ReadCell(column))
        made.key = column.key
        own[f"data_{place}"] = made
    names = ("token", "region", "agency", *own, "valid_from", "valid_to")
    facts = {"fields": names, "name": register.name, "import_id_fields": ("token",)}
    meta = type("Meta", (RegisterResource.Meta,), facts)
    made_of: dict[str, Any] = {"Meta": meta, "register": register, "__module__": __name__, **own}
    return type("OneRegisterResource", (RegisterResource,), made_of)


def resources() -> list[type[RegisterResource]]:
    """One for each register of the newest published instrument, in its order."""
    newest = Instrument.objects.published().first()
    return [resource_of(each) for each in Register.objects.filter(instrument=newest)]


def chosen(only: str | None) -> list[type[RegisterResource]]:
    """Those of all registers, or of the one named by its code; SheetError where there is none."""
    found = [each for each in resources() if only in {None, each.register.code}]
    if not found:
        said = f"Daftar induk {only} tidak ada." if only else "Instrumen tidak punya daftar induk."
        raise SheetError([Problem(said)])
    return found


def load_registers(content: bytes, *, only: str | None, by: User, dry_run: bool) -> Outcome:
    """A workbook with a sheet for each register, named by its code, or the one sheet of `only`;
    all of them or none. SheetError with every problem of every sheet.
    """
    tables = [read_sheet(content)] if only else read_tables(content)
    known = {each.register.code[:31]: each for each in chosen(only)}
    problems: list[Problem] = []
    outcomes: list[Outcome] = []
    with transaction.atomic():
        for table in tables:
            made = next(iter(known.values())) if only else known.get(table.title or "")
            if made is None:
                problems.append(Problem(_strange(table.title, known)))
                continue
            try:
                outcomes.append(made().load(table, dry_run=dry_run, by=by))
            except SheetError as error:
                problems += error.problems
        if problems:
            raise SheetError(problems)
    return Outcome(
        sum(each.created for each in outcomes),
        sum(each.updated for each in outcomes),
        sum(each.unchanged for each in outcomes),
    )


def _strange(title: str | None, known: Iterable[str]) -> str:
    if not title:
        return "CSV memuat satu daftar induk: sebut kodenya dengan --register."
    return f"Lembar {title} bukan daftar induk; namanya harus salah satu dari: {', '.join(known)}."
