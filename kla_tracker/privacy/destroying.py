"""A person's right to deletion: the bytes and the text of an evidence go, for ever; that it was
there, its sum, who destroyed it, when and why stay. Answers, verdicts and points do not change.

Everything happens in one transaction; files go after it. The destroyed are also listed in a file
beside the database, which `restore` reads: no older backup brings one back.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Q

from agencies.models import User
from indicators.wording import tanggal
from kla_tracker.history import chain
from kla_tracker.privacy import listed
from kla_tracker.triggers import TOLD_OF_EVIDENCE, redacted
from submissions.actions import making, uploads
from submissions.actions.record import RefusedError
from submissions.models import (
    DESTROYED,
    Blob,
    Bundle,
    Event,
    Evidence,
    EvidenceChange,
    EvidenceVerb,
    RowChange,
    Upload,
)
from submissions.wording import personal

PERMISSION = "submissions.destroy_evidence"
LEAST = 10  # letters of a reason that says something
TABLES: tuple[tuple[type[Any], str], ...] = (
    (Event, "data__evidence__in"),
    (RowChange, "data__evidence__in"),
    (EvidenceChange, "evidence__in"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants it destroyed, why, and when that was; nobody where a restore does it again."""

    by: User | None
    reason: str
    at: datetime


def destroy(evidence: Evidence, *, reason: str, by: User, now: datetime) -> int:
    """Destroy an evidence with all its versions, and what the same office gave of the same bytes;
    says how many. Destroyed twice is destroyed. Another office's own copy stays.
    """
    if not by.has_perm(PERMISSION, evidence.agency):
        raise PermissionDenied
    reason = reason.strip()
    if len(reason) < LEAST:
        raise RefusedError(
            "Tulis alasannya, misalnya nomor surat permintaan. Alasan itu tetap tercatat."
        )
    if sentence := personal(reason):
        raise RefusedError(sentence)
    return _destroy(evidence.pk, Order(by, reason, now))


def whole_of(evidence: Evidence) -> list[Evidence]:
    """All that goes with it: its versions, and what its office gave of the same bytes."""
    versions = Evidence.objects.versions_of(evidence)
    same = Q(agency=evidence.agency_id, blob__in=versions.exclude(blob=None).values("blob"))
    together = Evidence.objects.whole().filter(Q(pk__in=versions.values("pk")) | same)
    return list(together.select_related("blob", "agency").order_by("pk"))


def others_with(found: Sequence[Evidence]) -> int:
    """How many other offices of the region gave the same bytes: they keep theirs."""
    if not found:
        return 0
    agency = found[0].agency
    near = Evidence.objects.filter(
        blob__in=[each.blob_id for each in found if each.blob_id], agency__region=agency.region_id
    )
    return near.exclude(agency=agency.pk).values("agency").distinct().count()


def apply_again(entries: Iterable[listed.Entry]) -> int:
    """Destroy again what a restored backup brought back; says how many. What is not the same
    evidence, by its time and sum, is left alone.
    """
    done = 0
    for entry in entries:
        found = Evidence.objects.whole().select_related("blob").filter(pk=entry.evidence).first()
        if found is None or (found.created_at, _sum_of(found)) != (entry.created_at, entry.sha256):
            continue
        by = User.objects.filter(pk=entry.by or 0).first()
        done += _destroy(found.pk, Order(by, entry.reason, entry.at))
    return done


def scrub() -> None:
    """Have the database write over what it has let go; not in a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        tables = [model._meta.db_table for model, _ in TABLES]
        for table in [*tables, Evidence._meta.db_table, Upload._meta.db_table]:
            cursor.execute(f"VACUUM FULL {table}")


# --- the steps -----------------------------------------------------------------------------------


@transaction.atomic
def _destroy(key: int, order: Order) -> int:
    """Bytes are locked before the rows, as in attaching, so that neither waits for ever."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")  # freed pages of the file are written over
    first = Evidence.objects.filter(pk=key).first()
    if first is None:
        return 0
    blobs = {each.blob_id for each in whole_of(first) if each.blob_id}
    list(Blob.objects.select_for_update().filter(pk__in=blobs).order_by("pk"))
    keys = [each.pk for each in whole_of(first)]
    rows = list(
        Evidence.objects.select_for_update(of=("self",))
        .select_related("blob", "agency")
        .filter(pk__in=keys)
        .order_by("pk")
    )
    if not rows:
        return 0
    names = {str(name) for each in rows for name in (each.thumb.name, each.preview.name) if name}
    sums = {each.pk: _sum_of(each) for each in rows}
    _forget_uploads(rows, sums)
    for each in rows:
        _empty(each, sums[each.pk], order.at)
    for blob in Blob.objects.filter(pk__in=blobs, evidence__isnull=True):
        names.add(str(blob.file.name))
        blob.delete()
    _record(rows, sums, _redact([each.pk for each in rows]), order)
    _drop_bundles(rows[0])
    for name in names - {""}:
        transaction.on_commit(partial(_remove, name))
    transaction.on_commit(listed.bring_up_to_date)
    return len(rows)


