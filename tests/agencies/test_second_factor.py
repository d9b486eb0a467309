"""A second factor: set up, asked for at every door, used once, demanded of roles, lost."""

import re
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from agencies.actions import RESET, sessions, sign_out_everywhere
from agencies.models import Change, ChangeVerb, User
from agencies.roles import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "hujan reda di pasar antri"  # noqa: S105


@pytest.fixture(autouse=True)
def nothing_used_yet():
    cache.clear()


def person(role=Role.VERIFIKATOR, **more):
    user = make_user(role, **more)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(user, client=None, **more):
    client = client or Client()
    return client, client.post("/masuk/", {"username": user.username, "password": PASSWORD, **more})


def code_of(secret, ahead=0):
    now = list(yield_hotp_counters_from_time())[1]
    return f"{hotp_value(secret, now + ahead):06d}"


def set_up(user):
    """As the pages let one: confirm the password, read the secret, type a code."""
    client, _ = sign_in(user)
    page = client.get("/akun/faktor/aplikasi/", follow=True)
    assert page.request["PATH_INFO"] == "/akun/konfirmasi/"
    page = client.post(
        "/akun/konfirmasi/", {"password": PASSWORD, "next": "/akun/faktor/aplikasi/"}, follow=True
    )
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    done = client.post("/akun/faktor/aplikasi/", {"code": code_of(secret)}, follow=True)
    assert done.request["PATH_INFO"] == "/akun/faktor/cadangan/"
    codes = re.findall(r"<code>([0-9]{8})</code>", done.content.decode())
    assert len(codes) == 10
    return secret, codes


def signed_in(client):
    return client.get("/akun/").status_code == 200


def test_after_the_password_a_code_is_asked_for_and_nobody_is_signed_in_before():
    user = person()
    secret, _ = set_up(user)
    client, reply = sign_in(user, next="/penilaian/")
    assert reply["Location"] == "/masuk/kode/"
    assert not signed_in(client)
    done = client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    assert (done.status_code, done["Location"]) == (302, "/penilaian/")
    assert signed_in(client)


def test_without_a_factor_the_password_is_enough():
    client, reply = sign_in(person())
    assert reply["Location"] == "/"
    assert signed_in(client)


def test_a_code_opens_one_session_only():
    user = person()
    secret, _ = set_up(user)
    code = code_of(secret, ahead=1)
    doors = [sign_in(user)[0] for _ in range(2)]
    for client in doors:
        reply = client.post("/masuk/kode/", {"code": code})
    assert [signed_in(client) for client in doors] == [True, False]
    assert "Kode tidak cocok atau sudah dipakai" in reply.content.decode()


@pytest.mark.parametrize("later", [1, 31, 59])
def test_a_code_is_spent_for_as_long_as_it_would_be_right(later):
    """From half a minute before its own time to half a minute after it: 90 seconds."""
    user = person()
    with time_machine.travel(datetime(2026, 11, 25, 3, 0, 5, tzinfo=UTC), tick=False) as clock:
        secret, _ = set_up(user)
        code = code_of(secret, ahead=1)
        first, second = sign_in(user)[0], sign_in(user)[0]
        first.post("/masuk/kode/", {"code": code})
        clock.shift(later)
        second.post("/masuk/kode/", {"code": f"{code[:3]} {code[3:]}"})
        assert (signed_in(first), signed_in(second)) == (True, False)
        first.get("/akun/konfirmasi/kode/")
        reply = first.post("/akun/konfirmasi/kode/", {"code": code, "next": "/akun/faktor/"})
        assert "sudah dipakai" in reply.content.decode()


def test_a_recovery_code_works_once():
    user = person()
    _, [code, *_] = set_up(user)
    doors = [sign_in(user)[0] for _ in range(2)]
    for client in doors:
        client.post("/masuk/kode/", {"code": code})
    assert [signed_in(client) for client in doors] == [True, False]


