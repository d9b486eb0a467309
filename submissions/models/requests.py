"""What the lead of a question asks of an office that supports it, by name and date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from submissions.models.work import Response


class RequestState(models.TextChoices):
    """Where a request stands: it is answered by the office that was asked, or taken back."""

    OPEN = "terbuka", "Menunggu dijawab"
    ANSWERED = "dijawab", "Dijawab"
    WITHDRAWN = "ditarik", "Ditarik kembali"


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def visible_to(self, user: User) -> HelpRequestQuerySet:
        """An operator sees what the own office asked or is asked; the others their region."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(
                Q(agency=user.agency_id) | Q(response__submission__agency=user.agency_id)
            )
        return (
            self
            if user.region_id is None
            else self.filter(response__assessment__region=user.region_id)
        )

    def for_reading(self) -> HelpRequestQuerySet:
        """With what a line on it says: question, both offices, the year, who asked and answered."""
        return self.select_related(
            "response__submission__agency",
            "response__submission__assessment__region",
            "response__submission__indicator",
            "response__question",
            "agency",
            "asked_by",
            "ended_by",
        ).order_by("due_on", "pk")


class HelpRequest(models.Model):
    """One thing that is asked for. It moves with the lead's answer when that goes to another
    office. `ended_at`, `ended_by` and `reply` are of whoever answered it or took it back.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="requests")
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="requests", verbose_name="diminta dari"
    )
    what = models.CharField("yang diminta", max_length=500)
    due_on = models.DateField("paling lambat", help_text="Sampai pukul 24.00 WIB hari itu.")
    state = models.CharField(
        "keadaan", max_length=8, choices=RequestState.choices, default=RequestState.OPEN
    )
    asked_at = models.DateTimeField("diminta", editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reply = models.CharField("jawaban", max_length=500, blank=True)
    ended_at = models.DateTimeField("dijawab atau ditarik", null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "permintaan"
        verbose_name_plural = "permintaan"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "agency", "what"],
                condition=Q(state=RequestState.OPEN.value),
                name="asked_once",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN.value, ended_at__isnull=True)
                | (~Q(state=RequestState.OPEN.value) & Q(ended_at__isnull=False)),
                name="a_request_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.what}"

    @property
    def lead(self) -> Agency:
        """Who asked. Needs `response__submission__agency`."""
        return self.response.submission.agency

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN
