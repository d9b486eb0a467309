"""One evidence: what it is, its versions, where each is used, and which verdicts rest on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http import Request
from agencies.models import AssignmentRole, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.wording import tanggal
from submissions.actions import library as verbs
from submissions.actions import restricting
from submissions.actions.answering import PERMISSION
from submissions.actions.record import RefusedError
from submissions.forms import uploads
from submissions.forms.library import DescribeForm, told
from submissions.models import (
    Evidence,
    EvidenceChange,
    EvidenceLink,
    EvidenceQuerySet,
    Response,
    Review,
    RowEvidence,
)
from submissions.views.library import said_of
from submissions.views.receiving import too_big
from submissions.views.work_page import Proof, proof_of
from submissions.workflow import expired

DESTROY = "submissions.destroy_evidence"  # its page stands above this room


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version is used: a question in a year, or a register's row."""

    label: str
    href: str
    note: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Rested:
    """A verdict that was given on a version."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Edition:
    """One version with all that hangs on it."""

    evidence: Evidence
    proof: Proof
    about: str
    latest: bool
    places: Sequence[Place]
    verdicts: Sequence[Rested]


@require_http_methods(["GET", "POST"])
def evidence_page(request: Request, pk: int) -> HttpResponse:
    """Read by all who see it; described by its giver."""
    found = _fetch(request.user, pk)
    if request.method == "GET":
        return _page(request, found)
    _require_giver(request.user, found)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        verbs.describe(
            found,
            description=form.description(),
            version=form.cleaned_data["versi"],
            by=request.user,
            now=timezone.now(),
        )
    except verbs.StaleEvidenceError as stale:
        return _page(
            request, stale.current, form=form, clash=_clash(form, stale.current), status=409
        )
    except RefusedError as error:
        return _page(request, found, form=form, refusals=[str(error)], status=422)
    messages.success(request, "Keterangan tersimpan.")
    return redirect("evidence_page", pk)


@require_POST
def evidence_replace(request: Request, pk: int) -> HttpResponse:
    """Another file in the place of this one, as a version of its own."""
    found = _fetch(request.user, pk)
    _require_giver(request.user, found)
    given = request.FILES.get("berkas")
    if given is None:
        refusals = too_big(request)
        status = 413 if refusals else 422
        return _page(
            request, found, refusals=refusals or ["Pilih dahulu berkasnya."], status=status
        )
    try:
        now = timezone.now()
        upload = uploads.receive(given, by=request.user, now=now)
        new = verbs.replace(found, upload=upload, by=request.user, now=now)
    except ValidationError as error:
        return _page(request, found, refusals=error.messages, status=422)
    except RefusedError as error:
        return _page(request, found, refusals=[str(error)], status=422)
    except verbs.StaleEvidenceError as stale:
        who = stale.current.created_by.get_full_name()
        refused = (
            f"{who} sudah mengunggah versi {stale.current.number}, jadi berkas Anda belum "
            "tersimpan. Buka versi itu; bila perlu, unggah lagi dari sana."
        )
        return _page(request, found, refusals=[refused], status=409)
    if new.pk == found.pk:
        messages.info(request, "Isinya sama dengan versi ini, jadi tidak ada yang berubah.")
    else:
        messages.success(request, f"Versi {new.number} tersimpan. Periksa keterangannya di bawah.")
    return redirect("evidence_page", new.pk)


@require_POST
def evidence_restrict(request: Request, pk: int) -> HttpResponse:
    """Only for its giver's office and the verifikator, with `terbatas`; without, as others are."""
    found = _fetch(request.user, pk)
    _require_giver(request.user, found)
    wanted = request.POST.get("terbatas")
    if wanted not in {"ya", "tidak"}:
        return _page(request, found, refusals=["Pilih terbatas atau tidak."], status=422)
    if restricting.restrict(found, restricted=wanted == "ya", by=request.user, now=timezone.now()):
        said = "sekarang terbatas" if wanted == "ya" else "tidak lagi terbatas"
        messages.success(request, f"{found.name} {said}.")
    return redirect("evidence_page", pk)


@require_POST
def evidence_discard(request: Request, pk: int) -> HttpResponse:
    """Thrown away, if nothing uses it."""
    found = _fetch(request.user, pk)
    _require_giver(request.user, found)
    try:
        verbs.discard(found, by=request.user, now=timezone.now())
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("evidence_page", pk)
    messages.success(request, f"{found.name} dihapus dari pustaka.")
    return redirect("evidence_list")


# --- what is shown -------------------------------------------------------------------------------


def _fetch(user: User, pk: int) -> Evidence:
    found = Evidence.objects.visible_to(user).select_related("agency__region", "blob", "created_by")
    evidence = found.filter(pk=pk).first()
    if evidence is None:
        raise Http404
    return evidence


def _require_giver(user: User, evidence: Evidence) -> None:
    """403 for one who sees it and may not change it; the verb asks again."""
    if not user.has_perm(PERMISSION, evidence.agency):
        raise PermissionDenied


def _form(evidence: Evidence, typed: Any = None) -> DescribeForm:
    return DescribeForm(typed, evidence=evidence, today=timezone.localdate())


