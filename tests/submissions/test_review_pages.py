"""The verifikator's pages over HTTP: who sees them, what they say, what a POST does or not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AssignmentRole
from agencies.roles import Role
from indicators.wording import NOTHING
from submissions.actions import handing_in, reviewing
from submissions.actions.evidence import attach_link
from submissions.models import Event, Response, Review, ReviewDraft, Submission, Verb
from submissions.workflow import State, Verdict
from tests.factories import (
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
from tests.submissions.review_case import (
    ACCEPT,
    NOW,
    RETURN,
    TODAY,
    answers,
    attach,
    hand_in,
    say,
    submitted,
    verifikator,
)

pytestmark = pytest.mark.django_db

QUEUE = "/verifikasi/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def page(submission, name="review", **query) -> str:
    return reverse(name, args=[submission.pk], query=query)


def decision(answer, verdict=ACCEPT, **changes) -> dict:
    values = {
        "jawaban": answer.pk,
        "versi": answer.version,
        "terakhir": answer.last_review_id or "",
        "hasil": str(verdict),
        "tingkat": 0,
        "catatan": "" if verdict == ACCEPT else "SK belum ditandatangani.",
    }
    return values | changes


def text(response) -> str:
    return " ".join(response.content.decode().split())


def town(offices=2, indicators=2, questions=1, points=10):
    """Each office leads questions of its own in every indicator: offices x indicators rows."""
    instrument = make_instrument()
    region = make_region()
    agencies = [make_agency(region) for _ in range(offices)]
    for _ in range(indicators):
        indicator = make_indicator(instrument)
        for agency in agencies:
            for _ in range(questions):
                assign(make_question(indicator, max_points=Decimal(points)), agency)
    publish(instrument)
    return make_assessment(region, instrument)


# --- who sees what -------------------------------------------------------------------------------

PAGES = ["review", "review_finish", "review_reopen"]
POSTS = ["review", "review_draft", "review_undo", "review_return_empty", "review_finish"]
POSTS += ["review_reopen"]
WHO = [
    (None, True, 302),
    (Role.OPERATOR, True, 403),
    (Role.OPERATOR, False, 404),
    (Role.PIMPINAN, True, 403),
    (Role.PIMPINAN, False, 404),
    (Role.ADMINISTRATOR, True, 403),
    (Role.VERIFIKATOR, False, 404),
]


def sign_in(client, submission, role, *, own):
    if role is None:
        return
    if role is Role.OPERATOR:
        agency = submission.agency if own else make_agency(submission.agency.region)
        client.force_login(make_user(role, agency=agency))
    else:
        region = submission.agency.region if own else make_region()
        client.force_login(make_user(role, region=region))


@pytest.mark.parametrize(("role", "own", "status"), WHO)
@pytest.mark.parametrize("name", PAGES)
def test_only_the_verifikator_of_the_region_reads_a_review(client, name, role, own, status):
    submission = submitted()
    sign_in(client, submission, role, own=own)
    assert client.get(page(submission, name)).status_code == status


@pytest.mark.parametrize(("role", "own", "status"), WHO)
@pytest.mark.parametrize("name", POSTS)
def test_nobody_else_posts_a_review(client, name, role, own, status):
    submission = submitted()
    [answer] = answers(submission)
    sign_in(client, submission, role, own=own)
    reply = client.post(page(submission, name), decision(answer))
    assert reply.status_code == status
    assert (Review.objects.count(), ReviewDraft.objects.count()) == (0, 0)
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


@pytest.mark.parametrize("name", PAGES)
def test_the_verifikator_reads_a_review(client, name):
    submission = submitted()
    client.force_login(verifikator(submission))
    assert client.get(page(submission, name)).status_code == 200


def test_another_regions_review_and_one_that_never_was_answer_the_same(client):
    foreign = submitted()
    client.force_login(make_user(Role.VERIFIKATOR))
    first = client.get(page(foreign))
    second = client.get(f"{QUEUE}999999/")
    assert (first.status_code, second.status_code) == (404, 404)
    assert first.content == second.content


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 302),
        (Role.OPERATOR, 403),
        (Role.PIMPINAN, 403),
        (Role.ADMINISTRATOR, 403),
        (Role.VERIFIKATOR, 200),
    ],
)
@pytest.mark.parametrize("path", [QUEUE, "/verifikasi/tenggat/"])
def test_the_queue_is_for_the_verifikator(client, path, role, status):
    submission = submitted()
    sign_in(client, submission, role, own=True)
    assert client.get(path).status_code == status


def test_reading_writes_nothing(client, django_assert_num_queries):
    submission = submitted(2, evidence_required=True)
    client.force_login(verifikator(submission))
    before = Event.objects.count(), Review.objects.count(), list(Submission.objects.values())
    for path in (QUEUE, *(page(submission, name) for name in PAGES), "/verifikasi/tenggat/"):
        client.get(path)
    assert (
        Event.objects.count(),
        Review.objects.count(),
        list(Submission.objects.values()),
    ) == before


# --- the queue -----------------------------------------------------------------------------------


def rows(reply) -> list[int]:
    return [row.submission.pk for row in reply.context["rows"]]


def test_the_queue_shows_what_waits_in_the_own_region_only(client):
    mine, foreign = submitted(), submitted()
    client.force_login(verifikator(mine))
    reply = client.get(QUEUE)
    assert rows(reply) == [mine.pk]
    assert foreign.agency.name not in reply.content.decode()


def test_the_oldest_day_comes_first_and_on_a_day_the_most_valuable(client):
    assessment = town(1, 4)
    first, second, third, fourth = assessment.submissions.order_by("pk")
    plan = [
        # day of March, hour UTC, share claimed
        (first, 20, 3, 1),
        (second, 19, 18, "0.5"),  # 01.00 WIB on the 20th
        (third, 19, 3, "0.25"),
        (fourth, 20, 2, 0),
    ]
    for submission, day, hour, share in plan:
        hand_in(submission)
        submission.responses.update(claim_share=Decimal(share))
        at = datetime(2024, 3, day, hour, tzinfo=UTC)
        Submission.objects.filter(pk=submission.pk).update(submitted_at=at)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    reply = client.get(QUEUE)
    assert rows(reply) == [third.pk, first.pk, second.pk, fourth.pk]
    assert [row.waiting for row in reply.context["rows"]] == [
        Decimal("2.5"),
        Decimal(10),
        Decimal(5),
        Decimal(0),
    ]


def test_an_area_waits_with_its_part_of_the_points(client):
    instrument = make_instrument()
    question = make_question(make_indicator(instrument), "area_share", level="kelurahan")
    region = make_region()
    for _ in range(4):
        assign(question, make_agency(region, kind="kelurahan"), AssignmentRole.AREA)
    publish(instrument)
    assessment = make_assessment(region, instrument)
    hand_in(assessment.submissions.order_by("pk").first())
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    [row] = client.get(QUEUE).context["rows"]
    assert row.waiting == Decimal("2.5")


def test_what_is_judged_no_longer_waits(client):
    submission = submitted(3, evidence_required=True)
    by = verifikator(submission)
    _, second, _ = answers(submission)
    attach(second, by)
    say(second, by)
    client.force_login(by)
    [row] = client.get(QUEUE).context["rows"]
    assert (row.asked, row.checked, row.unproven, row.waiting) == (3, 1, 2, Decimal(20))


def test_the_counts_add_up_under_any_filter(client):
    assessment = town(2, 4)
    states = [State.SUBMITTED, State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.DRAFT]
    for submission, state in zip(assessment.submissions.order_by("pk"), states, strict=False):
        Submission.objects.filter(pk=submission.pk).update(state=state.value, submitted_at=NOW)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    agency = assessment.submissions.first().agency
    for query in ("", f"?perangkat={agency.code}", "?kata=tidak-ada", "?keadaan=draf"):
        reply = client.get(QUEUE + query)
        *parts, total = [tab["count"] for tab in reply.context["tabs"]]
        assert sum(parts) == total
    reply = client.get(QUEUE)
    assert [tab["count"] for tab in reply.context["tabs"]] == [2, 1, 1, 1, 3, 8]
    for tab in reply.context["tabs"]:
        assert len(rows(client.get(QUEUE + tab["href"]))) == tab["count"]


def test_filters_narrow_by_cluster_indicator_agency_and_words(client):
    assessment = town(2, 2)
    for submission in assessment.submissions.all():
        hand_in(submission)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    wanted = assessment.submissions.select_related("indicator__cluster", "agency").order_by("pk")[2]
    same = set(
        assessment.submissions.filter(indicator=wanted.indicator).values_list("pk", flat=True)
    )
    found = {
        query: set(rows(client.get(QUEUE, query_params)))
        for query, query_params in {
            "klaster": {"klaster": wanted.indicator.cluster.code},
            "indikator": {"indikator": wanted.indicator.code},
            "perangkat": {"perangkat": wanted.agency.code, "indikator": wanted.indicator.code},
            "kata": {"kata": f"{wanted.indicator.name} {wanted.agency.name.split()[-1]}"},
        }.items()
    }
    assert found == {
        "klaster": same,
        "indikator": same,
        "perangkat": {wanted.pk},
        "kata": {wanted.pk},
    }


def test_an_address_that_makes_no_sense_is_as_if_it_said_nothing(client):
    submission = submitted()
    foreign = make_agency()
    client.force_login(verifikator(submission))
    for query in (
        "?page=999",
        "?page=x",
        "?keadaan=entah",
        "?klaster=ZZZ&lain=1",
        f"?perangkat={foreign.code}",
        "?tahun=1999",
        "?tahun=99999999999999999999",
        "?urut=-password",
    ):
        reply = client.get(QUEUE + query)
        assert (reply.status_code, rows(reply)) == (200, [submission.pk])


def test_a_long_queue_is_paged(client):
    assessment = town(1, 53)
    assessment.submissions.update(state=State.SUBMITTED.value, submitted_at=NOW)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    assert [len(rows(client.get(QUEUE, {"page": n}))) for n in (1, 2)] == [50, 3]


def test_every_row_leads_to_its_review_with_the_filter_kept(client):
    submission = submitted()
    client.force_login(verifikator(submission))
    reply = client.get(QUEUE, {"kata": "indikator", "page": "1", "lain": "x"})
    assert f'href="/verifikasi/{submission.pk}/?kata=indikator"' in reply.content.decode()


def test_an_empty_queue_says_so(client):
    region = make_region()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    assert "Tidak ada tahun penilaian yang sedang dibuka" in text(client.get(QUEUE))


# --- one review ----------------------------------------------------------------------------------


def test_the_page_opens_at_the_first_answer_that_waits(client):
    submission = submitted(3)
    by = verifikator(submission)
    say(answers(submission)[0], by)
    client.force_login(by)
    reply = client.get(page(submission))
    assert reply.context["response"] == answers(submission)[1]
    chosen = client.get(page(submission, jawaban=answers(submission)[2].pk))
    assert chosen.context["response"] == answers(submission)[2]


def test_an_answer_of_another_submission_is_not_shown_here(client):
    submission, foreign = submitted(), submitted()
    client.force_login(verifikator(submission))
    reply = client.get(page(submission, jawaban=answers(foreign)[0].pk))
    assert reply.context["response"] == answers(submission)[0]


def test_a_session_has_a_place_and_a_way_on_in_the_filter(client):
    assessment = town(1, 4)
    first, second, third, other = assessment.submissions.order_by("pk")
    for submission in (first, second, third):
        hand_in(submission)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    reply = client.get(page(second, kata="indikator"))
    assert "isian 2 dari 3" in text(reply)
    content = reply.content.decode()
    assert f'href="/verifikasi/{first.pk}/?kata=indikator" rel="prev"' in content
    assert f'href="/verifikasi/{third.pk}/?kata=indikator" rel="next"' in content
    assert "di luar saringan antrean" in text(client.get(page(other)))


def test_accepting_goes_to_the_next_that_waits_and_after_the_last_to_the_end(client):
    submission = submitted(3)
    first, second, third = answers(submission)
    client.force_login(verifikator(submission))
    path = page(submission, kata="indikator")
    on = client.post(path, decision(second))
    assert on.status_code == 302
    assert parse_qs(urlsplit(on.url).query) == {"kata": ["indikator"], "jawaban": [str(third.pk)]}
    on = client.post(path, decision(third, RETURN))
    assert parse_qs(urlsplit(on.url).query)["jawaban"] == [str(first.pk)]
    on = client.post(path, decision(first, tingkat=1))
    assert on.url == page(submission, "review_finish", kata="indikator")
    assert [each.verdict for each in answers(submission)] == [ACCEPT, ACCEPT, RETURN]
    assert answers(submission)[0].verified_share == Decimal("0.75")


def test_skipping_leads_on_and_leaves_the_answer_waiting(client):
    submission = submitted(3)
    by = verifikator(submission)
    first, second, third = answers(submission)
    say(second, by)
    client.force_login(by)
    assert client.get(page(submission)).context["skip"] == page(submission, jawaban=third.pk)
    last = client.get(page(submission, jawaban=third.pk))
    assert last.context["skip"] == page(submission, jawaban=first.pk)
    assert answers(submission)[0].verdict == Verdict.NONE


def test_returning_without_a_note_keeps_what_was_chosen(client):
    submission = submitted()
    [answer] = answers(submission)
    client.force_login(verifikator(submission))
    reply = client.post(page(submission), decision(answer, RETURN, catatan=" ", tingkat=2))
    assert (reply.status_code, reply.context["chosen"]) == (422, 2)
    assert "Tulis catatan" in text(reply)
    assert answers(submission)[0].verdict == Verdict.NONE


def test_a_usual_reason_alone_is_a_note(client):
    submission = submitted()
    [answer] = answers(submission)
    client.force_login(verifikator(submission))
    reason = "Berkas tidak terbaca atau tidak dapat dibuka."
    client.post(page(submission), decision(answer, RETURN, alasan=reason, catatan="Halaman 3."))
    assert answers(submission)[0].last_review.note == f"{reason} Halaman 3."


def test_accepting_without_the_required_evidence_asks_for_a_reason(client):
    submission = submitted(evidence_required=True)
    [answer] = answers(submission)
    client.force_login(verifikator(submission))
    reply = client.post(page(submission), decision(answer))
    assert reply.status_code == 422
    assert "Data dukung yang diwajibkan belum ada" in text(reply)
    client.post(page(submission), decision(answer, tanpa_bukti="Dilihat di lapangan."))
    assert answers(submission)[0].unproven_reason == "Dilihat di lapangan."
    assert "Tanpa data dukung: Dilihat di lapangan." in text(
        client.get(page(submission, "review_finish"))
    )


def test_what_may_not_come_from_a_post_does_not(client):
    submission = submitted()
    [answer] = answers(submission)
    by, other = verifikator(submission), verifikator(submission)
    client.force_login(by)
    more = {
        "verdict": "dikembalikan",
        "verified_share": "0.3",
        "verified_level": 3,
        "claim_share": "0",
        "claim_level": 4,
        "version": 99,
        "value": "{}",
        "by": other.pk,
        "at": "2001-01-01",
        "state": "diterima",
        "agency": make_agency().pk,
        "submission": 0,
        "due_on": "2001-01-01",
    }
    client.post(page(submission), decision(answer) | more)
    [stored] = answers(submission)
    assert (stored.verdict, stored.verified_share, stored.verified_level) == (ACCEPT, 1, 0)
    assert (stored.claim_share, stored.claim_level, stored.version) == (1, 0, 1)
    assert stored.last_review.by == by
    assert stored.last_review.at.year == timezone.now().year
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


def test_a_post_sent_twice_is_one_verdict(client):
    submission = submitted()
    [answer] = answers(submission)
    client.force_login(verifikator(submission))
    replies = [client.post(page(submission), decision(answer)) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [302, 302, 302]
    assert Review.objects.count() == 1


def test_the_second_of_two_reviewers_is_told_who_was_first_and_keeps_the_note(client):
    submission = submitted()
    [answer] = answers(submission)
    first = verifikator(submission, name="Ibu Ratna")
    given = say(answer, first)
    client.force_login(verifikator(submission))
    sent = decision(answer, RETURN, catatan="Tahun data keliru.")
    reply = client.post(page(submission), sent)
    assert reply.status_code == 409
    assert "Ibu Ratna sudah menerima jawaban ini" in text(reply)
    assert "Tahun data keliru." in reply.content.decode()
    assert answers(submission)[0].last_review == given
    again = reply.context["form"].data
    assert (again["terakhir"], again["versi"]) == (str(given.pk), "1")
    assert client.post(page(submission), sent | {"terakhir": given.pk}).status_code == 302
    assert answers(submission)[0].verdict == RETURN


def test_an_answer_edited_while_a_reviewer_reads_is_shown_anew(client):
    submission = submitted()
    [answer] = answers(submission)
    operator = make_user(agency=submission.agency, name="Pak Dadang")
    submission.responses.update(
        version=2, value={"level": 3}, claim_level=3, changed_by=operator, changed_at=NOW
    )
    client.force_login(verifikator(submission))
    reply = client.post(page(submission), decision(answer, catatan="Baik."))
    assert reply.status_code == 409
    assert "Jawaban ini diubah Pak Dadang pada 20 Maret 2024 pukul 10.42 WIB" in text(reply)
    assert (reply.context["claim"], "Baik." in reply.content.decode()) == ("Baru mulai", True)
    assert answers(submission)[0].verdict == Verdict.NONE


def test_a_page_from_before_the_mending_decides_nothing(client):
    """Mended with a file alone, an answer has the version and the last review that it had."""
    submission = submitted()
    by, operator = verifikator(submission), make_user(agency=submission.agency)
    say(answers(submission)[0], by, RETURN)
    client.force_login(by)
    [answer] = answers(submission)
    open_tab = client.get(page(submission)).context["form"].initial["putusan"]
    reviewing.finish(submission, by=by, today=TODAY, now=NOW)
    attach_link(answer, url="https://contoh.example/sk-baru", name="", by=operator, now=NOW)
    handing_in.submit(
        submission, reason="", by=operator, today=TODAY, now=NOW + timedelta(minutes=9)
    )
    sent = decision(answer, putusan=open_tab)
    reply = client.post(page(submission), sent)
    assert (reply.status_code, Review.objects.count()) == (409, 1)
    assert "diajukan lagi pada 20 Maret 2024 pukul 10.51 WIB" in text(reply)
    again = sent | {"putusan": reply.context["form"].data["putusan"]}
    assert client.post(page(submission), again).status_code == 302
    assert answers(submission)[0].verdict == ACCEPT


def test_work_taken_back_while_a_reviewer_reads_is_told(client):
    submission = submitted()
    [answer] = answers(submission)
    Submission.objects.update(state=State.DRAFT.value)
    client.force_login(verifikator(submission))
    reply = client.post(page(submission), decision(answer))
    assert reply.status_code == 409
    assert "sudah berpindah menjadi draf" in text(reply)
    assert Review.objects.count() == 0


def test_the_note_saves_itself_and_survives_a_reload(client):
    submission = submitted()
    [answer] = answers(submission)
    client.force_login(verifikator(submission))
    sent = decision(answer, tingkat=3, catatan="Setengah jadi")
    reply = client.post(page(submission, "review_draft"), sent, **HTMX)
    assert reply.status_code == 200
    assert text(reply).startswith("<span")
    assert "Draf tersimpan " in text(reply)
    shown = client.get(page(submission))
    assert "Setengah jadi" in shown.content.decode()
    assert (shown.context["chosen"], "Draf tersimpan" in text(shown)) == (3, True)


def test_a_draft_for_an_answer_elsewhere_is_not_there(client):
    submission, foreign = submitted(), submitted()
    client.force_login(verifikator(submission))
    sent = decision(answers(foreign)[0], catatan="x")
    assert client.post(page(submission, "review_draft"), sent, **HTMX).status_code == 404
    assert ReviewDraft.objects.count() == 0


def test_a_draft_that_comes_too_late_says_so(client):
    submission = submitted()
    [answer] = answers(submission)
    by = verifikator(submission)
    say(answer, by)
    client.force_login(by)
    reply = client.post(page(submission, "review_draft"), decision(answer, catatan="x"), **HTMX)
    assert "Draf tidak disimpan" in text(reply)
    assert ReviewDraft.objects.count() == 0


def test_a_verdict_can_be_taken_back(client):
    submission = submitted()
    by = verifikator(submission)
    say(answers(submission)[0], by)
    client.force_login(by)
    client.post(page(submission, "review_undo"), decision(answers(submission)[0]))
    assert answers(submission)[0].verdict == Verdict.NONE


def test_the_exact_number_of_empty_answers_is_shown_and_returned(client):
    submission = submitted(3, claimed=False)
    first, *_ = answers(submission)
    Response.objects.filter(pk=first.pk).update(value={"level": 0}, claim_level=0, claim_share=1)
    client.force_login(verifikator(submission))
    assert "Kembalikan 2 jawaban kosong" in text(client.get(page(submission)))
    client.post(page(submission, "review_return_empty"), {"jumlah": 3})
    assert Review.objects.count() == 0
    client.post(page(submission, "review_return_empty"), {"jumlah": 2})
    assert [each.verdict for each in answers(submission)] == ["", RETURN, RETURN]


def test_a_mended_answer_is_shown_beside_what_it_was(client):
    submission = submitted()
    by = verifikator(submission)
    [answer] = answers(submission)
    attach(answer, by)
    say(answer, by, RETURN)
    client.force_login(by)
    submission.responses.update(verdict="", version=2)
    assert "Tidak ada yang diubah." in text(client.get(page(submission)))
    submission.responses.update(value={"level": 2}, claim_level=2, note="Sudah diperbaiki.")
    new = attach(answer, by)
    new.name = "SK baru"
    new.save(update_fields=["name"])
    changes = client.get(page(submission)).context["changes"]
    assert [(each.name, each.before, each.now) for each in changes] == [
        ("Jawaban", "Lengkap dan berjalan", "Sebagian"),
        ("Catatan", NOTHING, "Sudah diperbaiki."),
        ("Data dukung", NOTHING, "SK baru"),
    ]
    reply = client.get(page(submission))
    assert "SK belum ditandatangani." in text(reply)
    assert reply.context["shown"].name == "SK baru"


def test_last_years_answer_stands_beside_or_it_says_that_there_is_none(client):
    submission = submitted()
    client.force_login(verifikator(submission))
    assert "Belum ada data tahun lalu." in text(client.get(page(submission)))
    assessment = submission.assessment
    before = make_assessment(assessment.region, assessment.instrument, year=2023, data_year=2022)
    before.responses.update(
        value={"level": 1},
        claim_level=1,
        verdict=ACCEPT,
        verified_level=1,
        verified_share=Decimal("0.75"),
    )
    told = "Tahun 2023: Sebagian besar, terbukti 7,50 poin."
    assert told in text(client.get(page(submission)))


def test_what_the_supporting_offices_gave_stands_beside_the_leads_answer(client):
    instrument = make_instrument()
    question = make_question(make_indicator(instrument))
    lead = make_agency()
    support = make_agency(lead.region, name="Kepolisian Resor Uji")
    assign(question, lead)
    assign(question, support, AssignmentRole.SUPPORT)
    publish(instrument)
    assessment = make_assessment(lead.region, instrument)
    given = assessment.responses.select_related("submission__agency").get(role="support")
    by = make_user(Role.VERIFIKATOR, region=lead.region)
    attach(given, by)
    Response.objects.filter(pk=given.pk).update(note="Data kami dari tiga polsek.")
    submission = assessment.submissions.for_work().get(agency=lead)
    hand_in(submission)
    client.force_login(by)
    said = text(client.get(page(submission)))
    assert "Dari pendukung Kepolisian Resor Uji" in said
    assert "Data kami dari tiga polsek." in said
    assert "https://contoh.example/sk" in said


def test_text_that_someone_typed_is_shown_as_text(client):
    submission = submitted()
    submission.responses.update(note="<script>alert(1)</script>")
    client.force_login(verifikator(submission))
    content = client.get(page(submission)).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


# --- the end -------------------------------------------------------------------------------------


def test_the_end_shows_what_the_agency_will_see_and_goes_on_in_the_queue(client):
    assessment = town(1, 3, questions=2)
    first, second, third = assessment.submissions.for_work().order_by("pk")
    for submission in (first, second, third):
        hand_in(submission)
    by = make_user(Role.VERIFIKATOR, region=assessment.region)
    client.force_login(by)
    one, two = answers(first)
    say(one, by, level=1)
    assert "Masih ada 1 jawaban yang belum diperiksa" in text(
        client.get(page(first, "review_finish"))
    )
    given = say(two, by, RETURN)
    shown = client.get(page(first, "review_finish", kata="indikator"))
    said = text(shown)
    for part in ("akan dikembalikan", "SK belum ditandatangani.", "Sebagian besar", "7,50"):
        assert part in said
    due = shown.context["due_on"]
    assert due == timezone.localdate() + timedelta(days=3)
    on = client.post(
        page(first, "review_finish", kata="indikator"),
        {"terakhir": given.pk, "tenggat": due.isoformat()},
    )
    assert on.url == page(second, kata="indikator")
    first.refresh_from_db()
    assert (first.state, first.due_on) == (State.RETURNED, due)


def test_the_end_of_the_queue_leads_back_to_it(client):
    submission = submitted()
    by = verifikator(submission)
    given = say(answers(submission)[0], by)
    client.force_login(by)
    on = client.post(page(submission, "review_finish"), {"terakhir": given.pk})
    assert on.url == QUEUE
    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED


def test_the_end_is_not_confirmed_on_verdicts_that_were_not_seen(client):
    submission = submitted()
    by = verifikator(submission)
    first = say(answers(submission)[0], by)
    say(answers(submission)[0], by, RETURN)
    client.force_login(by)
    on = client.post(page(submission, "review_finish"), {"terakhir": first.pk})
    assert on.url == page(submission, "review_finish")
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


@pytest.mark.parametrize("due", ["2001-01-01", "besok"])
def test_a_due_date_that_cannot_be_is_refused(client, due):
    submission = submitted()
    by = verifikator(submission)
    given = say(answers(submission)[0], by, RETURN)
    client.force_login(by)
    sent = {"terakhir": given.pk, "tenggat": due}
    assert client.post(page(submission, "review_finish"), sent).status_code == 422
    submission.refresh_from_db()
    assert submission.state == State.SUBMITTED


def test_reopening_asks_which_answers_and_why(client):
    submission = submitted(3)
    by = verifikator(submission)
    for answer in answers(submission):
        attach(answer, by)
        given = say(answer, by)
    client.force_login(by)
    client.post(page(submission, "review_finish"), {"terakhir": given.pk})
    path = page(submission, "review_reopen")
    assert client.post(path, {"alasan": "Keliru."}).status_code == 422
    foreign = answers(submitted())[0]
    assert client.post(path, {"alasan": "Keliru.", "jawaban": foreign.pk}).status_code == 422
    first, second, _ = answers(submission)
    sent = {"alasan": "Keliru.", "jawaban": [first.pk, second.pk]}
    assert client.post(path, sent).status_code == 302
    submission.refresh_from_db()
    assert submission.state == State.RETURNED
    assert [each.verdict for each in answers(submission)] == [RETURN, RETURN, ACCEPT]
    assert [each.last_review.evidence.count() for each in answers(submission)] == [1, 1, 1]


# --- due dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["agency", "terlambat", "semua"])
def test_due_dates_move_for_one_agency_or_for_all_that_is_late(client, whose):
    assessment = town(2, 2)
    today = timezone.localdate()
    late, near, *rest = assessment.submissions.select_related("agency").order_by("pk")
    Submission.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=2))
    hand_in(rest[0])
    foreign = town(1, 1).submissions.get()
    Submission.objects.filter(pk=foreign.pk).update(due_on=date(2020, 1, 1))
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    later = today + timedelta(days=5)
    sent = late.agency.code if whose == "agency" else whose
    expected = {
        "agency": {s.pk for s in (late, near, rest[1]) if s.agency_id == late.agency_id},
        "terlambat": {late.pk},
        "semua": {late.pk, near.pk, rest[1].pk},
    }[whose]
    reply = client.post("/verifikasi/tenggat/", {"untuk": sent, "tenggat": later.isoformat()})
    assert reply.status_code == 302
    moved = Submission.objects.filter(due_on=later).values_list("pk", flat=True)
    assert set(moved) == expected
    assert Event.objects.filter(verb=Verb.EXTEND).count() == len(expected)


@pytest.mark.parametrize(("role", "own", "status"), [*WHO[:4], (Role.ADMINISTRATOR, True, 403)])
def test_nobody_else_moves_a_due_date(client, role, own, status):
    submission = submitted()
    Submission.objects.update(state=State.DRAFT.value)
    sign_in(client, submission, role, own=own)
    sent = {"untuk": "semua", "tenggat": "2098-01-01"}
    assert client.post("/verifikasi/tenggat/", sent).status_code == (403 if role else status)
    submission.refresh_from_db()
    assert submission.due_on == TODAY


def test_a_verifikator_elsewhere_moves_nothing_here(client):
    submission = submitted()
    Submission.objects.update(state=State.DRAFT.value)
    elsewhere = town(1, 1)
    client.force_login(make_user(Role.VERIFIKATOR, region=elsewhere.region))
    for whose in ("semua", submission.agency.code):
        client.post("/verifikasi/tenggat/", {"untuk": whose, "tenggat": "2098-01-01"})
    submission.refresh_from_db()
    assert submission.due_on == TODAY


@pytest.mark.parametrize("sent", [{"tenggat": "2001-01-01"}, {"untuk": "entah"}, {"tenggat": ""}])
def test_a_due_date_that_makes_no_sense_moves_nothing(client, sent):
    assessment = town(1, 1)
    client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
    values = {"untuk": "semua", "tenggat": "2098-01-01"} | sent
    assert client.post("/verifikasi/tenggat/", values).status_code == 422
    assert Event.objects.filter(verb=Verb.EXTEND).count() == 0


# --- what it costs -------------------------------------------------------------------------------


def queries(client, path, django_assert_max_num_queries, limit):
    with django_assert_max_num_queries(limit) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_a_review_costs_the_same_for_one_question_and_for_twenty(
    client, django_assert_max_num_queries
):
    found = {}
    for count in (1, 20):
        submission = submitted(count, evidence_required=True)
        by = verifikator(submission)
        for answer in answers(submission)[1:]:
            attach(answer, by)
            say(answer, by)
        attach(answers(submission)[0], by)
        client.force_login(by)
        path = page(submission, jawaban=answers(submission)[0].pk)
        found[count] = [
            queries(client, path, django_assert_max_num_queries, 17),
            queries(client, page(submission, "review_finish"), django_assert_max_num_queries, 7),
        ]
    assert found[1] == found[20]


def test_the_queue_costs_the_same_for_one_row_and_for_many(client, django_assert_max_num_queries):
    found = {}
    for count in (1, 20):
        assessment = town(1, count, questions=2)
        for submission in assessment.submissions.for_work():
            hand_in(submission)
        client.force_login(make_user(Role.VERIFIKATOR, region=assessment.region))
        found[count] = [
            queries(client, QUEUE, django_assert_max_num_queries, 14),
            queries(client, "/verifikasi/tenggat/", django_assert_max_num_queries, 8),
        ]
    assert found[1] == found[20]
