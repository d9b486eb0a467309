"""Known malware: with a clamd nobody but its sender opens a file before it is clean, and nobody at
all what is infected; without an answer uploads go on and files wait.
"""

import socket
import struct
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from kla_tracker import environment
from reports.bundles import contents
from submissions import tasks
from submissions.actions import previews, scanning
from submissions.models import Evidence, EvidenceChange, Scan
from submissions.views import evidence as doors
from tests.submissions.test_answering import operator, verifikator
from tests.submissions.test_evidence import PDF, give, two_agencies, url

pytestmark = pytest.mark.django_db
# In two parts, so that no scanner takes this file for what it speaks of.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd(threading.Thread):
    """Speaks INSTREAM and PING as clamd does, and says what it was told to say."""

    def __init__(self, line):
        super().__init__(daemon=True)
        self.line, self.seen, self.says = line, [], None
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.line.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as stream:
                command = self._until_zero(stream)
                if command == b"zPING":
                    peer.sendall(b"PONG\0")
                elif command == b"zINSTREAM":
                    content = b""
                    while size := struct.unpack("!L", stream.read(4))[0]:
                        content += stream.read(size)
                    self.seen.append(content)
                    peer.sendall(self._judge(content) if self.says is None else self.says)

    @staticmethod
    def _until_zero(stream):
        said = b""
        while (letter := stream.read(1)) not in {b"", b"\0"}:
            said += letter
        return said

    @staticmethod
    def _judge(content):
        if EICAR in content:
            return b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
        return b"stream: OK\0"


