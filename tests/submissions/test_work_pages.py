"""The operator's pages over HTTP: who sees them, what they say, what a POST does or not."""

import time
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from agencies.models import Agency, AssignmentRole
from agencies.roles import Role
from indicators.scoring import Mode, Scale
from submissions.actions import answering
from submissions.forms.answering import AnswerForm, parse_number
from submissions.models import Assessment, Event, Response, Review, Submission, Verb
from submissions.workflow import State, Verdict
from tests.factories import (
    PASSWORD,
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    make_work,
    publish,
)
from tests.submissions.test_answering import answers, operator, verifikator

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}


def page(submission, tail="") -> str:
    return f"/isian/{submission.pk}/{tail}"


def card(response, tail="") -> str:
    return f"/isian/{response.submission_id}/{response.pk}/{tail}"


def save(client, response, *, htmx=True, **typed):
    values = {"versi": response.version, "tingkat": "0", "catatan": ""}
    return client.post(card(response), values | typed, headers=HTMX if htmx else {})


# --- saving --------------------------------------------------------------------------------------


def test_a_save_says_when_it_was_kept_and_what_it_claims(client):
    submission = make_work(2)
    by = operator(submission)
    first, _ = answers(submission)
    client.force_login(by)
    with time_machine.travel(datetime(2024, 3, 20, 3, 42, tzinfo=UTC), tick=False):
        reply = save(client, first, tingkat="1")
    text = reply.content.decode()
    assert reply.status_code == 200
    assert text.startswith("Tersimpan 10.42 WIB")
    assert "Klaim 7,50 poin" in text
    assert f'name="versi" id="v-{first.pk}" value="1" hx-swap-oob="true"' in text
    assert "<b>7,50</b> diklaim dari 20" in text
    assert "1 belum dijawab" in text
    assert "<form" not in text


