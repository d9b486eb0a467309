"""The year's official answers in the order of the ministry's form, ready to be typed there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from agencies.models import AssignmentRole, User
from indicators.scoring import Mode, Value, level_of, number, percentage
from indicators.wording import INDONESIAN
from reports.answers import areas_in_words, level_name
from reports.bundles.contents import attached_of, evidence_seen, folders_of, left_out, path_of
from reports.plan import Plan, PlanCluster, PlanQuestion
from submissions.models import Assessment, Bundle, EntryTick, Evidence, Response
from submissions.workflow import Verdict


@dataclass(frozen=True, slots=True)
class Copyable:
    """One cell of the ministry's form."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Ticked:
    """Who typed it and when; `is_old` where the answer changed since."""

    who: str
    at: datetime
    is_mine: bool
    is_old: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """An evidence, under the name that its file has in the bundle; or why it is not in there."""

    name: str
    reason: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A question: what to type, what to attach, and whether it has been typed."""

    question: PlanQuestion
    office: str
    cells: tuple[Copyable, ...]
    warning: str
    told: str
    ticks: tuple[Ticked, ...] = ()
    evidence: tuple[Attached, ...] = ()

    @property
    def seal(self) -> str:
        """What a page was drawn with, so that a tick is one for the answer that was read there."""
        return hashlib.sha256(self.told.encode()).hexdigest()[:16]

    @property
    def is_mine(self) -> bool:
        """Whether the reader ticked it, for the answer as it stands."""
        return any(each.is_mine and not each.is_old for each in self.ticks)

    @property
    def is_done(self) -> bool:
        """Whether anybody of the team did."""
        return any(not each.is_old for each in self.ticks)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a part has been typed, by anybody."""

    code: str
    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """One cluster to type; the progress of all."""

    cluster: PlanCluster
    rows: tuple[EntryRow, ...]
    clusters: tuple[Progress, ...]
    done: int
    total: int
    people: tuple[tuple[str, int], ...]


def entry_of(assessment: Assessment, plan: Plan, user: User, *, cluster: str = "") -> EntrySheet:
    """Five queries: answers, ticks, and the evidence of a cluster. An unknown one is the first."""
    rows = rows_of(assessment, plan.questions.values(), user)
    by_code = {row.question.code: row for row in rows}
    chosen = next((each for each in plan.clusters if each.code == cluster), plan.clusters[0])
    evidence = _evidence(assessment, plan, chosen, user)
    shown = [
        replace(by_code[each.code], evidence=tuple(evidence.get(each.pk, ())))
        for indicator in chosen.indicators
        for each in indicator.questions
    ]
    people: dict[str, int] = defaultdict(int)
    for row in rows:
        for each in row.ticks:
            people[each.who] += not each.is_old
    return EntrySheet(
        chosen,
        tuple(shown),
        tuple(_progress(each, by_code) for each in plan.clusters),
        sum(row.is_done for row in rows),
        len(rows),
        tuple(sorted(people.items(), key=lambda pair: -pair[1])),
    )


def _progress(cluster: PlanCluster, rows: dict[str, EntryRow]) -> Progress:
    mine = [rows[q.code] for each in cluster.indicators for q in each.questions]
    return Progress(cluster.code, cluster.name, sum(row.is_done for row in mine), len(mine))


def rows_of(
    assessment: Assessment, questions: Iterable[PlanQuestion], user: User
) -> list[EntryRow]:
    """The rows of some questions, each from its official answer: the lead's, or all areas'."""
    asked = list(questions)
    answers: dict[int, list[Response]] = defaultdict(list)
    ticks: dict[int, list[EntryTick]] = defaultdict(list)
    official = Response.objects.filter(
        assessment=assessment, question__in=[each.pk for each in asked]
    ).exclude(role=AssignmentRole.SUPPORT)
    for response in official.select_related("submission__agency").order_by(
        "submission__agency__name", "pk"
    ):
        answers[response.question_id].append(response)
    for tick in EntryTick.objects.filter(
        assessment=assessment, question__in=[each.pk for each in asked]
    ).select_related("by"):
        ticks[tick.question_id].append(tick)
    return [_row(assessment, each, answers[each.pk], ticks[each.pk], user) for each in asked]


