"""What the review page shows of one submission and one answer, worked out before it is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse

from agencies.models import AssignmentRole, User
from indicators import wording
from indicators.scoring import points, share_of
from submissions.filters import Queue, areas_of, part_of
from submissions.models import (
    Event,
    Evidence,
    EvidenceLink,
    HelpRequest,
    RequestState,
    Response,
    Review,
    Submission,
    Verb,
    newer_version,
)
from submissions.views.review_documents import Document, document, names_of
from submissions.views.review_rows import rows_of
from submissions.wording import answer_text
from submissions.workflow import State, Verdict

TOLD = (Verb.ANSWER, Verb.ATTACH, Verb.DETACH, Verb.REPLACE, Verb.REVIEW)
TONES = {Verdict.ACCEPTED: "ok", Verdict.RETURNED: "returned", Verdict.NONE: "risk"}


# What the page reads of each answer, and of what it stands on: half the columns.
SHOWN = (
    *("submission", "assessment", "role", "value", "note", "version", "verdict"),
    *("claim_level", "claim_share", "verified_level", "verified_share", "unproven_reason"),
    *("question__code", "question__text", "question__max_points", "question__evidence_required"),
    *("question__expected_evidence", "question__register", "question__rubric__mode"),
    *("question__rubric__basis", "question__rubric__higher_is_better"),
    *("question__rubric__min_inclusive", "question__rubric__instrument__code"),
    *("question__rubric__instrument__published_at", "last_review__at", "last_review__note"),
    *("last_review__by__name", "last_review__by__username"),
)


@dataclass(frozen=True, slots=True)
class Option:
    """A level to choose, with its points as text; what `components.levels` draws."""

    value: int
    label: str
    points: str


@dataclass(frozen=True, slots=True)
class Line:
    """An answer in the list on the left, and in the letter at the end."""

    response: Response
    href: str
    mark: str
    spoken: str
    tone: str
    current: bool
    claimed: Decimal | None
    proven: Decimal | None
    level: str
    lacks_evidence: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a mended answer, before and now."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Support:
    """What a supporting office gave for the same question."""

    agency: str
    note: str
    documents: list[Document]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the history of an answer."""

    at: datetime
    text: str
    note: str = ""
    rested: str = ""  # the evidence that a verdict rested on


@dataclass
class Sheet:
    """A submission under review: its answers in order, and what each is worth to the total."""

    submission: Submission
    queue: Queue | None = None
    chosen: int | None = None
    responses: list[Response] = field(default_factory=list)

    @property
    def query(self) -> str:
        """The filter of the queue, which every link on the page keeps."""
        return self.queue.query if self.queue is not None else ""

    def stands(self, state: State) -> bool:
        """Whether the submission is in this state, and in a year that is open."""
        return self.submission.state == state and self.submission.assessment.closed_at is None

    def __post_init__(self) -> None:
        found = self.submission.responses.select_related(  # the submission is ours, not read again
            "question__rubric__instrument", "question__register", "last_review__by"
        )
        self.responses = list(found.only(*SHOWN).order_by("question__order", "pk"))
        self.newer: dict[tuple[int, int], int | None] = {}
        self.links = self._links()
        self.areas = areas_of(
            {each.question_id for each in self.responses if each.role == AssignmentRole.AREA},
            {self.submission.assessment_id},
        )

    def _links(self) -> dict[int, list[Evidence]]:
        """What is attached now, per answer. One query."""
        found: dict[int, list[Evidence]] = defaultdict(list)
        links = EvidenceLink.objects.filter(
            response__submission=self.submission, removed_at__isnull=True
        ).select_related("evidence__blob", "evidence__agency")
        links = links.annotate(newer=newer_version("evidence__"))
        for link in links.order_by("added_at", "pk"):
            found[link.response_id].append(link.evidence)
            self.newer[link.response_id, link.evidence_id] = link.newer
        return found

    @cached_property
    def current(self) -> Response | None:
        """The answer asked for, else the first that waits, else the first."""
        for response in self.responses:
            if response.pk == self.chosen:
                return response
        return self.next_waiting(None) or (self.responses[0] if self.responses else None)

    def next_waiting(self, after: Response | None) -> Response | None:
        """The next answer without a verdict, from the top again after the last; never the same."""
        at = self.responses.index(after) + 1 if after is not None else 0
        ahead = self.responses[at:] + self.responses[: max(at - 1, 0)]
        return next((each for each in ahead if each.verdict == Verdict.NONE), None)

    def beside(self, step: int) -> str:
        """The address of the answer above or below in the list; empty at the ends."""
        if self.current is None:
            return ""
        at = self.responses.index(self.current) + step
        return self.address(self.responses[at]) if 0 <= at < len(self.responses) else ""

    def address(self, response: Response | None, **more: Any) -> str:
        """The page at one answer, the filter kept."""
        pairs = [self.query] if self.query else []
        if response is not None:
            pairs.append(f"jawaban={response.pk}")
        pairs += [f"{name}={value}" for name, value in more.items()]
        base = reverse("review", args=[self.submission.pk])
        return f"{base}?{'&'.join(pairs)}" if pairs else base

    def worth(self, response: Response) -> Decimal | None:
        """The points that hang on an answer: an area has its part of them, a support none."""
        if response.role == AssignmentRole.SUPPORT:
            return None
        areas = self.areas.get(response.question_id, 1)
        return part_of(response.question.max_points, response.role, areas)

    def lacks_evidence(self, response: Response) -> bool:
        """Whether a claim stands there without the evidence that the question demands."""
        return (
            response.question.evidence_required
            and response.role != AssignmentRole.SUPPORT
            and bool(response.claim_share)
            and not self.links.get(response.pk)
        )

    @cached_property
    def lines(self) -> list[Line]:
        return [self._line(response) for response in self.responses]

    def _line(self, response: Response) -> Line:
        worth = self.worth(response)
        scores = worth is not None
        claimed = points(worth, response.claim_share) if worth is not None else None
        proven = points(worth, response.verified_share) if worth is not None else None
        verdict = Verdict(response.verdict)
        marks = {
            Verdict.NONE: ("?", "belum diperiksa"),
            Verdict.RETURNED: ("kembali", "dikembalikan"),
            Verdict.ACCEPTED: (
                (wording.points(proven), "poin terbukti") if scores else ("terima", "diterima")
            ),
        }
        mark, spoken = marks[verdict]
        level = ""
        if response.verified_level is not None:
            level = response.question.rubric.scale.options()[response.verified_level].label
        return Line(
            response=response,
            href=self.address(response),
            mark=mark,
            spoken=spoken,
            tone=TONES[verdict],
            current=self.current is not None and response.pk == self.current.pk,
            claimed=claimed,
            proven=proven if verdict == Verdict.ACCEPTED else None,
            level=level,
            lacks_evidence=self.lacks_evidence(response),
        )

    @property
    def checked(self) -> int:
        return sum(each.verdict != Verdict.NONE for each in self.responses)

    @property
    def claimed(self) -> Decimal:
        return sum((each.claimed for each in self.lines if each.claimed), Decimal(0))

    @property
    def proven(self) -> Decimal:
        return sum((each.proven for each in self.lines if each.proven), Decimal(0))

    @property
    def empty_count(self) -> int:
        """How many answers need no judgement; the same rule as `reviewing.without_answer`."""
        return sum(
            each.verdict == Verdict.NONE
            and each.claim_level is None
            and not self.links.get(each.pk)
            and (each.role != AssignmentRole.SUPPORT or not each.note)
            for each in self.responses
        )


