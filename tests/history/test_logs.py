"""No personal data in the logs: a canary in every field, and every line that was written."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agencies.models import User
from agencies.roles import Role
from kla_tracker import views
from tests.factories import PASSWORD, make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import PDF, url

pytestmark = pytest.mark.django_db
NAME, NIK, MAIL = "Kenari Burung", "3277014508150001", "kenari.burung@contoh.example"
CANARIES = ("kenari", NIK)


@pytest.fixture
def lines(settings, tmp_path):
    """All that is logged, from the root and from Django's own, as the server would print it."""
    settings.MEDIA_ROOT = tmp_path
    told = []

    class Kept(logging.Handler):
        def emit(self, record):
            told.append(self.format(record))

    handler = Kept(level=logging.DEBUG)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    names = ["", "django", "django.request", "django.security", "kla_tracker", "agencies"]
    loggers = [logging.getLogger(each) for each in names]
    for each in loggers:
        each.addHandler(handler)
    yield told
    for each in loggers:
        each.removeHandler(handler)


def test_no_name_number_mail_or_file_name_reaches_the_log(client, lines, settings, monkeypatch):
    submission = make_work()
    operator(submission, username="kenari", name=NAME, email=MAIL)
    reviewer = make_user(Role.VERIFIKATOR, region=submission.agency.region, name=NAME)
    [response] = answers(submission)
    work = f"/isian/{submission.pk}/{response.pk}/"
    for password in ("salah", PASSWORD):  # a failed and a good sign-in
        client.post("/masuk/", {"username": "kenari", "password": password})
    client.post(f"{work}?q={NAME}", {"versi": 0, "tingkat": "1", "catatan": f"{NAME} {NIK}"})
    client.post(f"{work}?q={NAME}", {"versi": 0, "tingkat": "1", "catatan": NAME})
    files = [SimpleUploadedFile(f"{NAME}.pdf", PDF), SimpleUploadedFile(f"{NIK}.exe", b"MZ")]
    client.post(url(response), {"berkas": files, "terbatas": "ya"})
    client.post(url(response), {"tautan": "javascript:kenari", "nama": NAME})
    for address in ("/", f"/data-dukung/?kata={NAME}", f"/riwayat/?pelaku={NAME}", "/tidak-ada/"):
        client.get(address)
    client.get("/isian/999/", {"q": NIK})
    client.post(reverse("password_reset"), {"email": MAIL})
    client.force_login(reviewer)
    client.get(f"/verifikasi/{submission.pk}/", {"q": NAME})

    def breaks(request):
        raise RuntimeError("it broke")

    monkeypatch.setattr(views, "troubles", lambda now: breaks(None))
    client.raise_request_exception = False
    assert client.get("/readyz", {"q": NAME}).status_code == 500
    assert User.objects.filter(name=NAME).count() == 2
    assert len(lines) > 0
    assert [each for each in lines if any(word in each.casefold() for word in CANARIES)] == []
