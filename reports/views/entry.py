"""The hand-over: official answers to type into the ministry's form, and ticks for what was."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.http import Request
from reports.entry import entry_of, rows_of
from reports.plan import plan_of
from reports.views.year import ChooseRegion, in_one_region, whole_place
from submissions.actions import entering

CHANGED = "Jawabannya berubah sejak halaman dibuka. Periksa lagi yang Anda ketik."


@require_GET
@in_one_region
def entry(request: Request, year: int) -> HttpResponse:
    """One cluster at a time, in the order of the form."""
    place = whole_place(request, year)
    plan = plan_of(place.assessment.instrument)
    if not plan.clusters:
        raise Http404
    sheet = entry_of(place.assessment, plan, request.user, cluster=request.GET.get("klaster", ""))
    only = request.GET.get("belum") == "1"
    code = sheet.cluster.code
    context = {
        **place.context,
        "sheet": sheet,
        "rows": [row for row in sheet.rows if not (only and row.is_done)],
        "only": only,
        "here": "",
        "query": f"?wilayah={place.links.region}" if place.links.region else "",
        "exports": place.links.to("exports_year"),
        "may_tick": request.user.has_perm(entering.PERMISSION, place.assessment),
        "ways": [
            {
                "label": each.code,
                "href": place.links.to("entry", klaster=each.code),
                "count": each.total - each.done,
            }
            for each in sheet.clusters
        ],
        "way": place.links.to("entry", klaster=code),
        "unticked": place.links.to("entry", klaster=code, belum="1"),
    }
    return render(request, "reports/entry.html", context)


@require_POST
def entry_tick(request: Request, year: int, code: str) -> HttpResponse:
    """Tick or untick one question as oneself."""
    try:
        place = whole_place(request, year)
    except ChooseRegion:
        raise Http404 from None
    if not request.user.has_perm(entering.PERMISSION, place.assessment):
        raise PermissionDenied
    question = get_object_or_404(place.assessment.instrument.questions, code=code)
    plan = plan_of(place.assessment.instrument)
    [row] = rows_of(place.assessment, [plan.questions[question.pk]], request.user)
    now, changed = timezone.now(), False
    wanted = request.POST.get("buat")
    if wanted == "batal":
        entering.untick_entry(place.assessment, question, by=request.user, now=now)
    elif wanted == row.seal:  # the answer as the page showed it
        entering.tick_entry(place.assessment, question, told=row.told, by=request.user, now=now)
    else:  # what was typed there is not what stands here any more
        changed = True
    cluster = plan.questions[question.pk].cluster
    here = f"{place.links.to('entry', klaster=cluster)}#p-{code}"
    if request.htmx:
        sheet = entry_of(place.assessment, plan, request.user, cluster=cluster)
        [row] = [each for each in sheet.rows if each.question.pk == question.pk]
        context = {**place.context, "row": row, "sheet": sheet, "may_tick": True, "here": here}
        context["query"] = f"?wilayah={place.links.region}" if place.links.region else ""
        return render(request, "reports/entry.html#kembali", context | {"changed": changed})
    if changed:
        messages.error(request, f"Pertanyaan {code} belum ditandai. {CHANGED}")
    return redirect(here)
