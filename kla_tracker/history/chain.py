"""Sealing: every row of the history becomes a link of one chain, soon after it was written.

Nobody who saves an answer waits for it (`docs/decisions/0027`): rows are sealed by a command,
in short transactions that hold the one row of `SealHead`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from kla_tracker.models import Seal, SealHead
from kla_tracker.triggers import HISTORY

BATCH = 500
UNDER_WAY = timedelta(hours=1)  # longer than any transaction that still may write an older row


def sealed_models() -> list[type[models.Model]]:
    """What is sealed: every table that the triggers hold as history, in a fixed order."""
    by_table = {each._meta.db_table: each for each in apps.get_models(include_auto_created=True)}
    return [by_table[table] for table in sorted(HISTORY)]


def content_of(row: dict[str, Any]) -> str:
    """The sha256 of a row, the same on both databases, after a restore, and under a later version:
    a column that is empty is as if it were not there, so new columns of the history are nullable.
    """
    told = {name: _plain(value) for name, value in row.items() if value is not None}
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def digest_of(before: str, number: int, table: str, row: int, content: str, at: datetime) -> str:
    """What a link says of itself and of all before it."""
    words = (before, number, table, row, content, at.astimezone(UTC).isoformat())
    return hashlib.sha256("\n".join(map(str, words)).encode()).hexdigest()


def read(model: type[models.Model], **wanted: Any) -> models.QuerySet[Any, dict[str, Any]]:
    """Rows as their columns, in the order of their key."""
    names = [field.attname for field in model._meta.local_concrete_fields]
    return model._base_manager.filter(**wanted).order_by("pk").values(*names)


def seal(*, now: datetime) -> int:
    """Seal everything that is not yet; how many rows. What nobody may have written any more is left
    alone, for `verify_history` to find: a row with an old number that came afterwards.
    """
    done = 0
    reached: dict[str, int] = {}
    while made := _seal_some(reached, now):
        done += made
    if done:
        _settle(now)
        _write_anchor()
    return done


def head() -> SealHead:
    """How far the chain goes; a head that says 0 where nothing was sealed yet."""
    return SealHead.objects.filter(pk=1).first() or SealHead(pk=1)


def waiting(model: type[models.Model], **wanted: Any) -> models.QuerySet[Any, dict[str, Any]]:
    """Rows that are not sealed."""
    seals = Seal.objects.filter(table=model._meta.db_table, row=models.OuterRef("pk"))
    return read(model, **wanted).filter(~models.Exists(seals))


def anchors() -> Iterator[tuple[int, str]]:
    """What this machine remembers of the chain beside the database: number and digest, ascending
    unless somebody wrote in the file.
    """
    path: Path = settings.HISTORY_ANCHORS
    if not path.exists():
        return
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            number, _, digest = line.partition(" ")[0].partition(":")
            if number.isdecimal():
                yield int(number), digest


# --- the steps -----------------------------------------------------------------------------------


@transaction.atomic
def _seal_some(reached: dict[str, int], now: datetime) -> int:
    """One batch; `reached` says how far this run has come in each table."""
    SealHead.objects.bulk_create([SealHead(pk=1)], ignore_conflicts=True)
    last = SealHead.objects.select_for_update().get(pk=1)
    links: list[Seal] = []
    number, digest = last.number, last.digest
    for model in sealed_models():
        table = model._meta.db_table
        above = reached.get(table, int(last.settled.get(table, 0)))
        key = model._meta.pk.attname
        for row in waiting(model, pk__gt=above)[: BATCH - len(links)]:
            number += 1
            content = content_of(row)
            digest = digest_of(digest, number, table, row[key], content, now)
            links.append(
                Seal(
                    number=number, table=table, row=row[key], content=content, digest=digest, at=now
                )
            )
            reached[table] = row[key]
        if len(links) == BATCH:
            break
    if links:
        Seal.objects.bulk_create(links)
        last.number, last.digest, last.at = number, digest, now
        last.save(update_fields=["number", "digest", "at"])
    return len(links)


@transaction.atomic
def _settle(now: datetime) -> None:
    """Once an hour, after everything was sealed: what was the highest row an hour ago, nobody can
    come before any more.
    """
    last = SealHead.objects.select_for_update().get(pk=1)
    if last.pending_at is not None:
        if now - last.pending_at < UNDER_WAY:
            return
        last.settled = last.pending
    last.pending = {
        table: Seal.objects.filter(table=table).aggregate(models.Max("row"))["row__max"] or 0
        for table in HISTORY
    }
    last.pending_at = now
    last.save()


def _write_anchor() -> None:
    """Remember the end of the chain beside the database, on the disk."""
    path: Path = settings.HISTORY_ANCHORS
    last = head()
    line = f"{last} {last.at:%Y-%m-%dT%H:%M:%SZ}\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(value: Any) -> Any:
    """A value as both databases give it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
