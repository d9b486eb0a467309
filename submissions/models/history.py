"""What happened to a year's work, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.utils import timezone

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from submissions.models.evidence import HIDDEN, Evidence
from submissions.models.work import Response, Submission
from submissions.models.year import Assessment


class Verb(models.TextChoices):
    """What can happen, in the words of the history."""

    OPEN_YEAR = "open_year", "membuka tahun penilaian"
    CLOSE_YEAR = "close_year", "menutup tahun penilaian"
    REOPEN_YEAR = "reopen_year", "membuka kembali tahun penilaian"
    ANSWER = "answer", "mengisi jawaban"
    ATTACH = "attach", "melampirkan data dukung"
    DETACH = "detach", "melepas data dukung"
    REPLACE = "replace", "mengganti data dukung dengan versi baru"
    TICK = "tick", "memilih baris daftar induk"
    START = "start", "mulai mengisi"
    SUBMIT = "submit", "mengajukan"
    WITHDRAW = "withdraw", "menarik kembali"
    REVIEW = "review", "memeriksa jawaban"
    RETURN = "return", "mengembalikan"
    ACCEPT = "accept", "menerima"
    REOPEN = "reopen", "membuka kembali"
    EXTEND = "extend", "mengubah tenggat"
    ASSIGN = "assign", "mengubah pengampuan"
    EXPORT = "export", "mengekspor"
    EFFORT = "effort", "menilai upaya"
    SCENARIO = "scenario", "menyimpan skenario"
    RELEASE = "release", "menerbitkan angka untuk umum"
    UNRELEASE = "unrelease", "menutup angka untuk umum"
    STAGE = "stage", "menyimpan hasil tahap"
    ENTER = "enter", "menandai sudah dientri"
    REQUEST = "request", "meminta bantuan pendukung"


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User) -> EventQuerySet:
        """An operator sees what happened to the own agency's work and to answers that it has taken
        over; the others what happened in their region.
        """
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(
                Q(submission__agency=user.agency_id)
                | Q(response__submission__agency=user.agency_id)
            )
        return self if user.region_id is None else self.filter(assessment__region=user.region_id)

    def filled_on_behalf(self, responses: Iterable[int]) -> dict[int, Event]:
        """Of these answers, those whose last save was somebody's of another agency. One query."""
        saves = self.filter(response__in=list(responses), verb=Verb.ANSWER).order_by()
        last = saves.values("response").annotate(last=Max("pk")).values("last")
        found = self.filter(pk__in=last, on_behalf=True).select_related("by__agency")
        return {each.response_id: each for each in found if each.response_id is not None}


class Told(Protocol):
    """An act with what is told beside it."""

    data: Any


Act = TypeVar("Act", bound=Told)


def hide_restricted(events: Iterable[Act], user: User) -> list[Act]:
    """The same events; where one names an evidence that became "terbatas" afterwards, only those
    who may open it read its name. One query.
    """
    told = list(events)
    keys = {each.data.get("evidence") for each in told if "name" in each.data}
    found = Evidence.objects.filter(pk__in=[key for key in keys if isinstance(key, int)])
    closed = {each.pk for each in found.filter(restricted=True) if not each.opens_for(user)}
    for each in told:
        if each.data.get("evidence") in closed:
            each.data = each.data | {"name": HIDDEN}
    return told


class Event(models.Model):
    """What happened, by whom, from what to what. Append-only in the database itself; the order is
    that of `pk`.
    """

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="events", verbose_name="penilaian"
    )
    submission = models.ForeignKey(
        Submission,
        models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        verbose_name="isian",
    )
    response = models.ForeignKey(
        Response,
        models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        verbose_name="jawaban",
    )
    verb = models.CharField("kejadian", max_length=16, choices=Verb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        verbose_name="pelaku",
    )
    on_behalf = models.BooleanField("mewakili", default=False)
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "kejadian"
        verbose_name_plural = "riwayat"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["submission", "-id"])]

    def __str__(self) -> str:
        return self.get_verb_display()

    @property
    def actor(self) -> str:
        """The office that acted on behalf, as it was then; old events did not write it down."""
        if said := self.data.get("behalf_of"):
            return str(said)
        return "Sistem" if self.by is None else str(self.by.agency or self.by.get_role_display())

    def behalf_text(self, agency: Agency) -> str:
        """oleh Kecamatan X atas nama Kelurahan Y; empty where nobody acted for another."""
        return f"oleh {self.actor} atas nama {agency}" if self.on_behalf else ""


class EvidenceVerb(models.TextChoices):
    """What can happen to an evidence itself."""

    DESCRIBE = "describe", "mengubah keterangan"
    REPLACE = "replace", "mengunggah versi baru"
    DISCARD = "discard", "menghapus dari pustaka"
    RESTRICT = "restrict", "menandai terbatas"
    UNRESTRICT = "unrestrict", "tidak lagi terbatas"
    OPEN = "open", "membuka yang terbatas"
    INFECTED = "infected", "menemukan virus"
    DESTROY = "destroy", "memusnahkan atas hak pemilik data"


class EvidenceChange(models.Model):
    """What happened to an evidence, from what to what. Append-only, by triggers; it belongs to no
    year, so it stands beside `Event`. It outlives an evidence that nothing used: no constraint.
    """

    evidence = models.ForeignKey(
        Evidence, models.DO_NOTHING, related_name="changes", db_constraint=False
    )
    verb = models.CharField("kejadian", max_length=16, choices=EvidenceVerb.choices)
    by = models.ForeignKey(  # nobody: the server itself, as when a backup is restored
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    on_behalf = models.BooleanField("mewakili", default=False)
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict, blank=True)

    class Meta:
        verbose_name = "riwayat data dukung"
        verbose_name_plural = "riwayat data dukung"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_verb_display()
