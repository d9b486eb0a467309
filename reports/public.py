"""What everybody may see of a year: total, category and clusters, frozen when they are released."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from indicators.resources.formulas import guarded
from indicators.wording import local
from reports.ledger import Ledger
from reports.scores import Line, Score, score
from submissions.models import Assessment

RIGHTS = Path(__file__).with_name("rights.json")


def figures_of(
    assessment: Assessment, ledger: Ledger, *, now: datetime, about: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The figures as they are stored and sent out; numbers as texts with two decimals. `about` is
    what the city says of each cluster, by its code; else it is our sentence.

    Only proven points: what is claimed and not yet proven is nobody's business but the city's.
    """
    found = score(ledger)
    return {
        "wilayah": assessment.region.name,
        "kode_wilayah": assessment.region.code,
        "tahun": assessment.year,
        "tahun_data": assessment.data_year,
        "instrumen": ledger.plan.title,
        "per_tanggal": local(now).date().isoformat(),
        "data_contoh": assessment.is_example,
        "terbukti": _text(found.total.proven),
        "maksimum": _text(found.total.maximum),
        "kategori": found.band.name if found.band else None,
        "klaster": [_cluster(line, ledger, found, about or {}) for line in found.clusters],
    }


def _cluster(line: Line, ledger: Ledger, found: Score, about: Mapping[str, str]) -> dict[str, Any]:
    plan = next(each for each in ledger.plan.clusters if each.code == line.code)
    lines = [
        found.questions[question.pk] for each in plan.indicators for question in each.questions
    ]
    full = sum(each.maximum > 0 and each.proven >= each.maximum for each in lines)
    part = sum(0 < each.proven < each.maximum for each in lines)
    return {
        "kode": line.code,
        "nama": line.label,
        "tentang": about.get(line.code) or _rights().get(line.label, ""),
        "terbukti": _text(line.proven),
        "maksimum": _text(line.maximum),
        "pertanyaan": len(lines),
        "terbukti_penuh": full,
        "terbukti_sebagian": part,
    }


def _text(figure: Decimal) -> str:
    return f"{figure:.2f}"


@cache
def _rights() -> dict[str, str]:
    found: dict[str, str] = json.loads(RIGHTS.read_text())["rights"]
    return found


@dataclass(frozen=True, slots=True)
class PublicCluster:
    """A cluster as a citizen reads it."""

    code: str
    label: str
    about: str
    proven: Decimal
    maximum: Decimal
    questions: int
    full: int
    part: int

    @property
    def left(self) -> int:
        return self.questions - self.full - self.part


@dataclass(frozen=True, slots=True)
class PublicYear:
    """Released figures, read back."""

    region: str
    year: int
    data_year: int
    instrument: str
    day: date
    is_example: bool
    proven: Decimal
    maximum: Decimal
    band: str | None
    clusters: tuple[PublicCluster, ...]


def read(figures: Mapping[str, Any]) -> PublicYear:
    """The stored figures as values for a page."""
    rights = _rights()
    return PublicYear(
        region=figures["wilayah"],
        year=figures["tahun"],
        data_year=figures["tahun_data"],
        instrument=figures["instrumen"],
        day=date.fromisoformat(figures["per_tanggal"]),
        is_example=figures["data_contoh"],
        proven=Decimal(figures["terbukti"]),
        maximum=Decimal(figures["maksimum"]),
        band=figures["kategori"],
        clusters=tuple(
            PublicCluster(
                each["kode"],
                each["nama"],
                each.get("tentang", rights.get(each["nama"], "")),
                Decimal(each["terbukti"]),
                Decimal(each["maksimum"]),
                each["pertanyaan"],
                each["terbukti_penuh"],
                each["terbukti_sebagian"],
            )
            for each in figures["klaster"]
        ),
    )


HEAD = (
    *("kode_wilayah", "wilayah", "tahun", "tahun_data", "per_tanggal", "bagian", "kode", "nama"),
    *("terbukti", "maksimum", "kategori", "pertanyaan", "terbukti_penuh", "terbukti_sebagian"),
    "tentang",
)


def as_csv(figures: Mapping[str, Any]) -> str:
    """The same figures, one row for the total and one for each cluster; text never a formula."""
    target = StringIO()
    sheet = csv.writer(target)
    sheet.writerow(HEAD)
    place = [figures[key] for key in HEAD[:5]]
    total = [figures["terbukti"], figures["maksimum"], figures["kategori"] or ""]
    whole = [*place, "total", "", "Seluruh penilaian", *total, "", "", "", ""]
    sheet.writerow([*map(guarded, whole)])
    for each in figures["klaster"]:
        row = [*place, "klaster", each["kode"], each["nama"], each["terbukti"], each["maksimum"]]
        counts = [each["pertanyaan"], each["terbukti_penuh"], each["terbukti_sebagian"]]
        counts.append(each.get("tentang", ""))
        sheet.writerow([*map(guarded, [*row, "", *counts])])
    return target.getvalue()