def test_without_a_script_a_save_comes_back_to_its_card(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    reply = save(client, response, htmx=False, tingkat="2", catatan="Lihat SK.")
    assert (reply.status_code, reply.headers["Location"]) == (
        302,
        f"{page(submission)}#q-{response.pk}",
    )
    stored = Response.objects.get()
    assert (stored.value, stored.note) == ({"level": 2}, "Lihat SK.")


def test_without_a_script_the_way_to_the_evidence_saves_first(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    reply = save(client, response, htmx=False, lalu="bukti")
    assert (reply.status_code, reply.headers["Location"]) == (302, card(response, "data-dukung/"))
    assert Response.objects.get().value == {"level": 0}


def test_a_save_sent_thrice_happens_once(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    for _ in range(3):
        assert save(client, response).status_code == 200
    assert Response.objects.get().version == 1
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 1


def test_what_is_wrong_stands_in_its_card_with_what_was_typed(client):
    submission = make_work(2, "threshold")
    first, _ = answers(submission)
    client.force_login(operator(submission))
    reply = save(client, first, pembilang="dua belas", penyebut="15", tingkat="")
    text = reply.content.decode()
    assert reply.status_code == 422
    assert "Belum tersimpan. “dua belas” bukan angka." in text
    assert "<form" not in text
    reply = save(
        client, first, htmx=False, pembilang="dua belas", penyebut="15", tingkat="", catatan="Ya."
    )
    text = reply.content.decode()
    assert reply.status_code == 422
    assert text.count("bukan angka") == 1
    assert 'maxlength="40" value="dua belas"' in text
    assert ">Ya.</textarea>" in text
    assert Response.objects.filter(version=0).count() == 2


@pytest.mark.parametrize("htmx", [True, False])
def test_whoever_is_slower_sees_both_values_and_whose_the_other_is(client, htmx):
    submission = make_work()
    colleague = operator(submission, name="Ibu Sari")
    [response] = answers(submission)
    answering.answer(
        response,
        value={"level": 1},
        note="Dari Sari.",
        version=0,
        by=colleague,
        now=datetime(2024, 3, 20, 3, 42, tzinfo=UTC),
    )
    client.force_login(operator(submission))
    reply = save(client, response, htmx=htmx, tingkat="3", catatan="Dari saya.", versi=0)
    text = reply.content.decode()
    assert reply.status_code == 409
    assert "Ibu Sari mengubah jawaban ini 20 Maret 2024 pukul 10.42 WIB" in text
    for each in ("Sebagian besar", "Dari Sari.", "Baru mulai", "Dari saya."):
        assert each in text
    assert 'name="timpa" value="1"' in text
    assert 'name="gabung" value="1"' in text
    assert Response.objects.get().note == "Dari Sari."


@pytest.mark.parametrize(
    ("how", "note"), [("timpa", "Dari saya."), ("gabung", "Dari Sari.\nDari saya.")]
)
def test_mine_can_be_taken_or_the_notes_joined_once_both_were_seen(client, how, note):
    submission = make_work()
    [response] = answers(submission)
    now = datetime(2024, 3, 20, tzinfo=UTC)
    answering.answer(
        response,
        value={"level": 1},
        note="Dari Sari.",
        version=0,
        by=operator(submission),
        now=now,
    )
    client.force_login(operator(submission))
    typed = {"tingkat": "3", "catatan": "Dari saya.", "versi": 0}
    reply = save(client, response, **typed, **{how: 1})
    assert (reply.status_code, reply.headers["HX-Retarget"]) == (200, f"#q-{response.pk}")
    stored = Response.objects.get()
    assert (stored.value, stored.note, stored.version) == ({"level": 3}, note, 2)
    assert save(client, response, **typed | {"catatan": "Lagi."}, **{how: 1}).status_code == 409


def test_a_form_stores_only_what_an_answer_is(client):
    submission = make_work()
    [response] = answers(submission)
    before = Response.objects.values().get()
    other = make_work()
    client.force_login(operator(submission))
    everything = {
        "agency": other.agency_id,
        "submission": other.pk,
        "assessment": other.assessment_id,
        "question": answers(other)[0].question_id,
        "role": "support",
        "version": 99,
        "verdict": "diterima",
        "verified_level": 0,
        "verified_share": "1",
        "claim_share": "1",
        "claim_level": 0,
        "last_review": 1,
        "unproven_reason": "x",
        "state": "diterima",
        "due_on": "2099-01-01",
        "is_staff": "1",
    }
    assert save(client, response, tingkat="4", **everything).status_code == 200
    after = Response.objects.values().get(pk=response.pk)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "value",
        "claim_level",
        "claim_share",
        "version",
        "answered_at",
        "changed_at",
        "changed_by_id",
    }
    stored = Submission.objects.get(pk=submission.pk)
    assert (stored.state, stored.due_on, stored.agency) == (
        State.DRAFT,
        submission.due_on,
        submission.agency,
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", "12"),
        ("1.234,5", "1234.5"),
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("0.125", "0.125"),
        ("80.5", "80.5"),
        ("1 234", "1234"),
        ("80,5 %", "80.5"),
        (",5", "0.5"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, number):
    assert parse_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "-", "-1", "1e5", "N/A", "12a", "NaN", "\u0661\u0662", "1..2", "1,2.3,4"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValueError, match="no number"):
        parse_number(typed)


@pytest.mark.parametrize(
    ("mode", "typed", "value"),
    [
        (Mode.CHOICE, {"tingkat": "2"}, {"level": 2}),
        (Mode.CHOICE, {"tingkat": ""}, None),
        (Mode.CHOICE, {"tingkat": "ya"}, {"level": "ya"}),
        (Mode.AREA_SHARE, {"tingkat": "ya"}, {"yes": True}),
        (Mode.AREA_SHARE, {"tingkat": "tidak"}, {"yes": False}),
        (Mode.AREA_SHARE, {"tingkat": "0"}, {"yes": None}),
        (
            Mode.THRESHOLD,
            {"pembilang": "1.234,5", "penyebut": "2000"},
            {"numerator": "1234.5", "denominator": "2000"},
        ),
        (Mode.TREND, {"sebelum": "80,5", "sesudah": ""}, {"values": ["80.5", None]}),
    ],
)
def test_each_kind_of_rubric_is_typed_in_its_own_fields(mode, typed, value):
    form = AnswerForm({"versi": 0} | typed, scale=Scale(mode))
    assert form.is_valid()
    assert form.value() == value


def test_an_ended_session_is_told_and_not_sent_to_another_page(client):
    submission = make_work()
    [response] = answers(submission)
    reply = save(client, response)
    assert (reply.status_code, reply.content) == (401, b"")
    assert save(client, response, htmx=False).status_code == 302
    assert Response.objects.get().version == 0


def test_a_save_without_the_token_is_refused():
    submission = make_work()
    [response] = answers(submission)
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator(submission))
    for address in (
        card(response),
        card(response, "data-dukung/"),
        card(response, "data-dukung/1/lepas/"),
        page(submission, "ajukan/"),
        page(submission, "tarik/"),
    ):
        assert client.post(address, {"versi": 0, "tingkat": "0"}).status_code == 403
    assert Response.objects.get().version == 0


# --- who sees and who may ------------------------------------------------------------------------

ADDRESSES = [
    ("GET", lambda s, r: page(s)),
    ("GET", lambda s, r: page(s, "ajukan/")),
    ("GET", lambda s, r: card(r, "data-dukung/")),
    ("POST", lambda s, r: card(r)),
    ("POST", lambda s, r: card(r, "data-dukung/")),
    ("POST", lambda s, r: page(s, "ajukan/")),
    ("POST", lambda s, r: page(s, "tarik/")),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VERIFIKATOR, Role.PIMPINAN])