def _sum_of(evidence: Evidence) -> str:
    if evidence.destroyed_sum:
        return evidence.destroyed_sum
    if evidence.blob is not None:
        return str(evidence.blob.sha256)
    return hashlib.sha256(evidence.url.encode()).hexdigest()


def _empty(evidence: Evidence, sha256: str, at: datetime) -> None:
    """A row without its document. It points to bytes of its own that are not there, so that the
    same bytes given again are not its own again.
    """
    before = evidence.blob
    none = Blob.objects.create(
        sha256=f"dimusnahkan-{evidence.pk}",
        size=before.size if before else 0,
        content_type=before.content_type if before else "",
        file="",
    )
    Evidence.objects.filter(pk=evidence.pk).update(
        name=DESTROYED, blob=none, url="", document_number="", document_date=None, thumb="",
        preview="", drawn_at=at, version=F("version") + 1, destroyed_at=at, destroyed_sum=sha256,
    )  # fmt: skip


def _forget_uploads(rows: Sequence[Evidence], sums: dict[int, str]) -> None:
    """What is on its way, or came lately, of the same bytes or under the same names."""
    names = {each.name for each in rows}
    people = {each.created_by_id for each in rows}
    found = Upload.objects.filter(
        Q(sha256__in=set(sums.values())) | Q(name__in=names, by__in=people)
    )
    for upload in list(found):
        upload.delete()
        transaction.on_commit(partial(uploads.remove_files, upload))


def _drop_bundles(evidence: Evidence) -> None:
    """Every bundle of the region that lies ready or is being packed; whoever wants one asks
    again.
    """
    for bundle in Bundle.objects.filter(assessment__region=evidence.agency.region_id):
        making.drop_for_all(bundle)


def _redact(keys: Sequence[int]) -> dict[str, dict[str, list[str]]]:
    """Take what told of them out of the histories; what each row was and is now, by its sum."""
    changed: dict[str, dict[str, list[str]]] = {}
    for model, path in TABLES:
        table = model._meta.db_table
        telling = Q(data__has_key="name") | Q(data__has_any_keys=TOLD_OF_EVIDENCE[table][1])
        asked = Q(**{path: keys}) & telling
        for before in chain.read(model).filter(asked):
            _redact_row(table, before["id"])
            [after] = chain.read(model, pk=before["id"])
            pair = [chain.content_of(before), chain.content_of(after)]
            if pair[0] != pair[1]:
                changed.setdefault(table, {})[str(before["id"])] = pair
    return changed


def _redact_row(table: str, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET "  # noqa: S608  # nosec B608
            f"data = {redacted(connection.vendor, table, 'data')} WHERE id = %s",
            [pk],
        )


def _record(
    rows: Sequence[Evidence],
    sums: dict[int, str],
    changed: dict[str, dict[str, list[str]]],
    order: Order,
) -> None:
    """One event for each; the first tells which rows of the history were redacted."""
    for at, each in enumerate(rows):
        data: dict[str, Any] = {"reason": order.reason, "sha256": sums[each.pk]}
        if at == 0:
            data["redacted"] = changed
        EvidenceChange.objects.create(
            evidence_id=each.pk, verb=EvidenceVerb.DESTROY, by=order.by, at=order.at, data=data
        )


def _remove(name: str) -> None:
    with contextlib.suppress(OSError):
        default_storage.delete(name)


def told(evidence: Evidence) -> str:
    """That it was destroyed, when, by whom and why; nothing where it was not."""
    if evidence.destroyed_at is None:
        return ""
    change = (
        EvidenceChange.objects.select_related("by")
        .filter(evidence=evidence.pk, verb=EvidenceVerb.DESTROY)
        .order_by("-pk")
        .first()
    )
    who = change.by.get_full_name() if change and change.by else "sistem"
    why = change.data.get("reason", "") if change else ""
    return f"Dimusnahkan {tanggal(evidence.destroyed_at)} oleh {who}. Alasan: {why}"
