"""What offices are reminded of: one digest an office and day, each step of a task once, and each
mail at most once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from agencies.actions.record import record
from agencies.models import Agency, ChangeVerb, Region, User
from agencies.roles import Role
from indicators.wording import local, sisa_hari, tanggal
from meetings.actions.record import RefusedError, StaleError, require
from meetings.models import (
    Delivery,
    DeliveryState,
    Digest,
    DigestItem,
    FollowUp,
    Invited,
    OfficeReminders,
    RegionReminders,
)
from meetings.workflow import (
    ACCEPTED,
    ASKED,
    DECIDED,
    DUE,
    KINDS,
    MEETING,
    RETURNED,
    MeetingState,
    is_quiet,
    reach,
    step_of,
)
from submissions.models import HelpRequest, RequestState, Submission
from submissions.workflow import EDITABLE, State

LINES = 12  # of one kind in a digest; the others are counted and stand on the page
LEASE = timedelta(minutes=15)  # a mail that was begun so long ago went down with its process
BACK = 7  # days in which what did not go out is told again


@dataclass(frozen=True, slots=True)
class Thing:
    """One task of an office. `event` is what happened to it, told once; `due_on` brings steps."""

    kind: str
    key: str
    agency: int
    text: str
    due_on: date | None
    event: str = ""


@dataclass(slots=True)
class Told:
    """What stands in a digest: things with the steps that it tells."""

    things: list[Thing] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)


def wishes_of(region: Region) -> RegionReminders:
    """What the city set, or what goes without saying."""
    found = RegionReminders.objects.filter(region=region).first()
    return found or RegionReminders(region=region)


def quiet_today(region: Region, now: datetime) -> bool:
    """Whether the city rests today."""
    wishes = wishes_of(region)
    day = local(now).date()
    return is_quiet(day, weekends=wishes.weekends, holidays=wishes.quiet_days)


def things_of(region: Region, now: datetime) -> list[Thing]:
    """Everything that anybody in the region may have to be told. Five queries."""
    return [*_work(region, now), *_decisions(region), *_requests(region), *_meetings(region, now)]


def _work(region: Region, now: datetime) -> list[Thing]:
    found = (
        Submission.objects.in_use()
        .filter(assessment__region=region, assessment__closed_at__isnull=True)
        .select_related("indicator")
        .order_by("due_on", "indicator__order", "pk")
    )
    made = []
    for each in found:
        name = f"Indikator {each.indicator.code} {each.indicator.name}"
        key = f"isian:{each.pk}"
        when = f"{each.decided_at:%Y%m%d%H%M%S}" if each.decided_at else "ya"
        if each.state == State.RETURNED:
            made.append(Thing(RETURNED, key, each.agency_id, name, each.due_on, f"kembali:{when}"))
        elif each.state in EDITABLE:
            made.append(Thing(DUE, key, each.agency_id, name, each.due_on))
        elif (
            each.state == State.ACCEPTED
            and each.decided_at
            and now - each.decided_at < timedelta(days=BACK)
        ):
            made.append(Thing(ACCEPTED, key, each.agency_id, name, None, f"diterima:{when}"))
    return made


def _decisions(region: Region) -> list[Thing]:
    found = FollowUp.objects.pending().filter(meeting__region=region, answered_at__isnull=True)
    return [
        Thing(DECIDED, f"keputusan:{each.pk}", each.agency_id, each.text, each.due_on, "baru")
        for each in found.order_by("due_on", "pk")
    ]


def _requests(region: Region) -> list[Thing]:
    found = HelpRequest.objects.filter(
        state=RequestState.OPEN, agency__region=region, response__assessment__closed_at__isnull=True
    ).select_related("response__question", "response__submission__agency")
    return [
        Thing(
            ASKED, f"permintaan:{each.pk}", each.agency_id,
            f"{each.what}, untuk {each.lead} (pertanyaan {each.response.question.code})",
            each.due_on, "baru",
        )
        for each in found.order_by("due_on", "pk")
    ]  # fmt: skip


def _meetings(region: Region, now: datetime) -> list[Thing]:
    found = Invited.objects.filter(
        meeting__region=region, meeting__state=MeetingState.CALLED, meeting__starts_at__gt=now
    ).select_related("meeting")
    return [
        Thing(
            MEETING, f"rakor:{each.meeting_id}", each.agency_id,
            f"{each.meeting.title}, {each.meeting.when}, {each.meeting.place}"
            + ("" if each.read_at else "; lembar tugas belum dinyatakan dibaca"),
            local(each.meeting.starts_at).date(), "baru",
        )
        for each in found.order_by("meeting__starts_at", "pk")
    ]  # fmt: skip


def told_to(
    things: Iterable[Thing],
    known: set[tuple[str, str]],
    *,
    off: set[str],
    once: bool,
    today: date,
    ahead: int,
) -> Told:
    """Of one office's things what is to be told today. `known` are the steps it was told.

    A step belongs to its due date: one that was moved, or set anew for mending, is told of again.
    """
    before = {key for key, _ in known}
    told = Told()
    for each in things:
        kind, event = each.kind, each.event
        if kind == RETURNED and kind in off:  # still a task with a due date
            kind, event = DUE, ""
        if kind in off:
            continue
        steps = [event] if event and (each.key, event) not in known else []
        if each.due_on and not (once and (each.key in before or steps)):
            left = (each.due_on - today).days
            step = step_of(max(left - ahead, 0) if left >= 0 else left)
            dated = f"{each.due_on:%Y%m%d}:{step}"
            # Without a date they were written down before; these are not told twice for that.
            if step and not {(each.key, step), (each.key, dated)} & known:
                steps.append(dated)
        if steps:
            told.things.append(each)
            told.steps += [(each.key, step) for step in steps]
    return told


def words_of(agency: Agency, told: Told, today: date) -> tuple[str, str]:
    """Subject and text of a digest, in plain words; links from our own address."""
    by_kind: dict[str, list[Thing]] = defaultdict(list)
    for each in told.things:
        by_kind[each.kind].append(each)
    dues = [each.due_on for each in told.things if each.due_on]
    nearest = f", terdekat {sisa_hari(min(dues), today)}" if dues else ""
    name = " ".join(agency.name.split())
    subject = f"Pengingat KLA untuk {name}: {len(told.things)} hal{nearest}"
    lines = [f"Yth. {name},", "", f"Pengingat KLA {tanggal(today)}:"]
    for kind, label in KINDS.items():
        found = by_kind.get(kind, [])
        if not found:
            continue
        lines += ["", f"{label}:"]
        for each in found[:LINES]:
            due = (
                f" ({tanggal(each.due_on)}, {sisa_hari(each.due_on, today)})" if each.due_on else ""
            )
            lines.append(f"- {' '.join(each.text.split())[:200]}{due}")
        if len(found) > LINES:
            lines.append(f"- dan {len(found) - LINES} lagi")
    site = settings.SITE_URL
    lines += ["", f"Lembar tugas kantor Anda: {site}/tugas/{agency.code}/"]
    if by_kind.get(DECIDED):
        lines.append(f"Tindak lanjut: {site}/tindak-lanjut/")
    lines += [f"Atur atau matikan pengingat: {site}/pengingat/"]
    return subject[:200], "\n".join(lines)


def recipients_of(region: Region) -> tuple[dict[int, list[User]], list[User]]:
    """Of each office its people with a mail address; and who stands in for an office of none."""
    people = (
        User.objects.filter(is_active=True, region=region)
        .exclude(email="")
        .select_related("agency")
        .order_by("pk")
    )
    of_office: dict[int, list[User]] = defaultdict(list)
    secretariat, checkers = [], []
    for each in people:
        if each.agency_id:
            of_office[each.agency_id].append(each)
        if each.agency is not None and each.agency.is_secretariat:
            secretariat.append(each)
        if each.role == Role.VERIFIKATOR:
            checkers.append(each)
    return of_office, secretariat or checkers


def prepare(region: Region, *, now: datetime, mail: bool) -> int:
    """Write today's digests of a region; how many are new. Nothing on a quiet day. The same number
    of reads for any number of offices.
    """
    wishes, today = wishes_of(region), local(now).date()
    quiet: dict[str, Any] = {"weekends": wishes.weekends, "holidays": wishes.quiet_days}
    if is_quiet(today, **quiet):
        return 0
    _release(region, now)
    ahead = reach(today, **quiet)
    of_office: dict[int, list[Thing]] = defaultdict(list)
    for each in things_of(region, now):
        of_office[each.agency].append(each)
    known: dict[int, set[tuple[str, str]]] = defaultdict(set)
    rows = DigestItem.objects.filter(agency__region=region)
    for office, key, step in rows.values_list("agency_id", "key", "step"):
        known[office].add((key, step))
    choices = {
        each.agency_id: each for each in OfficeReminders.objects.filter(agency__region=region)
    }
    done = set(
        Digest.objects.filter(agency__region=region, day=today).values_list("agency", flat=True)
    )
    people, standing_in = recipients_of(region) if mail else ({}, [])
    made = 0
    for agency in Agency.objects.active().filter(region=region, pk__in=of_office).order_by("name"):
        if agency.pk in done:
            continue
        choice = choices.get(agency.pk) or OfficeReminders(agency=agency)
        off = {*wishes.off, *choice.off}
        things, steps = of_office[agency.pk], known[agency.pk]
        told = told_to(things, steps, off=off, once=choice.once, today=today, ahead=ahead)
        if told.things:
            to = people.get(agency.pk) or standing_in
            made += _write(agency, told, to, today=today, now=now)
    return made


def _write(agency: Agency, told: Told, to: Sequence[User], *, today: date, now: datetime) -> int:
    """All of a digest or nothing: of two runs at once the second finds it written."""
    subject, text = words_of(agency, told, today)
    try:
        with transaction.atomic():
            digest = Digest.objects.create(
                agency=agency, day=today, subject=subject, text=text, made_at=now
            )
            DigestItem.objects.bulk_create(
                DigestItem(digest=digest, agency=agency, key=key, step=step)
                for key, step in told.steps
            )
            Delivery.objects.bulk_create(Delivery(digest=digest, user=each, at=now) for each in to)
    except IntegrityError:
        return 0
    return 1


@transaction.atomic
def _release(region: Region, now: datetime) -> None:
    """What of the days before reached nobody is told anew today, with today's words; and a mail
    whose process died is not sent again, since it may have gone out.
    """
    today = local(now).date()
    Delivery.objects.filter(
        digest__in=Digest.objects.filter(agency__region=region),
        state=DeliveryState.SENDING,
        at__lt=now - LEASE,
    ).update(state=DeliveryState.UNSURE, error="proses berhenti di tengah pengiriman")
    old = Digest.objects.select_for_update(of=("self",)).filter(
        agency__region=region, day__lt=today, day__gte=today - timedelta(days=BACK)
    )
    waiting = {DeliveryState.WAITING.value, DeliveryState.FAILED.value}
    for digest in old.prefetch_related("deliveries"):
        states = {each.state for each in digest.deliveries.all()}
        if not states & waiting:
            continue
        digest.deliveries.filter(state__in=waiting).update(state=DeliveryState.EXPIRED, at=now)
        if states <= waiting:  # nobody was reached: the steps were not told
            digest.items.all().delete()


def to_send(region: Region, *, now: datetime) -> list[int]:
    """The mails of today that nobody has taken up."""
    today = local(now).date()
    found = Delivery.objects.filter(
        digest__agency__region=region,
        digest__day=today,
        state__in=[DeliveryState.WAITING, DeliveryState.FAILED],
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


def take(pk: int, *, now: datetime) -> Delivery | None:
    """Take one mail up, if nobody else did; written before it is sent, so that a process that dies
    leaves a trace. A person who left, or went to another office, gets nothing.
    """
    # No join: Django would put the state into a subquery, which PostgreSQL does not ask again when
    # it had to wait for another run.
    taken = Delivery.objects.filter(
        Exists(User.objects.filter(pk=OuterRef("user"), is_active=True)),
        pk=pk,
        state__in=[DeliveryState.WAITING, DeliveryState.FAILED],
    ).update(state=DeliveryState.SENDING, at=now, tries=F("tries") + 1, error="")
    if not taken:
        return None
    delivery = Delivery.objects.select_related("digest__agency", "user__agency").get(pk=pk)
    if not _is_for(delivery):
        settle(delivery, "orangnya tidak lagi di kantor ini", now=now)
        return None
    return delivery


def _is_for(delivery: Delivery) -> bool:
    """Whether it still is what `recipients_of` would say: people change their office."""
    user = delivery.user
    if user.agency_id == delivery.digest.agency_id or user.role == Role.VERIFIKATOR:
        return True
    return user.agency is not None and user.agency.is_secretariat


def settle(delivery: Delivery, error: str, *, now: datetime) -> None:
    """Note what became of it; an empty `error` is that it went out."""
    state = DeliveryState.FAILED if error else DeliveryState.SENT
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING).update(
        state=state, error=error[:120], at=now
    )


@transaction.atomic
def send_again(delivery: Delivery, *, by: User, now: datetime) -> None:
    """A person decides that a mail of unknown fate goes out once more; nothing does by itself.
    Whoever is second gets StaleError. `delivery` has digest and agency.
    """
    agency = delivery.digest.agency
    require(by, "meetings.set_reminders", agency.region)
    if delivery.digest.day < local(now).date() - timedelta(days=BACK):
        raise RefusedError(f"Pengingat ini lebih dari {BACK} hari lalu; isinya sudah lewat.")
    found = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNSURE)
    if not found.update(state=DeliveryState.WAITING, error="", at=now):
        raise StaleError
    record(
        ChangeVerb.SAVE_ROW, by=by, region=agency.region, agency=agency.code,
        resent=delivery.pk, day=delivery.digest.day.isoformat(),
    )  # fmt: skip


@transaction.atomic
def set_region(
    region: Region, *, off: Sequence[str], weekends: bool, holidays: Sequence[str], by: User
) -> None:
    """What the city wants from the next run on."""
    require(by, "meetings.set_reminders", region)
    given = {"off": list(off), "weekends": weekends, "holidays": list(holidays)}
    RegionReminders.objects.update_or_create(region=region, defaults=given)
    record(ChangeVerb.SAVE_ROW, by=by, region=region, reminders=given)


@transaction.atomic
def set_office(agency: Agency, *, off: Sequence[str], once: bool, by: User) -> None:
    """What an office wants from the next run on."""
    require(by, "meetings.choose_reminders", agency)
    given = {"off": list(off), "once": once}
    OfficeReminders.objects.update_or_create(agency=agency, defaults=given)
    record(ChangeVerb.SAVE_ROW, by=by, region=agency.region, agency=agency.code, reminders=given)