def test_what_is_not_ours_is_answered_as_a_number_that_never_was(client, method, address, role):
    submission = make_work()
    [response] = answers(submission)
    region = submission.agency.region
    stranger = (
        make_user(role)
        if role is not Role.OPERATOR
        else make_user(role, agency=make_agency(region))
    )
    client.force_login(stranger)
    there = getattr(client, method.lower())(address(submission, response))
    never = Submission(pk=999_999_999), Response(pk=999_999_999, submission_id=999_999_999)
    nowhere = getattr(client, method.lower())(address(*never))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content
    assert Event.objects.exclude(verb=Verb.OPEN_YEAR).count() == 0


def test_an_answer_is_not_reached_through_another_submission(client):
    submission, other = make_work(), make_work()
    by = make_user(Role.OPERATOR, agency=submission.agency)
    client.force_login(by)
    mixed = f"/isian/{submission.pk}/{answers(other)[0].pk}/"
    assert client.post(mixed, {"versi": 0, "tingkat": "0"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "get", "post"),
    [
        (Role.OPERATOR, 200, 200),
        (Role.VERIFIKATOR, 200, 200),
        (Role.PIMPINAN, 200, 403),
        (Role.ADMINISTRATOR, 200, 403),
    ],
)
def test_who_sees_a_form_and_who_may_fill_it_in(client, role, get, post):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(
        make_user(role, region=submission.agency.region, agency=submission.agency)
        if role is Role.OPERATOR
        else make_user(role, region=submission.agency.region)
    )
    shown = client.get(page(submission))
    assert shown.status_code == get
    assert ('hx-post="' in shown.content.decode()) == (post == 200)
    assert save(client, response).status_code == post
    if post == 403:
        for address in ("ajukan/", "tarik/"):
            assert client.post(page(submission, address)).status_code == 403
        assert client.post(card(response, "data-dukung/")).status_code == 403
        assert Event.objects.exclude(verb=Verb.OPEN_YEAR).count() == 0


