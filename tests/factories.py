"""The least that is valid, no surprises. Plain functions: `make_…(**changes)` stores one row and
returns it.
"""

from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from agencies.models import Agency, Assignment, AssignmentRole, Kind, Region, User
from agencies.roles import Role
from indicators.models import (
    Band,
    Cluster,
    Indicator,
    Instrument,
    Question,
    Register,
    Rubric,
    RubricLevel,
)
from submissions.actions.year import open_year
from submissions.models import Assessment, Response, Submission

PASSWORD = "kata-sandi-uji-2024"  # noqa: S105
DUE = date(2099, 3, 29)
_serial = count(1)

LEVELS: dict[str, list[tuple[str, str, str | None]]] = {
    "choice": [
        ("Lengkap dan berjalan", "1", None),
        ("Sebagian besar", "0.75", None),
        ("Sebagian", "0.5", None),
        ("Baru mulai", "0.25", None),
        ("Belum ada", "0", None),
    ],
    "graded": [
        ("Semua baris terbukti", "1", None),
        ("Sebagian", "0.4", None),
        ("Tidak ada", "0", None),
    ],
    "threshold": [
        ("90-100 %", "1", "90"),
        ("75-89,99 %", "0.75", "75"),
        ("50-74,99 %", "0.5", "50"),
        ("25-49,99 %", "0.25", "25"),
        ("di bawah 25 %", "0", "0"),
    ],
    "trend": [("Membaik", "1", None), ("Tetap", "0.5", None), ("Memburuk", "0", None)],
    "area_share": [],
}
BANDS = [
    ("Pratama", 500, True),
    ("Madya", 600, False),
    ("Nindya", 700, False),
    ("Utama", 800, False),
    ("KLA", 900, False),
]


def make_instrument(**changes: Any) -> Instrument:
    """A draft with bands and one rubric of each mode, without questions."""
    serial = next(_serial)
    values = {
        "code": f"instrumen-{serial}",
        "title": f"Instrumen uji {serial}",
        "year": 2024,
        "total_max_points": Decimal(1000),
    }
    instrument = Instrument.objects.create(**(values | changes))
    Band.objects.bulk_create(
        Band(instrument=instrument, order=order, name=name, minimum=minimum, inclusive=inclusive)
        for order, (name, minimum, inclusive) in enumerate(BANDS)
    )
    for mode in LEVELS:
        make_rubric(instrument, mode)
    return instrument


def make_rubric(instrument: Instrument, mode: str, **changes: Any) -> Rubric:
    values = {"code": mode, "mode": mode, "basis": "estimasi"}
    rubric = Rubric.objects.create(instrument=instrument, **(values | changes))
    RubricLevel.objects.bulk_create(
        RubricLevel(
            rubric=rubric,
            order=order,
            label=label,
            share=Decimal(share),
            minimum=minimum and Decimal(minimum),
        )
        for order, (label, share, minimum) in enumerate(LEVELS[mode])
    )
    return rubric


def make_register(instrument: Instrument, **changes: Any) -> Register:
    values = {
        "code": f"daftar-{next(_serial)}",
        "name": "Kegiatan",
        "columns": [{"key": "nama", "label": "Nama", "type": "text"}],
    }
    return Register.objects.create(instrument=instrument, **(values | changes))


def make_indicator(instrument: Instrument, **changes: Any) -> Indicator:
    """An indicator in a cluster of its own unless `cluster` is given."""
    serial = next(_serial)
    cluster = changes.pop("cluster", None) or Cluster.objects.create(
        instrument=instrument,
        order=serial,
        code=f"K{serial}",
        name=f"Klaster {serial}",
        max_points=Decimal(100),
    )
    values = {
        "code": str(serial),
        "name": f"Indikator uji {serial}",
        "order": serial,
        "max_points": Decimal(100),
    }
    return Indicator.objects.create(instrument=instrument, cluster=cluster, **(values | changes))


def make_question(indicator: Indicator, mode: str = "choice", **changes: Any) -> Question:
    """Needs no evidence, worth 10 points, on the instrument's rubric of that mode."""
    serial = next(_serial)
    values = {
        "code": f"{indicator.code}.{serial}",
        "order": serial,
        "text": f"Pertanyaan uji {serial}",
        "answer_type": mode,
        "max_points": Decimal(10),
        "rubric": changes.pop("rubric", None) or indicator.instrument.rubrics.get(code=mode),
    }
    return Question.objects.create(
        instrument=indicator.instrument, indicator=indicator, **(values | changes)
    )


def publish(instrument: Instrument, *, at: datetime | None = None) -> Instrument:
    """Straight in the database: the verb has tests of its own."""
    instrument.published_at = at or timezone.now()
    instrument.save(update_fields=["published_at"])
    return instrument


def make_region(**changes: Any) -> Region:
    serial = next(_serial)
    values = {
        "code": f"99.{serial}",
        "name": f"Kota Uji {serial}",
        "kind": "kota",
        "province": "Jawa Barat",
    }
    return Region.objects.create(**(values | changes))


def make_agency(region: Region | None = None, **changes: Any) -> Agency:
    serial = next(_serial)
    values = {"code": f"pd-{serial}", "name": f"Dinas Uji {serial}", "kind": Kind.PERANGKAT_DAERAH}
    return Agency.objects.create(region=region or make_region(), **(values | changes))


def make_user(role: Role = Role.OPERATOR, **changes: Any) -> User:
    """A user with PASSWORD; an operator gets an agency, everybody a region, unless given."""
    serial = next(_serial)
    agency = changes.pop("agency", None)
    region = changes.pop("region", None) or (agency.region if agency else make_region())
    if role is Role.OPERATOR and agency is None:
        agency = make_agency(region)
    values = {
        "username": f"pengguna-{serial}",
        "email": f"pengguna-{serial}@contoh.example",
        "name": f"Pengguna {serial}",
    }
    return User.objects.create_user(
        password=PASSWORD, role=role.value, region=region, agency=agency, **(values | changes)
    )


def assign(question: Question, agency: Agency, role: str = AssignmentRole.LEAD) -> Assignment:
    return Assignment.objects.create(
        question=question, agency=agency, region=agency.region, role=role
    )


def make_assessment(region: Region, instrument: Instrument, **changes: Any) -> Assessment:
    """A year opened from the standing assignments, due far in the future."""
    values = {"year": 2024, "data_year": 2023, "closes_on": DUE, "by": None}
    return open_year(region, instrument, **(values | changes))


def make_work(questions: int = 1, mode: str = "choice", **question: Any) -> Submission:
    """One published indicator with that many questions, led by one agency, in an open year."""
    instrument = make_instrument()
    indicator = make_indicator(instrument)
    agency = make_agency()
    for _ in range(questions):
        assign(make_question(indicator, mode, **question), agency)
    publish(instrument)
    return make_assessment(agency.region, instrument).submissions.for_work().get()


def first_response(submission: Submission) -> Response:
    return (
        submission.responses.select_related(
            "submission__agency",
            "submission__assessment__region",
            "submission__indicator",
            "question__rubric",
        )
        .order_by("question__order")
        .first()
    )
