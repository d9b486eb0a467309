"""Who is there: the list, signing in, the code on the wall, and the paper to sign."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http import Request
from agencies.models import Agency
from agencies.roles import OWN_AGENCY_ONLY
from meetings.actions import attending
from meetings.actions.record import RefusedError, StaleError
from meetings.forms import CodeForm, TickForm
from meetings.models import Attendance, Meeting
from meetings.resources import Qr, sign_in_address
from meetings.views.calling import led_meeting, meeting_seen, shown_meeting
from meetings.workflow import doors


@dataclass(slots=True)
class Seat:
    """An office at a meeting, and who of it is there."""

    name: str
    agency: Agency | None
    invited: bool
    there: list[Attendance] = field(default_factory=list)
    form: TickForm | None = None

    @property
    def tick(self) -> object:
        """The box for it, where the secretariat still writes."""
        return self.form[f"h{self.agency.pk}"] if self.form and self.agency else None

    @property
    def person(self) -> object:
        return self.form[f"n{self.agency.pk}"] if self.form and self.agency else None


def seats_of(meeting: Meeting) -> list[Seat]:
    """The invited offices by name, then whoever else came. Two queries."""
    rows = meeting.attendance.select_related("agency", "user").order_by("at", "pk")
    came: dict[int | None, list[Attendance]] = defaultdict(list)
    for each in rows:
        came[each.agency_id].append(each)
    invited = meeting.invited.select_related("agency").order_by("agency__name", "pk")
    seats = [
        Seat(each.agency.name, each.agency, invited=True, there=came.pop(each.agency_id, []))
        for each in invited
    ]
    for there in came.values():
        for each in there:
            seat = next((s for s in seats if not s.invited and s.name == each.office), None)
            if seat is None:
                seat = Seat(each.office, each.agency, invited=False)
                seats.append(seat)
            seat.there.append(each)
    return seats


def missing_of(seats: list[Seat]) -> list[Seat]:
    """The invited offices of which nobody is there."""
    return [each for each in seats if each.invited and not each.there]


def _doors(meeting: Meeting) -> str:
    return doors(meeting.state, meeting.starts_at, meeting.ends_at, timezone.now())


def tick_form(meeting: Meeting, seats: list[Seat], data: QueryDict | None = None) -> TickForm:
    """Each invited office, and the others of the region to choose from."""
    invited = [each.agency for each in seats if each.invited and each.agency]
    others = Agency.objects.active().filter(region=meeting.region_id).order_by("name")
    form = TickForm(
        data, invited=invited, others=others.exclude(pk__in=[each.pk for each in invited])
    )
    for each in seats:
        each.form = form if each.invited else None
    return form


@never_cache
@require_GET
def attendance(request: Request, pk: int) -> HttpResponse:
    """The list for those who see it; for everybody, whether they are on it and how to get there."""
    return _shown(request, meeting_seen(request, pk))


def _shown(
    request: Request,
    meeting: Meeting,
    *,
    ticks: QueryDict | None = None,
    code: CodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sees_all = request.user.role not in OWN_AGENCY_ONLY
    may_hold = request.user.has_perm("meetings.hold_meeting", meeting)
    seats = seats_of(meeting) if sees_all else []
    opened = _doors(meeting)
    writes = may_hold and meeting.is_called and opened != "belum"
    own = Attendance.objects.filter(meeting=meeting, user=request.user).first()
    context = {
        "meeting": meeting,
        "seats": seats,
        "missing": missing_of(seats),
        "invited": sum(each.invited for each in seats),
        "sees_all": sees_all,
        "may_hold": may_hold,
        "writes": writes,
        "ticks": tick_form(meeting, seats, ticks) if writes else None,
        "own": own,
        "doors": opened,
        "code": code or CodeForm(initial={"kode": request.GET.get("kode", "")[:20]}),
        "scanned": bool(request.GET.get("kode")),
        "is_example": meeting.assessment.is_example,
    }
    return render(request, "meetings/attendance.html", context, status=status)


@require_POST
def sign(request: Request, pk: int) -> HttpResponse:
    """Sign in with the code on the wall."""
    meeting = meeting_seen(request, pk)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _shown(request, meeting, code=form, status=422)
    try:
        attending.sign_in(meeting, form.cleaned_data["kode"], by=request.user, now=timezone.now())
    except RefusedError as refused:
        if _doors(meeting) == "buka":
            form.add_error("kode", str(refused))
            return _shown(request, meeting, code=form, status=422)
        messages.error(request, str(refused))
        return redirect("attendance", pk)
    messages.success(request, "Kehadiran Anda tercatat. Terima kasih.")
    return redirect("attendance", pk)


@require_POST
def tick(request: Request, pk: int) -> HttpResponse:
    """Write down who is there."""
    meeting = led_meeting(request, pk)
    form = tick_form(meeting, seats_of(meeting), request.POST)
    if not form.is_valid():
        for said in form.non_field_errors():
            messages.error(request, str(said))
        return _shown(request, meeting, ticks=request.POST, status=422)
    try:
        made = attending.tick(meeting, form.there(), by=request.user, now=timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, f"{made} kehadiran dicatat." if made else "Semuanya sudah tercatat sebelumnya."
        )
    return redirect("attendance", pk)


@require_POST
def untick(request: Request, pk: int, there: int) -> HttpResponse:
    """Take back what was wrong."""
    meeting = led_meeting(request, pk)
    rows = meeting.attendance.select_related("agency", "user", "meeting__region")
    try:
        attending.untick(get_object_or_404(rows, pk=there), by=request.user, now=timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.error(request, "Kehadiran itu sudah dihapus orang lain.")
    else:
        messages.success(request, "Kehadiran dihapus dari daftar.")
    return redirect("attendance", pk)


@never_cache
@require_GET
def wall(request: Request, pk: int) -> HttpResponse:
    """The code, large, and how many are there; only for who holds the meeting."""
    meeting, now = led_meeting(request, pk), timezone.now()
    seats, opened = seats_of(meeting), _doors(meeting)
    code = attending.code_of(meeting, now) if opened == "buka" else ""
    missing = missing_of(seats)
    context = {
        "meeting": meeting,
        "doors": opened,
        "code": f"{code[:3]} {code[3:]}",
        "qr": Qr.of(sign_in_address(meeting, code)) if code else None,
        "changes_in": -(-attending.changes_in(now) // 60),
        "missing": missing,
        "invited": sum(each.invited for each in seats),
        "came": sum(each.invited for each in seats) - len(missing),
        "people": sum(len(each.there) for each in seats),
        "is_example": meeting.assessment.is_example,
    }
    return render(request, "meetings/attendance_wall.html", context)


@require_GET
def paper(request: Request, pk: int) -> HttpResponse:
    """The list to print and to sign, also before anybody has come."""
    meeting = shown_meeting(request, pk)
    context = {
        "meeting": meeting,
        "seats": seats_of(meeting),
        "blank": range(5),
        "is_example": meeting.assessment.is_example,
    }
    return render(request, "meetings/attendance_paper.html", context)
