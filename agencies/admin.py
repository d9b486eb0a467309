"""Reference data for the administrator: what is retired stays, and no password is seen or set."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core import signing
from django.shortcuts import redirect  # noqa: TID251  (the admin is a page)
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import slugify
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.tmp_storages import BaseStorage

from agencies import tasks
from agencies.actions import (
    RefusedError,
    change_user,
    invite,
    invite_again,
    retire_agency,
    retire_user,
    use_agency_again,
)
from agencies.actions.record import record
from agencies.actions.taking import took_reference
from agencies.models import Agency, Assignment, Award, Change, ChangeVerb, Region, User
from agencies.resources import AgencyResource, AreaResource, AssignmentResource, UserResource
from agencies.roles import MAY_INVITE, ROLE_LABELS, Role
from indicators.resources.formats import Csv, EitherFormat, Xlsx
from indicators.resources.problems import SheetError
from indicators.resources.reading import MAX_BYTES, TOO_BIG, TYPES

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest  # noqa: TID251  (annotations only)

    Desk = admin.ModelAdmin[Any]
    UserForm = forms.ModelForm[User]
else:
    Desk, UserForm = admin.ModelAdmin, forms.ModelForm

KEPT = 3600  # seconds between a preview and its storing
TOO_OLD = "Pratinjau ini sudah disimpan atau sudah lama. Pilih berkasnya lagi."
SHOWN_PROBLEMS, SHOWN_ROWS = 100, 200


def who(request: HttpRequest) -> User:
    """The administrator who asks; the site lets nobody else in."""
    return cast("User", request.user)


class RegionDesk(Desk):
    """Rights from the table of roles, rows of the own region, and one line of history a change."""

    permission = "agencies.change_agency"
    region_path = "region"
    writable = True
    deletable = False

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return user.has_perm("agencies.use_admin") and user.has_perm(self.permission, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.writable and self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.writable and self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and self._may(request, obj)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """An administrator of one region sees that region's rows."""
        rows = super().get_queryset(request)
        region = getattr(request.user, "region_id", None)
        return rows if region is None else rows.filter(**{self.region_path: region})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices stop at the own region too."""
        region = getattr(request.user, "region_id", None)
        if region is not None and db_field.related_model is Agency:
            kwargs["queryset"] = Agency.objects.filter(region=region)
        elif region is not None and db_field.related_model is Region:
            kwargs["queryset"] = Region.objects.filter(pk=region)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        region = obj if isinstance(obj, Region) else obj.region
        record(
            ChangeVerb.SAVE_ROW,
            by=who(request),
            region=region,
            row=type(obj).__name__,
            pk=obj.pk,
            changed=form.changed_data,
        )


class KeptSheet(BaseStorage):
    """A sheet between its preview and its storing: in our own folder, for an hour."""

    def _path(self) -> Path:
        folder = Path(settings.UPLOAD_ROOT) / "sheets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / uuid.UUID(self.name).hex  # nothing but a name that we gave

    def save(self, data: bytes) -> None:
        self.name = uuid.uuid4().hex
        path = self._path()
        for each in path.parent.iterdir():
            if each.stat().st_mtime < time.time() - KEPT:
                each.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(data)

    def read(self) -> bytes:
        return self._path().read_bytes()

    def remove(self) -> None:
        self._path().unlink(missing_ok=True)


class SheetForm(ImportForm):
    """The file alone: its bytes tell the format."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["import_file"].label = "Berkas (XLSX atau CSV)"
        self.fields["import_file"].widget.attrs["accept"] = TYPES

    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return upload

    @property
    def media(self) -> forms.Media:
        """None: nothing here needs a script."""
        return forms.Media()


