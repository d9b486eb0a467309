"""What is typed to call a meeting, to decide in it, and to answer what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from agencies.models import Agency
from indicators.models import Indicator, Question
from indicators.wording import WIB
from meetings.workflow import KIND_LABELS, KINDS, STATE_LABELS, Kind
from submissions.models import Evidence, Response

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


class DecisionForm(forms.Form):
    """One decision: who does what until when."""

    keputusan = forms.CharField(
        label="Keputusan",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=MISSING,
    )
    kantor = forms.ModelChoiceField(
        label="Perangkat daerah",
        queryset=Agency.objects.none(),
        empty_label="Pilih perangkat daerah",
        error_messages={**MISSING, "invalid_choice": "Pilih perangkat daerah dari daftar."},
    )
    orang = forms.CharField(label="Orang", max_length=120, required=False)
    tenggat = day_field("Tenggat")
    indikator = forms.ModelChoiceField(
        label="Tentang indikator",
        queryset=Indicator.objects.none(),
        required=False,
        empty_label="(tidak tentang satu indikator)",
        error_messages={"invalid_choice": "Pilih indikator dari daftar."},
    )
    soal = forms.CharField(
        label="Kode pertanyaan",
        required=False,
        max_length=16,
        help_text="Bila keputusan ini tentang satu pertanyaan saja, misalnya 4.1.",
    )
    jenis = forms.ChoiceField(
        label="Jenis",
        required=False,
        choices=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        error_messages={"invalid_choice": "Pilih jenis dari daftar."},
    )
    tanda = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, agencies: Any, indicators: Any, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.indicators = indicators
        self.fields["kantor"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["indikator"].queryset = indicators  # type: ignore[attr-defined]
        self.fields["tenggat"].widget.attrs["min"] = today.isoformat()

    def clean_tenggat(self) -> date:
        day: date = self.cleaned_data["tenggat"]
        if day < self.today:
            raise forms.ValidationError("Tenggat tindak lanjut tidak boleh sebelum hari ini.")
        return day

    def clean_jenis(self) -> Kind:
        return Kind(self.cleaned_data["jenis"] or Kind.WORK)

    def clean_soal(self) -> Question | None:
        """The question of this year's instrument with that code."""
        code = self.cleaned_data["soal"].strip()
        if not code:
            return None
        known = Question.objects.select_related("indicator")
        found = known.filter(indicator__in=self.indicators, code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(
                f"Tidak ada pertanyaan dengan kode «{code}» pada instrumen tahun ini."
            )
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        question, indicator = given.get("soal"), given.get("indikator")
        if question and indicator and question.indicator_id != indicator.pk:
            self.add_error(
                "soal",
                f"Pertanyaan {question.code} bukan bagian indikator {indicator.code}. "
                "Kosongkan salah satu.",
            )
        return given


LATE, PENDING_ONLY = "lewat", ""


class FollowUpFilter(forms.Form):
    """Which follow-ups are listed; an unknown word counts as nothing."""

    keadaan = forms.ChoiceField(
        label="Keadaan",
        required=False,
        choices=[
            (PENDING_ONLY, "Belum selesai"),
            (LATE, "Lewat tenggat"),
            *((state.value, label) for state, label in STATE_LABELS.items()),
            ("semua", "Semua"),
        ],
    )
    jenis = forms.ChoiceField(
        label="Jenis",
        required=False,
        choices=[("", "Semua jenis"), *((kind.value, text) for kind, text in KIND_LABELS.items())],
    )
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)

    def __init__(self, *args: Any, agencies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agencies:
            offices = [("", "Semua perangkat daerah"), *agencies]
            self.fields["perangkat"].choices = offices  # type: ignore[attr-defined]
        else:
            del self.fields["perangkat"]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class DueForm(forms.Form):
    """Another due date, and why."""

    tenggat = day_field("Tenggat baru")
    alasan = forms.CharField(
        label="Alasan",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Tulis alasan tenggatnya diubah."},
    )
    semula = forms.DateField(widget=forms.HiddenInput)


def answer_label(answer: Response) -> str:
    """An office's answer by the question that it answers."""
    return f"{answer.question.code} {answer.question.text[:90]}"


class AnswerForm(forms.Form):
    """What an office did, and the evidence or the answer that shows it."""

    jawaban = forms.CharField(
        label="Apa yang sudah dikerjakan",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=MISSING,
    )
    data_dukung = forms.ModelChoiceField(
        label="Data dukung",
        queryset=Evidence.objects.none(),
        required=False,
        empty_label="(tidak ada)",
        help_text="Yang sudah diunggah kantor Anda; unggah dahulu di isian bila belum.",
        error_messages={"invalid_choice": "Pilih data dukung dari daftar."},
    )
    pertanyaan = forms.ModelChoiceField(
        label="Jawaban pada pertanyaan",
        queryset=Response.objects.none(),
        required=False,
        empty_label="(tidak ada)",
        error_messages={"invalid_choice": "Pilih pertanyaan dari daftar."},
    )

    def __init__(self, *args: Any, evidence: Any, answers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_dukung"].queryset = evidence  # type: ignore[attr-defined]
        self.fields["pertanyaan"].queryset = answers  # type: ignore[attr-defined]
        self.fields["pertanyaan"].label_from_instance = answer_label  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """Why a follow-up goes back, ends, or begins anew."""

    catatan = forms.CharField(
        label="Catatan", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CodeForm(forms.Form):
    """The code on the wall, as it is typed by somebody whose phone does not scan."""

    kode = forms.CharField(
        label="Kode di layar",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Ketik kode yang ada di layar."},
    )


class TickForm(forms.Form):
    """Who is there, as the secretariat writes it down: of each invited office a tick and a name,
    and one office more that came without an invitation.
    """

    lain = forms.ModelChoiceField(
        label="Perangkat daerah lain",
        queryset=Agency.objects.none(),
        required=False,
        empty_label="(tidak ada)",
        error_messages={"invalid_choice": "Pilih perangkat daerah dari daftar."},
    )
    nama_lain = forms.CharField(label="Nama", max_length=150, required=False)

    def __init__(self, *args: Any, invited: Sequence[Agency], others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited = invited
        self.fields["lain"].queryset = others  # type: ignore[attr-defined]
        for each in invited:
            self.fields[f"h{each.pk}"] = forms.BooleanField(label=each.name, required=False)
            self.fields[f"n{each.pk}"] = forms.CharField(
                label=f"Nama yang hadir dari {each.name}",
                max_length=150,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "Nama", "autocomplete": "off"}),
            )

    def there(self) -> list[tuple[Agency, str]]:
        """Offices that are ticked or have a name."""
        given = self.cleaned_data
        found = [
            (each, given[f"n{each.pk}"])
            for each in self.invited
            if given[f"h{each.pk}"] or given[f"n{each.pk}"]
        ]
        if given.get("lain"):
            found.append((given["lain"], given["nama_lain"]))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("nama_lain") and not given.get("lain") and "lain" not in self.errors:
            self.add_error("lain", "Pilih kantor orang ini.")
        if not self.errors and not self.there():
            raise forms.ValidationError("Centang kantor yang hadir atau tulis namanya dahulu.")
        return given


class OffForm(forms.Form):
    """Which kinds of reminders one wants."""

    jenis = forms.MultipleChoiceField(
        label="Yang diingatkan",
        required=False,
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Pilih dari daftar."},
    )

    @property
    def off(self) -> list[str]:
        """The kinds that were left unticked."""
        return [each for each in KINDS if each not in self.cleaned_data["jenis"]]


class OfficeRemindersForm(OffForm):
    """What an office wants."""

    sekali = forms.BooleanField(
        label="Ingatkan sekali saja untuk tiap tugas, tidak berulang menjelang tenggat",
        required=False,
    )


class RegionRemindersForm(OffForm):
    """What the city wants."""

    akhir_pekan = forms.BooleanField(label="Tidak mengirim pada Sabtu dan Minggu", required=False)
    libur = forms.CharField(
        label="Hari libur",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Satu tanggal satu baris, misalnya 2026-03-20 Idulfitri.",
    )

    def clean_libur(self) -> list[str]:
        found = []
        for number, line in enumerate(self.cleaned_data["libur"].splitlines(), 1):
            if not line.strip():
                continue
            try:
                day, _, name = " ".join(line.split()).partition(" ")
                found.append(f"{date.fromisoformat(day).isoformat()} {name}".strip())
            except ValueError:
                message = f"Baris {number}: tulis tanggal lebih dahulu, misalnya 2026-03-20."
                raise forms.ValidationError(message) from None
        return sorted(set(found))


class NotesForm(forms.Form):
    """The notes of a meeting, and those that they are a change of."""

    catatan = forms.CharField(
        label="Catatan rapat",
        widget=forms.Textarea(attrs={"rows": 16}),
        max_length=20_000,
        required=False,
        error_messages={"max_length": "Catatan paling panjang 20.000 huruf."},
    )
    lama = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def clean_catatan(self) -> str:
        return plain_lines(self.cleaned_data["catatan"])

    def clean_lama(self) -> str:
        return plain_lines(self.cleaned_data["lama"])


def plain_lines(said: str) -> str:
    """Line ends as we store them, whatever a browser sends."""
    return said.replace("\r\n", "\n").strip()
