"""`take_up_jobs`: a job whose worker was killed goes back into the queue after a lease of ten
minutes, at most three times. Pictures that were never drawn are asked for again. Often and by
several at once is harmless. A bundle of evidence may take longer than the lease: while a worker is
heard of at it, its job is left alone; so it is with all that is made for somebody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from submissions.actions import making, previews, scanning

LEASE = timedelta(minutes=10)  # twice what the longest job may take
SOON = timedelta(minutes=1)  # a scanner that was away is back
TRIES = 3


class Command(BaseCommand):
    help = "Put jobs of workers that died back into the queue; ask for pictures that are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        again, given_up = take_up(now)
        drawing = (DBTaskResult.objects.ready() | DBTaskResult.objects.running()).filter(
            task_path=previews.JOB
        )
        asked = 0 if drawing.exists() else previews.ask_for_missing(now, LEASE)
        looking = (DBTaskResult.objects.ready() | DBTaskResult.objects.running()).filter(
            task_path=scanning.JOB
        )
        looked = 0 if looking.exists() else scanning.ask_for_missing(now, SOON)
        self.stdout.write(
            f"{again} jobs back in the queue, {given_up} given up; {asked} pictures and "
            f"{looked} looks for malware asked for."
        )


def take_up(now: datetime) -> tuple[int, int]:
    """Jobs whose lease is over: how many are ready again, and how many failed for good."""
    again = given_up = 0
    made, at_work = making.models_by_job(), making.in_work(now)
    for job in DBTaskResult.objects.running().filter(started_at__lt=now - LEASE):
        model = made.get(job.task_path)
        pk = job.args_kwargs["args"][0] if model else 0
        if (job.task_path, pk) in at_work:
            continue
        # Only as it was read: a worker may have ended or taken it meanwhile.
        same = DBTaskResult.objects.running().filter(pk=job.pk, started_at=job.started_at)
        if len(job.worker_ids) < TRIES:
            again += same.update(status=TaskResultStatus.READY)
        else:
            failed = same.update(
                status=TaskResultStatus.FAILED,
                finished_at=now,
                exception_class_path="builtins.TimeoutError",
                traceback=f"{TRIES} workers died with this job.",
            )
            given_up += failed
            if failed and model is not None:
                making.give_up(model, pk, now=now)
    return again, given_up