def test_a_verifikator_fills_in_on_behalf_and_both_page_and_history_say_so(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(verifikator(submission))
    assert f"mewakili {submission.agency}" in client.get(page(submission)).content.decode()
    save(client, response)
    assert Event.objects.get(verb=Verb.ANSWER).on_behalf is True


def test_looking_writes_nothing(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    client.get("/isian/")
    for address in (
        "/isian/",
        page(submission),
        page(submission, "ajukan/"),
        card(response, "data-dukung/"),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []


# --- handing in ----------------------------------------------------------------------------------


def answered(questions=1):
    submission = make_work(questions)
    by = operator(submission)
    for response in answers(submission):
        answering.answer(
            response,
            value={"level": 0},
            note="",
            version=0,
            by=by,
            now=datetime(2024, 3, 20, tzinfo=UTC),
        )
    return submission, by


def test_what_is_missing_is_shown_before_one_hands_in(client):
    submission = make_work(2, evidence_required=True)
    by = operator(submission)
    first, second = answers(submission)
    client.force_login(by)
    save(client, first, tingkat="1")
    text = client.get(page(submission, "ajukan/")).content.decode()
    assert "Masih kurang 2, senilai 17,50 poin" in text
    assert "diklaim tanpa data dukung yang diwajibkan" in text
    assert f'{page(submission)}#q-{second.pk}">{second.question.code}</a>' in text
    refused = client.post(page(submission, "ajukan/"), {"alasan": " "})
    assert refused.status_code == 422
    assert Submission.objects.get().state == State.DRAFT
    sent = client.post(page(submission, "ajukan/"), {"alasan": "Menyusul."})
    assert (sent.status_code, Submission.objects.get().state) == (302, State.SUBMITTED)


def test_after_handing_in_the_page_says_whose_turn_it_is_and_is_read_only(client):
    submission, by = answered()
    client.force_login(by)
    for _ in range(3):
        assert client.post(page(submission, "ajukan/")).status_code == 302
    text = client.get(page(submission)).content.decode()
    assert f"Diajukan {by.get_full_name()}" in text
    assert "Sekarang giliran verifikator memeriksa." in text
    assert 'name="versi"' not in text
    assert Event.objects.filter(verb=Verb.SUBMIT).count() == 1
    assert client.post(page(submission, "tarik/")).status_code == 302
    assert Submission.objects.get().state == State.DRAFT


def test_a_page_opened_before_handing_in_saves_nothing_after(client):
    submission, by = answered()
    client.force_login(by)
    client.post(page(submission, "ajukan/"))
    reply = save(client, answers(submission)[0], tingkat="3")
    assert reply.status_code == 422
    assert "sudah diajukan" in reply.content.decode()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Jakarta"])
@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2024, 3, 29, 16, 59, 59, tzinfo=UTC), True),  # 23.59.59 WIB
        (datetime(2024, 3, 29, 17, 0, 0, tzinfo=UTC), False),  # 00.00.00 WIB
        (datetime(2024, 3, 29, 17, 0, 1, tzinfo=UTC), False),
    ],
)
def test_a_due_date_ends_at_midnight_in_jakarta_wherever_the_server_stands(
    client, monkeypatch, moment, sent, zone
):
    submission, by = answered()
    Submission.objects.update(due_on=date(2024, 3, 29))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with time_machine.travel(moment, tick=False):
            client.login(username=by.username, password=PASSWORD)
            save(client, answers(submission)[0], tingkat="1")
            reply = client.post(page(submission, "ajukan/"))
    finally:
        monkeypatch.undo()
        time.tzset()
    stored = Submission.objects.get()
    assert (reply.status_code, stored.state) == (
        (302, State.SUBMITTED) if sent else (422, State.DRAFT)
    )
    assert Response.objects.get().value == {"level": 1}
    if not sent:
        assert "tersimpan sebagai draf" in reply.content.decode()


