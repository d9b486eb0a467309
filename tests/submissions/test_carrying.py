"""Last year as a start: what is offered, that nothing counts before it is confirmed, and how it is
taken.
"""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import answering, handing_in, ticking
from submissions.actions.carrying import Wanted, carry_over, offers_of
from submissions.actions.evidence import attach_existing
from submissions.actions.record import RefusedError, StaleError
from submissions.actions.year import close_year
from submissions.models import (
    Assessment,
    Event,
    Evidence,
    EvidenceLink,
    RegisterRow,
    Response,
    ResponseRow,
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
    make_register,
    make_user,
    publish,
)
from tests.submissions.review_case import attach

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 2, 3, 5, tzinfo=UTC)
LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA


def case(mode="choice", value=None, *, questions=1, role=LEAD, note="Masih berlaku."):
    """An office that answered in 2024, with a document and a row; 2025 is open and empty."""
    instrument = make_instrument()
    register = make_register(instrument)
    indicator = make_indicator(instrument)
    office = make_agency(kind="kelurahan" if role == AREA else "perangkat_daerah")
    level = {"level": "kelurahan"} if role == AREA else {}
    for _ in range(questions):
        assign(make_question(indicator, mode, register=register, **level), office, role)
    publish(instrument)
    old = make_assessment(office.region, instrument)
    by = make_user(agency=office)
    rows = [
        RegisterRow.objects.create(
            agency=office, register=register, code=register.code, data={"nama": f"Baris {until}"},
            words="x", valid_from=2020, valid_to=until, created_by=by, changed_by=by,
        )
        for until in (None, 2023)
    ]  # fmt: skip
    value = {"level": 1} if value is None and mode == "choice" else value
    for each in answers(old, office):
        given = value if role != SUPPORT else None
        answering.answer(each, value=given, note=note, version=0, by=by, now=NOW)
        attach(each, by)
        keys = [row.pk for row in rows]
        ticking.tick_rows(each, wanted=keys, shown=keys, by=by, now=NOW)
    new = make_assessment(office.region, instrument, year=2025, data_year=2024)
    return SimpleNamespace(
        office=office, by=by, old=old, new=new, rows=rows, instrument=instrument,
        question=instrument.questions.first(),
    )  # fmt: skip


def answers(assessment, agency):
    found = Response.objects.filter(assessment=assessment, submission__agency=agency)
    return list(answering.for_answering(found).order_by("question__order"))


def offers(c):
    return offers_of(c.office, c.new, answers(c.new, c.office))


def wanted(offer, **changes):
    """All of an offer, as its page showed it."""
    values = {
        "response": offer.response.pk,
        "before": offer.before.pk,
        "version": offer.response.version,
        "seen": offer.before.version,
        "answer": True,
        "evidence": frozenset(each.pk for each in offer.evidence),
        "rows": frozenset(each.pk for each in offer.rows),
    }
    return Wanted(**(values | changes))


def take(c, offer, by=None, **changes):
    return carry_over(offer.response, wanted=wanted(offer, **changes), by=by or c.by, now=NOW)


def state_of_2025():
    new = Assessment.objects.get(year=2025)
    return (
        list(new.responses.order_by("pk").values()),
        list(new.submissions.values_list("state")),
        EvidenceLink.objects.filter(response__assessment=new).count(),
        ResponseRow.objects.filter(response__assessment=new).count(),
    )


# --- what is offered -----------------------------------------------------------------------------


def test_an_empty_year_is_offered_answer_note_evidence_and_the_rows_that_still_hold():
    c = case()
    [offer] = offers(c)
    assert (offer.value, offer.note, offer.before.assessment) == (
        {"level": 1}, "Masih berlaku.", c.old,
    )  # fmt: skip
    assert [each.name for each in offer.evidence] == ["SK"]
    assert offer.rows == [c.rows[0]]  # the other held until 2023 only
    assert (offer.changes, offer.plain) == ((), True)


