"""Which passwords are too easy here, beyond Django's list of common ones."""

import re
from typing import TYPE_CHECKING, Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

# What anyone in the city would try first. Not a rule on composition: these words may be part of
# a long phrase, they may not be what carries it.
OWN_WORDS = (
    "kla", "kota", "layak", "anak", "kotalayakanak", "cimahi", "kotacimahi", "bandung",
    "jawa", "barat", "jabar", "indonesia", "dinas", "badan", "bagian", "kecamatan", "kelurahan",
    "kel", "kec", "camat", "lurah", "walikota", "wali", "setda", "sekretariat", "puskesmas",
    "disdukcapil", "dukcapil", "dinkes", "disdik", "dinsos", "diskominfo", "bappeda",
    "bappelitbangda", "dp3ap2kb", "dp3a", "dishub", "disnaker", "satpol", "satpolpp", "bpbd",
    "bpkad", "dlh", "dpmptsp", "disbudparpora", "kesbangpol", "inspektorat", "diskominfoarpus",
    "cibabat", "cipageran", "citeureup", "pasirkaliki", "baros", "padasuka", "karangmekar",
    "cigugur", "tengah", "setiamanah", "melong", "leuwigajah", "utama", "cibeber", "cibeureum",
    "utara", "selatan", "pelayanan", "kesehatan", "pendidikan", "sosial", "kependudukan",
    "admin", "administrator", "operator", "verifikator", "pimpinan", "petugas", "user", "pengguna",
    "password", "passwd", "sandi", "katasandi", "rahasia", "masuk", "login", "demo", "tracker",
    "forum", "tim", "pemkot", "pemda", "asn", "pns", "gugustugas",
)  # fmt: skip
_WORD = re.compile("|".join(sorted(map(re.escape, OWN_WORDS), key=len, reverse=True)))
LEAST_LEFT = 6


_BETWEEN = re.compile(r"[\W\d_]+")
_AGAIN = re.compile(r"(.+?)\1+")
LEAST_DIFFERENT = 5


class CommonCoreValidator(CommonPasswordValidator):
    """Refuse also what only becomes long enough by digits around a common password, or by saying it
    again: few of the common ones have the length that we ask for.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """The password, and what is left of it without what everybody puts around it."""
        said = password.lower()
        core = _BETWEEN.sub("", said) or said
        if again := _AGAIN.fullmatch(core):
            core = again.group(1)
        if len(set(said)) < LEAST_DIFFERENT or core in self.passwords:
            raise ValidationError(
                "Kata sandi ini terlalu mudah ditebak: kata yang lazim, atau yang diulang.",
                code="password_too_common",
            )
        super().validate(password, user)


class OwnWordsValidator:
    """Refuse a password that is little more than our own words, years and punctuation."""

    def validate(self, password: str, user: "AbstractBaseUser | None" = None) -> None:
        """What is left after taking the known words and the digits out must be worth guessing."""
        rest = _WORD.sub("", password.lower())
        letters = re.sub(r"[\W\d_]+", "", rest)
        if len(letters) < LEAST_LEFT and _WORD.search(password.lower()):
            raise ValidationError(
                "Kata sandi ini terlalu mudah ditebak: isinya kata yang lazim di lingkungan KLA.",
                code="password_own_words",
            )

    def get_help_text(self) -> str:
        """One line for the form."""
        return "Jangan memakai nama kota, perangkat daerah, atau kata KLA sebagai inti kata sandi."