def test_a_returned_answer_shows_the_note_and_what_was_changed_since(client):
    submission, by = answered(2)
    first, second = answers(submission)
    reader = verifikator(submission)
    Submission.objects.update(state=State.RETURNED.value)
    for response, verdict, note in (
        (first, Verdict.ACCEPTED, ""),
        (second, Verdict.RETURNED, "Belum <b>bertanda</b> tangan."),
    ):
        review = Review.objects.create(
            response=response,
            version=1,
            verdict=verdict.value,
            level=0 if verdict is Verdict.ACCEPTED else None,
            note=note,
            value={"level": 0},
            by=reader,
        )
        Response.objects.filter(pk=response.pk).update(verdict=verdict.value, last_review=review)
    client.force_login(by)
    text = client.get(page(submission)).content.decode()
    assert "Belum &lt;b&gt;bertanda&lt;/b&gt; tangan." in text
    assert text.index(f'id="q-{second.pk}"') < text.index(f'id="q-{first.pk}"')
    assert "1 belum diperbaiki" in text
    save(client, answers(submission)[1], tingkat="1")
    text = client.get(page(submission)).content.decode()
    assert "Berubah sejak diperiksa: jawaban semula Lengkap dan berjalan." in text
    assert client.post(page(submission, "ajukan/")).status_code == 302
    assert Submission.objects.get().state == State.SUBMITTED


# --- the list ------------------------------------------------------------------------------------


def year_of(count):
    """One agency with that many submissions in one year."""
    instrument = make_instrument()
    agency = make_agency()
    for _ in range(count):
        assign(make_question(make_indicator(instrument), evidence_required=True), agency)
    publish(instrument)
    return make_assessment(agency.region, instrument), agency


def test_the_list_begins_with_what_was_returned_then_what_is_due_then_what_is_worth_most(client):
    assessment, agency = year_of(5)
    returned, near, rich, poor, waiting = Submission.objects.order_by("indicator__order")
    Submission.objects.filter(pk=returned.pk).update(state=State.RETURNED.value)
    Submission.objects.filter(pk=near.pk).update(due_on=date(2098, 1, 1))
    Submission.objects.filter(pk=waiting.pk).update(state=State.SUBMITTED.value)
    Response.objects.filter(submission=poor).update(verdict="diterima", verified_share="0.5")
    client.force_login(make_user(Role.OPERATOR, agency=agency))
    reply = client.get("/isian/")
    owing = reply.context["owing"]
    assert [row.submission for row in owing.todo] == [returned, near, rich, poor]
    assert [row.submission for row in owing.waiting] == [waiting]
    assert "Harus dikerjakan (4)" in reply.content.decode()
    del assessment


def test_an_empty_list_says_whom_to_call(client):
    region = make_region(contact="DP3AP2KB, (022) 000000")
    user = make_user(Role.OPERATOR, agency=make_agency(region))
    client.force_login(user)
    text = client.get("/isian/").content.decode()
    assert "Tidak ada penilaian yang sedang dibuka" in text
    assert "DP3AP2KB, (022) 000000" in text


def test_without_a_contact_the_secretariat_is_named(client):
    region = make_region()
    make_agency(region, name="Sekretariat Uji", is_secretariat=True)
    client.force_login(make_user(Role.OPERATOR, agency=make_agency(region)))
    assert "Sekretariat Uji" in client.get("/isian/").content.decode()


def test_another_agency_is_chosen_by_those_who_see_the_region_only(client):
    _, agency = year_of(1)
    other = make_agency(agency.region)
    foreign = make_agency()
    client.force_login(make_user(Role.VERIFIKATOR, region=agency.region, agency=other))
    assert client.get("/isian/").context["agency"] == other
    assert client.get(f"/isian/?perangkat={agency.code}").context["agency"] == agency
    assert client.get(f"/isian/?perangkat={foreign.code}").context["agency"] == other
    client.force_login(make_user(Role.OPERATOR, agency=other))
    shown = client.get(f"/isian/?perangkat={agency.code}")
    assert (shown.context["agency"], shown.context["agencies"]) == (other, [])


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_queries_for_any_number(client, django_assert_num_queries, count):
    _, agency = year_of(count)
    client.force_login(make_user(Role.OPERATOR, agency=agency))
    client.get("/isian/")
    with django_assert_num_queries(7):
        client.get("/isian/")


