"""What may be asked of the lists: words from a fixed list, anything else is ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date

from django import forms
from django.utils.datastructures import MultiValueDict

from agencies.models import Agency
from reports.plan import Plan
from reports.progress import STANDING_LABELS, UNASSIGNED
from reports.simulation import BASES, FULL, Asked

CONDITIONS = {
    "berisiko": "Diklaim, belum terbukti",
    "celah": "Masih bisa diraih",
    "terbukti": "Sudah terbukti",
    "terlambat": "Lewat tenggat",
    **{standing.value: label for standing, label in STANDING_LABELS.items()},
    UNASSIGNED: "Tanpa pengampu",
}
ORDERS = {"": "Urutan instrumen", "celah": "Paling bernilai dulu", "risiko": "Paling berisiko dulu"}

Choice = tuple[str, str]


class QuestionFilter(forms.Form):
    """The filters of the list of questions. `chosen()` never fails."""

    keadaan = forms.ChoiceField(label="Keadaan", required=False)
    klaster = forms.ChoiceField(label="Klaster", required=False)
    indikator = forms.ChoiceField(label="Indikator", required=False)
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)
    urut = forms.ChoiceField(label="Urutan", required=False, choices=list(ORDERS.items()))

    def __init__(
        self,
        data: object,
        *,
        clusters: Iterable[Choice],
        indicators: Iterable[Choice],
        agencies: Iterable[Choice],
    ) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        everything = {
            "keadaan": [("", "Semua keadaan"), *CONDITIONS.items()],
            "klaster": [("", "Semua klaster"), *clusters],
            "indikator": [("", "Semua indikator"), *indicators],
            "perangkat": [("", "Semua perangkat daerah"), *agencies],
        }
        for name, choices in everything.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = choices

    def chosen(self) -> dict[str, str]:
        """What was asked for and exists; an unknown word counts as nothing."""
        self.is_valid()
        names = ("keadaan", "klaster", "indikator", "perangkat", "urut")
        return {name: self.cleaned_data.get(name) or "" for name in names}


DATE_KEY = "k."


def asked_of(data: MultiValueDict[str, str]) -> Asked:
    """What a simulation's address supposes; what cannot be read counts as nothing."""
    basis = data.get("dasar") or FULL
    picks = {int(each) for each in data.getlist("p") if each.isascii() and each.isdecimal()}
    dates = {}
    for name in data:
        if name.startswith(DATE_KEY):
            with suppress(ValueError):
                dates[name.removeprefix(DATE_KEY)] = date.fromisoformat(str(data[name]))
    return Asked(basis if basis in BASES else FULL, frozenset(picks), dates)


class BundleForm(forms.Form):
    """Which part of a year's evidence, of which office; with `own`, of that one alone."""

    bagian = forms.ChoiceField(label="Bagian", required=False)
    perangkat = forms.ChoiceField(label="Perangkat daerah", required=False)

    def __init__(
        self, data: object, *, plan: Plan, agencies: Mapping[str, Agency], own: Agency | None
    ) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.agencies, self.own = agencies, own
        part = self.fields["bagian"]
        assert isinstance(part, forms.ChoiceField)  # noqa: S101
        part.choices = [
            ("", "Semua klaster dan indikator"),
            *(
                (
                    f"{each.code} {each.name}",
                    [
                        (f"klaster-{each.code}", f"Seluruh klaster {each.code}"),
                        *(
                            (f"indikator-{one.code}", f"{one.code} {one.name}"[:90])
                            for one in each.indicators
                        ),
                    ],
                )
                for each in plan.clusters
            ),
        ]
        office = self.fields["perangkat"]
        assert isinstance(office, forms.ChoiceField)  # noqa: S101
        office.choices = [
            ("", "Semua perangkat daerah"),
            *((each.code, each.name) for each in agencies.values()),
        ]
        if own is not None:
            del self.fields["perangkat"]

    @property
    def cluster(self) -> str:
        return self._part("klaster-")

    @property
    def indicator(self) -> str:
        return self._part("indikator-")

    @property
    def agency(self) -> Agency | None:
        if self.own is not None:
            return self.own
        return self.agencies.get(self.cleaned_data["perangkat"])

    def _part(self, kind: str) -> str:
        said: str = self.cleaned_data["bagian"]
        return said.removeprefix(kind) if said.startswith(kind) else ""
