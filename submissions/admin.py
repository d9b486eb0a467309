"""A year's work for the administrator: to look something up, never to change it.

What changes it are the verbs, which leave events; the files behind evidence are not shown here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin

from agencies.admin import SheetDesk
from indicators.admin import ReadOnly
from submissions.forms.reference import resources
from submissions.models import (
    Assessment,
    Event,
    Evidence,
    RegisterRow,
    Response,
    Review,
    Submission,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest  # noqa: TID251


class LookUp(ReadOnly):
    """Rows of the administrator's own region (or of all), without any way to change them."""

    permission = "agencies.use_admin"
    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[bool | list[str]] = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.visible_to(request.user)  # noqa: SLF001
        return rows


@admin.register(Assessment)
class AssessmentAdmin(LookUp):
    list_display = ["year", "region", "instrument", "closes_on", "closed_at", "is_example"]


@admin.register(Submission)
class SubmissionAdmin(LookUp):
    list_display = ["indicator", "agency", "state", "due_on", "submitted_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["indicator", "agency", "assessment"]
    search_fields = ["indicator__code", "indicator__name", "agency__name"]


@admin.register(Response)
class ResponseAdmin(LookUp):
    list_display = ["question", "office", "role", "version", "claim_share", "verdict"]
    list_filter = ["role", "verdict"]
    list_select_related = ["question", "submission__agency", "submission__indicator"]
    search_fields = ["question__code", "submission__agency__name"]

    @admin.display(description="perangkat daerah")
    def office(self, response: Response) -> str:
        """Whose answer it is."""
        return str(response.agency)


@admin.register(Evidence)
class EvidenceAdmin(LookUp):
    list_display = ["name", "agency", "created_at", "created_by"]
    list_select_related = ["agency", "created_by"]
    search_fields = ["name", "agency__name"]
    fields = ["agency", "name", "url", "created_by"]


@admin.register(Review)
class ReviewAdmin(LookUp):
    list_display = ["response", "verdict", "level", "share", "by", "at"]
    list_select_related = ["response__question", "response__submission__agency", "by"]
    exclude = ["evidence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        seen = Response.objects.visible_to(request.user).values("pk")  # type: ignore[arg-type]
        return Review.objects.filter(response__in=seen)


@admin.register(Event)
class EventAdmin(LookUp):
    """Without what is told beside an act: names of then, also of what is "terbatas" since. They
    stand in `/riwayat/`, for those who may read them.
    """

    exclude = ("data",)
    list_display = ["at", "verb", "submission", "by", "on_behalf"]
    list_filter = ["verb", "on_behalf"]
    list_select_related = ["submission__indicator", "submission__agency", "by", "assessment"]


@admin.register(RegisterRow)
class RegisterRowAdmin(SheetDesk):
    """To look at, and in and out as sheets, one register at a time; one by one on the pages."""

    region_path = "agency__region"
    writable = False
    list_display = (
        "code",
        "agency",
        "valid_from",
        "valid_to",
        "changed_at",
    )
    list_select_related = ("agency",)
    list_filter = ("code",)
    search_fields = (
        "words",
        "agency__name",
    )

    def get_resource_classes(self, request: HttpRequest) -> list[Any]:
        return resources()
