"""The page of one evidence: described, replaced, thrown away over HTTP; who sees which use."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.roles import Role
from submissions.actions import evidence as verbs
from submissions.models import Evidence, EvidenceLink, Response, Submission
from submissions.workflow import State
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers, operator, verifikator
from tests.submissions.test_evidence import NOW, PDF, give, two_agencies
from tests.submissions.test_library_verbs import NEW, describe, judged, replace

pytestmark = pytest.mark.django_db

SAID = {
    "versi": 0, "jenis": "sk", "nomor": "440/1", "tanggal": "2022-01-05", "pengesahan": "cap",
    "berlaku": "2022-12-31",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def given():
    """An operator's browser, and what the office attached to its one answer."""
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    return signed_in(by), give(response, by).evidence, by, response


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page(evidence):
    return f"/data-dukung/{evidence.pk}/pemakaian/"


def test_a_giver_describes_and_form_review_and_library_say_so(given):
    client, evidence, _, response = given
    assert client.post(page(evidence), SAID).status_code == 302
    evidence.refresh_from_db()
    assert (evidence.kind, evidence.document_date, evidence.valid_until) == (
        "sk",
        date(2022, 1, 5),
        date(2022, 12, 31),
    )
    work = response.submission
    Submission.objects.update(state=State.SUBMITTED.value)
    reviewer = signed_in(verifikator(work))
    for browser, address in (
        (client, f"/isian/{work.pk}/"),
        (client, f"/isian/{work.pk}/{response.pk}/data-dukung/"),
        (client, "/data-dukung/"),
        (client, page(evidence)),
        (reviewer, f"/verifikasi/{work.pk}/"),
        (reviewer, page(evidence)),
    ):
        assert "kedaluwarsa" in browser.get(address).content.decode(), address
    text = reviewer.get(f"/verifikasi/{work.pk}/").content.decode()
    assert "nomor 440/1, tanggal 5 Januari 2022, bertanda tangan dan berstempel" in text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"tanggal": "2999-01-01"}, "Tanggal dokumen tidak boleh sesudah hari ini."),
        ({"tanggal": "kemarin"}, "Tulis tanggal seperti 31/12/2024."),
        ({"tanggal": "0022-01-01"}, "Periksa tahunnya: tulis dengan empat angka."),
        ({"berlaku": "2021-01-01"}, "Batas berlaku tidak boleh sebelum tanggal dokumen."),
        ({"nomor": "9" * 121}, "Nomor dokumen paling banyak 120 huruf."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_stored(given, typed, sentence):
    client, evidence, *_ = given
    answer = client.post(page(evidence), SAID | typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="440/1"' in answer.content.decode() or "nomor" in typed
    evidence.refresh_from_db()
    assert (evidence.kind, evidence.version) == ("", 0)


def test_the_second_to_describe_sees_both_and_may_save_again(given):
    client, evidence, by, _ = given
    describe(evidence, by)
    answer = client.post(page(evidence), SAID | {"nomor": "999"})
    assert answer.status_code == 409
    assert [row for row in answer.context["clash"] if row[0] == "Nomor dokumen"] == [
        ("Nomor dokumen", "440/1", "999")
    ]
    assert 'name="versi" value="1"' in answer.content.decode()
    assert client.post(page(evidence), SAID | {"nomor": "999", "versi": 1}).status_code == 302
    evidence.refresh_from_db()
    assert (evidence.document_number, evidence.version) == ("999", 2)


def test_a_new_version_is_sent_and_its_page_follows(given):
    client, evidence, _, response = given
    send = f"/data-dukung/{evidence.pk}/versi/"
    answer = client.post(send, {"berkas": SimpleUploadedFile("SK 2.pdf", NEW)}, follow=True)
    new = Evidence.objects.get(number=2)
    assert answer.redirect_chain == [(page(new), 302)]
    assert "versi 2 dari 2" in answer.content.decode()
    assert "Buka versi terbaru (versi 2)" in client.get(page(evidence)).content.decode()
    for content, said in ((b"bukan pdf", "SK 3.pdf tidak diterima"), (NEW + b"%3\n%%EOF", "sudah")):
        refused = client.post(send, {"berkas": SimpleUploadedFile("SK 3.pdf", content)})
        assert refused.status_code in {409, 422}
        assert said in refused.content.decode()
    assert "Pilih dahulu berkasnya." in client.post(send).content.decode()
    assert [each.evidence for each in EvidenceLink.objects.filter(response=response)] == [new]


def test_a_lead_is_shown_a_later_version_and_takes_it_with_one_button():
    lead, support = two_agencies()
    mine, theirs = operator(support.submission), operator(lead.submission)
    old = give(support, mine).evidence
    verbs.attach_existing(lead, evidence=old, by=theirs, now=NOW)
    new = replace(old, mine)
    client = signed_in(theirs)
    address = f"/isian/{lead.submission_id}/{lead.pk}/data-dukung/"
    assert "ada versi lebih baru" in client.get(f"/isian/{lead.submission_id}/").content.decode()
    assert f'name="ambil" value="{new.pk}"' in client.get(address).content.decode()
    assert client.post(address, {"ambil": new.pk}).status_code == 302
    assert "ada versi lebih baru" not in client.get(address).content.decode()
    live = EvidenceLink.objects.filter(response=lead, removed_at__isnull=True)
    assert [each.evidence for each in live] == [new]


def test_a_reviewer_sees_which_version_is_new_since_the_last_verdict(given):
    _, evidence, by, response = given
    judged(response)
    Submission.objects.update(state=State.RETURNED.value)
    new = replace(evidence, by)
    Submission.objects.update(state=State.SUBMITTED.value)
    client = signed_in(verifikator(response.submission))
    shown = client.get(f"/verifikasi/{response.submission_id}/")
    assert (
        shown.context["shown"].fresh == "versi baru sejak verifikasi terakhir (waktu itu versi 1)"
    )
    text = shown.content.decode()
    assert f"Dilihat: {evidence.name}." in text
    assert f"<del>{evidence.name}</del> <ins>{new.name} (versi 2)</ins>" in text
    [latest, first] = client.get(page(new)).context["editions"]
    assert (latest.verdicts, len(first.verdicts)) == ([], 1)


def test_what_is_attached_is_searched_where_it_is_taken():
    submission = make_work(2)
    by, [first, second] = operator(submission), answers(submission)
    for name, content in (("Notulen rapat.pdf", PDF), ("SK.pdf", NEW)):
        give(first, by, name, content)
    client = signed_in(by)
    address = f"/isian/{submission.pk}/{second.pk}/data-dukung/"

    def found(words):
        answer = client.get(address, {"kata": words})
        return [proof.name for _, proof in answer.context["given"]]

    assert found("") == ["SK.pdf", "Notulen rapat.pdf"]
    assert found("notulen") == ["Notulen rapat.pdf"]
    assert found(first.question.code) == ["SK.pdf", "Notulen rapat.pdf"]
    assert found("apa saja") == []


def test_another_office_sees_only_the_uses_that_concern_it():
    lead, support = two_agencies()
    mine, theirs = operator(support.submission), operator(lead.submission)
    evidence = give(support, mine).evidence
    elsewhere = make_work()
    EvidenceLink.objects.create(response=answers(elsewhere)[0], evidence=evidence, added_by=mine)

    def places(user):
        [edition] = signed_in(user).get(page(evidence)).context["editions"]
        return [place.label for place in edition.places]

    here = f"{support.question.code} ({support.assessment.year})"
    assert len(places(mine)) == 2
    assert places(theirs) == [here]
    stranger = signed_in(make_user(Role.VERIFIKATOR))
    assert stranger.get(page(evidence)).status_code == 404
    assert theirs.agency_id != evidence.agency_id
    assert signed_in(theirs).post(page(evidence), SAID).status_code == 403


def test_what_nothing_uses_is_thrown_away_with_a_button_and_the_used_is_not(given):
    client, evidence, by, response = given
    discard = f"/data-dukung/{evidence.pk}/hapus/"
    assert "Hapus dari pustaka" not in client.get(page(evidence)).content.decode()
    assert "tidak dapat dihapus" in client.post(discard, follow=True).content.decode()
    describe(evidence, by)
    verbs.detach(EvidenceLink.objects.get(), by=by, now=NOW)
    assert "Hapus dari pustaka" in client.get(page(evidence)).content.decode()
    assert client.post(discard)["Location"] == "/data-dukung/"
    assert not Evidence.objects.exists()
    assert Response.objects.filter(pk=response.pk).exists()


@pytest.mark.parametrize("many", [1, 6])
def test_the_page_takes_the_same_queries_for_any_number_of_uses_and_versions(many):
    submission = make_work(many)
    by = operator(submission)
    [evidence, *_] = [give(response, by).evidence for response in answers(submission)]
    for number in range(many):
        evidence = replace(evidence, by, NEW + b"%d" % number + b"\n%%EOF\n")
    client = signed_in(by)
    with CaptureQueriesContext(connection) as queries:
        client.get(page(evidence))
    assert len(queries) == 11
