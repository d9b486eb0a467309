"""The evidence library: everything an office ever gave, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from agencies.http import Request
from agencies.models import User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.wording import tanggal, ukuran
from submissions.forms.library import LibraryForm
from submissions.models import (
    Evidence,
    EvidenceLink,
    EvidenceQuerySet,
    Review,
    RowEvidence,
    newer_version,
)
from submissions.wording import SCANNED
from submissions.workflow import expired

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
    kind: str  # in letters
    what: str
    about: str
    expired: bool
    uses: Sequence[Use]
    verdicts: Sequence[str]

    @property
    def pk(self) -> int:
        return self.evidence.pk

    @property
    def thumb(self) -> bool:
        """Whether there is a picture of it."""
        return bool(self.evidence.thumb) and not self.evidence.restricted

    @property
    def version(self) -> str:
        return f"versi {self.evidence.number}"


@require_GET
def evidence_list(request: Request) -> HttpResponse:
    """Newest first. An operator sees what the own office gave, the others that of their region."""
    user = request.user
    given = Evidence.objects.visible_to(user)
    if user.role in OWN_AGENCY_ONLY:
        given = given.filter(agency=user.agency_id)
    form = LibraryForm(request.GET, user=user)
    found = _whole(form.narrow(_worth_a_line(given)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "submissions/library_list.html",
        {
            "form": form,
            "page": page,
            "lines": [_line(user, each, form.data_year) for each in page.object_list],
            "data_year": form.data_year,
            "own": user.role in OWN_AGENCY_ONLY,
        },
    )


def _worth_a_line(given: EvidenceQuerySet) -> EvidenceQuerySet:
    """The latest versions, and earlier ones that something still uses."""
    links = EvidenceLink.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    newer = given.annotate(newer=newer_version())
    return newer.filter(Q(newer__isnull=True) | Exists(links))


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


def _line(user: User, evidence: Evidence, data_year: int | None) -> Line:
    uses = [_use(user, each) for each in evidence.links.all()]
    uses += [_row_use(each) for each in evidence.row_links.all()]
    verdicts = [
        f"{each.get_verdict_display()}: {each.response.question.code}"
        for each in evidence.reviews.all()
        if user.role not in OWN_AGENCY_ONLY or each.response.submission.agency_id == user.agency_id
    ]
    blob = evidence.blob
    kind, what = "WEB", "Tautan"
    if blob is not None:
        kind = str(blob.file.name).rpartition(".")[2].upper()
        what = f"{kind}, {ukuran(blob.size)}" if blob.file else "Berkasnya sudah dihapus"
    if evidence.scan in SCANNED:
        what = f"{what}, {evidence.get_scan_display()}"
    return Line(
        evidence=evidence,
        href=evidence.url
        or (reverse("evidence", args=[evidence.pk]) if blob and blob.file else ""),
        kind=kind,
        what=what,
        about=said_of(evidence),
        expired=data_year is not None and expired(evidence.valid_until, data_year),
        uses=uses,
        verdicts=list(dict.fromkeys(verdicts)),
    )


def said_of(evidence: Evidence) -> str:
    """What its giver said of a document, in one line; nothing where nothing was said."""
    dated = evidence.document_date and f"tanggal {tanggal(evidence.document_date)}"
    until = evidence.valid_until and f"berlaku sampai {tanggal(evidence.valid_until)}"
    number = evidence.document_number and f"nomor {evidence.document_number}"
    parts = (
        evidence.get_kind_display(),
        number,
        dated,
        evidence.get_signed_display().lower(),
        until,
    )
    return ", ".join(str(part) for part in parts if part)


def _row_use(link: RowEvidence) -> Use:
    row = link.row
    return Use(f"Baris {row.register.name}", reverse("register_row", args=[row.code, row.pk]))


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
