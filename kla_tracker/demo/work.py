"""One office's work on one indicator, by the rules of the verbs in `submissions.actions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from agencies.models import AssignmentRole, User
from indicators.scoring import Mode, level_of, share_of
from kla_tracker.demo import answers, plans
from submissions.models import Response, Review, Submission, Verb
from submissions.workflow import State, Verdict

if TYPE_CHECKING:
    from kla_tracker.demo.story import Story

WIB = ZoneInfo("Asia/Jakarta")
OPENED = 25  # working days before today
ENDS = {
    "A": State.ACCEPTED, "M": State.ACCEPTED, "S": State.SUBMITTED, "N": State.SUBMITTED,
    "R": State.RETURNED, "D": State.DRAFT, "d": State.DRAFT, "E": State.EMPTY, "e": State.EMPTY,
}  # fmt: skip


@lru_cache(maxsize=512)
def workday(today: date, back: int) -> date:
    """The day that lies so many working days before today."""
    day = today
    while back:
        day -= timedelta(days=1)
        back -= day.weekday() < 5
    return day


@dataclass
class Work:
    """One office's work on one indicator."""

    story: Story
    submission: Submission
    responses: list[Response]
    letter: str
    rng: Random

    def tell(self) -> None:
        """From the first answer to where it stands today."""
        sub, letter = self.submission, self.letter
        end = ENDS[letter]
        sub.changed_at = opened = self.story.assessment.opened_at
        if self.is_late:
            sub.due_on = self.story.today - timedelta(days=self.rng.randint(3, 9))
        self.story.stood(opened, sub)
        if end == State.EMPTY:
            return
        start, sent, decided = self.days()
        last = max(sent, 1)
        for response in self.chosen():
            self.answer(
                response, self.at(self.rng.randint(last + (sent > 0), max(start, last + 1)))
            )
        self.opening(start)
        if end != State.DRAFT:
            self.review(sent, decided)
        sub.state = end.value

    @property
    def is_late(self) -> bool:
        """Whether its date has passed."""
        agency, letter = self.submission.agency.code, self.letter
        return letter in "de" or (agency in plans.LATE and letter != "A")

    @property
    def quality(self) -> float:
        """How well the office stands, from 0 to 1."""
        return plans.quality_of(self.submission.agency.code)

    def days(self) -> tuple[int, int, int]:
        """Working days before today: when it was begun, handed in, last decided (0: not)."""
        rng = self.rng
        if self.letter in "AM":
            return rng.randint(20, 24), rng.randint(12, 18), rng.randint(5, 9)
        if self.letter in "NR":
            return rng.randint(19, 24), rng.randint(11, 17), rng.randint(3, 7)
        if self.letter == "S":
            return rng.randint(12, 23), rng.randint(1, 9), 0
        return rng.randint(6, 22), 0, 0

    def at(self, back: int) -> datetime:
        """A moment in office hours of that working day."""
        day = workday(self.story.today, back)
        moment = time(8 + self.rng.randrange(8), self.rng.randrange(60), self.rng.randrange(60))
        return datetime.combine(day, moment, WIB)

    def chosen(self) -> list[Response]:
        """Which questions have an answer: nearly all of what was handed in, half of a draft."""
        code, indicator = self.submission.agency.code, self.submission.indicator.code
        if (code, indicator) == ("disdukcapil", "4"):
            return [each for each in self.responses if each.question.code not in {"4.6", "4.7"}]
        share = {"A": 0.985, "M": 1.0, "S": 0.94, "N": 0.97, "R": 0.9}.get(self.letter, 0.55)
        kept = [each for each in self.responses if self.rng.random() < share]
        return kept or self.responses[:1]

    def answer(self, response: Response, at: datetime) -> None:
        """Value, words and files of one answer, with its history."""
        by = self.story.people[self.submission.agency_id]
        question, data_year = response.question, self.story.assessment.data_year
        support = response.role == AssignmentRole.SUPPORT
        response.note = answers.note_for(question, self.rng, data_year, support=support)
        if not support:
            response.value = answers.value_for(question, self.rng, self.quality)
            if question.code == "4.4" and self.letter == "R":
                response.value = {"level": 0}
            if self.letter in "Dd" and self.rng.random() < 0.2:
                response.value = half_typed(response.value, question.rubric.scale.mode)
        scale = question.rubric.scale
        response.claim_level = level_of(scale, response.value)
        response.claim_share = share_of(scale, response.claim_level)
        response.version = 1
        response.answered_at = at if support or response.claim_level is not None else None
        self.saved(response, at, by, before=None)
        if self.has_file(response):
            name = answers.file_name(question, self.submission.agency.name, self.rng, data_year)
            if question.code == "4.4":
                name = "SOP jemput bola akta.pdf"
            self.story.attach(response, self.submission, name, at + timedelta(minutes=2))

    def saved(
        self, response: Response, at: datetime, by: User, before: dict[str, Any] | None
    ) -> None:
        """The columns and the event of one save."""
        response.changed_at, response.changed_by = at, by
        self.submission.changed_at = max(self.submission.changed_at, at)
        if self.submission.state == State.EMPTY:
            self.submission.state = State.DRAFT.value
        self.story.stood(at, response, self.submission)
        self.story.event(
            Verb.ANSWER, at, by, submission=self.submission, response=response,
            version=response.version,
            **{
                "from": before or {"value": None, "note": "", "level": None},
                "to": _said(response),
            },
        )  # fmt: skip

    def has_file(self, response: Response) -> bool:
        """Whether the office attached something: mostly where it is demanded."""
        if response.role == AssignmentRole.SUPPORT:
            return self.rng.random() < 0.3
        if self.submission.agency.code == "disdukcapil" and response.question.code[:2] == "4.":
            return True
        if not response.claim_share:
            return False
        done = self.letter in "AM"
        if done and response.question.code in plans.UNPROVEN:
            return False
        if response.question.evidence_required:
            return self.rng.random() < (0.98 if done else 0.66)
        return self.rng.random() < (0.3 if done else 0.15)

    def opening(self, start: int) -> None:
        """The first thing that was saved made it a draft."""
        first = min(
            (each.changed_at for each in self.responses if each.changed_at),
            default=self.at(start),
        )
        by = self.story.people[self.submission.agency_id]
        self.story.event(Verb.START, first - timedelta(seconds=1), by, submission=self.submission)

    def review(self, sent: int, decided: int) -> None:
        """Handed in; looked through; returned and mended where the letter says so."""
        at = self.evening(sent)
        self.submit(at)
        if self.letter == "S":
            return
        if self.letter in "MN":
            back = decided + 2 if self.letter == "M" else decided
            self.decide(back, returning=True)
            again = back - 1
            self.mend(again)
            self.submit(self.evening(again))
            if self.letter == "N":
                return
        self.decide(decided, returning=self.letter == "R")

    def evening(self, back: int) -> datetime:
        """After the last save of that day."""
        moment = time(16, 5 + self.rng.randrange(50), self.rng.randrange(60))
        return datetime.combine(workday(self.story.today, back), moment, WIB)

    def submit(self, at: datetime) -> None:
        sub, by = self.submission, self.story.people[self.submission.agency_id]
        lacking = sum(self.lacks(each) for each in self.responses)
        sub.submitted_at, sub.submitted_by, sub.changed_at = at, by, at
        sub.submit_reason = answers.UNFINISHED if lacking else ""
        sub.state = State.SUBMITTED.value
        for response in self.responses:
            if response.verdict == Verdict.RETURNED:
                response.verdict = Verdict.NONE.value
        self.story.stood(at, sub, *self.responses)
        self.story.event(
            Verb.SUBMIT, at, by, submission=sub, missing=lacking, reason=sub.submit_reason
        )

    def lacks(self, response: Response) -> bool:
        """What handing in would ask a reason for."""
        if response.verdict == Verdict.ACCEPTED:
            return False
        files_given = bool(self.story.attached.get(response.pk))
        if response.role == AssignmentRole.SUPPORT:
            return not response.note and not files_given
        if response.claim_level is None or response.verdict == Verdict.RETURNED:
            return True
        demanded = response.question.evidence_required and bool(response.claim_share)
        return demanded and not files_given

    def decide(self, back: int, *, returning: bool) -> None:
        """A verdict on every answer that waits, and the end of the review."""
        waiting = [each for each in self.responses if each.verdict == Verdict.NONE]
        doubtful = self.doubtful(waiting) if returning else []
        day = workday(self.story.today, back)
        clock = datetime.combine(day, time(9, self.rng.randrange(30)), WIB)
        for response in waiting:
            clock += timedelta(seconds=self.rng.randint(25, 200))
            if response in doubtful:
                self.give_back(response, clock)
            else:
                self.accept(response, clock)
        clock += timedelta(minutes=3)
        sub = self.submission
        sub.decided_at = sub.changed_at = clock
        if returning:
            sub.due_on = max(sub.due_on, clock.date() + timedelta(days=3))
        sub.state = (State.RETURNED if returning else State.ACCEPTED).value
        self.story.stood(clock, sub)
        verdicts = [each.verdict for each in self.responses]
        self.story.event(
            Verb.RETURN if returning else Verb.ACCEPT, clock, self.story.checker,
            submission=sub, due_on=sub.due_on.isoformat(),
            accepted=verdicts.count(Verdict.ACCEPTED.value),
            returned=verdicts.count(Verdict.RETURNED.value),
        )  # fmt: skip

    def doubtful(self, waiting: list[Response]) -> list[Response]:
        """What is returned: the unanswered, what claims without a file, and at least one more."""
        if self.submission.indicator.code == "4" and self.submission.agency.code == "disdukcapil":
            return [r for r in waiting if r.question.code in {"4.4", "4.6", "4.7"}]
        found = [each for each in waiting if self.lacks(each)]
        answered = [each for each in waiting if each not in found and each.claim_share]
        more = 1 + len(answered) // 5
        return found + self.rng.sample(answered, min(more, len(answered))) or waiting[:1]

    def give_back(self, response: Response, at: datetime) -> None:
        data_year = self.story.assessment.data_year
        if response.question.code == "4.4":
            note = "SOP belum ditandatangani. Unggah versi bertanda tangan."
        elif response.claim_level is None and not response.note:
            note = answers.EMPTY_RETURN
        elif self.lacks(response):
            note = "Data dukung yang diwajibkan belum dilampirkan. Lampirkan, lalu ajukan kembali."
        else:
            note = answers.fill(self.rng.choice(answers.RETURNS), data_year)
        self.verdict(response, at, Verdict.RETURNED, note=note)

    def accept(self, response: Response, at: datetime) -> None:
        """At the level that was claimed, or one lower with a note; a support without a level."""
        if response.role == AssignmentRole.SUPPORT:
            self.verdict(response, at, Verdict.ACCEPTED)
            return
        level, note, reason = response.claim_level, "", ""
        if level is None:
            level, note = answers.zero_level(response.question), "Tidak ada data sampai tenggat."
        elif self.lacks(response):
            if (
                self.story.reasons
                and not response.question.is_area
                and response.question.max_points < 3
            ):
                reason = self.story.reasons.pop()
            else:
                level = answers.zero_level(response.question)
                note = "Tanpa data dukung yang diwajibkan, nilainya belum dapat diberikan."
        elif self.rng.random() < 0.12:
            level, note = (
                answers.lower_level(response.question, level),
                self.rng.choice(answers.LOWERED),
            )
        self.verdict(response, at, Verdict.ACCEPTED, level=level, note=note, reason=reason)

    def verdict(
        self, response: Response, at: datetime, verdict: Verdict,
        *, level: int | None = None, note: str = "", reason: str = "",
    ) -> None:  # fmt: skip
        """One verdict: its row, the answer's columns, its event."""
        scale = response.question.rubric.scale
        share = share_of(scale, level)
        shown = list(self.story.attached.get(response.pk, []))
        review = Review(
            response=response, version=response.version, verdict=verdict.value, level=level,
            share=share, note=note, unproven_reason=reason, value=response.value,
            answer_note=response.note, by=self.story.checker, at=at,
        )  # fmt: skip
        self.story.reviews.append(review)
        self.story.seen.append((review, shown))
        response.verdict, response.last_review = verdict.value, review
        response.verified_level, response.verified_share = level, share
        response.unproven_reason = reason
        self.story.stood(at, response)
        self.story.event(
            Verb.REVIEW, at, self.story.checker, submission=self.submission, response=response,
            review=review, verdict=verdict.value, before="", level=level, version=response.version,
            unproven=bool(reason),
        )  # fmt: skip

    def mend(self, back: int) -> None:
        """The office mends what was returned: a value, words, or a file that was missing."""
        by = self.story.people[self.submission.agency_id]
        data_year = self.story.assessment.data_year
        for response in self.responses:
            if response.verdict != Verdict.RETURNED:
                continue
            at = self.at(back)
            before = _said(response)
            question, scale = response.question, response.question.rubric.scale
            response.note = answers.fill(
                "Sudah diperbaiki sesuai catatan, data {data_year}.", data_year
            )
            if response.role != AssignmentRole.SUPPORT:
                if response.claim_level is None:
                    response.value = answers.value_for(question, self.rng, 0.7)
                elif self.rng.random() < 0.4 and "level" in (response.value or {}):
                    lower = answers.lower_level(question, response.claim_level)
                    response.value = {"level": lower}
                response.claim_level = level_of(scale, response.value)
                response.claim_share = share_of(scale, response.claim_level)
            response.version += 1
            response.answered_at = response.answered_at or at
            response.verdict = Verdict.NONE.value
            self.saved(response, at, by, before=before)
            if response.role != AssignmentRole.SUPPORT and response.claim_share:
                name = f"Perbaikan {question.code} {answers.topic(question)}.pdf"
                self.story.attach(response, self.submission, name, at + timedelta(minutes=1))


def _said(response: Response) -> dict[str, Any]:
    return {"value": response.value, "note": response.note, "level": response.claim_level}


def half_typed(value: dict[str, Any], mode: Mode) -> dict[str, Any]:
    """What someone began and left: the first figure of two."""
    if mode is Mode.THRESHOLD:
        return {"numerator": value["numerator"]}
    return {"values": [value["values"][0], None]} if mode is Mode.TREND else value
