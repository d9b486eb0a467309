"""The own account: what I am called, my password, and all my sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from agencies.actions import change_own, sessions, set_password, sign_out_everywhere
from agencies.forms import AccountForm, ChangePasswordForm
from agencies.http import Request
from agencies.models import User
from agencies.views.signing_in import address_of


def _page(
    request: Request,
    own: AccountForm | None = None,
    password: ChangePasswordForm | None = None,
) -> HttpResponse:
    # A form changes the instance that it is given: not the one that the page's head names.
    copy = User.objects.select_related("agency", "region").get(pk=request.user.pk)
    page = {
        "own": own or AccountForm(instance=copy),
        "password": password or ChangePasswordForm(request.user),
        "sessions": sessions.of(request.user, request.session.session_key or ""),
        "factors": Authenticator.objects.filter(user=request.user)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .count(),
        "account": User.objects.select_related("agency", "region").get(pk=request.user.pk),
    }
    return render(request, "agencies/account.html", page, status=422 if own or password else 200)


@require_GET
def account(request: Request) -> HttpResponse:
    """What is known about me, and what I can change of it."""
    return _page(request)


@sensitive_post_parameters("sandi")
@require_POST
def account_own(request: Request) -> HttpResponse:
    """Name and address."""
    own = User.objects.get(pk=request.user.pk)
    form = AccountForm(request.POST, instance=own, address=address_of(request))
    if not form.is_valid():
        return _page(request, own=form)
    change_own(request.user, name=form.cleaned_data["name"], email=form.cleaned_data["email"])
    messages.success(request, "Data Anda tersimpan.")
    return redirect("account")


@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_POST
def account_password(request: Request) -> HttpResponse:
    """Another password ends all other sessions; this one goes on."""
    form = ChangePasswordForm(request.user, request.POST, address=address_of(request))
    if not form.is_valid():
        return _page(request, password=form)
    if not set_password(request.user, form.cleaned_data["new_password1"], now=timezone.now()):
        messages.error(request, "Kata sandi baru saja diganti dari perangkat lain.")
        return redirect("account")
    update_session_auth_hash(request, request.user)
    UserSession.objects.filter(user=request.user).delete()
    UserSession.objects.create_from_request(request)  # this one goes on, under another key
    messages.success(request, "Kata sandi diganti. Perangkat lain sudah dikeluarkan.")
    return redirect("account")


@require_POST
def account_session_end(request: Request, pk: int) -> HttpResponse:
    """End one other session of mine."""
    if sessions.end(request.user, pk):
        messages.success(request, "Perangkat itu sudah dikeluarkan.")
    return redirect(f"{reverse('account')}#perangkat")


@require_POST
def account_sign_out_everywhere(request: Request) -> HttpResponse:
    """End every session of mine, this one too."""
    sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "Anda sudah keluar dari semua perangkat.")
    return redirect("masuk")
