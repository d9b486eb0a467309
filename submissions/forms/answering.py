"""What an operator types: an answer in the shape of its rubric, a link, the reason to hand in."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from indicators.scoring import Mode, Scale
from submissions.actions.answering import NOTE_LENGTH
from submissions.actions.evidence import NAME_LENGTH, URL_LENGTH, safe_url
from submissions.actions.record import RefusedError
from submissions.wording import personal

YES, NO = "ya", "tidak"
GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}")
BOTH = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def parse_number(raw: str) -> str:
    """Plain digits with a point, out of what people type: 1.234,5 and 1234.5 and 1 234,5 are one.

    ValueError if it is no number. A point before three digits groups thousands, as in Indonesian,
    unless a nought stands before it.
    """
    text = re.sub(r"[\s\u00a0\u202f]", "", raw).removesuffix("%")
    if BOTH.fullmatch(text):
        mark = max(text.rfind(","), text.rfind("."))
        text = f"{re.sub('[.,]', '', text[:mark])}.{text[mark + 1 :]}"
    elif GROUPED.fullmatch(text):
        text = re.sub("[.,]", "", text)
    else:
        text = text.replace(",", ".")
    if text.startswith("."):
        text = f"0{text}"
    if not PLAIN.fullmatch(text):
        raise ValueError(f"no number: {raw}")
    return text


class NumberField(forms.CharField):
    """A figure as people type it; empty is None."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_number(text)
        except ValueError:
            raise forms.ValidationError(
                f"“{text}” bukan angka. Tulis misalnya 1234 atau 80,5."
            ) from None


class AnswerForm(forms.Form):
    """One answer. `versi` is the one that was read; `timpa` and `gabung`, once both were seen, the
    one to replace or to join.
    """

    versi = forms.IntegerField(min_value=0)
    timpa = forms.IntegerField(min_value=0, required=False)
    gabung = forms.IntegerField(min_value=0, required=False)
    tingkat = forms.CharField(required=False, max_length=10)
    pembilang = NumberField(required=False, max_length=40)
    penyebut = NumberField(required=False, max_length=40)
    sebelum = NumberField(required=False, max_length=40)
    sesudah = NumberField(required=False, max_length=40)
    catatan = forms.CharField(required=False, max_length=NOTE_LENGTH)

    def __init__(self, *args: Any, scale: Scale, support: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale, self.support = scale, support

    def value(self) -> dict[str, Any] | None:
        """The answer as it is stored; the verb looks into it once more."""
        typed = self.cleaned_data
        if self.support:
            return None
        if self.scale.mode is Mode.THRESHOLD:
            return {"numerator": typed["pembilang"], "denominator": typed["penyebut"]}
        if self.scale.mode is Mode.TREND:
            return {"values": [typed["sebelum"], typed["sesudah"]]}
        chosen = typed["tingkat"]
        if not chosen:
            return None
        if self.scale.mode is Mode.AREA_SHARE:
            return {"yes": {YES: True, NO: False}.get(chosen)}
        return {"level": int(chosen) if chosen.isascii() and chosen.isdecimal() else chosen}

    def version(self) -> int:
        """The version that this save means to replace."""
        typed = self.cleaned_data
        for name in ("timpa", "gabung"):
            if typed[name] is not None:
                return int(typed[name])
        return int(typed["versi"])

    def sentences(self) -> list[str]:
        """What is wrong, each once."""
        return list(dict.fromkeys(str(each) for errors in self.errors.values() for each in errors))


class BringBackForm(forms.Form):
    """Which event of the history to go back behind, and the version that was seen."""

    kejadian = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    versi = forms.IntegerField(min_value=0, max_value=2**31 - 1)


def no_nik(text: str) -> None:
    """A validator: ValidationError where a text holds what looks like a NIK."""
    if sentence := personal(text):
        raise forms.ValidationError(sentence, code="personal")


class LinkForm(forms.Form):
    """Evidence that lies elsewhere; we never open it ourselves."""

    tautan = forms.CharField(
        label="Alamat tautan",
        max_length=URL_LENGTH,
        widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}),
        help_text="Pastikan siapa pun yang punya tautannya dapat membukanya.",
        error_messages={"required": "Tulis alamat tautannya."},
    )
    nama = forms.CharField(
        label="Nama",
        required=False,
        max_length=NAME_LENGTH,
        help_text="Misalnya: SK tim 2023.",
        validators=[no_nik],
    )

    def clean_tautan(self) -> str:
        try:
            return safe_url(self.cleaned_data["tautan"])
        except RefusedError as error:
            raise forms.ValidationError(str(error)) from None


class SubmitForm(forms.Form):
    """Why the incomplete is handed in; asked for only if something is missing."""

    alasan = forms.CharField(
        label="Alasan mengajukan yang belum lengkap",
        required=False,
        validators=[no_nik],
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Verifikator membaca alasan ini.",
    )
