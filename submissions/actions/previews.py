"""The pictures of an evidence: asked for with it, drawn by a job, stored beside it.

Each evidence has its own, also of bytes that were there already: a picture that came at once would
tell that somebody else has the same file.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.module_loading import import_string

from submissions.actions.drawing import KINDS, pictures
from submissions.models import Evidence, EvidenceQuerySet, Scan

FOLDER = "pratinjau"
JOB = "submissions.tasks.draw"  # by name, as a job is stored: tasks stand above the verbs
AT_ONCE = 500
HELD = (Scan.WAITING, Scan.INFECTED)


def ask(evidence: Evidence) -> None:
    """Have the pictures drawn when the transaction is through; nothing for kinds without any."""
    if (
        settings.EVIDENCE_PICTURES
        and evidence.scan not in HELD  # after the scanner found nothing it is asked again
        and evidence.blob is not None
        and evidence.blob.content_type in KINDS
    ):
        import_string(JOB).enqueue(evidence.pk)


def undrawn() -> EvidenceQuerySet:
    """What may have pictures and was never tried."""
    found = Evidence.objects.filter(drawn_at__isnull=True, blob__content_type__in=KINDS)
    return found.exclude(scan__in=HELD)


def ask_for_missing(now: datetime, age: timedelta) -> int:
    """Ask again for what was given at least `age` ago and never drawn; says for how many."""
    old = undrawn().filter(created_at__lt=now - age).order_by("pk").values_list("pk", flat=True)
    keys = list(old[:AT_ONCE])
    with transaction.atomic():
        for key in keys:
            import_string(JOB).enqueue(key)
    return len(keys)


def draw(pk: int, *, now: datetime) -> bool:
    """Draw and store the pictures; says whether there are any. Again, it changes nothing."""
    evidence = undrawn().select_related("blob").filter(pk=pk).first()
    if evidence is None or evidence.blob is None:
        return Evidence.objects.filter(pk=pk).exclude(preview="").exists()
    with evidence.blob.file.open("rb") as file:
        drawn = pictures(file.read(), evidence.blob.content_type)
    names = ["", ""]
    if drawn is not None:
        stem = f"{FOLDER}/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}"
        names = [
            default_storage.save(f"{stem}{suffix}.webp", ContentFile(content))
            for suffix, content in zip(("-k", ""), drawn, strict=True)
        ]
    kept = Evidence.objects.filter(pk=pk, drawn_at__isnull=True).update(
        thumb=names[0], preview=names[1], drawn_at=now
    )
    if not kept:
        for name in filter(None, names):
            default_storage.delete(name)
    return bool(kept and names[1])
