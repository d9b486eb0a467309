"""A year worked out by hand: every rubric, a cap, an area that is silent, a lower verdict, and an
acceptance without evidence.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from agencies.models import Agency, AssignmentRole, Award, Kind, Region, User
from agencies.roles import Role
from indicators.models import Cluster
from indicators.scoring import level_of, share_of
from submissions.models import (
    Assessment,
    Evidence,
    EvidenceLink,
    Response,
    Review,
    Submission,
)
from submissions.workflow import State, Verdict
from tests import factories as make

# What the answers below come to, added up on paper.
CLAIMED = "44.25"
PROVEN = "26.50"
AT_RISK = "17.75"
UNPROVEN = "7.00"
CLUSTERS = {"KA": "23.50", "KB": "3.00"}
INDICATORS = {"1": "13.50", "2": "10.00", "3": "3.00"}
QUESTIONS = {
    "1.1": ("7.50", "7.50"),
    "1.2": ("9.00", "6.00"),
    "1.3": ("8.00", "0.00"),
    "2.1": ("8.00", "8.00"),
    "2.2": ("7.00", "7.00"),
    "3.1": ("6.00", "3.00"),
    "3.2": ("3.75", "0.00"),
    "3.3": ("0.00", "0.00"),
}


@dataclass
class World:
    region: Region
    assessment: Assessment
    dinas: Agency
    badan: Agency
    areas: list[Agency]
    users: dict[str, User] = field(default_factory=dict)

    def response(self, code: str, agency: Agency | None = None) -> Response:
        found = Response.objects.filter(assessment=self.assessment, question__code=code).exclude(
            role=AssignmentRole.SUPPORT
        )
        if agency is not None:
            found = found.filter(submission__agency=agency)
        return found.select_related("question__rubric", "submission__agency").get()


def instrument(code: str = "uji") -> Any:
    """Eight questions in three indicators of two clusters; the second indicator is capped."""
    made = make.make_instrument(code=code, title=f"Instrumen {code}")
    clusters = [
        Cluster.objects.create(
            instrument=made, order=order, code=letters, name=name, max_points=Decimal(maximum)
        )
        for order, (letters, name, maximum) in enumerate(
            [("KA", "Kelembagaan", 40), ("KB", "Wilayah", 18)]
        )
    ]
    made.rubrics.filter(code="area_share").update(basis="logis")  # counted, not guessed
    specs = [
        ("1", clusters[0], 30, [("choice", 10), ("threshold", 12), ("trend", 8)]),
        ("2", clusters[0], 10, [("graded", 8), ("choice", 7)]),
        ("3", clusters[1], 18, [("area_share", 9), ("choice", 5), ("choice", 4)]),
    ]
    order = 0
    for place, (code_, cluster, maximum, questions) in enumerate(specs):
        indicator = make.make_indicator(
            made,
            cluster=cluster,
            code=code_,
            order=place,
            name=f"Indikator {code_}",
            max_points=Decimal(maximum),
        )
        for number, (mode, points) in enumerate(questions, 1):
            order += 1
            make.make_question(
                indicator,
                mode,
                code=f"{code_}.{number}",
                order=order,
                max_points=Decimal(points),
                level="kelurahan" if mode == "area_share" else "kota",
                evidence_required=f"{code_}.{number}" in {"2.2", "3.2"},
            )
    return make.publish(made)


def city(made: Any, **region: Any) -> World:
    """A region with two agencies, three kelurahan, a user of each role, and the year open."""
    place = make.make_region(**region)
    dinas = make.make_agency(place, code="dinas", name="Dinas Kesehatan")
    badan = make.make_agency(place, code="badan", name="Badan Perencanaan")
    areas = [
        make.make_agency(place, code=f"kel-{n}", name=f"Kelurahan {n}", kind=Kind.KELURAHAN)
        for n in "abc"
    ]
    for question in made.questions.all():
        if question.is_area:
            for area in areas:
                make.assign(question, area, AssignmentRole.AREA)
            continue
        lead, support = (dinas, badan) if question.code < "3" else (badan, dinas)
        make.assign(question, lead)
        if question.code in {"1.1", "3.2"}:
            make.assign(question, support, AssignmentRole.SUPPORT)
    assessment = make.make_assessment(place, made, closes_on=date(2099, 3, 29))
    found = World(place, assessment, dinas, badan, areas)
    found.users = {
        "operator": make.make_user(Role.OPERATOR, agency=dinas),
        "operator_badan": make.make_user(Role.OPERATOR, agency=badan),
        "operator_area": make.make_user(Role.OPERATOR, agency=areas[0]),
        "verifikator": make.make_user(Role.VERIFIKATOR, region=place),
        "pimpinan": make.make_user(Role.PIMPINAN, region=place),
    }
    return found


def world(**region: Any) -> World:
    """The year as the figures above say."""
    found = city(instrument(), **region)
    fill(found)
    return found


def fill(found: World) -> None:
    reviewer = found.users["verifikator"]
    claim(found.response("1.1"), {"level": 1})
    claim(found.response("1.2"), {"numerator": "9", "denominator": "12"})
    claim(found.response("1.3"), {"values": ["80", "82"]})
    claim(found.response("2.1"), {"level": 0})
    claim(found.response("2.2"), {"level": 0})
    claim(found.response("3.1", found.areas[0]), {"yes": True})
    claim(found.response("3.1", found.areas[1]), {"yes": True})
    claim(found.response("3.2"), {"level": 1})
    attach(found.response("1.1"), "Peraturan Wali Kota.pdf", found.users["operator"])
    hand_in(found, "1", "2")
    hand_in(found, "3", agencies=found.areas[:2])
    accept(found.response("1.1"), 1, by=reviewer, note="Sesuai.")
    accept(found.response("1.2"), 2, by=reviewer, note="Penyebutnya 18.")
    accept(found.response("2.1"), 0, by=reviewer)
    accept(found.response("2.2"), 0, by=reviewer, unproven_reason="Naskah asli sedang dijilid.")
    accept(found.response("3.1", found.areas[0]), 0, by=reviewer)
    Award.objects.create(region=found.region, year=2023, category="Madya")


def claim(response: Response, value: dict[str, Any]) -> None:
    """As an agency's saved answer leaves it."""
    scale = response.question.rubric.scale
    response.value = value
    response.claim_level = level_of(scale, value)
    response.claim_share = share_of(scale, response.claim_level)
    response.version += 1
    response.answered_at = timezone.now()
    response.save()
    Submission.objects.filter(pk=response.submission_id, state=State.EMPTY).update(
        state=State.DRAFT
    )


