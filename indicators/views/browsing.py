"""The instrument to browse and search: what is asked, of whom, for how many points."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from indicators.filters import InstrumentSearchForm, all_questions, catalogue, total_points
from indicators.models import Instrument


@require_safe
@permission_required("indicators.view_instrument", raise_exception=True)
def instrument(request: HttpRequest, code: str = "") -> HttpResponse:
    """The newest published one, or a version by its code; drafts only for who may change them."""
    versions = list(Instrument.objects.visible_to(request.user))
    published = [each for each in versions if each.published_at is not None]
    found = [each for each in versions if each.code == code] if code else published[:1]
    if code and not found:
        raise Http404
    if not found:
        return render(request, "indicators/instrument.html", {"instrument": None})
    clusters = catalogue(found[0])
    form = InstrumentSearchForm(request.GET or None, clusters=clusters)
    shown = form.apply(clusters)
    filtered = form.is_filtered
    return render(
        request,
        "indicators/instrument.html",
        {
            "instrument": found[0],
            "versions": versions if len(versions) > 1 else [],
            "form": form,
            "clusters": shown,
            "filtered": filtered,
            "opened": filtered or request.GET.get("buka") == "semua",
            "count": sum(1 for _ in all_questions(shown)),
            "count_all": sum(1 for _ in all_questions(clusters)),
            "points_shown": total_points(shown),
        },
    )
