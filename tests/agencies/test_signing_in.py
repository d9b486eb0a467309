"""Signing in and out: what is said, what is counted, and what ends a session."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.actions import INVITATION, invite, retire_user, signing_in
from agencies.models import Agency, SignInFailure, User
from agencies.roles import Role
from tests.factories import PASSWORD, make_agency, make_region, make_user

pytestmark = pytest.mark.django_db
WRONG = "Nama pengguna atau kata sandi tidak cocok. Periksa huruf besar dan kecilnya."
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def sign_in(client, username, password=PASSWORD, address="10.0.0.1", **more):
    return client.post(
        "/masuk/", {"username": username, "password": password, **more}, REMOTE_ADDR=address
    )


@pytest.fixture
def clock(monkeypatch):
    """The clock of the sign-in form, to be moved by the test."""
    moment = [NOW]
    monkeypatch.setattr("agencies.forms.timezone.now", lambda: moment[0])
    return moment


def test_the_right_password_leads_home_under_a_new_session_key(client):
    user = make_user(Role.PIMPINAN)
    client.get("/masuk/")
    client.session["x"] = 1
    before = client.session.session_key
    response = sign_in(client, user.username)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert int(client.session["_auth_user_id"]) == user.pk
    assert client.session.session_key != before


def test_a_signed_in_user_is_sent_home_from_the_sign_in_page(client):
    client.force_login(make_user())
    assert client.get("/masuk/")["Location"] == "/"


def kinds(asked):
    """What was asked of the database, without the values."""
    return [re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in asked.captured_queries]


@pytest.mark.parametrize("case", ["unknown", "inactive", "wrong", "invited"])
def test_unknown_inactive_and_wrong_get_the_same_page_for_one_hash(client, case, monkeypatch):
    user = make_user(is_active=case != "inactive")
    if case == "invited":
        user.set_unusable_password()
        user.save()
    hasher = type(hashers.get_hasher())
    calls = []
    encode = hasher.encode
    sign_in(client, "yang-pertama", "salah-salah-salah")  # the address is known from now on
    monkeypatch.setattr(
        hasher, "encode", lambda *args, **kw: calls.append(1) or encode(*args, **kw)
    )
    name = "tidak-ada" if case == "unknown" else user.username
    with CaptureQueriesContext(connection) as asked:
        response = sign_in(client, name, PASSWORD if case == "inactive" else "salah-salah-salah")
    assert (response.status_code, calls) == (422, [1])
    assert response.context["form"].non_field_errors() == [WRONG]
    page = response.content.decode().replace(name, "NAMA")
    token = response.context["csrf_token"]
    with CaptureQueriesContext(connection) as asked_of_nobody:
        other = sign_in(client, "lain-lagi", "salah-salah-salah")
    assert kinds(asked) == kinds(asked_of_nobody)  # no more work for the database either
    assert page.replace(str(token), "T") == other.content.decode().replace(
        "lain-lagi", "NAMA"
    ).replace(str(other.context["csrf_token"]), "T")


@pytest.mark.parametrize(
    "goal",
    ["//x.example", "/\\x.example", "https:x.example", "javascript:alert(1)", "\t//x.example"],
)
def test_a_foreign_next_is_ignored(client, goal):
    assert sign_in(client, make_user().username, next=goal)["Location"] == "/"


@pytest.mark.parametrize("goal", ["' OR 1=1", "nama-tampilan", "akun/"])
def test_a_next_that_is_no_address_leads_home_also_for_who_is_signed_in(client, goal):
    client.force_login(make_user())
    assert client.get("/masuk/", {"next": goal})["Location"] == "/"


def test_our_own_next_is_followed(client):
    user = make_user()
    assert client.get("/akun/")["Location"] == "/masuk/?next=/akun/"
    assert sign_in(client, user.username, next="/akun/")["Location"] == "/akun/"


def test_signing_out_needs_a_post_and_deletes_the_row(client):
    client.force_login(make_user())
    store, key = client.session, client.session.session_key
    assert client.get("/keluar/").status_code == 405
    assert client.post("/keluar/")["Location"] == "/masuk/"
    assert not store.exists(key)
    assert client.get("/akun/")["Location"] == "/masuk/?next=/akun/"


def test_the_sign_in_form_wants_its_token():
    assert sign_in(Client(enforce_csrf_checks=True), "siapa").status_code == 403


@pytest.mark.parametrize(("shown", "words"), [(True, True), (False, False)])
def test_example_accounts_are_named_only_when_asked_for(client, settings, shown, words):
    settings.EXAMPLE_ACCOUNTS = shown
    assert ("kla-demo-2024" in client.get("/masuk/").content.decode()) is words


# --- guessing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "minutes"), [(9, 0), (10, 1), (11, 2), (12, 4), (13, 8), (14, 15), (99, 15)]
)
def test_the_pause_grows_to_fifteen_minutes_at_most(failures, minutes):
    assert signing_in.pause_after(failures, 10) == timedelta(minutes=minutes)


def test_the_eleventh_try_waits_and_the_right_password_works_after_the_pause(client, clock):
    user = make_user()
    for _ in range(10):
        assert sign_in(client, user.username, "salah").status_code == 422
    refused = sign_in(client, user.username)
    assert refused.status_code == 429
    assert refused.context["form"].non_field_errors() == [
        "Terlalu banyak percobaan. Coba lagi dalam 1 menit."
    ]
    clock[0] += timedelta(seconds=61)
    assert sign_in(client, user.username).status_code == 302


def test_tries_during_the_pause_do_not_prolong_it_and_the_next_failure_doubles_it(client, clock):
    for _ in range(14):
        sign_in(client, "siapa", "salah")
    clock[0] += timedelta(seconds=61)
    assert sign_in(client, "siapa", "salah").status_code == 422
    clock[0] += timedelta(seconds=61)
    refused = sign_in(client, "siapa", "salah")
    assert refused.context["form"].non_field_errors() == [
        "Terlalu banyak percobaan. Coba lagi dalam 1 menit."
    ]
    clock[0] += timedelta(seconds=60)
    assert sign_in(client, "siapa", "salah").status_code == 422


def test_an_unknown_name_is_slowed_down_like_a_known_one(client, clock):
    statuses = {
        name: [sign_in(client, name, "salah").status_code for _ in range(12)]
        for name in (make_user().username, "tidak-ada")
    }
    assert len(set(map(tuple, statuses.values()))) == 1


def test_a_stranger_elsewhere_does_not_lock_the_user_out(client, clock):
    user = make_user()
    for _ in range(30):
        sign_in(client, user.username, "salah", address="203.0.113.9")
    assert sign_in(client, user.username, address="10.0.0.1").status_code == 302


def test_a_forged_forwarded_address_does_not_reset_the_count(client, clock):
    for number in range(10):
        client.post(
            "/masuk/",
            {"username": "siapa", "password": "salah"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )
    last = client.post(
        "/masuk/",
        {"username": "siapa", "password": "salah"},
        headers={"X-Forwarded-For": "198.51.100.77"},
    )
    assert last.status_code == 429


def test_two_hundred_users_behind_one_address_are_not_locked_out():
    for number in range(200):
        name = f"pegawai-{number}"
        assert signing_in.begin(name, "10.0.0.1", now=NOW) == 0
        assert signing_in.begin(name, "10.0.0.1", now=NOW) == 0
        signing_in.succeed(name, "10.0.0.1", now=NOW)
    assert signing_in.begin("pegawai-baru", "10.0.0.1", now=NOW) == 0


def test_one_address_that_tries_many_names_waits_but_its_known_users_do_not():
    signing_in.begin("pegawai", "10.0.0.1", now=NOW)
    signing_in.succeed("pegawai", "10.0.0.1", now=NOW)
    for number in range(signing_in.FREE_OF_ADDRESS):
        signing_in.begin(f"tebakan-{number}", "10.0.0.1", now=NOW)
    assert signing_in.begin("tebakan-baru", "10.0.0.1", now=NOW) == 60
    assert signing_in.begin("pegawai", "10.0.0.1", now=NOW) == 0


def test_the_count_is_kept_in_the_database_without_names(client):
    sign_in(client, "nama-rahasia", "salah")
    rows = list(SignInFailure.objects.values_list("key", "failures"))
    assert [failures for _, failures in rows] == [1, 1]
    assert not any("nama-rahasia" in key or "10.0.0.1" in key for key, _ in rows)


def test_old_failures_are_forgotten():
    for _ in range(9):
        signing_in.begin("siapa", "10.0.0.1", now=NOW)
    later = NOW + timedelta(hours=25)
    assert signing_in.begin("siapa", "10.0.0.1", now=later) == 0
    assert signing_in.begin("siapa", "10.0.0.1", now=later) == 0


# --- sessions and rights -----------------------------------------------------------------------


def test_another_role_counts_at_the_next_request(client):
    user = make_user(Role.VERIFIKATOR)
    client.force_login(user)
    assert client.get("/perangkat-daerah/").status_code == 200
    agency = make_agency(user.region)
    User.objects.filter(pk=user.pk).update(role=Role.OPERATOR.value, agency=agency)
    assert client.get("/perangkat-daerah/")["Location"] == f"/perangkat-daerah/{agency.code}/"


def test_a_moved_user_sees_the_new_office_and_not_the_old_one(client):
    region = make_region()
    old, new = make_agency(region), make_agency(region)
    user = make_user(agency=old)
    client.force_login(user)
    assert client.get(f"/perangkat-daerah/{old.code}/").status_code == 200
    User.objects.filter(pk=user.pk).update(agency=new)
    assert client.get(f"/perangkat-daerah/{old.code}/").status_code == 404
    assert client.get(f"/perangkat-daerah/{new.code}/").status_code == 200


def test_retiring_ends_all_sessions(client):
    user = make_user()
    client.force_login(user)
    assert client.get("/akun/").status_code == 200
    retire_user(user, by=make_user(Role.VERIFIKATOR, region=user.region))
    assert client.get("/akun/").status_code == 302


def test_signing_out_everywhere_ends_the_other_clients_too(client):
    user, other = make_user(), Client()
    client.force_login(user)
    other.force_login(user)
    assert client.post("/akun/keluar-semua/")["Location"] == "/masuk/"
    assert other.get("/akun/").status_code == 302
    assert sign_in(client, user.username).status_code == 302
    assert client.get("/akun/").status_code == 200


def test_a_changed_password_ends_the_other_sessions_only(client):
    user, other = make_user(), Client()
    client.force_login(user)
    other.force_login(user)
    new = "sebuah gerbong penuh melati"
    response = client.post(
        "/akun/sandi/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert response["Location"] == "/akun/"
    assert client.get("/akun/").status_code == 200
    assert other.get("/akun/").status_code == 302


# --- the own account ---------------------------------------------------------------------------


def test_what_is_posted_beyond_name_and_address_is_ignored(client):
    user = make_user()
    client.force_login(user)
    before = User.objects.filter(pk=user.pk).values().get()
    everything = {
        field.name: "1" for field in User._meta.get_fields() if getattr(field, "editable", False)
    }
    everything |= {
        "role": "administrator",
        "agency": make_agency().pk,
        "is_staff": "on",
        "is_superuser": "on",
        "name": "Nama Baru",
        "email": "baru@contoh.example",
        "sandi": PASSWORD,
    }
    assert client.post("/akun/data/", everything)["Location"] == "/akun/"
    after = User.objects.filter(pk=user.pk).values().get()
    assert {key for key in before if before[key] != after[key]} == {"name", "email"}


@pytest.mark.parametrize(
    ("email", "sandi", "status"),
    [
        ("baru@contoh.example", PASSWORD, 302),
        ("baru@contoh.example", "", 422),
        ("baru@contoh.example", "salah", 422),
        ("LAMA@contoh.example", "", 302),  # the same one, written otherwise
    ],
)
def test_another_address_needs_the_password_and_another_name_does_not(client, email, sandi, status):
    """Links for a new password go there: an open session must not be enough to take the account."""
    user = make_user(email="lama@contoh.example")
    client.force_login(user)
    data = {"name": "Nama Baru", "email": email, "sandi": sandi}
    assert client.post("/akun/data/", data, REMOTE_ADDR="10.0.0.1").status_code == status
    user.refresh_from_db()
    assert user.email == (email if status == 302 else "lama@contoh.example")


def test_who_has_no_password_because_of_the_provider_is_not_asked_for_one(client):
    user = make_user(email="lama@contoh.example")
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert "sandi" not in client.get("/akun/").context["own"].fields
    data = {"name": "Nama", "email": "baru@contoh.example"}
    assert client.post("/akun/data/", data)["Location"] == "/akun/"


@pytest.mark.parametrize("page", ["/akun/sandi/", "/akun/data/"])
def test_an_open_session_is_no_place_to_guess_the_password(client, clock, page):
    user = make_user(email="lama@contoh.example")
    client.force_login(user)
    data = {
        "old_password": "salah", "sandi": "salah", "name": "Nama", "email": "baru@contoh.example",
        "new_password1": "sebuah gerbong penuh melati",
        "new_password2": "sebuah gerbong penuh melati",
    }  # fmt: skip
    for _ in range(10):
        assert client.post(page, data).status_code == 422
    data |= {"old_password": PASSWORD, "sandi": PASSWORD}
    reply = client.post(page, data)
    assert "Terlalu banyak percobaan. Coba lagi dalam 1 menit." in reply.content.decode()
    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.email) == (True, "lama@contoh.example")
    clock[0] += timedelta(seconds=61)
    assert client.post(page, data)["Location"] == "/akun/"


def test_a_wrong_old_password_is_said_and_nothing_changes(client):
    user = make_user()
    client.force_login(user)
    response = client.post(
        "/akun/sandi/",
        {"old_password": "salah", "new_password1": "x", "new_password2": "y"},
    )
    assert response.status_code == 422
    assert set(response.context["password"].errors) == {"old_password", "new_password2"}
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def change_to(client, password):
    data = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    return client.post("/akun/sandi/", data)


@pytest.mark.parametrize("length", [12, 64, 128])
def test_a_password_of_any_kind_of_characters_is_taken_from_twelve_to_many(client, length):
    long = ("melati di pagar " * 20)[:length]
    user = make_user()
    client.force_login(user)
    assert change_to(client, long[:11]).status_code == 422
    assert change_to(client, long)["Location"] == "/akun/"
    assert sign_in(Client(), user.username, long)["Location"] == "/"


def test_a_password_counts_exactly_as_it_was_typed(client):
    user, typed = make_user(), " Ombak é di Ujung 漢 Genteng "
    client.force_login(user)
    assert change_to(client, typed)["Location"] == "/akun/"
    others = [typed.strip(), typed.lower(), typed[:-1], typed + " ", typed.replace("é", "e")]
    assert [sign_in(Client(), user.username, each).status_code for each in others] == [422] * 5
    assert sign_in(Client(), user.username, typed)["Location"] == "/"


def test_a_password_does_not_age(client):
    user = make_user()
    with time_machine.travel(NOW + timedelta(days=3650)):
        assert sign_in(client, user.username)["Location"] == "/"
        assert client.get("/akun/").status_code == 200


FIELD = re.compile(r'<input[^>]*name="(?:password|sandi|(?:old|new)_password\d?)"[^>]*>')


def test_every_password_is_masked_and_a_password_manager_knows_it(client):
    """No script listens to these fields either: pasting into them is the browser's own matter."""
    user = make_user()
    user.set_unusable_password()
    user.save()
    invited = invite(
        username="baru", name="Baru", email="baru@contoh.example", role=Role.OPERATOR,
        agency=user.agency, region=user.region, by=None, now=timezone.now(),
    )  # fmt: skip
    pages = ["/masuk/", "/" + INVITATION.address(invited.user).split("/", 3)[3]]
    found = [FIELD.findall(client.get(page).content.decode()) for page in pages]
    client.force_login(make_user())
    own = ("/akun/", "/akun/konfirmasi/")
    found += [FIELD.findall(client.get(page).content.decode()) for page in own]
    assert [len(each) for each in found] == [1, 2, 4, 1]
    fields = [field for page in found for field in page]
    assert [field for field in fields if 'type="password"' not in field] == []
    known = re.compile(r'autocomplete="(current|new)-password"')
    assert [field for field in fields if not known.search(field)] == []
    scripts = (settings.BASE_DIR / "static" / "js").glob("*.js")
    assert [each.name for each in scripts if "password" in each.read_text()] == []


@pytest.mark.parametrize(
    "weak",
    [
        *("kla-demo-2024", "pendek", "password1234", "cimahi-dinas-2024"),
        *("dragon-123456", "iloveyouiloveyou", "!!Football2024!!", "qwerty qwerty qwerty"),
        *("111111111111", "abcabcabcabc", "123123123123", "............."),
    ],
)
def test_a_weak_password_is_refused(client, weak):
    client.force_login(make_user())
    assert change_to(client, weak).status_code == 422


def test_a_common_word_may_be_part_of_a_phrase(client):
    client.force_login(make_user())
    assert change_to(client, "dragon makan bakso di stasiun")["Location"] == "/akun/"


def test_private_pages_are_not_kept_by_the_browser(client):
    client.force_login(make_user())
    assert client.get("/akun/")["Cache-Control"] == "no-store"


def test_own_account_takes_a_fixed_number_of_queries(client, django_assert_num_queries):
    client.force_login(make_user())
    client.get("/akun/")
    with django_assert_num_queries(6):
        client.get(reverse("account"))
    assert Agency.objects.count() == 1
    assert timezone.now() > NOW
