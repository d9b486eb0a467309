"""What a verifikator types and chooses: a verdict, the end of a review, reopening."""

from __future__ import annotations

from typing import Any

from django import forms

from submissions.forms.answering import no_nik
from submissions.models import Response, Submission
from submissions.workflow import Verdict

NOTE_LENGTH = 4000
USUAL_REASONS = (
    "Data dukung belum ditandatangani atau belum distempel.",
    "Tahun data tidak sesuai dengan tahun data penilaian.",
    "Berkas tidak terbaca atau tidak dapat dibuka.",
    "Data dukung tidak sesuai dengan pertanyaan.",
    "Angka tidak cocok dengan data dukung.",
    "Data dukung yang diminta belum lengkap.",
    "Tautan tidak dapat dibuka tanpa izin.",
    "Tingkat yang diklaim lebih tinggi daripada yang dibuktikan.",
)


class SeenForm(forms.Form):
    """What was seen: which answer, which version of it, which last verdict."""

    jawaban = forms.IntegerField(widget=forms.HiddenInput)
    versi = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    terakhir = forms.IntegerField(required=False, widget=forms.HiddenInput)


class DraftForm(SeenForm):
    """What saves itself while a reviewer types."""

    tingkat = forms.IntegerField(required=False, min_value=0)
    catatan = forms.CharField(required=False, max_length=NOTE_LENGTH, strip=False)


class DecisionForm(SeenForm):
    """A verdict. `alasan` is a usual reason to start from; it goes before the note. `putusan` is
    the verdict that stood on the page.
    """

    putusan = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    hasil = forms.ChoiceField(
        choices=[(Verdict.ACCEPTED.value, "Terima"), (Verdict.RETURNED.value, "Kembalikan")],
        error_messages={"required": "Pilih terima atau kembalikan."},
    )
    tingkat = forms.IntegerField(required=False, min_value=0)
    alasan = forms.ChoiceField(
        label="Mulai dari alasan yang lazim",
        required=False,
        choices=[("", "Pilih alasan…"), *((reason, reason) for reason in USUAL_REASONS)],
    )
    catatan = forms.CharField(
        label="Catatan untuk perangkat daerah",
        required=False,
        validators=[no_nik],
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Wajib bila dikembalikan. Jangan tulis nama atau NIK anak.",
    )
    tanpa_bukti = forms.CharField(
        label="Alasan menerima tanpa data dukung",
        required=False,
        max_length=500,
        help_text="Data dukung wajib tetapi belum ada. Alasan ini ikut tampil bersama poinnya.",
    )

    def note(self) -> str:
        """The note; of a return begun with the usual reason, if that is not in it yet."""
        note: str = self.cleaned_data["catatan"]
        reason: str = self.cleaned_data["alasan"]
        if self.cleaned_data["hasil"] == Verdict.RETURNED and reason and reason not in note:
            return f"{reason} {note}".strip()
        return note


class FinishForm(forms.Form):
    """The end of a review: which verdicts were on the page, and until when to mend."""

    terakhir = forms.IntegerField(required=False, widget=forms.HiddenInput)
    tenggat = forms.DateField(
        label="Diperbaiki sampai",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Sampai pukul 24.00 WIB hari itu. Tidak memendekkan tenggat yang sudah ada.",
    )


class ReopenForm(forms.Form):
    """Why an accepted submission is opened again, and which of its answers."""

    jawaban = forms.ModelMultipleChoiceField(
        label="Jawaban yang dibuka kembali",
        queryset=Response.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Pilih sedikitnya satu jawaban."},
    )
    alasan = forms.CharField(
        label="Alasan",
        max_length=NOTE_LENGTH,
        validators=[no_nik],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Perangkat daerah membaca alasan ini di samping jawabannya.",
        error_messages={"required": "Tulis alasan membuka kembali."},
    )

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["jawaban"].queryset = (  # type: ignore[attr-defined]
            submission.responses.select_related("question", "submission__agency").order_by(
                "question__order"
            )
        )
        self.fields["jawaban"].label_from_instance = (  # type: ignore[attr-defined]
            lambda answer: f"{answer.question.code} {answer.question.text}"
        )
