"""The roof's own pages: home by role, the sign of life, and the style guide."""

import sys
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST
from django_tasks_db.models import DBTaskResult
from prometheus_client import CONTENT_TYPE_LATEST

from agencies.actions.record import RefusedError
from agencies.http import Request
from agencies.roles import Role
from kla_tracker import metrics, outages, preparing, samples, status
from kla_tracker.readiness import troubles
from kla_tracker.watching import number

HOME = {
    Role.OPERATOR: "work",  # what I must do next, and until when
    Role.VERIFIKATOR: "review_queue",  # what waits for me
    Role.PIMPINAN: "assessments",  # where we stand, and who must act
    Role.ADMINISTRATOR: "agencies",
}


@require_GET
def home(request: Request) -> HttpResponse:
    """The page that this role came for; a partner sees first what its help counts for, and who
    opens years, before there is one, what is to be done until then.
    """
    agency = request.user.agency
    if request.user.role == Role.OPERATOR and agency is not None and agency.is_partner:
        return redirect("partnerships")
    if request.user.has_perm("submissions.open_year") and not preparing.is_begun(request.user):
        return redirect("preparation")
    return redirect(HOME[Role(request.user.role)])


@require_GET
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: touches neither database nor disk."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether we can work: "ok", or 503 with a word for each thing that is not in order."""
    found = troubles(timezone.now())
    status = 503 if found else 200
    return HttpResponse(
        "".join(f"{each}\n" for each in found) or "ok\n",
        status=status,
        content_type="text/plain",
        headers={"Cache-Control": "no-store"},
    )


@require_GET
@login_not_required
def metrics_page(request: HttpRequest) -> HttpResponse:
    """For Prometheus, and for nobody else: to others it is not there."""
    if not metrics.is_open_to(request):
        raise Http404
    return HttpResponse(
        metrics.told(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


@require_GET
def preparation(request: Request) -> HttpResponse:
    """From an empty database to the first answer; for those who open years."""
    if not request.user.has_perm("submissions.open_year"):
        raise Http404
    region = preparing.region_of(request.user, request.GET.get("wilayah", ""))
    page = {"region": region, "steps": preparing.steps(request.user, region)}
    return render(request, "preparation.html", page)


@require_GET
def server_status(request: Request) -> HttpResponse:
    """How the server is, for the administrator; for nobody else is there such a page."""
    if not request.user.has_perm("agencies.use_admin"):
        raise Http404
    now = timezone.now()
    return render(request, "status.html", {"status": status.status(now), "now": now})


@require_POST
def retry_job(request: Request, job: UUID) -> HttpResponse:
    """Put a failed job back into the queue."""
    if not request.user.has_perm("agencies.use_admin"):
        raise Http404
    get_object_or_404(DBTaskResult, pk=job)
    try:
        status.retry(job, by=request.user)
        messages.success(request, "Pekerjaan dimasukkan lagi ke antrean.")
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("server_status")


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what we did not foresee, with the number under which the log tells it.

    A database that is away and a disk that is full are foreseen, also where no view was reached.
    """
    error = sys.exc_info()[1]
    if outages.will_pass(error):
        return outages.later()
    if outages.is_full(error):
        return outages.no_room()
    return HttpResponse(render_to_string("500.html", {"number": number()}), status=500)


@require_GET
@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for beside a file or a page that names no icon."""
    return redirect(static("img/logo.svg"))


@require_GET
def styleguide(request: Request) -> HttpResponse:
    """Every component once."""
    return render(request, "styleguide.html", samples.context())
