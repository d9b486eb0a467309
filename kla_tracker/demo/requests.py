"""What leads asked of their supports in the example: answered, waiting, and late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from agencies.models import AssignmentRole
from kla_tracker.demo.work import WIB, workday
from submissions.models import HelpRequest, RequestState, Response, Submission, Verb

if TYPE_CHECKING:
    from kla_tracker.demo.story import Story

ASKED = (  # what, days until it is due as seen today, what was said to it
    ("Daftar hadir pelatihan terakhir, bertanda tangan", -2, ""),
    ("Rekap kegiatan tahun data per kelurahan", 5, ""),
    ("SK tim yang berlaku", 9, "Sudah kami lampirkan pada isian kami."),
    ("Foto kegiatan dengan tanggalnya", 12, ""),
)


def tell(story: Story, work: Iterable[tuple[Submission, list[Response]]]) -> None:
    """The first questions with a support, in the order of the form; their events join the story."""
    given = [(submission, each) for submission, responses in work for each in responses]
    given.sort(key=lambda each: (each[1].question.order, each[0].agency.code))
    supports = {
        each.question_id: submission
        for submission, each in reversed(given)
        if each.role == AssignmentRole.SUPPORT
    }
    led = [
        (submission, each)
        for submission, each in given
        if each.role == AssignmentRole.LEAD and each.question_id in supports
    ]
    asked_at = datetime.combine(workday(story.today, 6), time(10), WIB)
    said_at = datetime.combine(workday(story.today, 1), time(9), WIB)
    for (submission, lead), (what, days, said) in zip(led, ASKED, strict=False):
        office = supports[lead.question_id].agency
        by, helper = story.people[submission.agency_id], story.people[office.pk]
        made = HelpRequest.objects.create(
            response=lead,
            agency=office,
            what=what,
            due_on=story.today + timedelta(days=days),
            asked_at=asked_at,
            asked_by=by,
            state=RequestState.ANSWERED if said else RequestState.OPEN,
            reply=said,
            ended_at=said_at if said else None,
            ended_by=helper if said else None,
        )
        about: dict[str, Any] = {"submission": submission, "response": lead, "request": made}
        about |= {"agency": office.name, "what": what}
        due = made.due_on.isoformat()
        story.event(Verb.REQUEST, asked_at, by, **about, state=RequestState.OPEN, due_on=due)
        if said:
            done = RequestState.ANSWERED
            story.event(Verb.REQUEST, said_at, helper, **about, state=done, reply=said)
