"""The administrator's status page: facts in sentences, a job that failed tried again, no names."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from agencies.actions.record import RefusedError
from agencies.models import Change, ChangeVerb
from agencies.roles import Role
from kla_tracker import readiness, status
from kla_tracker.archive import record
from tests.factories import make_user

pytestmark = pytest.mark.django_db
MAIL = "agencies.tasks.mail_reset"


def page(user=None):
    client = Client()
    client.force_login(user or make_user(Role.ADMINISTRATOR))
    return client.get("/status/").content.decode()


def failed(path=MAIL, kind="builtins.RuntimeError", minutes=1):
    return DBTaskResult.objects.create(
        task_path=path, args_kwargs={"args": ["kenari"], "kwargs": {}}, status="FAILED",
        backend_name="default", run_after=get_date_max(), exception_class_path=kind,
        traceback="RuntimeError: kenari@example.go.id", worker_ids=["1", "2", "3"],
        started_at=timezone.now(), finished_at=timezone.now() - timedelta(minutes=minutes),
    )  # fmt: skip


def test_a_server_in_order_says_so_with_its_versions_and_counts():
    shown = page()
    for words in (
        "Server siap dipakai", "Django", "semua sudah dijalankan", "belum pernah dibuat",
        "Data dukung", "Menunggu disegel", "Diwajibkan untuk",
    ):  # fmt: skip
        assert words in shown
    assert "Pekerjaan yang gagal" not in shown


def test_what_is_not_in_order_is_named_in_a_sentence(monkeypatch, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(readiness, "LEAST_BYTES", 10**18)
    two_days_ago = timezone.now() - timedelta(days=2)
    record.Record(two_days_ago, rows=5, files=2, size=1000, missing=1, encrypted=True).write()
    shown = page()
    for words in (
        "Perlu ditangani sekarang", status.TROUBLES["space"], "lebih dari sehari",
        "5 baris, 2 berkas, 1 KB, disandi", "1 berkas tidak ada di penyimpanan",
    ):  # fmt: skip
        assert words in shown


def test_every_trouble_that_readyz_can_name_has_a_sentence_of_its_own():
    assert len(set(status.TROUBLES.values())) == 7


def test_unapplied_migrations_are_counted_and_named(monkeypatch):
    monkeypatch.setattr(readiness, "unapplied", lambda: ["submissions.0099_uji"])
    assert "1 belum dijalankan: submissions.0099_uji" in page()


@pytest.mark.parametrize(
    ("roles", "words"),
    [([], "tidak ada peran"), (["administrator", "verifikator"], "Administrator, Verifikator")],
)
def test_the_second_factor_setting_is_told_with_how_many_have_one(settings, roles, words):
    user = make_user(Role.ADMINISTRATOR)
    found = {line.label: line.value for line in _factors_of(settings, roles)}
    assert found["Diwajibkan untuk"] == words
    if roles:
        assert found["Sudah memasang"] == "0 dari 1 orang"
    assert user.username not in str(found)


def _factors_of(settings, roles):
    settings.SECOND_FACTOR_FOR = roles
    return status.status(timezone.now()).sections["Faktor kedua"]


def test_findings_of_the_deploy_check_are_told_in_indonesian(settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = False
    found = status.status(timezone.now()).findings
    assert status.FINDINGS["security.W008"] in found
    assert status.FINDINGS["security.W012"] in found


def test_a_failed_job_is_named_without_what_it_carried_and_can_be_retried():
    job = failed()
    administrator = make_user(Role.ADMINISTRATOR)
    shown = page(administrator)
    assert "Surel kata sandi baru" in shown
    assert "Galat tak terduga (RuntimeError)" in shown
    assert "kenari" not in shown
    client = Client()
    client.force_login(administrator)
    reply = client.post(f"/status/pekerjaan/{job.pk}/ulangi/", follow=True).content.decode()
    assert "Pekerjaan dimasukkan lagi ke antrean." in reply
    job.refresh_from_db()
    assert (job.status, job.worker_ids, job.traceback) == ("READY", [], "")
    [change] = Change.objects.filter(verb=ChangeVerb.RETRY_JOB)
    assert (change.by, change.data) == (administrator, {"job": "Surel kata sandi baru"})
    reply = client.post(f"/status/pekerjaan/{job.pk}/ulangi/", follow=True).content.decode()
    assert "tidak lagi gagal" in reply
    assert Change.objects.filter(verb=ChangeVerb.RETRY_JOB).count() == 1


def test_a_job_whose_workers_died_says_so():
    failed(kind="builtins.TimeoutError")
    assert "Pekerjanya tiga kali mati" in page()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VERIFIKATOR, Role.PIMPINAN])
def test_nobody_else_has_this_page_or_retries(role):
    job, user = failed(), make_user(role)
    client = Client()
    client.force_login(user)
    assert client.get("/status/").status_code == 404
    assert client.post(f"/status/pekerjaan/{job.pk}/ulangi/").status_code == 404
    with pytest.raises(PermissionDenied):
        status.retry(job.pk, by=user)
    assert DBTaskResult.objects.get().status == "FAILED"


def test_the_second_of_two_who_retry_is_told():
    job, user = failed(), make_user(Role.ADMINISTRATOR)
    status.retry(job.pk, by=user)
    with pytest.raises(RefusedError):
        status.retry(job.pk, by=user)


def test_the_page_takes_the_same_queries_for_any_number_of_jobs(django_assert_num_queries):
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    failed()
    client.get("/status/")
    with CaptureQueriesContext(connection) as one:
        client.get("/status/")
    for minutes in range(29):
        failed(minutes=minutes)
    with django_assert_num_queries(len(one)):
        shown = client.get("/status/").content.decode()
    assert "20 yang terakhir dari 30" in shown
