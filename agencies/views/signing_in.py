"""In and out: sign in, sign out, a forgotten password, an invitation: pages without a login."""

from __future__ import annotations

from allauth.account.utils import perform_login
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect import views as provider
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from agencies import tasks
from agencies.actions import INVITATION, RESET, set_password, signing_in
from agencies.actions.people import Link
from agencies.forms import NewPasswordForm, ResetRequestForm, SignInForm
from agencies.http import Provider

EXAMPLES = (
    ("verifikator", "membuka tahun dan memeriksa"),
    ("pimpinan", "membaca seluruh kota"),
    ("disdukcapil", "mengisi untuk Disdukcapil"),
    ("dinkes", "mengisi untuk Dinas Kesehatan"),
    ("disdik", "mengisi untuk Dinas Pendidikan"),
    ("kec-cimahi-utara", "mengisi untuk kecamatan"),
    ("kel-cibabat", "mengisi untuk kelurahan"),
    ("apsai", "mencatat kemitraan sebagai dunia usaha"),
    ("forum-anak", "mencatat kemitraan sebagai Forum Anak"),
    ("admin", "mengatur data dasar"),
)
PASSWORDS = ("password", "new_password1", "new_password2")


def address_of(request: HttpRequest) -> str:
    """Where the caller is, as our own proxy saw it (`middleware.real_address`)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent: an empty POST is wrong, not a look at the page."""
    return request.POST if request.method == "POST" else None


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: an address of ours, or home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Anything else would be taken for the name of a view, and break the page.
    whole = wanted.startswith(("/", "http://", "https://"))
    return wanted if allowed and whole else "/"


@login_not_required
@never_cache
@sensitive_post_parameters(*PASSWORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The only door. What is said does not tell whether the name exists."""
    goal = safe_next(request)
    if request.user.is_authenticated:
        return redirect(goal)
    form = SignInForm(_posted(request), address=address_of(request))
    if request.method == "POST" and form.is_valid() and form.user:
        # Asks for the second factor, where there is one, before anybody is signed in.
        reply: HttpResponse = perform_login(request, form.user, redirect_url=goal)
        return reply
    page = {
        "form": form,
        "next": goal,
        "examples": EXAMPLES if settings.EXAMPLE_ACCOUNTS else (),
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
    status = 429 if form.wait else 422 if form.errors else 200
    return render(request, "registration/login.html", page, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; its row goes."""
    logout(request)
    messages.success(request, "Anda sudah keluar.")
    return redirect("masuk")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def through_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the provider, by the button of the sign-in page and only to sign in: django-allauth would
    also join another account to the one that is signed in.
    """
    if "process" in request.GET or "process" in request.POST:
        raise Http404
    if request.method != "POST" and settings.OIDC_ISSUER:
        return redirect("masuk")
    try:
        reply: HttpResponse = provider.login(request, provider_id)
    except (RequestException, KeyError):  # it does not answer, or not as it should
        return render(request, "registration/provider_failed.html", status=502)
    return reply


@login_not_required
@never_cache
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider, with what only this browser's own request can have brought."""
    try:
        view = OAuth2CallbackView.adapter_view(Provider(request, provider_id))
        reply: HttpResponse = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, OAuth2Error, KeyError):
        return render(request, "registration/provider_failed.html", status=502)
    return reply


@login_not_required
@require_GET
def not_signed_in(request: HttpRequest) -> HttpResponse:
    """Where one comes back to who did not go through with it at the provider."""
    messages.info(request, "Anda batal masuk. Coba lagi, atau masuk dengan kata sandi.")
    return redirect("masuk")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """The same answer whether anybody is meant or not: the look-up and the mail are a job."""
    form = ResetRequestForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["typed"].strip()
        held_up = signing_in.begin(f"reset:{typed}", address_of(request), now=timezone.now())
        if not held_up:
            tasks.mail_reset.enqueue(typed)
        return render(request, "registration/password_reset_done.html", {})
    return render(request, "registration/password_reset.html", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters(*PASSWORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset_confirm(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """A new password by the link of a mail."""
    return _set_password(request, RESET, uidb64, token, "registration/password_reset_confirm.html")


@login_not_required
@never_cache
@sensitive_post_parameters(*PASSWORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """The first password of somebody who was invited."""
    return _set_password(request, INVITATION, uidb64, token, "registration/invitation.html")


def _set_password(
    request: HttpRequest, link: Link, uid: str, token: str, template: str
) -> HttpResponse:
    dead = {"invited": link is INVITATION}
    owner = link.owner(uid, token)
    if owner is None:
        return render(request, "registration/link_dead.html", dead, status=410)
    form = NewPasswordForm(owner, _posted(request))
    if request.method == "POST" and form.is_valid():
        if not set_password(owner, form.cleaned_data["new_password1"], now=timezone.now()):
            return render(request, "registration/link_dead.html", dead, status=410)
        messages.success(request, "Kata sandi tersimpan. Silakan masuk.")
        return redirect("masuk")
    page = {"form": form, "owner": owner}
    return render(request, template, page, status=422 if form.errors else 200)
