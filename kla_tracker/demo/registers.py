"""Rows of the registers of the example: invented, some proven, some not, the same each time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from agencies.models import Agency, Region, User
from indicators.models import Register
from submissions.actions.registers import words_of
from submissions.models import (
    Assessment,
    Event,
    Evidence,
    RegisterRow,
    Response,
    ResponseRow,
    RowChange,
    RowEvidence,
    RowVerb,
    Verb,
)

NAMESPACE = uuid.UUID("5e1f0a52-7a3c-4c8e-9a86-6b9f0c4f3277")
# Which offices have filled what: code of the register, and about how many rows.
FILLED = {
    "dp3ap2kb": {
        "regulasi": 6, "program-anggaran": 8, "kemitraan": 7, "pelatihan-kha": 12, "inovasi": 3,
        "lembaga-layanan": 5, "kegiatan": 9, "penanganan": 4, "data-capaian": 4,
    },
    "dinkes": {"regulasi": 3, "program-anggaran": 6, "lembaga-layanan": 8, "kegiatan": 5,
               "data-capaian": 5, "pelatihan-kha": 4},
    "disdik": {"regulasi": 2, "program-anggaran": 4, "lembaga-layanan": 6, "pelatihan-kha": 5},
    "disdukcapil": {"program-anggaran": 2, "kegiatan": 4, "data-capaian": 3, "inovasi": 1},
    "dinsos": {"program-anggaran": 3, "lembaga-layanan": 4, "penanganan": 3},
    "dispusip": {"kegiatan": 4, "lembaga-layanan": 2, "inovasi": 1},
    "uptd-ppa": {"penanganan": 6, "kegiatan": 3},
    "kec-cimahi-utara": {"kegiatan": 3, "kemitraan": 2},
    "kel-cibabat": {"kegiatan": 2},
}  # fmt: skip
PROVEN = 0.7

THEMES = (
    "hak sipil anak", "pengasuhan keluarga", "kesehatan ibu dan anak", "sekolah ramah anak",
    "perlindungan khusus anak", "partisipasi Forum Anak", "informasi layak anak",
    "pencegahan perkawinan anak", "kawasan tanpa rokok",
)  # fmt: skip
PLACES = ("Cimahi Utara", "Cimahi Tengah", "Cimahi Selatan", "Cibabat", "Cigugur Tengah")
PARTNERS = (
    "Dinas Contoh", "Polres (contoh)", "Lembaga Peduli Anak (contoh)", "PT Contoh Sejahtera",
    "Radio Contoh FM", "Universitas Contoh", "Forum Anak Kota (contoh)",
)  # fmt: skip


def fill(
    region: Region, assessment: Assessment, people: dict[int, User], *, today: date, seed: int
) -> None:
    """The rows of the offices that have begun, stored in bulk with their history."""
    registers = {each.code: each for each in assessment.instrument.registers.all()}
    agencies = {each.code: each for each in region.agencies.filter(code__in=FILLED)}
    rows: list[RegisterRow] = []
    for code, wanted in FILLED.items():
        if code in agencies:
            agency = agencies[code]
            for name, count in wanted.items():
                if name in registers:
                    key = f"{seed}:{region.code}:{code}:{name}"
                    by = people[agency.pk]
                    rows += _rows(registers[name], agency, by, count, key, assessment, today)
    RegisterRow.objects.bulk_create(rows, 500)
    RowChange.objects.bulk_create(
        [
            RowChange(
                row=row,
                verb=RowVerb.ADD,
                by=row.created_by,
                at=row.created_at,
                data={
                    "to": {
                        "data": row.data,
                        "valid_from": row.valid_from,
                        "valid_to": row.valid_to,
                    }
                },
            )
            for row in rows
        ],
        500,
    )
    _prove(rows, Random(f"{seed}:{region.code}:bukti"))  # noqa: S311
    _tick(rows, assessment)


def _rows(
    register: Register,
    agency: Agency,
    by: User,
    count: int,
    key: str,
    assessment: Assessment,
    today: date,
) -> Iterator[RegisterRow]:
    rng = Random(key)  # noqa: S311  (the same each time is the point)
    for number in range(count):
        data = {
            column["key"]: _cell(column, number, rng, assessment.data_year)
            for column in register.columns
        }
        _reconcile(data, rng)
        at = datetime.combine(
            today - timedelta(days=rng.randint(3, 30)),
            datetime.min.time().replace(hour=8 + number % 8, minute=rng.randint(0, 59)),
            assessment.opened_at.tzinfo,
        )
        lasting = register.code in {"regulasi", "inovasi", "lembaga-layanan", "kemitraan"}
        yield RegisterRow(
            agency=agency,
            code=register.code,
            register=register,
            data=data,
            words=words_of(register, data),
            valid_from=assessment.data_year,
            valid_to=None if lasting else assessment.data_year,
            token=uuid.uuid5(NAMESPACE, f"{key}:{number}"),
            created_at=at,
            created_by=by,
            changed_at=at,
            changed_by=by,
        )


def _reconcile(data: dict[str, Any], rng: Random) -> None:
    """Parts stay below their wholes."""
    share = rng.randint(60, 98)
    for part, whole in (("realisasi", "pagu"), ("anak", "peserta"), ("terlayani", "jumlah")):
        if part in data and whole in data:
            amount = int(data[whole]) * share // 100
            data[part] = str(amount) if isinstance(data[whole], str) else amount


def _cell(column: dict[str, Any], number: int, rng: Random, year: int) -> Any:
    """A plausible cell, by the key of the column where it tells something, else by its type."""
    kind = column["type"]
    if kind == "choice":
        options = column["options"]
        return options[number % len(options)]
    if kind == "year":
        return year - number % 2
    if kind == "date":
        return date(year, 1 + (number * 5 + rng.randint(0, 2)) % 12, rng.randint(1, 28)).isoformat()
    if kind == "money":
        return str(rng.randint(20, 900) * 500_000)
    if kind == "integer":
        return rng.randint(8, 90) if column["key"] != "penyebut" else rng.randint(90, 400)
    theme = THEMES[(number + rng.randint(0, 1)) % len(THEMES)]
    place = PLACES[number % len(PLACES)]
    texts = {
        "nomor": f"{number + 11}/contoh/{year}",
        "tentang": f"Penyelenggaraan {theme} (contoh)",
        "program": f"Program {theme}",
        "kegiatan": f"Sosialisasi dan pendampingan {theme}",
        "subkegiatan": f"Pelaksanaan {theme} di {place}",
        "mitra": PARTNERS[number % len(PARTNERS)],
        "peran": f"Pendamping {theme}",
        "nama": f"Contoh {number + 1}: {theme}",
        "unit": f"Staf pelaksana, bidang {theme}",
        "pelatihan": "Konvensi Hak Anak bagi tenaga layanan",
        "penyelenggara": "DP3AP2KB (contoh)",
        "sertifikat": f"KHA-{year}-{number + 1:03d}",
        "wilayah": place,
        "tempat": f"Aula {place}",
        "dasar": f"SK contoh {number + 1}/{year}",
        "layanan": "Pendampingan dan rujukan",
        "lembaga": "UPTD PPA (contoh)",
        "sumber": "Laporan tahunan (contoh)",
        "dampak": f"{rng.randint(20, 200)} keluarga terlayani",
    }
    return texts.get(column["key"], f"Uraian contoh {theme}")


def _prove(rows: list[RegisterRow], rng: Random) -> None:
    """Most rows point to a file that their office gave already."""
    given: dict[int, list[Evidence]] = {}
    found = Evidence.objects.filter(agency__in={row.agency_id for row in rows}, blob__isnull=False)
    for each in found.order_by("agency__code", "name", "pk"):
        given.setdefault(each.agency_id, []).append(each)
    links, changes = [], []
    for row in rows:
        choices = given.get(row.agency_id, [])
        if not choices or rng.random() > PROVEN:
            continue
        evidence = choices[rng.randrange(len(choices))]
        links.append(
            RowEvidence(
                row=row, evidence=evidence, added_at=row.created_at, added_by=row.created_by
            )
        )
        changes.append(
            RowChange(
                row=row,
                verb=RowVerb.ATTACH,
                by=row.created_by,
                at=row.created_at,
                data={"name": evidence.name, "evidence": evidence.pk},
            )
        )
    RowEvidence.objects.bulk_create(links, 500)
    RowChange.objects.bulk_create(changes, 500)


def _tick(rows: list[RegisterRow], assessment: Assessment) -> None:
    """The programmes count for the budget questions that their office answered, by turns."""
    programmes: dict[int, list[RegisterRow]] = {}
    for row in rows:
        if row.code == "program-anggaran":
            programmes.setdefault(row.agency_id, []).append(row)
    answered: dict[int, list[Response]] = {}
    for each in (
        Response.objects.filter(
            assessment=assessment,
            question__register__code="program-anggaran",
            claim_level__isnull=False,
            submission__agency__in=programmes,
        )
        .official()
        .select_related("submission")
        .order_by("question__order")
    ):
        answered.setdefault(each.submission.agency_id, []).append(each)
    # The history is in the order of its time: this happened last.
    at = assessment.events.order_by("-pk").values_list("at", flat=True)[0]
    ticks, events = [], []
    for agency, mine in programmes.items():
        for row, response in zip(mine, answered.get(agency, []), strict=False):
            by = row.created_by
            ticks.append(ResponseRow(response=response, row=row, added_at=at, added_by=by))
            events.append(
                Event(
                    assessment=assessment,
                    submission=response.submission,
                    response=response,
                    verb=Verb.TICK,
                    by=by,
                    at=at,
                    data={"added": [row.pk], "removed": []},
                )
            )
    ResponseRow.objects.bulk_create(ticks, 500)
    Event.objects.bulk_create(events, 500)
