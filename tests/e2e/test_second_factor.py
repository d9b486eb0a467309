"""Signing in with a passkey in a real browser, and through a provider that nobody here wrote."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from agencies.roles import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "hujan reda di pasar antri"  # noqa: S105


def person(**more):
    user = make_user(Role.VERIFIKATOR, **more)
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(page, user):
    page.goto("/masuk/")
    page.get_by_label("Nama pengguna").fill(user.username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()


def test_a_passkey_is_added_and_asked_for(new_page):
    user = person()
    page = new_page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    enter(page, user)
    page.goto("/akun/")
    page.get_by_role("link", name="Aktifkan faktor kedua").click()
    page.get_by_role("link", name="Tambah kunci").click()
    page.get_by_label("Kata sandi Anda").fill(PASSWORD)
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_label("Nama kunci").fill("Laptop kantor")
    page.get_by_role("button", name="Tambah kunci").click()
    expect(page.get_by_role("heading", name="Kode cadangan")).to_be_visible()
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1

    page.get_by_role("button", name="Keluar").click()
    enter(page, user)
    expect(page.get_by_role("heading", name="Faktor kedua")).to_be_visible()
    page.get_by_role("button", name="Pakai kunci sandi").click()
    expect(page.locator(".who").first).to_contain_text("Verifikator")
    page.goto("/akun/faktor/kunci/")
    expect(page.get_by_role("table")).to_contain_text("Laptop kantor")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def provider(settings, expected) -> Iterator[str]:
    """A provider of OpenID Connect on this machine, and the settings that name it."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    # What the pages of the provider would fetch from elsewhere, and do not have.
    expected += ["pico.min.css", "favicon.ico"]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with suppress(requests.ConnectionError):
            if requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).ok:
                break
        time.sleep(0.1)
    settings.OIDC_ISSUER = issuer
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "akun kota",
                    "client_id": "kla",
                    "secret": "rahasia",
                    "settings": {"server_url": issuer},
                }
            ],
        }
    }
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": policy | {"form-action": [*policy["form-action"], issuer]}
    }
    yield issuer
    server.terminate()
    server.wait(timeout=10)


def known(issuer: str, sub: str, **claims: object) -> None:
    requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()


def through(page, sub: str) -> None:
    page.goto("/masuk/")
    page.get_by_role("button", name="Masuk dengan").click()
    page.locator("input[name=sub]").fill(sub)
    page.get_by_role("button", name="Authorize").click()


def test_who_was_invited_comes_in_through_the_provider(new_page, provider):
    user = person(email="siti@contoh.go.id")
    known(provider, "nip-1", email="Siti@contoh.go.id", email_verified=True)
    page = new_page()
    through(page, "nip-1")
    expect(page.locator(".who").first).to_contain_text("Verifikator")
    assert user.socialaccount_set.get().uid == "nip-1"
    page.get_by_role("button", name="Keluar").click()
    through(page, "nip-1")  # from now on by the provider's own number
    expect(page.locator(".who").first).to_contain_text("Verifikator")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "lain@contoh.go.id", "email_verified": True},
        {"email": "siti@contoh.go.id", "email_verified": False},
        {},
    ],
)
def test_who_was_not_invited_or_did_not_prove_the_address_stays_outside(
    new_page, provider, expected, claims
):
    expected.append("403 (Forbidden)")
    person(email="siti@contoh.go.id")
    known(provider, "nip-2", **claims)
    page = new_page()
    through(page, "nip-2")
    expect(page.get_by_role("heading", name="Anda belum diundang")).to_be_visible()
    page.goto("/akun/")
    expect(page.get_by_role("heading", name="Masuk")).to_be_visible()


def test_a_retired_user_stays_outside(new_page, provider, expected):
    expected.append("403 (Forbidden)")
    user = person(email="siti@contoh.go.id")
    known(provider, "nip-3", email="siti@contoh.go.id", email_verified=True)
    page = new_page()
    through(page, "nip-3")
    expect(page.locator(".who").first).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    user.is_active = False
    user.save()
    through(page, "nip-3")
    expect(page.get_by_role("heading", name="Anda belum diundang")).to_be_visible()
