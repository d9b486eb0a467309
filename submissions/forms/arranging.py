"""What is chosen to change who answers a question in a running year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from agencies.models import Agency, AssignmentRole

CHANGED = "Pengampuan pertanyaan ini baru saja berubah. Periksa daftarnya, lalu pilih lagi."
PARTS = {
    AssignmentRole.LEAD.value: "Penanggung jawab",
    AssignmentRole.SUPPORT.value: "Pendukung",
    AssignmentRole.AREA.value: "Wilayah yang menjawab",
}


def _offices(agencies: Iterable[Agency]) -> list[tuple[str, str]]:
    return [("", "Pilih perangkat daerah"), *((each.code, each.name) for each in agencies)]


class AddForm(forms.Form):
    """One more agency, in one of the parts that are free."""

    prefix = "tambah"
    perangkat = forms.ChoiceField(label="Perangkat daerah")
    tugas = forms.ChoiceField(label="Tugas", error_messages={"invalid_choice": CHANGED})

    def __init__(
        self, *args: Any, agencies: Iterable[Agency], parts: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["perangkat"].choices = _offices(agencies)  # type: ignore[attr-defined]
        self.fields["tugas"].choices = [  # type: ignore[attr-defined]
            (part, PARTS[part]) for part in parts
        ]


class MoveForm(forms.Form):
    """Whose part goes to whom. A choice names the answer and the work that it was shown in, so that
    a page that is out of date is told so.
    """

    prefix = "alih"
    dari = forms.ChoiceField(label="Yang dialihkan", error_messages={"invalid_choice": CHANGED})
    ke = forms.ChoiceField(label="Kepada")

    def __init__(
        self,
        *args: Any,
        agencies: Iterable[Agency],
        held: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dari"].choices = held  # type: ignore[attr-defined]
        self.fields["ke"].choices = _offices(agencies)  # type: ignore[attr-defined]
