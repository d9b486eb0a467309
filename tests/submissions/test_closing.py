"""A closed year: every verb that would change it, who closes and opens it, and two at once."""

import inspect
import io
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType, SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions import actions
from submissions.actions import (
    answering,
    arranging,
    asking,
    carrying,
    evidence,
    handing_in,
    helping,
    reviewing,
    storing,
    ticking,
    year,
)
from submissions.actions.record import RefusedError
from submissions.models import (
    Assessment,
    Event,
    EvidenceLink,
    RegisterRow,
    Response,
    Submission,
    Verb,
)
from submissions.workflow import State
from tests.at_once import told_at_once
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    make_work,
    publish,
)
from tests.submissions.review_case import NOW, TODAY, answers, attach, hand_in, verifikator

pytestmark = pytest.mark.django_db

CLOSED = datetime(2024, 12, 31, 5, tzinfo=UTC)
REASON = "Nilai akhir dikoreksi kementerian."


def city():
    """One office with work in each state, another that could take it over, all in one year."""
    instrument = make_instrument()
    register = make_register(instrument)
    region = make_region()
    office, other, helper = make_agency(region), make_agency(region), make_agency(region)
    for at in range(3):
        indicator = make_indicator(instrument, code=str(at))
        first = make_question(indicator, register=register)
        assign(first, office)
        assign(first, helper, AssignmentRole.SUPPORT)
        assign(make_question(indicator), office)
    free = make_question(make_indicator(instrument, code="9"))
    publish(instrument)
    assessment = make_assessment(region, instrument)
    by, judge = make_user(agency=office), make_user(Role.VERIFIKATOR, region=region)
    work = {
        name: assessment.submissions.for_work().get(indicator__code=str(at), agency=office)
        for at, name in enumerate(("draf", "diajukan", "diterima"))
    }
    proof = attach(answers(work["draf"])[0], by)
    row = RegisterRow.objects.create(
        agency=office, register=register, code=register.code, words="x", created_by=by,
        changed_by=by,
    )  # fmt: skip
    hand_in(work["diajukan"])
    [first, _] = answers(work["diajukan"])
    seen = reviewing.review(
        first, version=1, seen_review=None, verdict="diterima", level=0, by=judge, now=NOW
    )
    hand_in(work["diterima"])
    work["diterima"].responses.update(verdict="diterima", verified_level=0, verified_share=1)
    Submission.objects.filter(pk=work["diterima"].pk).update(state=State.ACCEPTED.value)
    work["diterima"].refresh_from_db(fields=["state"])
    return SimpleNamespace(
        year=assessment, region=region, office=office, other=other, by=by, judge=judge, work=work,
        proof=proof, row=row, helper=helper, seen=seen, free=free, register=register,
    )  # fmt: skip


def upload():
    content = b"%PDF-1.4\n%%EOF\n"
    return storing.CheckedFile(
        "sk.pdf", "pdf", "application/pdf", len(content), sha256(content).hexdigest(),
        io.BytesIO(content),
    )  # fmt: skip


def draft(c):
    return answers(c.work["draf"])[0]


def waiting(c, at=1):
    return answers(c.work["diajukan"])[at]


WHEN = {"today": TODAY, "now": NOW}

