"""What a support gave, taken over by the lead: whose it was stays, and nothing comes twice."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import answering, ticking
from submissions.actions.helping import take_over
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Event, Evidence, RegisterRow, Response, ResponseRow, Submission, Verb
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

NOW = datetime(2024, 2, 3, 5, tzinfo=UTC)


def case(*, gives=True):
    """A question that one office leads and another supports with a note, a document and a row."""
    instrument = make_instrument()
    register = make_register(instrument)
    question = make_question(make_indicator(instrument, code="7"), code="7.1", register=register)
    lead = make_agency(name="Dinas Utama")
    support = make_agency(lead.region, name="Dinas Bantu")
    assign(question, lead)
    assign(question, support, AssignmentRole.SUPPORT)
    publish(instrument)
    year = make_assessment(lead.region, instrument)
    by, helper = make_user(agency=lead), make_user(agency=support)
    row = RegisterRow.objects.create(
        agency=support, register=register, code=register.code, data={"nama": "Rapat bantu"},
        words="x", created_by=helper, changed_by=helper,
    )  # fmt: skip
    c = SimpleNamespace(
        year=year, question=question, lead=lead, support=support, by=by, helper=helper, row=row
    )
    if gives:
        answering.answer(
            of(c, support), value=None, note="Data kami.", version=0, by=helper, now=NOW
        )
        attach(of(c, support), helper)
        ticking.tick_rows(of(c, support), wanted=[row.pk], shown=[row.pk], by=helper, now=NOW)
    return c


def of(c, agency):
    found = Response.objects.filter(question=c.question, submission__agency=agency)
    return answering.for_answering(found).select_related("question__register").get()


def take(c, by=None, **changes):
    lead, support = of(c, c.lead), of(c, c.support)
    values = {"support": support.pk, "seen": support.version, "version": lead.version}
    return take_over(lead, **(values | changes), by=by or c.by, now=NOW)


def test_one_click_takes_note_evidence_and_rows_and_says_whose_they_are():
    c = case()
    assert take(c) is True
    lead = of(c, c.lead)
    assert (lead.note, lead.value, lead.version) == ("Dari Dinas Bantu: Data kami.", None, 1)
    [link] = lead.links.select_related("evidence__agency")
    assert link.evidence.agency == c.support
    assert Evidence.objects.count() == 1  # stored once
    assert [tick.row for tick in lead.row_ticks.select_related("row")] == [c.row]
    assert list(ticking.fitting(lead)) == [c.row]
    told = Event.objects.filter(response=lead).order_by("pk").values_list("verb", "data__origin")
    origin = {"agency": c.support.code, "office": "Dinas Bantu"}
    assert list(told) == [(verb, origin) for verb in (Verb.ANSWER, Verb.ATTACH, Verb.TICK)]
    assert of(c, c.support).note == "Data kami."  # the support's own stays as it is


def test_the_lead_keeps_its_own_answer_and_note():
    c = case()
    answering.answer(
        of(c, c.lead), value={"level": 2}, note="Milik kami.", version=0, by=c.by, now=NOW
    )
    take(c)
    lead = of(c, c.lead)
    assert (lead.value, lead.note) == (
        {"level": 2}, "Milik kami.\nDari Dinas Bantu: Data kami.",
    )  # fmt: skip


def test_taken_twice_nothing_comes_twice():
    c = case()
    take(c)
    events = Event.objects.count()
    assert take(c) is False
    assert (Event.objects.count(), of(c, c.lead).version) == (events, 1)


def test_a_row_that_was_taken_over_stays_when_the_support_unticks_it():
    c = case()
    take(c)
    ticking.tick_rows(of(c, c.support), wanted=[], shown=[c.row.pk], by=c.helper, now=NOW)
    assert list(ticking.fitting(of(c, c.lead))) == [c.row]


def test_rows_of_another_office_fit_no_one_but_the_lead_beside_whom_they_were_ticked():
    c = case()
    stranger = make_agency(c.lead.region)
    mine = RegisterRow.objects.create(
        agency=stranger, register=c.row.register, code=c.row.code, data={}, words="y",
        created_by=c.helper, changed_by=c.helper,
    )  # fmt: skip
    assert mine not in ticking.fitting(of(c, c.lead))
    assert list(ticking.fitting(of(c, c.support))) == [c.row]


def test_what_changed_meanwhile_is_not_taken():
    c = case()
    with pytest.raises(RefusedError, match="Dinas Bantu baru saja mengubah catatannya"):
        take(c, seen=0)
    with pytest.raises(StaleError):
        take(c, version=5)
    lead = of(c, c.lead)
    assert (lead.note, lead.links.count(), lead.row_ticks.count()) == ("", 0, 0)


def test_another_questions_support_is_not_taken_here():
    c, other = case(), case()
    with pytest.raises(RefusedError, match="tidak ada lagi"):
        take(c, support=of(other, other.support).pk, seen=1)
    with pytest.raises(RefusedError, match="tidak ada lagi"):
        take(c, support=of(c, c.lead).pk, seen=0)


def test_work_that_was_handed_in_takes_nothing():
    c = case()
    Submission.objects.filter(agency=c.lead).update(state=State.SUBMITTED.value)
    with pytest.raises(RefusedError, match="sudah diajukan"):
        take(c)
    assert of(c, c.lead).links.count() == 0


def test_only_the_lead_or_a_verifikator_takes():
    c = case()
    for by in (c.helper, make_user(Role.PIMPINAN, region=c.lead.region), make_user()):
        with pytest.raises(PermissionDenied):
            take(c, by=by)
    assert take(c, by=make_user(Role.VERIFIKATOR, region=c.lead.region)) is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_clicks_at_once_take_it_once(attempt):
    c = case()
    told_at_once(lambda: take(c), lambda: take(c))
    lead = of(c, c.lead)
    assert (lead.note, lead.links.count(), lead.row_ticks.count()) == (
        "Dari Dinas Bantu: Data kami.", 1, 1,
    )  # fmt: skip


# --- on the form and in the review ---------------------------------------------------------------


def text(reply):
    return reply.content.decode()


def test_the_form_offers_what_is_left_and_says_what_was_taken(client):
    c = case()
    client.force_login(c.by)
    lead, support = of(c, c.lead), of(c, c.support)
    path = f"/isian/{lead.submission_id}/"
    page = text(client.get(path))
    assert f'value="ambil-{support.pk}-{support.version}"' in page
    assert "1 baris daftar induk" in page
    sent = {"versi": "0", "catatan": "", "tingkat": "1", "lalu": f"ambil-{support.pk}-1"}
    reply = client.post(f"{path}{lead.pk}/", sent)
    assert reply.url == f"{path}#q-{lead.pk}"
    page = text(client.get(path))
    assert of(c, c.lead).value == {"level": 1}  # what was typed is saved first
    assert "Sudah diambil ke jawaban ini." in page
    assert "dari Dinas Bantu, " in page


def test_a_script_gets_the_card_anew(client):
    c = case()
    client.force_login(c.by)
    lead, support = of(c, c.lead), of(c, c.support)
    path = f"/isian/{lead.submission_id}/{lead.pk}/ambil/"
    sent = {"versi": "0", "catatan": "Kami.", "tingkat": "1", "ambil": f"{support.pk}-1"}
    reply = client.post(path, sent, headers={"hx-request": "true"})
    assert reply.status_code == 200
    assert "Kami.\nDari Dinas Bantu: Data kami." in text(reply)
    stale = client.post(path, sent | {"catatan": "Lain."}, headers={"hx-request": "true"})
    assert (stale.status_code, stale.headers["HX-Retarget"]) == (409, f"#s-{lead.pk}")
    wrong = client.post(path, sent | {"versi": "2", "ambil": "x"}, headers={"hx-request": "true"})
    assert wrong.status_code in {409, 422}


def test_the_review_says_from_whom(client):
    c = case()
    take(c)
    Submission.objects.filter(agency=c.lead).update(state=State.SUBMITTED.value, submitted_at=NOW)
    client.force_login(make_user(Role.VERIFIKATOR, region=c.lead.region))
    page = text(client.get(f"/verifikasi/{of(c, c.lead).submission_id}/"))
    assert "“Dari Dinas Bantu: Data kami.”" in page
    assert "diambil dari Dinas Bantu" in page
    assert "(dari Dinas Bantu, " in page


def test_the_page_of_rows_says_from_whom(client):
    c = case()
    take(c)
    client.force_login(c.by)
    lead = of(c, c.lead)
    page = text(client.get(f"/isian/{lead.submission_id}/{lead.pk}/baris/"))
    assert "dari Dinas Bantu" in page
    assert ResponseRow.objects.filter(response=lead).count() == 1
