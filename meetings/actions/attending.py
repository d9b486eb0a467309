"""Who is there: signing in with the code on the wall, and what the secretariat writes down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from agencies.models import Agency, User
from agencies.roles import OWN_AGENCY_ONLY
from meetings.actions.record import RefusedError, StaleError, record, require
from meetings.models import Attendance, How, Meeting, MeetingVerb
from meetings.workflow import doors

# A code lives until the one after the next: three minutes at least, six at most. Whoever sends a
# photograph of it home has little time, and the list says how each was known to be there.
CODE_SECONDS = 180
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is mistaken on a wall
LENGTH = 6

NOT_YET = "Daftar hadir dibuka satu jam sebelum rakor dimulai."
OVER = "Daftar hadir rakor ini sudah ditutup. Hubungi sekretariat bila Anda hadir."
OLD_CODE = "Kode ini salah atau sudah berganti. Pindai atau ketik kode yang sekarang ada di layar."


def code_of(meeting: Meeting, now: datetime, *, before: int = 0) -> str:
    """The code on the wall now, or the one `before` it. Nothing of it is stored."""
    step = int(now.timestamp()) // CODE_SECONDS - before
    digest = salted_hmac("meetings.attendance", f"{meeting.pk}:{step}", algorithm="sha256").digest()
    return "".join(LETTERS[each % len(LETTERS)] for each in digest[:LENGTH])


def changes_in(now: datetime) -> int:
    """In how many seconds another code is on the wall."""
    return CODE_SECONDS - int(now.timestamp()) % CODE_SECONDS


def is_current(meeting: Meeting, code: str, now: datetime) -> bool:
    """Whether this is on the wall, or was until just now."""
    typed = "".join(code.upper().split()).encode()
    known = [code_of(meeting, now, before=each).encode() for each in (0, 1)]
    return any(compare_digest(typed, each) for each in known)


def _held(meeting: Meeting) -> Meeting:
    """The row, so that nobody closes the meeting meanwhile."""
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


@transaction.atomic
def sign_in(meeting: Meeting, code: str, *, by: User, now: datetime) -> Attendance:
    """Somebody says with the own account and the code on the wall that they are there. Saying it
    twice keeps the first time.
    """
    invited = meeting.invited.select_related("agency").filter(agency=by.agency_id).first()
    bound = by.role in OWN_AGENCY_ONLY
    require(by, "meetings.attend_meeting", invited if bound and invited else meeting)
    held = _held(meeting)
    known = Attendance.objects.filter(meeting=meeting, user=by).first()
    if known is not None:
        return known
    _open(held, now)
    if not is_current(meeting, code, now):
        raise RefusedError(OLD_CODE)
    there = Attendance.objects.create(
        meeting=meeting, agency_id=by.agency_id, user=by, person=by.get_full_name()[:150],
        how=How.CODE.value, at=now, by=by,
    )  # fmt: skip
    record(MeetingVerb.ATTEND, meeting=meeting, by=by, now=now, how=there.how, there=there.pk)
    return there


def _open(meeting: Meeting, now: datetime) -> None:
    said = doors(meeting.state, meeting.starts_at, meeting.ends_at, now)
    if said != "buka":
        raise RefusedError(NOT_YET if said == "belum" else OVER)


@transaction.atomic
def tick(meeting: Meeting, there: Sequence[tuple[Agency, str]], *, by: User, now: datetime) -> int:
    """The secretariat writes down who is there: offices, each with a name if it is known. What
    stands there already is passed over; how many are new.
    """
    require(by, "meetings.hold_meeting", meeting)
    held = _held(meeting)
    if not held.is_called:
        raise RefusedError("Rakor ini sudah ditutup atau dibatalkan; daftar hadirnya tetap.")
    if doors(held.state, held.starts_at, held.ends_at, now) == "belum":
        raise RefusedError(NOT_YET)
    if any(agency.region_id != meeting.region_id for agency, _ in there):
        raise RefusedError("Pilih perangkat daerah dari wilayah rakor ini.")
    made = 0
    for agency, person in there:
        row = Attendance(
            meeting=meeting, agency=agency, person=" ".join(person.split())[:150],
            how=How.TICKED.value, at=now, by=by,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            continue
        record(MeetingVerb.ATTEND, meeting=meeting, by=by, now=now, how=row.how, there=row.pk)
        made += 1
    return made


@transaction.atomic
def untick(there: Attendance, *, by: User, now: datetime) -> None:
    """Take back what was wrong, while the meeting is open; the history keeps whose it was."""
    require(by, "meetings.hold_meeting", there.meeting)
    if not _held(there.meeting).is_called:
        raise RefusedError("Rakor ini sudah ditutup atau dibatalkan; daftar hadirnya tetap.")
    said = {"office": there.office, "person": there.person, "how": there.how}
    gone, _ = Attendance.objects.filter(pk=there.pk).delete()
    if not gone:
        raise StaleError
    record(MeetingVerb.UNATTEND, meeting=there.meeting, by=by, now=now, **said)


def attendance_of(meeting: Meeting) -> dict[str, object]:
    """Who was there and which invited offices were not, as a closed meeting keeps it."""
    rows = list(meeting.attendance.select_related("agency", "user"))
    came = {each.agency_id for each in rows}
    invited = meeting.invited.select_related("agency").order_by("agency__name", "pk")
    return {
        "attendance": [
            {"agency": each.office, "person": each.person, "how": each.how, "at": each.at}
            for each in rows
        ],
        "absent": [each.agency.name for each in invited if each.agency_id not in came],
    }
