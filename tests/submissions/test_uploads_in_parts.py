"""Files in parts over tus 1.0: whole or not there, one's own, resumable, cleaned up."""

import hashlib
import io
import os
import socket
from base64 import b64encode
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from agencies.roles import Role
from submissions.actions import uploads as verbs
from submissions.actions.record import RefusedError
from submissions.models import Blob, Event, Evidence, EvidenceLink, Submission, Upload, Verb
from submissions.views import uploads as views
from submissions.workflow import State
from tests.at_once import at_once
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import stored
from tests.submissions.test_uploads import PDF, picture

pytestmark = pytest.mark.django_db

LARGE = PDF[:-6] + bytes(range(256)) * 14_000 + b"\n%%EOF\n"  # 3.6 MB, and a PDF


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR = settings.UPLOAD_ROOT / "forms"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    settings.MEDIA_ROOT.mkdir()


@pytest.fixture
def case(client):
    """An answer, and its operator signed in."""
    submission = make_work()
    [answer] = answers(submission)
    by = operator(submission)
    client.force_login(by)
    return client, answer, by


def coded(**values: str) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in values.items())


def create(client, answer, content=PDF, name="SK.pdf", *, size=None, version="1.0.0", **values):
    return client.post(
        f"/isian/{answer.submission_id}/{answer.pk}/unggahan/",
        headers={
            "Tus-Resumable": version,
            "Upload-Length": str(len(content) if size is None else size),
            "Upload-Metadata": coded(filename=name, **values),
        },
    )


def begun(client, answer, content=PDF, name="SK.pdf", **values) -> str:
    reply = create(client, answer, content, name, **values)
    assert (reply.status_code, reply.content) == (201, b"")
    return reply.headers["Location"]


def patch(client, place, content, offset=0, **headers):
    sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    kind = sent.pop("kind", "application/offset+octet-stream")
    return client.generic("PATCH", place, content, content_type=kind, headers=sent)


def head(client, place):
    return client.head(place, headers={"Tus-Resumable": "1.0.0"})


def left(settings) -> list[str]:
    """What lies in the folder of what is on its way."""
    root = settings.UPLOAD_ROOT
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


# --- the way of a file ---------------------------------------------------------------------------


def test_a_file_in_parts_becomes_the_evidence_with_the_bytes_that_were_sent(case, settings):
    client, answer, by = case
    place = begun(client, answer, name="../SK Wali.pdf")
    first = patch(client, place, PDF[:20])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "20")
    assert EvidenceLink.objects.count() == 0
    seen = head(client, place)
    assert (seen.status_code, seen.headers["Upload-Offset"], seen.headers["Upload-Length"]) == (
        200, "20", str(len(PDF)),
    )  # fmt: skip
    assert (seen.headers["Cache-Control"], "Upload-Expires" in seen.headers) == ("no-store", True)
    last = patch(client, place, PDF[20:], 20)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(PDF)))
    link = EvidenceLink.objects.get()
    assert (link.response, link.added_by, link.evidence.name) == (answer, by, "SK Wali.pdf")
    assert link.evidence.blob.sha256 == hashlib.sha256(PDF).hexdigest()
    assert Path(link.evidence.blob.file.path).read_bytes() == PDF
    assert Event.objects.filter(verb=Verb.ATTACH).count() == 1
    assert head(client, place).headers["Upload-Offset"] == str(len(PDF))
    assert left(settings) == []


