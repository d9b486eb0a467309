"""How many files somebody sent lately; in the database, since there are several web processes."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class UploadPace(models.Model):
    """The files that one person sent since `since`, a minute that began with the first of them."""

    by = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    since = models.DateTimeField("sejak")
    sent = models.PositiveIntegerField("berkas")

    class Meta:
        verbose_name = "laju unggahan"
        verbose_name_plural = "laju unggahan"

    def __str__(self) -> str:
        return f"{self.by_id}: {self.sent}"