def options(sheet: Sheet, response: Response) -> list[Option]:
    """The levels of the answer's question with their points; none for a support."""
    worth = sheet.worth(response)
    if worth is None:
        return []
    scale = response.question.rubric.scale
    return [
        Option(index, level.label, wording.points(points(worth, share_of(scale, index))))
        for index, level in enumerate(scale.options())
    ]


def supports(sheet: Sheet, response: Response, chosen: int | None) -> list[Support]:
    """What the supporting offices gave beside a lead's answer. Two queries for any number."""
    if response.role != AssignmentRole.LEAD:
        return []
    others = list(
        Response.objects.filter(
            assessment=response.assessment_id,
            question=response.question_id,
            role=AssignmentRole.SUPPORT,
        )
        .select_related("submission__agency")
        .order_by("submission__agency__name")
    )
    given: dict[int, list[Document]] = defaultdict(list)
    links = EvidenceLink.objects.filter(response__in=others, removed_at__isnull=True)
    for link in links.select_related("evidence__blob", "evidence__agency").order_by("pk"):
        given[link.response_id].append(
            document(
                link.evidence,
                chosen=chosen,
                select=sheet.address(response, bukti=link.evidence_id),
                data_year=sheet.submission.assessment.data_year,
            )
        )
    return [
        Support(each.submission.agency.name, each.note, given[each.pk])
        for each in others
        if each.note or given[each.pk]
    ]


def last_year(response: Response) -> Response | None:
    """The same question's answer in the year before, on the same instrument. One query."""
    assessment = response.submission.assessment
    found = Response.objects.filter(
        question=response.question_id,
        assessment__region=assessment.region_id,
        assessment__year__lt=assessment.year,
        role=response.role,
    )
    if response.role != AssignmentRole.LEAD:
        found = found.filter(submission__agency=response.submission.agency_id)
    return (
        found.select_related("assessment", "submission__agency")
        .order_by("-assessment__year")
        .first()
    )


def reviews_of(response: Response) -> list[Review]:
    """The verdicts on an answer, newest first, with the evidence each rested on. Two queries."""
    return list(response.reviews.select_related("by").prefetch_related("evidence").order_by("-pk"))


