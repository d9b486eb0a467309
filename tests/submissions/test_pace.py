"""No more files a minute from one person than the setting says, by whatever way they are sent."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from submissions.actions import pace
from submissions.models import Evidence, RegisterRow, Upload, UploadPace
from tests.at_once import at_once
from tests.factories import make_instrument, make_register, make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import PDF, give
from tests.submissions.test_uploads_in_parts import create

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _few(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"
    settings.UPLOADS_PER_MINUTE = 2


def sent(by, *seconds):
    """Whether a file that is sent so many seconds after the first is taken."""
    found = []
    for each in seconds:
        try:
            pace.count("SK.pdf", by=by, now=NOW + timedelta(seconds=each))
        except pace.TooFastError as error:
            found.append(error.wait)
        else:
            found.append("taken")
    return found


@pytest.mark.parametrize(
    ("seconds", "became"),
    [
        ((0, 0), ["taken", "taken"]),
        ((0, 1, 2), ["taken", "taken", 58]),
        ((0, 1, 59.5, 60), ["taken", "taken", 1, "taken"]),
        ((0, 1, 60, 61, 62), ["taken", "taken", "taken", "taken", 58]),
    ],
)
def test_a_minute_begins_with_its_first_file_and_takes_so_many(seconds, became):
    assert sent(make_user(), *seconds) == became


def test_a_minute_that_another_request_began_just_now_takes_this_file_too():
    by = make_user()
    assert sent(by, 0, 0) == ["taken", "taken"]
    begun = []

    def another_first(execute, sql, params, many, context):
        """Between this one's look at the old minute and its beginning a new one."""
        done = execute(sql, params, many, context)
        if not begun and sql.startswith("UPDATE"):
            begun.append(sql)
            UploadPace.objects.update(since=NOW + timedelta(seconds=60), sent=1)
        return done

    with connection.execute_wrapper(another_first):
        assert sent(by, 60) == ["taken"]
    assert UploadPace.objects.get().sent == 2


def test_each_person_has_a_minute_of_their_own():
    assert sent(make_user(), 0, 0) == ["taken", "taken"]
    assert sent(make_user(), 0) == ["taken"]


@pytest.mark.django_db(transaction=True)
def test_of_six_at_the_same_moment_two_are_taken():
    by = make_user()
    assert at_once(*[lambda: sent(by, 0)] * 6).count(["taken"]) == 2
    assert UploadPace.objects.get().sent == 2


def file():
    return SimpleUploadedFile("SK.pdf", PDF)


def row_of(by):
    register = make_register(make_instrument())
    return RegisterRow.objects.create(
        agency=by.agency, register=register, code=register.code, data={}, words="",
        created_by=by, changed_by=by,
    )  # fmt: skip


WAYS = {
    "an answer": lambda c: c.client.post(f"{c.home}data-dukung/", {"berkas": file()}),
    "an answer, by a script": lambda c: c.client.post(
        f"{c.home}data-dukung/", {"berkas": file()}, headers={"HX-Request": "true"}
    ),
    "a row": lambda c: c.client.post(
        f"/daftar-induk/{c.row.code}/{c.row.pk}/data-dukung/", {"berkas": file()}
    ),
    "a new version": lambda c: c.client.post(
        f"/data-dukung/{c.given.pk}/versi/", {"berkas": file()}
    ),
    "in parts": lambda c: create(c.client, c.answer),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_sending_counts_and_says_how_long_to_wait(client, way):
    c = type("Case", (), {})()
    [c.answer] = answers(make_work())
    by = operator(c.answer.submission)
    c.home = f"/isian/{c.answer.submission_id}/{c.answer.pk}/"
    c.client, c.row, c.given = client, row_of(by), give(c.answer, by).evidence
    client.force_login(by)
    UploadPace.objects.create(by=by, since=timezone.now(), sent=1)
    before = Evidence.objects.count()
    WAYS[way](c)
    assert UploadPace.objects.get().sent == 2
    after = (Evidence.objects.count(), Upload.objects.count())
    reply = WAYS[way](c)
    text = reply.content.decode()
    assert "SK.pdf belum diterima: Anda sudah mengirim 2 berkas dalam satu menit." in text
    assert (Evidence.objects.count(), Upload.objects.count()) == after
    assert before <= after[0]
    by_script = way in {"an answer, by a script", "in parts"}
    assert reply.status_code == (429 if by_script else 422)
    assert reply.has_header("Retry-After") is by_script
