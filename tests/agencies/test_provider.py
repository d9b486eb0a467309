"""Signing in through a provider of OpenID Connect that says what it should not.

The provider is a small server of this file, so that it can lie; what a good one says is tried in a
browser (tests/e2e/test_second_factor.py).
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client

from agencies.models import User
from agencies.roles import Role
from tests.agencies.test_second_factor import set_up
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DOOR = "/masuk/lewat/sso/"
MAIL = "siti@contoh.example"


class Liar:
    """A provider, and what it answers where a test does not want the truth."""

    def __init__(self) -> None:
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(told.metadata() if "well-known" in self.path else told.userinfo())

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                told.asked.append(parse_qs(self.rfile.read(size).decode()))
                self._say({"access_token": "rahasia", "token_type": "Bearer", **told.id_token()})

            def _say(self, what: dict) -> None:
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.asked: list[dict] = []
        self.lies: dict = {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def metadata(self) -> dict:
        return {
            "issuer": self.lies.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def userinfo(self) -> dict:
        return {
            "sub": self.lies.get("userinfo_sub", "nip-1"),
            "email": self.lies.get("email", MAIL),
            "email_verified": True,
        }

    def id_token(self) -> dict:
        if "no_id_token" in self.lies:
            return {}
        claims = {
            "iss": self.lies.get("iss", self.lies.get("issuer", self.issuer)),
            "aud": self.lies.get("aud", "kla"),
            "exp": time.time() + self.lies.get("left", 60),
            "sub": "nip-1",
        }
        return {"id_token": jwt.encode(claims, "x" * 32, algorithm="HS256")}


@pytest.fixture(scope="module")
def server() -> Iterator[Liar]:
    liar = Liar()
    yield liar
    liar.server.shutdown()
    liar.server.server_close()


@pytest.fixture
def liar(server, settings) -> Liar:
    server.lies, server.asked = {}, []
    cache.clear()
    settings.OIDC_ISSUER = server.issuer
    app = {
        "provider_id": "sso", "name": "akun kota", "client_id": "kla", "secret": "rahasia",
        "settings": {"server_url": server.issuer},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    return server


def begin(client: Client, **more: str) -> dict[str, str]:
    """Press the button; what the browser is sent to the provider with."""
    reply = client.post(DOOR, more)
    assert reply.status_code == 302
    return {key: value for key, [value] in parse_qs(urlsplit(reply["Location"]).query).items()}


def come_back(client: Client, state: str):
    return client.get(f"{DOOR}kembali/", {"code": "kode", "state": state})


def is_in(client: Client) -> bool:
    return client.get("/akun/").status_code == 200


def test_who_was_invited_comes_in_and_no_token_of_the_provider_is_kept(liar):
    user, client = make_user(email=MAIL), Client()
    reply = come_back(client, begin(client, next="/penilaian/")["state"])
    assert (reply.status_code, reply["Location"]) == (302, "/penilaian/")
    assert is_in(client)
    assert SocialAccount.objects.get().user == user
    assert SocialToken.objects.count() == 0


@pytest.mark.parametrize(
    "lies",
    [
        {"aud": "aplikasi-lain"},
        {"iss": "https://penyedia-lain.example"},
        {"issuer": "https://penyedia-lain.example"},  # in metadata and token alike
        {"left": -60},
        {"userinfo_sub": "nip-2"},
        {"no_id_token": True},
    ],
    ids=lambda lies: next(iter(lies)),
)
def test_an_answer_that_is_not_meant_for_us_lets_nobody_in(liar, lies):
    make_user(email=MAIL)
    client = Client()
    state = begin(client)["state"]
    liar.lies = lies
    reply = come_back(client, state)
    assert (reply.status_code, is_in(client)) == (502, False)
    assert "Layanan masuk tidak menjawab" in reply.content.decode()
    assert SocialAccount.objects.count() == 0


def test_the_way_there_carries_a_state_and_a_challenge_and_the_way_back_its_answer(liar):
    make_user(email=MAIL)
    client = Client()
    sent = begin(client)
    assert (sent["code_challenge_method"], sent["response_type"]) == ("S256", "code")
    assert sent["redirect_uri"] == "http://testserver/masuk/lewat/sso/kembali/"
    come_back(client, sent["state"])
    [asked] = liar.asked
    assert len(asked["code_verifier"][0]) >= 43
    other = begin(Client())
    assert len({sent["state"], other["state"]}) == 2
    assert len({sent["code_challenge"], other["code_challenge"]}) == 2


def test_an_answer_that_this_browser_did_not_ask_for_is_not_taken(liar):
    make_user(email=MAIL)
    asked_by_another = begin(Client())["state"]
    for state in (asked_by_another, "dibuat-sendiri", ""):
        client = Client()
        assert come_back(client, state).status_code == 502
        assert not is_in(client)
    assert liar.asked == []  # nobody even asked the provider


def test_an_answer_is_taken_once(liar):
    make_user(email=MAIL)
    client = Client()
    state = begin(client)["state"]
    come_back(client, state)
    client.post("/keluar/")
    assert come_back(client, state).status_code == 502
    assert not is_in(client)


def test_the_door_to_the_provider_is_a_button_and_only_for_signing_in(liar):
    client = Client()
    assert client.get(DOOR)["Location"] == "/masuk/"
    client.force_login(make_user())
    for process in ("connect", "redirect", "login"):
        assert client.post(DOOR, {"process": process}).status_code == 404
        assert client.post(f"{DOOR}?process={process}").status_code == 404


@pytest.mark.parametrize("goal", ["//x.example", "https://x.example/", "/\\x.example"])
def test_the_way_back_leads_nowhere_else(liar, goal):
    make_user(email=MAIL)
    client = Client()
    assert come_back(client, begin(client, next=goal)["state"])["Location"] == "/"


def test_who_has_a_second_factor_is_asked_for_it_after_the_provider_too(liar):
    user = make_user(Role.VERIFIKATOR, email=MAIL)
    user.set_password("hujan reda di pasar antri")
    user.save()
    set_up(user)
    client = Client()
    assert come_back(client, begin(client)["state"])["Location"] == "/masuk/kode/"
    assert not is_in(client)


def test_two_with_one_address_are_nobody_and_a_retired_one_stays_outside(liar):
    first, second = make_user(email=MAIL), make_user(email=MAIL.upper())
    client = Client()
    assert come_back(client, begin(client)["state"]).status_code == 403
    User.objects.filter(pk=second.pk).update(email="lain@contoh.example")
    come_back(client, begin(client)["state"])
    assert int(client.session["_auth_user_id"]) == first.pk
    client.post("/keluar/")
    User.objects.filter(pk=first.pk).update(is_active=False)
    assert come_back(client, begin(client)["state"]).status_code == 403
    assert not is_in(client)


def test_who_takes_another_s_address_later_does_not_become_them(liar):
    """From the first time on the provider's own number counts, whatever address stands there."""
    first, client = make_user(email=MAIL), Client()
    come_back(client, begin(client)["state"])
    User.objects.filter(pk=first.pk).update(email="lain@contoh.example")
    make_user(email=MAIL)
    again = Client()
    come_back(again, begin(again)["state"])
    assert int(again.session["_auth_user_id"]) == first.pk


def test_a_provider_that_is_away_is_a_sentence(liar, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"] = {
        "server_url": "http://127.0.0.1:9"
    }
    reply = Client().post(DOOR)
    assert (reply.status_code, "tidak menjawab" in reply.content.decode()) == (502, True)
