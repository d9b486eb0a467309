"""Errors by mail and in the log: kind, place and number, and nothing of what anybody typed.

A real mail server takes the mails; a canary stands wherever a person could have typed.
"""

import json
import logging
import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import path
from django.views.debug import ExceptionReporter
from django_tasks import task_backends
from django_tasks_db.models import DBTaskResult

from kla_tracker import reporting, urls, watching
from tests.agencies.test_second_factor import code_of, person, set_up, sign_in
from tests.factories import PASSWORD, make_user

CANARY = "Kenari Burung 3277014508150001"


def broken(request, kata="", nomor=0):
    nested = request.POST.get("catatan", CANARY)
    try:
        int(nested)
    except ValueError as error:
        raise RuntimeError(f"cannot use {nested}") from error


urlpatterns = [
    *urls.urlpatterns,
    path("uji/rusak/<str:kata>/<int:nomor>/", broken, name="uji_rusak"),
]
handler500 = urls.handler500
pytestmark = [pytest.mark.urls("tests.test_error_mail"), pytest.mark.django_db(transaction=True)]


class Kept:
    """What the mail server was handed."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def server(settings):
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_USE_TLS = False
    settings.ERROR_MAIL_TO = "ti@example.go.id"
    settings.ERROR_MAILS_PER_HOUR = 3
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    yield kept
    controller.stop()


@pytest.fixture
def lines():
    """The log as a server with LOG_FORMAT=json writes it, and as a line."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(watching.Json().format(record))
            found.append(watching.Line().format(record))

    keep = Keep()
    keep.addFilter(watching.Numbered())
    loggers = [logging.getLogger(name) for name in ("", "kla_tracker.requests")]
    level = loggers[1].level
    loggers[1].setLevel(logging.INFO)
    loggers[0].addHandler(keep)
    yield found
    loggers[0].removeHandler(keep)
    loggers[1].setLevel(level)


def test_the_log_tells_who_came_in_by_what_who_left_and_that_somebody_did_not_come_in(lines):
    user = make_user(username="kenari")
    client = Client()
    client.post("/masuk/", {"username": "kenari", "password": "salah"})
    client.post("/masuk/", {"username": "kenari", "password": PASSWORD})
    client.post("/keluar/")
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert [each["message"] for each in told if each["logger"] == "kla_tracker.doors"] == [
        "not let in: wrong name or password",
        f"signed in: user {user.pk} by password",
        f"signed out: user {user.pk}",
    ]
    assert not any(holds_canary(line) for line in lines)


def test_the_log_tells_of_a_wrong_second_factor_and_by_what_one_came_in(lines):
    cache.clear()
    user = person()
    secret, _ = set_up(user)
    lines.clear()
    client, _ = sign_in(user)
    client.post("/masuk/kode/", {"code": "000000"})
    client.post("/masuk/kode/", {"code": code_of(secret, ahead=1)})
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert [each["message"] for each in told if each["logger"] == "kla_tracker.doors"] == [
        f"not let in: wrong second factor of user {user.pk}",
        f"signed in: user {user.pk} by mfa",
    ]


def test_a_refusal_is_a_line_with_its_place_and_no_word_of_it(lines):
    client = Client(enforce_csrf_checks=True)
    client.post("/masuk/", {"username": CANARY, "password": CANARY})  # without the token
    client = Client()
    client.post("/masuk/", {"username": CANARY, "password": CANARY})
    client.force_login(make_user(name=CANARY))
    for at in ("/isian/999/", "/data-dukung/terbatas/", f"/tidak-ada/{CANARY}/"):
        client.get(at, {"kata": CANARY})
    told = [json.loads(line) for line in lines if line.startswith("{")]
    refused = ("django.request", "django.security.csrf")
    assert [each["message"] for each in told if each["logger"] in refused] == [
        "403 masuk",
        "422 masuk",
        "404 work_form pk=999",
        "403 evidence_openings",
        "404 tidak-ada",
    ]
    assert not any(holds_canary(line) for line in lines)


