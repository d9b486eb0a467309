"""Proving the chain: whatever was altered, deleted, inserted, moved or cut off is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import models

from agencies.models import Change, ChangeVerb
from kla_tracker.history import chain
from kla_tracker.models import Seal
from submissions.models import EvidenceChange, EvidenceVerb

CHUNK = 2000
OUT = "rantai putus: segel ini atau urutannya diubah"


def verify(known: Iterable[tuple[int, str]]) -> Iterator[str]:
    """A sentence for each thing that is not as it was sealed. Reads the history in parts, once.

    `known` are ends of the chain that were remembered outside the database, in any order.
    """
    last = chain.head()
    yield from _links(last.number, last.digest)
    yield from _late(last.settled)
    if Seal.objects.filter(number__gt=chain.head().number).exists():
        yield f"Segel sesudah nomor {last.number}: ditambahkan di luar penyegelan."
    yield from _outside(known)


def waiting() -> int:
    """How many rows are not sealed yet."""
    settled = chain.head().settled
    return sum(
        chain.waiting(model, pk__gt=int(settled.get(model._meta.db_table, 0))).count()
        for model in chain.sealed_models()
    )


def _links(end: int, digest: str) -> Iterator[str]:
    """From the first link to the end."""
    by_table = {each._meta.db_table: each for each in chain.sealed_models()}
    number, before = 0, ""
    taken = redactions()
    while part := list(Seal.objects.filter(number__gt=number, number__lte=end)[:CHUNK]):
        stored = _stored(by_table, part)
        for link in part:
            if link.number != number + 1:
                yield f"Segel {number + 1} sampai {link.number - 1}: dihapus."
            elif link.digest != chain.digest_of(
                before, link.number, link.table, link.row, link.content, link.at
            ):
                yield f"Segel {link.number} ({link.table} {link.row}): {OUT}."
            number, before = link.number, link.digest
            content = stored.get((link.table, link.row))
            if content != link.content and taken.get((link.table, link.row)) != (
                link.content,
                content,
            ):
                yield _told(by_table.get(link.table), link, gone=content is None)
    if number != end:
        yield f"Segel {number + 1} sampai {end}: ekor riwayat dipotong."
    elif before != digest:
        yield f"Segel {number}: ujung rantai bukan yang terakhir disegel."


def redactions() -> dict[tuple[str, int], tuple[str, str]]:
    """The rows that lost the name of a document which was destroyed for a person's right, or of who
    opened one long ago: what they were and what they are since, as the event of it says. That event
    is a link of the chain.
    """
    found: dict[tuple[str, int], tuple[str, str]] = {}
    destroyed = EvidenceChange.objects.filter(verb=EvidenceVerb.DESTROY).order_by("pk")
    forgotten = Change.objects.filter(verb=ChangeVerb.RETENTION, data__kind="akses").order_by("pk")
    for data in (
        *forgotten.values_list("data", flat=True),
        *destroyed.values_list("data", flat=True),
    ):
        for table, rows in data.get("redacted", {}).items():
            for row, (before, after) in rows.items():
                place = (table, int(row))
                found[place] = (found.get(place, (before,))[0], after)
    return found


def _stored(
    by_table: dict[str, type[models.Model]], part: list[Seal]
) -> dict[tuple[str, int], str]:
    """What the sealed rows say now. One query for each table."""
    rows: dict[str, list[int]] = {}
    for link in part:
        rows.setdefault(link.table, []).append(link.row)
    found: dict[tuple[str, int], str] = {}
    for table, keys in rows.items():
        model = by_table.get(table)
        if model is None:
            continue
        key = model._meta.pk.attname
        for row in chain.read(model, pk__in=keys):
            found[table, row[key]] = chain.content_of(row)
    return found


def _told(model: type[models.Model] | None, link: Seal, *, gone: bool) -> str:
    name = str(model._meta.verbose_name) if model is not None else link.table
    what = "dihapus" if gone else "isinya diubah"
    return f"{name} nomor {link.row} (segel {link.number}): {what} sesudah disegel."


def _late(settled: dict[str, Any]) -> Iterator[str]:
    """Rows without a seal, older than others that were sealed an hour ago."""
    for model in chain.sealed_models():
        table = model._meta.db_table
        late = chain.waiting(model, pk__lte=int(settled.get(table, 0)))
        for (key,) in late.values_list("pk").iterator(chunk_size=CHUNK):
            yield f"{model._meta.verbose_name} nomor {key}: disisipkan kemudian, tidak bersegel."


def _outside(known: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Against what was remembered elsewhere."""
    ends = iter(known)
    while part := list(islice(ends, CHUNK)):
        there = dict(
            Seal.objects.filter(number__in=[number for number, _ in part]).values_list(
                "number", "digest"
            )
        )
        for number, digest in part:
            if there.get(number) != digest:
                what = "ditulis ulang" if number in there else "tidak ada lagi"
                yield f"Segel {number}: {what}; catatan di luar basis data mengenalnya lain."
