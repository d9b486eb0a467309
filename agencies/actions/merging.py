"""Two offices become one: its people and standing assignments go to the successor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.actions.assigning import one_at_a_time
from agencies.actions.record import RefusedError, record, require
from agencies.models import Agency, Assignment, AssignmentRole, ChangeVerb, Region, User

LEAD = AssignmentRole.LEAD


def refuse_to_merge(agency: Agency, into: Agency) -> None:
    """Only two offices of one region that both work, and no areas: each answers for itself."""
    if agency == into:
        raise RefusedError("Pilih dua perangkat daerah yang berbeda.")
    if agency.region_id != into.region_id:
        raise RefusedError(f"{into} bukan perangkat daerah {agency.region}.")
    for each in (agency, into):
        if each.retired_at or each.merged_into_id:
            raise RefusedError(f"{each} sudah tidak dipakai.")
        if each.is_area:
            raise RefusedError(
                f"{each} menjawab untuk wilayahnya sendiri, jadi tidak dapat dilebur: nilai "
                "pertanyaan wilayah akan berubah."
            )
    if agency.is_secretariat:
        raise RefusedError(f"{agency} adalah sekretariat. Tunjuk sekretariat lain dahulu.")


@transaction.atomic
def merge_agency(agency: Agency, into: Agency, *, by: User, now: datetime) -> dict[str, int]:
    """The agency ends; who works there and what it answers for is the successor's from now on.

    What it did keeps its name. Returns how many people and assignments went over.
    """
    require(by, "agencies.change_agency", agency)
    require(by, "agencies.change_agency", into)
    region = one_at_a_time(agency.region_id)
    refuse_to_merge(agency, into)
    _hand_on_names(region, agency, into)
    assignments = _hand_on_assignments(agency, into)
    people = list(agency.users.filter(is_active=True).order_by("pk"))
    for user in people:
        before = {"role": user.role, "agency": agency.pk, "active": True}
        User.objects.filter(pk=user.pk).update(agency=into)
        record(
            ChangeVerb.CHANGE_USER,
            by=by,
            region=agency.region,
            user=user.pk,
            before=before,
            after=before | {"agency": into.pk},
        )
    done = Agency.objects.filter(pk=agency.pk, merged_into__isnull=True, retired_at__isnull=True)
    if not done.update(merged_into=into, retired_at=now):
        raise RefusedError(f"{agency} sudah tidak dipakai.")
    agency.merged_into, agency.retired_at = into, now
    counts = {"people": len(people), "assignments": assignments}
    record(
        ChangeVerb.MERGE_AGENCY,
        by=by,
        region=agency.region,
        agency=agency.code,
        into=into.code,
        **counts,
    )
    return counts


def _hand_on_names(region: Region, agency: Agency, into: Agency) -> None:
    """What an instrument called the one means the successor, and so does the name it bore."""
    meant = {
        name: into.code if code == agency.code else code
        for name, code in region.office_names.items()
    }
    region.office_names = meant | {agency.name: into.code}
    region.save(update_fields=["office_names"])


def _hand_on_assignments(agency: Agency, into: Agency) -> int:
    """Where both had a part the successor keeps the greater one."""
    theirs = {each.question_id: each for each in Assignment.objects.filter(agency=into)}
    count = 0
    for each in Assignment.objects.filter(agency=agency).order_by("pk"):
        count += 1
        beside = theirs.get(each.question_id)
        if beside is None:
            Assignment.objects.filter(pk=each.pk).update(agency=into)
            continue
        each.delete()
        if each.role == LEAD:
            Assignment.objects.filter(pk=beside.pk).update(role=LEAD)
    return count
