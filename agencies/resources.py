"""Agencies, people and standing assignments as sheets: whole or not at all, never a password."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.db.models import F
from django.utils import timezone
from import_export import widgets

from agencies.actions.record import record
from agencies.models import (
    Agency,
    Assignment,
    AssignmentRole,
    ChangeVerb,
    Invitation,
    Kind,
    Region,
    User,
)
from agencies.roles import MAY_INVITE, ROLE_LABELS, Role
from indicators.models import Instrument, Question
from indicators.resources.cells import Column, TextCell, YesNoCell
from indicators.resources.sheets import SheetResource


class WordCell(TextCell):
    """A word that people read, for a value that is stored."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()
        self.words = words
        self.values = {word.casefold(): value for value, word in words.items()}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        word = super().clean(value, row, **kwargs)
        if word.casefold() not in self.values:
            raise ValueError(f"harus salah satu dari: {', '.join(self.words.values())}.")
        return self.values[word.casefold()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), str(value))


class CodeCell(TextCell):
    """A code that can stand in an address."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        code = super().clean(value, row, **kwargs)
        if code and not slug_re.fullmatch(code):
            raise ValueError("hanya huruf, angka, - dan _, tanpa spasi.")
        return code


class YesCell(YesNoCell):
    """Yes, or no; an empty cell says no, as a sheet of a hundred offices leaves it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(value, row, **kwargs) if str(value or "").strip() else False


class RegionCell(widgets.ForeignKeyWidget):
    """A region by its code, looked up once in an import: each row names it."""

    def __init__(self) -> None:
        super().__init__(Region, "code")
        self.known: dict[Any, Any] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        code = str(value or "").strip()
        if code and code not in self.known:
            self.known[code] = super().clean(code, row, **kwargs)
        return self.known.get(code)


class OfficeCell(widgets.ForeignKeyWidget):
    """An agency by its code, in the region that the same row names. Those of a region are read
    once; one that this very sheet added is looked up by itself.
    """

    def __init__(self) -> None:
        super().__init__(Agency, "code")
        self.known: dict[Any, Any] = {}
        self.read: set[str] = set()

    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        return Agency.objects.filter(region__code=str(row.get("wilayah") or "").strip())

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        code, region = str(value or "").strip(), str((row or {}).get("wilayah") or "").strip()
        if not code:
            return None
        if region not in self.read:
            self.read.add(region)
            rows = self.get_queryset(code, row)
            self.known |= {(region, each.code): each for each in rows}
        if (region, code) not in self.known:
            self.known[region, code] = super().clean(code, row, **kwargs)
        return self.known[region, code]


class QuestionCell(widgets.ForeignKeyWidget):
    """A question by its code, in the newest published instrument, which is read once."""

    def __init__(self) -> None:
        super().__init__(Question, "code")
        self.known: dict[Any, Any] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        code = str(value or "").strip()
        if not code:
            return None
        if not self.known:
            newest = Instrument.objects.published().first()
            self.known = {each.code: each for each in Question.objects.filter(instrument=newest)}
        if code not in self.known:
            raise Question.DoesNotExist
        return self.known[code]


def region_column() -> Column:
    return Column("region", "wilayah", widget=RegionCell())


