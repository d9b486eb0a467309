"""How much of a second year is there before anybody types: counted by the verbs, then undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from agencies.models import Agency, AssignmentRole, User
from agencies.roles import Role
from indicators.scoring import Mode
from submissions.actions.answering import answer, for_answering
from submissions.actions.carrying import Wanted, carry_over, offers_of
from submissions.actions.ticking import fitting, suggested_level, tick_rows
from submissions.actions.year import open_year
from submissions.models import Assessment, Response


@dataclass(frozen=True, slots=True)
class Count:
    """Questions of a second year on the same instrument: `carried` are answered by confirming last
    year's answers (of area questions, those of every area), `by_registers` by the rows that hold
    and the level that they suggest; `begun` have something, and miss a figure or an area.
    """

    asked: int
    carried: int
    by_registers: int
    begun: int

    @property
    def answered(self) -> int:
        return self.carried + self.by_registers


def count_second_year(first: Assessment, *, now: datetime) -> Count:
    """Open the year after, let every office confirm all that it is offered, count, and undo it."""
    with transaction.atomic():
        year = open_year(
            first.region,
            first.instrument,
            year=first.year + 1,
            data_year=first.data_year + 1,
            closes_on=first.closes_on + timedelta(days=366),
            by=None,
            is_example=True,
            at=now,
        )
        people = _people(first)
        for agency in Agency.objects.filter(submissions__assessment=year).distinct():
            _carry(agency, year, people[agency.pk], now)
        carried, begun = _answered(year)
        for response in _unanswered(year):
            _answer_by_rows(response, people[response.submission.agency_id], now)
        whole, _ = _answered(year)
        transaction.set_rollback(True)
    return Count(first.instrument.questions.count(), len(carried), len(whole - carried), len(begun))


def _people(first: Assessment) -> dict[int, User]:
    """Somebody who may answer for each agency: its operator, else a verifikator."""
    mine = User.objects.filter(region=first.region, is_active=True).select_related("agency")
    judge = mine.filter(role=Role.VERIFIKATOR.value).order_by("pk").first()
    found: dict[int, User] = {}
    for agency in first.region.agencies.all():
        operator = mine.filter(role=Role.OPERATOR.value, agency=agency).order_by("pk").first()
        by = operator or judge
        if by is not None:
            found[agency.pk] = by
    return found


def _carry(agency: Agency, year: Assessment, by: User, now: datetime) -> None:
    answers = for_answering(Response.objects.filter(submission__agency=agency, assessment=year))
    for offer in offers_of(agency, year, list(answers)):
        wanted = Wanted(
            offer.response.pk,
            offer.before.pk,
            offer.response.version,
            offer.before.version,
            answer=offer.answers,
            evidence=frozenset(each.pk for each in offer.evidence),
            rows=frozenset(each.pk for each in offer.rows),
        )
        carry_over(offer.response, wanted=wanted, by=by, now=now)


def _answered(year: Assessment) -> tuple[set[int], set[int]]:
    """The questions whose official answers all have a level, and those that have something."""
    levels: dict[int, list[tuple[bool, bool]]] = defaultdict(list)
    official = Response.objects.filter(assessment=year).official()
    for question, level, value in official.values_list("question", "claim_level", "value"):
        levels[question].append((level is not None, bool(value)))
    whole = {key for key, found in levels.items() if all(has for has, _ in found)}
    some = {key for key, found in levels.items() if any(typed for _, typed in found)}
    return whole, some - whole


def _unanswered(year: Assessment) -> Iterable[Response]:
    """Graded questions without an answer that draw on a register."""
    return for_answering(
        Response.objects.filter(
            assessment=year,
            role=AssignmentRole.LEAD,
            claim_level__isnull=True,
            question__rubric__mode=Mode.GRADED,
            question__register__isnull=False,
        )
    ).select_related("question__register")


def _answer_by_rows(response: Response, by: User, now: datetime) -> None:
    """Tick every row that fits, and take the level that their share with evidence bears out."""
    rows = fitting(response)
    keys = set(rows.values_list("pk", flat=True))
    proven = len(keys) - rows.without_evidence().count()
    level = suggested_level(response.question.rubric.scale, proven, len(keys))
    if level is not None:
        tick_rows(response, wanted=keys, shown=keys, by=by, now=now)
        value, version = {"level": level}, response.version
        answer(response, value=value, note=response.note, version=version, by=by, now=now)
