"""What other offices and people gave for an answer: support, requests, answers on behalf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from agencies.models import AssignmentRole
from submissions.actions.helping import quoted
from submissions.models import Event, HelpRequest, RequestState, Response, ResponseRow, Submission
from submissions.views.work_page.shapes import Help, Proof


class Support(NamedTuple):
    """The answer of an office that supports a question."""

    pk: int
    question: int
    agency: str
    note: str
    version: int


def supports_of(submission: Submission, responses: Sequence[Response]) -> list[Support]:
    """Those of the questions that are led here. One query, none where nothing is."""
    led = [each.question_id for each in responses if each.role == AssignmentRole.LEAD]
    if not led:
        return []
    found = (
        Response.objects.filter(
            assessment=submission.assessment_id, question__in=led, role=AssignmentRole.SUPPORT
        )
        .exclude(submission=submission)
        .order_by("submission__agency__name")
        .values_list("pk", "question", "submission__agency__name", "note", "version")
    )
    return [Support(*row) for row in found]


def helps_of(
    supports: Sequence[Support], responses: Sequence[Response], proofs: dict[int, list[Proof]]
) -> dict[int, list[Help]]:
    """What they gave, by question, and whether any of it is not in the lead's answer yet; `proofs`
    are those of all these answers. One query, none without a support.
    """
    found: dict[int, list[Help]] = defaultdict(list)
    if not supports:
        return found
    led = {each.question_id: each for each in responses if each.role == AssignmentRole.LEAD}
    rows: dict[int, set[int]] = defaultdict(set)
    asked = [*(each.pk for each in supports), *(each.pk for each in led.values())]
    ticks = ResponseRow.objects.filter(response__in=asked, removed_at__isnull=True)
    for response, row in ticks.order_by().values_list("response_id", "row_id"):
        rows[response].add(row)
    for pk, question, agency, note, version in supports:
        if not (note or proofs[pk] or rows[pk]):
            continue
        lead = led[question]
        there = {each.pk for each in proofs[lead.pk]}
        left = bool(note) and quoted(agency, note) not in lead.note
        left |= any(each.pk not in there for each in proofs[pk])
        left |= bool(rows[pk] - rows[lead.pk])
        take = f"{pk}-{version}" if left else ""
        found[question].append(Help(agency, note, proofs[pk], len(rows[pk]), take))
    return found


# What a card says of a request, and of who asked.
ASKED = ("response", "agency__name", "what", "due_on", "state", "reply")
LEAD = ("response__question", "response__submission__agency__name")


def asked_of(
    submission: Submission, responses: Sequence[Response], supported: set[int]
) -> dict[int, list[HelpRequest]]:
    """What was asked between the lead and its supports, by question; the lead sees all of it, a
    support what it was asked. One query, none where nobody supports.
    """
    found: dict[int, list[HelpRequest]] = defaultdict(list)
    helping = {each.question_id for each in responses if each.role == AssignmentRole.SUPPORT}
    if not supported | helping:
        return found
    own = {each.pk: each for each in responses if each.question_id in supported}
    asked = HelpRequest.objects.exclude(state=RequestState.WITHDRAWN).select_related("agency")
    if helping:
        theirs = Q(agency=submission.agency_id, response__question__in=helping)
        asked = asked.filter(
            Q(response__in=list(own)) | theirs, response__assessment=submission.assessment_id
        ).select_related("response__submission__agency")
        asked = asked.only(*ASKED, *LEAD)
    else:
        asked = asked.filter(response__in=list(own)).only(*ASKED)
    for each in sorted(asked.order_by(), key=lambda each: (each.due_on, each.pk)):
        each.response = own.get(each.response_id) or each.response
        found[each.response.question_id].append(each)
    return found


def leads_of(submission: Submission, responses: Sequence[Response]) -> dict[int, str]:
    """Who leads what this office supports, by question: the year's own lead, which may be another
    than the instrument names. One query, none where nothing is supported.
    """
    helping = [each.question_id for each in responses if each.role == AssignmentRole.SUPPORT]
    if not helping:
        return {}
    led = Response.objects.filter(
        assessment=submission.assessment_id, question__in=helping, role=AssignmentRole.LEAD
    )
    return dict(led.order_by().values_list("question", "submission__agency__name"))


def behalf_of(submission: Submission, responses: Sequence[Response]) -> dict[int, str]:
    """Who gave which answer in place of this agency; a query only if somebody may have."""
    others = [
        each.pk
        for each in responses
        if each.changed_by is not None and each.changed_by.agency_id != submission.agency_id
    ]
    if not others:
        return {}
    found = Event.objects.filled_on_behalf(others)
    return {pk: f"Diisi {event.behalf_text(submission.agency)}" for pk, event in found.items()}
