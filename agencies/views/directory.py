"""The directory of agencies, and one agency: its people, its questions and the points of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import tasks
from agencies.actions import RefusedError, invite, invite_again, retire_user
from agencies.actions.people import may_manage
from agencies.forms import AgainForm, AgencyFilterForm, InviteForm
from agencies.http import Request
from agencies.models import Agency, Assignment, AssignmentRole, Hanging, Region, User
from agencies.roles import OWN_AGENCY_ONLY, Role
from indicators.models import Indicator, Instrument

PAGE = 100


def chosen_region(request: Request) -> Region:
    """The user's region; who has none picks it by `?wilayah=`, or gets the first."""
    if request.user.region is not None:
        return request.user.region
    wanted = request.GET.get("wilayah", "")
    region = Region.objects.filter(**({"code": wanted} if wanted else {})).first()
    if region is None:
        raise Http404
    return region


def stay(request: Request, region: Region, name: str, *args: str) -> str:
    """An address of this room that keeps the picked region."""
    query = "" if request.user.region_id else "?" + urlencode({"wilayah": region.code})
    return reverse(name, args=args) + query


def newest_instrument() -> Instrument | None:
    """The instrument that the pages speak of: the newest published one."""
    return Instrument.objects.published().first()


def chosen_agency(request: Request, code: str) -> Agency:
    """The agency of that code which the user may see; otherwise there is none."""
    seen = Agency.objects.visible_to(request.user).select_related("region", "parent", "merged_into")
    return get_object_or_404(seen, region=chosen_region(request), code=code)


@dataclass
class Row:
    """One line of the directory."""

    agency: Agency
    hanging: Hanging
    href: str
    heading: str


@require_GET
def agencies(request: Request) -> HttpResponse:
    """All agencies of the region by kind; an operator is sent to the own one."""
    if request.user.region_id is None and not Region.objects.exists():
        return redirect("preparation")  # nothing is there yet: what to begin with
    region = chosen_region(request)
    if request.user.role in OWN_AGENCY_ONLY and request.user.agency:
        return redirect("agency", request.user.agency.code)
    if not request.user.has_perm("agencies.view_agency", region):
        raise Http404
    instrument = newest_instrument()
    form = AgencyFilterForm(request.GET)
    found = Agency.objects.visible_to(request.user).filter(region=region).for_directory()
    if words := str(form.data.get("q", ""))[:80].strip():
        found = found.filter(name__icontains=words)
    if form.is_valid() and (kind := form.cleaned_data["jenis"]):
        found = found.filter(kind=kind)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "regions": Region.objects.all() if request.user.region_id is None else [],
        "instrument": instrument,
        "form": form,
        "page": page,
        "rows": _rows(request, region, instrument, list(page.object_list)),
        "without_lead": _without_lead(region, instrument),
        "assignments_href": stay(request, region, "assignments"),
        "filtered": bool(words or (form.is_valid() and form.cleaned_data["jenis"])),
    }
    return render(request, "agencies/agencies.html", context)


def _rows(
    request: Request, region: Region, instrument: Instrument | None, found: list[Agency]
) -> list[Row]:
    standing = Assignment.objects.standing(region, instrument) if instrument else None
    hanging = standing.hanging([each.pk for each in found]) if standing is not None else {}
    rows, heading = [], ""
    for each in found:
        label = "Kecamatan dan kelurahan" if each.is_area else str(each.get_kind_display())
        href = stay(request, region, "agency", each.code)
        rows.append(
            Row(each, hanging.get(each.pk, Hanging()), href, label if label != heading else "")
        )
        heading = label
    return rows


def _without_lead(region: Region, instrument: Instrument | None) -> int:
    """How many city questions nobody answers."""
    if instrument is None:
        return 0
    led = Assignment.objects.standing(region, instrument).filter(role=AssignmentRole.LEAD)
    city = instrument.questions.filter(level="kota")
    return city.exclude(pk__in=led.values("question_id")).count()


@dataclass
class Duty:
    """One question of an agency, its role and the points that hang on it."""

    assignment: Assignment
    points: Decimal | None
    href: str


@dataclass
class Part:
    """The questions that one agency has in one indicator."""

    indicator: Indicator
    href: str
    duties: list[Duty] = field(default_factory=list)

    @property
    def points(self) -> Decimal:
        return sum((each.points for each in self.duties if each.points), Decimal(0))


@require_GET
def agency(request: Request, code: str) -> HttpResponse:
    """Who works there, what it answers, and what that is worth."""
    return agency_page(request, chosen_agency(request, code))


