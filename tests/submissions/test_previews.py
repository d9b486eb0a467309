"""Pictures of evidence: drawn once by a job, bounded whatever is in the file, seen by who may."""

import io
import subprocess
import time
from datetime import timedelta

import pypdfium2
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django_tasks_db.models import DBTaskResult
from PIL import Image

from agencies.roles import Role
from submissions import tasks
from submissions.actions import drawing, previews
from submissions.actions import evidence as verbs
from submissions.models import Evidence, EvidenceLink
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import NOW, give, link, stored, two_agencies
from tests.submissions.test_uploads import PDF, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_worker_and_a_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.EVIDENCE_PICTURES = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def paper(width=595, height=842) -> bytes:
    document, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.new_page(width, height)
    document.save(out)
    return out.getvalue() + b"\n%%EOF\n"


def drawing_of(body: bytes, box: str = "600 800") -> bytes:
    """A PDF of one page with that content, of those measures; `A` draws itself twice over."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R"
        b"/MediaBox[0 0 " + box.encode() + b"]/Contents 4 0 R"
        b"/Resources<</XObject<</A 5 0 R>>>>>>endobj\n4 0 obj<</Length "
        + str(len(body)).encode() + b">>stream\n" + body + b"\nendstream endobj\n"
        b"5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 10 10]/Resources<</XObject<</A 5 0 R>>>>"
        b"/Length 10>>stream\n/A Do /A Do\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip


def given(content=None, name="SK.pdf"):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    return by, give(response, by, name, content or paper()).evidence


def run_jobs():
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)


@pytest.mark.parametrize(
    ("name", "make"),
    [("SK.pdf", paper), ("foto.jpg", picture), ("lebar.pdf", lambda: paper(14_000, 700))],
)
def test_a_job_draws_two_pictures_that_fit_their_boxes(name, make):
    _, evidence = given(make(), name)
    assert (evidence.thumb.name, evidence.preview.name) == ("", "")
    [job] = DBTaskResult.objects.all()
    assert (job.task_path, job.args_kwargs["args"]) == ("submissions.tasks.draw", [evidence.pk])
    assert tasks.draw.call(evidence.pk) is True
    evidence.refresh_from_db()
    for file, box in ((evidence.thumb, drawing.SMALL), (evidence.preview, drawing.LARGE)):
        with default_storage.open(file.name) as drawn, Image.open(drawn) as image:
            assert image.format == "WEBP"
            assert image.width <= box[0]
            assert image.height <= box[1]
    assert len(stored()) == 3


def test_drawn_again_it_is_the_same_and_nothing_is_left_over():
    _, evidence = given()
    assert (tasks.draw.call(evidence.pk), tasks.draw.call(evidence.pk)) == (True, True)
    assert len(stored()) == 3


def test_no_job_for_kinds_without_pictures_or_for_an_upload_that_was_refused(settings):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    link(response, by)
    settings.EVIDENCE_QUOTA_BYTES = 1
    with pytest.raises(verbs.RefusedError):
        give(response, by)
    assert DBTaskResult.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [PDF, drawing_of(b"/A Do"), paper()[:200] + b"\n%%EOF\n"],
    ids=["empty", "draws itself", "cut"],
)
def test_a_hostile_or_broken_file_ends_without_a_picture_and_stays_whole(content):
    _, evidence = given(content)
    begun = time.monotonic()
    assert tasks.draw.call(evidence.pk) is False
    assert time.monotonic() - begun < drawing.PATIENCE + 5
    evidence.refresh_from_db()
    assert (evidence.drawn_at is None, evidence.preview.name) == (False, "")
    with default_storage.open(evidence.blob.file.name) as kept:
        assert kept.read() == content


def test_a_page_of_any_measure_is_drawn_small():
    assert drawing.pictures(drawing_of(b"", "9999999 9999999"), drawing.PDF) is not None


def test_too_many_pixels_are_not_drawn():
    out = io.BytesIO()
    Image.new("1", (7000, 7000)).save(out, "PNG")
    assert drawing.pictures(out.getvalue(), "image/png") is None


def test_a_process_that_hangs_is_ended(monkeypatch):
    def hang(*args, timeout, **kwargs):
        raise subprocess.TimeoutExpired("draw", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    assert drawing.pictures(paper(), drawing.PDF) is None


def test_equal_bytes_of_another_office_are_not_told_by_a_picture_that_is_there():
    (lead, support), same = two_agencies(), paper()
    first = give(support, operator(support.submission), "A.pdf", same).evidence
    tasks.draw.call(first.pk)
    second = give(lead, operator(lead.submission), "B.pdf", same).evidence
    assert second.blob == first.blob
    assert second.thumb.name == ""


def test_a_picture_is_seen_by_who_sees_the_evidence_with_its_headers():
    by, evidence = given()
    client = Client()
    client.force_login(by)
    address = f"/data-dukung/{evidence.pk}/gambar/"
    blank = client.get(address)
    assert (blank.status_code, blank["Content-Type"]) == (200, "image/svg+xml")
    tasks.draw.call(evidence.pk)
    for query in ("", "?kecil"):
        drawn = client.get(address + query)
        assert drawn.getvalue()[:4] == b"RIFF"
        assert drawn["Content-Type"] == "image/webp"
        assert drawn["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert drawn["Cache-Control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": drawn["ETag"]})
    assert again.status_code == 200  # another size is another picture
    again.getvalue()  # read to the end, it closes its file
    assert (
        client.get(f"{address}?kecil", headers={"If-None-Match": drawn["ETag"]}).status_code == 304
    )
    client.force_login(make_user(Role.VERIFIKATOR))
    assert client.get(address).status_code == 404


def test_a_picture_that_is_lost_is_a_blank_sheet_and_never_an_error():
    by, evidence = given()
    tasks.draw.call(evidence.pk)
    evidence.refresh_from_db()
    default_storage.delete(evidence.preview.name)
    client = Client()
    client.force_login(by)
    assert client.get(f"/data-dukung/{evidence.pk}/gambar/")["Content-Type"] == "image/svg+xml"


def test_form_library_and_page_show_the_picture_and_else_the_kind():
    by, evidence = given()
    [attached] = EvidenceLink.objects.select_related("response")
    client = Client()
    client.force_login(by)
    small = f"/data-dukung/{evidence.pk}/gambar/?kecil"
    pages = (
        f"/isian/{attached.response.submission_id}/",
        "/data-dukung/",
        f"/data-dukung/{evidence.pk}/pemakaian/",
    )
    for page in pages:
        text = client.get(page).content.decode()
        assert ('class="file-kind" aria-hidden="true">PDF' in text, small in text) == (True, False)
    tasks.draw.call(evidence.pk)
    for page in pages:
        assert small in client.get(page).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_pictures_go_with_the_evidence():
    by, evidence = given()
    tasks.draw.call(evidence.pk)
    verbs.detach(EvidenceLink.objects.get(), by=by, now=NOW)
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_verify_evidence_knows_the_pictures_and_finds_those_that_nothing_has(capsys):
    _, evidence = given()
    tasks.draw.call(evidence.pk)
    default_storage.save(f"{previews.FOLDER}/aa/lama.webp", ContentFile(b"RIFF"))
    call_command("verify_evidence")
    said = capsys.readouterr().out
    assert "orphan: pratinjau/aa/lama.webp" in said
    assert "1 files of evidence checked, 0 missing or altered; 1 orphans, 0 removed." in said


@pytest.mark.django_db(transaction=True)
def test_the_worker_draws_what_was_asked_for():
    _, evidence = given()
    run_jobs()
    evidence.refresh_from_db()
    assert evidence.thumb.name.startswith("pratinjau/")


def test_what_was_never_drawn_is_asked_for_again():
    _, evidence = given()
    DBTaskResult.objects.all().delete()
    assert previews.ask_for_missing(NOW + timedelta(minutes=9), timedelta(minutes=10)) == 0
    assert previews.ask_for_missing(NOW + timedelta(minutes=11), timedelta(minutes=10)) == 1
    tasks.draw.call(evidence.pk)
    assert previews.ask_for_missing(NOW + timedelta(minutes=11), timedelta(minutes=10)) == 0