def test_an_offer_is_no_answer():
    """Neither is stored nor counted before it is confirmed."""
    c = case()
    before = state_of_2025()
    offers(c)
    [response] = answers(c.new, c.office)
    assert state_of_2025() == before
    assert (response.value, response.claim_level, response.answered_at) == (None, None, None)
    [lack] = handing_in.missing(response.submission)
    assert lack.what == handing_in.Lack.ANSWER


# fmt: off
RATIO = {"numerator": "12", "denominator": "15"}
VALUES = [
    ("choice",     {"level": 0},              {"level": 0}),
    ("threshold",  RATIO,                     RATIO),
    ("trend",      {"values": ["80", "82"]},  {"values": ["82", None]}),
    ("trend",      {"values": ["80", None]},  None),
]
# fmt: on


@pytest.mark.parametrize(("mode", "value", "offered"), VALUES)
def test_last_years_second_figure_is_this_years_first(mode, value, offered):
    [offer] = offers(case(mode, value))
    assert offer.value == offered


def test_a_year_left_out_gives_no_figure_of_the_year_before():
    c = case("trend", {"values": ["80", "82"]})
    Assessment.objects.filter(pk=c.new.pk).update(data_year=2025)
    c.new.refresh_from_db()
    [offer] = offers(c)
    assert offer.value is None


def test_what_was_begun_is_not_offered_over():
    c = case()
    [response] = answers(c.new, c.office)
    answering.answer(response, value={"level": 3}, note="", version=0, by=c.by, now=NOW)
    [offer] = offers(c)
    assert (offer.answers, len(offer.evidence), len(offer.rows)) == (False, 1, 1)


def test_what_was_taken_is_offered_no_more():
    c = case()
    [offer] = offers(c)
    take(c, offer)
    assert offers(c) == []


@pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED])
def test_work_that_was_handed_in_is_offered_nothing(state):
    c = case()
    Submission.objects.filter(assessment=c.new).update(state=state.value)
    assert offers(c) == []


@pytest.mark.parametrize(
    ("changes", "plain"),
    [
        ({"verdict": "diterima", "verified_level": 1, "verified_share": "0.75"}, True),
        ({"verdict": "diterima", "verified_level": 3, "verified_share": "0.25"}, False),
        ({"verdict": "dikembalikan"}, False),
    ],
)
def test_what_the_verifikator_doubted_is_not_ticked_with_the_others(changes, plain):
    c = case()
    Response.objects.filter(assessment=c.old).update(**changes)
    [offer] = offers(c)
    assert offer.plain is plain


def test_a_support_and_an_area_are_offered_their_own():
    assert [each.note for each in offers(case(role=SUPPORT))] == ["Masih berlaku."]
    [offer] = offers(case("area_share", {"yes": True}, role=AREA))
    assert offer.value == {"yes": True}


def test_another_lead_is_offered_the_official_answer_without_the_documents_of_the_office_before():
    c = case()
    other = make_agency(c.office.region)
    Submission.objects.filter(assessment=c.new).update(agency=other)
    [offer] = offers_of(other, c.new, answers(c.new, other))
    assert (offer.value, offer.before.submission.agency) == ({"level": 1}, c.office)
    assert (offer.evidence, offer.rows, offer.stays) == ([], [], 1)


def test_an_office_that_was_merged_hands_its_own_on():
    c = case(role=SUPPORT)
    heir = make_agency(c.office.region)
    c.office.merged_into = heir
    c.office.save(update_fields=["merged_into"])
    Submission.objects.filter(assessment=c.new).update(agency=heir)
    [offer] = offers_of(heir, c.new, answers(c.new, heir))
    assert offer.note == "Masih berlaku."


