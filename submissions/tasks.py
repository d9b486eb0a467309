"""What evidence needs outside the request."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from submissions.actions import previews


@task()
def draw(evidence: int) -> bool:
    """Draw the pictures of an evidence, once however often this runs."""
    return previews.draw(evidence, now=timezone.now())
