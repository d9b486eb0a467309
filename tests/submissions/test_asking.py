"""What a lead asks of a support: by name and date, in that office's list, and what became of it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import answering, arranging, asking, handing_in
from submissions.actions.record import RefusedError
from submissions.models import Event, HelpRequest, Verb
from tests.at_once import told_at_once
from tests.factories import assign, make_agency, make_user
from tests.submissions.test_helping import NOW, case, of

pytestmark = pytest.mark.django_db

TODAY = date(2024, 2, 3)
WHAT = "Daftar hadir pelatihan Maret"


def ask(c, **changes):
    told = {"agency": c.support, "what": WHAT, "due_on": TODAY, "by": c.by, "today": TODAY}
    return asking.ask(of(c, c.lead), now=NOW, **told | changes)


def test_a_request_names_office_thing_and_day_and_leaves_an_event():
    c = case(gives=False)
    made = ask(c, what=f"  {WHAT}\n")
    assert (made.agency, made.what, made.due_on, made.state) == (c.support, WHAT, TODAY, "terbuka")
    event = Event.objects.get(verb=Verb.REQUEST)
    assert (event.by, event.response, event.data["agency"], event.data["what"]) == (
        c.by, of(c, c.lead), "Dinas Bantu", WHAT,
    )  # fmt: skip


def test_the_same_request_twice_is_one():
    c = case(gives=False)
    assert ask(c) == ask(c, due_on=TODAY + timedelta(days=3))
    assert (HelpRequest.objects.count(), Event.objects.filter(verb=Verb.REQUEST).count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_request_of_two_at_the_same_moment_is_one():
    c = case(gives=False)
    assert told_at_once(lambda: ask(c), lambda: ask(c)) == [None, None]
    assert HelpRequest.objects.count() == 1
    assert Event.objects.filter(verb=Verb.REQUEST).count() == 1


REFUSED = {
    "a day that is over": (
        lambda c: {"due_on": TODAY - timedelta(days=1)}, "2 Februari 2024 sudah lewat",
    ),
    "nothing": (lambda c: {"what": "  "}, "Tulis apa yang diminta"),
    "too much": (lambda c: {"what": "x" * 501}, "paling banyak 500 huruf"),
    "an office that does not support": (
        lambda c: {"agency": make_agency(c.lead.region, name="Dinas Lain")},
        "Dinas Lain bukan pendukung pertanyaan 7.1",
    ),
    "the lead itself": (lambda c: {"agency": c.lead}, "bukan pendukung"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_request_that_cannot_be_is_refused_with_a_sentence(wrong):
    changes, sentence = REFUSED[wrong]
    c = case(gives=False)
    with pytest.raises(RefusedError, match=sentence):
        ask(c, **changes(c))
    assert not HelpRequest.objects.exists()


def test_only_a_lead_asks():
    c = case(gives=False)
    with pytest.raises(RefusedError, match="Hanya penanggung jawab"):
        asking.ask(
            of(c, c.support), agency=c.support, what=WHAT, due_on=TODAY, by=c.helper,
            today=TODAY, now=NOW,
        )  # fmt: skip


# who               asks   replies  takes back
MAY = {
    "lead": (True, False, True),
    "support": (False, True, False),
    "stranger": (False, False, False),
    "verifikator": (True, True, True),
    "pimpinan": (False, False, False),
    "administrator": (False, False, False),
    "verifikator elsewhere": (False, False, False),
}


def people(c):
    return {
        "lead": c.by,
        "support": c.helper,
        "stranger": make_user(agency=make_agency(c.lead.region)),
        "verifikator": make_user(Role.VERIFIKATOR, region=c.lead.region),
        "pimpinan": make_user(Role.PIMPINAN, region=c.lead.region),
        "administrator": make_user(Role.ADMINISTRATOR),
        "verifikator elsewhere": make_user(Role.VERIFIKATOR, region=make_agency().region),
    }


@pytest.mark.parametrize("who", MAY)
def test_who_may_ask_reply_and_take_back(who):
    c = case(gives=False)
    user = people(c)[who]
    made = [ask(c, what=f"Dokumen {at}") for at in range(2)]
    verbs = (
        lambda: ask(c, by=user),
        lambda: asking.reply(made[0], text="Sudah.", by=user, now=NOW),
        lambda: asking.take_back(made[1], by=user, now=NOW),
    )
    done = []
    for verb in verbs:
        try:
            verb()
        except PermissionDenied:
            done.append(False)
        else:
            done.append(True)
    assert tuple(done) == MAY[who]


def test_a_reply_ends_it_and_the_same_reply_again_changes_nothing():
    c = case(gives=False)
    made = ask(c)
    for _ in range(2):
        ended = asking.reply(made, text=" Sudah kami  lampirkan. ", by=c.helper, now=NOW)
        assert (ended.state, ended.reply, ended.ended_by) == (
            "dijawab", "Sudah kami lampirkan.", c.helper,
        )  # fmt: skip
    assert Event.objects.filter(verb=Verb.REQUEST).count() == 2


def test_who_comes_second_is_told_who_was_first():
    c = case(gives=False)
    made = ask(c)
    asking.take_back(made, by=c.by, now=NOW)
    with pytest.raises(
        asking.StaleRequestError, match=r"sudah ditarik kembali oleh .* belum tersimpan"
    ):
        asking.reply(made, text="Sudah.", by=c.helper, now=NOW)
    assert HelpRequest.objects.get().reply == ""


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_a_taking_back_at_the_same_moment_end_it_once():
    c = case(gives=False)
    made = ask(c)
    ends = told_at_once(
        lambda: asking.reply(made, text="Sudah.", by=c.helper, now=NOW),
        lambda: asking.take_back(made, by=c.by, now=NOW),
    )
    assert sorted(map(str, ends)) == sorted(map(str, [None, asking.StaleRequestError]))
    assert Event.objects.filter(verb=Verb.REQUEST).count() == 2


def test_it_may_be_asked_while_the_answer_is_reviewed():
    c = case()
    answering.answer(of(c, c.lead), value={"level": 1}, note="", version=0, by=c.by, now=NOW)
    handing_in.submit(of(c, c.lead).submission, reason="Tetap.", by=c.by, today=TODAY, now=NOW)
    assert ask(c).is_open


def test_a_request_keeps_the_lead_s_place_at_the_question():
    c = case(gives=False)
    ask(c)

    judge = make_user(Role.VERIFIKATOR, region=c.lead.region)
    with pytest.raises(RefusedError, match="sudah mengerjakan"):
        arranging.take_from_year(of(c, c.lead), by=judge, now=NOW)


# --- pages ---------------------------------------------------------------------------------------


def signed_in(client, user):
    client.force_login(user)
    return client


def test_what_is_asked_stands_in_the_list_of_the_office_that_is_asked(client):
    c = case(gives=False)
    day = timezone.localdate() - timedelta(days=1)
    HelpRequest.objects.filter(pk=ask(c).pk).update(due_on=day)
    page = signed_in(client, c.helper).get(reverse("work")).content.decode()
    assert WHAT in page
    assert "Diminta Dinas Utama untuk 7.1" in page
    assert "lewat 1 hari" in page


def test_the_lead_sees_the_answer_in_its_list_and_on_its_form(client):
    c = case(gives=False)
    asking.reply(ask(c), text="Sudah kami lampirkan.", by=c.helper, now=NOW)
    signed_in(client, c.by)
    for page in (reverse("work"), reverse("work_form", args=[of(c, c.lead).submission_id])):
        body = client.get(page).content.decode()
        assert WHAT in body
        assert "Sudah kami lampirkan." in body


def test_the_support_s_form_says_what_was_asked(client):
    c = case(gives=False)
    ask(c)
    page = signed_in(client, c.helper).get(
        reverse("work_form", args=[of(c, c.support).submission_id])
    )
    assert f"Dinas Utama meminta: {WHAT}" in page.content.decode()


def test_the_verifikator_reads_it_on_the_review_page(client):
    c = case()
    answering.answer(of(c, c.lead), value={"level": 1}, note="", version=0, by=c.by, now=NOW)
    handing_in.submit(of(c, c.lead).submission, reason="Tetap.", by=c.by, today=TODAY, now=NOW)
    ask(c)
    judge = make_user(Role.VERIFIKATOR, region=c.lead.region)
    page = signed_in(client, judge).get(reverse("review", args=[of(c, c.lead).submission_id]))
    assert f"Diminta dari Dinas Bantu, paling lambat 3 Februari 2024:</span> {WHAT}" in (
        page.content.decode()
    )


def post(client, c, **typed):
    told = {"dari": c.support.code, "yang_diminta": WHAT, "paling_lambat": "2099-01-31"} | typed
    address = reverse("work_requests", args=[of(c, c.lead).submission_id, of(c, c.lead).pk])
    return client.post(address, told)


def test_asking_by_the_page(client):
    c = case(gives=False)
    reply = post(signed_in(client, c.by), c)
    assert (reply.status_code, HelpRequest.objects.get().due_on) == (302, date(2099, 1, 31))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"paling_lambat": "besok"}, "Tulis tanggal seperti 2024-03-31."),
        ({"paling_lambat": "2020-01-01"}, "sudah lewat"),
        ({"dari": "bukan"}, "bukan pendukung pertanyaan ini"),
    ],
)
def test_what_was_typed_stays_when_it_cannot_be_asked(client, typed, sentence):
    c = case(gives=False)
    reply = post(signed_in(client, c.by), c, **typed)
    body = reply.content.decode()
    assert reply.status_code == 422
    assert sentence in body
    assert WHAT in body
    assert not HelpRequest.objects.exists()


def test_replying_by_the_page_and_too_late(client):
    c = case(gives=False)
    made = ask(c)
    signed_in(client, c.helper)
    address = reverse("help_request", args=[made.pk])
    assert client.post(address, {"jawaban": ""}).status_code == 422
    assert client.post(address, {"jawaban": "Sudah."}).status_code == 302
    late = client.post(address, {"jawaban": "Belum jadi."})
    assert late.status_code == 422
    assert "Permintaan ini sudah dijawab oleh" in late.content.decode()
    assert "Belum jadi." in late.content.decode()


def test_a_support_s_answer_has_no_page_of_requests(client):
    c = case(gives=False)
    address = reverse("work_requests", args=[of(c, c.support).submission_id, of(c, c.support).pk])
    assert signed_in(client, c.helper).get(address).status_code == 404


def test_lists_and_forms_ask_once_however_many_requests(client):

    c = case(gives=False)
    pages = {
        c.by: [reverse("work"), reverse("work_form", args=[of(c, c.lead).submission_id]),
               reverse("work_requests", args=[of(c, c.lead).submission_id, of(c, c.lead).pk])],
        c.helper: [reverse("work"), reverse("work_form", args=[of(c, c.support).submission_id])],
    }  # fmt: skip

    def counted():
        found = []
        for user, addresses in pages.items():
            signed_in(client, user)
            for address in addresses:
                client.get(address)
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    client.get(address)
                found.append(len(queries))
        return found

    ask(c)
    one = counted()
    other = make_agency(c.lead.region)
    assign(c.question, other, AssignmentRole.SUPPORT)
    for at in range(12):
        ask(c, what=f"Dokumen {at}")
    assert counted() == one


def takes(client, made):
    """What the page of a request offers its reader to take over, and of which answer."""
    context = client.get(reverse("help_request", args=[made.pk])).context
    return context["take"], context["version"]


def test_the_lead_takes_over_from_the_request_itself(client):
    c = case()
    made = ask(c)
    asking.reply(made, text="Sudah.", by=c.helper, now=NOW)
    take, version = takes(signed_in(client, c.by), made)
    address = reverse("help_request", args=[made.pk])
    reply = client.post(address, {"ambil": take, "versi": version})
    lead = of(c, c.lead)
    assert reply.url == f"{reverse('work_form', args=[lead.submission_id])}#q-{lead.pk}"
    assert lead.note == "Dari Dinas Bantu: Data kami."
    assert lead.links.filter(removed_at__isnull=True).count() == 1
    assert takes(client, made)[0] == ""


def test_only_the_lead_is_offered_it_and_what_moved_on_is_not_taken(client):
    c = case()
    made = ask(c)
    assert takes(signed_in(client, c.helper), made)[0] == ""
    take, version = takes(signed_in(client, c.by), made)
    answering.answer(
        of(c, c.lead), value={"level": 1}, note="Punya kami", version=version, by=c.by, now=NOW
    )
    address = reverse("help_request", args=[made.pk])
    page = client.post(address, {"ambil": take, "versi": version}, follow=True)
    assert "belum ada yang diambil" in page.content.decode()
    assert of(c, c.lead).note == "Punya kami"
    client.post(address, {"ambil": "1-1-1", "versi": "x"})
    assert of(c, c.lead).note == "Punya kami"
    assert signed_in(client, c.helper).post(address, {"ambil": take, "versi": 1}).status_code == 403


def test_a_script_gets_the_part_of_the_page_and_says_what_was_asked(client):
    c = case(gives=False)
    signed_in(client, c.by)
    lead = of(c, c.lead)
    address = reverse("work_requests", args=[lead.submission_id, lead.pk])
    told = {"dari": c.support.code, "yang_diminta": WHAT, "paling_lambat": "2099-01-31"}
    part = client.post(address, told, headers={"HX-Request": "true"})
    text = part.content.decode()
    assert (part.status_code, "<html" in text) == (200, False)
    assert "Diminta dari Dinas Bantu." in text
    assert f">{WHAT}</a>" in text
    wrong = client.post(address, told | {"paling_lambat": ""}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "<html" in wrong.content.decode()) == (422, False)


def test_the_list_says_how_many_wait_and_how_many_are_late(client):
    c = case(gives=False)
    ask(c)
    late = ask(c, what="Yang lain")
    HelpRequest.objects.update(due_on=timezone.localdate())
    HelpRequest.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    page = signed_in(client, c.helper).get(reverse("work")).content.decode()
    assert "Permintaan dari perangkat daerah lain" in page
    assert "2 menunggu jawaban, 1 lewat tenggat" in page


def test_no_more_than_twenty_wait_with_one_office_for_one_answer():
    c = case(gives=False)
    made = [ask(c, what=f"Dokumen {at}") for at in range(20)]
    with pytest.raises(RefusedError, match="20 permintaan ke Dinas Bantu untuk"):
        ask(c, what="Satu lagi")
    assert ask(c, what="Dokumen 3") == made[3]
    asking.take_back(made[0], by=c.by, now=NOW)
    assert ask(c, what="Satu lagi").is_open
