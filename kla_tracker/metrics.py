"""What /metrics tells Prometheus: counts and times, by the names of views; no person, no path.

Counters of all processes of the web add up through files in VAR_DIR/metrics (prometheus-client's
multiprocess mode), which gunicorn.conf.py empties at the start; the rest is read when asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from secrets import compare_digest

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import HttpRequest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from kla_tracker import environment, readiness
from kla_tracker.archive import record
from kla_tracker.version import version

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REQUESTS = Counter("kla_requests", "Requests answered.", ["view", "status"])
SECONDS = Histogram("kla_request_seconds", "Time to an answer.", ["view"], buckets=BUCKETS)
SIGN_INS_FAILED = Counter("kla_sign_ins_failed", "Sign-ins refused.", ["why"])
WHY = {422: "wrong", 429: "paused"}


def count(view: str, status: int, seconds: float, *, posted: bool) -> None:
    """One request was answered."""
    REQUESTS.labels(view, str(status)).inc()
    SECONDS.labels(view).observe(seconds)
    if posted and view == "masuk" and status in WHY:
        SIGN_INS_FAILED.labels(WHY[status]).inc()


def is_open_to(request: HttpRequest) -> bool:
    """Whoever shows METRICS_TOKEN; without that setting, this machine where no proxy stands before
    us, asking under a name of its own.
    """
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").encode()
        return compare_digest(shown, f"Bearer {settings.METRICS_TOKEN}".encode())
    passed_on = any(
        name in request.headers for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
    )
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return (
        not settings.TRUSTED_PROXIES
        and not passed_on
        and request.META.get("REMOTE_ADDR") in environment.LOOPBACK
        and host in environment.LOOPBACK
    )


def told() -> bytes:
    """All of it, in the form that Prometheus reads."""
    counted = CollectorRegistry()
    folder = environment.text("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        MultiProcessCollector(counted, path=folder)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    now.register(Now(timezone.now()))
    return _of_the_web(counted if folder else REGISTRY) + generate_latest(now)


def _of_the_web(registry: CollectorRegistry) -> bytes:
    """Again, where a process ended and its file went (`counted.bury`) while we read."""
    for _ in range(3):
        try:
            return generate_latest(registry)
        except FileNotFoundError:
            continue
    return b""


class Now(Collector):
    """What is so at the moment of asking, for the whole product."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Jobs, disks, the backup; a database that is away is told, and does not end it."""
        yield _one("kla_info", "Versions.", "version", {version(): 1})
        free = {name: left for name, (_, left) in readiness.disks().items()}
        yield _one("kla_disk_free_bytes", "Free where this is kept.", "disk", free)
        backup = record.last()
        if backup is not None:
            age = max((self.now - backup.made_at).total_seconds(), 0)
            yield GaugeMetricFamily("kla_backup_age_seconds", "Since the last backup.", age)
        began = time.monotonic()
        try:
            yield from self._of_the_database()
            alive = True
        except DatabaseError:
            alive = False
        yield GaugeMetricFamily("kla_database_up", "Whether it answers.", float(alive))
        took = time.monotonic() - began
        yield GaugeMetricFamily("kla_database_seconds", "How long it took.", took)

    def _of_the_database(self) -> Iterator[Metric]:
        rows = DBTaskResult.objects.order_by().values_list("status")
        counted = dict(rows.annotate(Count("pk")).values_list("status", "pk__count"))
        words = {"READY": "queued", "RUNNING": "running", "FAILED": "failed"}
        states = {word: counted.get(status, 0) for status, word in words.items()}
        yield _one("kla_jobs", "Jobs by state.", "state", states)
        waiting = DBTaskResult.objects.ready().order_by()
        oldest = waiting.aggregate(Min("enqueued_at"))["enqueued_at__min"]
        age = (self.now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily(
            "kla_jobs_oldest_waiting_seconds", "How long it waits.", max(age, 0)
        )


def _one(name: str, told: str, label: str, values: dict[str, int]) -> Metric:
    """A gauge with its labelled values."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family
