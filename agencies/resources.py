"""Agencies, people and standing assignments as sheets: whole or not at all, never a password."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
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
from indicators.resources import Column, SheetResource, TextCell, YesNoCell


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


class RegionCell(widgets.ForeignKeyWidget):
    """A region by its code, looked up once in an import: each row names it."""

    def __init__(self) -> None:
        super().__init__(Region, "code")
        self.known: dict[str, Region] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        code = str(value or "").strip()
        if code and code not in self.known:
            self.known[code] = super().clean(code, row, **kwargs)
        return self.known.get(code)


class OfficeCell(widgets.ForeignKeyWidget):
    """An agency by its code, in the region that the same row names."""

    def __init__(self) -> None:
        super().__init__(Agency, "code")

    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        return Agency.objects.filter(region__code=str(row.get("wilayah") or "").strip())


class QuestionCell(widgets.ForeignKeyWidget):
    """A question by its code, in the newest published instrument."""

    def __init__(self) -> None:
        super().__init__(Question, "code")

    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        newest = Instrument.objects.published().first()
        return Question.objects.filter(instrument=newest)


def region_column() -> Column:
    return Column("region", "wilayah", widget=RegionCell())


class OfficeResource(SheetResource):
    """What the three sheets share: the actor of an import, and a row's place in the history."""

    by: User | None = None

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """The admin passes `user`; a verb or a command passes `by`."""
        self.by = kwargs.get("by") or kwargs.get("user")
        self.fields["region"].widget.known.clear()
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


class AgencyResource(OfficeResource):
    """The agencies of a region; a kelurahan names its kecamatan by code."""

    region = region_column()
    code = Column("code", "kode", widget=TextCell())
    name = Column("name", "nama", widget=TextCell())
    kind = Column("kind", "jenis", widget=WordCell(dict(Kind.choices)), default=None)
    parent = Column("parent", "induk", widget=OfficeCell())
    is_secretariat = Column("is_secretariat", "sekretariat", widget=YesNoCell(), default=False)

    class Meta(OfficeResource.Meta):
        model = Agency
        fields = ("region", "code", "name", "kind", "parent", "is_secretariat")
        import_id_fields = ("region", "code")

    def get_queryset(self) -> Any:
        return Agency.objects.select_related("region", "parent")


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
        if instance.pk is None and not instance.password:
            instance.set_unusable_password()

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
