"""Who may answer for which area, what the history says of it, and which doors stay shut."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from submissions.actions import answering, evidence
from submissions.models import Event, Evidence, Response, Submission, Verb
from submissions.workflow import State
from tests.e2e.case import store
from tests.submissions.areas_case import make_city, said
from tests.test_access import body_of

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 20, 3, 42, tzinfo=UTC)
TODAY = date(2024, 3, 20)
YES = {"yes": True}


@pytest.fixture
def city():
    return make_city()


def answer(response, by, *, value=YES, version=0, note=""):
    return answering.answer(response, value=value, note=note, version=version, by=by, now=NOW)


# --- the table: who answers for whom -----------------------------------------------------------

# who                Cibabat's area answer, Utama's, kecamatan Utara's, Cibabat's as a support
MAY_ANSWER = {
    "utara":           (True, False, True, False),
    "selatan":         (False, True, False, False),
    "cibabat":         (True, False, False, True),
    "citeureup":       (False, False, False, False),
    "office":          (False, False, False, False),
    "secretariat":     (False, False, False, False),
    "verifikator":     (True, True, True, True),
    "pimpinan":        (False, False, False, False),
    "admin":           (False, False, False, False),
    "far_verifikator": (False, False, False, False),
}  # fmt: skip
ANSWERS = [("Cibabat", "26.1"), ("Utama", "26.1"), ("utara", "25.1"), ("Cibabat", "1.1")]


@pytest.mark.parametrize("who", MAY_ANSWER)
def test_who_may_answer_for_which_area(city, who):
    by, found = city.people[who], []
    for area, code in ANSWERS:
        response = said(city, area, code)
        support = code == "1.1"
        try:
            answer(response, by, value=None if support else YES, note="Dari kami.")
        except PermissionDenied:
            found.append(False)
        else:
            found.append(True)
    assert tuple(found) == MAY_ANSWER[who]


@pytest.mark.parametrize("who", MAY_ANSWER)
def test_who_may_hand_in_for_which_area(city, who):
    by, found = city.people[who], []
    for area, code in ANSWERS[:3]:
        submission = said(city, area, code).submission
        try:
            answering.submit(submission, reason="Belum lengkap", by=by, today=TODAY, now=NOW)
        except PermissionDenied:
            found.append(False)
        else:
            found.append(True)
    assert tuple(found) == MAY_ANSWER[who][:3]


def test_a_kecamatan_does_nothing_else_for_its_kelurahan(city):
    by = city.people["utara"]
    submission = said(city, "Cibabat", "26.1").submission
    assert by.get_all_permissions(submission) == {
        "submissions.answer_submission",
        "submissions.submit_submission",
    }
    assert by.get_all_permissions(city.areas["Cibabat"]) == set()


def test_the_history_says_who_did_it_for_whom(city):
    by = city.people["utara"]
    response = said(city, "Cibabat", "26.1")
    answer(response, by)
    answering.submit(response.submission, reason="Sisa menyusul", by=by, today=TODAY, now=NOW)
    answering.withdraw(response.submission, by=by, now=NOW)
    told = Event.objects.filter(submission=response.submission).order_by("pk")
    assert list(told.values_list("verb", "by", "on_behalf")) == [
        (verb, by.pk, True) for verb in (Verb.START, Verb.ANSWER, Verb.SUBMIT, Verb.WITHDRAW)
    ]
    assert {each.behalf_text(city.areas["Cibabat"]) for each in told} == {
        "oleh Kecamatan Utara atas nama Kelurahan Cibabat"
    }


def test_whoever_moves_to_another_office_did_it_for_the_one_before(city):
    by = city.people["utara"]
    answer(said(city, "Cibabat", "26.1"), by)
    type(by).objects.filter(pk=by.pk).update(agency=city.selatan)
    assert Event.objects.get(verb=Verb.ANSWER).actor == "Kecamatan Utara"


def test_the_last_save_tells_whether_it_was_on_behalf(city):
    response = said(city, "Cibabat", "26.1")
    answer(response, city.people["utara"])
    assert list(Event.objects.filled_on_behalf([response.pk])) == [response.pk]
    answer(said(city, "Cibabat", "26.1"), city.people["cibabat"], value={"yes": False}, version=1)
    assert Event.objects.filled_on_behalf([response.pk]) == {}


# --- the doors ------------------------------------------------------------------------------------


def test_the_door_of_one_answer_opens_a_kelurahans_area_answers_to_its_kecamatan(city):
    reached = Response.objects.reached_by(city.people["utara"])
    assert set(reached.values_list("submission__agency__code", "question__code")) == {
        ("utara", "25.1"),
        ("cibabat", "26.1"),
        ("cibabat", "26.2"),
        ("citeureup", "26.1"),
        ("citeureup", "26.2"),
    }
    submissions = Submission.objects.reached_by(city.people["utara"])
    assert set(submissions.values_list("agency__code", "indicator__code")) == {
        ("utara", "25"),
        ("cibabat", "26"),
        ("citeureup", "26"),
    }


@pytest.mark.parametrize("who", [name for name in MAY_ANSWER if name != "utara"])
def test_for_everybody_but_a_kecamatan_the_doors_are_what_they_see(city, who):
    user = city.people[who]
    store(said(city, "Cibabat", "26.1"), city.people["cibabat"], "Foto.pdf", b"%PDF-")
    for model in (Response, Submission, Evidence):
        seen = set(model.objects.visible_to(user).values_list("pk", flat=True))
        reached = set(model.objects.reached_by(user).values_list("pk", flat=True))
        below = {"selatan": 1 if model is Submission else 2 if model is Response else 0}
        assert len(reached - seen) == below.get(who, 0)
        assert seen <= reached


def test_lists_figures_and_the_library_of_a_kecamatan_do_not_widen(city):
    user = city.people["utara"]
    store(said(city, "Cibabat", "26.1"), city.people["cibabat"], "Foto.pdf", b"%PDF-")
    assert set(Response.objects.visible_to(user).values_list("question__code", flat=True)) == {
        "25.1"
    }
    assert Submission.objects.visible_to(user).count() == 1
    assert list(Evidence.objects.visible_to(user)) == []
    assert Event.objects.visible_to(user).count() == 0


@pytest.mark.parametrize(
    ("who", "area", "status"),
    [
        ("utara", "Cibabat", 200),
        ("utara", "Utama", 404),
        ("selatan", "Cibabat", 404),
        ("citeureup", "Cibabat", 404),
        ("office", "Cibabat", 404),
        ("secretariat", "Cibabat", 404),
        ("verifikator", "Cibabat", 200),
        ("far_verifikator", "Cibabat", 404),
    ],
)
def test_the_form_of_a_kelurahan_opens_to_whoever_may_answer_for_it(
    client, city, who, area, status
):
    response = said(city, area, "26.1")
    file = store(response, city.people["cibabat"], "Foto.pdf", b"%PDF-1.4")
    client.force_login(city.people[who])
    pk = response.submission_id
    found = []
    for address in (
        reverse("work_form", args=[pk]),
        reverse("work_attach", args=[pk, response.pk]),
        reverse("evidence", args=[file.pk]),
    ):
        reply = client.get(address)
        found.append(reply.status_code)
        body_of(reply)
    assert found == [status] * 3


def test_evidence_that_is_taken_away_is_shut_to_the_kecamatan_again(client, city):
    response = said(city, "Cibabat", "26.1")
    file = store(response, city.people["cibabat"], "Foto.pdf", b"%PDF-1.4")
    response.links.update(removed_at=NOW)
    client.force_login(city.people["utara"])
    assert client.get(reverse("evidence", args=[file.pk])).status_code == 404


def test_a_kelurahans_support_stays_shut_to_its_kecamatan(client, city):
    response = said(city, "Cibabat", "1.1")
    client.force_login(city.people["utara"])
    assert client.get(reverse("work_form", args=[response.submission_id])).status_code == 404


def test_an_answer_given_for_a_kelurahan_says_so_on_its_form(client, city):
    response = said(city, "Cibabat", "26.1")
    client.force_login(city.people["utara"])
    address = reverse("work_answer", args=[response.submission_id, response.pk])
    assert client.post(address, {"tingkat": "ya", "versi": 0}).status_code == 302
    assert Response.objects.get(pk=response.pk).value == YES
    for who in ("utara", "cibabat"):
        client.force_login(city.people[who])
        shown = client.get(reverse("work_form", args=[response.submission_id])).content.decode()
        assert "Diisi oleh Kecamatan Utara atas nama Kelurahan Cibabat" in shown
        assert ("Anda mengisi mewakili Kelurahan Cibabat" in shown) is (who == "utara")


def test_evidence_that_a_kecamatan_attaches_belongs_to_the_kelurahan(city):
    link = evidence.attach_link(
        said(city, "Cibabat", "26.1"),
        url="https://contoh.example/foto",
        name="Foto",
        by=city.people["utara"],
        now=NOW,
    )
    assert link.evidence.agency == city.areas["Cibabat"]
    assert Event.objects.get(verb=Verb.ATTACH).on_behalf is True


def test_a_kecamatan_hands_in_over_http_and_takes_back(client, city):
    response = said(city, "Cibabat", "26.1")
    pk = response.submission_id
    client.force_login(city.people["utara"])
    client.post(reverse("work_submit", args=[pk]), {"alasan": "Sisanya menyusul."})
    assert Submission.objects.get(pk=pk).state == State.SUBMITTED
    client.post(reverse("work_withdraw", args=[pk]))
    assert Submission.objects.get(pk=pk).state == State.DRAFT


def test_an_area_is_asked_for_itself_and_not_for_the_share_of_all(client, city):
    response = said(city, "Cibabat", "26.1")
    client.force_login(city.people["cibabat"])
    shown = client.get(reverse("work_form", args=[response.submission_id])).content.decode()
    assert ">Kelurahan memiliki Forum Anak</h2>" in shown
    assert "Jawab untuk Kelurahan Cibabat saja." in shown


# --- the reviewer who answered -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filler", "told"),
    [
        ("verifikator", "Diisi oleh DP3AP2KB atas nama Kelurahan Cibabat. Anda sendiri yang"),
        ("utara", "Diisi oleh Kecamatan Utara atas nama Kelurahan Cibabat.</p>"),
        ("cibabat", None),
    ],
)
def test_the_review_says_who_filled_in_for_whom_and_whether_it_was_the_reviewer(
    client, city, filler, told
):
    by = city.people[filler]
    response = said(city, "Cibabat", "26.1")
    answer(response, by)
    answering.submit(response.submission, reason="Sisa menyusul", by=by, today=TODAY, now=NOW)
    client.force_login(city.people["verifikator"])
    shown = client.get(reverse("review", args=[response.submission_id])).content.decode()
    assert (told or "") in shown
    assert ("Diisi oleh" in shown) is (told is not None)
