"""The one page of a year that everybody may see, when the city says so; and the switch for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from agencies.http import Request
from reports.actions import ABOUT, end_release, release_figures
from reports.ledger import ledger_of
from reports.public import as_csv, figures_of, read
from reports.views.year import Place, in_one_region, whole_place
from submissions.actions.record import RefusedError
from submissions.models import Release

KEPT_SECONDS = 300


def shown(region: str, year: int) -> Release:
    """What is public of a year; 404 where nothing is, as for a city that there is not."""
    found = Release.objects.filter(
        assessment__region__code=region, assessment__year=year, ended_at__isnull=True
    ).first()
    if found is None:
        raise Http404
    return found


def released(
    view: Callable[[HttpRequest, Release], HttpResponse],
) -> Callable[[HttpRequest, str, int], HttpResponse]:
    """A view of released figures: for everybody, kept for minutes, and not sent twice unchanged."""

    @login_not_required
    @require_safe
    @wraps(view)
    def inner(request: HttpRequest, region: str, year: int) -> HttpResponse:
        release = shown(region, year)
        etag = f'"{release.pk}"'
        answer = get_conditional_response(request, etag=etag)
        if answer is None:
            answer = view(request, release)
        answer.headers["ETag"] = etag
        patch_cache_control(answer, public=True, max_age=KEPT_SECONDS)
        return answer

    return inner


@released
def page(request: HttpRequest, release: Release) -> HttpResponse:
    """Total, category and clusters in plain words."""
    figures = read(release.figures)
    arguments = [release.figures["kode_wilayah"], figures.year]
    context = {
        "messages": [],  # what was said to somebody who is signed in is not kept for others
        "figures": figures,
        "json": reverse("public_json", args=arguments),
        "csv": reverse("public_csv", args=arguments),
    }
    return render(request, "reports/public.html", context)


@released
def as_json_file(request: HttpRequest, release: Release) -> HttpResponse:
    options = {"ensure_ascii": False, "indent": 2}
    answer = JsonResponse(release.figures, json_dumps_params=options)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@released
def as_csv_file(request: HttpRequest, release: Release) -> HttpResponse:
    answer = HttpResponse(as_csv(release.figures), content_type="text/csv; charset=utf-8")
    name = f"kla-{slugify(release.figures['wilayah'])}-{release.figures['tahun']}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@in_one_region
def releasing(request: Request, year: int) -> HttpResponse:
    """What everybody would see, and the switch: on with today's figures, or off."""
    place = whole_place(request, year)
    assessment = place.assessment
    if request.method == "POST":
        if not request.user.has_perm("submissions.release_figures", assessment):
            raise PermissionDenied
        deed = request.POST.get("tindakan")
        try:
            if deed == "tutup":
                end_release(assessment, by=request.user, now=timezone.now())
                messages.success(request, "Halaman publik ditutup.")
            elif deed == "terbitkan":
                release_figures(
                    assessment, by=request.user, now=timezone.now(), about=_about(request.POST)
                )
                messages.success(request, "Angka diterbitkan. Halaman publik dapat dibuka umum.")
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            if deed == "terbitkan":  # what was typed stays
                return _releasing(request, place, _about(request.POST))
        return redirect(place.links.to("releasing"))
    return _releasing(request, place, None)


def _about(typed: QueryDict) -> dict[str, str]:
    """What was typed about the clusters, by their codes."""
    mark = "tentang-"
    return {name.removeprefix(mark): str(typed[name]) for name in typed if name.startswith(mark)}


def _releasing(request: Request, place: Place, typed: dict[str, str] | None) -> HttpResponse:
    assessment, now = place.assessment, timezone.now()
    release = assessment.releases.filter(ended_at__isnull=True).first()
    said = {each.code: each.about for each in read(release.figures).clusters} if release else {}
    ledger = ledger_of(assessment, request.user)
    current = figures_of(assessment, ledger, now=now, about=said if typed is None else typed)
    context = {
        **place.context,
        "figures": read(current),
        "longest": ABOUT,
        "release": release,
        "released": read(release.figures) if release else None,
        "address": request.build_absolute_uri(
            reverse("public", args=[assessment.region.code, assessment.year])
        ),
        "may_release": request.user.has_perm("submissions.release_figures", assessment),
    }
    status = 200 if typed is None else 422
    return render(request, "reports/releasing.html", context, status=status)
