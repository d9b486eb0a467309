"""The versions of the instrument, what differs between two of them, and their mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.actions import InstrumentError, publish_instrument
from indicators.actions.comparing import KIND_LABELS, Kind, compare
from indicators.actions.loading import stored_data
from indicators.actions.mapping import (
    PERMISSION,
    Pairing,
    confirm_equal,
    pairings,
    save_mapping,
)
from indicators.forms.mapping import FIELD, MappingSheet, read_mapping, seen_of
from indicators.models import Cluster, Instrument, InstrumentChange
from indicators.wording import percent

PAGE = 100
SHOWN_CHANGES = 20
LABEL = 70


@dataclass(frozen=True, slots=True)
class Row:
    """One question of the mapping's page."""

    pairing: Pairing
    name: str
    typed: str
    hint: str
    tone: str
    error: str


def _versions(request: HttpRequest) -> list[Instrument]:
    """Newest first; drafts only for who may change them."""
    found = Instrument.objects.visible_to(request.user).annotate(asked=Count("questions"))
    return list(found.order_by("-year", "-pk"))


def _pair(request: HttpRequest, found: Sequence[Instrument]) -> list[Instrument | None]:
    """The older and the newer one: those named, else the newest and the published one before it.

    Each is read by itself, since each is looked through as a whole.
    """
    codes = [each.code for each in found]
    published = [each.code for each in found if each.published_at is not None]
    older, newer = (request.GET.get(key, "") for key in ("dari", "ke"))
    if any(code and code not in codes for code in (older, newer)):
        raise Http404
    newer = newer or next(iter(codes), "")
    later = codes[codes.index(newer) + 1 :] if newer else []
    others = [code for code in (*later, *codes) if code in published and code != newer]
    older = older or next(iter(others), "")
    return [Instrument.objects.filter(code=code).first() for code in (older, newer)]


@require_safe
@permission_required("indicators.view_instrument", raise_exception=True)
def versions(request: HttpRequest) -> HttpResponse:
    """Every version, and the readable difference between any two."""
    found = _versions(request)
    older, newer = _pair(request, found)
    context: dict[str, Any] = {
        "versions": found,
        "older": older,
        "newer": newer,
        "may_change": request.user.has_perm(PERMISSION),
        "may_publish": request.user.has_perm("indicators.publish_instrument"),
        "changes": _changes(request),
    }
    if older is not None and newer is not None and older != newer:
        pairs = pairings(newer, older)
        difference = compare(
            stored_data(older),
            stored_data(newer),
            {each.question.code: each.before.code for each in pairs if each.before},
        )
        kind = request.GET.get("jenis", "")
        entries = difference.of(kind)
        size = max(len(entries), 1) if request.GET.get("semua") else PAGE
        counts = difference.counts()
        context |= {
            "difference": difference,
            "kinds": [
                (str(each), KIND_LABELS[each], counts[each]) for each in Kind if counts[each]
            ],
            "kind": kind if kind in set(Kind) else "",
            "pages": Paginator(entries, size).get_page(request.GET.get("page")),
            "undecided": sum(not each.decided for each in pairs),
            "mapping": _mapping_address(older, newer),
        }
    return render(request, "indicators/versions.html", context)


def _changes(request: HttpRequest) -> list[InstrumentChange]:
    """What was done lately, by whom; for those who may do it too."""
    if not request.user.has_perm(PERMISSION):
        return []
    return list(InstrumentChange.objects.select_related("instrument", "by")[:SHOWN_CHANGES])


def _mapping_address(older: Instrument, newer: Instrument, cluster: str = "") -> str:
    query = {"dari": older.code, "ke": newer.code} | ({"klaster": cluster} if cluster else {})
    return f"{reverse('instrument_mapping')}?{urlencode(query)}"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSION, raise_exception=True)
def mapping(request: HttpRequest) -> HttpResponse:
    """Which older question each newer one continues, one cluster at a time."""
    older, newer = _pair(request, _versions(request))
    if older is None or newer is None or older == newer:
        messages.info(request, "Pemetaan memerlukan dua versi; baru satu yang ada.")
        return redirect("instrument_versions")
    pairs = pairings(newer, older)
    clusters = list(dict.fromkeys(each.question.indicator.cluster for each in pairs))
    code = request.GET.get("klaster", "")
    cluster = next((each for each in clusters if each.code == code), next(iter(clusters), None))
    mine = [each for each in pairs if each.question.indicator.cluster == cluster]
    known = {each.code: each for each in older.questions.all()}
    here = _mapping_address(older, newer, cluster.code if cluster else "")
    sheet = None
    if request.method == "POST":
        try:
            if "sama" in request.POST:
                done = confirm_equal(newer, older, by=request.user)
                messages.success(request, f"{done} pertanyaan yang kalimatnya sama dipetakan.")
                return redirect(here)
            sheet = read_mapping(request.POST, mine, {c: each.pk for c, each in known.items()})
            if sheet.is_valid:
                done = save_mapping(
                    newer, older, chosen=sheet.chosen, seen=sheet.seen, by=request.user
                )
                said = f"Pemetaan disimpan: {done} berubah." if done else "Tidak ada yang berubah."
                messages.success(request, said)
                return redirect(here)
        except InstrumentError as error:
            messages.error(request, str(error))
    context = _mapping_page(older, newer, pairs, clusters) | {
        "cluster": cluster,
        "here": here,
        "rows": [_row(each, sheet) for each in mine],
        "seen": seen_of(mine),
        "known": [(code, each.text[:LABEL]) for code, each in known.items()],
        "wrong": bool(sheet and sheet.errors),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "indicators/mapping.html", context, status=status)


def _mapping_page(
    older: Instrument, newer: Instrument, pairs: Sequence[Pairing], clusters: Sequence[Cluster]
) -> dict[str, Any]:
    """What the page says whatever the cluster."""
    left = Counter(each.question.indicator.cluster_id for each in pairs if not each.decided)
    query = urlencode({"dari": older.code, "ke": newer.code})
    return {
        "older": older,
        "newer": newer,
        "tabs": [
            {
                "label": each.code,
                "href": _mapping_address(older, newer, each.code),
                "count": left[each.pk],
            }
            for each in clusters
        ],
        "left": left.total(),
        "equal": sum(each.is_equal for each in pairs),
        "back": f"{reverse('instrument_versions')}?{query}",
    }


def _row(pairing: Pairing, sheet: MappingSheet | None) -> Row:
    pk = pairing.question.pk
    typed = pairing.before.code if pairing.before else ""
    if sheet is not None:
        typed = sheet.typed.get(pk, typed)
    if pairing.decided:
        hint, tone = ("diputuskan", "ok") if pairing.before else ("diputuskan: baru", "ok")
    elif pairing.via:
        through = "saran: lewat versi di antaranya"
        hint, tone = (through if pairing.before else f"{through}, baru"), "info"
    elif pairing.before is None:
        hint, tone = "tanpa saran", "risk"
    elif pairing.is_equal:
        hint, tone = "saran: kalimat sama", "info"
    else:
        hint, tone = f"saran: mirip {percent(pairing.likeness)}", "risk"
    error = sheet.errors.get(pk, "") if sheet else ""
    return Row(pairing, FIELD.format(pk), typed, hint, tone, error)


@require_POST
@permission_required("indicators.publish_instrument", raise_exception=True)
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Make a draft final."""
    instrument = get_object_or_404(Instrument.objects.visible_to(request.user), code=code)
    try:
        publish_instrument(instrument, by=request.user)
    except InstrumentError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{instrument.title} diterbitkan dan tidak dapat diubah lagi.")
    return redirect("instrument_versions")
