"""Instruments for the administrator: to read and to publish. They come from a file, not a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages  # noqa: TID251  (the admin is a page)

from indicators.actions import InstrumentError, publish_instrument
from indicators.models import Cluster, Indicator, Instrument, Question, Register, Rubric
from indicators.resources.instrument.layout import MODES

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest  # noqa: TID251


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that are looked at by who has one right, and changed by nobody."""

    permission = "indicators.change_instrument"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Instrument)
class InstrumentAdmin(ReadOnly):
    list_display = ["code", "title", "year", "total_max_points", "published_at"]
    actions = ["publish"]

    @admin.action(description="Terbitkan instrumen terpilih")
    def publish(self, request: HttpRequest, chosen: QuerySet[Instrument]) -> None:
        """One draft after the other, by the verb, which asks for the permission itself."""
        for instrument in chosen:
            try:
                publish_instrument(instrument, by=request.user)
            except InstrumentError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(request, f"Instrumen {instrument.code} diterbitkan.")


@admin.register(Cluster)
class ClusterAdmin(ReadOnly):
    list_display = ["code", "name", "max_points", "coordinator", "instrument"]
    list_select_related = ["instrument"]
    list_filter = ["instrument"]


@admin.register(Indicator)
class IndicatorAdmin(ReadOnly):
    list_display = ["code", "name", "max_points", "lead_agency", "cluster"]
    list_select_related = ["cluster"]
    list_filter = ["instrument"]
    search_fields = ["code", "name"]


@admin.register(Question)
class QuestionAdmin(ReadOnly):
    list_display = ["code", "text", "max_points", "rubric", "lead_agency"]
    list_select_related = ["rubric"]
    list_filter = ["instrument", "level", "evidence_required"]
    search_fields = ["code", "text"]


@admin.register(Rubric)
class RubricAdmin(ReadOnly):
    list_display = ["code", "way", "basis", "instrument"]
    list_select_related = ["instrument"]
    exclude = ["mode"]
    readonly_fields = ["way"]

    @admin.display(description="cara")
    def way(self, rubric: Rubric) -> str:
        """In the words of the workbook."""
        return dict(MODES)[rubric.mode]


@admin.register(Register)
class RegisterAdmin(ReadOnly):
    list_display = ["code", "name", "instrument"]
    list_select_related = ["instrument"]
