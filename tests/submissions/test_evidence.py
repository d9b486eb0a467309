"""Evidence: stored once, attached, taken away, and read again; what a fault in between leaves."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.storage.filesystem import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.actions import answering
from submissions.actions import evidence as verbs
from submissions.actions.record import RefusedError
from submissions.forms import uploads
from submissions.models import (
    Blob,
    Event,
    Evidence,
    EvidenceLink,
    Response,
    Review,
    Submission,
    Verb,
)
from submissions.workflow import State, Verdict
from tests.at_once import at_once
from tests.factories import (
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
from tests.submissions.test_uploads import PDF, picture

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 20, 3, 42, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def stored() -> list[str]:
    """Every file that the storage holds."""
    root = default_storage.location
    found = FileSystemStorage(location=root)

    def walk(folder):
        folders, files = found.listdir(folder)
        yield from (f"{folder}/{name}".lstrip("/") for name in files)
        for each in folders:
            yield from walk(f"{folder}/{each}".lstrip("/"))

    return sorted(walk(""))


def give(response, by, name="SK.pdf", content=PDF):
    upload = uploads.check(SimpleUploadedFile(name, content))
    return verbs.attach_file(response, upload=upload, by=by, now=NOW)


def link(response, by, url="https://contoh.example/sk", name="SK"):
    return verbs.attach_link(response, url=url, name=name, by=by, now=NOW)


def two_agencies():
    """One question: a lead and a support, each with its response."""
    instrument = make_instrument()
    question = make_question(make_indicator(instrument))
    region = make_region()
    lead, support = make_agency(region), make_agency(region)
    assign(question, lead)
    assign(question, support, AssignmentRole.SUPPORT)
    publish(instrument)
    assessment = make_assessment(region, instrument)
    return [
        answers(assessment.submissions.for_work().get(agency=each))[0] for each in (lead, support)
    ]


def test_a_file_is_stored_under_a_name_of_ours_with_its_sum_and_one_event():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = give(response, by, "../Rahasia Anak.pdf")
    blob = Blob.objects.get()
    assert (blob.sha256, blob.size, blob.content_type) == (
        hashlib.sha256(PDF).hexdigest(),
        len(PDF),
        "application/pdf",
    )
    assert stored() == [blob.file.name]
    assert "Rahasia" not in blob.file.name
    assert (given.evidence.name, given.evidence.agency, given.added_by) == (
        "Rahasia Anak.pdf",
        submission.agency,
        by,
    )
    event = Event.objects.get(verb=Verb.ATTACH)
    assert (event.response, event.data["sha256"]) == (response, blob.sha256)
    assert Submission.objects.get().state == State.DRAFT


def test_the_same_file_twice_is_the_same_attachment_and_no_second_event():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    assert give(response, by) == give(response, by, "Nama lain.pdf")
    assert (EvidenceLink.objects.count(), Evidence.objects.count(), len(stored())) == (1, 1, 1)
    assert Event.objects.filter(verb=Verb.ATTACH).count() == 1


def test_equal_bytes_of_two_agencies_are_stored_once_and_tell_neither_of_the_other():
    lead, support = two_agencies()
    mine, theirs = operator(support.submission), operator(lead.submission)
    first, second = give(support, mine, "A.pdf"), give(lead, theirs, "B.pdf")
    assert first.evidence.blob == second.evidence.blob
    assert (first.evidence.agency, second.evidence.agency) == (support.agency, lead.agency)
    assert len(stored()) == 1
    assert list(Evidence.objects.visible_to(mine)) == [first.evidence]


def test_one_file_serves_two_questions():
    submission = make_work(2)
    by = operator(submission)
    first, second = (give(each, by) for each in answers(submission))
    assert (first.evidence, len(stored())) == (second.evidence, 1)


def test_a_file_is_gone_when_the_last_that_used_it_lets_go():
    lead, support = two_agencies()
    first = give(support, operator(support.submission))
    second = give(lead, operator(lead.submission))
    verbs.detach(first, by=operator(support.submission), now=NOW)
    assert (Evidence.objects.count(), len(stored())) == (1, 1)
    assert Event.objects.filter(verb=Verb.DETACH).count() == 1
    del second


@pytest.mark.django_db(transaction=True)
def test_taking_the_last_away_takes_the_bytes_too():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    verbs.detach(give(response, by), by=by, now=NOW)
    assert (EvidenceLink.objects.count(), Evidence.objects.count(), Blob.objects.count()) == (
        0,
        0,
        0,
    )
    assert stored() == []


def test_what_a_verdict_rested_on_stays_marked_when_it_is_taken_away():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = give(response, by)
    review = Review.objects.create(
        response=response, version=0, verdict=Verdict.RETURNED.value, by=verifikator(submission)
    )
    review.evidence.set([given.evidence])
    verbs.detach(given, by=by, now=NOW)
    given.refresh_from_db()
    assert (given.removed_at, given.removed_by) == (NOW, by)
    assert len(stored()) == 1
    verbs.detach(given, by=by, now=NOW)
    assert Event.objects.filter(verb=Verb.DETACH).count() == 1
    assert give(response, by).pk != given.pk


def test_other_evidence_makes_a_returned_answer_wait_again():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    Submission.objects.update(state=State.RETURNED.value)
    Response.objects.update(verdict=Verdict.RETURNED.value)
    given = link(answers(submission)[0], by)
    assert answers(submission)[0].verdict == ""
    Response.objects.update(verdict=Verdict.RETURNED.value)
    verbs.detach(given, by=by, now=NOW)
    assert answers(submission)[0].verdict == ""
    del response


def test_a_support_has_answered_once_something_is_attached():
    _, support = two_agencies()
    by = operator(support.submission)
    given = link(support, by)
    assert Response.objects.get(pk=support.pk).answered_at == NOW
    verbs.detach(given, by=by, now=NOW)
    assert Response.objects.get(pk=support.pk).answered_at is None


VERBS = {
    "file": lambda response, by: give(response, by),
    "link": lambda response, by: link(response, by),
    "existing": lambda response, by: verbs.attach_existing(
        response, evidence=Evidence.objects.get(name="Lama"), by=by, now=NOW
    ),
    "detach": lambda response, by: verbs.detach(
        EvidenceLink.objects.select_related("response__submission__agency").get(), by=by, now=NOW
    ),
}


def prepared(verb):
    submission = make_work()
    [response] = answers(submission)
    by = operator(submission)
    old = Evidence.objects.create(
        agency=submission.agency, name="Lama", url="https://contoh.example/lama", created_by=by
    )
    if verb == "detach":
        EvidenceLink.objects.create(response=response, evidence=old, added_by=by)
    return submission, response


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("role", "where", "may"),
    [
        (Role.OPERATOR, "own", True),
        (Role.OPERATOR, "region", False),
        (Role.VERIFIKATOR, "region", True),
        (Role.VERIFIKATOR, "other", False),
        (Role.PIMPINAN, "region", False),
        (Role.ADMINISTRATOR, "region", False),
    ],
)
def test_the_agency_attaches_and_takes_away_or_the_verifikator_on_its_behalf(
    verb, role, where, may
):
    submission, response = prepared(verb)
    region = make_region() if where == "other" else submission.agency.region
    agency = submission.agency if where == "own" else make_agency(region)
    by = make_user(role, region=region, agency=agency)
    before = list(EvidenceLink.objects.values())
    if not may:
        with pytest.raises(PermissionDenied):
            VERBS[verb](response, by)
        assert (list(EvidenceLink.objects.values()), stored()) == (before, [])
        return
    VERBS[verb](response, by)
    assert list(EvidenceLink.objects.values()) != before
    assert set(submission.events.values_list("on_behalf", flat=True)) == {where != "own"}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("held", ["submitted", "accepted", "answer accepted", "closed"])
def test_evidence_holds_still_with_its_answer(verb, held):
    submission, response = prepared(verb)
    if held == "answer accepted":
        Submission.objects.update(state=State.RETURNED.value)
        Response.objects.update(verdict=Verdict.ACCEPTED.value)
    elif held == "closed":
        submission.assessment.closed_at = NOW
        submission.assessment.save(update_fields=["closed_at"])
    else:
        state = State.SUBMITTED if held == "submitted" else State.ACCEPTED
        Submission.objects.update(state=state.value)
    before = list(EvidenceLink.objects.values())
    with pytest.raises(RefusedError):
        VERBS[verb](response, operator(submission))
    assert (list(EvidenceLink.objects.values()), stored()) == (before, [])


def test_a_lead_takes_over_what_a_support_gave_for_the_question_and_nothing_else():
    lead, support = two_agencies()
    given = give(support, operator(support.submission)).evidence
    by = operator(lead.submission)
    stranger = answers(make_work())[0]
    foreign = link(stranger, operator(stranger.submission)).evidence
    assert list(verbs.takeable(lead)) == [given]
    taken = verbs.attach_existing(lead, evidence=given, by=by, now=NOW)
    assert verbs.attach_existing(lead, evidence=given, by=by, now=NOW) == taken
    assert list(verbs.takeable(lead)) == []
    with pytest.raises(RefusedError):
        verbs.attach_existing(lead, evidence=foreign, by=by, now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://contoh.example/a",
        "file:///etc/passwd",
        "//contoh.example/a",
        "contoh.example",
        "https://user@contoh.example/",
        "https://user:pass@contoh.example/",
        "https://",
        "https:///a",
        "https://contoh.example/a b",
        'https://contoh.example/"x',
        "https://contoh.example\\@evil.example",
        "https://contoh.example:port/",
        "https://[contoh/",
        "java\tscript:alert(1)",
        "https://contoh.example/" + "a" * 500,
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(url):
    submission = make_work()
    with pytest.raises(RefusedError):
        link(answers(submission)[0], operator(submission), url)
    assert Evidence.objects.count() == 0


def test_an_address_given_again_is_the_one_that_stands():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    first = link(response, by, name="")
    assert first.evidence.name == "contoh.example"
    assert link(response, by, name="Lain") == first


def test_the_room_of_an_agency_in_a_year_has_an_end(settings):
    settings.EVIDENCE_QUOTA_BYTES = len(PDF) + 10
    submission = make_work(2)
    by = operator(submission)
    first, second = answers(submission)
    give(first, by)
    with pytest.raises(RefusedError) as refused:
        give(second, by, content=PDF + b"%%EOF")
    assert "Ruang simpan" in str(refused.value)
    assert (EvidenceLink.objects.count(), len(stored())) == (1, 1)


# --- faults in between ---------------------------------------------------------------------------


def test_a_disk_that_is_full_leaves_no_row_and_no_half_file(monkeypatch):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)

    def full(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(RefusedError) as refused:
        give(response, by)
    assert "penyimpanan" in str(refused.value)
    assert (Blob.objects.count(), Evidence.objects.count(), stored()) == (0, 0, [])
    answering.answer(response, value={"level": 0}, note="", version=0, by=by, now=NOW)


def test_a_database_that_fails_after_the_file_leaves_no_file(monkeypatch):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)

    def fail(*args, **kwargs):
        raise RuntimeError("gone")

    monkeypatch.setattr(verbs, "record", fail)
    with pytest.raises(RuntimeError):
        give(response, by)
    assert (EvidenceLink.objects.count(), stored()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_two_who_send_the_same_file_at_once_get_one_blob_and_no_stray_file():
    lead, support = two_agencies()
    pairs = [(lead, operator(lead.submission)), (support, operator(support.submission))]
    given = at_once(*[partial(give, *pair) for pair in pairs * 2])
    owners = sorted(each.evidence.agency_id for each in given)
    assert owners == sorted([lead.agency.pk, support.agency.pk] * 2)
    assert (Blob.objects.count(), EvidenceLink.objects.count()) == (1, 2)
    assert stored() == [Blob.objects.get().file.name]


# --- over HTTP -----------------------------------------------------------------------------------


def status_of(client, address) -> int:
    """The status, with the file read to its end."""
    reply = client.get(address)
    b"".join(reply)
    return reply.status_code


def url(response) -> str:
    return f"/isian/{response.submission_id}/{response.pk}/data-dukung/"


def send(client, response, *files, **headers):
    data = {"berkas": [SimpleUploadedFile(name, content) for name, content in files]}
    return client.post(url(response), data, headers=headers)


def test_several_files_are_sent_at_once_and_each_refusal_stands_by_itself(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    reply = send(
        client,
        response,
        ("SK.pdf", PDF),
        ("foto.jpg", picture()),
        ("alat.exe", b"MZ"),
        hx_request="true",
    )
    text = reply.content.decode()
    assert reply.status_code == 422
    assert "alat.exe tidak diterima." in text
    assert ("SK.pdf</a>" in text, "foto.jpg</a>" in text) == (True, True)
    assert EvidenceLink.objects.count() == 2


def test_without_a_script_a_plain_form_comes_back_to_its_page(client):
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    reply = send(client, response, ("SK.pdf", PDF))
    assert (reply.status_code, reply.headers["Location"]) == (302, url(response))
    assert "SK.pdf" in client.get(url(response)).content.decode()
    assert send(client, response, ("a.exe", b"MZ")).status_code == 422
    assert client.post(url(response)).status_code == 422


def test_a_file_that_is_too_big_is_not_read_to_its_end_and_leaves_nothing(
    client, settings, tmp_path
):
    settings.EVIDENCE_MAX_BYTES = 3 * 1024 * 1024
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    big = PDF + b"0" * (4 * 1024 * 1024)
    reply = send(client, response, ("besar.pdf", big), ("SK.pdf", PDF), hx_request="true")
    assert reply.status_code == 413
    assert "besar.pdf tidak diterima. Paling besar 3 MB per berkas" in reply.content.decode()
    assert [each.name for each in Evidence.objects.all()] == ["SK.pdf"]
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []


def test_a_request_beyond_all_limits_is_cut_off(client, settings):
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES = 100_000, 2
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    files = [(f"{n}.pdf", PDF + b"0" * 90_000) for n in range(4)]
    assert send(client, response, *files, hx_request="true").status_code == 413
    assert Evidence.objects.count() == 0


def test_more_files_than_allowed_are_refused_with_the_number(client, settings):
    settings.EVIDENCE_MAX_FILES = 2
    submission = make_work()
    [response] = answers(submission)
    client.force_login(operator(submission))
    reply = send(client, response, *[(f"{n}.pdf", PDF) for n in range(3)])
    assert reply.status_code == 422
    assert "Paling banyak 2 berkas" in reply.content.decode()
    assert Evidence.objects.count() == 0


NAMES = ["SK Wali Kota.pdf", "a\r\nX: y.pdf", 'ku"tip.pdf', "é.pdf", "\u202eabc.pdf", ".pdf.pdf"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_in_one_header_line(client, name):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = give(response, by, name)
    client.force_login(by)
    reply = client.get(f"/data-dukung/{given.evidence.pk}/?unduh=1")
    assert reply.status_code == 200
    assert "\n" not in reply.headers["Content-Disposition"]
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(reply.streaming_content) == PDF


@pytest.mark.parametrize(
    ("name", "content_type", "save", "how"),
    [
        ("a.pdf", "application/pdf", "", "inline"),
        ("a.jpg", "image/jpeg", "", "inline"),
        ("a.png", "image/png", "", "inline"),
        ("a.pdf", "application/pdf", "?unduh=1", "attachment"),
        ("a.docx", "application/vnd.openxmlformats", "", "attachment"),
        ("a.html", "text/html", "", "attachment"),
        ("a.svg", "image/svg+xml", "", "attachment"),
    ],
)
def test_a_stored_file_is_served_as_what_we_recorded_and_can_do_nothing(
    client, name, content_type, save, how
):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = give(response, by)
    Blob.objects.update(content_type=content_type)
    Evidence.objects.update(name=name)
    client.force_login(by)
    reply = client.get(f"/data-dukung/{given.evidence.pk}/{save}")
    headers = reply.headers
    assert headers["Content-Type"] == content_type
    assert headers["Content-Disposition"].split(";")[0] == how
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; frame-ancestors 'self'"
    )
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Cache-Control"] == "private, no-cache"
    assert b"".join(reply.streaming_content) == PDF
    again = client.get(
        f"/data-dukung/{given.evidence.pk}/{save}", headers={"if-none-match": headers["ETag"]}
    )
    assert again.status_code == 304


def test_evidence_is_seen_by_those_it_concerns_and_is_404_for_all_others(client):
    lead, support = two_agencies()
    given = give(support, operator(support.submission)).evidence
    region = lead.agency.region
    for user, status in [
        (operator(support.submission), 200),
        (operator(lead.submission), 200),
        (make_user(Role.VERIFIKATOR, region=region), 200),
        (make_user(Role.PIMPINAN, region=region), 200),
        (make_user(Role.OPERATOR, agency=make_agency(region)), 404),
        (make_user(Role.VERIFIKATOR), 404),
        (make_user(Role.PIMPINAN), 404),
    ]:
        client.force_login(user)
        assert status_of(client, f"/data-dukung/{given.pk}/") == status
    client.logout()
    assert status_of(client, f"/data-dukung/{given.pk}/") == 302


def test_evidence_that_is_taken_away_is_gone_from_the_open_tab_at_once(client):
    lead, support = two_agencies()
    by = operator(support.submission)
    given = give(support, by)
    client.force_login(operator(lead.submission))
    address = f"/data-dukung/{given.evidence.pk}/"
    assert status_of(client, address) == 200
    verbs.detach(given, by=by, now=NOW)
    assert status_of(client, address) == 404


def test_a_link_is_never_opened_by_us(client):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = link(response, by)
    client.force_login(by)
    assert client.get(f"/data-dukung/{given.evidence.pk}/").status_code == 404
    page = client.get(f"/isian/{submission.pk}/").content.decode()
    assert (
        'href="https://contoh.example/sk" target="_blank" rel="noopener noreferrer nofollow"'
        in page
    )
    assert "contoh.example ·" in page


def test_the_evidence_of_others_cannot_be_chosen(client):
    submission = make_work()
    [response] = answers(submission)
    stranger = answers(make_work())[0]
    foreign = link(stranger, operator(stranger.submission)).evidence
    client.force_login(operator(submission))
    for choice in (foreign.pk, 0, "x", "9" * 30):
        reply = client.post(url(response), {"ambil": choice})
        assert reply.status_code == 422
        assert "Pilih salah satu data dukung dalam daftar." in reply.content.decode()
    assert response.links.count() == 0


def test_what_was_given_before_is_attached_without_sending_it_again(client):
    submission = make_work(2)
    by = operator(submission)
    first, second = answers(submission)
    given = give(first, by).evidence
    client.force_login(by)
    assert client.post(url(second), {"ambil": given.pk}).status_code == 302
    assert second.links.get().evidence == given


def test_the_link_of_another_answer_is_not_taken_away_through_this_one(client):
    submission = make_work(2)
    by = operator(submission)
    first, second = answers(submission)
    given = give(first, by)
    client.force_login(by)
    assert client.post(f"{url(second)}{given.pk}/lepas/").status_code == 404
    assert (
        client.post(f"{url(first)}{given.pk}/lepas/", headers={"hx-request": "true"}).status_code
        == 200
    )
    assert EvidenceLink.objects.count() == 0


@pytest.mark.parametrize("given", [1, 20])
def test_sending_a_file_takes_the_same_queries_for_any_number(
    client, django_assert_num_queries, given
):
    submission = make_work(2)
    by = operator(submission)
    first, _ = answers(submission)
    for number in range(given):
        link(first, by, f"https://contoh.example/{number}")
    client.force_login(by)
    send(client, first, ("Lama.pdf", PDF + b"lama"), hx_request="true")
    with django_assert_num_queries(14):
        send(client, first, ("SK.pdf", PDF), hx_request="true")


@pytest.mark.parametrize("given", [1, 20])
def test_the_page_of_evidence_takes_the_same_queries_for_any_number(
    client, django_assert_num_queries, given
):
    submission = make_work(2)
    by = operator(submission)
    first, second = answers(submission)
    for number in range(given):
        link(first, by, f"https://contoh.example/{number}")
        link(second, by, f"https://contoh.example/lain/{number}")
    client.force_login(by)
    client.get(url(first))
    with django_assert_num_queries(9):
        client.get(url(first))