def hand_in(
    found: World, *indicators: str, agencies: list[Agency] | None = None, at: datetime | None = None
) -> None:
    at = at or timezone.now() - timedelta(days=3)
    mine = found.assessment.submissions.filter(indicator__code__in=indicators)
    if agencies is not None:
        mine = mine.filter(agency__in=agencies)
    mine.exclude(state=State.EMPTY).update(state=State.SUBMITTED, submitted_at=at)


def accept(
    response: Response, level: int, *, by: User, note: str = "", unproven_reason: str = ""
) -> None:
    """As a verdict leaves it."""
    share = share_of(response.question.rubric.scale, level)
    review = Review.objects.create(
        response=response,
        version=response.version,
        verdict=Verdict.ACCEPTED,
        level=level,
        share=share,
        note=note,
        unproven_reason=unproven_reason,
        by=by,
    )
    Response.objects.filter(pk=response.pk).update(
        verdict=Verdict.ACCEPTED,
        verified_level=level,
        verified_share=share,
        unproven_reason=unproven_reason,
        last_review=review,
    )


def give_back(response: Response, note: str, *, by: User) -> None:
    review = Review.objects.create(
        response=response, version=response.version, verdict=Verdict.RETURNED, note=note, by=by
    )
    Response.objects.filter(pk=response.pk).update(
        verdict=Verdict.RETURNED, verified_level=None, verified_share=None, last_review=review
    )
    Submission.objects.filter(pk=response.submission_id).update(state=State.RETURNED)


def attach(response: Response, name: str, by: User) -> Evidence:
    evidence = Evidence.objects.create(
        agency=response.submission.agency, name=name, url="https://contoh.example/a", created_by=by
    )
    EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)
    return evidence