def test_another_instrument_is_matched_by_code_and_text_and_says_what_changed():
    c = case()
    newer = make_instrument()
    indicator = make_indicator(newer)
    same = make_question(indicator, code=c.question.code, text=c.question.text)
    other = make_question(indicator, "trend", code="baru.1", text="Baru?")
    for each in (same, other):
        assign(each, c.office)
    publish(newer)
    Assessment.objects.filter(pk=c.new.pk).update(year=2023)
    year = make_assessment(c.office.region, newer, year=2026, data_year=2025)
    [offer] = offers_of(c.office, year, answers(year, c.office))
    assert (offer.response.question, offer.value) == (same, {"level": 1})
    changed = make_instrument()
    harder = make_question(
        make_indicator(changed), "graded", code=c.question.code, text=c.question.text
    )
    assign(harder, c.office)
    publish(changed)
    Assessment.objects.filter(pk=year.pk).update(year=2022)
    year = make_assessment(c.office.region, changed, year=2026, data_year=2025)
    [offer] = offers_of(c.office, year, answers(year, c.office))
    assert (offer.value, offer.note, offer.changes, offer.plain) == (
        None, "Masih berlaku.", ("pilihan jawaban berubah",), False,
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 12])
def test_the_offers_take_the_same_queries_for_any_number(django_assert_num_queries, count):
    c = case(questions=count)
    mine = answers(c.new, c.office)
    with django_assert_num_queries(7):
        assert len(offers_of(c.office, c.new, mine)) == count


# --- confirming ----------------------------------------------------------------------------------


def test_confirmed_it_is_saved_as_if_it_was_typed_and_the_history_says_whence():
    c = case()
    [offer] = offers(c)
    assert take(c, offer) is True
    [response] = answers(c.new, c.office)
    assert (response.value, response.note, response.claim_level, response.version) == (
        {"level": 1}, "Masih berlaku.", 1, 1,
    )  # fmt: skip
    assert response.submission.state == State.DRAFT
    assert Evidence.objects.count() == 1  # stored once, attached twice
    assert EvidenceLink.objects.filter(response=response).count() == 1
    assert list(response.row_ticks.values_list("row", flat=True)) == [c.rows[0].pk]
    told = Event.objects.filter(response=response).order_by("pk")
    assert [(each.verb, each.data.get("origin")) for each in told] == [
        (verb, {"year": 2024, "agency": c.office.code})
        for verb in (Verb.ANSWER, Verb.ATTACH, Verb.TICK)
    ]


# fmt: off
PARTS = [
    ({"evidence": frozenset(), "rows": frozenset()},  (1, 0, 0)),
    ({"answer": False, "rows": frozenset()},          (None, 1, 0)),
    ({"answer": False, "evidence": frozenset()},      (None, 0, 1)),
]
# fmt: on


@pytest.mark.parametrize(("only", "stands"), PARTS)
def test_only_what_was_ticked_is_taken(only, stands):
    c = case()
    [offer] = offers(c)
    take(c, offer, **only)
    [response] = answers(c.new, c.office)
    assert (response.claim_level, response.links.count(), response.row_ticks.count()) == stands


def test_a_newer_version_that_hangs_there_is_not_changed_back_into_last_years():
    c = case()
    [offer] = offers(c)
    [old] = offer.evidence
    new = Evidence.objects.create(
        agency=c.office, name=old.name, url=f"{old.url}-baru", created_by=c.by, first=old, number=2
    )
    attach_existing(offer.response, evidence=new, by=c.by, now=NOW)
    assert [each.evidence for each in offers(c)] == [[]]
    take(c, offer)  # a page that was open before
    links = EvidenceLink.objects.filter(response=offer.response, removed_at=None)
    assert [each.evidence for each in links] == [new]


def test_sent_twice_it_is_taken_once():
    c = case()
    [offer] = offers(c)
    take(c, offer)
    events = Event.objects.count()
    assert take(c, offer) is False
    assert Event.objects.count() == events


def test_an_answer_that_changed_meanwhile_is_not_taken():
    """Last year's was mended, or a colleague has begun this year's: the page showed another one."""
    c = case()
    [offer] = offers(c)
    with pytest.raises(StaleError):
        take(c, offer, seen=offer.before.version + 1)
    with pytest.raises(StaleError):
        take(c, offer, version=7)
    assert answers(c.new, c.office)[0].claim_level is None


def test_what_was_not_offered_is_passed_over():
    c = case()
    [offer] = offers(c)
    foreign = make_user()
    strange = Evidence.objects.create(
        agency=foreign.agency, name="Rahasia", url="https://contoh.example/x", created_by=foreign
    )
    assert take(c, offer, answer=False, evidence=frozenset({strange.pk}), rows=frozenset()) is False
    assert strange.links.count() == 0