@pytest.fixture(params=["host", "socket"])
def clamd(request, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    if request.param == "host":
        line = socket.create_server(("127.0.0.1", 0))
        settings.CLAMD_ADDRESS = f"127.0.0.1:{line.getsockname()[1]}"
    else:
        line = socket.socket(socket.AF_UNIX)
        line.bind(str(tmp_path / "clamd.ctl"))
        line.listen()
        settings.CLAMD_ADDRESS = str(tmp_path / "clamd.ctl")
    yield FakeClamd(line)
    line.close()


@pytest.fixture
def dead(settings, tmp_path):
    """Nobody listens there."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CLAMD_ADDRESS = str(tmp_path / "nobody.ctl")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def opens(user, given):
    reply = signed_in(user).get(f"/data-dukung/{given.pk}/")
    return reply.status_code, b"".join(reply)


@pytest.fixture
def office():
    _, support = two_agencies()
    return support, operator(support.submission), verifikator(support.submission)


def sent(answer, by, content=PDF, name="SK.pdf"):
    given = give(answer, by, name=name, content=content).evidence
    given.refresh_from_db()
    return given


def test_a_clean_file_is_sent_whole_and_opens_for_others(clamd, office):
    answer, by, reviewer = office
    content = PDF[:-6] + b"%" * (3 * scanning.CHUNK // 2) + b"\n%%EOF\n"
    given = sent(answer, by, content)
    assert (given.scan, clamd.seen) == (Scan.CLEAN, [content])
    assert opens(reviewer, given) == (200, content)
    assert EvidenceChange.objects.count() == 0


def test_an_infected_file_opens_for_nobody_and_its_sender_reads_what_to_do(clamd, office):
    answer, by, reviewer = office
    given = sent(answer, by, PDF + EICAR)
    assert (given.scan, given.scanned_at is not None) == (Scan.INFECTED, True)
    for user in (by, operator(answer.submission), reviewer):
        status, body = opens(user, given)
        assert (status, EICAR in body, "mengandung virus" in body.decode()) == (423, False, True)
    form = signed_in(by).get(f"/isian/{answer.submission_id}/").content.decode()
    assert "lepas berkas ini, lalu unggah berkas yang bersih" in form
    assert f'href="/data-dukung/{given.pk}/"' not in form
    told = EvidenceChange.objects.get()
    assert (told.verb, told.by, told.data) == ("infected", None, {"found": "Win.Test.EICAR_HDB-1"})
    page = signed_in(reviewer).get("/riwayat/?apa=virus").content.decode()
    assert ("ditemukan: Win.Test.EICAR_HDB-1" in page, "Sistem" in page) == (True, True)


def test_without_an_answer_the_upload_stands_and_all_but_its_sender_wait(dead, office):
    answer, by, reviewer = office
    sheet = signed_in(by).post(url(answer), {"berkas": [SimpleUploadedFile("SK.pdf", PDF)]})
    assert sheet.status_code == 302
    given = Evidence.objects.get()
    assert given.scan == Scan.WAITING
    assert opens(by, given) == (200, PDF)
    for user in (operator(answer.submission), reviewer):
        status, body = opens(user, given)
        assert (status, "Sedang diperiksa dari virus" in body.decode()) == (423, True)
        assert "belum menjawab" not in body.decode()
        picture = signed_in(user).get(f"/data-dukung/{given.pk}/gambar/")
        assert picture.headers["Content-Type"] == "image/svg+xml"
    Evidence.objects.update(created_at=timezone.now() - doors.LATE)
    assert "belum menjawab lebih dari 10 menit" in opens(reviewer, given)[1].decode()
    form = signed_in(by).get(f"/isian/{answer.submission_id}/").content.decode()
    assert "sedang diperiksa dari virus" in form
    page = signed_in(reviewer).get(f"/data-dukung/{given.pk}/pemakaian/").content.decode()
    assert "hanya pengunggahnya yang dapat membukanya" in page


@pytest.mark.parametrize(
    "says",
    [
        b"INSTREAM size limit exceeded. ERROR\0", b"stream: ERROR\0", b"", b"stream: OK",
        b"x" * 9000, b"stream: OK FOUNDATION\0",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_lets_nothing_through(clamd, office, says):
    clamd.says = says
    given = sent(office[0], office[1])
    assert given.scan == Scan.WAITING
    assert opens(office[2], given)[0] == 423


def test_what_waited_is_looked_into_once_clamd_is_back(dead, office, settings, tmp_path):
    given = sent(office[0], office[1])
    old = timezone.now() - timedelta(minutes=2)
    Evidence.objects.update(created_at=old)
    assert scanning.ask_for_missing(timezone.now(), timedelta(minutes=1)) == 0
    line = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD_ADDRESS = f"127.0.0.1:{line.getsockname()[1]}"
    clamd = FakeClamd(line)
    said = StringIO()
    call_command("take_up_jobs", stdout=said)
    assert "1 looks for malware asked for" in said.getvalue()
    given.refresh_from_db()
    assert (given.scan, len(clamd.seen)) == (Scan.CLEAN, 1)
    assert tasks.scan.func(given.pk) == ""  # once, however often it runs
    assert len(clamd.seen) == 1
    line.close()


def test_pictures_are_drawn_only_of_what_is_clean(clamd, office, settings, monkeypatch):
    settings.EVIDENCE_PICTURES = True
    drawn = []
    monkeypatch.setattr(previews, "pictures", lambda content, kind: drawn.append(content))
    sent(office[0], office[1], PDF + EICAR, name="Satu.pdf")
    assert drawn == []
    sent(office[0], office[1], PDF + b"%2", name="Dua.pdf")
    assert drawn == [PDF + b"%2"]
    assert previews.undrawn().count() == 0


def test_the_same_bytes_given_by_another_office_are_looked_into_again(clamd, office):
    """At once clean would tell that somebody else has the file."""
    lead, support = two_agencies()
    for answer in (lead, support):
        given = sent(answer, operator(answer.submission))
        assert given.scan == Scan.CLEAN
    assert clamd.seen == [PDF, PDF]


def test_no_bundle_holds_what_is_held_back(clamd, office):
    answer, by, reviewer = office
    given = sent(answer, by, PDF + EICAR)
    [seen] = contents.evidence_seen(reviewer, {given.pk})
    assert (seen.is_held_from(reviewer), seen.get_scan_display()) == (True, "mengandung virus")


def test_what_came_before_the_scanner_is_looked_into_by_command(office, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    clean = sent(office[0], office[1])
    bad = sent(office[0], office[1], PDF + EICAR, name="Lain.pdf")
    assert {clean.scan, bad.scan} == {""}
    assert opens(office[2], bad)[0] == 200
    for address, why in (("", "not set"), (str(tmp_path / "nobody.ctl"), "does not answer")):
        settings.CLAMD_ADDRESS = address
        with pytest.raises(CommandError, match=why):
            call_command("scan_evidence")
    line = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD_ADDRESS = f"127.0.0.1:{line.getsockname()[1]}"
    clamd = FakeClamd(line)
    said, named = StringIO(), StringIO()
    call_command("scan_evidence", stdout=said, stderr=named)
    assert said.getvalue() == "1 clean, 1 infected, 0 without an answer.\n"
    assert f"data dukung {bad.pk}" in named.getvalue()
    call_command("scan_evidence", stdout=said)
    assert len(clamd.seen) == 2
    call_command("scan_evidence", "--again", stdout=said, stderr=named)
    assert (len(clamd.seen), EvidenceChange.objects.filter(verb="infected").count()) == (4, 1)
    assert opens(office[2], bad)[0] == 423
    line.close()


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("", True), ("/run/clamav/clamd.ctl", True), ("127.0.0.1:3310", True), ("[::1]:3310", True),
        ("clamd:3310", True), ("clamd", False), (":3310", False), ("run/clamd.ctl", False),
        ("host:tujuh", False),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_one_stops_the_start(address, right):
    assert environment.clamd(address) == address
    if right:
        environment.refuse_mistakes()
        return
    with pytest.raises(environment.SettingsError, match="CLAMD_ADDRESS must be"):
        environment.refuse_mistakes()