class OutForm(ExportForm):
    """XLSX unless one says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = self.fields["format"].choices[1:]


class StoreForm(ConfirmImportForm):
    """What was looked into, named by a word that only its own user can send back."""

    def __init__(self, *args: Any, user: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_import_file_name(self) -> str:
        try:
            name: str = signing.loads(
                self.cleaned_data["import_file_name"], salt=_salt(self.user), max_age=KEPT
            )
        except signing.BadSignature:
            raise forms.ValidationError(TOO_OLD) from None
        return name


def _salt(user: int) -> str:
    return f"sheet-{user}"


class SheetDesk(ImportExportMixin, RegionDesk):
    """With sheets: out as XLSX or CSV, in after a preview, all or nothing."""

    export_formats = [Xlsx, Csv]
    import_formats = [EitherFormat]
    export_form_class = OutForm
    import_form_class = SheetForm
    confirm_form_class = StoreForm
    tmp_storage_class = KeptSheet
    skip_admin_log = True

    def get_confirm_form_kwargs(self, request: HttpRequest, import_form: Any = None) -> Any:
        return super().get_confirm_form_kwargs(request, import_form) | {"user": who(request).pk}

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> Any:
        initial = super().get_confirm_form_initial(request, import_form)
        if initial:
            name = initial["import_file_name"]
            initial["import_file_name"] = signing.dumps(name, salt=_salt(who(request).pk))
        return initial

    def add_data_read_fail_error_to_form(self, form: Any, error: Exception) -> None:
        """Our sentences; anything else is a fault of ours and is to be seen as one."""
        if not isinstance(error, SheetError):
            raise error
        for problem in error.problems:
            form.add_error("import_file", str(problem))

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        """In the words of the desk."""
        name = slugify(str(self.opts.verbose_name_plural))
        return f"{name}-{timezone.localdate()}.{file_format.get_extension()}"

    def get_export_data(
        self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any
    ) -> Any:
        """That somebody took the sheet along is an event."""
        content = super().get_export_data(file_format, request, queryset, **kwargs)
        sheet = self.get_export_filename(request, queryset, file_format)
        took_reference(sheet=sheet, region=who(request).region, by=who(request))
        return content

    def import_action(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The preview tells every problem, or what each row would change."""
        response = super().import_action(request, **kwargs)
        context = response.context_data
        result = context.get("result")
        if result is not None:
            rows = [row for row in result.valid_rows() if row.import_type != row.IMPORT_TYPE_SKIP]
            context |= {
                "problems": result.problems[:SHOWN_PROBLEMS],
                "more_problems": max(0, len(result.problems) - SHOWN_PROBLEMS),
                "changes": rows[:SHOWN_ROWS],
                "more_changes": max(0, len(rows) - SHOWN_ROWS),
                "unchanged": result.totals["skip"],
            }
            if result.problems or not rows:
                context.pop("confirm_form", None)
        if context["form"].errors or (result is not None and result.problems):
            response.status_code = 422
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> Any:
        """What was looked into is stored, or a sentence says why not."""
        try:
            response = super().process_import(request, **kwargs)
        except FileNotFoundError:
            return self._again(request, TOO_OLD)
        if isinstance(response, TemplateResponse):  # the form was refused
            return self._again(request, TOO_OLD)
        return response

    def process_result(self, result: Any, request: HttpRequest) -> Any:
        """Something may have changed since the preview; then nothing was stored."""
        if result.problems:
            return self._again(request, " ".join(map(str, result.problems[:3])))
        return super().process_result(result, request)

    def _again(self, request: HttpRequest, said: str) -> Any:
        self.message_user(request, said, level="error")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")


@admin.register(Region)
class RegionAdmin(RegionDesk):
    region_path = "pk"
    list_display = ["name", "code", "kind", "province"]
    search_fields = ["name", "code"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A region more is for who is not held to one."""
        return getattr(request.user, "region_id", 0) is None and super().has_add_permission(request)


@admin.register(Award)
class AwardAdmin(RegionDesk):
    deletable = True
    list_display = ["region", "year", "category", "score"]
    list_select_related = ["region"]


@admin.register(Agency)
class AgencyAdmin(SheetDesk):
    resource_classes = [AgencyResource, AreaResource]
    list_display = ["name", "code", "kind", "region", "parent", "retired_at"]
    list_select_related = ["region", "parent"]
    list_filter = ["kind"]
    search_fields = ["name", "code"]
    fields = ["region", "code", "name", "kind", "parent", "is_secretariat", "retired_at"]
    actions = ["retire", "use_again"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Addresses and history hold on to region and code."""
        return ["region", "code", "retired_at"] if obj else ["retired_at"]

    @admin.action(description="Tidak dipakai lagi", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Agency]) -> None:
        """Each for itself: one that still leads is told, the others are retired."""
        for each in queryset.select_related("region"):
            try:
                retire_agency(each, by=who(request), now=timezone.now())
            except RefusedError as refused:
                self.message_user(request, str(refused), level="error")
            else:
                self.message_user(request, f"{each} tidak dipakai lagi.")

    @admin.action(description="Pakai lagi", permissions=["change"])
    def use_again(self, request: HttpRequest, queryset: QuerySet[Agency]) -> None:
        """The way back from the one above."""
        for each in queryset.select_related("region"):
            try:
                use_agency_again(each, by=who(request))
            except RefusedError as refused:
                self.message_user(request, str(refused), level="error")
            else:
                self.message_user(request, f"{each} dipakai lagi.")


