"""What the house promises around every page: sessions, headers, the key, the two databases."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import path

from agencies.models import Region, User
from agencies.roles import Role
from kla_tracker import environment, views
from kla_tracker.urls import urlpatterns as real
from tests.at_once import at_once
from tests.factories import PASSWORD, make_region, make_user

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2024, 3, 4, 5, 0, tzinfo=UTC)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def broken(request):
    raise RuntimeError("rahasia-dari-dalam " + settings.SECRET_KEY)


def forbidden(request):
    raise PermissionDenied


def busy(request):
    raise OperationalError("database is locked")


def wrong(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT kolom_yang_tidak_ada FROM agencies_region")


def away(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


# The real addresses, and some that always fail.
urlpatterns = [
    *real,
    path("uji/rusak", broken),
    path("uji/terlarang", forbidden),
    path("uji/sibuk", busy),
    path("uji/salah", wrong),
]


def production(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with the real settings and nothing of the tests' environment."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "kla_tracker.settings"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


# --- Sessions -----------------------------------------------------------------------------------
def sign_in(client: Client, user: User, **more: object):
    return client.post("/masuk/", {"username": user.username, "password": PASSWORD}, **more)


def test_every_cookie_is_closed_to_scripts_and_other_sites(db, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/masuk/", secure=True)
    sign_in(client, make_user(), secure=True)
    client.post("/akun/keluar-semua/", secure=True)  # a sentence for the next page
    sign_in(client, make_user(), secure=True)
    kept = {
        name: (*map(bool, (cookie["httponly"], cookie["secure"])), cookie["samesite"],
               cookie["path"], cookie["domain"])
        for name, cookie in client.cookies.items()
    }  # fmt: skip
    closed = (True, True, "Lax", "/", "")
    assert kept == {"sesi": closed, "csrf": closed, "kabar": closed}


def test_behind_https_cookies_are_secure_and_bound_to_the_host(tmp_path):
    told = production(
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME,"
        " s.CSRF_COOKIE_SECURE, s.MESSAGE_COOKIE_NAME, s.SECURE_SSL_REDIRECT,"
        " s.SECURE_HSTS_SECONDS)",
        SITE_URL="https://kla.example.go.id",
        ALLOWED_HOSTS="kla.example.go.id",
        TRUSTED_PROXIES="1",
        VAR_DIR=str(tmp_path),
    )
    cookies = ["__Host-sesi", "True", "__Host-csrf", "True", "__Host-kabar"]
    assert told.stdout.split() == [*cookies, "True", "31536000"]


def test_a_password_is_kept_as_argon2id_with_a_memory_of_19_megabytes(tmp_path):
    told = production(
        "import django; django.setup(); from django.contrib.auth.hashers import make_password;"
        " print(make_password('x' * 200))",
        VAR_DIR=str(tmp_path),
    )
    assert told.stdout.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_signing_in_takes_a_new_key_and_signing_out_deletes_it(db):
    client, user = Client(), make_user()
    client.force_login(make_user())
    before = client.session.session_key
    client.post("/keluar/")
    assert not Session.objects.filter(session_key=before).exists()
    sign_in(client, user)
    first = client.session.session_key
    client.post("/keluar/")
    sign_in(client, user)
    assert len({before, first, client.session.session_key}) == 3
    assert Session.objects.count() == 1


def test_a_session_from_before_the_sign_in_is_worth_nothing_afterwards(db):
    """A key that somebody planted does not become that of the one who signs in."""
    client = Client()
    session = client.session
    session["ditanam"] = 1
    session.save()
    planted = session.session_key
    client.cookies["sesi"] = planted
    sign_in(client, make_user())
    stranger = Client()
    stranger.cookies["sesi"] = planted
    assert client.session.session_key != planted
    assert stranger.get("/akun/").status_code == 302


def code_after(role: Role, *steps: timedelta) -> int:
    """What the account page answers at the last of these steps after the sign-in."""
    client = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, make_user(role))
        status = client.get("/akun/").status_code
        for step in steps:
            clock.shift(step)
            status = client.get("/akun/").status_code
    return status


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("role", "steps", "status"),
    [
        (Role.OPERATOR, [2 * HOUR - MINUTE], 200),
        (Role.OPERATOR, [2 * HOUR + MINUTE], 302),
        (Role.VERIFIKATOR, [2 * HOUR - MINUTE], 200),
        (Role.VERIFIKATOR, [2 * HOUR + MINUTE], 302),
        (Role.ADMINISTRATOR, [29 * MINUTE], 200),
        (Role.ADMINISTRATOR, [31 * MINUTE], 302),
        (Role.ADMINISTRATOR, [25 * MINUTE, 25 * MINUTE], 200),
        (Role.OPERATOR, [HOUR] * 11 + [59 * MINUTE], 200),
        (Role.OPERATOR, [HOUR] * 12 + [MINUTE], 302),
        (Role.ADMINISTRATOR, [29 * MINUTE] * 25, 302),
    ],
)
def test_a_session_ends_when_left_alone_and_after_twelve_hours(db, role, steps, status):
    assert code_after(role, *steps) == status


def test_being_there_is_written_down_at_most_every_five_minutes(db):
    client = Client()
    written = []
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, make_user())
        client.get("/akun/")
        for _ in range(11):
            clock.shift(timedelta(minutes=1))
            before = Session.objects.get().session_data
            client.get("/akun/")
            written.append(Session.objects.get().session_data != before)
    assert [minute for minute, wrote in enumerate(written, 1) if wrote] == [5, 10]


# --- Headers ------------------------------------------------------------------------------------
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KINDS = [
    ("/masuk/", 200),
    ("/akun/", 200),
    ("/gaya/", 200),
    ("/healthz", 200),
    ("/", 302),
    ("/tidak-ada/", 404),
    ("/isian/999999/", 404),
    ("/admin/login/", 403),
    ("/uji/terlarang", 403),
    ("/uji/rusak", 500),
    ("/keluar/", 405),
    ("/static/css/base.css", 200),
    ("/static/js/app.js", 200),
    ("/static/tidak-ada.css", 404),
]


def policy(header: str) -> set[str]:
    return {part.strip() for part in header.split(";")}


@pytest.mark.urls("tests.test_house")
@pytest.mark.parametrize(("address", "status"), KINDS)
def test_every_kind_of_answer_carries_the_policy_and_its_companions(db, address, status):
    client = Client(raise_request_exception=False)
    if address != "/masuk/":
        client.force_login(make_user())
    response = client.get(address)
    response.close()
    assert response.status_code == status
    assert policy(response["Content-Security-Policy"]) == policy(POLICY)
    assert {name: response[name] for name in EVERYWHERE} == EVERYWHERE
    assert set(re.findall(r"=(\S+?)(?:,|$)", response["Permissions-Policy"])) == {"()"}


@pytest.mark.urls("tests.test_house")
@pytest.mark.parametrize("address", ["/akun/", "/gaya/", "/", "/isian/999999/", "/uji/rusak"])
def test_what_one_person_sees_is_not_kept_by_the_browser(db, address):
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    assert client.get(address)["Cache-Control"] == "no-store"


@pytest.mark.urls("tests.test_house")
def test_an_error_page_tells_nothing_of_the_inside(db):
    client = Client(raise_request_exception=False)
    body = client.get("/uji/rusak").content.decode()
    client.force_login(make_user())
    seen = (body + client.get("/uji/rusak").content.decode()).lower()
    telling = ("traceback", "runtimeerror", "rahasia", "secret_key", "kla_tracker", "django")
    assert [word for word in telling if word in seen] == []


@pytest.mark.parametrize("address", ["/masuk/", "/", "/healthz", "/tidak-ada/"])
def test_a_foreign_host_is_refused(db, address):
    assert (
        Client(raise_request_exception=False).get(address, HTTP_HOST="evil.example").status_code
        == 400
    )


def test_a_forged_forwarded_host_is_not_believed(db):
    response = Client().get("/", HTTP_X_FORWARDED_HOST="evil.example")
    assert response["Location"] == "/masuk/?next=/"


def test_the_sign_of_life_touches_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = views.healthz(RequestFactory().get("/healthz"))
    assert response.content == b"ok\n"


# --- The key, and the debug page ----------------------------------------------------------------
def test_eight_processes_that_start_at_once_share_one_key_that_only_they_can_read(tmp_path):
    file = tmp_path / "var" / "secret-key"
    code = (
        "import sys; sys.stdin.readline(); from pathlib import Path; "
        "from kla_tracker.environment import secret_key; "
        f"print(secret_key(Path({str(file)!r})))"
    )
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for process in starting:
        process.stdin.write("\n")
        process.stdin.flush()
    keys = {process.communicate()[0].strip() for process in starting}
    assert keys == {file.read_text().strip()}
    assert len(keys.pop()) >= 50
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert [each.name for each in file.parent.iterdir()] == ["secret-key"]


@pytest.mark.parametrize(
    ("hosts", "starts"),
    [
        ("", True),
        ("127.0.0.1,localhost", True),
        ("kla.example.go.id", False),
        ("localhost,kla.example.go.id", False),
        ("*", False),
        (".localhost", False),
    ],
)
def test_the_debug_page_is_refused_where_others_can_come(tmp_path, hosts, starts):
    told = production(
        "import django; django.setup()",
        DEBUG="yes",
        ALLOWED_HOSTS=hosts,
        VAR_DIR=str(tmp_path),
    )
    assert (told.returncode == 0, "DEBUG" in told.stderr) == (starts, not starts)


# --- SQLite -------------------------------------------------------------------------------------
def test_what_was_acknowledged_is_on_the_disk(tmp_path):
    """FULL is 2; with NORMAL the last commits before a power cut may be lost."""
    told = production(
        "import django; django.setup(); from django.db import connection as c\n"
        "with c.cursor() as q:\n"
        "    for name in ('synchronous', 'journal_mode', 'foreign_keys'):\n"
        "        print(q.execute('PRAGMA ' + name).fetchone()[0])",
        VAR_DIR=str(tmp_path),
    )
    assert told.stdout.split() == ["2", "wal", "1"]


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_at_once_all_get_their_turn():
    """Each reads, then writes: what fails on SQLite unless transactions queue from their start."""
    region = make_region(name="0")

    def add_twenty() -> None:
        for _ in range(20):
            with transaction.atomic():
                row = Region.objects.select_for_update().get(pk=region.pk)
                row.name = str(int(row.name) + 1)
                row.save(update_fields=["name"])

    at_once(*[add_twenty] * 20)
    region.refresh_from_db()
    assert region.name == "400"


@pytest.mark.urls("tests.test_house")
def test_a_database_that_stays_busy_is_said_in_a_page_that_asks_to_come_again(db):
    client = Client()
    client.force_login(make_user())
    response = client.get("/uji/sibuk")
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "kirim lagi sebentar lagi" in response.content.decode()


@pytest.mark.urls("tests.test_house")
def test_wrong_sql_is_an_error_of_ours_and_no_reason_to_come_again(db):
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    response = client.get("/uji/salah")
    assert (response.status_code, "Retry-After" in response) == (500, False)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_before_a_view_is_reached_is_said_the_same_way():
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    with connection.execute_wrapper(away):
        response = client.get("/isian/")
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "kirim lagi sebentar lagi" in response.content.decode()
    assert client.get("/isian/").status_code == 200


# --- The environment ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgres://kla:s%40ndi@db:5433/kla_2024", ("kla_2024", "kla", "s@ndi", "db", "5433")),
        ("postgresql://kla@127.0.0.1/kla", ("kla", "kla", "", "127.0.0.1", "")),
    ],
)
def test_the_address_of_a_database_is_taken_apart(url, parts):
    made = environment.postgres(url)
    assert tuple(made[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == parts


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "maybe"), ("EVIDENCE_MAX_MB", "-1"), ("DATABASE_URL", "mysql://u:rahasia@h/n")],
)
def test_a_setting_that_cannot_be_meant_stops_the_start_without_telling_it(tmp_path, name, value):
    told = production("import django; django.setup()", VAR_DIR=str(tmp_path), **{name: value})
    assert (told.returncode == 0, name in told.stderr, "rahasia" in told.stderr) == (
        False,
        True,
        False,
    )
