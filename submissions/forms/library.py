"""The library's filter: which evidence, by name, question, year, kind, office and use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from submissions.models import Assessment, EvidenceLink, EvidenceQuerySet, RowEvidence

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
KIND_OF = {word: holds for word, _, holds in KINDS}


class LibraryForm(forms.Form):
    """A value that is not among the choices is as if it were not there."""

    kata = forms.CharField(
        label="Kata",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    jenis = forms.ChoiceField(
        label="Jenis",
        required=False,
        choices=[("", "Semua jenis"), *((word, label) for word, label, _ in KINDS)],
    )
    tahun = forms.ChoiceField(label="Tahun penilaian", required=False)
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)
    pakai = forms.ChoiceField(
        label="Pemakaian",
        required=False,
        choices=[("", "Semua"), ("ya", "Dipakai"), ("tidak", "Tidak dipakai")],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Assessment.objects.visible_to(user).order_by("-year")
        years = dict.fromkeys(str(year) for year in seen.values_list("year", flat=True))
        self._offer("tahun", [("", "Semua tahun"), *((year, year) for year in years)])
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
        for word in chosen.get("kata", "").split()[:8]:
            asked = Q(response__question__code__iexact=word) | Q(
                response__question__text__icontains=word
            )
            found = found.filter(Q(name__icontains=word) | Exists(live.filter(asked)))
        if kind := chosen.get("jenis"):
            found = found.filter(KIND_OF[kind])
        if year := chosen.get("tahun"):
            found = found.filter(Exists(live.filter(response__assessment__year=year)))
        if agency := chosen.get("perangkat"):
            found = found.filter(agency__code=agency)
        if use := chosen.get("pakai"):
            rows = RowEvidence.objects.filter(
                evidence=OuterRef("pk"), removed_at__isnull=True, row__retired_at__isnull=True
            )
            used = Exists(live) | Exists(rows)
            found = found.filter(used) if use == "ya" else found.exclude(used)
        return found

    @property
    def narrows(self) -> bool:
        """Whether anything was chosen."""
        return any(self.cleaned_data.values())
