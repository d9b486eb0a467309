"""`send_reminders`: tell each office what is due, returned or decided; once a day by cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.models import Region
from meetings.tasks import send_reminders


class Command(BaseCommand):
    help = "Write today's reminders, one an office, and mail them. Again: nobody gets one twice."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for region in Region.objects.order_by("pk"):
            run = send_reminders(region)
            failed += run.failed + run.left
            self.stdout.write(
                f"{region.code}: {run.written} reminders written, {run.sent} mails sent, "
                f"{run.failed} failed, {run.left} left for the next run."
            )
        if failed:
            raise CommandError(f"{failed} mails did not go out; the next run tries again.")
