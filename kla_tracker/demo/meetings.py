"""The example's meetings: one that was held, with what became of its decisions, and one ahead."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from agencies.models import Agency, User
from indicators.models import Indicator
from kla_tracker.demo.work import WIB, workday
from meetings.actions.attending import code_of, sign_in, tick
from meetings.actions.calling import Plan, call_meeting, confirm_reading
from meetings.actions.deciding import Decision, close_meeting, decide, move
from meetings.actions.reminding import prepare
from meetings.models import FollowUp, Meeting
from meetings.workflow import Kind
from submissions.models import Assessment

HELD, AHEAD = 9, 9  # working days back, and days ahead
INVITED = (
    *("dp3ap2kb", "dinkes", "disdik", "disdukcapil", "dinsos", "dpupr", "disnaker"),
    *("kemenag", "dispusip", "bappelitbangda", "uptd-ppa", "polres-ppa"),
)
# What was decided: the office, who, days until it is due, the indicator, and its moves since.
DECIDED = (
    ("Melengkapi tanggal pada matriks 2P", "dp3ap2kb", "Sekretariat", 5, "6", ("work",)),
    ("Melampirkan laporan jemput bola akta", "disdukcapil", "Kepala bidang", 20, "4", ("answer",)),
    ("Menetapkan SK satuan ramah anak", "disdik", "Kepala dinas", 3, "18", ()),
    ("Mencocokkan jumlah puskesmas ramah anak", "dinkes", "Kepala bidang", 6, "14",
     ("answer", "confirm")),
    ("Menganggarkan pelatihan Forum Anak kelurahan pada RKPD", "bappelitbangda", "Kepala bidang",
     40, "6", ("work",)),
    ("Menyewa tenda pameran", "dispusip", "Sekretaris", 9, "5", ("cancel",)),
)  # fmt: skip
# Who came: with the code on the wall, and as the secretariat wrote it down.
SIGNED = ("dp3ap2kb", "dinkes", "disdukcapil", "disdik", "bappelitbangda")
WRITTEN = (
    ("dinsos", "Kepala bidang (contoh)"),
    ("kemenag", "Kepala seksi (contoh)"),
    ("dpupr", ""),
)
NOTES = {
    "answer": "Sudah dikerjakan; dokumennya ada pada isian kantor kami.",
    "cancel": "Pameran digabung dengan acara kota.",
}


Move = tuple[FollowUp, tuple[str, ...]]


def end_of_first(today: date) -> datetime:
    """When the first meeting ended; what it shows is what was known then."""
    return datetime.combine(workday(today, HELD), time(12), WIB)


def planned(assessment: Assessment, title: str, day: date, agenda: str, upto: int) -> Plan:
    """A morning in the same hall, with the first clusters up to this one."""
    start = datetime.combine(day, time(9), WIB)
    clusters = list(assessment.instrument.clusters.order_by("order"))
    offices = {each.code: each for each in assessment.region.agencies.all()}
    return Plan(
        title, start, start + timedelta(hours=3), "Aula Gedung A (contoh)", agenda,
        clusters[:upto], [offices[code] for code in INVITED if code in offices],
    )  # fmt: skip


def hold(assessment: Assessment, people: dict[int, User], *, today: date) -> list[Move]:
    """The first meeting until it was closed, by the verbs themselves at their times. What becomes
    of its decisions comes back, to be told when the days after it are.
    """
    checker = people[0]
    offices = {each.code: each for each in assessment.region.agencies.all()}
    indicators = {each.code: each for each in Indicator.objects.filter(
        instrument=assessment.instrument_id
    )}  # fmt: skip
    end = end_of_first(today)
    day = end.date()
    before = datetime.combine(workday(day, 5), time(8), WIB)
    agenda = "Capaian tahun ini\nTugas tiap perangkat daerah\nKeputusan"
    first = planned(assessment, "Rakor Gugus Tugas KLA, pertama", day, agenda, 3)
    held = call_meeting(assessment, first, by=checker, now=before)
    for each in held.invited.select_related("agency", "meeting").order_by("pk")[:8]:
        by = people[each.agency_id]
        confirm_reading([each], by=by, now=before + timedelta(days=1))
    moves = []
    for number, (text, code, person, days, indicator, made) in enumerate(DECIDED, 1):
        about = indicators.get(indicator)
        kind = Kind.PLAN if "RKPD" in text else Kind.WORK
        due = day + timedelta(days=days)
        decision = Decision(text, offices[code], person, due, about, kind=kind)
        token = UUID(int=assessment.pk * 1000 + number)
        at = first.starts_at + timedelta(minutes=20 * number)
        moves.append((decide(held, decision, token=token, by=checker, now=at), made))
    _come(held, people, offices)
    close_meeting(held, by=checker, now=end)
    return moves


def follow(
    assessment: Assessment, people: dict[int, User], moves: list[Move], *, today: date
) -> None:
    """What became of the decisions, and the meeting ahead."""
    checker = people[0]
    for followup, made in moves:
        at = end_of_first(today)
        for name in made:
            at += timedelta(days=1)
            by = people[followup.agency_id] if name in {"work", "answer"} else checker
            move(followup, name, by=by, now=at, note=NOTES.get(name, ""))
    agenda = "Tindak lanjut rakor pertama\nKlaster yang berisiko\nKeputusan"
    day = today + timedelta(days=AHEAD)
    second = planned(assessment, "Rakor Gugus Tugas KLA, kedua", day, agenda, 4)
    call_meeting(
        assessment, second, by=checker, now=datetime.combine(workday(today, 1), time(8), WIB)
    )
    # Reminders as the morning's run writes them; to nobody's mailbox.
    morning = datetime.combine(workday(today, 1), time(7), WIB)
    prepare(assessment.region, now=morning, mail=False)


def _come(held: Meeting, people: dict[int, User], offices: dict[str, Agency]) -> None:
    """Some offices with the code, some as written down, some not at all."""
    at = held.starts_at
    for code in SIGNED:
        by = people.get(offices[code].pk) if code in offices else None
        if by is not None:
            at += timedelta(minutes=2)
            sign_in(held, code_of(held, at), by=by, now=at)
    written = [(offices[code], person) for code, person in WRITTEN if code in offices]
    tick(held, written, by=people[0], now=at + timedelta(minutes=9))