def test_what_the_server_can_do_stands_in_options(case):
    client, answer, _ = case
    told = client.options(f"/isian/{answer.submission_id}/{answer.pk}/unggahan/").headers
    assert (told["Tus-Version"], told["Tus-Max-Size"]) == ("1.0.0", str(25 * 1024 * 1024))
    assert told["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert told["Tus-Checksum-Algorithm"] == "sha1,sha256"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"version": "0.2.2"}, 412),
        ({"size": "banyak"}, 400),
        ({"size": ""}, 400),
        ({"size": "9" * 30}, 400),
        ({"size": 25 * 1024 * 1024 + 1}, 413),
        ({"size": 0}, 422),
        ({"name": "alat.exe"}, 422),
        ({"name": "lama.doc"}, 422),
        ({"name": ""}, 422),
    ],
)
def test_what_cannot_become_evidence_is_refused_before_a_byte_is_sent(case, changes, status):
    client, answer, _ = case
    reply = create(client, answer, **changes)
    assert (reply.status_code, reply.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert Upload.objects.count() == 0
    if status in {413, 422}:
        assert "tidak diterima. " in reply.content.decode()


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"kind": "application/octet-stream"}, PDF, 415),
        ({"Upload_Offset": "3"}, PDF, 409),
        ({"Upload_Offset": ""}, PDF, 400),
        ({"Upload_Offset": "-1"}, PDF, 400),
        ({"Tus_Resumable": ""}, PDF, 412),
        ({}, PDF + b"x", 413),
        ({"Upload_Checksum": "md4 AAAA"}, PDF, 400),
        ({"Upload_Checksum": "sha1 AAAA"}, PDF, 460),
        ({"Upload_Checksum": "sha1 ?"}, PDF, 400),
    ],
)
def test_a_part_that_does_not_fit_changes_nothing(case, settings, headers, content, status):
    client, answer, _ = case
    place = begun(client, answer)
    assert patch(client, place, content, **headers).status_code == status
    assert (head(client, place).headers["Upload-Offset"], left(settings)) == ("0", [])


@pytest.mark.parametrize(("length", "status"), [("", 411), ("-5", 400), ("0", 204)])
def test_a_part_says_how_long_it_is(case, settings, length, status):
    client, answer, _ = case
    place = begun(client, answer)
    reply = client.generic(
        "PATCH",
        place,
        PDF,
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
        CONTENT_LENGTH=length,
    )
    assert reply.status_code == status
    assert (head(client, place).headers["Upload-Offset"], left(settings)) == ("0", [])


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_part_with_its_checksum_counts(case, name):
    client, answer, _ = case
    place = begun(client, answer)
    digest = b64encode(hashlib.new(name, PDF[:9]).digest()).decode()
    assert patch(client, place, PDF[:9], Upload_Checksum=f"{name} {digest}").status_code == 204
    assert head(client, place).headers["Upload-Offset"] == "9"


def test_where_only_post_passes_the_method_stands_in_a_header(case):
    client, answer, _ = case
    place = begun(client, answer)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    kind = "application/offset+octet-stream"
    assert client.post(place, PDF, content_type=kind, headers=headers).status_code == 204
    assert Evidence.objects.count() == 1
    assert client.post(place, headers={"Tus-Resumable": "1.0.0"}).status_code == 405


def test_a_cancelled_upload_leaves_nothing(case, settings):
    client, answer, _ = case
    place = begun(client, answer)
    patch(client, place, PDF[:20])
    gone = client.delete(place, headers={"Tus-Resumable": "1.0.0"})
    assert (gone.status_code, head(client, place).status_code) == (204, 404)
    assert (Upload.objects.count(), left(settings)) == (0, [])