def led_and_supported(count):
    """A lead's submission whose questions all have a support that gave something."""
    instrument = make_instrument()
    indicator = make_indicator(instrument)
    region = make_region()
    lead, support = make_agency(region), make_agency(region)
    for _ in range(count):
        question = make_question(indicator)
        assign(question, lead)
        assign(question, support, AssignmentRole.SUPPORT)
    publish(instrument)
    assessment = make_assessment(region, instrument)
    Response.objects.filter(role=AssignmentRole.SUPPORT).update(note="Kami bantu.")
    return assessment.submissions.for_work().get(agency=lead)


@pytest.mark.parametrize("count", [1, 20])
def test_the_form_takes_the_same_queries_for_any_number(client, django_assert_num_queries, count):
    submission = led_and_supported(count)
    client.force_login(operator(submission))
    client.get(page(submission))
    with django_assert_num_queries(9):
        text = client.get(page(submission)).content.decode()
    assert text.count("Kami bantu.") == count


@pytest.mark.parametrize("count", [1, 20])
def test_the_form_of_a_support_takes_the_same_queries_for_any_number(
    client, django_assert_num_queries, count
):
    lead = led_and_supported(count)
    submission = lead.assessment.submissions.for_work().exclude(pk=lead.pk).get()
    client.force_login(operator(submission))
    client.get(page(submission))
    with django_assert_num_queries(8):
        text = client.get(page(submission)).content.decode()
    assert text.count("Kami bantu.") == count


@pytest.mark.parametrize("count", [1, 20])
def test_a_save_takes_the_same_queries_for_any_number(client, django_assert_num_queries, count):
    submission = led_and_supported(count)
    client.force_login(operator(submission))
    first = answers(submission)[0]
    save(client, first)
    with django_assert_num_queries(8):
        save(client, answers_by_pk(first), tingkat="1")


def answers_by_pk(response):
    response.version += 1
    return response


def test_the_form_of_63_questions_stays_light(client):
    submission = make_work(63)
    client.force_login(operator(submission))
    assert len(client.get(page(submission)).content) < 200_000


def test_a_closed_year_is_no_longer_owed(client):
    _, agency = year_of(1)
    Assessment.objects.update(closed_at=datetime(2024, 12, 31, tzinfo=UTC))
    client.force_login(make_user(Role.OPERATOR, agency=agency))
    assert client.get("/isian/").context["assessment"] is None


# --- the administrator's look --------------------------------------------------------------------

MODELS = ["assessment", "submission", "response", "evidence", "review", "event"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ADMINISTRATOR, 200),
        (Role.VERIFIKATOR, 302),
        (Role.PIMPINAN, 302),
        (Role.OPERATOR, 302),
    ],
)
def test_only_the_administrator_looks_up_and_nobody_changes(client, model, role, status):
    submission, _ = answered()
    Review.objects.create(
        response=answers(submission)[0], version=1, verdict="diterima", by=verifikator(submission)
    )
    region = submission.agency.region
    agency = submission.agency if role is Role.OPERATOR else None
    client.force_login(make_user(role, region=region, agency=agency))
    assert client.get(f"/admin/submissions/{model}/").status_code == status
    assert client.get(f"/admin/submissions/{model}/add/").status_code == (
        403 if status == 200 else 302
    )
    held = admin.site.get_model_admin(apps.get_model("submissions", model))
    request = RequestFactory().get("/")
    request.user = make_user(Role.ADMINISTRATOR, region=region)
    assert (
        held.has_add_permission(request),
        held.has_change_permission(request),
        held.has_delete_permission(request),
    ) == (False, False, False)


def test_an_administrator_of_one_region_looks_up_no_other(client):
    submission, _ = answered()
    other, _ = answered()
    client.force_login(make_user(Role.ADMINISTRATOR, region=submission.agency.region))
    assert client.get(f"/admin/submissions/submission/{submission.pk}/change/").status_code == 200
    assert client.get(f"/admin/submissions/submission/{other.pk}/change/").status_code == 302
    assert Agency.objects.count() >= 2
