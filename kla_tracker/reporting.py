"""What is told of an error that nobody foresaw: the kind, the place, the number; nothing typed."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.views.debug import SafeExceptionReporterFilter

from kla_tracker import watching

HOUR = timedelta(hours=1)
JOB = "kla_tracker.tasks.mail_error"


class Discreet(SafeExceptionReporterFilter):
    """For Django's own reports: no forms, no variables, no headers, no cookies, no settings. Shows
    all on a developer's machine.
    """

    def get_safe_settings(self) -> dict[str, Any]:
        return super().get_safe_settings() if settings.DEBUG else {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_safe_request_meta(request) if settings.DEBUG else {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_safe_cookies(request) if settings.DEBUG else {}

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        return super().get_post_parameters(request) if settings.DEBUG else {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        return super().get_traceback_frame_variables(request, tb_frame) if settings.DEBUG else []


class ErrorMail(logging.Handler):
    """Asks for a mail about an error with a traceback, if ERROR_MAIL_TO says to whom. By a job, so
    that no page waits for a mail server; so many in an hour, whatever breaks.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not settings.ERROR_MAIL_TO or error is None or JOB in record.getMessage():
            return
        try:
            ask_for_mail(record.getMessage(), error)
        except (DatabaseError, OSError):
            return  # the database is what is broken: the log has the line


def ask_for_mail(what: str, error: BaseException) -> bool:
    """Put a mail into the queue, unless there were enough of them within the hour."""
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  (apps must be ready)

    from kla_tracker.tasks import mail_error  # noqa: PLC0415

    lately = DBTaskResult.objects.filter(task_path=JOB, enqueued_at__gt=timezone.now() - HOUR)
    left = settings.ERROR_MAILS_PER_HOUR - lately.count()
    if left <= 0:
        return False
    mail_error.enqueue(what, watching.number(), watching.frames(error), left == 1)
    return True
