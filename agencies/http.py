"""The request as our views see it, and what django-allauth asks us about one."""

from __future__ import annotations

import logging
from base64 import b32encode, urlsafe_b64encode
from secrets import token_bytes
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django_htmx.middleware import HtmxDetails

from agencies.models import User

logger = logging.getLogger(__name__)


class Request(HttpRequest):
    """For annotations only: `LoginRequiredMiddleware` has seen to the user, `HtmxMiddleware` to
    `htmx`.
    """

    user: User
    htmx: HtmxDetails


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account by themselves, and addresses are those that our own proxy saw."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Terlalu banyak percobaan. Tunggu lima menit, lalu coba lagi.",
        "incorrect_password": "Kata sandi tidak cocok.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR", ""))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail inside a request; the history says it."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Retired between the password and the code."""
        messages.error(request, "Akun ini tidak aktif lagi.")
        return redirect("masuk")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps lie encrypted under SECRET_KEY, so a stolen backup makes no
    codes.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Kode tidak cocok atau sudah dipakai. Tunggu kode berikutnya.",
    }

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Under another SECRET_KEY nothing fits any more: then no code is right, and somebody at
        the server takes the factor away.
        """
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return b32encode(token_bytes(20)).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002  (theirs)
        return ""


def _vault() -> MultiFernet:
    """One key for each SECRET_KEY that still counts, the newest first."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    hashes = [salted_hmac("agencies.factor", "", key, algorithm="sha256") for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(each.digest())) for each in hashes])


class Provider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """What django-allauth leaves to the one who asks: that it is the issuer of our settings who
    answers, with an ID token, and that all of the answer is about one person.
    """

    @property
    def openid_config(self) -> dict[str, Any]:
        told: dict[str, Any] = super().openid_config
        if str(told.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("the metadata names another issuer")
        return told

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        people = {str(told[part].get("sub")) for part in ("id_token", "userinfo") if part in told}
        if "id_token" not in told or len(people) != 1:
            raise OAuth2Error("no ID token, or one of another person")
        return login


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who comes through the provider must have been invited here before."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find whom the provider means, once; from then on by the provider's own number."""
        user = sociallogin.user if sociallogin.is_existing else meant(sociallogin)
        if user is None or not user.is_active:
            raise ImmediateHttpResponse(
                render(request, "registration/not_invited.html", status=403)
            )
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """One sentence, whatever went wrong there; what it was stands in the log."""
        logger.warning(
            "The OpenID Connect provider did not let somebody in: %s", error or exception
        )
        raise ImmediateHttpResponse(
            render(request, "registration/provider_failed.html", status=502)
        )


def meant(sociallogin: Any) -> User | None:
    """The user here whom a first sign-in through the provider belongs to: by user name, or by an
    e-mail address that the provider says is verified and only one user has.
    """
    data = sociallogin.account.extra_data
    told = {**data.get("id_token", {}), **data.get("userinfo", data)}
    if settings.OIDC_MATCH == "preferred_username":
        return User.objects.filter(
            username=str(told.get("preferred_username") or "").lower()
        ).first()
    if not told.get("email") or told.get("email_verified") is not True:
        return None
    found = list(User.objects.filter(email__iexact=str(told["email"]), is_active=True)[:2])
    return found[0] if len(found) == 1 else None
