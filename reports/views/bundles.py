"""Bundles of evidence: asked for, watched, fetched (also in parts), dropped."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST, require_safe

from agencies.http import Request
from reports.links import Links
from reports.views.exports import bundle_form, year_page
from reports.views.year import in_one_region, place_of
from submissions.actions import bundling, making
from submissions.actions.record import RefusedError
from submissions.models import Bundle
from submissions.views.sending import send_file


@require_POST
@in_one_region
def ask(request: Request, year: int) -> HttpResponse:
    """Have one made, and show how far it is."""
    place = place_of(request, year)
    form = bundle_form(request, place)
    if not form.is_valid():
        return year_page(request, place, form, refusal="Pilih bagian dan kantor dari daftarnya.")
    try:
        made = bundling.ask(
            place.assessment,
            by=request.user,
            now=timezone.now(),
            cluster=form.cluster,
            indicator=form.indicator,
            agency=form.agency,
        )
    except RefusedError as error:
        return year_page(request, place, form, refusal=str(error))
    return redirect("bundle", made.token)


@require_GET
def bundle(request: Request, token: UUID) -> HttpResponse:
    """How far it is, and where to fetch it; a script asks for the middle part again and again."""
    found = own_bundle(request, token)
    links = Links.of(found.assessment, request.user)
    context = {
        "bundle": found,
        "assessment": found.assessment,
        "is_example": found.assessment.is_example,
        "exports": links.to("exports_year"),
    }
    if request.htmx:
        return render(request, "reports/bundle.html#keadaan", context)
    return render(request, "reports/bundle.html", context)


@require_POST
def drop(request: Request, token: UUID) -> HttpResponse:
    """Cancel it while it is made, remove it when it is there."""
    found = own_bundle(request, token)
    making.drop(found, by=request.user)
    messages.success(request, "Bundel dihapus.")
    return redirect(Links.of(found.assessment, request.user).to("exports_year"))


@require_safe
def download(request: Request, token: UUID) -> HttpResponseBase:
    """The file, or the part of it that is still wanted; the right is asked again each time."""
    found = own_bundle(request, token)
    if not bundling.may_have(found):
        raise PermissionDenied
    if not found.is_ready or found.expires_at <= timezone.now():
        raise Http404
    name = slugify(f"data-dukung-{found.assessment.year}-{found.scope}")[:100]
    return send_file(
        request,
        found.path,
        etag=f"{found}-{found.attempt}",
        name=f"{name}.zip",
        content_type="application/zip",
    )


def own_bundle(request: Request, token: UUID) -> Bundle:
    """The requester's own, with the people that a right is asked of as they are now."""
    seen = Bundle.objects.visible_to(request.user).select_related(
        "by__agency", "assessment__region", "assessment__instrument", "agency"
    )
    return get_object_or_404(seen, token=token)