def agency_page(request: Request, office: Agency, form: InviteForm | None = None) -> HttpResponse:
    """The page of one agency; with a form that was refused, its errors."""
    region, instrument = office.region, newest_instrument()
    may_invite = request.user.has_perm("agencies.invite_user", office)
    parts = _parts(request, office, instrument) if instrument else []
    hanging = (
        Assignment.objects.standing(region, instrument).hanging([office.pk]).get(office.pk)
        if instrument
        else None
    )
    people = list(office.users.select_related("invitation").order_by("-is_active", "name", "pk"))
    for person in people:
        person.agency = office  # known: no query when asked whether it may be managed
    context = {
        "agency": office,
        "region": region,
        "instrument": instrument,
        "parts": parts,
        "hanging": hanging or Hanging(),
        "people": [
            (person, may_manage(request.user, Role(person.role), office) and person != request.user)
            for person in people
        ],
        "children": list(office.children.order_by("name")),
        "may_assign": request.user.has_perm("agencies.change_assignment", office),
        "may_invite": may_invite and office.retired_at is None,
        "reads_all": request.user.has_perm("agencies.view_agency", office),
        "form": form or (InviteForm(by=request.user) if may_invite else None),
        "can_mail": tasks.can_mail(),
        "query": "" if request.user.region_id else "?" + urlencode({"wilayah": region.code}),
    }
    return render(request, "agencies/agency.html", context, status=422 if form else 200)


def _parts(request: Request, office: Agency, instrument: Instrument) -> list[Part]:
    """Its questions by indicator, in the instrument's order. Two queries."""
    standing = Assignment.objects.standing(office.region, instrument)
    shares = standing.area_shares() if office.is_area else {}
    mine = (
        standing.filter(agency=office)
        .select_related("question__indicator")
        .order_by("question__order", "role")
    )
    parts = []
    for indicator, duties in groupby(mine, key=lambda each: each.question.indicator):
        part = Part(
            indicator, stay(request, office.region, "assignments_indicator", indicator.code)
        )
        for each in duties:
            worth = {
                AssignmentRole.LEAD: each.question.max_points,
                AssignmentRole.AREA: shares.get(each.question_id),
            }.get(AssignmentRole(each.role))
            href = stay(request, office.region, "assignments_question", each.question.code)
            part.duties.append(Duty(each, worth, href))
        parts.append(part)
    return parts


def _back(request: Request, office: Agency) -> HttpResponse:
    return redirect(stay(request, office.region, "agency", office.code) + "#orang")


@require_http_methods(["GET", "POST"])
def agency_invite(request: Request, code: str) -> HttpResponse:
    """Somebody new: an account without a password, and a mail with a link.

    The form stands on the agency's page: whoever opens the address of a refused one again goes
    there.
    """
    office = chosen_agency(request, code)
    if request.method == "GET":
        return _back(request, office)
    if not request.user.has_perm("agencies.invite_user", office):
        raise PermissionDenied
    form = InviteForm(request.POST, by=request.user)
    if not form.is_valid():
        return agency_page(request, office, form)
    try:
        made = invite(
            **form.cleaned_data,
            agency=office,
            region=office.region,
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return agency_page(request, office, form)
    tasks.mail_invitation.enqueue(made.user_id)
    messages.success(request, f"{made.user} diundang. Tautan dikirim ke {made.user.email}.")
    return _back(request, office)


def _person(office: Agency, pk: int) -> User:
    people = User.objects.select_related("agency", "region", "invitation")
    return get_object_or_404(people, agency=office, pk=pk)


@require_POST
def agency_invite_again(request: Request, code: str, pk: int) -> HttpResponse:
    """A new link, also to another address; the one before dies."""
    office = chosen_agency(request, code)
    person = _person(office, pk)
    if not may_manage(request.user, Role(person.role), office):
        raise PermissionDenied
    form = AgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["email"][0]))
        return _back(request, office)
    email = form.cleaned_data["email"]
    try:
        invite_again(person, by=request.user, now=timezone.now(), email=email)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return _back(request, office)
    tasks.mail_invitation.enqueue(person.pk)
    messages.success(request, f"Tautan baru dikirim ke {person.email}; yang lama tidak berlaku.")
    return _back(request, office)


@require_POST
def agency_retire_user(request: Request, code: str, pk: int) -> HttpResponse:
    """The account ends, the name stays in the history."""
    office = chosen_agency(request, code)
    person = _person(office, pk)
    try:
        retire_user(person, by=request.user)
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Akun {person} dinonaktifkan.")
    return _back(request, office)
