"""Ticks for what has been typed into the ministry's form: each person's own, seen by the team."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.models import User
from indicators.models import Question
from submissions.actions.record import record, require
from submissions.models import Assessment, EntryTick, Verb

PERMISSION = "submissions.tick_entry"


@transaction.atomic
def tick_entry(
    assessment: Assessment, question: Question, *, told: str, by: User, now: datetime
) -> EntryTick:
    """Say that one has typed a question, with the answer that was typed. The same once more
    changes nothing; another answer takes the place of the older one.
    """
    require(by, PERMISSION, assessment)
    tick, made = EntryTick.objects.get_or_create(
        assessment=assessment, question=question, by=by, defaults={"at": now, "told": told}
    )
    if not made:
        if tick.told == told:
            return tick
        EntryTick.objects.filter(pk=tick.pk).update(at=now, told=told)
        tick.at, tick.told = now, told
    record(Verb.ENTER, by=by, assessment=assessment, at=now, question=question.code, told=told)
    return tick


@transaction.atomic
def untick_entry(assessment: Assessment, question: Question, *, by: User, now: datetime) -> None:
    """Take back the own tick; those of others stay. Taken back twice it is gone."""
    require(by, PERMISSION, assessment)
    ticks = EntryTick.objects.filter(assessment=assessment, question=question, by=by)
    gone, _ = ticks.delete()
    if gone:
        record(
            Verb.ENTER, by=by, assessment=assessment, at=now, question=question.code, undone=True
        )
