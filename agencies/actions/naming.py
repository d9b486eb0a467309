"""What an instrument calls an office that has another name in the region: said once, then known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from agencies.actions.assigning import (
    AREA_NAMES,
    LEAD,
    SUPPORT,
    one_at_a_time,
    refuse_what_cannot_be,
    share_out,
)
from agencies.actions.record import RefusedError, record, require
from agencies.models import Agency, Assignment, ChangeVerb, Region, User
from indicators.models import Instrument


@dataclass(slots=True)
class StrangeName:
    """A name of the instrument that no office of the region bears, and what hangs on it."""

    name: str
    leads: int = 0
    supports: int = 0


def strange_names(region: Region, instrument: Instrument) -> list[StrangeName]:
    """Those that name a lead first, the most questions first. Two queries."""
    active = dict(Agency.objects.filter(region=region).active().values_list("code", "name"))
    known = {name.casefold() for name in (*active.values(), *AREA_NAMES)} | {
        name.casefold() for name, code in region.office_names.items() if code in active
    }
    found: dict[str, StrangeName] = {}
    for question in instrument.questions.order_by("order"):
        for name in question.supporting_agencies:
            if name.casefold() not in known:
                found.setdefault(name, StrangeName(name)).supports += 1
        lead = "" if question.is_area else question.lead_agency
        if lead and lead.casefold() not in known:
            found.setdefault(lead, StrangeName(lead)).leads += 1
    return sorted(found.values(), key=lambda each: (-each.leads, -each.supports, each.name))


@transaction.atomic
def name_offices(
    region: Region, instrument: Instrument, meant: Mapping[str, Agency], *, by: User | None
) -> int:
    """Remember which office each name means, and give it the questions that name it: as lead where
    there is none, as support where it has no part yet. Returns how many parts were given.

    `by` is None only from the server's shell.
    """
    require(by, "agencies.change_assignment", region)
    stored = one_at_a_time(region.pk)
    for name, agency in meant.items():
        if agency.region_id != region.pk:
            raise RefusedError(f"{agency} bukan perangkat daerah {region}.")
        refuse_what_cannot_be([], agency, LEAD)
        if agency.is_area:
            raise RefusedError(
                f"“{name}” menjawab untuk seluruh kota, jadi bukan kecamatan atau kelurahan."
            )
    stored.office_names |= {name: agency.code for name, agency in meant.items()}
    stored.save(update_fields=["office_names"])
    region.office_names = stored.office_names
    standing = Assignment.objects.standing(region, instrument)
    before = standing.count()
    share_out(stored, instrument, by=by)
    _support(region, instrument, meant)
    given = standing.count() - before
    record(
        ChangeVerb.ASSIGN_STANDING,
        by=by,
        region=region,
        instrument=instrument.code,
        names={name: agency.code for name, agency in meant.items()},
        added=given,
    )
    return given


def _support(region: Region, instrument: Instrument, meant: Mapping[str, Agency]) -> None:
    """Also of questions that have a lead already, which `assign_standing` leaves as they are."""
    standing = Assignment.objects.standing(region, instrument)
    have = set(standing.values_list("question_id", "agency_id"))
    new = {
        (question.pk, meant[name].pk)
        for question in instrument.questions.all()
        for name in question.supporting_agencies
        if name in meant
    }
    Assignment.objects.bulk_create(
        [
            Assignment(question_id=question, agency_id=agency, region=region, role=SUPPORT)
            for question, agency in sorted(new - have)
        ],
        batch_size=500,
    )