def breaks():
    client = Client(raise_request_exception=False)
    client.force_login(make_user(name=CANARY, email="kenari@example.go.id"))
    return client.post(
        f"/uji/rusak/{CANARY}/7/?cari={CANARY}", {"catatan": CANARY, "password": CANARY}
    )


def work():
    assert task_backends["default"].__class__.__name__ == "DatabaseBackend"
    call_command("db_worker", batch=True, interval=0, verbosity=0, startup_delay=False)


def holds_canary(text):
    return any(word in text.lower() for word in ("kenari", "burung", "3277014508150001"))


def test_an_error_is_mailed_by_the_job_with_the_number_of_the_page_and_nothing_typed(server):
    answer = breaks()
    assert (answer.status_code, server.mails) == (500, [])  # no page waits for a mail server
    work()
    [(to, mail)] = server.mails
    text = mail.get_content()
    number = answer["X-Request-ID"]
    assert to == ["ti@example.go.id"]
    assert mail["Subject"] == f"[KLA Tracker] RuntimeError (kode {number})"
    assert f"Kode    : {number}" in text
    assert "500 uji_rusak nomor=7" in text
    assert "test_error_mail.py" in text
    assert "ValueError" in text  # the cause
    assert not holds_canary(mail.as_string())
    assert not holds_canary(json.dumps(list(DBTaskResult.objects.values("args_kwargs"))))


def test_at_most_so_many_an_hour_and_the_last_says_so(server):
    for _ in range(5):
        breaks_again = Client(raise_request_exception=False)
        breaks_again.force_login(make_user())
        breaks_again.get("/uji/rusak/a/1/")
    work()
    told = ["Paling banyak 3 surat" in mail.get_content() for _, mail in server.mails]
    assert told == [False, False, True]


def test_a_mail_server_that_is_away_fails_no_page_and_makes_no_further_mail(server, settings):
    settings.EMAIL_PORT = 9
    assert breaks().status_code == 500
    work()
    [job] = DBTaskResult.objects.all()
    assert (job.status, job.return_value) == ("SUCCESSFUL", False)


def test_without_the_setting_nothing_is_asked_for(server, settings):
    settings.ERROR_MAIL_TO = ""
    breaks()
    assert DBTaskResult.objects.count() == 0


def test_the_log_names_view_status_time_and_user_and_nothing_typed(lines):
    answer = breaks()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    [request] = [line for line in told if line["logger"] == "kla_tracker.requests"]
    [error] = [line for line in told if line["logger"] == "django.request"]
    number = answer["X-Request-ID"]
    assert (request["request"], error["request"]) == (number, number)
    assert (request["view"], request["status"], request["method"]) == ("uji_rusak", 500, "POST")
    assert (type(request["ms"]), type(request["user"])) == (int, int)
    assert error["error"] == "RuntimeError"
    assert error["frames"][0] == "ValueError"
    assert [line for line in lines if holds_canary(line)] == []


def test_a_link_s_token_and_a_search_stay_out_of_the_log(lines):
    client = Client()
    client.get(f"/undangan/kenari/{CANARY}/")
    client.get(f"/tidak-ada/{CANARY}/?kata={CANARY}")
    client.post("/masuk/", {"username": CANARY, "password": CANARY})
    assert len(lines) >= 3
    assert [line for line in lines if holds_canary(line)] == []


def test_django_s_own_report_of_an_error_holds_nothing_typed(settings):
    settings.DEBUG = False
    request = RequestFactory().post(
        f"/?cari={CANARY}", {"catatan": CANARY}, HTTP_COOKIE=f"sesi={CANARY}"
    )
    try:
        broken(request)
    except RuntimeError as error:
        reporter = ExceptionReporter(request, type(error), error, error.__traceback__)
    assert isinstance(reporter.filter, reporting.Discreet)
    data = reporter.get_traceback_data()
    kept = {name: data[name] for name in ("filtered_POST_items", "request_meta", "settings")}
    assert kept == {"filtered_POST_items": [], "request_meta": {}, "settings": {}}
    assert [frame["vars"] for frame in data["frames"] if frame["vars"]] == []


def test_an_error_of_the_machine_tells_its_number():
    assert watching.kind(OSError(28, f"No space left: {CANARY}")) == "OSError (errno 28)"
