"""The database is busy, away or full for a while: each asked to come again, nothing half, and the
first save afterwards is good.
"""

from __future__ import annotations

import contextlib
import http.client
import sqlite3
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from submissions.models import Event, Verb
from tests.factories import first_response, make_user, make_work
from tests.torture.results import record

pytestmark = pytest.mark.django_db(transaction=True)

GOAL = 2.0  # seconds from the end of a fault to the first good save


class Browser:
    """One who saves over the line, in a server whose threads have connections of their own."""

    def __init__(self, url: str, submission: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_user(agency=submission.agency))
        self.host = urlsplit(url).netloc
        token = "0123456789abcdefghijABCDEFGHIJ01"  # noqa: S105  (a csrf cookie and its header)
        cookies = {name: each.value for name, each in client.cookies.items()} | {"csrf": token}
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": token,
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = first_response(submission)
        self.form = f"/isian/{submission.pk}/"
        self.card = f"{self.form}{answer.pk}/"

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str | None, str]:
        line = http.client.HTTPConnection(self.host, timeout=60)
        try:
            line.request(method, path, body, self.headers)
            reply = line.getresponse()
            return reply.status, reply.headers["Retry-After"], reply.read().decode()
        finally:
            line.close()

    def save(self, note: str, version: int) -> tuple[int, str | None, str]:
        typed = {"versi": version, "tingkat": "0", "catatan": note}
        return self.ask("POST", self.card, urlencode(typed))

    def look(self) -> int:
        return self.ask("GET", self.form)[0]


@pytest.fixture
def operator(live_server):
    return Browser(live_server.url, make_work())


def notes() -> list[str]:
    events = Event.objects.filter(verb=Verb.ANSWER).order_by("pk")
    return [each.data["to"]["note"] for each in events]


@contextlib.contextmanager
def administering() -> Iterator[Any]:
    """A connection of its own, to the database beside that of the tests."""
    to = connection.settings_dict
    found = psycopg2.connect(
        host=to["HOST"], port=to["PORT"], user=to["USER"], password=to["PASSWORD"] or None,
        dbname="postgres",
    )  # fmt: skip
    found.autocommit = True
    with contextlib.closing(found), found.cursor() as cursor:
        yield cursor


@contextlib.contextmanager
def away() -> Iterator[None]:
    """Nobody gets at the database, and who was there is thrown out: on PostgreSQL as when it
    restarts, on SQLite another process holds it.
    """
    name = connection.settings_dict["NAME"]
    connections.close_all()
    if connection.vendor == "sqlite":
        holder = sqlite3.connect(name, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        return
    with administering() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.fixture
def impatient(monkeypatch):
    """A writer that waits a fifth of a second instead of twenty."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(settings.DATABASES["default"]["OPTIONS"], "timeout", 0.2)
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)


def test_while_the_database_is_away_one_is_asked_to_come_again_and_then_the_save_arrives(
    operator, impatient
):
    assert operator.save("Sebelum", 0)[0] == 200
    with away():
        told = [operator.save("Selama", 1) for _ in range(3)]
    ended = time.monotonic()
    good = operator.save("Selama", 1)  # the same again, as a browser does by itself
    seconds = time.monotonic() - ended
    assert [(status, again) for status, again, _ in told] == [(503, "2")] * 3
    assert all("mungkin belum tersimpan" in page for _, _, page in told)
    assert (good[0], operator.look(), notes()) == (200, 200, ["Sebelum", "Selama"])
    record(
        f"away_{connection.vendor}",
        figure=f"{seconds:.2f} s",
        reached=seconds <= GOAL,
        promise=f"The database was away, {connection.vendor}: seconds to the first good save",
        test="tests/faults/test_database_away.py",
        goal="≤ 2",
    )


@contextlib.contextmanager
def full() -> Iterator[None]:
    """The database's disk is full: SQLite may add no page, PostgreSQL says so of every insert."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            [pages] = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            try:
                yield
            finally:
                cursor.execute("PRAGMA max_page_count = 1000000")
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION uji_penuh() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
            "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;"
            "CREATE TRIGGER uji_penuh BEFORE INSERT ON submissions_event EXECUTE FUNCTION "
            "uji_penuh()"
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION uji_penuh CASCADE")


def test_a_full_disk_of_the_database_refuses_what_is_written_and_shows_what_is_there():
    """In one connection, since SQLite's limit is that of a connection."""
    submission = make_work()
    answer = first_response(submission)
    client = Client()
    client.force_login(make_user(agency=submission.agency))
    card = f"/isian/{submission.pk}/{answer.pk}/"

    def save(note: str, version: int) -> Any:
        typed = {"versi": version, "tingkat": "0", "catatan": note}
        return client.post(card, typed, headers={"hx-request": "true"})

    assert save("Sebelum", 0).status_code == 200
    with full():
        replies, version = [], 1
        for number in range(20):  # more than the room in the pages that are there
            replies.append(save(f"{number}" + "x" * 3000, version))
            version += replies[-1].status_code == 200
        refused = [each for each in replies if each.status_code != 200]
        assert {(each.status_code, each["Retry-After"]) for each in refused} == {(503, "2")}
        assert client.get(f"/isian/{submission.pk}/").status_code == 200
    told = first_response(submission)
    assert (told.version, len(refused) > 0) == (version, True)
    assert len(notes()) == told.version  # no answer without its line, no line without its answer
    assert save("Sesudah", told.version).status_code == 200
    assert notes()[-1] == "Sesudah"