# Each verb of the room that changes a year, as it would pass while the year is open.
VERBS = {
    "answering.answer": lambda c: answering.answer(
        draft(c), value={"level": 1}, note="", version=0, by=c.by, now=NOW
    ),
    "handing_in.submit": lambda c: handing_in.submit(
        c.work["draf"], reason="Tetap.", by=c.by, **WHEN
    ),
    "handing_in.withdraw": lambda c: handing_in.withdraw(
        other_submitted(c), by=c.by, now=NOW
    ),
    "evidence.attach_file": lambda c: evidence.attach_file(
        draft(c), upload=upload(), by=c.by, now=NOW
    ),
    "evidence.attach_link": lambda c: evidence.attach_link(
        draft(c), url="https://contoh.example/b", name="", by=c.by, now=NOW
    ),
    "evidence.attach_existing": lambda c: evidence.attach_existing(
        answers(c.work["draf"])[1], evidence=c.proof, by=c.by, now=NOW
    ),
    "evidence.detach": lambda c: evidence.detach(
        EvidenceLink.objects.select_related("response__submission__agency").get(), by=c.by, now=NOW
    ),
    "carrying.carry_over": lambda c: carrying.carry_over(
        year_after(c), wanted=all_of_it(c), by=c.by, now=NOW
    ),
    "helping.take_over": lambda c: helping.take_over(
        draft(c), support=helped(c).pk, seen=1, version=0, by=c.by, now=NOW
    ),
    "asking.ask": lambda c: ask(c),
    "asking.reply": lambda c: asking.reply(
        c.asked, text="Sudah kami lampirkan.", by=make_user(agency=c.helper), now=NOW
    ),
    "asking.take_back": lambda c: asking.take_back(c.asked, by=c.by, now=NOW),
    "ticking.tick_rows": lambda c: ticking.tick_rows(
        draft(c), wanted=[c.row.pk], shown=[c.row.pk], by=c.by, now=NOW
    ),
    "reviewing.review": lambda c: reviewing.review(
        waiting(c), version=1, seen_review=None, verdict="diterima", level=0, by=c.judge, now=NOW
    ),
    "reviewing.unreview": lambda c: reviewing.unreview(
        waiting(c, 0), seen_review=c.seen.pk, by=c.judge, now=NOW
    ),
    "reviewing.save_draft": lambda c: reviewing.save_draft(
        waiting(c), seen_review=None, level=0, note="", by=c.judge
    ),
    "reviewing.return_empty": lambda c: reviewing.return_empty(
        emptied(c), by=c.judge, now=NOW
    ),
    "reviewing.finish": lambda c: reviewing.finish(judged(c), by=c.judge, **WHEN),
    "reviewing.reopen": lambda c: reviewing.reopen(
        c.work["diterima"], responses=[answers(c.work["diterima"])[0].pk], reason="Salah.",
        by=c.judge, **WHEN,
    ),
    "arranging.extend": lambda c: arranging.extend(
        [c.work["draf"]], due_on=date(2024, 4, 30), by=c.judge, today=TODAY
    ),
    "arranging.add_to_year": lambda c: arranging.add_to_year(
        c.year, c.free, c.office, AssignmentRole.LEAD, by=c.judge, **WHEN
    ),
    "arranging.move_in_year": lambda c: arranging.move_in_year(
        draft(c), c.other, by=c.judge, **WHEN
    ),
    "arranging.take_from_year": lambda c: arranging.take_from_year(
        answers(c.work["draf"])[1], by=c.judge, now=NOW
    ),
}  # fmt: skip

# Verbs that a closed year does not stop, and why.
FREE = {
    "year.open_year": "makes another year",
    "year.close_year": "the end itself",
    "year.reopen_year": "takes the end back",
    "answering.bring_back": "saves by answering.answer, which refuses",
    "areas.attach_to_areas": "attaches by evidence.attach_existing, which refuses",
    "areas.attach_also": "attaches by evidence.attach_existing, which refuses",
    "library.describe": "what a document is; it belongs to no year",
    "restricting.restrict": "who may open a document; it belongs to no year",
    "restricting.opened": "keeps that somebody opened a document; changes nothing",
    "taking.took_work": "keeps that somebody took a workbook along; changes nothing",
    "taking.took_register": "keeps that somebody took rows along; changes nothing",
    "bundling.ask": "packs what is there; changes nothing",
    "making.drop": "takes a bundle away; changes nothing of the year",
    "library.replace": "passes over what hangs on a closed year",
    "library.discard": "only what no answer of any year has",
    "importing.answer_many": "saves by answering.answer, which refuses",
    "merging.hand_on_work": "passes over closed years",
    "pace.count": "counts what somebody sends; changes nothing of a year",
    "uploads.begin": "asks the same as attaching before it takes a byte",
    "uploads.finish": "attaches as evidence.attach_file, which refuses",
    "entering.tick_entry": "what was typed into the ministry's own application; no answer",
    "entering.untick_entry": "what was typed into the ministry's own application; no answer",
    "planning.set_efforts": "supposes; changes no answer and no figure",
    "planning.save_scenario": "supposes; changes no answer and no figure",
    "planning.drop_scenario": "supposes; changes no answer and no figure",
    "stages.store_stage": "points of an outside stage may come after the end",
    "stages.describe_stage": "points of an outside stage may come after the end",
    "stages.remove_stage": "points of an outside stage may come after the end",
    "registers.add_row": "a register is the office's, of no year",
    "registers.import_rows": "a register is the office's, of no year",
    "registers.save_row": "a register is the office's, of no year",
    "registers.retire_row": "a register is the office's, of no year",
    "registers.restore_row": "a register is the office's, of no year",
    "registers.take_row": "a register is the office's, of no year",
    "registers.may_take": "changes nothing",
    "registers.attach_to_row": "a register is the office's, of no year",
    "registers.detach_from_row": "a register is the office's, of no year",
}


