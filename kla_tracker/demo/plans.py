"""How far each office is: one letter for each of its submissions, the most valuable first.

A accepted, M accepted after mending, S waiting for the verifikator, N waiting again after mending,
R returned, D draft, E nothing yet; small letters d and e: the same, and past their date.
"""

from __future__ import annotations

from random import Random

LEADS = {
    "dp3ap2kb": "ASAMASARD",
    "dinkes": "ASADADSD",
    "disdik": "Adddedde",
    "uptd-ppa": "MR",
    "dinsos": "ANR",
    "dispusip": "AS",
    "kemenag": "AS",
    "dpupr": "AD",
    "disnaker": "AS",
    "disdukcapil": "RS",
    "bpbd": "S",
    "dishub": "AD",
    "polres-ppa": "A",
    "disbudparpora": "N",
    "kesbangpol": "eE",
    "bappelitbangda": "A",
}
# An agency that only supports, or supports beside what it leads.
SUPPORTS = {
    "dp3ap2kb": "AASD",
    "dinkes": "ADE",
    "disdik": "ede",
    "bagian-hukum": "AS",
    "bappelitbangda": "ASD",
    "diskominfo": "AAS",
    "dinsos": "ASDE",
    "disdukcapil": "ASD",
    "kejari": "E",
    "pengadilan-agama": "E",
    "polres": "e",
    "apsai": "D",
    "forum-anak": "S",
}
OTHERS = "ASDE"
KECAMATAN = {"kec-cimahi-utara": "S", "kec-cimahi-tengah": "A", "kec-cimahi-selatan": "N"}
KELURAHAN = "AAMAAASASRDEeA"
FIXED = {"kel-cibabat": "D"}
LATE = {"disdik"}
# Accepted although the file that is demanded is not there, with a reason.
UNPROVEN = {"1.3d", "3.1"}
QUALITY = {"dp3ap2kb": 0.9, "dinkes": 0.86, "disdukcapil": 0.88, "disdik": 0.75, "uptd-ppa": 0.9}


def quality_of(agency: str) -> float:
    """How well an office stands, from 0 to 1."""
    return QUALITY.get(agency, 0.82)


def leads(agency: str, count: int) -> list[str]:
    """The states of what an office leads, the most valuable first."""
    return _long(LEADS.get(agency, "ASD"), count)


def supports(agency: str, count: int, rng: Random) -> list[str]:
    """The states of what an office only supports, in any order."""
    states = _long(SUPPORTS.get(agency, OTHERS), count)
    rng.shuffle(states)
    return states


def areas(codes: list[str], rng: Random) -> dict[str, str]:
    """The state of each kecamatan and kelurahan."""
    known = KECAMATAN | FIXED
    others = [code for code in codes if code not in known]
    states = _long(KELURAHAN, len(others))
    rng.shuffle(states)
    return dict(zip(others, states, strict=True)) | {
        code: known[code] for code in codes if code in known
    }


def _long(pattern: str, count: int) -> list[str]:
    return [pattern[each % len(pattern)] for each in range(count)]
