"""The floors beside the real addresses; the machine that serves users knows none of this."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from submissions.models import Assessment, Event, Verb


def floor(request):
    """A session, a user, a line."""
    return HttpResponse(f"<!doctype html><title>Lantai</title><p>{request.user}</p>")


def rows(request):
    """A plain template of 300 rows with five cells."""
    lines = [(n, f"Pertanyaan {n}", "Lengkap dan berjalan", "5,00", "Diterima") for n in range(300)]
    return render(request, "bench/rows.html", {"rows": lines})


def cells(request):
    """A plain template of 46 rows by 31 cells, each a class, a figure and a state."""
    line = [("draf", f"{n} dari 7", "Draf") for n in range(31)]
    return render(request, "bench/cells.html", {"rows": [(f"Dinas {n}", line) for n in range(46)]})


@csrf_exempt
def write(request):
    """A session, a user, one row written."""
    assessment = Assessment.objects.visible_to(request.user).only("pk")[0]
    Event.objects.create(assessment=assessment, verb=Verb.EXPORT, by=request.user)
    return HttpResponse("ya")


urlpatterns = [
    path("bench/floor/", floor),
    path("bench/rows/", rows),
    path("bench/cells/", cells),
    path("bench/write/", write),
    path("", include("kla_tracker.urls")),
]
