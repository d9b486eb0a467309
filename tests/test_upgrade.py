"""An upgrade looks first, backs up, migrates, and has a way back; a reload loses no request."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from kla_tracker import readiness
from kla_tracker.management.commands import upgrade
from tests.faults.test_killed_server import ROOT, ask, quiet_port
from tests.test_backup import manifest_of


def run(*words, **options):
    said = StringIO()
    call_command("upgrade", *map(str, words), stdout=said, stderr=said, **options)
    return said.getvalue()


@pytest.fixture(autouse=True)
def own_place(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.HISTORY_ANCHORS = tmp_path / "anchors"


def test_a_look_tells_what_would_run_and_does_nothing(db, tmp_path):
    assert run(tmp_path, dry_run=True) == "0 migrations to run.\n"
    MigrationRecorder(connection).migration_qs.filter(app="agencies").last().delete()
    said = run(tmp_path, dry_run=True)
    assert "1 migrations to run.\n  agencies." in said
    assert list(tmp_path.glob("*.zip")) == []


def test_it_backs_up_what_was_there_before_it_migrates(transactional_db, tmp_path):
    assert "The database is that of this version." in run(tmp_path)
    [kept] = tmp_path.glob("kla-before-*.zip")
    assert manifest_of(kept)["database"] == connection.vendor
    assert oct(kept.stat().st_mode)[-3:] == "600"


def job():
    DBTaskResult.objects.create(
        task_path="uji", args_kwargs={"args": [], "kwargs": {}}, status="RUNNING", traceback="",
        backend_name="default", run_after=get_date_max(), exception_class_path="", worker_ids=[],
        started_at=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("jobs", "1 jobs are running"),
        ("disk", "less than 5 % or 2 GB free"),
        ("room", "the backup may need"),
        ("folder", "is not a folder"),
    ],
)
def test_it_refuses_before_it_touches_anything(db, tmp_path, monkeypatch, wrong, sentence):
    folder = tmp_path / "tidak-ada" if wrong == "folder" else tmp_path
    if wrong == "jobs":
        job()
    if wrong == "disk":
        monkeypatch.setattr(readiness, "is_low_on_space", lambda: True)
    if wrong == "room":
        full = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=1000))
        monkeypatch.setattr(upgrade, "shutil", full)
    said = StringIO()
    with pytest.raises(CommandError, match="Nothing was done"):
        call_command("upgrade", str(folder), stdout=said, stderr=said)
    assert sentence in said.getvalue()
    assert list(tmp_path.glob("*.zip")) == []


def test_a_reload_under_load_loses_no_request(tmp_path):
    """HUP: new processes take over, the old ones finish what they have."""
    port = quiet_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | {"VAR_DIR": str(tmp_path / "var"), "PORT": str(port)}
    answers: list[int | str] = []
    stop = threading.Event()

    def client():
        while not stop.is_set():
            try:
                answers.append(ask(port, "GET", "/healthz")[0])
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))

    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment, stderr=subprocess.PIPE
    ) as server:
        try:
            before = _workers(server.pid, port)
            clients = [threading.Thread(target=client) for _ in range(4)]
            for each in clients:
                each.start()
            server.send_signal(signal.SIGHUP)
            until = time.monotonic() + 60
            while _children(server.pid) & before or not _children(server.pid):
                assert time.monotonic() < until, "the old processes stay"
                time.sleep(0.05)
            seen = len(answers)
            while len(answers) < seen + 20 and time.monotonic() < until:
                time.sleep(0.02)
        finally:
            stop.set()
            for each in clients:
                each.join()
            server.terminate()
    assert len(answers) > 20
    assert [each for each in answers if each != 200] == []


def _children(pid: int) -> set[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:  # noqa: PTH123
        return {int(word) for word in file.read().split()}


def _workers(pid: int, port: int) -> set[int]:
    """The processes that answer, once they do."""
    for _ in range(600):
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(port, "GET", "/healthz")[0] == 200:
                return _children(pid)
        time.sleep(0.1)
    raise AssertionError("the server does not start")
