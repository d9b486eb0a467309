"""The library: its filter, and what a giver says of a document."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.wording import tanggal
from submissions.actions.library import Description
from submissions.forms.answering import no_nik
from submissions.models import (
    Assessment,
    DocumentKind,
    Evidence,
    EvidenceLink,
    EvidenceQuerySet,
    RegisterRow,
    ResponseRow,
    RowEvidence,
    Signed,
)
from submissions.workflow import must_hold_until

# The word in the address, what it says on the page, and what the stored kind holds.
KINDS = (
    ("pdf", "PDF", Q(blob__content_type="application/pdf")),
    ("gambar", "Gambar", Q(blob__content_type__startswith="image/")),
    ("lembar", "Lembar kerja", Q(blob__content_type__contains="spreadsheet")),
    (
        "dokumen",
        "Dokumen",
        Q(blob__content_type__contains="wordprocessing")
        | Q(blob__content_type__contains="presentation"),
    ),
    ("tautan", "Tautan", Q(blob__isnull=True)),
)
UNSAID = "tanpa"
OLDEST = 1900
KIND_OF = {word: holds for word, _, holds in KINDS}


def matching(words: str) -> Q:
    """Each word (of eight) in the name, the number or the kind of a document, or in a question that
    it is attached to, itself or through a row that counts there.
    """
    asked = Q()
    for word in words.split()[:8]:
        kinds = [
            kind for kind, label in DocumentKind.choices if word.casefold() in label.casefold()
        ]
        question = Q(response__question__code__iexact=word) | Q(
            response__question__text__icontains=word
        )
        links = EvidenceLink.objects.filter(
            question, evidence=OuterRef("pk"), removed_at__isnull=True
        )
        ticks = ResponseRow.objects.filter(question, row=OuterRef("row"), removed_at__isnull=True)
        rows = live_rows().filter(Exists(ticks))
        asked &= (
            Q(name__icontains=word)
            | Q(document_number__icontains=word)
            | Q(kind__in=kinds)
            | Exists(links)
            | Exists(rows)
        )
    return asked


def live_rows() -> QuerySet[RowEvidence]:
    """The rows of a register that have an evidence now, seen from the evidence."""
    return RowEvidence.objects.filter(
        evidence=OuterRef("pk"), removed_at__isnull=True, row__retired_at__isnull=True
    )


class LibraryForm(forms.Form):
    """A value that is not among the choices is as if it were not there."""

    kata = forms.CharField(
        label="Kata",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    dokumen = forms.ChoiceField(
        label="Jenis dokumen",
        required=False,
        choices=[("", "Semua"), *DocumentKind.choices, (UNSAID, "Belum disebut")],
    )
    jenis = forms.ChoiceField(
        label="Jenis berkas",
        required=False,
        choices=[("", "Semua"), *((word, label) for word, label, _ in KINDS)],
    )
    tahun = forms.ChoiceField(label="Tahun penilaian", required=False)
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)
    pakai = forms.ChoiceField(
        label="Pemakaian",
        required=False,
        choices=[("", "Semua"), ("ya", "Dipakai"), ("tidak", "Tidak dipakai")],
    )
    berlaku = forms.ChoiceField(
        label="Masa berlaku",
        required=False,
        choices=[("", "Semua"), ("ya", "Masih berlaku"), ("tidak", "Kedaluwarsa")],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = list(
            Assessment.objects.visible_to(user)
            .order_by("-year", "pk")
            .values_list("year", "data_year", "closed_at")
        )
        self.data_years = {str(year): data_year for year, data_year, _ in seen}
        still_open = [data_year for _, data_year, closed_at in seen if closed_at is None]
        self.data_year: int | None = max(still_open, default=None)
        self._offer("tahun", [("", "Semua tahun"), *((year, year) for year in self.data_years)])
        if user.role in OWN_AGENCY_ONLY:
            del self.fields["perangkat"]
        else:
            agencies = Agency.objects.visible_to(user).order_by("name").values_list("code", "name")
            self._offer("perangkat", [("", "Semua perangkat daerah"), *agencies])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        label = self.fields[name].label
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices)

    def narrow(self, found: EvidenceQuerySet) -> EvidenceQuerySet:
        """What fits everything that was chosen."""
        self.is_valid()
        chosen = self.cleaned_data
        live = EvidenceLink.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
        found = found.filter(matching(chosen.get("kata", "")))
        if kind := chosen.get("jenis"):
            found = found.filter(KIND_OF[kind])
        if kind := chosen.get("dokumen"):
            found = found.filter(kind="" if kind == UNSAID else kind)
        if year := chosen.get("tahun"):
            found = found.filter(self._used_in(year))
        if agency := chosen.get("perangkat"):
            found = found.filter(agency__code=agency)
        if use := chosen.get("pakai"):
            used = Exists(live) | Exists(live_rows())
            found = found.filter(used) if use == "ya" else found.exclude(used)
        if (valid := chosen.get("berlaku")) and self.data_year is not None:
            over = Q(valid_until__lt=must_hold_until(self.data_year))
            found = found.filter(over) if valid == "tidak" else found.exclude(over)
        return found

    def _used_in(self, year: str) -> Q:
        """Attached to an answer of that year, or to a row that holds in the year of its data."""
        links = EvidenceLink.objects.filter(
            evidence=OuterRef("pk"), removed_at__isnull=True, response__assessment__year=year
        )
        holding = RegisterRow.objects.valid_in(self.data_years[year]).values("pk")
        return Q(Exists(links)) | Q(Exists(live_rows().filter(row__in=holding)))

    @property
    def narrows(self) -> bool:
        """Whether anything was chosen."""
        return any(self.cleaned_data.values())


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Tulis tanggal seperti 31/12/2024."},
        **more,
    )


class DescribeForm(forms.Form):
    """What a document is. Nothing of it has to be known; `versi` is the one that was read."""

    versi = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    jenis = forms.ChoiceField(
        label="Jenis dokumen",
        required=False,
        choices=[("", "Belum disebut"), *DocumentKind.choices],
    )
    nomor = forms.CharField(
        label="Nomor dokumen",
        required=False,
        max_length=120,
        validators=[no_nik],
        error_messages={"max_length": "Nomor dokumen paling banyak 120 huruf."},
    )
    tanggal = _day("Tanggal dokumen")
    pengesahan = forms.ChoiceField(
        label="Tanda tangan dan stempel",
        required=False,
        choices=[("", "Belum disebut"), *Signed.choices],
    )
    berlaku = _day(
        "Berlaku sampai", help_text="Kosongkan bila dokumen tidak menyebut batas berlaku."
    )

    def __init__(self, *args: Any, today: date, evidence: Evidence, **kwargs: Any) -> None:
        self.today = today
        said = Description.of(evidence)
        kwargs["initial"] = {
            "versi": evidence.version,
            "jenis": said.kind,
            "nomor": said.document_number,
            "tanggal": said.document_date,
            "pengesahan": said.signed,
            "berlaku": said.valid_until,
        }
        super().__init__(*args, **kwargs)

    def clean_tanggal(self) -> date | None:
        day: date | None = self.cleaned_data["tanggal"]
        if day is not None and day > self.today:
            raise forms.ValidationError("Tanggal dokumen tidak boleh sesudah hari ini.")
        if day is not None and day.year < OLDEST:
            raise forms.ValidationError("Periksa tahunnya: tulis dengan empat angka.")
        return day

    def clean_berlaku(self) -> date | None:
        day: date | None = self.cleaned_data["berlaku"]
        if day is not None and day.year < OLDEST:
            raise forms.ValidationError("Periksa tahunnya: tulis dengan empat angka.")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        day, until = given.get("tanggal"), given.get("berlaku")
        if day and until and until < day:
            self.add_error("berlaku", "Batas berlaku tidak boleh sebelum tanggal dokumen.")
        return given

    def description(self) -> Description:
        """What was said, as it is stored."""
        said = self.cleaned_data
        return Description(
            kind=said["jenis"],
            document_number=said["nomor"],
            document_date=said["tanggal"],
            signed=said["pengesahan"],
            valid_until=said["berlaku"],
        )


def told(said: Description) -> list[tuple[str, str]]:
    """A description as people read it: each field's name and text."""
    return [
        ("Jenis dokumen", dict(DocumentKind.choices).get(said.kind, "")),
        ("Nomor dokumen", said.document_number),
        ("Tanggal dokumen", tanggal(said.document_date) if said.document_date else ""),
        ("Tanda tangan dan stempel", dict(Signed.choices).get(said.signed, "")),
        ("Berlaku sampai", tanggal(said.valid_until) if said.valid_until else ""),
    ]
