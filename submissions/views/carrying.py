"""Last year as a start of this one: a page of a form's offers, or of all that an office has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import Agency, User
from indicators.wording import points as say_points
from submissions.actions.answering import PERMISSION, for_answering
from submissions.actions.carrying import Offer, carry_over, left_behind, offers_of, year_before
from submissions.actions.handing_in import worth
from submissions.actions.record import RefusedError, StaleError
from submissions.forms.carrying import wanted_of, whole_of
from submissions.models import Assessment, RegisterRow, Response, Submission
from submissions.views import work_page
from submissions.views.answering import agency_of
from submissions.views.work_page import Proof, proof_of
from submissions.wording import answer_text, cell_text
from submissions.workflow import EDITABLE, Verdict

PAGE = 40
ALL = "semua"
ROW_CELLS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One offer as the page says it."""

    offer: Offer
    whole: str
    points: str
    answer: str
    verdict: str
    tone: str
    by: str
    proofs: list[tuple[int, Proof]]
    rows: list[tuple[int, str]]
    ticked: bool


@dataclass(frozen=True, slots=True)
class Left:
    """An answer of last year whose question nobody asks any more."""

    before: Response
    answer: str
    own: bool


@dataclass(slots=True)
class Group:
    """The offers of one form."""

    submission: Submission
    lines: list[Line] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
def carry_form(request: Request, pk: int) -> HttpResponse:
    """What last year offers for one form."""
    submission = work_page.fetch(request.user, pk)
    work_page.require_answering(request.user, submission)
    if request.method == "POST":
        return _confirm(request)
    return _page(request, submission.agency, submission.assessment, submission=submission)


@require_http_methods(["GET", "POST"])
def carry_office(request: Request) -> HttpResponse:
    """What last year offers for all forms of an office that it may still change."""
    agency, _ = agency_of(request.user, request.GET.get("perangkat", ""))
    if not request.user.has_perm(PERMISSION, agency):
        raise PermissionDenied
    if request.method == "POST":
        return _confirm(request)
    if agency is None:
        return redirect("work")
    years = Assessment.objects.visible_to(request.user).filter(
        region=agency.region_id, closed_at__isnull=True
    )
    found = list(years.select_related("region", "instrument").order_by("-year"))
    named = [each for each in found if str(each.year) == request.GET.get("tahun")]
    assessment = next(iter(named or found), None)
    if assessment is None:
        return redirect("work")
    return _page(request, agency, assessment)


def _page(
    request: Request,
    agency: Agency,
    assessment: Assessment,
    *,
    submission: Submission | None = None,
) -> HttpResponse:
    door = Submission.objects.reached_by if submission else Submission.objects.visible_to
    mine = door(request.user).filter(
        agency=agency, assessment=assessment, state__in=[state.value for state in EDITABLE]
    )
    if submission is not None:
        mine = mine.filter(pk=submission.pk)
    responses = for_answering(Response.objects.filter(submission__in=mine)).order_by(
        "submission__indicator__order", "question__order"
    )
    earlier = year_before(assessment)
    offers = [] if assessment.closed_at else offers_of(agency, assessment, list(responses))
    pages = Paginator(offers, PAGE).get_page(request.GET.get("page"))
    every = request.GET.get("centang") == ALL
    context = {
        "agency": agency,
        "assessment": assessment,
        "submission": submission,
        "earlier": earlier,
        "groups": _groups(request.user, list(pages.object_list), every=every),
        "pages": pages,
        "total": len(offers),
        "plain": sum(each.plain for each in pages.object_list),
        "every": every,
        "on_behalf": request.user.agency_id != agency.pk,
        "is_example": assessment.is_example,
        "left": [] if submission or assessment.closed_at else _left(agency, assessment, earlier),
    }
    return render(request, "submissions/work_carry.html", context)


def _left(agency: Agency, assessment: Assessment, earlier: Assessment | None) -> list[Left]:
    """What has no successor, in words."""
    return [
        Left(
            each,
            answer_text(each.question.rubric.scale, each.value) if each.value else "",
            own=each.submission.agency_id == agency.pk,
        )
        for each in left_behind(agency, assessment, earlier)
    ]


def _groups(user: User, offers: Sequence[Offer], *, every: bool) -> list[Group]:
    worths = worth([each.response for each in offers])
    found: dict[int, Group] = {}
    for offer in offers:
        submission = offer.response.submission
        group = found.setdefault(submission.pk, Group(submission))
        group.lines.append(_line(user, offer, say_points(worths[offer.response.pk]), every=every))
    return list(found.values())


def _line(user: User, offer: Offer, worth: str, *, every: bool) -> Line:
    before, response = offer.before, offer.response
    scale = response.question.rubric.scale
    verdict, tone = _verdict(offer)
    whose = before.submission.agency
    return Line(
        offer=offer,
        whole=whole_of(offer),
        points=worth,
        answer=answer_text(scale, offer.value) if offer.value else "",
        verdict=verdict,
        tone=tone,
        by="" if whose.pk == response.submission.agency_id else str(whose),
        proofs=[
            (
                e.pk,
                proof_of(
                    e,
                    user=user,
                    when=str(e.agency),
                    data_year=response.submission.assessment.data_year,
                ),
            )
            for e in offer.evidence
        ],
        rows=[(each.pk, _row(each)) for each in offer.rows],
        ticked=every and offer.plain,
    )


def _verdict(offer: Offer) -> tuple[str, str]:
    """What the verifikator said of it last year."""
    before = offer.before
    if before.verdict == Verdict.RETURNED:
        note = before.last_review.note if before.last_review else ""
        return f"dikembalikan: {note}", "returned"
    if before.verdict != Verdict.ACCEPTED:
        return "belum diverifikasi", "neutral"
    if offer.lowered:
        options = offer.response.question.rubric.scale.options()
        at = before.verified_level
        level = options[at].label if at is not None and at < len(options) else "tingkat lain"
        return f"hanya terbukti: {level}", "risk"
    return "terbukti", "ok"


def _row(row: RegisterRow) -> str:
    cells = (
        cell_text(column["type"], row.data.get(column["key"])) for column in row.register.columns
    )
    return " · ".join([each for each in cells if each][:ROW_CELLS]) or f"baris {row.pk}"


def _confirm(request: Request) -> HttpResponse:
    """Take what was confirmed, each question by itself; say what was not taken and why."""
    wanted = {each.response: each for each in wanted_of(request.POST)}
    mine = for_answering(Response.objects.reached_by(request.user)).filter(pk__in=wanted)
    answers = list(mine.order_by("question__order"))
    if len(answers) != len(wanted):
        raise Http404
    taken, told = 0, []
    for each in answers:
        work_page.require_answering(request.user, each.submission)
        try:
            carried = carry_over(each, wanted=wanted[each.pk], by=request.user, now=timezone.now())
            taken += carried
        except StaleError:
            told.append(f"{each.question.code}: jawabannya berubah sementara Anda membaca.")
        except RefusedError as refused:
            told.append(f"{each.question.code}: {refused}")
    if taken:
        messages.success(request, f"{taken} pertanyaan dibawa dari tahun lalu dan tersimpan.")
    elif not told:
        messages.warning(request, "Belum ada yang dibawa: centang dahulu yang masih benar.")
    for sentence in told:
        messages.error(request, f"Tidak dibawa. {sentence}")
    kept = request.GET.copy()
    kept.pop("centang", None)
    return redirect(f"{request.path}?{kept.urlencode()}" if kept else request.path)