def _page(
    request: Request,
    evidence: Evidence,
    *,
    form: DescribeForm | None = None,
    refusals: Sequence[str] = (),
    clash: Sequence[tuple[str, str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    user = request.user
    editions = _editions(user, evidence)
    destroyed = evidence.destroyed_at is not None
    may = user.has_perm(PERMISSION, evidence.agency) and not destroyed
    used = any(each.places or each.verdicts for each in editions)
    context = {
        "evidence": evidence,
        "here": next(each for each in editions if each.evidence.pk == evidence.pk),
        "editions": editions,
        "latest": editions[0],
        "may": may,
        "form": (form or _form(evidence)) if may else None,
        "version": evidence.version,
        "clash": clash,
        "refusals": refusals,
        "accept": uploads.ACCEPT,
        "discardable": may and not used,
        "destroyed": destroyed,
        "may_destroy": not destroyed and user.has_perm(DESTROY, evidence.agency),
        "history": _history(editions) if may or destroyed else [],
    }
    return render(request, "submissions/evidence_page.html", context, status=status)


def _editions(user: User, evidence: Evidence) -> list[Edition]:
    """All versions that the reader may see, the latest first. Four queries for any number."""
    links = _links(user, evidence).select_related(
        "response__question__indicator", "response__submission__agency", "response__assessment"
    )
    rows = RowEvidence.objects.filter(
        removed_at__isnull=True, row__retired_at__isnull=True
    ).select_related("row__register", "row__agency")
    reviews = Review.objects.select_related(
        "by", "response__question", "response__assessment", "response__submission"
    ).order_by("pk")
    found: EvidenceQuerySet = Evidence.objects.visible_to(user).versions_of(evidence)
    versions = list(
        found.select_related("blob", "agency", "created_by")
        .prefetch_related(
            Prefetch("links", links), Prefetch("row_links", rows), Prefetch("reviews", reviews)
        )
        .order_by("-number")
    )
    return [_edition(user, each, latest=each is versions[0]) for each in versions]


def _links(user: User, evidence: Evidence) -> QuerySet[EvidenceLink]:
    """The attachments that a reader may know of: the giver all; another office those to its own
    answers and to the questions that it leads.
    """
    links = EvidenceLink.objects.filter(removed_at__isnull=True)
    if user.role not in OWN_AGENCY_ONLY or evidence.agency_id == user.agency_id:
        return links
    led = Response.objects.filter(
        assessment=OuterRef("response__assessment"),
        question=OuterRef("response__question"),
        role=AssignmentRole.LEAD,
        submission__agency=user.agency_id,
    )
    own = links.filter(response__submission__agency=user.agency_id)
    return own | links.filter(Exists(led))


def _edition(user: User, evidence: Evidence, *, latest: bool) -> Edition:
    when = f"{tanggal(evidence.created_at)}, {evidence.created_by.get_full_name()}"
    places = [_place(user, each, evidence) for each in evidence.links.all()]
    if user.role not in OWN_AGENCY_ONLY or evidence.agency_id == user.agency_id:
        places += [
            Place(
                f"Baris {each.row.register.name}",
                reverse("register_row", args=[each.row.code, each.row_id]),
                str(each.row.agency),
            )
            for each in evidence.row_links.all()
        ]
    verdicts = [
        Rested(
            f"{each.get_verdict_display()}: {each.response.question.code} "
            f"({each.response.assessment.year}), {each.by.get_full_name()}",
            each.at,
        )
        for each in evidence.reviews.all()
        if user.role not in OWN_AGENCY_ONLY
        or user.agency_id in {evidence.agency_id, each.response.submission.agency_id}
    ]
    proof = proof_of(evidence, user=user, when=when)
    return Edition(evidence, proof, said_of(evidence), latest, places, verdicts)


def _place(user: User, link: EvidenceLink, evidence: Evidence) -> Place:
    answer = link.response
    work, year = answer.submission, answer.assessment
    href = ""
    if user.role not in OWN_AGENCY_ONLY:
        code = answer.question.indicator.code
        href = reverse("indicator_report", args=[year.year, code])
    elif work.agency_id == user.agency_id and work.emptied_at is None:
        href = reverse("work_form", args=[work.pk]) + f"#q-{answer.pk}"
    verdict = answer.get_verdict_display().lower()
    return Place(
        label=f"{answer.question.code} ({year.year})",
        href=href,
        note=f"{work.agency}, {verdict}",
        expired=expired(evidence.valid_until, year.data_year),
    )


def _clash(form: DescribeForm, stored: Evidence) -> list[tuple[str, str, str]]:
    """What differs: the field, what is stored, what was typed."""
    theirs, mine = told(verbs.Description.of(stored)), told(form.description())
    return [
        (label, old, new) for (label, old), (_, new) in zip(theirs, mine, strict=True) if old != new
    ]


def _history(editions: Sequence[Edition]) -> QuerySet[EvidenceChange]:
    """What its giver's people did, newest first. One query."""
    versions = [each.evidence.pk for each in editions]
    found = EvidenceChange.objects.filter(evidence__in=versions).select_related("by")
    return found.order_by("-pk")[:30]
