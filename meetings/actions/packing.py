"""The pack of a meeting: asked for with a click, made by a job, stored until the next one is made.

Rights are checked when it is asked for, when it is made and when it is downloaded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.module_loading import import_string

from agencies.models import Agency, User
from meetings.actions.record import record, require
from meetings.actions.showing import shown_of
from meetings.models import Meeting, MeetingVerb, Pack
from meetings.workflow import UNFINISHED, PackState

EXPORT = "reports.export_assessment"
JOB = "meetings.tasks.make_pack"  # by name, as a job is stored: tasks stand above the verbs
FOLDER = "berkas-rakor"
KINDS = ("pdf", "xlsx", "pptx")
CHAIR = "bappelitbangda"  # the office that leads the Gugus Tugas, by its code


def may_pack(user: User, meeting: Meeting) -> bool:
    """Whether the user may take the figures of the whole year along."""
    return user.is_active and user.has_perm(EXPORT, meeting.assessment)


@transaction.atomic
def ask_pack(meeting: Meeting, *, by: User, now: datetime) -> Pack:
    """Have the files made; a second click while they are being made is the first one."""
    require(by, EXPORT, meeting.assessment)
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    running = Pack.objects.filter(
        meeting=meeting, asked_by=by, state__in=[each.value for each in UNFINISHED]
    ).first()
    if running is not None:
        return running
    made = Pack.objects.create(meeting=meeting, asked_by=by, asked_at=now)
    record(MeetingVerb.PACK, meeting=meeting, by=by, now=now)
    import_string(JOB).enqueue(made.pk)
    return made


def make_pack(pk: int, *, clock: Callable[[], datetime]) -> bool:
    """Make the files and say how far one is; says whether they are there. A job that was killed may
    begin again; one that has ended is not made twice.
    """
    found = Pack.objects.filter(pk=pk, state__in=[each.value for each in UNFINISHED])
    if not found.update(state=PackState.WORKING.value, done=0):
        return False
    pack = Pack.objects.select_related(
        "asked_by", "meeting__region", "meeting__assessment__instrument",
        "meeting__assessment__region",
    ).get(pk=pk)  # fmt: skip
    by, meeting = pack.asked_by, pack.meeting
    if not may_pack(by, meeting) or not Meeting.objects.visible_to(by).filter(pk=meeting.pk):
        _end(pack, PackState.FAILED, clock(), "Peminta tidak lagi berhak atas angka tahun ini.")
        return False
    try:
        names = _files(pack, clock)
    except Exception:
        _end(pack, PackState.FAILED, clock(), "Berkas tidak dapat dibuat. Coba buat lagi.")
        raise
    kept = found.update(
        state=PackState.READY.value, done=len(KINDS), finished_at=clock(),
        is_final=pack.is_final, figures_at=pack.figures_at, **names,
    )  # fmt: skip
    if not kept:
        _remove(names.values())
        return False
    _drop_older(pack)
    return True


def _files(pack: Pack, clock: Callable[[], datetime]) -> dict[str, str]:
    """Each file under a name that nobody can guess, one after the other."""
    from reports.shown.files import Making, files_of  # noqa: PLC0415  (40 MB, only in the job)

    made = clock()
    shown, kept = shown_of(pack.meeting, user=pack.asked_by, now=made, whole=True)
    pack.is_final, pack.figures_at = kept is not None, kept.at if kept else made
    offices = list(Agency.objects.filter(region=pack.meeting.region_id).order_by("pk"))
    making = Making(
        at=pack.figures_at,
        made=made,
        final=pack.is_final,
        secretariat=next((each.name for each in offices if each.is_secretariat), ""),
        chair=next((each.name for each in offices if each.code == CHAIR), ""),
    )
    stem, names = f"{FOLDER}/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}", dict[str, str]()
    for done, (kind, content) in enumerate(files_of(shown, making), 1):
        names[kind] = default_storage.save(f"{stem}.{kind}", ContentFile(content))
        Pack.objects.filter(pk=pack.pk).update(done=done)
    return names


def _end(pack: Pack, state: PackState, now: datetime, message: str) -> None:
    Pack.objects.filter(pk=pack.pk).update(state=state.value, finished_at=now, message=message)


def _drop_older(pack: Pack) -> None:
    """The packs that the same person had made of it before; their files are made again when
    needed.
    """
    older = Pack.objects.filter(meeting=pack.meeting_id, asked_by=pack.asked_by_id, pk__lt=pack.pk)
    for each in older.exclude(state__in=[one.value for one in UNFINISHED]):
        _remove((each.pdf, each.xlsx, each.pptx))
        each.delete()


def _remove(names: Iterable[str]) -> None:
    for name in filter(None, names):
        default_storage.delete(name)
