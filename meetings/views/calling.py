"""The list of meetings, one meeting, and calling, changing and cancelling it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from agencies.models import Agency
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Cluster, Indicator
from indicators.wording import local, points
from meetings.actions import calling
from meetings.actions.packing import may_pack
from meetings.actions.record import RefusedError, StaleError
from meetings.actions.showing import record_of
from meetings.forms import DecisionForm, MeetingForm, ReasonForm
from meetings.models import Attendance, FollowUp, Invited, Meeting
from meetings.workflow import doors
from reports.ledger import ledger_of
from reports.progress import Office, offices_of
from reports.shown import Shown, ShownDecision
from submissions.models import Assessment

PER_PAGE = 20
SUGGESTED = 15
COMPARED = 5
STALE = "Belum ada yang diubah: rakor ini baru saja diubah orang lain. Periksa lalu ulangi."


def meeting_seen(request: Request, pk: int) -> Meeting:
    """The meeting, if the user may see it; otherwise there is none."""
    seen = Meeting.objects.visible_to(request.user)
    return get_object_or_404(
        seen.select_related("region", "assessment__instrument", "assessment__region"), pk=pk
    )


def led_meeting(request: Request, pk: int) -> Meeting:
    """The meeting, for somebody who holds it; 403 for one who only sees it."""
    found = meeting_seen(request, pk)
    if not request.user.has_perm("meetings.hold_meeting", found):
        raise PermissionDenied
    return found


def shown_meeting(request: Request, pk: int) -> Meeting:
    """The meeting, for somebody who sees the whole year; 403 for one who sees a part of it."""
    found = meeting_seen(request, pk)
    if not request.user.has_perm("reports.view_assessment", found.assessment):
        raise PermissionDenied
    return found


def newest_open_year(request: Request) -> Assessment | None:
    """The newest year of the user's region that is still open."""
    return (
        Assessment.objects.visible_to(request.user)
        .filter(closed_at__isnull=True)
        .select_related("region", "instrument")
        .order_by("-year")
        .first()
    )


@require_GET
def meetings(request: Request) -> HttpResponse:
    """What lies ahead, then what was."""
    seen = Meeting.objects.visible_to(request.user).select_related("assessment", "region")
    now = timezone.now()
    ahead = list(seen.ahead(now).order_by("starts_at", "pk")[:PER_PAGE])
    past = seen.exclude(pk__in=[each.pk for each in ahead])
    page = Paginator(past, PER_PAGE).get_page(request.GET.get("page"))
    shown = [*ahead, *page]
    context = {
        "ahead": ahead,
        "page": page,
        "past": [(each, each.standing(now), each.is_left_open(now)) for each in page],
        "may_call": request.user.has_perm("meetings.hold_meeting"),
        "is_example": any(each.assessment.is_example for each in shown),
        "today": timezone.localdate(),
        "is_office": request.user.role in OWN_AGENCY_ONLY,
    }
    return render(request, "meetings/meetings.html", context)


@require_GET
def meeting(request: Request, pk: int) -> HttpResponse:
    """A meeting: when and about what, who is invited, and who has read the task sheet."""
    found = meeting_seen(request, pk)
    invited = list(found.invited.select_related("agency", "read_by").order_by("agency__name", "pk"))
    sees_all = request.user.role not in OWN_AGENCY_ONLY
    own = next((each for each in invited if each.agency_id == request.user.agency_id), None)
    may_hold, now = request.user.has_perm("meetings.hold_meeting", found), timezone.now()
    decisions = found.followups.visible_to(request.user).select_related(
        "agency", "indicator", "question"
    )
    kept = record_of(found)
    shown = Shown.read(kept.data) if kept else None
    context = {
        "meeting": found,
        "standing": found.standing(now),
        "left_open": found.is_left_open(now),
        "decisions": list(decisions.order_by("number")),
        "before": _before(found, shown, request),
        "record": kept if sees_all else None,
        "shown": shown if sees_all else None,
        "form": decision_form(found) if may_hold and found.is_called else None,
        "may_close": may_hold and found.is_called and found.starts_at <= now,
        "others": _others(found) if sees_all and not found.cancel_reason else [],
        "invited": invited,
        "unread": sum(each.read_at is None for each in invited),
        "own": own,
        **_there(request, found, invited),
        "doors": doors(found.state, found.starts_at, found.ends_at, now),
        "clusters": list(found.clusters.order_by("order")),
        "may_hold": may_hold,
        "may_pack": sees_all and not found.cancel_reason and may_pack(request.user, found),
        "is_example": found.assessment.is_example,
        "today": timezone.localdate(),
        "reason": ReasonForm(),
        "is_office": request.user.role in OWN_AGENCY_ONLY,
    }
    return render(request, "meetings/meeting.html", context)


def _before(
    meeting: Meeting, shown: Shown | None, request: Request
) -> list[ShownDecision] | list[FollowUp]:
    """What the meetings before decided, as far as the user sees it: as it stands, or, of a closed
    meeting, as it stood.
    """
    if shown is not None:
        own = request.user.agency.code if request.user.agency else ""
        sees_all = request.user.role not in OWN_AGENCY_ONLY
        return [each for each in shown.followups if sees_all or each.office == own][:PER_PAGE]
    found = FollowUp.objects.visible_to(request.user).filter(
        meeting__region=meeting.region_id, meeting__starts_at__lt=meeting.starts_at
    )
    return list(found.select_related("agency", "meeting").order_by("due_on", "pk")[:PER_PAGE])


