"""What looks like somebody's NIK is not stored: a sentence says where and what to do, and what was
typed is still there.
"""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from submissions.actions.record import RefusedError
from submissions.forms import uploads
from submissions.forms.answering import LinkForm
from submissions.forms.cells import CellError, Column, read
from submissions.models import Response
from submissions.wording import personal
from tests.factories import make_work
from tests.submissions.test_answering import answers, operator, say
from tests.submissions.test_evidence import PDF, url

NIK = "3277014508150001"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (f"Anak dengan NIK {NIK} didampingi", True),
        ("3277 0145 0815 0001", True),
        ("327701 450815 0001", True),
        ("32.77.01.450815.0001", True),
        ("3277013112150009", True),
        ("3277013213150009", False),  # no such day, no such month
        ("32770145081500012", False),  # 17 digits
        ("SK 440/1234/2023, Rp1.250.000.000.000", False),
        ("0812-3456-7890 dan 3277012", False),
        ("", False),
    ],
)
def test_a_number_of_a_person_is_told_from_other_numbers(text, is_one):
    assert bool(personal(text)) is is_one


@pytest.mark.django_db
def test_a_note_with_a_nik_is_not_stored_and_stays_typed(client):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    with pytest.raises(RefusedError, match="tampak seperti NIK"):
        say(response, by, note=f"anak {NIK}")
    client.force_login(by)
    sent = {"versi": 0, "tingkat": "1", "catatan": f"anak {NIK}"}
    reply = client.post(
        f"/isian/{submission.pk}/{response.pk}/", sent, headers={"hx-request": "true"}
    )
    assert (reply.status_code, "tampak seperti NIK" in reply.content.decode()) == (422, True)
    plain = client.post(f"/isian/{submission.pk}/{response.pk}/", sent).content.decode()
    assert (NIK in plain, "tampak seperti NIK" in plain) == (True, True)
    assert Response.objects.get().note == ""


@pytest.mark.django_db
def test_a_note_that_held_one_before_can_still_be_changed():
    submission = make_work()
    by = operator(submission)
    Response.objects.update(note=f"lama {NIK}")
    [response] = answers(submission)
    assert say(response, by, note=f"lebih pendek {NIK}").note == f"lebih pendek {NIK}"


def test_a_cell_of_a_register_a_link_s_name_and_a_file_s_name_are_looked_at_too():
    with pytest.raises(CellError, match="Uraian: Ada angka yang tampak seperti NIK"):
        read(Column("uraian", "Uraian", "text"), f"kasus {NIK}", today=date(2024, 1, 1))
    form = LinkForm({"tautan": "https://contoh.example/a", "nama": NIK})
    assert ("nama" in form.errors, form["nama"].value()) == (True, NIK)
    with pytest.raises(ValidationError, match="Ganti nama berkasnya"):
        uploads.check(SimpleUploadedFile(f"{NIK}.pdf", PDF))


@pytest.mark.django_db
def test_a_hint_stands_where_names_of_children_could_be_typed_or_sent(client):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    client.force_login(by)
    for address in (f"/isian/{submission.pk}/", url(response)):
        assert "NIK" in client.get(address).content.decode(), address
