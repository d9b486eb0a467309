"""One region's year until today: built in memory, then stored in bulk, in order of time.

A thousand verbs would take minutes. `tests/test_seed.py` holds that what the verbs promise holds
for it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any, cast

from django.db.models import Model

from agencies.models import AssignmentRole, User
from indicators.models import Question
from kla_tracker.demo import answers, files, plans, requests
from kla_tracker.demo.work import Work
from submissions.models import (
    Assessment,
    Blob,
    Event,
    Evidence,
    EvidenceLink,
    Response,
    Review,
    Submission,
    Verb,
)

BATCH = 500
ANSWER_FIELDS = (
    *("value", "note", "claim_level", "claim_share", "version", "answered_at", "changed_at"),
    *(
        "changed_by",
        "verdict",
        "verified_level",
        "verified_share",
        "unproven_reason",
        "last_review",
    ),
)
SUBMISSION_FIELDS = (
    *("state", "due_on", "changed_at", "submitted_at", "submitted_by", "submit_reason"),
    "decided_at",
)


@dataclass
class Story:
    """One region's year, as far as it has come; `store` writes it down."""

    assessment: Assessment
    people: dict[int, User]
    today: date
    seed: str
    real_files: bool = True
    work: type[Work] = Work
    events: list[Event] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    seen: list[tuple[Review, list[Evidence]]] = field(default_factory=list)
    evidence: dict[tuple[int, str], Evidence] = field(default_factory=dict)
    links: list[EvidenceLink] = field(default_factory=list)
    attached: dict[int, list[Evidence]] = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=lambda: list(answers.REASONS))
    submissions: list[Submission] = field(default_factory=list)
    given: dict[int, list[Response]] = field(default_factory=dict)
    # How each row stood at `pause`: what the acts until then had made of it.
    pause: datetime | None = None
    then: dict[Response | Submission, dict[str, Any]] = field(default_factory=dict)

    @property
    def checker(self) -> User:
        return self.people[0]

    def tell(self) -> None:
        """Work out every submission; `store` writes it down."""
        self.submissions = list(
            self.assessment.submissions.select_related("agency", "indicator").order_by(
                "agency__code", "indicator__order"
            )
        )
        self.given = {each.pk: [] for each in self.submissions}
        for response in responses_of(self.assessment):
            self.given[response.submission_id].append(response)
        self.then = {each: fields_of(each) for each in self.rows()}
        states = self.plan(self.submissions, self.given)
        for submission in self.submissions:
            rng = Random(f"{self.seed}:{submission.agency.code}:{submission.indicator.code}")  # noqa: S311
            given = self.given[submission.pk]
            self.work(self, submission, given, states[submission.pk], rng).tell()
        self.ask()

    def ask(self) -> None:
        """What leads asked of their supports."""
        requests.tell(self, [(each, self.given[each.pk]) for each in self.submissions])

    def stood(self, at: datetime, *rows: Response | Submission) -> None:
        """Remember what an act left behind, if it happened before the pause."""
        if self.pause is not None and at <= self.pause:
            self.then |= {each: fields_of(each) for each in rows}

    def plan(
        self, submissions: list[Submission], given: Mapping[int, list[Response]]
    ) -> dict[int, str]:
        """The letter of each submission."""
        rng = Random(f"{self.seed}:plan")  # noqa: S311  (the same each time is the point)
        by_agency: dict[str, list[Submission]] = {}
        for each in submissions:
            by_agency.setdefault(each.agency.code, []).append(each)
        states: dict[int, str] = {}
        area = plans.areas([code for code in by_agency if code[:4] in {"kec-", "kel-"}], rng)
        for code, mine in by_agency.items():
            worth = {
                each.pk: sum(
                    r.question.max_points
                    for r in given[each.pk]
                    if r.role != AssignmentRole.SUPPORT
                )
                for each in mine
            }
            lead = sorted((m for m in mine if worth[m.pk]), key=lambda m: -worth[m.pk])
            letters = [area[code]] if code in area else plans.leads(code, len(lead))
            states |= {m.pk: letter for m, letter in zip(lead, letters, strict=False)}
            rest = [m for m in mine if m.pk not in states]
            letters = plans.supports(code, len(rest), rng)
            states |= {m.pk: letter for m, letter in zip(rest, letters, strict=True)}
        return states

    def event(self, verb: Verb, at: datetime, by: User, **more: Any) -> None:
        """One thing that happened; `submission`, `response`, the rest is what it says."""
        facts = {key: more.pop(key) for key in ("submission", "response") if key in more}
        self.events.append(
            Event(assessment=self.assessment, verb=verb, by=by, at=at, data=more, **facts)
        )

    def attach(self, response: Response, submission: Submission, name: str, at: datetime) -> None:
        """Give an office's file to an answer; the office's file of that name serves again."""
        by = self.people[submission.agency_id]
        key = (submission.agency_id, name)
        if key not in self.evidence:
            self.evidence[key] = Evidence(
                agency_id=submission.agency_id,
                name=name,
                blob=self.blob(name, submission),
                created_at=at,
                created_by=by,
            )
        evidence = self.evidence[key]
        mine = self.attached.setdefault(response.pk, [])
        if evidence in mine:
            return
        # An older time than that of the row would be a file attached before it was given.
        evidence.created_at = min(evidence.created_at, at)
        mine.append(evidence)
        self.links.append(
            EvidenceLink(response=response, evidence=evidence, added_at=at, added_by=by)
        )
        self.event(
            Verb.ATTACH, at, by, submission=submission, response=response,
            name=name, evidence=evidence,
        )  # fmt: skip

    def blob(self, name: str, submission: Submission) -> Blob:
        """The bytes behind a name: its own in the example city, a few shared ones elsewhere."""
        if not self.real_files:
            name = f"Berkas contoh.{name.rpartition('.')[2]}"
        key = f"{submission.agency.code} {name}" if self.real_files else name
        if key not in self.blobs:
            lines = [
                f"{self.assessment.region.name}, tahun data {self.assessment.data_year}.",
                "Berkas ini dibuat oleh aplikasi sebagai contoh dan bukan dokumen resmi.",
            ]
            if self.real_files:
                lines.insert(0, f"{submission.agency.name}, indikator {submission.indicator.code}")
            self.blobs[key] = files.keep(*files.make(name, lines))
        return self.blobs[key]

    def store_until_pause(self) -> None:
        """The world as it was at the pause, so that a meeting of then shows what it knew."""
        now = {each: fields_of(each) for each in self.rows()}
        put(self.then)
        for each in self.submissions:  # answers are not told in the order of their time
            each.changed_at = min(each.changed_at, self.pause or each.changed_at)
        self.store(until=self.pause)
        put(now)

    def rows(self) -> Iterable[Response | Submission]:
        """Every row that the story changes."""
        for each in self.submissions:
            yield each
            yield from self.given[each.pk]

    def store(self, *, until: datetime | None = None) -> None:
        """Everything that is not stored yet and happened `until` then, in the order that its keys
        need; the history in the order of its time.
        """

        def due(rows: Iterable[Any], name: str) -> list[Any]:
            found = [each for each in rows if each.pk is None]
            found = [each for each in found if until is None or getattr(each, name) <= until]
            return sorted(found, key=lambda each: getattr(each, name))

        Evidence.objects.bulk_create(due(self.evidence.values(), "created_at"), BATCH)
        EvidenceLink.objects.bulk_create(due(self.links, "added_at"), BATCH)
        reviews = due(self.reviews, "at")
        Review.objects.bulk_create(reviews, BATCH)
        through, new = cast("Any", Review.evidence.through), {each.pk for each in reviews}
        through.objects.bulk_create(
            [
                through(review_id=review.pk, evidence_id=each.pk)
                for review, shown in self.seen
                if review.pk in new
                for each in shown
            ],
            BATCH,
        )
        events = due(self.events, "at")
        for event in events:
            event.data = {
                key: each.pk if isinstance(each, Model) else each
                for key, each in event.data.items()
            }
        Event.objects.bulk_create(events, BATCH)
        responses = [each for row in self.given.values() for each in row]
        for response in responses:
            response.last_review = response.last_review  # its key is known only now
        touched = [each for each in responses if each.version or each.verdict]
        # Written over by key: bulk_update builds a CASE for each value, ten times slower.
        Response.objects.bulk_create(
            touched,
            BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=ANSWER_FIELDS,
        )
        Submission.objects.bulk_update(self.submissions, SUBMISSION_FIELDS, BATCH)


def fields_of(row: Response | Submission) -> dict[str, Any]:
    """What the story changes of a row, as it stands."""
    names = ANSWER_FIELDS if isinstance(row, Response) else SUBMISSION_FIELDS
    return {name: getattr(row, name) for name in names}


def put(fields: Mapping[Response | Submission, Mapping[str, Any]]) -> None:
    """Make each row stand like that."""
    for row, values in fields.items():
        for name, value in values.items():
            setattr(row, name, value)


def responses_of(assessment: Assessment) -> Iterable[Response]:
    """The answers of a year in a fixed order, each question with its rubric read once."""
    questions = {
        each.pk: each
        for each in Question.objects.with_scale().filter(instrument=assessment.instrument_id)
    }
    for response in assessment.responses.order_by("question__order", "submission__agency__code"):
        response.question = questions[response.question_id]
        yield response