class OfficeResource(SheetResource):
    """What the sheets of this room share: who imports, and a row's place in the history."""

    by: User | None = None
    region_path = "region"  # from a row to its region

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """The admin passes `user`; a verb or a command passes `by`."""
        self.by = kwargs.get("by") or kwargs.get("user")
        for field in self.fields.values():
            if isinstance(field.widget, RegionCell | OfficeCell | QuestionCell):
                field.widget.known.clear()
            if isinstance(field.widget, OfficeCell):
                field.widget.read.clear()
        super().before_import(dataset, **kwargs)

    def allow(self, instance: Any) -> None:
        """Whether the importer may store this row; told as the row's own problem."""
        if self.by is None:
            return
        region = instance.region
        if region is None and self.by.region_id is not None:
            raise ValidationError("Baris ini di luar wilayah Anda.")
        if region is not None and not self.by.has_perm("agencies.change_agency", region):
            raise ValidationError("Baris ini di luar wilayah Anda.")

    def validate_instance(
        self,
        instance: Any,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002  (the library's signature)
    ) -> None:
        if not import_validation_errors:
            self.allow(instance)
        super().validate_instance(instance, import_validation_errors, validate_unique)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """A dry run is rolled back, and its history with it."""
        record(
            ChangeVerb.SAVE_ROW,
            by=self.by,
            region=instance.region,
            row=type(instance).__name__,
            pk=instance.pk,
            sheet=True,
        )


class PlaceResource(OfficeResource):
    """Rows of agencies; a kelurahan names its kecamatan by code."""

    region = region_column()
    code = Column("code", "kode", widget=CodeCell())
    name = Column("name", "nama", widget=TextCell())
    parent = Column("parent", "induk", widget=OfficeCell())

    class Meta(OfficeResource.Meta):
        model = Agency
        import_id_fields = ("region", "code")

    def get_queryset(self) -> Any:
        return self.filter_export(Agency.objects.all())

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        """Who is named as somebody's parent stands above, so that the sheet comes in again."""
        above_first = F("parent").asc(nulls_first=True)
        return queryset.select_related("region", "parent").order_by("region", above_first, "name")


class AgencyResource(PlaceResource):
    """All agencies of a region."""

    kind = Column("kind", "jenis", widget=WordCell(dict(Kind.choices)), default=None)
    is_secretariat = Column("is_secretariat", "sekretariat", widget=YesCell(), default=False)

    class Meta(PlaceResource.Meta):
        name = "Semua perangkat daerah"
        fields = ("region", "code", "name", "kind", "parent", "is_secretariat")


AREAS = {Kind.KECAMATAN.value, Kind.KELURAHAN.value}


class AreaResource(PlaceResource):
    """The kecamatan and kelurahan alone; each kelurahan names its kecamatan."""

    kind = Column(
        "kind", "jenis", widget=WordCell({key: word for key, word in Kind.choices if key in AREAS})
    )

    class Meta(PlaceResource.Meta):
        name = "Kecamatan dan kelurahan"
        fields = ("region", "code", "name", "kind", "parent")

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        return super().filter_export(queryset.filter(kind__in=AREAS), **kwargs)

    def allow(self, instance: Agency) -> None:
        """A kelurahan without its kecamatan would be left out of every total of a kecamatan."""
        super().allow(instance)
        above = instance.parent
        if instance.kind == Kind.KELURAHAN and (above is None or above.kind != Kind.KECAMATAN):
            raise ValidationError({"parent": "kelurahan harus menyebut kode kecamatannya."})
        if instance.kind == Kind.KECAMATAN and above is not None:
            raise ValidationError({"parent": "kecamatan tidak punya induk; kosongkan."})


class UserResource(OfficeResource):
    """People without passwords: somebody new gets an invitation, which the admin sends."""

    username = Column("username", "nama pengguna", widget=TextCell())
    name = Column("name", "nama", widget=TextCell())
    email = Column("email", "surel", widget=TextCell())
    role = Column(
        "role", "peran", widget=WordCell({role.value: word for role, word in ROLE_LABELS.items()})
    )
    region = region_column()
    agency = Column("agency", "perangkat daerah", widget=OfficeCell())
    is_active = Column("is_active", "aktif", widget=YesNoCell())

    class Meta(OfficeResource.Meta):
        model = User
        fields = ("username", "name", "email", "role", "region", "agency", "is_active")
        import_id_fields = ("username",)

    def get_queryset(self) -> Any:
        return User.objects.select_related("region", "agency")

    def after_init_instance(self, instance: User, new: Any, row: Any, **kwargs: Any) -> None:
        """Somebody new has none, and no word about it is said to who brings the sheet."""
        if new:
            instance.set_unusable_password()

    def allow(self, instance: User) -> None:
        """As for one person: nobody is made, or taken, beyond the importer's reach."""
        super().allow(instance)
        before = User.objects.select_related("region").filter(pk=instance.pk).first()
        if before is not None:
            super().allow(before)
        if self.by is not None and Role(instance.role) not in MAY_INVITE[Role(self.by.role)]:
            raise ValidationError({"role": "Anda tidak dapat memberi peran ini."})
        same = before is None or (before.role, before.is_active) == (
            instance.role,
            instance.is_active,
        )
        if before == self.by and not same:
            raise ValidationError("Anda tidak dapat mengubah peran akun Anda sendiri.")
        if instance.username != instance.username.lower():
            raise ValidationError({"username": "harus huruf kecil."})

    def before_save_instance(self, instance: User, row: Any, **kwargs: Any) -> None:
        if not instance.is_active:
            instance.session_epoch += 1

    def after_save_instance(self, instance: User, row: Any, **kwargs: Any) -> None:
        super().after_save_instance(instance, row, **kwargs)
        if not instance.has_usable_password():
            Invitation.objects.get_or_create(
                user=instance, defaults={"invited_at": timezone.now(), "invited_by": self.by}
            )


class AssignmentResource(OfficeResource):
    """Standing assignments on the newest published instrument."""

    region = region_column()
    question = Column("question", "pertanyaan", widget=QuestionCell())
    agency = Column("agency", "perangkat daerah", widget=OfficeCell())
    role = Column("role", "tugas", widget=WordCell(dict(AssignmentRole.choices)))

    class Meta(OfficeResource.Meta):
        model = Assignment
        fields = ("region", "question", "agency", "role")
        import_id_fields = ("region", "question", "agency")

    def get_queryset(self) -> Any:
        newest = Instrument.objects.published().first()
        return (
            Assignment.objects.filter(question__instrument=newest)
            .select_related("region", "question", "agency")
            .order_by("region", "question__order", "role", "pk")
        )

    def allow(self, instance: Assignment) -> None:
        """The same rules as the page's: an area question has no lead."""
        super().allow(instance)
        if instance.role == AssignmentRole.LEAD and instance.question.is_area:
            raise ValidationError({"role": "pertanyaan wilayah tidak punya penanggung jawab."})
        if instance.role == AssignmentRole.AREA and instance.agency.kind != instance.question.level:
            raise ValidationError({"role": "bukan wilayah yang menjawab pertanyaan ini."})


# What an administrator names a sheet of this room by, in a command.
SHEETS: dict[str, type[OfficeResource]] = {
    "agencies": AgencyResource,
    "areas": AreaResource,
    "users": UserResource,
    "assignments": AssignmentResource,
}