def _there(request: Request, found: Meeting, invited: list[Invited]) -> dict[str, Any]:
    """Who is there, as far as the user sees it, and which invited offices are not. One query."""
    there = list(
        Attendance.objects.visible_to(request.user)
        .filter(meeting=found)
        .select_related("agency", "user")
    )
    came = {each.agency_id for each in there}
    absent = [each.agency.name for each in invited if each.agency_id not in came]
    return {"there": there, "came": len(invited) - len(absent), "absent": absent}


def _others(meeting: Meeting) -> list[Meeting]:
    """The closed meetings before, newest first, that this one can be compared with. One query."""
    closed = Meeting.objects.filter(
        region=meeting.region_id, closed_at__isnull=False, starts_at__lt=meeting.starts_at
    )
    return list(closed.order_by("-starts_at", "-pk")[:COMPARED])


def decision_form(meeting: Meeting, data: QueryDict | None = None) -> DecisionForm:
    """A decision to type; the offices and indicators are those of the meeting."""
    agencies = Agency.objects.active().filter(region=meeting.region_id).order_by("name")
    indicators = Indicator.objects.filter(instrument=meeting.assessment.instrument_id)
    return DecisionForm(
        data,
        agencies=agencies,
        indicators=indicators.order_by("order"),
        today=timezone.localdate(),
        initial={"tanda": uuid4()},
    )


def _ranked(assessment: Assessment, request: Request) -> list[tuple[Agency, Office | None]]:
    """The agencies of the region, those with most points at stake first."""
    ledger = ledger_of(assessment, request.user)
    offices = {each.pk: each for each in offices_of(ledger, timezone.localdate())}
    agencies = Agency.objects.visible_to(request.user).active().filter(region=assessment.region_id)
    ranked = [(each, offices.get(each.pk)) for each in agencies.order_by("name")]
    return sorted(ranked, key=lambda pair: -(pair[1].stake if pair[1] else 0))


def _form(request: Request, assessment: Assessment, **initial: Any) -> MeetingForm:
    ranked = _ranked(assessment, request)
    suggested = [str(each.pk) for each, office in ranked[:SUGGESTED] if office and office.stake]
    clusters = Cluster.objects.filter(instrument=assessment.instrument_id).order_by("order")
    return MeetingForm(
        request.POST or None,
        clusters=[(str(each.pk), str(each)) for each in clusters],
        agencies=[(str(each.pk), _labelled(each, office)) for each, office in ranked],
        today=timezone.localdate(),
        initial={"undang": suggested, "mulai": "09:00", "selesai": "12:00"} | initial,
    )


def _labelled(agency: Agency, office: Office | None) -> str:
    """The office with what it can still lose, so that one sees why it is suggested."""
    if office is None or not office.stake:
        return agency.name
    return f"{agency.name} · {points(office.stake)} poin dipertaruhkan"


def _planned(form: MeetingForm) -> calling.Plan:
    given = form.cleaned_data
    return calling.Plan(
        title=given["nama"],
        starts_at=form.moment(given["mulai"]),
        ends_at=form.moment(given["selesai"]),
        place=given["tempat"],
        agenda=given["agenda"],
        clusters=list(Cluster.objects.filter(pk__in=given["klaster"])),
        agencies=list(Agency.objects.filter(pk__in=given["undang"])),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: Request) -> HttpResponse:
    """Call a meeting about the newest open year."""
    if not request.user.has_perm("meetings.hold_meeting"):
        raise PermissionDenied
    assessment = newest_open_year(request)
    if assessment is None:
        return render(request, "meetings/call.html", {"assessment": None})
    form = _form(request, assessment, nama=f"Rakor Gugus Tugas KLA {assessment.year}")
    if request.method == "POST" and form.is_valid():
        try:
            made = calling.call_meeting(
                assessment, _planned(form), by=request.user, now=timezone.now()
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Rakor dipanggil. Bagikan undangannya dari halaman ini.")
            return redirect("meeting", made.pk)
    return _shown(request, form, assessment, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    """Change what was announced."""
    found = led_meeting(request, pk)
    if not found.is_called:
        raise Http404
    start, end = local(found.starts_at), local(found.ends_at)
    form = _form(
        request,
        found.assessment,
        nama=found.title,
        tanggal=start.date(),
        mulai=start.time(),
        selesai=end.time(),
        tempat=found.place,
        agenda=found.agenda,
        klaster=[str(each.pk) for each in found.clusters.all()],
        undang=[str(each) for each in found.invited.values_list("agency_id", flat=True)],
        versi=found.sequence,
    )
    if request.method == "POST" and form.is_valid():
        try:
            calling.change_meeting(
                found,
                _planned(form),
                sequence=form.cleaned_data["versi"],
                by=request.user,
                now=timezone.now(),
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        except StaleError:
            form.add_error(None, STALE)
        else:
            messages.success(request, "Undangan diubah. Beri tahu yang diundang.")
            return redirect("meeting", pk)
    return _shown(request, form, found.assessment, found)


def _shown(
    request: Request, form: MeetingForm, assessment: Assessment, found: Meeting | None
) -> HttpResponse:
    context = {
        "form": form,
        "assessment": assessment,
        "meeting": found,
        "is_example": assessment.is_example,
    }
    status = 422 if form.is_bound else 200
    return render(request, "meetings/call.html", context, status=status)


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """Call it off, with the reason that those who were invited read."""
    found = led_meeting(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["alasan"][0]))
        return redirect("meeting", pk)
    try:
        calling.cancel_meeting(
            found, reason=form.cleaned_data["alasan"], by=request.user, now=timezone.now()
        )
    except StaleError:
        messages.error(request, STALE)
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Rakor dibatalkan. Beri tahu yang diundang.")
    return redirect("meeting", pk)
