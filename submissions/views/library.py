"""The evidence library: everything an office ever gave, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from agencies.http import Request
from agencies.models import User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.wording import ukuran
from submissions.forms.library import LibraryForm
from submissions.models import Evidence, EvidenceLink, EvidenceQuerySet, Review, RowEvidence

PAGE = 50


@dataclass(frozen=True, slots=True)
class Use:
    """A question or a register's row where an evidence is attached; no address where the reader
    cannot go.
    """

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One evidence as the list shows it."""

    evidence: Evidence
    href: str
    kind: str
    uses: Sequence[Use]
    verdicts: Sequence[str]


@require_GET
def evidence_list(request: Request) -> HttpResponse:
    """Newest first. An operator sees what the own office gave, the others that of their region."""
    user = request.user
    given = Evidence.objects.visible_to(user)
    if user.role in OWN_AGENCY_ONLY:
        given = given.filter(agency=user.agency_id)
    form = LibraryForm(request.GET, user=user)
    page = Paginator(_whole(form.narrow(given)), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "submissions/library_list.html",
        {
            "form": form,
            "page": page,
            "lines": [_line(user, each) for each in page.object_list],
            "own": user.role in OWN_AGENCY_ONLY,
        },
    )


def _whole(found: EvidenceQuerySet) -> EvidenceQuerySet:
    """With all that a line shows: three more queries, however many lines."""
    links = EvidenceLink.objects.filter(removed_at__isnull=True).select_related(
        "response__question__indicator", "response__submission", "response__assessment"
    )
    rows = RowEvidence.objects.filter(
        removed_at__isnull=True, row__retired_at__isnull=True
    ).select_related("row__register")
    reviews = Review.objects.select_related("response__question", "response__submission")
    return found.select_related("blob", "agency", "created_by").prefetch_related(
        Prefetch("links", links), Prefetch("row_links", rows), Prefetch("reviews", reviews)
    )


def _line(user: User, evidence: Evidence) -> Line:
    uses = [_use(user, each) for each in evidence.links.all()]
    uses += [
        Use(
            f"Baris {each.row.register.name}",
            reverse("register_row", args=[each.row.code, each.row_id]),
        )
        for each in evidence.row_links.all()
    ]
    verdicts = [
        f"{each.get_verdict_display()}: {each.response.question.code}"
        for each in evidence.reviews.all()
        if user.role not in OWN_AGENCY_ONLY or each.response.submission.agency_id == user.agency_id
    ]
    blob = evidence.blob
    if blob is None:
        return Line(evidence, evidence.url, "Tautan", uses, list(dict.fromkeys(verdicts)))
    kind = f"{str(blob.file.name).rpartition('.')[2].upper()}, {ukuran(blob.size)}"
    href = reverse("evidence", args=[evidence.pk])
    return Line(evidence, href, kind, uses, list(dict.fromkeys(verdicts)))


def _use(user: User, link: EvidenceLink) -> Use:
    answer = link.response
    label = f"{answer.question.code} ({answer.assessment.year})"
    if user.role not in OWN_AGENCY_ONLY:
        code = answer.question.indicator.code
        return Use(label, reverse("indicator_report", args=[answer.assessment.year, code]))
    work = answer.submission
    if work.agency_id != user.agency_id or work.emptied_at is not None:
        return Use(label, "")
    return Use(label, reverse("work_form", args=[work.pk]))