def _evidence(
    assessment: Assessment, plan: Plan, cluster: PlanCluster, user: User
) -> dict[int, list[Attached]]:
    """By question what is attached, in the order and under the names of the bundle that this user
    would get. Three queries.
    """
    having, _ = attached_of(Bundle(assessment=assessment, by=user, cluster=cluster.code))
    keys = {pk for given in having.values() for pk in given}
    seen = {each.pk: each for each in evidence_seen(user, keys)}
    hidden = Evidence.objects.filter(pk__in=keys - seen.keys())
    names = {each.pk: each.name_for(user) for each in hidden} if keys - seen.keys() else {}
    folders, taken = folders_of(plan), set[str]()
    found: dict[int, list[Attached]] = defaultdict(list)
    for indicator in cluster.indicators:
        for question in indicator.questions:
            for pk in having.get(question.pk, ()):
                evidence = seen.get(pk)
                reason = left_out(evidence, user)
                if evidence is None:
                    each = Attached(names[pk], reason)
                elif reason:
                    each = Attached(evidence.name, reason, evidence.url)
                else:
                    folder, year = folders[indicator.code], assessment.data_year
                    path = path_of(folder, question.code, evidence, year, taken)
                    each = Attached(path.rpartition("/")[2])
                found[question.pk].append(each)
    return found


def _row(
    assessment: Assessment,
    question: PlanQuestion,
    answers: Sequence[Response],
    ticks: Sequence[EntryTick],
    user: User,
) -> EntryRow:
    cells = _cells(assessment, question, answers)
    told = "\n".join(f"{each.label}: {each.text}" for each in cells)
    return EntryRow(
        question,
        _office(question, answers),
        cells,
        _warning(question, answers),
        told,
        tuple(
            Ticked(
                each.by.get_full_name() or each.by.username,
                each.at,
                each.by_id == user.pk,
                each.told != told,
            )
            for each in ticks
        ),
    )


def _office(question: PlanQuestion, answers: Sequence[Response]) -> str:
    if not answers:
        return "belum ada pengampu"
    if len(answers) == 1:
        return str(answers[0].submission.agency.name)
    return f"{len(answers)} {question.level}"


def _warning(question: PlanQuestion, answers: Sequence[Response]) -> str:
    """What one should know before typing an answer: that it is not settled, or was lowered."""
    if not answers:
        return "Tanpa pengampu"
    if len(answers) > 1:
        waiting = sum(each.verdict != Verdict.ACCEPTED for each in answers)
        return f"{waiting} wilayah belum diterima" if waiting else ""
    [answer] = answers
    if not answer.value:
        return "Belum dijawab"
    if answer.verdict != Verdict.ACCEPTED:
        return "Belum diterima verifikator"
    if (answer.verified_share or 0) < (answer.claim_share or 0):
        level = level_name(question.scale, answer.verified_level)
        return f"Terbukti hanya: {level}" if level else "Terbukti lebih rendah"
    return ""


def _cells(
    assessment: Assessment, question: PlanQuestion, answers: Sequence[Response]
) -> tuple[Copyable, ...]:
    """What the form's cells want, in its order."""
    if len(answers) != 1 or question.scale.mode is Mode.AREA_SHARE:
        return _area_cells(question, answers) if answers else ()
    [answer] = answers
    cells = _answer_cells(assessment, question, answer.value or {})
    if answer.note:
        cells.append(Copyable("Catatan", answer.note))
    return tuple(cells)


def _answer_cells(assessment: Assessment, question: PlanQuestion, value: Value) -> list[Copyable]:
    level = level_of(question.scale, value)
    name = level_name(question.scale, level)
    cells = [Copyable("Jawaban", name)] if name else []
    if question.scale.mode is Mode.THRESHOLD:
        share = percentage(value)
        cells += [
            *_figure("Pembilang", value.get("numerator")),
            *_figure("Penyebut", value.get("denominator")),
            *_figure("Persen", share),
        ]
    if question.scale.mode is Mode.TREND:
        values: Any = value.get("values") or []
        years = (assessment.data_year - 1, assessment.data_year)
        for year, each in zip(years, values[-2:], strict=False):
            cells += _figure(f"Tahun {year}", each)
    return cells


def _area_cells(question: PlanQuestion, answers: Sequence[Response]) -> tuple[Copyable, ...]:
    """The share of the areas, computed and never typed by an office."""
    values = [each.value for each in answers]
    if question.scale.mode is not Mode.AREA_SHARE:
        return (Copyable("Jawaban", areas_in_words(question.scale, values, question.level)),)
    yes = sum(level_of(question.scale, each) == 0 for each in values)
    share = percentage({"numerator": yes, "denominator": len(values)})
    return (
        *_figure("Wilayah yang ya", yes),
        *_figure("Seluruh wilayah", len(values)),
        *_figure("Persen", share),
    )


def _figure(label: str, raw: object) -> list[Copyable]:
    """A figure as an Indonesian form takes it: a decimal comma, no points between thousands."""
    exact = number(raw)
    if exact is None:
        return []
    plain = f"{exact:f}"
    if "." in plain and not isinstance(raw, Decimal):
        plain = plain.rstrip("0").rstrip(".")
    return [Copyable(label, plain.translate(INDONESIAN))]