# --- looked into like a file of a form -----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sum_of", "words"),
    [
        (b"MZ" + b"\0" * 100, None, "Isinya bukan PDF"),
        (PDF[:30], None, "terpotong"),
        (PDF, b"other bytes", "berubah dalam perjalanan"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_refused_for_its_content_says_why_and_goes(
    case, settings, content, sum_of, words, htmx
):
    client, answer, _ = case
    given = {"sha256": hashlib.sha256(sum_of).hexdigest()} if sum_of else {}
    place = begun(client, answer, content, **given)
    reply = patch(client, place, content, **({"HX_Request": "true"} if htmx else {}))
    assert (reply.status_code, words in reply.content.decode()) == (422, True)
    assert (Upload.objects.count(), Evidence.objects.count()) == (0, 0)
    assert (left(settings), stored()) == ([], [])


def test_the_page_gets_its_list_back_with_the_last_part(case):
    client, answer, _ = case
    place = begun(client, answer, sha256=hashlib.sha256(PDF).hexdigest())
    reply = patch(client, place, PDF, HX_Request="true")
    assert (reply.status_code, "SK.pdf</a>" in reply.content.decode()) == (200, True)


def test_a_photo_in_parts_is_drawn_anew_without_what_a_camera_adds(case):
    client, answer, _ = case
    content = picture(comment=b"Kamera Anak")
    place = begun(client, answer, content, "foto.jpg", sha256=hashlib.sha256(content).hexdigest())
    assert b"Kamera Anak" in content
    assert patch(client, place, content).status_code == 204
    assert b"Kamera Anak" not in Path(Blob.objects.get().file.path).read_bytes()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nX: y.pdf", "a X: y.pdf"),
        ("\u202eabc.pdf", "abc.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("C:\\Users\\ibu\\.SK.pdf", "SK.pdf"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
    ],
)
def test_a_name_in_the_metadata_is_made_safe_as_that_of_a_form(case, raw, clean):
    client, answer, _ = case
    place = begun(client, answer, name=raw)
    patch(client, place, PDF)
    evidence = Evidence.objects.get()
    reply = client.get(f"/data-dukung/{evidence.pk}/?unduh=1")
    b"".join(reply.streaming_content)
    assert evidence.name == clean
    assert (
        "\n"
        not in reply.headers["Content-Disposition"] + head(client, place).headers["Upload-Metadata"]
    )


def test_metadata_that_cannot_be_read_is_refused(case):
    client, answer, _ = case
    for raw in ("filename ?", "filename /w==", "x" * 3000, "filename é"):
        reply = client.post(
            f"/isian/{answer.submission_id}/{answer.pk}/unggahan/",
            headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": raw},
        )
        assert reply.status_code == 400


def test_an_answer_that_was_handed_in_meanwhile_keeps_the_upload_for_later(case, settings):
    client, answer, _ = case
    place = begun(client, answer)
    patch(client, place, PDF[:20])
    Submission.objects.update(state=State.SUBMITTED.value)
    reply = patch(client, place, PDF[20:], 20)
    assert (reply.status_code, "sudah diajukan" in reply.content.decode()) == (422, True)
    assert (head(client, place).headers["Upload-Offset"], Evidence.objects.count()) == ("20", 0)
    assert (stored(), len(left(settings))) == ([], 1)
    Submission.objects.update(state=State.DRAFT.value)
    assert patch(client, place, PDF[20:], 20).status_code == 204
    assert Evidence.objects.count() == 1


# --- whose it is ---------------------------------------------------------------------------------


def test_an_upload_is_there_for_its_own_person_only(case, client):
    mine, answer, by = case
    place = begun(mine, answer)
    colleague = operator(answer.submission)
    never = "/unggahan/00000000-0000-4000-8000-000000000000/"
    for user in (colleague, make_user(Role.VERIFIKATOR, region=answer.agency.region), make_user()):
        client.force_login(user)
        for method in ("HEAD", "PATCH", "DELETE"):
            replies = [
                client.generic(method, each, PDF, headers={"Tus-Resumable": "1.0.0"})
                for each in (place, never)
            ]
            assert [each.status_code for each in replies] == [404, 404]
            assert replies[0].content == replies[1].content
    assert Upload.objects.get().offset == 0
    del by


def test_where_another_office_sends_to_answers_like_what_never_was(case, client):
    _, answer, _ = case
    never = f"/isian/{answer.submission_id + 1000}/{answer.pk + 1000}/unggahan/"
    place = f"/isian/{answer.submission_id}/{answer.pk}/unggahan/"
    client.force_login(make_user())
    for method in ("POST", "OPTIONS"):
        replies = [
            client.generic(method, each, headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9"})
            for each in (place, never)
        ]
        assert [each.status_code for each in replies] == [404, 404]
        assert replies[0].content == replies[1].content
    assert Upload.objects.count() == 0


def test_a_sum_gives_nobody_the_bytes_of_another_office(case, client):
    mine, answer, _ = case
    assert patch(mine, begun(mine, answer), PDF).status_code == 204
    digest = hashlib.sha256(PDF).hexdigest()
    other = make_work()
    client.force_login(operator(other))
    [asked] = answers(other)
    place = begun(client, asked, sha256=digest)
    assert head(client, place).headers["Upload-Offset"] == "0"  # not "already there"
    assert (asked.links.count(), Evidence.objects.count()) == (0, 1)
    wrong = PDF[:-7] + b"x" + PDF[-6:]
    reply = patch(client, place, wrong)
    assert (reply.status_code, "berubah dalam perjalanan" in reply.content.decode()) == (422, True)
    assert (Evidence.objects.count(), Blob.objects.count()) == (1, 1)


def test_an_upload_is_out_of_reach_with_its_answer(case):
    client, answer, by = case
    place = begun(client, answer)
    by.agency = make_user().agency
    by.save(update_fields=["agency"])
    assert head(client, place).status_code == 404


def test_a_reader_may_begin_nothing(case):
    _, answer, _ = case
    reader = make_user(Role.PIMPINAN, region=answer.agency.region)
    with pytest.raises(PermissionDenied):
        verbs.begin(answer, name="a.pdf", size=9, by=reader, now=timezone.now())


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_without_the_token_against_forged_requests_nothing_happens(case, method):
    client, answer, by = case
    place = begun(client, answer)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(by)
    at = place if method != "POST" else f"/isian/{answer.submission_id}/{answer.pk}/unggahan/"
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "9"}
    kind = "application/offset+octet-stream"
    assert strict.generic(method, at, PDF, content_type=kind, headers=headers).status_code == 403
    assert (Upload.objects.count(), Upload.objects.get().offset) == (1, 0)


def test_what_one_person_has_half_way_has_an_end(case, settings):
    client, answer, _ = case
    settings.UPLOAD_QUOTA_BYTES = 2 * len(PDF)
    first = begun(client, answer)
    begun(client, answer)
    third = create(client, answer)
    assert (third.status_code, "belum selesai" in third.content.decode()) == (422, True)
    patch(client, first, PDF)
    begun(client, answer)


def test_the_number_of_files_half_way_has_an_end(case, monkeypatch):
    client, answer, by = case
    monkeypatch.setattr(verbs, "AT_ONCE", 1)
    begun(client, answer)
    with pytest.raises(RefusedError):
        verbs.begin(answer, name="a.pdf", size=1, by=by, now=timezone.now())


# --- what is left half-way -----------------------------------------------------------------------


def aged(path: Path, hours: float) -> Path:
    at = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (at, at))
    return path


