"""The pack of a meeting: asked for with a click, made by a job, kept for a day (`making`).

Rights are checked when it is asked for, when it is made and when it is downloaded.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from agencies.models import Agency, User
from meetings.actions.record import record, require
from meetings.actions.showing import shown_of
from meetings.models import Meeting, MeetingVerb, Pack
from submissions.actions import making

EXPORT = "reports.export_assessment"
CHAIR = "bappelitbangda"  # the office that leads the Gugus Tugas, by its code


def may_pack(user: User, meeting: Meeting) -> bool:
    """Whether the user may take the figures of the whole year along."""
    return user.is_active and user.has_perm(EXPORT, meeting.assessment)


def ask_pack(meeting: Meeting, *, by: User, now: datetime) -> Pack:
    """Have the files made; a second click while they are being made is the first one."""
    require(by, EXPORT, meeting.assessment)
    try:
        with transaction.atomic():
            made = making.ask(Pack(meeting=meeting, by=by), now=now)
            record(MeetingVerb.PACK, meeting=meeting, by=by, now=now)
    except IntegrityError:
        return Pack.objects.filter(meeting=meeting, by=by)[0]
    return made


def make_pack(pk: int, *, clock: making.Clock) -> bool:
    """Make the files and say how far one is; says whether this did. A job that was killed may
    begin again; one that has ended is not made twice.
    """
    return making.run(
        Pack.objects.select_related(
            "by__agency", "meeting__region", "meeting__assessment__instrument",
            "meeting__assessment__region",
        ),
        pk,
        clock=clock,
        may=_may_have,
        make=_make,
        done=_drop_older,
    )  # fmt: skip


def _may_have(pack: Pack) -> bool:
    seen = Meeting.objects.visible_to(pack.by).filter(pk=pack.meeting_id)
    return may_pack(pack.by, pack.meeting) and seen.exists()


def _make(pack: Pack, clock: making.Clock) -> dict[str, Any]:
    """Each file, one after the other."""
    from reports.shown.files import Making, files_of  # noqa: PLC0415  (40 MB, only in the job)

    made = clock()
    shown, kept = shown_of(pack.meeting, user=pack.by, now=made, whole=True)
    at = kept.at if kept else made
    offices = list(Agency.objects.filter(region=pack.meeting.region_id).order_by("pk"))
    about = Making(
        at=at,
        made=made,
        final=kept is not None,
        secretariat=next((each.name for each in offices if each.is_secretariat), ""),
        chair=next((each.name for each in offices if each.code == CHAIR), ""),
    )
    for done, (kind, content) in enumerate(files_of(shown, about), 1):
        pack.draft_of(kind).write_bytes(content)
        making.beat(pack, now=clock(), done=done)
    return {"is_final": about.final, "figures_at": at}


def _drop_older(pack: Pack, now: datetime) -> None:
    """The packs that the same person had made of it before: this one takes their place."""
    older = Pack.objects.filter(meeting=pack.meeting_id, by=pack.by_id, finished_at__lte=now)
    for each in older.exclude(pk=pack.pk):
        making.drop(each, by=pack.by)
