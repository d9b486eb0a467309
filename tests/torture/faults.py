"""What breaks: each fault begins, and ends; `ended` is when the product could work again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path

import psycopg2
from aiosmtpd.controller import Controller

from tests.torture.stack import Stack


class Fault:
    """One kind of trouble; the numbers are those of our list of faults."""

    name = ""
    lasts = (0.5, 3.0)

    def __init__(self, stack: Stack, chance: random.Random) -> None:
        self.stack, self.chance = stack, chance

    def begin(self) -> None:
        """Break it."""

    def end(self) -> None:
        """Mend what somebody outside the product would mend."""


class WorkersKilled(Fault):
    """F1: a process that answers requests is killed, or all of them at once."""

    name = "F1 web processes killed"
    lasts = (0.0, 0.2)

    def begin(self) -> None:
        workers = self.stack.web_workers()
        some = self.chance.choice([1, 1, 1, len(workers)])
        for pid in self.chance.sample(workers, min(some, len(workers))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class WriterHeld(Fault):
    """F4: somebody else holds what every writer needs."""

    name = "F4 the lock of all writers is held"

    def begin(self) -> None:
        with contextlib.suppress(sqlite3.Error, psycopg2.Error):
            self.hold()

    def hold(self) -> None:
        self.link: sqlite3.Connection | psycopg2.extensions.connection | None = None
        if self.stack.postgres is None:
            database = Path(self.stack.environment["VAR_DIR"]) / "kla.sqlite3"
            link = sqlite3.connect(database, timeout=20, isolation_level=None)
            self.link = link
            link.execute("BEGIN IMMEDIATE")
            return
        server = psycopg2.connect(self.stack.postgres.url, connect_timeout=5)
        self.link = server
        with server.cursor() as cursor:
            cursor.execute("LOCK TABLE submissions_submission IN SHARE ROW EXCLUSIVE MODE")

    def end(self) -> None:
        with contextlib.suppress(sqlite3.Error, psycopg2.Error):
            if self.link is not None:
                self.link.rollback()
                self.link.close()


class DiskFull(Fault):
    """F10: no byte more for files."""

    name = "F10 the disk for files is full"

    def begin(self) -> None:
        with contextlib.suppress(OSError), (self.stack.disk / "filler").open("wb") as filler:
            while True:
                filler.write(bytes(1 << 20))
                filler.flush()

    def end(self) -> None:
        (self.stack.disk / "filler").unlink(missing_ok=True)


class PostgresRestarted(Fault):
    """F12: as an administrator does it, or as after a crash."""

    name = "F12 PostgreSQL restarts"
    lasts = (0.0, 0.0)

    def begin(self) -> None:
        assert self.stack.postgres is not None
        self.stack.postgres.restart(self.chance.choice(["fast", "immediate"]))


class MailAway(Fault):
    """F21: the mail server refuses connections, or takes them and says nothing."""

    name = "F21 the mail server is dead or hangs"
    lasts = (1.0, 4.0)

    def begin(self) -> None:
        self.stack.mail.stop()  # type: ignore[attr-defined]
        self.listener: socket.socket | None = None
        if self.chance.random() < 0.5:
            self.listener = socket.create_server(("127.0.0.1", self.stack.mail_port))

    def end(self) -> None:
        if self.listener is not None:
            self.listener.close()
        self.stack.mail.start()  # type: ignore[attr-defined]


class JobsKilled(Fault):
    """F22: the worker is killed in the middle of a job, and is away for a while."""

    name = "F22 the worker is killed"

    def begin(self) -> None:
        self.stack.kill("worker")

    def end(self) -> None:
        self.stack.start_worker()


class Post:
    """A mail server that takes everything."""

    def __init__(self, port: int) -> None:
        self.port, self.mails = port, 0
        self.start()

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails += 1
        await asyncio.sleep(0)
        return "250 OK"

    def start(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop()


def kinds(stack: Stack) -> list[type[Fault]]:
    """Those that can happen to this stack."""
    found = [WorkersKilled, WriterHeld, MailAway, JobsKilled]
    if stack.mounted:
        found.append(DiskFull)
    if stack.postgres is not None:
        found.append(PostgresRestarted)
    return found


def two_at_once(pair: list[Fault], chance: random.Random) -> float:
    """Both begin together; when the later of them was over, by time.monotonic."""
    ends: list[float] = []
    broken: list[BaseException] = []

    def happen(fault: Fault, late: float, lasts: float) -> None:
        try:
            time.sleep(late)
            fault.begin()
            try:
                time.sleep(lasts)
            finally:
                fault.end()
                ends.append(time.monotonic())
        except BaseException as error:  # noqa: BLE001  (told by who waits for us)
            broken.append(error)

    threads = [
        threading.Thread(
            target=happen, args=(each, chance.uniform(0, 0.4), chance.uniform(*each.lasts))
        )
        for each in pair
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return max(ends)