def changes(
    response: Response, reviews: Iterable[Review], evidence: list[Evidence]
) -> list[Change] | None:
    """What was mended since the last return; None if there was none or it is decided again."""
    before = next((each for each in reviews if each.verdict == Verdict.RETURNED), None)
    if before is None or response.verdict != Verdict.NONE:
        return None
    scale = response.question.rubric.scale
    pairs = [
        ("Jawaban", answer_text(scale, before.value), answer_text(scale, response.value)),
        ("Catatan", before.answer_note or wording.NOTHING, response.note or wording.NOTHING),
    ]
    found = [Change(*each) for each in pairs if each[1] != each[2]]
    old, new = set(before.evidence.all()), set(evidence)
    if old != new:
        found.append(Change("Data dukung", names_of(old - new), names_of(new - old)))
    return found


def events_of(response: Response) -> list[Event]:
    """What happened to an answer lately, newest first. One query."""
    found = Event.objects.filter(response=response, verb__in=TOLD).select_related("by__agency")
    return list(found.order_by("-pk")[:20])


def filled_for(response: Response, events: Iterable[Event], reader: User) -> str:
    """Who gave the answer in place of its agency, and whether that is the one who reviews it."""
    last = next((each for each in events if each.verb == Verb.ANSWER), None)
    if last is None or not last.on_behalf:
        return ""
    text = f"Diisi {last.behalf_text(response.submission.agency)}."
    return f"{text} Anda sendiri yang mengisinya." if last.by_id == reader.pk else text


def moments(response: Response, reviews: Iterable[Review], events: Iterable[Event]) -> list[Moment]:
    """The history of an answer, newest first: verdicts with notes, and what the agency did."""
    scale = response.question.rubric.scale
    found = []
    for each in reviews:
        level = "" if each.level is None else f" pada tingkat “{scale.options()[each.level].label}”"
        word = "Diterima" if each.verdict == Verdict.ACCEPTED else "Dikembalikan"
        note = " ".join(
            part
            for part in (
                each.note,
                each.unproven_reason and f"Tanpa data dukung: {each.unproven_reason}",
            )
            if part
        )
        seen = list(each.evidence.all())
        rested = names_of(seen) if seen else ""
        found.append(Moment(each.at, f"{word}{level} oleh {each.by}", note, rested))
    for event in events:
        if event.verb != Verb.REVIEW:
            text = f"{event.by or 'Sistem'} {event.get_verb_display()}{_origin(event.data)}"
            if behalf := event.behalf_text(response.submission.agency):
                text = f"{text}, {behalf}"
            found.append(Moment(event.at, text))
        elif event.data.get("undone"):
            found.append(Moment(event.at, f"{event.by} membatalkan putusan"))
    return sorted(found, key=lambda each: each.at, reverse=True)[:12]


def _origin(data: dict[str, Any]) -> str:
    """Whence something was taken that was not typed."""
    origin = data.get("origin") or {}
    if "year" in origin:
        return f", dibawa dari {origin['year']}"
    return f", diambil dari {origin['office']}" if "office" in origin else ""


def _to_show(documents: list[Document], reviews: list[Review]) -> Document | None:
    """The evidence asked for; else a new one, and rather one that the page can show."""
    known = {each.pk for each in reviews[0].evidence.all()} if reviews else set()
    ranked = sorted(
        documents,
        key=lambda each: (not each.current, each.pk in known, each.how not in {"pdf", "image"}),
    )
    return ranked[0] if ranked else None


def context(sheet: Sheet, response: Response, *, reader: User, bukti: int | None) -> dict[str, Any]:
    """All that the page shows of one answer. A fixed number of queries."""
    given = sheet.links.get(response.pk, [])
    beside = supports(sheet, response, bukti)
    reviews = reviews_of(response)
    events = events_of(response)
    seen = list(reviews[0].evidence.all()) if reviews else None
    documents = [
        document(
            each,
            chosen=bukti,
            select=sheet.address(response, bukti=each.pk),
            data_year=sheet.submission.assessment.data_year,
            seen=seen,
            newer=sheet.newer[response.pk, each.pk],
        )
        for each in given
    ]
    every = documents + [each for support in beside for each in support.documents]
    shown = _to_show(every, reviews)
    before = last_year(response)
    scale = response.question.rubric.scale
    worth = sheet.worth(response)
    return {
        "response": response,
        "question": response.question,
        "worth": worth,
        "is_part": response.role == AssignmentRole.AREA,
        "is_support": response.role == AssignmentRole.SUPPORT,
        "options": options(sheet, response),
        "claim": answer_text(scale, response.value),
        "claimed": None if worth is None else points(worth, response.claim_share),
        "documents": documents,
        "supports": beside,
        "requests": HelpRequest.objects.exclude(state=RequestState.WITHDRAWN)
        .filter(response=response)
        .select_related("agency"),
        "rows": rows_of(response),
        "shown": shown,
        "lacks_evidence": response.question.evidence_required
        and worth is not None
        and not documents,
        "changes": changes(response, reviews, given),
        "moments": moments(response, reviews, events),
        "filled_for": filled_for(response, events, reader),
        "before": before,
        "before_text": "" if before is None else answer_text(scale, before.value),
        "before_points": None
        if before is None or worth is None
        else points(worth, before.verified_share),
        "draft": response.drafts.filter(by=reader).first(),
    }
