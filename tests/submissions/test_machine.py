"""The review as a machine: people of every role do whatever comes to them, in any order, and each
act ends as a small model of the workflow says, in the database, in the history and in the points.

The model below is written from the rules that people are told, not from the verbs: it knows no
lock, no transaction and no query. What a verb does or refuses beside it turns the test red, with
the shortest row of acts that leads there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agencies.models import AssignmentRole
from agencies.roles import Role
from indicators.scoring import Answer, tally_indicator, tally_question
from kla_tracker.history import chain, verify
from submissions.actions import answering, arranging, evidence, handing_in, reviewing, year
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Assessment, Event, EvidenceLink, Response, Submission
from tests.factories import (
    LEVELS,
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db
DUE = date(2024, 3, 20)
START = datetime(2024, 3, 18, 3, tzinfo=UTC)
SHARES = [Decimal(share) for _, share, _ in LEVELS["choice"]]
PROVING = {"ann2", "ben3"}  # these ask for evidence
# Each answer: whose it is, on which indicator, in which role.
ANSWERS = {
    "ann1": ("ann", "1", "lead"),
    "ben1": ("ben", "1", "support"),
    "ann2": ("ann", "1", "lead"),
    "ben3": ("ben", "2", "lead"),
}
WORK = {"ann-1": ("ann1", "ann2"), "ben-1": ("ben1",), "ben-2": ("ben3",)}
OFFICES = {"ann": "ann", "ben": "ben", "far": "far"}
DONE, DENIED, AWAY = "done", "denied", "turned away"


# --- the model ------------------------------------------------------------------------------------


@dataclass
class Given:
    """A verdict that was given: who said what of which version, in which minute."""

    key: int
    by: str
    said: tuple[object, ...]
    at: datetime


@dataclass
class Reply:
    """One answer as the model has it."""

    office: str
    role: str
    proof: bool
    level: int | None = None
    note: str = ""
    version: int = 0
    verdict: str = ""
    proven: int | None = None
    urls: set[str] = field(default_factory=set)
    given: list[Given] = field(default_factory=list)
    last: Given | None = None

    @property
    def lacks(self) -> bool:
        if self.verdict == "diterima":
            return False
        if self.role == "support":
            return not self.note and not self.urls
        unproven = self.proof and not self.urls and self.level is not None and SHARES[self.level]
        return self.level is None or self.verdict == "dikembalikan" or bool(unproven)


@dataclass
class Work:
    """One office's work on one indicator."""

    office: str
    replies: list[Reply]
    state: str = "belum_diisi"
    due: date = DUE
    sent_by: str = ""
    sent_at: datetime | None = None

    @property
    def typing(self) -> bool:
        return self.state in {"belum_diisi", "draf", "dikembalikan"}


def build() -> SimpleNamespace:
    """A city with two offices that share an indicator, and a city beside it with the same."""
    instrument = make_instrument()
    indicators = {code: make_indicator(instrument, code=code) for code in "12"}
    region, far = make_region(), make_region()
    offices = {"ann": make_agency(region), "ben": make_agency(region), "far": make_agency(far)}
    questions = {
        name: make_question(
            indicators[code], code=f"{code}.{name}", evidence_required=name in PROVING
        )
        for name, (_, code, _) in ANSWERS.items()
        if name != "ben1"
    }
    questions["ben1"] = questions["ann1"]
    for name, (office, _, role) in ANSWERS.items():
        assign(questions[name], offices[office], AssignmentRole(role))
    assign(questions["ann1"], offices["far"])
    publish(instrument)
    assessment = make_assessment(region, instrument, closes_on=DUE)
    make_assessment(far, instrument, closes_on=DUE)
    people = {name: make_user(agency=office) for name, office in offices.items()}
    people |= {
        "judge": make_user(Role.VERIFIKATOR, region=region),
        "other judge": make_user(Role.VERIFIKATOR, region=region),
        "far judge": make_user(Role.VERIFIKATOR, region=far),
        "head": make_user(Role.PIMPINAN, region=region),
        "admin": make_user(Role.ADMINISTRATOR, region=region),
        "gone": make_user(Role.VERIFIKATOR, region=region, is_active=False),
    }
    replies = Response.objects.filter(assessment=assessment)
    rows = {
        name: replies.get(question=questions[name], submission__agency=offices[office]).pk
        for name, (office, _, _) in ANSWERS.items()
    }
    works = {
        name: Response.objects.get(pk=rows[members[0]]).submission_id
        for name, members in WORK.items()
    }
    return SimpleNamespace(
        assessment=assessment, people=people, rows=rows, works=works,
        maxima={name: question.max_points for name, question in questions.items()},
    )  # fmt: skip