def test_guessing_codes_is_slowed_down_for_the_right_one_too():
    user = person()
    secret, _ = set_up(user)
    client, _ = sign_in(user)
    for at in range(6):
        client.post("/masuk/kode/", {"code": f"{at:06d}"})
    reply = client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    assert "Terlalu banyak percobaan" in reply.content.decode()
    assert not signed_in(client)


def test_a_new_password_does_not_get_around_it():
    user = person()
    set_up(user)
    user.refresh_from_db()
    client = Client()
    path = "/" + RESET.address(user).split("/", 3)[3]
    new = "bulan purnama di atas cibabat"
    client.post(path, {"new_password1": new, "new_password2": new})
    assert not signed_in(client)
    reply = client.post("/masuk/", {"username": user.username, "password": new})
    assert reply["Location"] == "/masuk/kode/"


def test_the_page_of_codes_is_no_door_of_its_own():
    client = Client()
    assert client.get("/masuk/kode/")["Location"] == "/masuk/"
    assert client.post("/masuk/kode/", {"code": "123456"})["Location"] == "/masuk/"


@pytest.mark.parametrize(
    ("role", "held"),
    [
        *((Role.VERIFIKATOR, True), (Role.ADMINISTRATOR, True)),
        *((Role.OPERATOR, False), (Role.PIMPINAN, False)),
    ],
)  # fmt: skip
def test_roles_of_whom_it_is_demanded_go_no_further_without_one(settings, role, held):
    settings.SECOND_FACTOR_FOR = ["verifikator", "administrator"]
    client = Client()
    client.force_login(person(role))
    reply = client.get("/penilaian/")
    assert (reply.status_code == 302 and reply["Location"] == "/akun/faktor/") == held
    assert client.get("/akun/faktor/").status_code == 200


def test_who_has_one_goes_on_without_a_query_for_it(settings, django_assert_num_queries):
    settings.SECOND_FACTOR_FOR = ["verifikator"]
    user = person()
    secret, _ = set_up(user)
    client, _ = sign_in(user)
    client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    client.get("/gaya/")
    with django_assert_num_queries(2):  # session and user
        assert client.get("/gaya/").status_code == 200


def test_neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database():
    user = person()
    secret, codes = set_up(user)
    kept = str(list(Authenticator.objects.values()))
    assert [each for each in (secret, *codes) if each in kept] == []


def test_secrets_and_codes_are_long_and_nobody_has_those_of_another():
    (one, codes), (two, others) = set_up(person()), set_up(person())
    assert (len(one), len(two), one != two) == (32, 32, True)  # 160 bits each
    assert len({*codes, *others}) == 20


def test_the_page_between_password_and_code_is_nobody_s_session():
    """Neither another page, nor a new password, nor the pages of factors are open yet."""
    user = person()
    secret, _ = set_up(user)
    client, _ = sign_in(user)
    for path in ("/", "/akun/", "/akun/faktor/", "/akun/faktor/aplikasi/lepas/", "/penilaian/"):
        assert client.get(path)["Location"].startswith("/masuk/?next=")
    new = "bulan purnama di atas cibabat"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/akun/sandi/", data)["Location"].startswith("/masuk/")
    assert client.post("/akun/faktor/aplikasi/lepas/")["Location"].startswith("/masuk/")
    assert client.get("/akun/konfirmasi/")["Location"].startswith("/masuk/")
    client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    assert signed_in(client)


def test_who_is_retired_between_password_and_code_comes_no_further():
    user = person()
    secret, _ = set_up(user)
    client, _ = sign_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    reply = client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)}, follow=True)
    assert reply.status_code == 200
    assert not signed_in(client)


@pytest.mark.parametrize("goal", ["//x.example", "https://x.example/", "/\\x.example"])
def test_proving_oneself_again_leads_nowhere_else(goal):
    client, _ = sign_in(person())
    reply = client.post("/akun/konfirmasi/", {"password": PASSWORD, "next": goal})
    assert (reply.status_code, reply["Location"]) == (302, "/")


