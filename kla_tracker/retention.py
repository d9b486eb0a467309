"""What has been kept long enough: shown kind by kind, and deleted only when that is asked for.

The history itself is never touched; each deletion leaves one event in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.actions.record import record
from agencies.models import Change, ChangeVerb, SignInFailure, User
from kla_tracker.history import chain
from kla_tracker.privacy import telling
from meetings.models import FollowUpEvent
from submissions.actions.storing import delete_if_unused
from submissions.models import (
    Blob,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    EvidenceVerb,
    RowEvidence,
)

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: what it is called, what of it is over, and how it goes."""

    key: str
    label: str
    over: Callable[[datetime], Iterator[tuple[int, str]]]  # key, and what is shown of it
    delete: Callable[[int, datetime], bool]


# --- Failed sign-ins ------------------------------------------------------------------------------


def _failures(now: datetime) -> Iterator[tuple[int, str]]:
    before = now - timedelta(days=settings.RETENTION_SIGN_IN_DAYS)
    for pk, at in SignInFailure.objects.filter(last_at__lt=before).values_list("pk", "last_at"):
        yield pk, f"{at:%Y-%m-%d}"


def _delete_failure(key: int, now: datetime) -> bool:
    before = now - timedelta(days=settings.RETENTION_SIGN_IN_DAYS)
    return bool(SignInFailure.objects.filter(pk=key, last_at__lt=before).delete()[0])


# --- Accounts that ended --------------------------------------------------------------------------


def _accounts(now: datetime) -> Iterator[tuple[int, str]]:
    """Ended for so long, by what the history last says of them."""
    before = now - timedelta(days=settings.RETENTION_ACCOUNT_DAYS)
    for user in User.objects.filter(is_active=False).exclude(email="").order_by("pk"):
        told = Change.objects.filter(data__user=user.pk).order_by("-pk").first()
        ended = told.at if told is not None else user.date_joined
        if ended < before:
            yield user.pk, f"{user.username}, {ended:%Y-%m-%d}"


@transaction.atomic
def _delete_mail(key: int, now: datetime) -> bool:
    user = User.objects.select_for_update(of=("self",)).filter(pk=key, is_active=False).first()
    if user is None:
        return False
    User.objects.filter(pk=key).update(email="")
    record(ChangeVerb.RETENTION, by=None, region=user.region, kind="akun", user=key)
    return True


# --- Evidence that nothing uses -------------------------------------------------------------------


def _spare(now: datetime) -> QuerySet[Evidence]:
    """Whole chains of versions, by their first, of which none was ever used and all are old."""
    before = now - settings.RETENTION_UNUSED_YEARS * YEAR
    pointed = FollowUpEvent.objects.filter(evidence=OuterRef("pk"))
    needed = (
        Q(links__isnull=False)
        | Q(row_links__isnull=False)
        | Q(reviews__isnull=False)
        | Q(Exists(pointed))
        | Q(created_at__gte=before)
    )
    chain = Evidence.objects.filter(needed)
    return Evidence.objects.filter(
        ~Exists(chain.filter(first=OuterRef("pk"))),
        ~Exists(chain.filter(pk=OuterRef("pk"))),
        first__isnull=True,
    )


def _unused(now: datetime) -> Iterator[tuple[int, str]]:
    for each in _spare(now).select_related("agency").order_by("pk").iterator():
        yield each.pk, f"{each.agency.code}, {each.created_at:%Y-%m-%d}"


@transaction.atomic
def _delete_unused(key: int, now: datetime) -> bool:
    first = _spare(now).select_related("agency__region").filter(pk=key).first()
    if first is None:
        return False
    versions = list(Evidence.objects.versions_of(first).select_related("blob").order_by("pk"))
    if not delete_if_unused(versions):
        return False
    sums = [each.blob.sha256 for each in versions if each.blob is not None]
    record(
        ChangeVerb.RETENTION, by=None, region=first.agency.region, kind="pustaka",
        agency=first.agency.code, evidence=[each.pk for each in versions], sha256=sums,
    )  # fmt: skip
    return True


