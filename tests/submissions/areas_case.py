"""A city of two kecamatan with three kelurahan, and what their areas are asked."""

from types import SimpleNamespace

from agencies.models import Agency, AssignmentRole, Kind
from agencies.roles import Role
from submissions.actions import answering
from submissions.models import Response
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

AREA = AssignmentRole.AREA


def make_city() -> SimpleNamespace:
    """Utara has Cibabat and Citeureup, Selatan has Utama. Every kelurahan answers 26.1 (which asks
    for evidence) and 26.2, every kecamatan 25.1; an office leads 1.1, which Cibabat supports.
    """
    instrument = make_instrument()
    one = make_question(make_indicator(instrument, code="1"), code="1.1")
    kecamatan = make_indicator(instrument, code="25")
    twenty_five = make_question(kecamatan, "area_share", code="25.1", level="kecamatan")
    kelurahan = make_indicator(instrument, code="26")
    first = make_question(
        kelurahan, "area_share", code="26.1", level="kelurahan", evidence_required=True
    )
    first.text = "Persentase kelurahan memiliki Forum Anak"
    first.save(update_fields=["text"])
    second = make_question(kelurahan, "area_share", code="26.2", level="kelurahan")
    region, far = make_region(), make_region()
    utara, selatan = (
        make_agency(region, kind=Kind.KECAMATAN, name=f"Kecamatan {name}", code=name.lower())
        for name in ("Utara", "Selatan")
    )
    parents = {"Cibabat": utara, "Citeureup": utara, "Utama": selatan}
    areas = {
        name: make_agency(
            region, kind=Kind.KELURAHAN, name=f"Kelurahan {name}", code=name.lower(), parent=parent
        )
        for name, parent in parents.items()
    }
    office = make_agency(region, name="Dinas Uji")
    secretariat = make_agency(region, name="DP3AP2KB", is_secretariat=True)
    assign(one, office)
    assign(one, areas["Cibabat"], AssignmentRole.SUPPORT)
    for each in (utara, selatan):
        assign(twenty_five, each, AREA)
    for each in areas.values():
        assign(first, each, AREA)
        assign(second, each, AREA)
    publish(instrument)
    people = {
        "utara": make_user(agency=utara, name="Ibu Utara"),
        "selatan": make_user(agency=selatan),
        "cibabat": make_user(agency=areas["Cibabat"], name="Pak Lurah"),
        "citeureup": make_user(agency=areas["Citeureup"]),
        "office": make_user(agency=office),
        "secretariat": make_user(agency=secretariat),
        "verifikator": make_user(Role.VERIFIKATOR, region=region, agency=secretariat),
        "pimpinan": make_user(Role.PIMPINAN, region=region),
        "admin": make_user(Role.ADMINISTRATOR, region=region),
        "far_verifikator": make_user(Role.VERIFIKATOR, region=far),
    }
    return SimpleNamespace(
        region=region,
        instrument=instrument,
        assessment=make_assessment(region, instrument),
        utara=utara,
        selatan=selatan,
        areas=areas,
        office=office,
        secretariat=secretariat,
        people=people,
    )


def said(city: SimpleNamespace, area: str, code: str) -> Response:
    """The answer of a kelurahan (or kecamatan) to a question, with all that saving reads."""
    agency: Agency = city.areas.get(area) or getattr(city, area)
    return answering.for_answering(Response.objects.all()).get(
        submission__agency=agency, question__code=code
    )
