"""What is searched for in the history."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from kla_tracker.history.search import SOURCES, Wanted


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Tulis tanggal seperti 31/12/2024."},
    )


class SearchForm(forms.Form):
    """Everything may stay empty. What cannot be read is said, and as if it were not there."""

    jenis = forms.ChoiceField(
        label="Jenis",
        required=False,
        choices=[("", "Semua"), *((each.key, each.label) for each in SOURCES)],
    )
    pelaku = forms.CharField(label="Pelaku", required=False, max_length=100)
    apa = forms.CharField(label="Kejadian", required=False, max_length=60)
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)
    pertanyaan = forms.CharField(label="Kode pertanyaan", required=False, max_length=20)
    dari = _day("Dari tanggal")
    sampai = _day("Sampai tanggal")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["apa"].widget.attrs["placeholder"] = "misalnya: mengajukan"
        if user.role in OWN_AGENCY_ONLY:
            del self.fields["perangkat"]
            return
        offices = Agency.objects.visible_to(user).order_by("name").values_list("code", "name")
        label = self.fields["perangkat"].label
        choices = [("", "Semua"), *offices]
        self.fields["perangkat"] = forms.ChoiceField(label=label, required=False, choices=choices)

    def wanted(self, after: str) -> Wanted:
        """What was asked for, after a place in time."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            kind=said.get("jenis") or "",
            who=(said.get("pelaku") or "").strip(),
            what=(said.get("apa") or "").strip(),
            agency=said.get("perangkat") or "",
            question=(said.get("pertanyaan") or "").strip(),
            since=_begin(said.get("dari")),
            until=_begin(said["sampai"] + timedelta(days=1)) if said.get("sampai") else None,
            after=after,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything was chosen."""
        return any(self.cleaned_data.values())


def _begin(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