# --- Documents of years that closed long ago ------------------------------------------------------


def _over(now: datetime) -> QuerySet[Blob]:
    """Bytes of which every evidence was attached, all to years closed so long ago, and hangs on no
    row of a register.
    """
    before = now - settings.RETENTION_EVIDENCE_YEARS * YEAR
    links = EvidenceLink.objects.filter(evidence=OuterRef("pk"))
    fresh = links.exclude(response__assessment__closed_at__lt=before)
    rows = RowEvidence.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    needed = Evidence.objects.filter(
        ~Exists(links) | Exists(fresh) | Exists(rows), blob=OuterRef("pk")
    )
    any_ = Evidence.objects.filter(blob=OuterRef("pk"))
    return Blob.objects.filter(Exists(any_), ~Exists(needed)).exclude(file="")


def _documents(now: datetime) -> Iterator[tuple[int, str]]:
    for blob in _over(now).order_by("pk").iterator():
        yield blob.pk, f"{blob.created_at:%Y-%m-%d}, {blob.size} byte"


@transaction.atomic
def _delete_document(key: int, now: datetime) -> bool:
    """The bytes and pictures go; the row stays, with its sum, its giver and its verdicts."""
    held = Blob.objects.select_for_update().filter(pk=key).first()
    if held is None or not _over(now).filter(pk=key).exists():
        return False
    names = {str(held.file.name)}
    evidence = list(Evidence.objects.filter(blob=key).select_related("agency__region"))
    for each in evidence:
        names |= {str(each.thumb.name or ""), str(each.preview.name or "")}
        record(
            ChangeVerb.RETENTION, by=None, region=each.agency.region, kind="data-dukung",
            agency=each.agency.code, evidence=[each.pk], sha256=[held.sha256],
        )  # fmt: skip
    Evidence.objects.filter(blob=key).update(thumb="", preview="")
    Blob.objects.filter(pk=key).update(file="")
    for name in names - {""}:
        transaction.on_commit(partial(default_storage.delete, name))
    return True


# --- Who opened what is "terbatas" ----------------------------------------------------------------


def _openings(now: datetime) -> Iterator[tuple[int, str]]:
    """One for each day: its openings lose the name together."""
    old = EvidenceChange.objects.filter(
        verb=EvidenceVerb.OPEN, by__isnull=False, at__lt=telling.kept_since(now)
    )
    for day in old.order_by().dates("at", "day"):
        count = old.filter(at__date=day).count()
        yield day.toordinal(), f"{day:%Y-%m-%d}, {count} kali dibuka"


@transaction.atomic
def _forget_openings(key: int, now: datetime) -> bool:
    """The row stays, a link of the chain; who it was goes, and one event says of each row what it
    was and is.
    """
    day = date.fromordinal(key)
    found = EvidenceChange.objects.filter(
        verb=EvidenceVerb.OPEN, by__isnull=False, at__date=day, at__lt=telling.kept_since(now)
    )
    changed = {}
    for key_of in list(found.order_by("pk").values_list("pk", flat=True)):
        [before] = chain.read(EvidenceChange, pk=key_of)
        EvidenceChange.objects.filter(pk=key_of).update(by=None)
        [after] = chain.read(EvidenceChange, pk=key_of)
        changed[str(key_of)] = [chain.content_of(before), chain.content_of(after)]
    if not changed:
        return False
    record(
        ChangeVerb.RETENTION, by=None, region=None, kind="akses", day=day.isoformat(),
        redacted={EvidenceChange._meta.db_table: changed},
    )  # fmt: skip
    return True


KINDS = (
    Kind("akses", "siapa membuka data dukung terbatas", _openings, _forget_openings),
    Kind("gagal-masuk", "percobaan masuk yang gagal", _failures, _delete_failure),
    Kind("akun", "surel akun yang dinonaktifkan", _accounts, _delete_mail),
    Kind("pustaka", "data dukung yang tidak dipakai", _unused, _delete_unused),
    Kind("data-dukung", "berkas dari tahun yang lama ditutup", _documents, _delete_document),
)
