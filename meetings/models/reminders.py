"""What offices were reminded of, when, and whether it reached them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import models

from agencies.models import Agency, Region, User
from agencies.roles import OWN_AGENCY_ONLY


class RegionReminders(models.Model):
    """What a city wants: kinds that are off, and days on which nothing is sent."""

    region = models.OneToOneField(Region, models.PROTECT, related_name="reminders")
    off: models.JSONField[Any, Any] = models.JSONField("yang dimatikan", default=list, blank=True)
    weekends = models.BooleanField("tenang pada Sabtu dan Minggu", default=True)
    holidays: models.JSONField[Any, Any] = models.JSONField("hari libur", default=list, blank=True)

    class Meta:
        verbose_name = "pengaturan pengingat"
        verbose_name_plural = "pengaturan pengingat"

    def __str__(self) -> str:
        return f"Pengingat {self.region_id}"

    @property
    def quiet_days(self) -> list[str]:
        """The holidays without what they are called."""
        return [str(each)[:10] for each in self.holidays]


class OfficeReminders(models.Model):
    """What an office wants: kinds that are off, and each task once instead of at every step."""

    agency = models.OneToOneField(Agency, models.PROTECT, related_name="reminders")
    off: models.JSONField[Any, Any] = models.JSONField("yang dimatikan", default=list, blank=True)
    once = models.BooleanField("sekali saja untuk tiap tugas", default=False)

    class Meta:
        verbose_name = "pilihan pengingat kantor"
        verbose_name_plural = "pilihan pengingat kantor"

    def __str__(self) -> str:
        return f"Pengingat {self.agency_id}"


class DigestQuerySet(models.QuerySet["Digest"]):
    def visible_to(self, user: User) -> DigestQuerySet:
        """An operator sees what the own agency was told, the others what their region was."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(agency=user.agency_id)
        return self if user.region_id is None else self.filter(agency__region=user.region_id)


class Digest(models.Model):
    """All that one office is reminded of on one day."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="digests")
    day = models.DateField("hari")
    subject = models.CharField("perihal", max_length=200)
    text = models.TextField("isi")
    made_at = models.DateTimeField("dibuat", editable=False)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = "pengingat"
        verbose_name_plural = "pengingat"
        ordering = ["-day", "agency__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "day"], name="one_digest_an_office_and_day"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def whatsapp(self) -> str:
        """WhatsApp with the text ready; to whom, the sender chooses there: no number is stored."""
        return f"https://wa.me/?text={quote(self.text, safe='')}"


class DigestItem(models.Model):
    """One step of one task that an office was told of. Unique: nobody is told it twice."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="items")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    key = models.CharField("tugas", max_length=40)
    step = models.CharField("langkah", max_length=40)

    class Meta:
        verbose_name = "butir pengingat"
        verbose_name_plural = "butir pengingat"
        constraints = [
            models.UniqueConstraint(fields=["agency", "key", "step"], name="reminded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key}, {self.step}"


class DeliveryState(models.TextChoices):
    """Where one mail stands."""

    WAITING = "menunggu", "menunggu dikirim"
    SENDING = "dikirim", "sedang dikirim"
    SENT = "terkirim", "terkirim"
    FAILED = "gagal", "gagal, dicoba lagi"
    UNSURE = "ragu", "tidak pasti terkirim"
    EXPIRED = "lewat", "gagal; isinya masuk pengingat berikutnya"


class Delivery(models.Model):
    """One mail to one person. `error` is the kind of failure, never an address."""

    digest = models.ForeignKey(Digest, models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(
        "keadaan", max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    tries = models.PositiveSmallIntegerField("percobaan", default=0)
    error = models.CharField("sebab", max_length=120, blank=True)
    at = models.DateTimeField("waktu", editable=False)

    class Meta:
        verbose_name = "surel pengingat"
        verbose_name_plural = "surel pengingat"
        ordering = ["digest", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["digest", "user"], name="one_mail_a_person_and_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.digest_id}: {self.get_state_display()}"

    @property
    def tone(self) -> str:
        if self.state == DeliveryState.SENT:
            return "ok"
        bad = {DeliveryState.FAILED, DeliveryState.UNSURE, DeliveryState.EXPIRED}
        return "returned" if self.state in bad else "neutral"