def test_proving_oneself_again_too_often_is_slowed_down_in_our_words():
    client, _ = sign_in(person())
    for _ in range(12):
        reply = client.post("/akun/konfirmasi/", {"password": "salah"})
    assert reply.status_code == 429
    assert "Tunggu beberapa menit" in reply.content.decode()


def test_under_another_key_no_code_is_right_and_no_page_breaks(settings):
    user = person()
    secret, _ = set_up(user)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [],
        "another key",
    )
    client, _ = sign_in(user)
    reply = client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    assert reply.status_code == 200
    assert not signed_in(client)


def test_an_older_key_still_counts_as_long_as_it_is_named(settings):
    user = person()
    secret, _ = set_up(user)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key"
    client, _ = sign_in(user)
    client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    assert signed_in(client)


@pytest.mark.django_db(transaction=True)
def test_setting_up_and_taking_away_leave_events():
    user = person()
    set_up(user)
    added = Change.objects.filter(verb=ChangeVerb.ADD_FACTOR, by=user)
    assert sorted(each.data["kind"] for each in added) == ["aplikasi", "kode cadangan"]
    out = StringIO()
    call_command("remove_second_factor", user.username, stdout=out)
    assert out.getvalue() == f"2 removed; {user.username} signs in with the password alone.\n"
    assert Change.objects.filter(verb=ChangeVerb.REMOVE_FACTOR, by=None).count() == 1
    assert signed_in(sign_in(user)[0])
    with pytest.raises(CommandError, match="tidak punya faktor kedua"):
        call_command("remove_second_factor", user.username)
    with pytest.raises(CommandError, match="There is no user tidak-ada"):
        call_command("remove_second_factor", "tidak-ada")


# --- where one is signed in ----------------------------------------------------------------------


def test_the_account_lists_where_one_is_signed_in_and_ends_one_of_them():
    user = person()
    here, _ = sign_in(user)
    there, _ = sign_in(
        user,
        Client(headers={"user-agent": "Mozilla/5.0 (Android 14) Chrome/130 Safari/537"}),
    )
    page = here.get("/akun/").content.decode()
    assert "Chrome di Android" in page
    assert page.count("perangkat ini") == 1
    other = UserSession.objects.get(user_agent__contains="Android")
    here.post(reverse("account_session_end", args=[other.pk]))
    assert (signed_in(here), signed_in(there)) == (True, False)


def test_nobody_ends_somebody_else_s_session():
    mine, theirs = person(), person()
    client, _ = sign_in(mine)
    other, _ = sign_in(theirs)
    client.post(reverse("account_session_end", args=[UserSession.objects.get(user=theirs).pk]))
    assert signed_in(other)


def test_the_list_is_empty_of_others_after_another_password_and_after_leaving_everywhere():
    user = person()
    here, _ = sign_in(user)
    sign_in(user)
    new = "bulan purnama di atas cibabat"
    here.post(
        "/akun/sandi/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    [only] = sessions.of(user, here.session.session_key)
    assert only.current
    sign_out_everywhere(user)
    assert sessions.of(user, "") == []


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130", "Edge di Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Mobile Safari/604.1", "Safari di iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/132.0", "Firefox di Linux"),
        ("curl/8.0", "Peramban di perangkat lain"),
        ("", "Peramban di perangkat lain"),
    ],
)  # fmt: skip
def test_a_device_is_named_as_its_owner_knows_it(agent, device):
    assert sessions.device_of(agent) == device


def test_a_factor_and_its_event_are_stored_together():
    """Not after the commit: whoever dies in between leaves both or neither."""
    user = make_user(Role.VERIFIKATOR)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    told = Change.objects.filter(verb="add_factor", data__user=user.pk)
    assert [(each.by, each.data["kind"]) for each in told] == [(user, "aplikasi")]
