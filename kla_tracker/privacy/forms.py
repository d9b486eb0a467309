"""Why an evidence is destroyed, and that it is meant."""

from __future__ import annotations

from django import forms

from submissions.forms.answering import no_nik


class DestroyForm(forms.Form):
    """A reason that stays in the history, and a tick: nothing brings the document back."""

    alasan = forms.CharField(
        label="Alasan",
        min_length=10,
        max_length=500,
        validators=[no_nik],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Misalnya nomor dan tanggal surat permintaan. Tanpa nama, NIK, atau alamat: "
        "alasan ini tetap tercatat.",
        error_messages={
            "required": "Tulis alasannya, misalnya nomor surat permintaan.",
            "min_length": "Tulis alasan yang lebih lengkap, paling sedikit 10 huruf.",
        },
    )
    yakin = forms.BooleanField(
        label="Saya mengerti bahwa dokumen ini tidak dapat dikembalikan, juga dari cadangan.",
        error_messages={"required": "Beri tanda bahwa Anda mengerti."},
    )
