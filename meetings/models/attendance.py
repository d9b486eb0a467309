"""Who was there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from meetings.models.work import Meeting


class How(models.TextChoices):
    """By what it is known that somebody was there."""

    CODE = "kode", "dengan kode di layar"
    TICKED = "dicatat", "dicatat sekretariat"


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, user: User) -> AttendanceQuerySet:
        """Names are for those who see the whole meeting; an operator sees the own agency's."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(agency=user.agency_id)
        return self if user.region_id is None else self.filter(meeting__region=user.region_id)


class Attendance(models.Model):
    """One person at one meeting. `user` signed in with the own account; without one the
    secretariat wrote the name, or only the office.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name="perangkat daerah",
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    person = models.CharField("nama", max_length=150, blank=True)
    how = models.CharField("cara", max_length=8, choices=How.choices)
    at = models.DateTimeField("waktu", editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "kehadiran"
        verbose_name_plural = "daftar hadir"
        ordering = ["agency__name", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], condition=Q(user__isnull=False), name="there_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "agency", "person"],
                condition=Q(user__isnull=True),
                name="written_down_once",
            ),
            models.CheckConstraint(
                condition=Q(how=How.CODE.value, user__isnull=False)
                | Q(how=How.TICKED.value, user__isnull=True, agency__isnull=False),
                name="a_code_is_somebodys_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office}, {self.person or 'tanpa nama'}"

    @property
    def office(self) -> str:
        """The office, or the role of somebody who belongs to none. Needs `agency` and `user`."""
        if self.agency is not None:
            return self.agency.name
        return self.user.get_role_display() if self.user else ""
