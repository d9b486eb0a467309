"""Pages for a person's rights."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http import Request
from kla_tracker.privacy import destroying, telling
from kla_tracker.privacy.forms import DestroyForm
from submissions.actions.record import RefusedError
from submissions.models import Evidence, EvidenceLink, RowEvidence

VERIFY = "submissions.verify_submission"
PAGE = 50


@require_http_methods(["GET", "POST"])
def destroy(request: Request, pk: int) -> HttpResponse:
    """What would go, and the reason; then it is gone. For the administrator, who sees no name of
    what is "terbatas".
    """
    found = get_object_or_404(
        Evidence.objects.for_destroying(request.user).select_related(
            "agency__region", "blob", "created_by"
        ),
        pk=pk,
    )
    if not request.user.has_perm(destroying.PERMISSION, found.agency):
        raise PermissionDenied
    form = DestroyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _done(request, found, form):
            return redirect("evidence_destroy", pk)
        status = 422
    return render(request, "evidence_destroy.html", _context(request, found, form), status=status)


@require_GET
def openings(request: Request) -> HttpResponse:
    """Who opened what is "terbatas", to whoever verifies: who does what they should not."""
    if not request.user.has_perm(VERIFY):
        raise PermissionDenied
    now = timezone.now()
    page = Paginator(telling.openings(request.user, now), PAGE).get_page(request.GET.get("halaman"))
    keys = {each.evidence_id for each in page}
    documents = Evidence.objects.select_related("agency").in_bulk(keys)
    context = {
        "page": page,
        "lines": [(each, documents[each.evidence_id]) for each in page],
        "days": (now - telling.kept_since(now)).days,
        "before": f"?halaman={page.previous_page_number()}" if page.has_previous() else "",
        "after": f"?halaman={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "evidence_openings.html", context)


def _done(request: Request, found: Evidence, form: DestroyForm) -> bool:
    try:
        done = destroying.destroy(
            found, reason=form.cleaned_data["alasan"], by=request.user, now=timezone.now()
        )
    except RefusedError as error:
        form.add_error("alasan", str(error))
        return False
    messages.success(request, f"Dimusnahkan: {done} data dukung.")
    return True


def _context(request: Request, found: Evidence, form: DestroyForm) -> dict[str, object]:
    whole = destroying.whole_of(found)
    keys = [each.pk for each in whole]
    links = EvidenceLink.objects.filter(evidence__in=keys, removed_at__isnull=True)
    codes = links.values_list("response__question__code", "response__assessment__year")
    rows = RowEvidence.objects.filter(evidence__in=keys, removed_at__isnull=True).count()
    return {
        "evidence": found,
        "name": found.name_for(request.user),
        "told": destroying.told(found),
        "whole": [(each, each.name_for(request.user)) for each in whole],
        "others": destroying.others_with(whole),
        "uses": [
            f"{code} ({year})"
            for code, year in codes.distinct().order_by(
                "-response__assessment__year", "response__question__code"
            )
        ],
        "rows": rows,
        "form": form,
        "readable": Evidence.objects.visible_to(request.user).filter(pk=found.pk).exists(),
    }
