"""An instrument's workbook that is sent, and what was looked into and waits to be stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core import signing

from indicators.actions.checking import InstrumentData, read_instrument
from indicators.actions.writing import as_file
from indicators.models import Instrument

HOURS = 12
SALT = "indicators.workbook"


class WorkbookForm(forms.Form):
    """A workbook to look into."""

    berkas = forms.FileField(
        label="Buku kerja (XLSX)",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Pilih buku kerjanya.", "empty": "Berkas ini kosong."},
    )


class StoreForm(forms.Form):
    """Under which code and title it is kept: a published version is never changed."""

    kode = forms.SlugField(
        label="Kode versi",
        max_length=64,
        help_text="Huruf kecil, angka, dan tanda hubung; setiap versi punya kode sendiri.",
        error_messages={
            "required": "Tulis kode versi.",
            "invalid": "Hanya huruf kecil, angka, dan tanda hubung.",
        },
    )
    judul = forms.CharField(
        label="Judul", max_length=200, error_messages={"required": "Tulis judul versi."}
    )

    def clean_kode(self) -> str:
        code: str = self.cleaned_data["kode"]
        return code.lower()


def seal(data: InstrumentData, *, user: int) -> str:
    """The checked instrument as it goes into the page: signed for this user, for twelve hours."""
    return signing.dumps(as_file(data), salt=f"{SALT}.{user}", compress=True)


def unseal(sealed: str, *, user: int) -> InstrumentData | None:
    """What was looked into; None where it is old or was changed."""
    try:
        kept = signing.loads(sealed, salt=f"{SALT}.{user}", max_age=HOURS * 3600)
    except signing.BadSignature:
        return None
    return read_instrument(kept)


def named(data: InstrumentData, given: dict[str, Any]) -> InstrumentData:
    """The same instrument under another code and title."""
    return replace(data, code=given["kode"], title=given["judul"])


def free_code(code: str) -> str:
    """A code that no version has: the same with the next number."""
    taken = set(Instrument.objects.values_list("code", flat=True))
    number = 2
    while f"{code[:58]}-v{number}" in taken:
        number += 1
    return f"{code[:58]}-v{number}"
