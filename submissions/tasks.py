"""What evidence needs outside the request."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from submissions.actions import previews, scanning


@task()
def draw(evidence: int) -> bool:
    """Draw the pictures of an evidence, once however often this runs."""
    return previews.draw(evidence, now=timezone.now())


@task()
def scan(evidence: int) -> str:
    """Show an evidence to the scanner for malware, once however often this runs."""
    return scanning.scan(evidence, now=timezone.now())
