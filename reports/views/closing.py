"""The end of a year: what is still open, the button, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http import Request
from reports.closing import closing_of
from reports.views.year import ChooseRegion, Place, ledger_seen, place_of
from submissions.actions.record import RefusedError
from submissions.actions.year import CLOSING
from submissions.actions.year import close_year as close_the_year
from submissions.actions.year import reopen_year as reopen_the_year
from submissions.forms.year import CloseYearForm, ReopenYearForm


@require_http_methods(["GET", "HEAD", "POST"])
def close_year(request: Request, year: int) -> HttpResponse:
    """What is still open in a year, and the button that ends it."""
    place = _to_close(request, year)
    form = CloseYearForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            close_the_year(
                place.assessment,
                note=form.cleaned_data["catatan"],
                expected=form.cleaned_data["belum"],
                by=request.user,
                now=timezone.now(),
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Penilaian {year} ditutup.")
            return redirect(place.links.to("close_year"))
    return _closing_page(request, _to_close(request, year), close=form)


@require_POST
def reopen_year(request: Request, year: int) -> HttpResponse:
    """Open a closed year again, with a reason."""
    place = _to_close(request, year)
    form = ReopenYearForm(request.POST)
    if form.is_valid():
        try:
            reopen_the_year(
                place.assessment,
                reason=form.cleaned_data["alasan"],
                by=request.user,
                now=timezone.now(),
            )
        except RefusedError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"Penilaian {year} dibuka kembali.")
        return redirect(place.links.to("close_year"))
    return _closing_page(request, place, reopen=form)


def _to_close(request: Request, year: int) -> Place:
    """The year, for one who may close it: 404 where it is not seen, 403 where only that."""
    try:
        place = place_of(request, year)
    except ChooseRegion:
        raise Http404 from None
    if not request.user.has_perm(CLOSING, place.assessment):
        raise PermissionDenied
    return place


def _closing_page(
    request: Request,
    place: Place,
    *,
    close: CloseYearForm | None = None,
    reopen: ReopenYearForm | None = None,
) -> HttpResponse:
    """The same page before and after; a form that was refused says why."""
    ledger = ledger_seen(request, place)
    reviews = request.user.has_perm("submissions.verify_submission", place.assessment)
    closing = closing_of(
        place.assessment, ledger, place.links, reviews=reviews, queue=reverse("review_queue")
    )
    wrong = bool((close and close.errors) or (reopen and reopen.errors))
    if place.assessment.closed_at is not None:
        close, reopen = None, reopen or ReopenYearForm()
    else:
        close, reopen = close or CloseYearForm(), None
    context = {
        **place.context,
        "closing": closing,
        "close": close,
        "reopen": reopen,
        "close_href": place.links.to("close_year"),
        "reopen_href": place.links.to("reopen_year"),
    }
    return render(request, "reports/year_close.html", context, status=422 if wrong else 200)