COME = ["empty", "draft", "sent", "judged", "returned", "accepted"]
JUDGES = {"judge", "other judge"}
OTHERS = ["ann", "ben", "judge", "other judge", "far", "far judge", "head", "admin", "gone"]
# Mostly who may; "owner" is the office whose work it is.
writers = st.sampled_from(["owner"] * 14 + ["judge"] * 2 + OTHERS)
judges = st.sampled_from(["judge"] * 10 + ["other judge"] * 5 + OTHERS)
closers = st.sampled_from(["admin", "judge", "admin", "ann", "head", "far judge"])
names, works = st.sampled_from(sorted(ANSWERS)), st.sampled_from(sorted(WORK))
levels = st.none() | st.sampled_from([0, 0, 1, 4])
notes = st.sampled_from(["", "Sudah.", "SK belum ada."])
behind = st.sampled_from([0, 0, 0, 0, 1])
aims = st.sampled_from([True, True, False])


class Review(RuleBasedStateMachine):
    """Whatever people do. Each rule says who tries what, and what the model makes of it."""

    world: SimpleNamespace
    ended: Counter[tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now, self.closed = START, False
        self.replies = {
            name: Reply(office, role, proof=name in PROVING)
            for name, (office, _, role) in ANSWERS.items()
        }
        self.works = {
            name: Work(name.partition("-")[0], [self.replies[each] for each in members])
            for name, members in WORK.items()
        }
        self.told: list[tuple[object, ...]] = []
        self.before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def teardown(self) -> None:
        try:
            chain.seal(now=self.now)
            assert list(verify.verify([])) == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # --- what each rule needs ---------------------------------------------------------------------

    def work_of(self, name: str) -> tuple[str, Work]:
        found = next(work for work, members in WORK.items() if name in members)
        return found, self.works[found]

    def writer(self, who: str, name: str) -> str:
        return self.replies[name].office if who == "owner" else who

    def aimed(self, name: str, fits) -> str:
        """Another answer or work where this one has nothing to take away or to open again."""
        known = self.replies if name in self.replies else self.works
        return next((each for each in known if fits(known[each])), name)

    def serves(self, who: str, office: str) -> bool:
        """Who may write for an office: its own people, and the verifikator of its city."""
        return who == office or who in JUDGES

    def event(self, verb: str, who: str, work: str = "", reply: str = "") -> None:
        acts_for = {"answer", "attach", "detach", "start", "submit", "withdraw"}
        behalf = bool(work) and verb in acts_for and who != self.works[work].office
        self.told.append((verb, who, work, reply, behalf))

    def started(self, work: str, who: str) -> None:
        if self.works[work].state == "belum_diisi":
            self.works[work].state = "draf"
            self.event("start", who, work)

    def tick(self) -> None:
        """Acts come one after the other."""
        self.now += timedelta(minutes=1)

    def tries(self, ending: str, verb, *seen, **said) -> object:
        """One act: it is done, or nobody lets this person, or it is turned away with a reason."""
        try:
            result = verb(*seen, **said)
        except PermissionDenied:
            ended, result = DENIED, None
        except (RefusedError, StaleError):
            ended, result = AWAY, None
        else:
            ended = DONE
        assert ended == ending
        self.ended[verb.__name__, ended] += 1
        return result

    def row(self, name: str) -> Response:
        rows = answering.for_answering(Response.objects.all())
        return rows.get(pk=self.world.rows[name])

    def sheet(self, work: str) -> Submission:
        return Submission.objects.for_work().get(pk=self.world.works[work])

    def person(self, who: str):
        return self.world.people[who]

    # --- the office -------------------------------------------------------------------------------

    @rule(who=writers, name=names, level=levels, note=notes, old=behind)
    def answer(self, who, name, level, note, old=0):
        self.tick()
        who = self.writer(who, name)
        reply, (work, of) = self.replies[name], self.work_of(name)
        support = reply.role == "support"
        same = (level, note) == (reply.level, reply.note)
        if not self.serves(who, reply.office):
            expected = DENIED
        elif support and level is not None:
            expected = AWAY
        elif same:
            expected = DONE
        elif self.closed or reply.verdict == "diterima" or not of.typing or old:
            expected = AWAY
        else:
            expected = DONE
        value = None if level is None else {"level": level}
        self.tries(
            expected, answering.answer, self.row(name), value=value, note=note,
            version=reply.version - old, by=self.person(who), now=self.now,
        )  # fmt: skip
        if expected == DONE and not same:
            reply.level, reply.note, reply.verdict = level, note, ""
            reply.version += 1
            self.started(work, who)
            self.event("answer", who, work, name)

    def may_change(self, who: str, name: str) -> str:
        reply, (_, of) = self.replies[name], self.work_of(name)
        if not self.serves(who, reply.office):
            return DENIED
        return AWAY if self.closed or reply.verdict == "diterima" or not of.typing else DONE

    @rule(who=writers, name=names, which=st.sampled_from("ab"))
    def attach(self, who, name, which="a"):
        self.tick()
        who = self.writer(who, name)
        reply, (work, _) = self.replies[name], self.work_of(name)
        url = f"https://contoh.example/{which}"
        expected = self.may_change(who, name)
        self.tries(
            expected, evidence.attach_link, self.row(name), url=url, name="SK",
            by=self.person(who), now=self.now,
        )  # fmt: skip
        if expected == DONE and url not in reply.urls:
            reply.urls.add(url)
            reply.verdict = ""
            self.started(work, who)
            self.event("attach", who, work, name)

    @rule(who=writers, name=names, aim=aims)
    def detach(self, who, name, aim):
        self.tick()
        name = self.aimed(name, lambda reply: reply.urls) if aim else name
        who = self.writer(who, name)
        reply, (work, _) = self.replies[name], self.work_of(name)
        links = EvidenceLink.objects.select_related("response__submission__agency", "evidence")
        live = links.filter(response=self.world.rows[name], removed_at__isnull=True)
        link = live.order_by("pk").first()
        if link is None:
            assert reply.urls == set()
            return
        expected = self.may_change(who, name)
        self.tries(expected, evidence.detach, link, by=self.person(who), now=self.now)
        if expected == DONE:
            reply.urls.remove(link.evidence.url)
            reply.verdict = ""
            self.event("detach", who, work, name)

    @rule(who=writers, work=works, reason=notes)
    def submit(self, who, work, reason):
        self.tick()
        who = self.works[work].office if who == "owner" else who
        of = self.works[work]
        today = self.now.date()
        again = of.state == "diajukan" and of.sent_by == who
        lacks = any(each.lacks for each in of.replies)
        if not self.serves(who, of.office):
            expected = DENIED
        elif not of.typing:
            expected = DONE if again else AWAY
        elif self.closed or today > of.due or (lacks and not reason):
            expected = AWAY
        else:
            expected = DONE
        self.tries(
            expected, handing_in.submit, self.sheet(work), reason=reason, by=self.person(who),
            today=today, now=self.now,
        )  # fmt: skip
        if expected == DONE and of.typing:
            of.state, of.sent_by, of.sent_at = "diajukan", who, self.now
            for each in of.replies:
                each.verdict = "" if each.verdict == "dikembalikan" else each.verdict
            self.event("submit", who, work)

    @rule(who=writers, work=works, aim=aims)
    def withdraw(self, who, work, aim):
        self.tick()
        work = self.aimed(work, lambda of: of.state == "diajukan") if aim else work
        who = self.works[work].office if who == "owner" else who
        of = self.works[work]
        begun = any(g.at >= (of.sent_at or self.now) for r in of.replies for g in r.given)
        if not self.serves(who, of.office):
            expected = DENIED
        else:
            expected = AWAY if self.closed or of.state != "diajukan" or begun else DONE
        self.tries(
            expected, handing_in.withdraw, self.sheet(work), by=self.person(who), now=self.now
        )
        if expected == DONE:
            of.state, of.sent_by, of.sent_at = "draf", "", None
            for each in of.replies:
                each.version += each.verdict != "diterima"
            self.event("withdraw", who, work)

    # --- the verifikator --------------------------------------------------------------------------

    def judged_now(self, reply: Reply) -> bool:
        return bool(reply.verdict) and any(
            of.state == "diajukan" for of in self.works.values() if reply in of.replies
        )

    def give(self, reply: Reply, key: int, who: str, said: tuple[object, ...]) -> None:
        given = Given(key, who, said, self.now)
        reply.given.append(given)
        reply.last, (reply.verdict, reply.proven) = given, said[:2]

    @rule(who=judges, name=names, good=st.booleans(), level=levels, note=notes, reason=notes,
          old=behind)  # fmt: skip
    def review(self, who, name, good, level, note, reason, old=0):
        self.tick()
        reply, (work, of) = self.replies[name], self.work_of(name)
        verdict = "diterima" if good else "dikembalikan"
        proves = level is not None and SHARES[level] > 0
        support = reply.role == "support"
        bare = good and not support and proves and reply.proof and not reply.urls
        said = (
            verdict, level if good and not support else None, note, reason if bare else "",
            reply.version - old,
        )  # fmt: skip
        last = reply.last
        again = (
            last is not None and last.by == who and last.said == said and reply.verdict == verdict
        )
        wrong = (
            (not good and not note)
            or (good and not support and (level is None or (reply.level is None and proves)))
            or (bare and not reason)
        )
        if who not in JUDGES:
            expected = DENIED
        elif of.state != "diajukan" or self.closed or wrong or (old and not again):
            expected = AWAY
        else:
            expected = DONE
        stored = self.tries(
            expected, reviewing.review, self.row(name), version=reply.version - old,
            seen_review=last and last.key, verdict=verdict, level=level, note=note,
            unproven_reason=reason, by=self.person(who), now=self.now,
        )  # fmt: skip
        if expected == DONE and not again:
            self.give(reply, stored.pk, who, said)
            self.event("review", who, work, name)

    @rule(who=judges, name=names, blind=st.sampled_from([False, False, True]), aim=aims)
    def unreview(self, who, name, blind, aim):
        self.tick()
        name = self.aimed(name, self.judged_now) if aim else name
        reply, (work, of) = self.replies[name], self.work_of(name)
        seen = reply.last.key if reply.last and not blind else None
        if who not in JUDGES:
            expected = DENIED
        elif of.state != "diajukan" or self.closed or not reply.verdict or seen is None:
            expected = AWAY
        else:
            expected = DONE
        self.tries(
            expected, reviewing.unreview, self.row(name), seen_review=seen, by=self.person(who),
            now=self.now,
        )  # fmt: skip
        if expected == DONE:
            rounds_before = [g for g in reply.given if g.key < seen and g.at < of.sent_at]
            reply.verdict, reply.proven = "", None
            reply.last = rounds_before[-1] if rounds_before else None
            self.event("review", who, work, name)

    @rule(who=judges, work=works, old=behind)
    def return_empty(self, who, work, old=0):
        self.tick()
        of = self.works[work]
        found = [
            name
            for name in WORK[work]
            for each in [self.replies[name]]
            if not each.verdict and each.level is None and not each.urls
            and not (each.role == "support" and each.note)
        ]  # fmt: skip
        if who not in JUDGES:
            expected = DENIED
        else:
            wrong = of.state != "diajukan" or self.closed or not found or old
            expected = AWAY if wrong else DONE
        self.tries(
            expected, reviewing.return_empty, self.sheet(work), expected=len(found) + old,
            by=self.person(who), now=self.now,
        )  # fmt: skip
        if expected == DONE:
            for name in sorted(found, key=self.order):
                self.returned(name, who, reviewing.EMPTY_NOTE)

    def order(self, name: str) -> int:
        return self.world.rows[name]

    def returned(self, name: str, who: str, note: str) -> None:
        """What a verb returns by itself: the key of its verdict is read, all else is the model's"""
        reply, (work, _) = self.replies[name], self.work_of(name)
        key = Response.objects.get(pk=self.world.rows[name]).last_review_id
        assert key not in {each.key for each in reply.given}
        self.give(reply, key, who, ("dikembalikan", None, note, "", reply.version))
        self.event("review", who, work, name)

    @rule(who=judges, work=works, old=behind)
    def finish(self, who, work, old=0):
        self.tick()
        of = self.works[work]
        verdicts = {each.verdict for each in of.replies}
        newest = max((g.key for each in of.replies for g in each.given), default=None)
        if who not in JUDGES:
            expected = DENIED
        elif of.state != "diajukan" or self.closed or "" in verdicts or old:
            expected = AWAY
        else:
            expected = DONE
        today = self.now.date()
        self.tries(
            expected, reviewing.finish, self.sheet(work), by=self.person(who), today=today,
            now=self.now, seen_review=newest and newest - old,
        )  # fmt: skip
        if expected == DONE:
            back = "dikembalikan" in verdicts
            of.state = "dikembalikan" if back else "diterima"
            of.due = max(of.due, today + timedelta(days=3)) if back else of.due
            self.event("return" if back else "accept", who, work)

    @rule(who=judges, work=works, first=st.booleans(), last=st.booleans(), reason=notes, aim=aims)
    def reopen(self, who, work, first, last, reason, aim):
        self.tick()
        work = self.aimed(work, lambda of: of.state == "diterima") if aim else work
        of, members = self.works[work], WORK[work]
        chosen = {members[0]} if first else set()
        chosen |= {members[-1]} if last else set()
        if who not in JUDGES:
            expected = DENIED
        else:
            wrong = not reason or not chosen or of.state != "diterima" or self.closed
            expected = AWAY if wrong else DONE
        today = self.now.date()
        self.tries(
            expected, reviewing.reopen, self.sheet(work), reason=reason, today=today,
            responses=[self.world.rows[each] for each in chosen], by=self.person(who),
            now=self.now,
        )  # fmt: skip
        if expected == DONE:
            of.state, of.due = "dikembalikan", max(of.due, today + timedelta(days=3))
            for name in sorted(chosen, key=self.order):
                self.returned(name, who, reason)
            self.event("reopen", who, work)

    @rule(who=judges, work=works, days=st.integers(-1, 5))
    def extend(self, who, work, days):
        self.tick()
        of, today = self.works[work], self.now.date()
        due = today + timedelta(days=days)
        wrong = days < 0 or self.closed
        expected = DENIED if who not in JUDGES else AWAY if wrong else DONE
        self.tries(
            expected, arranging.extend, [self.sheet(work)], due_on=due, by=self.person(who),
            today=today,
        )  # fmt: skip
        if expected == DONE and of.typing and of.due != due:
            of.due = due
            self.event("extend", who, work)

    # --- the year and the clock -------------------------------------------------------------------

    @rule(who=closers, old=behind, reason=notes, other=st.sampled_from([False, False, False, True]))
    def the_year_turns(self, who, old, reason, other):
        """It is closed, or opened again; now and then the one that cannot be."""
        self.tick()
        may = who in {*JUDGES, "admin"}
        if self.closed is other:
            left = sum(each.state != "diterima" for each in self.works.values())
            ending = DENIED if not may else AWAY if self.closed or old else DONE
            self.tries(
                ending, year.close_year, self.world.assessment, note="", by=self.person(who),
                now=self.now, expected=left + old,
            )  # fmt: skip
            if ending == DONE:
                self.closed = True
                self.event("close_year", who)
        else:
            ending = DENIED if not may else DONE if reason and self.closed else AWAY
            self.tries(
                ending, year.reopen_year, self.world.assessment, reason=reason,
                by=self.person(who), now=self.now,
            )  # fmt: skip
            if ending == DONE:
                self.closed = False
                self.event("reopen_year", who)

    @rule(hours=st.sampled_from([1, 12, 24]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def history_is_sealed(self):
        chain.seal(now=self.now)

    # --- how far it has come when the telling begins ---------------------------------------------

    @initialize(come=st.fixed_dictionaries(dict.fromkeys(WORK, st.sampled_from(COME))))
    def the_year_is_under_way(self, come):
        for work, state in come.items():
            if state != "empty":
                self.filled(work)
            if state not in {"empty", "draft"}:
                self.submit("owner", work, "Tetap.")
            if state in {"judged", "returned", "accepted"}:
                self.judged(work, good=state != "returned")
            if state in {"returned", "accepted"}:
                self.finish("judge", work)

    @precondition(lambda self: not self.closed)
    @rule(work=works, good=st.booleans())
    def a_round_goes_on(self, work, good):
        of = self.works[work]
        if of.typing:
            if self.now.date() > of.due:
                self.extend("judge", work, 3)
            self.filled(work)
            self.submit("owner", work, "Tetap.")
        elif of.state == "diajukan":
            self.judged(work, good=good)
            self.finish("judge", work)

    def filled(self, work):
        for name in WORK[work]:
            if self.replies[name].verdict != "diterima":
                level = None if self.replies[name].role == "support" else 0
                self.answer("owner", name, level, "Sudah.")
                self.attach("owner", name)

    def judged(self, work, *, good):
        for name in WORK[work]:
            if not self.replies[name].verdict:
                top = 0 if self.replies[name].level is not None else 4
                self.review("judge", name, good=good, level=top, note="Ya.", reason="Ada.")

    # --- what holds after each act ----------------------------------------------------------------

    @invariant()
    def the_database_says_what_the_model_says(self):
        rows = {each.pk: each for each in Response.objects.filter(
            pk__in=self.world.rows.values()).prefetch_related("links__evidence")}  # fmt: skip
        for name, reply in self.replies.items():
            row = rows[self.world.rows[name]]
            urls = {each.evidence.url for each in row.links.all() if each.removed_at is None}
            level = None if reply.level is None else {"level": reply.level}
            share = None if reply.level is None else SHARES[reply.level]
            proven = None if reply.proven is None else SHARES[reply.proven]
            stored = (row.value, row.note, row.version, row.verdict, row.claim_share, urls,
                      row.verified_level, row.verified_share, row.last_review_id)  # fmt: skip
            accepted = reply.verdict == "diterima"
            assert stored == (
                level, reply.note, reply.version, reply.verdict, share, reply.urls,
                reply.proven if accepted else None, proven if accepted else None,
                reply.last and reply.last.key,
            ), name  # fmt: skip
        sheets = Submission.objects.in_bulk(self.world.works.values())
        for name, of in self.works.items():
            sheet = sheets[self.world.works[name]]
            sender = self.person(of.sent_by).pk if of.sent_by else None
            stored = (sheet.state, sheet.due_on, sheet.submitted_by_id, sheet.submitted_at)
            assert stored == (of.state, of.due, sender, of.sent_at), name
        closed_at = Assessment.objects.values_list("closed_at", flat=True)
        assert (closed_at.get(pk=self.world.assessment.pk) is not None) is self.closed

    @invariant()
    def every_change_left_one_event_and_nothing_else_did(self):
        keys = {pk: name for name, pk in self.world.rows.items()}
        sheets = {pk: name for name, pk in self.world.works.items()}
        people = {user.pk: name for name, user in self.world.people.items()}
        new = Event.objects.filter(pk__gt=self.before).order_by("pk")
        found = [
            (e.verb, people[e.by_id], sheets.get(e.submission_id, ""), keys.get(e.response_id, ""),
             e.on_behalf)
            for e in new
        ]  # fmt: skip
        assert found == self.told

    @invariant()
    def nothing_is_proven_that_was_not_accepted_and_no_points_come_from_nowhere(self):
        asked = {name: each for name, each in self.replies.items() if each.role == "lead"}
        tallies = [
            tally_question(
                self.world.maxima[name],
                [Answer(
                    None if each.level is None else SHARES[each.level],
                    SHARES[each.proven or 0] if each.verdict == "diterima" else None,
                )],
            )
            for name, each in asked.items()
        ]  # fmt: skip
        whole = tally_indicator(Decimal(25), tallies)
        assert 0 <= whole.proven <= whole.proven + whole.at_risk <= whole.maximum
        assert whole.proven <= whole.potential <= whole.maximum
        for each in asked.values():
            if each.level is None and each.verdict == "diterima":
                assert SHARES[each.proven] == 0

    @invariant()
    def work_that_is_accepted_is_accepted_whole(self):
        for of in self.works.values():
            if of.state == "diterima":
                assert {each.verdict for each in of.replies} == {"diterima"}


def test_whatever_people_do_in_any_order_ends_as_the_model_says(settings, tmp_path):
    settings.HISTORY_ANCHORS = tmp_path / "anchors.txt"
    Review.world, Review.ended = build(), Counter()
    run_state_machine_as_test(Review, settings=PROFILE)
    every_verb_once()
    # It came everywhere: each verb was done, and enough was tried that may not be.
    assert [verb for verb in VERBS if not Review.ended[verb, DONE]] == []
    for ending in (AWAY, DENIED):
        assert len([verb for verb in VERBS if Review.ended[verb, ending]]) > 6


def every_verb_once() -> None:
    """The ways that chance may take or not, walked on purpose by the same model."""
    walk = Review()
    judge = {"who": "judge", "note": "Ya.", "reason": "Ada."}
    acts = [
        partial(walk.submit, who="owner", work="ben-1", reason="Menyusul"),
        partial(walk.return_empty, who="judge", work="ben-1"),
        partial(walk.answer, who="owner", name="ann1", level=4, note="Sudah."),
        partial(walk.attach, who="owner", name="ann1"),
        partial(walk.detach, who="owner", name="ann1", aim=False),
        partial(walk.answer, who="owner", name="ann2", level=0, note=""),
        partial(walk.submit, who="owner", work="ann-1", reason="Tetap."),
        partial(walk.withdraw, who="owner", work="ann-1", aim=False),
        partial(walk.submit, who="owner", work="ann-1", reason="Tetap."),
        partial(walk.review, **judge, name="ann1", good=True, level=4),
        partial(walk.unreview, who="judge", name="ann1", blind=False, aim=False),
        partial(walk.review, **judge, name="ann1", good=True, level=4),
        partial(walk.review, **judge, name="ann2", good=False, level=None),
        partial(walk.finish, who="judge", work="ann-1"),
        partial(walk.extend, who="judge", work="ann-1", days=5),
        partial(walk.submit, who="owner", work="ann-1", reason="Tetap."),
        partial(walk.review, **judge, name="ann2", good=True, level=0),
        partial(walk.finish, who="judge", work="ann-1"),
        partial(walk.reopen, who="judge", work="ann-1", first=True, last=False, reason="Salah.",
                aim=False),
        partial(walk.the_year_turns, who="admin", old=0, reason="", other=False),
        partial(walk.the_year_turns, who="admin", old=0, reason="Belum.", other=False),
    ]  # fmt: skip
    try:
        for act in acts:
            act()
            walk.the_database_says_what_the_model_says()
            walk.every_change_left_one_event_and_nothing_else_did()
    finally:
        walk.teardown()


VERBS = [
    "answer", "attach_link", "detach", "submit", "withdraw", "review", "unreview", "return_empty",
    "finish", "reopen", "extend", "close_year", "reopen_year",
]  # fmt: skip
PROFILE = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
