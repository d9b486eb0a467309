"""What is typed to call a meeting, to change it, and to call it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from indicators.wording import WIB

MISSING = {"required": "Isi bagian ini."}


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day as browsers send it."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**MISSING, "invalid": "Tulis tanggal, misalnya 2024-03-13."},
        **more,
    )


def time_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        error_messages={**MISSING, "invalid": "Tulis pukul, misalnya 09:00."},
    )


class MeetingForm(forms.Form):
    """A meeting as it is announced. The choices are those of the year and its region."""

    nama = forms.CharField(label="Nama rakor", max_length=120, error_messages=MISSING)
    tanggal = day_field("Tanggal")
    mulai = time_field("Mulai (WIB)")
    selesai = time_field("Selesai (WIB)")
    tempat = forms.CharField(label="Tempat", max_length=200, error_messages=MISSING)
    agenda = forms.CharField(
        label="Agenda",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Satu baris satu pokok bahasan.",
    )
    klaster = forms.MultipleChoiceField(
        label="Klaster yang dibahas",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tidak ada yang dicentang berarti semua klaster.",
        error_messages={"invalid_choice": "Pilih klaster dari daftar."},
    )
    undang = forms.MultipleChoiceField(
        label="Perangkat daerah yang diundang",
        widget=forms.CheckboxSelectMultiple,
        help_text="Yang poinnya paling banyak belum terbukti ada di atas.",
        error_messages={
            "required": "Pilih paling sedikit satu perangkat daerah yang diundang.",
            "invalid_choice": "Pilih perangkat daerah dari daftar.",
        },
    )
    versi = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(
        self,
        *args: Any,
        clusters: Sequence[tuple[str, str]],
        agencies: Sequence[tuple[str, str]],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["klaster"].choices = clusters  # type: ignore[attr-defined]
        self.fields["undang"].choices = agencies  # type: ignore[attr-defined]
        self.fields["tanggal"].widget.attrs["min"] = today.isoformat()

    def clean_tanggal(self) -> date:
        day: date = self.cleaned_data["tanggal"]
        if day < self.today:
            raise forms.ValidationError("Tanggal rakor tidak boleh sebelum hari ini.")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("mulai") and given.get("selesai") and given["selesai"] <= given["mulai"]:
            self.add_error("selesai", "Rakor harus selesai sesudah mulai.")
        return given

    def moment(self, at: time) -> datetime:
        """The typed day at this time in WIB."""
        day: date = self.cleaned_data["tanggal"]
        return datetime.combine(day, at, WIB)


class ReasonForm(forms.Form):
    """Why something is called off."""

    alasan = forms.CharField(
        label="Alasan",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Tulis alasannya; yang diundang akan membacanya."},
    )