def test_a_closed_year_takes_nothing():
    c = case()
    [offer] = offers(c)
    judge = make_user(Role.VERIFIKATOR, region=c.office.region)
    close_year(c.new, note="", by=judge, now=NOW)
    before = state_of_2025()
    with pytest.raises(RefusedError, match="Penilaian 2025 sudah ditutup"):
        take(c, offer)
    assert state_of_2025() == before


def test_who_may_not_answer_may_not_take():
    c = case()
    [offer] = offers(c)
    for by in (make_user(), make_user(Role.PIMPINAN, region=c.office.region)):
        with pytest.raises(PermissionDenied):
            take(c, offer, by=by)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_take_at_once_it_stands_once(attempt):
    c = case()
    [first], [second] = offers(c), offers(c)
    told_at_once(lambda: take(c, first), lambda: take(c, second))
    [response] = answers(c.new, c.office)
    assert (response.version, response.links.count(), response.row_ticks.count()) == (1, 1, 1)
    assert Event.objects.filter(response=response, verb=Verb.ANSWER).count() == 1


# --- the pages -----------------------------------------------------------------------------------

OFFICE = "/isian/tahun-lalu/"


def text(reply):
    return reply.content.decode()


def test_the_form_and_the_list_lead_to_last_year(client):
    c = case()
    client.force_login(c.by)
    [response] = answers(c.new, c.office)
    form = text(client.get(f"/isian/{response.submission_id}/"))
    assert "Tahun 2024: Sebagian besar, catatan, 1 data dukung, 1 baris" in form
    assert f'href="/isian/{response.submission_id}/tahun-lalu/#q-{response.pk}"' in form
    assert 'href="/isian/tahun-lalu/?tahun=2025"' in text(client.get("/isian/"))


def on_another_instrument(c):
    """A year after, of a newer instrument with the same questions."""
    newer = make_instrument()
    indicator = make_indicator(newer)
    for each in c.instrument.questions.all():
        assign(make_question(indicator, code=each.code, text=each.text), c.office)
    publish(newer)
    Assessment.objects.filter(pk=c.new.pk).update(year=2023)
    return make_assessment(c.office.region, newer, year=2026, data_year=2025)


@pytest.mark.parametrize("other", [False, True])
def test_a_form_tells_last_year_with_the_same_queries_for_any_number(client, other):
    taken = []
    for count in (2, 12):
        c = case(questions=count)
        year = on_another_instrument(c) if other else c.new
        client.force_login(c.by)
        [submission] = {each.submission_id for each in answers(year, c.office)}
        client.get(f"/isian/{submission}/")
        with CaptureQueriesContext(connection) as queries:
            form = text(client.get(f"/isian/{submission}/"))
        assert form.count("Tahun 2024: ") == count
        taken.append(len(queries))
        Assessment.objects.all().update(year=F("year") + 20)  # out of the way of the next case
    assert taken[0] == taken[1]


def test_one_question_is_taken_by_its_button_with_all_that_it_showed(client):
    c = case(questions=2)
    client.force_login(c.by)
    first, second = answers(c.new, c.office)
    path = f"/isian/{first.submission_id}/tahun-lalu/"
    whole = [each.whole for group in client.get(path).context["groups"] for each in group.lines]
    assert client.post(path, {"isi": whole, "satu": first.pk}).url == path
    first, second = answers(c.new, c.office)
    assert (first.claim_level, first.links.count(), first.row_ticks.count()) == (1, 1, 1)
    assert (second.claim_level, second.links.count()) == (None, 0)