def year_after(c):
    """The same answer a year later, when nothing is there yet; `c.year` is that year."""
    if c.year.year == 2024:
        assessment = c.year
        c.year = make_assessment(c.region, assessment.instrument, year=2025, data_year=2024)
    work = c.year.submissions.for_work().get(indicator__code="0", agency=c.office)
    return answers(work)[0]


def all_of_it(c):
    [offer, *_] = carrying.offers_of(c.office, c.year, [year_after(c)])
    keys = (offer.response.pk, offer.before.pk, offer.response.version, offer.before.version)
    return carrying.Wanted(*keys, evidence=frozenset(each.pk for each in offer.evidence))


def ask(c):
    """The lead of the draft asks its support for something."""
    c.asked = asking.ask(
        draft(c), agency=c.helper, what="Daftar hadir", due_on=TODAY, by=c.by, **WHEN
    )
    return c.asked


def helped(c):
    """The note of a support beside the lead's draft."""
    given = Response.objects.filter(submission__agency=c.helper, question=draft(c).question)
    given.update(note="Data kami.", version=1)
    return given.get()


def other_submitted(c):
    """Handed in, and nobody has begun to review it."""
    hand_in(c.work["draf"])
    return Submission.objects.for_work().get(pk=c.work["draf"].pk)


def emptied(c):
    """Handed in, with an answer that says nothing."""
    c.work["diajukan"].responses.filter(verdict="").update(claim_level=None, claim_share=None)
    return c.work["diajukan"]


def judged(c):
    """Handed in, with a verdict on every answer."""
    c.work["diajukan"].responses.update(verdict="diterima")
    return c.work["diajukan"]


