"""An upgrade looks first, backs up, migrates, and has a way back; a reload loses no request."""

import contextlib
import http.client
import os
import re
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
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from kla_tracker import readiness, triggers
from kla_tracker.management.commands import upgrade
from submissions.models import Blob
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


BROKEN = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("submissions", "LAST")]
    operations = [
        migrations.AddField("blob", "half", models.IntegerField(default=7)),
        migrations.RunSQL("UPDATE submissions_blob SET size = size + 1"),
        migrations.RunSQL("SELECT nowhere FROM submissions_blob"),
    ]
"""


@pytest.fixture
def a_broken_migration(tmp_path, monkeypatch, settings):
    """A version whose next migration changes a table and rows, and breaks then."""
    last = max(name for app, name in MigrationLoader(None).disk_migrations if app == "submissions")
    folder = tmp_path / "versi_rusak"
    folder.mkdir()
    ours = settings.BASE_DIR / "submissions" / "migrations"
    (folder / "__init__.py").write_text(f"__path__ = [{str(ours)!r}, {str(folder)!r}]")
    (folder / "9998_half.py").write_text(BROKEN.replace("LAST", last))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(readiness, "_migrated", False)
    settings.MIGRATION_MODULES = {"submissions": folder.name}
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


def database():
    """Every table, index and trigger as the database itself tells it, and some rows."""
    tables = (
        "SELECT type, name, sql FROM sqlite_master"
        if connection.vendor == "sqlite"
        else "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' UNION ALL "
        "SELECT tgrelid::regclass::text, tgname, '' FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(tables)
        return sorted(map(str, cursor.fetchall())), list(Blob.objects.values_list("sha256", "size"))


def test_a_migration_that_breaks_leaves_the_database_as_it_was_and_says_what_to_do(
    transactional_db, tmp_path, a_broken_migration
):
    Blob.objects.create(sha256="a" * 64, size=5, content_type="application/pdf", file="")
    triggers.install(connection)
    before = database()
    assert [line for line in before[0] if "hold_submissions_event_update" in line] != []
    with pytest.raises(CommandError) as refused:
        run(tmp_path)
    failed, left, then = str(refused.value).splitlines()
    assert failed.startswith("submissions.9998_half failed: ")
    assert "nowhere" in failed
    assert left == "What it had begun was taken back: the database is as it was before."
    assert "check the version before out again and start it" in then
    assert database() == before
    assert (readiness.troubles(timezone.now()), len(list(tmp_path.glob("*.zip")))) == (
        ["migrations"], 1,
    )  # fmt: skip


def test_of_two_migrations_the_first_stays_and_the_backup_is_named_as_the_way_back(
    transactional_db, tmp_path, a_broken_migration
):
    broken = (a_broken_migration / "9998_half.py").read_text()
    good = re.sub(r"operations = \[.*\]", "operations = []", broken, flags=re.DOTALL)
    (a_broken_migration / "9997_good.py").write_text(good)
    later = re.sub(r'"submissions", ".*?"', '"submissions", "9997_good"', broken)
    (a_broken_migration / "9998_half.py").write_text(later)
    try:
        with pytest.raises(CommandError) as refused:
            run(tmp_path)
    finally:
        MigrationRecorder(connection).migration_qs.filter(name="9997_good").delete()
    [file] = tmp_path.glob("kla-before-*.zip")
    said = str(refused.value)
    assert "the 1 before it are done. Do not start either version" in said
    assert said.endswith(f"go the way back of docs/operate.md with {file}.")


def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    url = f"postgres://kla:sandi@127.0.0.1:{quiet_port()}/kla"
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=ROOT, capture_output=True, text=True,
        env=kept | {"VAR_DIR": str(tmp_path), "DATABASE_URL": url}, check=False,
    )  # fmt: skip
    told = done.stderr.strip()
    assert (done.returncode, told.startswith("CommandError: The database does not answer (")) == (
        1, True,
    )  # fmt: skip
    assert ("Traceback" in told, "sandi" in told, "look at DATABASE_URL" in told) == (
        False, False, True,
    )  # fmt: skip


def test_every_migration_of_ours_is_one_transaction():
    ours = {"agencies", "indicators", "submissions", "meetings", "kla_tracker"}
    found = MigrationLoader(None).disk_migrations
    assert [key for key, each in found.items() if key[0] in ours and not each.atomic] == []


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
