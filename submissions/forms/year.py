"""What is typed to open a year, and to move due dates within it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from agencies.models import Region
from indicators.models import Instrument
from submissions.actions.year import NOTE_LENGTH

OLDEST_DATA = 5  # years between the data and the assessment; usually it is one


class OpenYearForm(forms.Form):
    """A year to open; the choices are those the user may take."""

    wilayah = forms.ModelChoiceField(
        label="Kabupaten/kota",
        queryset=Region.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "Pilih kabupaten/kota dari daftar."},
    )
    tahun = forms.IntegerField(
        label="Tahun penilaian",
        min_value=2000,
        max_value=2100,
        error_messages={"invalid": "Tulis tahun dengan empat angka."},
    )
    tahun_data = forms.IntegerField(
        label="Tahun data",
        min_value=2000,
        max_value=2100,
        error_messages={"invalid": "Tulis tahun dengan empat angka."},
        help_text="Tahun yang datanya dinilai; biasanya tahun sebelum penilaian.",
    )
    instrumen = forms.ModelChoiceField(
        label="Instrumen",
        queryset=Instrument.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "Pilih instrumen yang sudah diterbitkan."},
    )
    tenggat = forms.DateField(
        label="Tenggat isian",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Sampai pukul 24.00 WIB hari itu.",
    )

    def __init__(self, *args: Any, regions: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["wilayah"].queryset = regions  # type: ignore[attr-defined]
        self.fields["instrumen"].queryset = Instrument.objects.published()  # type: ignore[attr-defined]
        self.fields["tenggat"].widget.attrs["min"] = today.isoformat()

    def clean_tenggat(self) -> date:
        due: date = self.cleaned_data["tenggat"]
        if due < self.today:
            raise forms.ValidationError("Tenggat tidak boleh sebelum hari ini.")
        return due

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        year, data_year = given.get("tahun"), given.get("tahun_data")
        # A year cannot be taken back, so what is surely a slip of the hand is not opened.
        if year is not None and year > self.today.year + 1:
            self.add_error("tahun", f"Paling jauh tahun depan, {self.today.year + 1}.")
        if year is not None and data_year is not None and data_year > year:
            self.add_error("tahun_data", "Tahun data tidak boleh sesudah tahun penilaian.")
        elif year is not None and data_year is not None and data_year < year - OLDEST_DATA:
            self.add_error(
                "tahun_data", f"Paling lama {OLDEST_DATA} tahun sebelum tahun penilaian."
            )
        return given


class CloseYearForm(forms.Form):
    """The end of a year: what was open on the page, and that it was read."""

    belum = forms.IntegerField(required=False)
    catatan = forms.CharField(
        label="Catatan penutupan",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Tercatat dalam riwayat, misalnya tanggal hasil akhir diumumkan.",
    )
    yakin = forms.BooleanField(
        label="Saya sudah membaca yang masih terbuka",
        error_messages={"required": "Centang dahulu bahwa Anda sudah membaca yang masih terbuka."},
    )


class ReopenYearForm(forms.Form):
    """Why a closed year is opened again."""

    alasan = forms.CharField(
        label="Alasan",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Tercatat dalam riwayat tahun ini.",
        error_messages={"required": "Tulis alasan membuka kembali tahun ini."},
    )


class ExtendForm(forms.Form):
    """Whose due dates move, and to which day. The choices carry how many submissions they mean."""

    untuk = forms.ChoiceField(label="Untuk")
    tenggat = forms.DateField(
        label="Tenggat baru",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Sampai pukul 24.00 WIB hari itu.",
    )

    def __init__(
        self, *args: Any, choices: list[tuple[str, str]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["untuk"].choices = choices  # type: ignore[attr-defined]
        self.fields["tenggat"].widget.attrs["min"] = today.isoformat()
