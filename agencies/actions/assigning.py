"""Standing assignments: who leads, supports or answers as an area, in years opened afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from agencies.actions.record import RefusedError, record, require
from agencies.models import (
    Agency,
    Assignment,
    AssignmentRole,
    Change,
    ChangeVerb,
    Kind,
    Region,
    User,
)
from indicators.actions.matching import continued
from indicators.models import AreaLevel, Indicator, Instrument, Question

LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA
AREAS = {AreaLevel.KECAMATAN.value: Kind.KECAMATAN, AreaLevel.KELURAHAN.value: Kind.KELURAHAN}
# What stands in the instrument where every area answers for itself.
AREA_NAMES = frozenset({"Kecamatan", "Kelurahan"})


@dataclass(frozen=True)
class _Offices:
    """The active agencies of a region, by name (their own, and what the instrument calls them) and
    by kind of area.
    """

    by_name: dict[str, Agency]
    areas: dict[str, list[Agency]]

    @classmethod
    def of(cls, region: Region) -> _Offices:
        active = list(Agency.objects.filter(region=region).active())
        by_code = {agency.code: agency for agency in active}
        meant = {
            name.casefold(): by_code[code]
            for name, code in region.office_names.items()
            if code in by_code
        }
        return cls(
            meant | {agency.name.casefold(): agency for agency in active},
            {
                level: [agency for agency in active if agency.kind == kind]
                for level, kind in AREAS.items()
            },
        )


@transaction.atomic
def assign_standing(region: Region, instrument: Instrument, *, by: User | None) -> list[str]:
    """Give each question to the agencies that the instrument names; returns names that match none.

    Where the question that it continues (by the mapping) was given by hand to others than its
    version named, it goes to them; also if it was given before the mapping was made, as long as
    nobody changed it since. Otherwise a question that has a lead or areas stays as the office has
    it, but for areas that are new: so running it twice changes nothing.
    `by` is None only from the server's shell.
    """
    require(by, "agencies.change_assignment", region)
    return share_out(one_at_a_time(region.pk), instrument, by=by)


def share_out(region: Region, instrument: Instrument, *, by: User | None) -> list[str]:
    """What `assign_standing` does, for a verb that has taken the region already."""
    offices = _Offices.of(region)
    unknown: dict[str, None] = {}
    by_hand, carried = _by_hand(region, instrument, offices), set[int]()
    questions = list(instrument.questions.order_by("order"))
    again = _given_too_early(region, instrument, questions, by_hand, offices)
    Assignment.objects.filter(region=region, question__in=again).exclude(role=AREA).delete()
    standing = list(
        Assignment.objects.standing(region, instrument).values_list(
            "question_id", "agency_id", "role"
        )
    )
    present = {(question, agency) for question, agency, _ in standing}
    settled = {question for question, _, role in standing if role != SUPPORT} - again
    new: list[Assignment] = []
    for question in questions:
        for agency, role in by_hand.get(question.pk) or _named(question, offices, unknown):
            key = (question.pk, agency.pk)
            if key in present or (role != AREA and question.pk in settled):
                continue
            present.add(key)
            carried |= {question.pk} & by_hand.keys()
            new.append(Assignment(question=question, agency=agency, region=region, role=role))
    Assignment.objects.bulk_create(new, batch_size=500)
    if new:
        record(
            ChangeVerb.ASSIGN_STANDING,
            by=by,
            region=region,
            instrument=instrument.code,
            added=len(new),
            carried=len(carried),
            unknown=list(unknown),
        )
    return list(unknown)


def one_at_a_time(region: int) -> Region:
    """Of two who name a lead at once the second waits, and replaces the first."""
    return Region.objects.select_for_update().get(pk=region)


def _named(
    question: Question, offices: _Offices, unknown: dict[str, None]
) -> list[tuple[Agency, AssignmentRole]]:
    """Whom the instrument names for a question, each once; names that no agency bears go to
    `unknown`.
    """
    given: dict[Agency, AssignmentRole] = {}
    names: list[tuple[str, AssignmentRole]] = [
        (name, SUPPORT) for name in question.supporting_agencies
    ]
    if question.is_area:
        given |= dict.fromkeys(offices.areas[question.level], AREA)
    elif question.lead_agency:
        names.insert(0, (question.lead_agency, LEAD))
    for name, role in names:
        agency = offices.by_name.get(name.casefold())
        if agency is not None:
            given.setdefault(agency, role)
        elif name not in AREA_NAMES:
            unknown[name] = None
    return list(given.items())


def _by_hand(
    region: Region, instrument: Instrument, offices: _Offices
) -> dict[int, list[tuple[Agency, AssignmentRole]]]:
    """Who answers what, by question, where the region gave the older question to others than its
    version named: of the newest version before that the region used.
    """
    used = Assignment.objects.filter(region=region).values("question__instrument")
    earlier = Instrument.objects.filter(pk__in=used, year__lte=instrument.year)
    older = earlier.exclude(pk=instrument.pk).order_by("-year", "-pk").first()
    if older is None:
        return {}
    held: dict[int, list[tuple[Agency, AssignmentRole]]] = defaultdict(list)
    standing = Assignment.objects.standing(region, older).select_related("agency__merged_into")
    for each in standing.order_by("pk"):
        agency = each.agency.merged_into or each.agency
        if agency.retired_at is None and agency.merged_into_id is None:
            held[each.question_id].append((agency, AssignmentRole(each.role)))
    before = {each.pk: each for each in older.questions.all()}
    changed = {
        pk for pk, given in held.items() if set(given) != set(_named(before[pk], offices, {}))
    }
    pairs = continued(instrument, older)
    found = {}
    for question in instrument.questions.all():
        if (old := pairs.get(question.pk)) in changed:
            # Areas come and go by themselves: every one of today answers.
            areas = [(each, AREA) for each in offices.areas.get(question.level, ())]
            others = [pair for pair in held[old] if pair[1] != AREA and _fits(question, *pair)]
            found[question.pk] = [*areas, *others]
    return found


def _given_too_early(
    region: Region,
    instrument: Instrument,
    questions: list[Question],
    by_hand: Mapping[int, list[tuple[Agency, AssignmentRole]]],
    offices: _Offices,
) -> set[int]:
    """Those that would go to who was named by hand, and still stand as the instrument names them,
    since they were given before the mapping was made. What a person or a sheet gave on this
    version stays.
    """
    if not by_hand:
        return set()
    held: dict[int, set[tuple[int, str]]] = defaultdict(set)
    rows: dict[int, int] = {}
    for pk, question, agency, role in Assignment.objects.standing(region, instrument).values_list(
        "pk", "question_id", "agency_id", "role"
    ):
        held[question].add((agency, role))
        rows[pk] = question
    told = Q(verb__in=[ChangeVerb.ASSIGN, ChangeVerb.UNASSIGN], data__instrument=instrument.pk)
    told |= Q(verb=ChangeVerb.SAVE_ROW, data__row=Assignment.__name__)
    codes, own = set[str](), set[int]()
    for data in Change.objects.filter(told, region=region).values_list("data", flat=True):
        listed = data.get("questions")
        codes |= set(listed) if isinstance(listed, list) else {data.get("indicator", "")}
        own |= {rows[data["pk"]]} if data.get("pk") in rows else set()
    indicators = dict(instrument.indicators.values_list("pk", "code"))
    found = set()
    for each in questions:
        wanted = {(agency.pk, str(role)) for agency, role in by_hand.get(each.pk, ())}
        named = {(agency.pk, str(role)) for agency, role in _named(each, offices, {})}
        touched = {each.code, indicators[each.indicator_id]} & codes or each.pk in own
        if wanted and wanted != held[each.pk] == named and not touched:
            found.add(each.pk)
    return found


def _fits(question: Question, agency: Agency, role: AssignmentRole) -> bool:
    try:
        refuse_what_cannot_be([question], agency, role)
    except RefusedError:
        return False
    return True


@transaction.atomic
def assign(
    question: Question, agency: Agency, role: AssignmentRole, *, by: User | None, keep: bool = True
) -> Assignment:
    """Make an agency lead, support, or area of a question.

    A lead that is replaced stays as support if `keep`.
    """
    role = AssignmentRole(role)
    require(by, "agencies.change_assignment", agency)
    one_at_a_time(agency.region_id)
    refuse_what_cannot_be([question], agency, role)
    before = _give([question], agency, role, keep=keep)
    record(
        ChangeVerb.ASSIGN,
        by=by,
        region=agency.region,
        questions=[question.code],
        instrument=question.instrument_id,
        agency=agency.code,
        role=role.value,
        replaced=before,
        kept=keep,
    )
    return Assignment.objects.get(question=question, agency=agency)


@transaction.atomic
def unassign(question: Question, agency: Agency, *, by: User | None) -> None:
    """Take a supporting agency away. A lead is only replaced; an area always answers."""
    require(by, "agencies.change_assignment", agency)
    one_at_a_time(agency.region_id)
    standing = Assignment.objects.filter(question=question, agency=agency)
    if standing.filter(role=LEAD).exists():
        raise RefusedError("Tunjuk dahulu penanggung jawab lain; yang lama lalu dapat dilepas.")
    if standing.filter(role=AREA).exists():
        raise RefusedError("Pertanyaan wilayah dijawab setiap kecamatan atau kelurahan.")
    if standing.delete()[0]:
        record(
            ChangeVerb.UNASSIGN,
            by=by,
            region=agency.region,
            questions=[question.code],
            instrument=question.instrument_id,
            agency=agency.code,
        )


@transaction.atomic
def assign_indicator(
    indicator: Indicator,
    agency: Agency,
    role: AssignmentRole | None,
    *,
    by: User | None,
    keep: bool = True,
) -> int:
    """Give a whole indicator: lead or support of its city questions, or (None) no more its support.

    Returns how many questions changed. Area questions stay with their areas.
    """
    require(by, "agencies.change_assignment", agency)
    one_at_a_time(agency.region_id)
    questions = list(indicator.questions.filter(level=AreaLevel.KOTA))
    if role is None:
        return _no_more_support(indicator, agency, by)
    role = AssignmentRole(role)
    if not questions:
        raise RefusedError("Semua pertanyaan indikator ini dijawab kecamatan atau kelurahan.")
    refuse_what_cannot_be(questions, agency, role)
    held = dict(
        Assignment.objects.filter(question__in=questions, agency=agency).values_list(
            "question_id", "role"
        )
    )
    # An agency that leads a question already is not made its own support.
    wanted = [
        each
        for each in questions
        if held.get(each.pk) not in ({LEAD} if role == LEAD else {LEAD, SUPPORT})
    ]
    if not wanted:
        return 0
    before = _give(wanted, agency, role, keep=keep)
    record(
        ChangeVerb.ASSIGN,
        by=by,
        region=agency.region,
        indicator=indicator.code,
        instrument=indicator.instrument_id,
        questions=[each.code for each in wanted],
        agency=agency.code,
        role=role.value,
        replaced=before,
        kept=keep,
    )
    return len(wanted)


def _no_more_support(indicator: Indicator, agency: Agency, by: User | None) -> int:
    gone, _ = Assignment.objects.filter(
        question__in=indicator.questions.all(), agency=agency, role=SUPPORT
    ).delete()
    if gone:
        record(
            ChangeVerb.UNASSIGN,
            by=by,
            region=agency.region,
            indicator=indicator.code,
            instrument=indicator.instrument_id,
            agency=agency.code,
            questions=gone,
        )
    return gone


def refuse_what_cannot_be(questions: list[Question], agency: Agency, role: AssignmentRole) -> None:
    """An area question has no lead; an area answers its own level; a retired agency nothing."""
    if agency.retired_at or agency.merged_into_id:
        raise RefusedError(f"{agency} sudah tidak dipakai.")
    for question in questions:
        if role == LEAD and question.is_area:
            raise RefusedError(
                f"Pertanyaan {question.code} dijawab wilayah, jadi tidak punya penanggung jawab."
            )
        if role == AREA and AREAS.get(question.level) != agency.kind:
            raise RefusedError(f"{agency} bukan wilayah yang menjawab pertanyaan {question.code}.")
        if role == LEAD and agency.is_area:
            raise RefusedError("Kecamatan dan kelurahan tidak menjadi penanggung jawab kota.")


def _give(
    questions: list[Question], agency: Agency, role: AssignmentRole, *, keep: bool
) -> list[str]:
    """Store the role for each question; the codes of the agencies that led until now."""
    replaced: list[str] = []
    if role == LEAD:
        leads = Assignment.objects.filter(
            question__in=questions, region=agency.region_id, role=LEAD
        ).exclude(agency=agency)
        replaced = list(dict.fromkeys(leads.values_list("agency__code", flat=True)))
        if keep:
            leads.update(role=SUPPORT)
        else:
            leads.delete()
    mine = Assignment.objects.filter(question__in=questions, agency=agency)
    if role == SUPPORT and mine.filter(role__in=[LEAD, AREA]).exists():
        raise RefusedError(
            f"{agency} sudah menjadi penanggung jawab; tunjuk penanggung jawab lain dahulu."
        )
    mine.update(role=role)
    have = set(mine.values_list("question_id", flat=True))
    Assignment.objects.bulk_create(
        [
            Assignment(question=each, agency=agency, region_id=agency.region_id, role=role)
            for each in questions
            if each.pk not in have
        ]
    )
    return replaced
