"""/readyz says what is not in order, and each request has a number that leads to its line."""

import logging
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import path
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from agencies.roles import Role
from kla_tracker import checks, readiness, urls, watching
from tests.factories import make_user


def broken(_request):
    raise RuntimeError


urlpatterns = [*urls.urlpatterns, path("uji/rusak", broken)]
handler500 = urls.handler500


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Each test finds a process that has not looked yet."""
    monkeypatch.setattr(readiness, "_migrated", False)


def asked():
    response = Client().get("/readyz")
    return response.status_code, response.content.decode().split()


def job(enqueued, run_after=None):
    made = DBTaskResult.objects.create(
        task_path="submissions.tasks.uji", args_kwargs={"args": [], "kwargs": {}},
        backend_name="default", run_after=run_after or get_date_max(), exception_class_path="",
        traceback="", worker_ids=[],
    )  # fmt: skip
    DBTaskResult.objects.filter(pk=made.pk).update(enqueued_at=enqueued)


def test_a_machine_in_order_says_ok(db):
    assert asked() == (200, ["ok"])


def test_tables_of_another_version_are_named(db):
    MigrationRecorder(connection).migration_qs.filter(app="submissions").last().delete()
    assert asked() == (503, ["migrations"])


def test_a_folder_of_files_that_cannot_be_written_is_named(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "gone" / "media"
    assert asked() == (503, ["storage"])
    (tmp_path / "gone").mkdir()
    assert asked() == (200, ["ok"])  # the first file makes its folder
    (tmp_path / "gone" / "media").write_text("a file where a folder should be")
    assert asked() == (503, ["storage"])


@pytest.mark.parametrize(
    ("minutes", "starts_in", "said"),
    [(4, None, ["ok"]), (6, None, ["worker"]), (60, 5, ["ok"]), (60, -6, ["worker"])],
)
def test_a_job_that_nobody_takes_says_that_the_worker_is_not_there(db, minutes, starts_in, said):
    now = timezone.now()
    starts = None if starts_in is None else now + timedelta(minutes=starts_in)
    job(now - timedelta(minutes=minutes), starts)
    assert asked()[1] == said


@pytest.mark.parametrize(
    ("total", "free", "said"),
    [
        (100_000_000_000, 5_000_000_000, "ok"),
        (100_000_000_000, 4_999_999_999, "space"),  # below 5 %
        (20_000_000_000, 2_000_000_000, "ok"),
        (20_000_000_000, 1_999_999_999, "space"),  # below 2 GB
    ],
)
def test_a_disk_that_fills_is_named_and_the_administrator_alone_sees_it_on_every_page(
    db, monkeypatch, total, free, said
):
    monkeypatch.setattr(
        readiness.shutil, "disk_usage", lambda _: SimpleNamespace(total=total, free=free)
    )
    assert asked()[1] == [said]
    for role in Role:
        client = Client()
        client.force_login(make_user(role))
        warned = "Ruang penyimpanan server hampir habis" in client.get("/akun/").content.decode()
        assert warned == (said == "space" and role == Role.ADMINISTRATOR)


@pytest.mark.parametrize(("apart", "said"), [(4, []), (6, ["clock"]), (-6, ["clock"])])
def test_two_clocks_that_differ_are_named(db, apart, said):
    assert readiness.troubles(timezone.now() + timedelta(seconds=apart)) == said


@pytest.mark.parametrize(
    ("username", "password", "is_active", "setting", "said"),
    [
        ("verifikator", readiness.EXAMPLE_PASSWORD, True, False, ["example"]),
        ("verifikator", readiness.EXAMPLE_PASSWORD, True, True, ["ok"]),
        ("verifikator", readiness.EXAMPLE_PASSWORD, False, False, ["ok"]),
        ("verifikator", "sandi-sendiri-yang-panjang", True, False, ["ok"]),
    ],
)
def test_an_account_of_the_example_on_a_real_server_is_named(
    db, settings, username, password, is_active, setting, said
):
    settings.EXAMPLE_ACCOUNTS = setting
    user = make_user(username=username, is_active=is_active)
    user.set_password(password)
    user.save(update_fields=["password"])
    assert asked()[1] == said
    found = [each.id for each in checks.real_server(None)]
    assert found == (["kla.E001"] if said == ["example"] else [])


def test_a_database_that_does_not_answer_is_named(db, monkeypatch):
    def refuses(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(readiness, "is_migrated", refuses)
    assert asked() == (503, ["database"])


@pytest.mark.urls("tests.test_readiness")
def test_the_error_page_the_answer_and_the_log_tell_one_number(db, caplog):
    caplog.handler.addFilter(watching.Numbered())
    with caplog.at_level(logging.ERROR, logger="django.request"):
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        response = client.get("/uji/rusak")
    [number] = re.findall(r"kode <b>([0-9a-f]{8})</b>", response.content.decode())
    assert (response.status_code, response["X-Request-ID"]) == (500, number)
    assert [each.request_number for each in caplog.records] == [number]


def test_every_answer_has_a_number_of_its_own_whatever_was_sent(db):
    numbers = {
        Client().get("/masuk/", HTTP_X_REQUEST_ID="deadbeef")["X-Request-ID"] for _ in range(3)
    }
    assert len(numbers) == 3
    assert "deadbeef" not in numbers
    assert watching.number() == "-"
