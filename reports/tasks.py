"""What reports make outside the request."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from reports.bundles import pack as pack_bundle


@task()
def pack(bundle: int) -> bool:
    """Pack a bundle of evidence; run again, it begins anew unless it is done."""
    return pack_bundle(bundle, clock=timezone.now)
