"""What a lead asks of a support, and what the support says to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agencies.models import Agency
from submissions.actions.asking import LENGTH


class AskForm(forms.Form):
    """Of whom, what, and until when."""

    dari = forms.ChoiceField(
        label="Diminta dari",
        error_messages={
            "required": "Pilih pendukungnya.",
            "invalid_choice": "Perangkat daerah itu bukan pendukung pertanyaan ini. Pilih lagi.",
        },
    )
    yang_diminta = forms.CharField(
        label="Yang diminta",
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sebut dokumen atau datanya, misalnya: daftar hadir pelatihan bulan Maret.",
        error_messages={"required": "Tulis apa yang diminta."},
    )
    paling_lambat = forms.DateField(
        label="Paling lambat",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Pilih tanggalnya.",
            "invalid": "Tulis tanggal seperti 2024-03-31.",
        },
    )

    def __init__(self, *args: Any, supports: Iterable[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = [(each.code, each.name) for each in supports]
        if len(offices) > 1:
            offices.insert(0, ("", "Pilih pendukung"))
        self.fields["dari"].choices = offices  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """What became of it."""

    jawaban = forms.CharField(
        label="Jawaban Anda",
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Misalnya: sudah kami lampirkan, atau: tidak ada pada kami, tanyakan ke Bappeda.",
        error_messages={"required": "Tulis jawaban singkat."},
    )
