"""Regions and agencies: a region's file comes in whole; an agency is retired, never deleted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from agencies.actions.record import RefusedError, record, require
from agencies.models import Agency, Award, ChangeVerb, Kind, Region, User

# Short names that people know; others are made from the name.
CODES = {
    "Dinas Kesehatan": "dinkes",
    "Dinas Pendidikan": "disdik",
    "Dinas Perhubungan": "dishub",
    "Dinas Perumahan dan Kawasan Permukiman": "disperkim",
    "Dinas Sosial": "dinsos",
    "Dinas Tenaga Kerja": "disnaker",
    "Badan Pendapatan Daerah": "bapenda",
    "Bagian Hukum Setda": "bagian-hukum",
    "BNN Kota": "bnn",
    "Kejaksaan Negeri": "kejari",
    "Polres (Unit PPA)": "polres-ppa",
    "Dunia usaha/APSAI": "apsai",
}
REGIONS = ("kota", "kabupaten")
# What lies below a kecamatan, as the file calls it, and how its codes begin.
BELOW = {"kelurahan": "kel", "desa": "desa"}


@transaction.atomic
def load_region(data: dict[str, Any], *, by: User | None) -> Region:
    """Store a region with its kecamatan, kelurahan, other agencies, secretariat and awards.

    What exists already (by its code) stays as the office has it: loading twice changes nothing.
    `by` is None only from the server's shell. Raises RefusedError if the file is wrong.
    """
    if by is not None:
        require(by, "agencies.change_agency", None)
    try:
        planned, names = _plan(data), _names(data)
        facts = data["region"]
        region, _ = Region.objects.get_or_create(
            code=str(facts["code"]),
            defaults={
                key: str(facts.get(key, "")) for key in ("name", "kind", "province", "contact")
            },
        )
        awards = [_award(region, each) for each in data.get("award_history", [])]
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as wrong:
        raise RefusedError(f"Berkas wilayah tidak dapat dibaca: periksa {wrong}.") from wrong
    require(by, "agencies.change_agency", region)
    added = _store(region, planned, str(data.get("secretariat", "")))
    if fresh := {name: names[name] for name in names.keys() - region.office_names.keys()}:
        region.office_names |= fresh
        region.save(update_fields=["office_names"])
    Award.objects.bulk_create(awards, ignore_conflicts=True)
    record(ChangeVerb.LOAD_REGION, by=by, region=region, agencies=added)
    return region


def code_of(name: str) -> str:
    """The short, stable code of an agency in addresses."""
    return CODES.get(name) or slugify(name.replace("/", " "))[:64]


def _plan(data: dict[str, Any]) -> list[tuple[str, str, Kind, str | None]]:
    """(code, name, kind, code of the parent), parents first; a doubled code is refused."""
    planned: list[tuple[str, str, Kind, str | None]] = []
    often = Counter(
        (word, slugify(each["name"]))
        for kecamatan in data.get("kecamatan", [])
        for word in BELOW
        for each in kecamatan.get(word, [])
    )
    for kecamatan in data.get("kecamatan", []):
        district = slugify(kecamatan["name"])
        above = f"kec-{district}"
        planned.append((above, f"Kecamatan {kecamatan['name']}", Kind.KECAMATAN, None))
        for word, short in BELOW.items():
            for each in kecamatan.get(word, []):
                code, name = slugify(each["name"]), f"{word.capitalize()} {each['name']}"
                if often[word, code] > 1:  # two kecamatan have one of that name
                    code, name = f"{code}-{district}", f"{name} ({kecamatan['name']})"
                planned.append((f"{short}-{code}"[:64], name, Kind.KELURAHAN, above))
    for each in data["agencies"]:
        if each["kind"] not in Kind.values:
            raise RefusedError(f"Jenis perangkat daerah “{each['kind']}” tidak dikenal.")
        planned.append((code_of(each["name"]), each["name"], Kind(each["kind"]), None))
    if (kind := str(data["region"].get("kind", ""))) not in REGIONS:
        raise RefusedError(f"Jenis wilayah “{kind}” tidak dikenal: tulis kota atau kabupaten.")
    chief = data.get("secretariat")
    if chief and chief not in [each["name"] for each in data["agencies"]]:
        raise RefusedError(f"Sekretariat “{chief}” tidak ada di antara perangkat daerah.")
    seen: set[str] = set()
    for code, name, _, _ in planned:
        if not code or code in seen:
            raise RefusedError(f"Kode “{code}” ({name}) muncul dua kali atau kosong.")
        seen.add(code)
    return planned


def _names(data: dict[str, Any]) -> dict[str, str]:
    """What the instrument calls an office that has another name here, and that office's code."""
    return {
        str(name): code_of(each["name"])
        for each in data["agencies"]
        for name in each.get("answers_as", [])
    }


def _store(
    region: Region, planned: list[tuple[str, str, Kind, str | None]], secretariat: str
) -> int:
    """Two inserts for any number of agencies: those without a parent, then their children."""
    known = dict(region.agencies.values_list("code", "pk"))
    has_secretariat = region.agencies.filter(is_secretariat=True).exists()
    added = 0
    for children in (False, True):
        rows = [
            Agency(
                region=region,
                code=code,
                name=name,
                kind=kind,
                parent_id=known[parent] if parent else None,
                is_secretariat=not has_secretariat and name == secretariat,
            )
            for code, name, kind, parent in planned
            if code not in known and (parent is not None) is children
        ]
        Agency.objects.bulk_create(rows)
        added += len(rows)
        known = dict(region.agencies.values_list("code", "pk"))
    return added


def _award(region: Region, each: dict[str, Any]) -> Award:
    score = each.get("score")
    return Award(
        region=region,
        year=int(each["year"]),
        category=str(each["category"]),
        score=None if score is None else Decimal(str(score)),
        source=str(each.get("source") or ""),
    )


@transaction.atomic
def retire_agency(agency: Agency, *, by: User, now: datetime) -> None:
    """It answers no more in years opened from now on; its history stays."""
    require(by, "agencies.change_agency", agency)
    leads = agency.assignments.filter(role="lead").count()
    if leads:
        raise RefusedError(
            f"{agency} masih penanggung jawab {leads} pertanyaan. Alihkan dahulu, lalu nonaktifkan."
        )
    if Agency.objects.filter(pk=agency.pk, retired_at__isnull=True).update(retired_at=now):
        agency.retired_at = now
        record(ChangeVerb.RETIRE_AGENCY, by=by, region=agency.region, agency=agency.code)


@transaction.atomic
def use_agency_again(agency: Agency, *, by: User) -> None:
    """What was retired by mistake is in use again, with the standing assignments that it kept; one
    that was merged is not, since all that it had is another's.
    """
    require(by, "agencies.change_agency", agency)
    if agency.merged_into_id is not None:
        raise RefusedError(f"{agency} sudah dilebur, jadi tidak dapat dipakai lagi.")
    retired = Agency.objects.filter(
        pk=agency.pk, retired_at__isnull=False, merged_into__isnull=True
    )
    if retired.update(retired_at=None):
        agency.retired_at = None
        record(
            ChangeVerb.SAVE_ROW, by=by, region=agency.region,
            row=Agency.__name__, pk=agency.pk, changed=["retired_at"],
        )  # fmt: skip