def test_all_of_an_office_is_taken_at_once_as_it_is_ticked(client):
    c = case(questions=3)
    client.force_login(c.by)
    page = client.get(OFFICE, {"tahun": "2025", "centang": "semua"})
    assert text(page).count(" checked") == 9
    lines = [each for group in page.context["groups"] for each in group.lines]
    sent = {
        "isi": [each.whole for each in lines],
        "jawaban": [each.offer.response.pk for each in lines[:2]],
        "bukti": [f"{lines[0].offer.response.pk}.{lines[0].proofs[0][0]}"],
    }
    reply = client.post(f"{OFFICE}?tahun=2025&centang=semua", sent, follow=True)
    assert "2 pertanyaan dibawa dari tahun lalu dan tersimpan." in text(reply)
    assert " checked" not in text(reply)
    found = answers(c.new, c.office)
    assert [each.claim_level for each in found] == [1, 1, None]
    assert [each.links.count() for each in found] == [1, 0, 0]


def test_what_a_colleague_took_meanwhile_is_said(client):
    c = case(questions=2)
    client.force_login(c.by)
    lines = [e for g in client.get(OFFICE).context["groups"] for e in g.lines]
    first = answers(c.new, c.office)[0]
    answering.answer(first, value={"level": 4}, note="", version=0, by=c.by, now=NOW)
    sent = {"isi": [e.whole for e in lines], "jawaban": [e.offer.response.pk for e in lines]}
    client.post(OFFICE, sent)
    assert [each.claim_level for each in answers(c.new, c.office)] == [4, 1]


def test_nothing_ticked_takes_nothing_and_says_so(client):
    c = case()
    client.force_login(c.by)
    before = state_of_2025()
    lines = [e for g in client.get(OFFICE).context["groups"] for e in g.lines]
    reply = client.post(OFFICE, {"isi": [lines[0].whole]}, follow=True)
    assert "centang dahulu yang masih benar" in text(reply)
    client.post(OFFICE, {"isi": ["1.2.3|", "x", "9" * 200], "jawaban": "1", "satu": "x"})
    assert state_of_2025() == before


def test_another_offices_answers_are_not_there(client):
    c = case()
    client.force_login(c.by)
    whole = client.get(OFFICE).context["groups"][0].lines[0].whole
    [response] = answers(c.new, c.office)
    client.force_login(make_user(agency=make_agency(c.office.region)))
    assert client.post(OFFICE, {"isi": whole, "satu": response.pk}).status_code == 404
    assert answers(c.new, c.office)[0].claim_level is None


def test_an_office_without_a_year_before_is_told(client):
    c = case()
    Assessment.objects.filter(pk=c.old.pk).update(year=2030)
    client.force_login(c.by)
    reply = client.get(OFFICE, {"tahun": "2025"})
    assert "Belum ada penilaian sebelum 2025." in text(reply)


@pytest.mark.parametrize("count", [2, 30])
def test_the_page_takes_the_same_queries_for_any_number(client, django_assert_num_queries, count):
    c = case(questions=count)
    client.force_login(c.by)
    client.get(OFFICE)
    with django_assert_num_queries(12):
        reply = client.get(OFFICE)
    assert len(reply.context["groups"][0].lines) == count


def test_many_are_confirmed_in_one_go(client):
    c = case(questions=30)
    client.force_login(c.by)
    lines = [e for g in client.get(OFFICE).context["groups"] for e in g.lines]
    sent = {"isi": [e.whole for e in lines], "jawaban": [e.offer.response.pk for e in lines]}
    sent["bukti"] = [f"{e.offer.response.pk}.{e.proofs[0][0]}" for e in lines]
    client.post(OFFICE, sent)
    found = answers(c.new, c.office)
    assert {each.claim_level for each in found} == {1}
    assert EvidenceLink.objects.filter(response__in=found).count() == 30


@pytest.mark.parametrize(
    ("until", "over"), [(date(2024, 12, 30), True), (date(2024, 12, 31), False), (None, False)]
)
def test_a_document_that_is_over_in_the_new_year_of_the_data_says_so_and_is_not_ticked_with_others(
    client, until, over
):
    c = case()
    Evidence.objects.update(valid_until=until)
    client.force_login(c.by)
    page = text(client.get("/isian/tahun-lalu/", {"tahun": "2025", "centang": "semua"}))
    assert ("kedaluwarsa: berlaku sampai 30 Desember 2024" in page) is over
    [box] = re.findall(r'<input type="checkbox" name="bukti"[^>]*>', page)
    assert ("checked" in box) is (not over)