def stored():
    """All that a verb of a year can change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Submission, *map(Submission._meta.apps.get_model, MODELS))
    ]


MODELS = [
    "submissions.Response", "submissions.EvidenceLink", "submissions.ResponseRow",
    "submissions.Review", "submissions.ReviewDraft", "submissions.Event", "submissions.Evidence",
    "submissions.HelpRequest",
]  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("closed", [False, True])
def test_a_closed_year_stops_every_verb_that_would_change_it(verb, closed):
    c = city()
    if verb in PREPARED:
        PREPARED[verb](c)
    if not closed:
        VERBS[verb](c)
        return
    year.close_year(c.year, note="", by=c.judge, now=CLOSED)
    before = stored()
    with pytest.raises(RefusedError, match=r"Penilaian 202. sudah ditutup 31 Desember 2024"):
        VERBS[verb](c)
    assert stored() == before


PREPARED = {
    "handing_in.withdraw": other_submitted,
    "reviewing.return_empty": emptied,
    "reviewing.finish": judged,
    "carrying.carry_over": year_after,
    "helping.take_over": helped,
    "asking.reply": ask,
    "asking.take_back": ask,
}


def verbs_of(module: ModuleType) -> list[str]:
    """The functions of a module that say by whom they are done: its verbs."""
    name = module.__name__.rpartition(".")[2]
    return [
        f"{name}.{each.__name__}"
        for each in vars(module).values()
        if inspect.isfunction(each)
        and each.__module__ == module.__name__
        and not each.__name__.startswith("_")
        and "by" in inspect.signature(each).parameters
    ]


def test_no_verb_is_forgotten():
    """Another verb belongs in one of the two tables above."""
    found = {
        verb
        for each in iter_modules(actions.__path__)
        for verb in verbs_of(import_module(f"{actions.__name__}.{each.name}"))
    }
    helpers = {
        "record.record",
        "record.move",
        "arranging.begin",
        "arranging.reopen",
        "arranging.note",
        "answering.started",
        "storing.file_evidence",
        "turns.turn",
        "making.sweep_of",
        "bundling.require_bundle",
        "evidence.let_go",
        "evidence.swap",
    }
    assert found - helpers == {*VERBS, *FREE}


# --- closing and opening again -------------------------------------------------------------------


def closed_year():
    submission = make_work()
    by = verifikator(submission)
    year.close_year(submission.assessment, note="", by=by, now=CLOSED)
    return submission, by


def test_closing_leaves_one_event_and_touches_nothing_else():
    submission = make_work(2)
    by = verifikator(submission)
    before = list(Submission.objects.values())
    done = year.close_year(submission.assessment, note=" Selesai. ", by=by, now=CLOSED)
    assert (done.closed_at, list(Submission.objects.values())) == (CLOSED, before)
    event = Event.objects.get(verb=Verb.CLOSE_YEAR)
    assert (event.by, event.at, event.data) == (by, CLOSED, {"note": "Selesai.", "unaccepted": 1})


def test_a_year_is_closed_once():
    submission, by = closed_year()
    with pytest.raises(RefusedError, match="sudah ditutup 31 Desember 2024"):
        year.close_year(submission.assessment, note="", by=by, now=NOW)
    assert Event.objects.filter(verb=Verb.CLOSE_YEAR).count() == 1


def test_a_year_that_changed_under_the_reader_is_not_closed():
    submission = make_work()
    with pytest.raises(RefusedError, match="berubah sementara Anda membaca"):
        year.close_year(
            submission.assessment, note="", expected=2, by=verifikator(submission), now=CLOSED
        )
    assert Assessment.objects.get().closed_at is None


def test_opened_again_it_goes_on_where_it_stopped():
    submission, by = closed_year()
    year.reopen_year(submission.assessment, reason=f" {REASON} ", by=by, now=NOW)
    event = Event.objects.get(verb=Verb.REOPEN_YEAR)
    assert event.data == {"reason": REASON, "closed_at": CLOSED.isoformat()}
    [response] = answers(submission)
    operator = make_user(agency=submission.agency)
    answering.answer(response, value={"level": 0}, note="", version=0, by=operator, now=NOW)
    assert answers(submission)[0].claim_level == 0


def test_opening_again_needs_a_reason_and_a_closed_year():
    submission, by = closed_year()
    with pytest.raises(RefusedError, match="Tulis alasan"):
        year.reopen_year(submission.assessment, reason="  ", by=by, now=NOW)
    year.reopen_year(submission.assessment, reason=REASON, by=by, now=NOW)
    with pytest.raises(RefusedError, match="sedang dibuka"):
        year.reopen_year(submission.assessment, reason=REASON, by=by, now=NOW)


@pytest.mark.parametrize(
    ("role", "here", "may"),
    [
        (Role.VERIFIKATOR, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.PIMPINAN, True, False),
        (Role.OPERATOR, True, False),
        (Role.VERIFIKATOR, False, False),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_who_may_close_and_open(role, here, may):
    submission = make_work()
    region = submission.assessment.region if here else make_region()
    by = make_user(role, region=region)
    if not may:
        with pytest.raises(PermissionDenied):
            year.close_year(submission.assessment, note="", by=by, now=CLOSED)
        with pytest.raises(PermissionDenied):
            year.reopen_year(submission.assessment, reason=REASON, by=by, now=NOW)
        return
    year.close_year(submission.assessment, note="", by=by, now=CLOSED)
    assert year.reopen_year(submission.assessment, reason=REASON, by=by, now=NOW).closed_at is None


def test_the_command_closes_and_opens_again(capsys):
    submission = make_work()
    where = {"region": submission.assessment.region.code}
    call_command("close_year", 2024, note="Selesai", **where)
    with pytest.raises(CommandError, match="sudah ditutup"):
        call_command("close_year", 2024, **where)
    call_command("close_year", 2024, reopen=REASON, **where)
    with pytest.raises(CommandError, match="has no year 2023"):
        call_command("close_year", 2023, **where)
    assert list(Event.objects.order_by("pk").values_list("verb", "by")) == [
        ("open_year", None), ("close_year", None), ("reopen_year", None),
    ]  # fmt: skip
    assert "ditutup" in capsys.readouterr().out


# --- at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(4))
def test_nothing_is_saved_after_the_year_was_closed(attempt):
    """Whoever saves at the same moment is heard before it, or told."""
    submission = make_work()
    by, operator = verifikator(submission), make_user(agency=submission.agency)
    [response] = answers(submission)
    told = told_at_once(
        lambda: year.close_year(submission.assessment, note="", by=by, now=CLOSED),
        lambda: answering.answer(
            response, value={"level": 0}, note="", version=0, by=operator, now=NOW
        ),
    )
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    if told == [None, None]:
        assert verbs == ["open_year", "start", "answer", "close_year"]
    else:
        assert (told, verbs) == ([None, RefusedError], ["open_year", "close_year"])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_is_told():
    submission = make_work()
    by = verifikator(submission)
    told = told_at_once(
        *[lambda: year.close_year(submission.assessment, note="", by=by, now=CLOSED)] * 2
    )
    assert sorted(told, key=str) == sorted([None, RefusedError], key=str)
    assert Event.objects.filter(verb=Verb.CLOSE_YEAR).count() == 1
