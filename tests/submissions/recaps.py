"""A small instrument to recapitulate, and the files that a stage's points come in."""

import io
from decimal import Decimal
from types import SimpleNamespace

import openpyxl

from agencies.roles import Role
from indicators.models import Cluster
from tests import factories as make

# Maxima: 1.1 10, 1.2a 5, 1.2b 5 (indicator 20); 2.1 8, 2.2 8 (indicator capped at 10); 14.1 6,
# 14.10 4 (indicator 10).
POINTS = {
    "1.1": "7.5",
    "1.2a": "5",
    "1.2b": "0",
    "2.1": "8",
    "2.2": "7.25",
    "14.1": "3",
    "14.10": "4",
}
SUMS = {"1": "12.5", "2": "10", "14": "7"}
CLUSTERS = {"KEL": "22.5", "III": "7"}
TOTAL = "29.5"


def year():
    """An open year, its people, and the instrument above."""
    instrument = make.make_instrument(total_max_points=Decimal(40))
    make.make_register(instrument, code="kegiatan")
    agency = make.make_agency()
    clusters = [
        Cluster.objects.create(
            instrument=instrument, order=order, code=code, name=name, max_points=Decimal(most)
        )
        for order, (code, name, most) in enumerate(
            [("KEL", "Kelembagaan", 30), ("III", "Kesehatan Dasar", 10)]
        )
    ]
    for code, cluster, most, questions in (
        ("1", clusters[0], 20, (("1.1", 10), ("1.2a", 5), ("1.2b", 5))),
        ("2", clusters[0], 10, (("2.1", 8), ("2.2", 8))),
        ("14", clusters[1], 10, (("14.1", 6), ("14.10", 4))),
    ):
        indicator = make.make_indicator(
            instrument, cluster=cluster, code=code, max_points=Decimal(most)
        )
        for name, points in questions:
            question = make.make_question(indicator, code=name, max_points=Decimal(points))
            make.assign(question, agency)
    make.publish(instrument)
    assessment = make.make_assessment(agency.region, instrument)
    region = agency.region
    return SimpleNamespace(
        instrument=instrument,
        agency=agency,
        region=region,
        assessment=assessment,
        verifikator=make.make_user(Role.VERIFIKATOR, region=region),
        pimpinan=make.make_user(Role.PIMPINAN, region=region),
        operator=make.make_user(agency=agency),
    )


def csv(rows, *, heading="Kode,Nilai", encoding="utf-8"):
    """Lines of a file, as bytes."""
    return "\r\n".join([heading, *rows]).encode(encoding)


def plain(points=None, *, extra=()):
    """Code and points, then what stands below."""
    rows = [f"{code},{value}" for code, value in (points or POINTS).items()]
    return csv([*rows, *extra])


def book(*sheets):
    """A workbook of (title, rows), as bytes."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
