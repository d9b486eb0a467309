"""Files in parts for a row of a register: as for an answer, to the evidence of the row."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from submissions.actions import registers
from submissions.actions import uploads as verbs
from submissions.actions.record import RefusedError
from submissions.models import RegisterRow, RowChange, RowEvidence, Upload
from tests.factories import make_agency, make_instrument, make_register, make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_uploads import PDF
from tests.submissions.test_uploads_in_parts import coded, patch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"


@pytest.fixture
def row(client):
    """A row of an office whose operator is signed in."""
    by = make_user(agency=make_agency())
    register = make_register(make_instrument())
    client.force_login(by)
    return RegisterRow.objects.create(
        agency=by.agency, register=register, code=register.code, data={}, words="",
        created_by=by, changed_by=by,
    )  # fmt: skip


def begin(client, row, content=PDF):
    return client.post(
        f"/daftar-induk/{row.code}/{row.pk}/unggahan/",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(content)),
            "Upload-Metadata": coded(filename="SK.pdf"),
        },
    )


def test_a_file_in_two_parts_is_evidence_of_the_row_with_one_entry_in_its_history(client, row):
    place = begin(client, row).headers["Location"]
    half = len(PDF) // 2
    assert patch(client, place, PDF[:half]).status_code == 204
    assert not RowEvidence.objects.exists()
    done = patch(client, place, PDF[half:], half, HX_Request="true")
    assert (done.status_code, "SK.pdf" in done.content.decode()) == (200, True)
    link = RowEvidence.objects.get()
    assert (link.row, link.evidence.agency) == (row, row.agency)
    with link.evidence.blob.file.open() as stored:
        assert stored.read() == PDF
    assert RowChange.objects.filter(row=row, verb="attach").count() == 1
    assert Upload.objects.get().finished_at is not None


def test_what_is_refused_for_what_it_is_leaves_nothing(client, row):
    content = b"bukan PDF sama sekali"
    place = begin(client, row, content).headers["Location"]
    reply = patch(client, place, content, HX_Request="true")
    assert reply.status_code == 422
    assert 'class="errorlist refused"' in reply.content.decode()
    assert (Upload.objects.count(), RowEvidence.objects.count()) == (0, 0)


def test_a_row_that_was_taken_out_takes_no_file_and_one_taken_out_meanwhile_neither(client, row):
    place = begin(client, row).headers["Location"]
    by = row.created_by
    registers.retire_row(RegisterRow.objects.get(), by=by, now=timezone.now())
    reply = patch(client, place, PDF)
    assert (reply.status_code, "sudah dihapus" in reply.content.decode()) == (422, True)
    assert begin(client, row).status_code == 422
    assert not RowEvidence.objects.exists()
    gone = RegisterRow.objects.get()
    with pytest.raises(RefusedError, match="sudah dihapus"):
        verbs.begin(gone, name="SK.pdf", size=9, by=by, now=timezone.now())


def test_another_office_finds_neither_the_row_nor_what_is_on_its_way(client, row):
    place = begin(client, row).headers["Location"]
    client.force_login(make_user(agency=make_agency(row.agency.region)))
    assert begin(client, row).status_code == 404
    assert patch(client, place, PDF).status_code == 404


@pytest.mark.parametrize("both", [True, False])
def test_an_upload_is_for_an_answer_or_for_a_row(row, both):
    [answer] = answers(make_work())
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            response=answer if both else None, row=row if both else None,
            by=operator(answer.submission), name="SK.pdf", size=9,
            created_at=timezone.now(), expires_at=timezone.now(),
        )  # fmt: skip


def test_a_script_sends_a_small_file_by_the_form_and_gets_the_list(client, row, tmp_path):
    path = tmp_path / "SK.pdf"
    path.write_bytes(PDF)
    with path.open("rb") as file:
        reply = client.post(
            f"/daftar-induk/{row.code}/{row.pk}/data-dukung/",
            {"berkas": file},
            headers={"HX-Request": "true"},
        )
    text = reply.content.decode()
    assert (reply.status_code, "<html" in text, "SK.pdf" in text) == (200, False, True)
