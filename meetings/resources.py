"""What leaves the room: the invitation for a calendar and for paper, the code on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import segno
from django.conf import settings
from icalendar import Alarm, Calendar, Event

from indicators.wording import jam, local, tanggal
from meetings.models import Meeting

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def calendar_of(meeting: Meeting) -> bytes:
    """The invitation by RFC 5545. The same UID for ever, so that a change moves the entry and a
    cancelled meeting leaves the calendar.
    """
    called_off = bool(meeting.cancel_reason)
    calendar = Calendar()
    calendar.add("prodid", "-//KLA Tracker//Rakor//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if called_off else "PUBLISH")
    host = settings.SITE_URL.split("://")[-1]
    entry = Event()
    entry.add("uid", f"rakor-{meeting.pk}@{host}")
    entry.add("dtstamp", meeting.changed_at)
    entry.add("last-modified", meeting.changed_at)
    entry.add("sequence", meeting.sequence)
    entry.add("dtstart", meeting.starts_at)
    entry.add("dtend", meeting.ends_at)
    entry.add("summary", meeting.title)
    entry.add("location", meeting.place)
    entry.add("status", "CANCELLED" if called_off else "CONFIRMED")
    entry.add("description", _described(meeting))
    entry.add("url", f"{settings.SITE_URL}/rakor/{meeting.pk}/")
    if not called_off:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", meeting.title)
        alarm.add("trigger", timedelta(days=-1))
        entry.add_component(alarm)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _described(meeting: Meeting) -> str:
    lines = [f"Dibatalkan: {meeting.cancel_reason}"] if meeting.cancel_reason else []
    lines += [f"{place}. {line}" for place, line in enumerate(meeting.points, 1)]
    lines.append(f"Undangan dan lembar tugas: {settings.SITE_URL}/rakor/{meeting.pk}/")
    return "\n".join(lines)


def invitation_paper(meeting: Meeting) -> dict[str, Any]:
    """The invitation as texts, for the PDF. Reads clusters, offices and the secretariat."""
    offices = [each.agency.name for each in meeting.invited.select_related("agency")]
    secretariat = meeting.region.agencies.filter(is_secretariat=True).first()
    return {
        "title": meeting.title,
        "region": str(meeting.region),
        "example": meeting.assessment.is_example,
        "cancelled": meeting.cancel_reason,
        "day": f"{DAYS[local(meeting.starts_at).weekday()]}, {tanggal(meeting.starts_at)}",
        "time": f"{jam(meeting.starts_at)} sampai {jam(meeting.ends_at)} WIB",
        "place": meeting.place,
        "agenda": meeting.points,
        "clusters": [f"Klaster {each}" for each in meeting.clusters.all()],
        "offices": offices,
        "secretariat": secretariat.name if secretariat else "",
        "address": f"{settings.SITE_URL}/rakor/{meeting.pk}/",
    }


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code as one path of an SVG: no style, no script, nothing that needs to be trusted."""

    side: int
    path: str

    @classmethod
    def of(cls, text: str) -> Qr:
        """With the quiet zone of four modules around it that readers want."""
        drawn = segno.make_qr(text, error="m")
        border = 4
        runs = []
        for y, row in enumerate(drawn.matrix, border):
            x = border
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    runs.append(f"M{x} {y}h{length}v1h-{length}z")
                x += length
        return cls(len(drawn.matrix) + 2 * border, "".join(runs))


def sign_in_address(meeting: Meeting, code: str) -> str:
    """Where the QR code leads: our own address, whatever the request called itself."""
    return f"{settings.SITE_URL}/rakor/{meeting.pk}/hadir/?kode={code}"