def test_the_command_removes_what_nobody_went_on_with_and_nothing_else(case, settings):
    client, answer, _ = case
    old, live = begun(client, answer), begun(client, answer)
    for place in (old, live):
        patch(client, place, PDF[:20])
    Upload.objects.filter(token=old.split("/")[2]).update(expires_at=timezone.now())
    root, forms = settings.UPLOAD_ROOT, settings.FILE_UPLOAD_TEMP_DIR
    for folder in ("1" * 32, "2" * 32):
        (root / folder).mkdir()
        (root / folder / "a.part").write_bytes(b"x")
    aged(root / ("1" * 32), 49)
    for name in ("alt.upload", "neu.upload"):
        (forms / name).write_bytes(b"x")
    aged(forms / "alt.upload", 49)
    live_folder = next(root.glob(live.split("/")[2].replace("-", "")))
    aged(live_folder, 49)
    said = io.StringIO()
    call_command("clean_uploads", stdout=said)
    assert said.getvalue() == "1 uploads removed, 2 stray files removed.\n"
    assert (head(client, old).status_code, head(client, live).status_code) == (404, 200)
    assert [each.rpartition("/")[0] for each in left(settings)] == sorted(
        ["2" * 32, live_folder.name, "forms"]
    )
    assert patch(client, live, PDF[20:], 20).status_code == 204


def test_who_comes_too_late_is_told_and_the_next_beginning_cleans_up(case, settings):
    client, answer, _ = case
    place = begun(client, answer)
    patch(client, place, PDF[:20])
    Upload.objects.update(expires_at=timezone.now())
    assert head(client, place).status_code == 410
    assert patch(client, place, PDF[20:], 20).status_code == 410
    begun(client, answer)
    assert (Upload.objects.count(), left(settings)) == (1, [])


def test_an_upload_whose_parts_are_lost_is_given_up(case, settings):
    client, answer, _ = case
    place = begun(client, answer)
    patch(client, place, PDF[:20])
    for each in left(settings):
        (settings.UPLOAD_ROOT / each).unlink()
    assert patch(client, place, PDF[20:], 20).status_code == 409
    assert (head(client, place).status_code, Evidence.objects.count()) == (404, 0)


# --- faults and several at once ------------------------------------------------------------------


