"""The seals on the history of all rooms: a chain in which each link knows the one before it."""

from __future__ import annotations

from typing import Any

from django.db import models


class Seal(models.Model):
    """One row of the history, sealed: what it said then, and the seal before it. Append-only, by
    triggers. `number` counts without a gap.
    """

    number = models.BigIntegerField("nomor", primary_key=True)
    table = models.CharField("tabel", max_length=64)
    row = models.BigIntegerField("baris")
    content = models.CharField("sidik isi", max_length=64)
    digest = models.CharField("sidik segel", max_length=64)
    at = models.DateTimeField("disegel")

    class Meta:
        verbose_name = "segel"
        verbose_name_plural = "segel"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["table", "row"], name="sealed_once")]

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class SealHead(models.Model):
    """Where the chain ends: one row, which whoever seals takes hold of. It never goes back.

    `settled` says of each table up to which row nothing can come late any more, `pending` what will
    be so when nothing older than `pending_at` is still under way.
    """

    number = models.BigIntegerField("nomor", default=0)
    digest = models.CharField("sidik segel", max_length=64, blank=True)
    at = models.DateTimeField("disegel", null=True)
    settled: models.JSONField[Any, Any] = models.JSONField(default=dict)
    pending: models.JSONField[Any, Any] = models.JSONField(default=dict)
    pending_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "ujung riwayat"
        verbose_name_plural = "ujung riwayat"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_head")]

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"
