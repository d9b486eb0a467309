"""A job whose worker was killed is taken up again, three times at most, and is done once."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from submissions.management.commands.take_up_jobs import LEASE, take_up
from tests.submissions.test_previews import drawing_of, given, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_worker_and_a_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.EVIDENCE_PICTURES = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


# A worker on the database and the files of this test, which stops in the middle of its job.
WORKER = """
import sys, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.MEDIA_ROOT = sys.argv[2]
settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
django.setup()
from django.core.management import call_command
from submissions.actions import previews
previews.pictures = lambda *about: time.sleep(60)
call_command("db_worker", batch=True, interval=0, startup_delay=False)
"""


def kill_a_worker_in_its_job() -> None:
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WORKER,
            str(connection.settings_dict["NAME"]),
            str(django_settings.MEDIA_ROOT),
        ],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=django_settings.BASE_DIR,
    )
    try:
        until = time.monotonic() + 30
        while not DBTaskResult.objects.running().exists():
            assert time.monotonic() < until
            assert worker.poll() is None
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def age_lease() -> None:
    DBTaskResult.objects.update(started_at=timezone.now() - LEASE - timedelta(seconds=1))


def test_a_killed_workers_job_is_taken_up_again_and_done_once(capsys):
    _, evidence = given()
    kill_a_worker_in_its_job()
    call_command("take_up_jobs")
    assert capsys.readouterr().out.startswith("0 jobs back")  # it may still be at it
    run_jobs()
    evidence.refresh_from_db()
    assert evidence.drawn_at is None
    age_lease()
    call_command("take_up_jobs")
    assert capsys.readouterr().out.startswith("1 jobs back")
    run_jobs()
    evidence.refresh_from_db()
    assert evidence.thumb.name.startswith("pratinjau/")
    [job] = DBTaskResult.objects.all()
    assert (job.status, len(job.worker_ids)) == ("SUCCESSFUL", 2)


def test_after_three_workers_it_is_given_up():
    given(drawing_of(b""))
    for number in range(1, 4):
        DBTaskResult.objects.get().claim(f"pekerja-{number}")
        age_lease()
        assert take_up(timezone.now()) == ((1, 0) if number < 3 else (0, 1))
    assert DBTaskResult.objects.get().status == "FAILED"
    assert take_up(timezone.now()) == (0, 0)