@pytest.mark.parametrize("checksum", [False, True])
def test_of_a_part_that_breaks_off_what_came_counts_unless_it_has_a_checksum(
    live_server, case, settings, monkeypatch, checksum
):
    client, answer, _ = case
    monkeypatch.setattr(views, "SEGMENT", 16)
    place = begun(client, answer)
    headers = tus(live_server, client, answer).headers | {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(len(PDF)),
    }
    if checksum:
        digest = b64encode(hashlib.sha1(PDF, usedforsecurity=False).digest()).decode()
        headers["Upload-Checksum"] = f"sha1 {digest}"
    server = live_server.thread
    with socket.create_connection((server.host, server.port)) as line:
        said = [f"PATCH {place} HTTP/1.1", f"Host: {server.host}"]
        said += [f"{name}: {value}" for name, value in headers.items()]
        line.sendall("\r\n".join([*said, "", ""]).encode() + PDF[:40])
        line.shutdown(socket.SHUT_WR)
        status = line.recv(1000).split()[1]
    came, parts, first = (0, 0, b"460") if checksum else (40, 3, b"204")
    assert (status, head(client, place).headers["Upload-Offset"]) == (first, str(came))
    assert len(left(settings)) == parts
    assert patch(client, place, PDF[came:], came).status_code == 204
    assert Blob.objects.get().sha256 == hashlib.sha256(PDF).hexdigest()


def test_a_disk_that_is_full_is_told_and_nothing_half_stays(case, settings, monkeypatch):
    client, answer, _ = case
    place = begun(client, answer)
    patch(client, place, PDF[:20])

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(verbs.os, "fsync", full)
        reply = patch(client, place, PDF[20:], 20)
    assert (reply.status_code, "tetap ada" in reply.content.decode()) == (507, True)
    assert (head(client, place).headers["Upload-Offset"], len(left(settings))) == ("20", 1)
    assert patch(client, place, PDF[20:], 20).status_code == 204


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [20, len(PDF)], ids=["in the middle", "the last part"])
def test_of_two_parts_at_one_place_one_counts_and_the_other_is_told(case, settings, end):
    client, answer, by = case
    place = begun(client, answer)
    clients = [Client() for _ in range(4)]
    for each in clients:
        each.force_login(by)
    said = at_once(*[partial(patch, each, place, PDF[:end]) for each in clients])
    assert sorted(each.status_code for each in said) == [204, 409, 409, 409]
    assert head(client, place).headers["Upload-Offset"] == str(end)
    if end < len(PDF):
        assert len(left(settings)) == 1
        patch(client, place, PDF[end:], end)
    assert (EvidenceLink.objects.count(), len(stored()), left(settings)) == (1, 1, [])
    assert Blob.objects.get().sha256 == hashlib.sha256(PDF).hexdigest()


# --- a client that nobody here wrote -------------------------------------------------------------


def tus(live_server, client, answer) -> TusClient:
    """tuspy with the session and the token of one who is signed in."""
    page = client.get(f"/isian/{answer.submission_id}/")
    client.cookies["csrf"] = page.cookies["csrf"].value
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    return TusClient(
        f"{live_server.url}/isian/{answer.submission_id}/{answer.pk}/unggahan/",
        headers={"Cookie": cookies, "X-CSRFToken": page.cookies["csrf"].value},
    )


@pytest.mark.parametrize("checksum", [False, True])
def test_another_client_stops_and_goes_on_later(live_server, case, checksum):
    client, answer, _ = case
    outside = tus(live_server, client, answer)
    given = {
        "file_stream": io.BytesIO(LARGE),
        "chunk_size": 500_000,
        "upload_checksum": checksum,
        "metadata": {"filename": "Laporan.pdf"},
    }
    first = outside.uploader(**given)
    first.upload(stop_at=1_500_000)
    second = outside.uploader(url=first.url, **given)
    assert second.offset == 1_500_000
    second.upload()
    blob = EvidenceLink.objects.get().evidence.blob
    assert (blob.size, blob.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())


def test_another_client_sends_all_at_once(live_server, case):
    client, answer, _ = case
    outside = tus(live_server, client, answer)
    outside.uploader(file_stream=io.BytesIO(LARGE), metadata={"filename": "a.pdf"}).upload()
    assert Blob.objects.get().sha256 == hashlib.sha256(LARGE).hexdigest()


def test_another_client_is_told_why_its_file_is_refused(live_server, case):
    client, answer, _ = case
    sender = tus(live_server, client, answer).uploader(
        file_stream=io.BytesIO(b"MZ" * 50), metadata={"filename": "a.pdf"}
    )
    with pytest.raises(TusUploadFailed) as refused:
        sender.upload()
    assert (refused.value.status_code, b"bukan PDF" in refused.value.response_content) == (
        422,
        True,
    )
