"""Who may answer for which area, what the history says of it, and which doors stay shut."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agencies.models import Kind
from agencies.roles import Role
from indicators.scoring import ONE, points
from reports.scores import score_of
from submissions.actions import answering, evidence, handing_in
from submissions.models import Event, Evidence, Response, Submission, Verb
from submissions.views import area_grid
from submissions.workflow import State
from tests.e2e.case import pdf, store
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
from tests.submissions.areas_case import AREA, make_city, said
from tests.test_access import body_of

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 20, 3, 42, tzinfo=UTC)
TODAY = date(2024, 3, 20)
YES = {"yes": True}
# Session, user, year, levels, how many, cells, questions, areas, counts, evidence, who filled in.
QUERIES = 11


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
            handing_in.submit(submission, reason="Belum lengkap", by=by, today=TODAY, now=NOW)
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
    handing_in.submit(response.submission, reason="Sisa menyusul", by=by, today=TODAY, now=NOW)
    handing_in.withdraw(response.submission, by=by, now=NOW)
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
    handing_in.submit(response.submission, reason="Sisa menyusul", by=by, today=TODAY, now=NOW)
    client.force_login(city.people["verifikator"])
    shown = client.get(reverse("review", args=[response.submission_id])).content.decode()
    assert (told or "") in shown
    assert ("Diisi oleh" in shown) is (told is not None)


# --- the grid -------------------------------------------------------------------------------------


def grid(client, city, who, **query):
    client.force_login(city.people[who])
    return client.get(reverse("areas", args=[2024]), query)


def put(client, city, who, cells, *, htmx=True, code=""):
    client.force_login(city.people[who])
    address = reverse("area_question", args=[2024, code]) if code else reverse("areas", args=[2024])
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(address, cells, headers=headers)


def name(response, version=None):
    current = Response.objects.select_related("question__rubric__instrument").get(pk=response.pk)
    key = area_grid.key_of(current.question.rubric.scale, current.value)
    return f"{current.pk}:{current.version if version is None else version}:{key}"


@pytest.mark.parametrize(
    ("who", "status", "areas"),
    [
        ("utara", 200, {"Cibabat", "Citeureup"}),
        ("selatan", 200, {"Utama"}),
        ("verifikator", 200, {"Cibabat", "Citeureup", "Utama"}),
        ("pimpinan", 200, {"Cibabat", "Citeureup", "Utama"}),
        ("admin", 200, {"Cibabat", "Citeureup", "Utama"}),
        ("cibabat", 302, set()),
        ("office", 404, set()),
        ("secretariat", 404, set()),
    ],
)
def test_the_grid_shows_each_reader_the_areas_within_reach(client, city, who, status, areas):
    reply = grid(client, city, who, tingkat="kelurahan")
    assert reply.status_code == status
    if status == 200:
        assert {each.name for each in reply.context["grid"].columns} == areas
    if status == 302:
        assert reply["Location"] == reverse(
            "work_form", args=[said(city, "Cibabat", "26.1").submission_id]
        )


def test_a_cell_is_saved_by_itself_and_its_reply_brings_the_figures(client, city):
    response = said(city, "Cibabat", "26.1")
    reply = put(client, city, "utara", {name(response): "y"})
    shown = reply.content.decode()
    assert reply.status_code == 200
    assert f'name="{response.pk}:1:y"' in shown
    assert "1 ya, 0 tidak, 1 belum" in shown
    stored = Response.objects.get(pk=response.pk)
    assert (stored.value, stored.changed_by) == (YES, city.people["utara"])
    assert "mewakili" in shown


def test_whoever_is_silent_is_not_counted_as_a_no(client, city):
    for area, key in (("Cibabat", "y"), ("Citeureup", "t")):
        put(client, city, "verifikator", {name(said(city, area, "26.1")): key})
    shown = grid(client, city, "verifikator", tingkat="kelurahan").content.decode()
    assert "1 ya, 1 tidak, 1 belum" in shown
    silent = said(city, "Utama", "26.1")
    assert f'id="c{silent.pk}" name="{silent.pk}:0:" value=""' in shown
    refused = said(city, "Citeureup", "26.1")
    assert f'id="c{refused.pk}" name="{refused.pk}:1:t" value="Tidak"' in shown


def test_the_points_of_the_grid_are_those_of_the_reports(client, city):
    for area, key in (("Cibabat", "y"), ("Citeureup", "t"), ("Utama", "y")):
        put(client, city, "verifikator", {name(said(city, area, "26.1")): key})
    found = grid(client, city, "verifikator", tingkat="kelurahan").context["grid"]
    lines = score_of(city.assessment).questions
    assert {each.code: each.tally for each in found.lines} == {
        each.code: lines[each.question.pk].tally for each in found.lines
    }
    assert found.total.claimed == sum(lines[each.question.pk].claimed for each in found.lines)


def test_a_kecamatan_sees_its_part_of_the_points(client, city):
    put(client, city, "utara", {name(said(city, "Cibabat", "26.1")): "y"})
    [line, _] = grid(client, city, "utara", tingkat="kelurahan").context["grid"].lines
    part = points(line.question.max_points * 2 / 3, ONE)
    assert (line.tally.maximum, line.tally.claimed) == (part, points(part, ONE / 2))


def test_without_a_script_one_form_saves_only_what_was_typed_anew(client, city):
    first, second = said(city, "Cibabat", "26.1"), said(city, "Citeureup", "26.1")
    silent = said(city, "Cibabat", "26.2")
    cells = {name(first): " Ya ", name(second): "t", name(silent): ""}
    reply = put(client, city, "utara", cells, htmx=False)
    assert (reply.status_code, reply["Location"]) == (302, reverse("areas", args=[2024]))
    stored = Response.objects.in_bulk([first.pk, second.pk, silent.pk])
    assert [
        (stored[each.pk].value, stored[each.pk].version) for each in (first, second, silent)
    ] == [
        (YES, 1),
        ({"yes": False}, 1),
        (None, 0),
    ]


def test_an_untouched_cell_that_moved_on_meanwhile_is_no_conflict(client, city):
    response = said(city, "Cibabat", "26.1")
    stale = name(response)
    answer(response, city.people["cibabat"])
    reply = put(client, city, "utara", {stale: ""}, htmx=False)
    assert reply.status_code == 302
    assert Response.objects.get(pk=response.pk).value == YES


@pytest.mark.parametrize("htmx", [True, False])
def test_a_stale_cell_shows_both_answers_and_whose_the_other_is(client, city, htmx):
    response = said(city, "Cibabat", "26.1")
    stale = name(response)
    answer(response, city.people["cibabat"])
    reply = put(client, city, "utara", {stale: "t"}, htmx=htmx)
    shown = reply.content.decode()
    assert reply.status_code == 409
    assert "jawaban Anda Tidak, sedangkan Pak Lurah menjawab Ya 20 Maret 2024" in shown
    assert f'name="{response.pk}:1:y" value="t">Pakai jawaban saya' in shown
    assert Response.objects.get(pk=response.pk).value == YES
    put(client, city, "utara", {f"{response.pk}:1:y": "t"}, htmx=False)
    assert Response.objects.get(pk=response.pk).value == {"yes": False}


def test_what_is_no_answer_is_said_and_stays_in_its_cell(client, city):
    response, other = said(city, "Cibabat", "26.1"), said(city, "Cibabat", "26.2")
    reply = put(client, city, "utara", {name(response): "kira2", name(other): "y"}, htmx=False)
    shown = reply.content.decode()
    assert reply.status_code == 422
    assert "“kira2” tidak dikenal. Tulis y, t, atau kosongkan." in shown
    assert 'value="kira2"' in shown
    assert "1 lainnya tersimpan." in shown
    assert Response.objects.get(pk=other.pk).value == YES


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("selatan", 404),
        ("citeureup", 404),
        ("office", 404),
        ("pimpinan", 403),
        ("admin", 403),
        ("far_verifikator", 404),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_nobody_else_puts_a_cell(client, city, who, status, htmx):
    response = said(city, "Cibabat", "26.1")
    reply = put(client, city, who, {name(response): "y"}, htmx=htmx)
    assert reply.status_code == status
    assert Response.objects.get(pk=response.pk).value is None


def test_what_is_handed_in_holds_still_and_says_why(client, city):
    by = city.people["utara"]
    response = said(city, "Cibabat", "26.1")
    cell = name(response)
    handing_in.submit(response.submission, reason="Menyusul", by=by, today=TODAY, now=NOW)
    shown = grid(client, city, "utara", tingkat="kelurahan").content.decode()
    assert 'readonly data-lock="d"' in shown
    assert "Diajukan dan menunggu verifikator." in shown
    reply = put(client, city, "utara", {cell: "y"})
    assert reply.status_code == 422
    assert "Isian ini sudah diajukan" in reply.content.decode()
    assert Response.objects.get(pk=response.pk).value is None


@pytest.mark.parametrize("filled", [1, 5])
def test_the_grid_takes_the_same_queries_however_full(
    client, city, filled, django_assert_num_queries
):
    cells = [("Cibabat", "26.1"), ("Cibabat", "26.2"), ("Citeureup", "26.1"), ("Utama", "26.1")]
    for area, code in [*cells, ("Utama", "26.2")][:filled]:
        put(client, city, "verifikator", {name(said(city, area, code)): "y"})
    client.force_login(city.people["verifikator"])
    client.get(reverse("areas", args=[2024]))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("areas", args=[2024]), {"tingkat": "kelurahan"})


# --- one question for all areas -------------------------------------------------------------------


def test_one_question_is_answered_for_all_areas_at_once(client, city):
    first, second = said(city, "Cibabat", "26.1"), said(city, "Citeureup", "26.1")
    cells = {name(first): "y", name(second): "t"}
    reply = put(client, city, "utara", cells, htmx=False, code="26.1")
    assert reply.status_code == 302
    client.force_login(city.people["utara"])
    shown = client.get(reply["Location"]).content.decode()
    assert "1 ya, 1 tidak, 0 belum." in shown
    assert "Diisi oleh Kecamatan Utara atas nama Kelurahan Citeureup." in shown


def test_one_file_proves_many_areas_and_is_stored_once(client, city):
    first, second = said(city, "Cibabat", "26.1"), said(city, "Citeureup", "26.1")
    upload = SimpleUploadedFile("SK.pdf", pdf("SK bersama"), "application/pdf")
    sent = {"lalu": "unggah", "pilih": [first.pk, second.pk], "berkas": upload, name(first): "y"}
    reply = put(client, city, "utara", sent, htmx=False, code="26.1")
    assert reply.status_code == 302
    [kept] = Evidence.objects.all()
    assert kept.agency == city.utara
    assert set(kept.links.values_list("response", flat=True)) == {first.pk, second.pk}
    assert Response.objects.get(pk=first.pk).value == YES
    assert list(Event.objects.filter(verb=Verb.ATTACH).values_list("on_behalf", flat=True)) == [
        True,
        True,
    ]
    for who, status in (("cibabat", 200), ("utara", 200), ("selatan", 404)):
        client.force_login(city.people[who])
        reply = client.get(reverse("evidence", args=[kept.pk]))
        assert (who, reply.status_code) == (who, status)
        body_of(reply)


def test_what_one_area_has_is_attached_to_the_others_too(client, city):
    first, second = said(city, "Cibabat", "26.1"), said(city, "Citeureup", "26.1")
    kept = store(first, city.people["cibabat"], "Foto.pdf", b"%PDF-")
    sent = {"lalu": f"ambil-{kept.pk}", "pilih": [second.pk]}
    assert put(client, city, "utara", sent, htmx=False, code="26.1").status_code == 302
    assert set(kept.links.values_list("response", flat=True)) == {first.pk, second.pk}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"lalu": "unggah"}, "Centang dahulu wilayah yang dibuktikan."),
        ({"lalu": "unggah", "pilih": "own"}, "Pilih dahulu berkasnya."),
        ({"lalu": "unggah", "pilih": "foreign"}, "Centang dahulu wilayah yang dibuktikan."),
        ({"lalu": "ambil-999999", "pilih": "own"}, "Data dukung itu tidak ada lagi."),
    ],
)
def test_evidence_that_cannot_be_attached_says_why(client, city, sent, sentence):
    keys = {"own": said(city, "Cibabat", "26.1").pk, "foreign": said(city, "Utama", "26.1").pk}
    sent = {each: keys.get(value, value) for each, value in sent.items()}
    reply = put(client, city, "utara", sent, htmx=False, code="26.1")
    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert Evidence.objects.count() == 0


def test_another_kecamatans_question_shows_only_its_own_areas(client, city):
    client.force_login(city.people["selatan"])
    shown = client.get(reverse("area_question", args=[2024, "26.1"])).content.decode()
    assert "Kelurahan Utama" in shown
    assert "Cibabat" not in shown
    assert client.get(reverse("area_question", args=[2024, "1.1"])).status_code == 404


def test_more_areas_than_a_table_holds_come_one_kecamatan_at_a_time(client, city, monkeypatch):
    monkeypatch.setattr(area_grid, "MOST_COLUMNS", 2)

    def shown(**query):
        found = grid(client, city, "verifikator", tingkat="kelurahan", **query).context["grid"]
        return found.above, [each.name for each in found.columns], found.whole

    assert shown() == ("selatan", ["Utama"], False)
    assert shown(kecamatan="utara") == ("utara", ["Cibabat", "Citeureup"], False)
    assert shown(kecamatan="tak-ada") == ("selatan", ["Utama"], False)
    address = reverse("area_question", args=[2024, "26.1"])
    page = client.get(address, {"kecamatan": "utara"}).content.decode()
    assert "Kelurahan Citeureup" in page
    assert "Kelurahan Utama" not in page
    response = said(city, "Citeureup", "26.1")
    reply = client.post(f"{address}?kecamatan=utara", {name(response): "y"})
    assert reply["Location"] == f"{address}?kecamatan=utara"
    assert Response.objects.get(pk=response.pk).value == YES


def test_a_city_of_fifteen_kelurahan_fits_a_page(client):
    """300 cells, every one answered and read by the one who may change them all."""
    instrument = make_instrument()
    indicator = make_indicator(instrument, code="26")
    region = make_region()
    kecamatan = make_agency(region, kind=Kind.KECAMATAN)
    kelurahan = [make_agency(region, kind=Kind.KELURAHAN, parent=kecamatan) for _ in range(15)]
    for at in range(20):
        question = make_question(indicator, "area_share", code=f"26.{at}", level="kelurahan")
        for each in kelurahan:
            assign(question, each, AREA)
    publish(instrument)
    make_assessment(region, instrument)
    Response.objects.update(value={"yes": True}, claim_level=0, claim_share=1)
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    shown = client.get(reverse("areas", args=[2024])).content
    assert shown.count(b'value="Ya"') == 300
    assert len(shown) < 100_000
