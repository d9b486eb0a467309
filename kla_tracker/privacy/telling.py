"""After a breach one must know within a minute: who opened a marked document, and which of them an
account could have opened (UU 27/2022, Art. 46).
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from agencies.models import Agency, Change, ChangeVerb, User
from submissions.models import Evidence, EvidenceChange, EvidenceVerb

LEAST_DAYS = 180  # the database keeps the name of who opened for so long, whatever is set


def kept_since(now: datetime) -> datetime:
    """Since when it is kept who opened something."""
    return now - timedelta(days=max(settings.ACCESS_LOG_DAYS, LEAST_DAYS))


def openings(user: User, now: datetime) -> QuerySet[EvidenceChange]:
    """Who opened what is "terbatas" where this user may see it, newest first."""
    found = EvidenceChange.objects.filter(verb=EvidenceVerb.OPEN, at__gte=kept_since(now))
    seen = Evidence.objects.visible_to(user).order_by().values("pk")
    return found.filter(evidence__in=seen).select_related("by__agency").order_by("-at", "-pk")


# --- one document --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """That somebody opened it once."""

    at: datetime
    who: str
    account: str
    place: str
    version: int
    saved: bool


def who_saw(evidence: Evidence) -> tuple[list[Opening], list[EvidenceChange]]:
    """Who opened any version of it, oldest first; and when it was marked, or no more."""
    versions = dict(Evidence.objects.versions_of(evidence).values_list("pk", "number"))
    changes = list(
        EvidenceChange.objects.filter(evidence__in=list(versions))
        .filter(verb__in=[EvidenceVerb.OPEN, EvidenceVerb.RESTRICT, EvidenceVerb.UNRESTRICT])
        .select_related("by__agency")
        .order_by("at", "pk")
    )
    opened = [
        _opening(each, versions[each.evidence_id])
        for each in changes
        if each.verb == EvidenceVerb.OPEN
    ]
    return opened, [each for each in changes if each.verb != EvidenceVerb.OPEN]


def _opening(change: EvidenceChange, version: int) -> Opening:
    by, saved = change.by, bool(change.data.get("saved"))
    if by is None:
        return Opening(change.at, "tidak disimpan lagi", "", "", version, saved)
    place = str(by.agency or by.get_role_display())
    return Opening(change.at, by.get_full_name(), by.username, place, version, saved)


# --- one account ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Reach:
    """What an account could see of one marked evidence, and when it opened it."""

    evidence: int
    office: str
    marked: bool  # still "terbatas"
    gone: str  # thrown away or destroyed
    opened: list[datetime] = field(default_factory=list)


def what_could_see(user: User, since: datetime) -> list[Reach]:
    """Every marked evidence that was in the account's reach since then, by the role and office that
    it had meanwhile; and each that it opened.
    """
    opened: dict[int, list[datetime]] = defaultdict(list)
    mine = EvidenceChange.objects.filter(by=user, verb=EvidenceVerb.OPEN, at__gte=since)
    for key, at in mine.order_by("at").values_list("evidence_id", "at"):
        opened[key].append(at)
    marked = set(Evidence.objects.filter(restricted=True).values_list("pk", flat=True))
    marked |= _marked_meanwhile(since)
    seen: set[int] = set()
    for stand in _stands(user, since):
        reached = Evidence.objects.reached_by(stand).order_by()
        seen |= marked & set(reached.values_list("pk", flat=True))
    facts = Evidence.objects.select_related("agency").in_bulk(sorted(seen | set(opened)))
    return [_reach(key, facts.get(key), opened[key]) for key in sorted(seen | set(opened))]


def _reach(key: int, evidence: Evidence | None, opened: list[datetime]) -> Reach:
    if evidence is None:
        return Reach(key, "", marked=False, gone="dihapus", opened=opened)
    gone = "dimusnahkan" if evidence.destroyed_at else ""
    return Reach(key, str(evidence.agency), evidence.restricted, gone, opened)


def _marked_meanwhile(since: datetime) -> set[int]:
    """With all versions, what was marked then and is no more."""
    ended = EvidenceChange.objects.filter(verb=EvidenceVerb.UNRESTRICT, at__gte=since)
    roots = Evidence.objects.filter(pk__in=ended.values("evidence"))
    found: set[int] = set()
    for each in roots:
        found |= set(Evidence.objects.versions_of(each).values_list("pk", flat=True))
    return found


def _stands(user: User, since: datetime) -> Iterator[User]:
    """The account as it was and is since then, each role and office once, while it was active."""
    changes = Change.objects.filter(
        verb__in=[ChangeVerb.CHANGE_USER, ChangeVerb.RETIRE_USER], data__user=user.pk, at__gte=since
    )
    now = (user.role, user.agency_id, user.is_active)
    stands = {now}
    for change in changes.order_by("-pk"):
        before: dict[str, Any] = change.data.get("before", {})
        if change.verb == ChangeVerb.RETIRE_USER:
            now = (now[0], now[1], True)
        elif "role" in before:
            now = (before["role"], before["agency"], bool(before["active"]))
        stands.add(now)
    agencies = Agency.objects.select_related("region").in_bulk(
        [each[1] for each in stands if each[1]]
    )
    for role, agency, active in stands:
        if active:
            stand = copy.copy(user)
            stand.role, stand.is_active = role, True
            stand.agency = agencies.get(agency) if agency else None
            if stand.agency is not None:
                stand.region = stand.agency.region
            yield stand