class PersonForm(UserForm):
    """What an administrator may say about a person; the verbs behind it check again."""

    by: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may = MAY_INVITE[Role(self.by.role)]
        if "role" in self.fields:
            self.fields["role"].choices = [  # type: ignore[attr-defined]
                (role.value, ROLE_LABELS[role]) for role in Role if role in may
            ]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].lower()
        if User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Nama pengguna itu sudah dipakai. Pilih yang lain.")
        return username

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        agency, region = data.get("agency"), data.get("region")
        if agency is not None and agency.region != region:
            self.add_error("agency", "Perangkat daerah ini di kabupaten/kota lain.")
        before = User.objects.filter(pk=self.instance.pk).first()
        if before is None:
            return data
        kept = (data.get("role"), data.get("is_active")) == (before.role, before.is_active)
        if before == self.by and not kept:
            self.add_error(None, "Anda tidak dapat mengubah peran atau menonaktifkan akun sendiri.")
        return data


@admin.register(User)
class UserAdmin(SheetDesk):
    """People: a new one is invited by mail; nobody here sees or sets a password."""

    permission = "agencies.change_user"
    form = PersonForm
    resource_classes = [UserResource]
    list_display = ["username", "name", "role", "agency", "region", "is_active", "last_login"]
    list_select_related = ["agency", "region"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "name", "email"]
    fields = ["username", "name", "email", "role", "region", "agency", "is_active", "last_login"]
    readonly_fields = ["last_login"]
    actions = ["send_invitation", "retire"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.fields[:-2]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["username", "last_login"] if obj else []

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any
    ) -> Any:
        """The class is made anew for each request, so it may carry who asks."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        made.by = request.user
        return made

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """By the same verbs as everywhere."""
        facts: dict[str, Any] = {
            "name": obj.name,
            "email": obj.email,
            "role": Role(obj.role),
            "agency": obj.agency,
            "region": obj.region,
            "by": who(request),
        }
        if change:
            stored = User.objects.select_related("agency", "region").get(pk=obj.pk)
            change_user(stored, is_active=obj.is_active, **facts)
            return
        made = invite(username=obj.username, now=timezone.now(), **facts)
        obj.pk = made.user_id
        tasks.mail_invitation.enqueue(made.user_id)

    @admin.action(description="Kirim undangan", permissions=["change"])
    def send_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """To those who have not set a password yet, such as people from a sheet."""
        for each in queryset.select_related("agency", "region"):
            try:
                invite_again(each, by=who(request), now=timezone.now())
            except RefusedError as refused:
                self.message_user(request, f"{each}: {refused}", level="error")
            else:
                tasks.mail_invitation.enqueue(each.pk)
                self.message_user(request, f"Undangan untuk {each} dikirim.")

    @admin.action(description="Nonaktifkan", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for each in queryset.select_related("agency", "region"):
            try:
                retire_user(each, by=who(request))
            except RefusedError as refused:
                self.message_user(request, str(refused), level="error")
            else:
                self.message_user(request, f"Akun {each} dinonaktifkan.")


@admin.register(Assignment)
class AssignmentAdmin(SheetDesk):
    """To look at, and in and out as sheets; one by one on the pages."""

    permission = "agencies.change_assignment"
    writable = False
    resource_classes = [AssignmentResource]
    list_display = ["question", "agency", "role", "region"]
    list_select_related = ["question", "agency", "region"]
    list_filter = ["role"]
    search_fields = ["question__code", "agency__name"]


@admin.register(Change)
class ChangeAdmin(RegionDesk):
    """The history of this room; nobody adds to it by hand."""

    writable = False
    list_display = ["at", "verb", "by", "region"]
    list_select_related = ["by", "region"]
    list_filter = ["verb"]
