"""What offices were reminded of, what of it failed, and what is wanted."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.http import Request
from agencies.roles import OWN_AGENCY_ONLY
from agencies.tasks import can_mail
from meetings.actions import reminding
from meetings.actions.record import RefusedError, StaleError
from meetings.forms import OfficeRemindersForm, RegionRemindersForm
from meetings.models import Delivery, DeliveryState, Digest, OfficeReminders
from meetings.tasks import send_one
from meetings.workflow import KINDS
from submissions.models import Assessment

PER_PAGE = 20
BAD = (DeliveryState.FAILED, DeliveryState.UNSURE)


@require_GET
def reminders(request: Request) -> HttpResponse:
    """Newest first, with the text that one can send on by WhatsApp."""
    return _shown(request)


def _shown(
    request: Request,
    *,
    city: RegionRemindersForm | None = None,
    office: OfficeRemindersForm | None = None,
) -> HttpResponse:
    user = request.user
    seen = Digest.objects.visible_to(user)
    found = seen.select_related("agency").prefetch_related("deliveries__user")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "failed": Delivery.objects.filter(digest__in=seen, state__in=BAD).count(),
        "can_mail": can_mail(),
        "city": city or _city_form(request),
        "office": office or _office_form(request),
        "is_office": user.role in OWN_AGENCY_ONLY,
        "today": timezone.localdate(),
        "oldest": timezone.localdate() - timedelta(days=reminding.BACK),
        "is_example": Assessment.objects.visible_to(user).filter(is_example=True).exists(),
    }
    return render(request, "meetings/reminders.html", context, status=422 if city else 200)


def _city_form(request: Request) -> RegionRemindersForm | None:
    region = request.user.region
    if region is None or not request.user.has_perm("meetings.set_reminders", region):
        return None
    wishes = reminding.wishes_of(region)
    return RegionRemindersForm(
        initial={
            "jenis": [each for each in KINDS if each not in wishes.off],
            "akhir_pekan": wishes.weekends,
            "libur": "\n".join(wishes.holidays),
        }
    )


def _office_form(request: Request) -> OfficeRemindersForm | None:
    agency = request.user.agency
    if agency is None or not request.user.has_perm("meetings.choose_reminders", agency):
        return None
    found = OfficeReminders.objects.filter(agency=agency).first() or OfficeReminders()
    kinds = [each for each in KINDS if each not in found.off]
    return OfficeRemindersForm(initial={"jenis": kinds, "sekali": found.once})


@require_POST
def set_region(request: Request) -> HttpResponse:
    """What the city wants from the next run on."""
    region = request.user.region
    if region is None or not request.user.has_perm("meetings.set_reminders", region):
        raise PermissionDenied
    form = RegionRemindersForm(request.POST)
    if not form.is_valid():
        return _shown(request, city=form)
    given = form.cleaned_data
    reminding.set_region(
        region, off=form.off, weekends=given["akhir_pekan"], holidays=given["libur"],
        by=request.user,
    )  # fmt: skip
    messages.success(request, "Pengaturan pengingat disimpan; berlaku mulai pengiriman berikutnya.")
    return redirect("reminders")


@require_POST
def set_office(request: Request) -> HttpResponse:
    """What the own office wants from the next run on."""
    agency = request.user.agency
    if agency is None or not request.user.has_perm("meetings.choose_reminders", agency):
        raise PermissionDenied
    form = OfficeRemindersForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Pilih jenis pengingat dari daftar.")
        return redirect("reminders")
    once = form.cleaned_data["sekali"]
    reminding.set_office(agency, off=form.off, once=once, by=request.user)
    messages.success(request, "Pilihan kantor Anda disimpan; berlaku mulai pengiriman berikutnya.")
    return redirect("reminders")


@require_POST
def send_again(request: Request, pk: int) -> HttpResponse:
    """A mail of which nobody knows whether it went out goes out once more."""
    seen = Delivery.objects.filter(digest__in=Digest.objects.visible_to(request.user))
    found = get_object_or_404(seen.select_related("digest__agency__region", "user"), pk=pk)
    if not request.user.has_perm("meetings.set_reminders", found.digest.agency.region):
        raise PermissionDenied
    if not can_mail():
        messages.error(request, "Surel belum diatur di sini; kirimkan teksnya lewat WhatsApp.")
        return redirect("reminders")
    try:
        reminding.send_again(found, by=request.user, now=timezone.now())
    except StaleError:
        messages.info(request, "Surel itu sudah dikirim ulang atau keadaannya sudah berubah.")
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        send_one.enqueue(found.pk)
        messages.success(request, f"Surel kepada {found.user} dikirim lagi.")
    return redirect("reminders")
