"""The pack of a meeting: PDF, XLSX and PPTX of the page's own figures, made by a job."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import openpyxl
import page as pdf_checker
import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pptx import Presentation

from agencies.roles import Role
from indicators.wording import points, points0
from meetings.actions import packing
from meetings.actions.calling import write_notes
from meetings.actions.deciding import close_meeting
from meetings.actions.record import StaleError
from meetings.models import MeetingEvent, Pack
from meetings.tasks import make_pack
from submissions.actions import making
from submissions.management.commands.take_up_jobs import LEASE, take_up
from tests.at_once import at_once
from tests.factories import make_user
from tests.meetings.test_deciding import decided
from tests.meetings.world import END, NOW, called
from tests.reports.test_large_bundles import resumed
from tests.reports.world import accept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _jobs_wait(settings, tmp_path):
    """What is asked for waits; the tests make it when they want it."""
    settings.BUNDLE_ROOT = tmp_path / "bundles"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def made(found, meeting, by="verifikator", now=lambda: END):
    pack = packing.ask_pack(meeting, by=found.users[by], now=now())
    packing.make_pack(pack.pk, clock=now)
    pack.refresh_from_db()
    return pack


def raw(pack, kind):
    return pack.file(kind).read_bytes()


def contents(pack):
    """The three files: the PDF's text, the workbook, the presentation."""
    read = {kind: raw(pack, kind) for kind in Pack.KINDS}
    pages = pypdfium2.PdfDocument(read["pdf"])
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    book = openpyxl.load_workbook(io.BytesIO(read["xlsx"]))
    return text, book, Presentation(io.BytesIO(read["pptx"]))


def rows(sheet):
    [head, *body] = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def money(value):
    return Decimal(str(value)).quantize(Decimal("0.01"))


def tables(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_table:
                yield slide, [[cell.text for cell in row.cells] for row in shape.table.rows]


def squeezed(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("closed", [False, True])
def test_page_pdf_workbook_and_slides_tell_the_same_figures(client, closed):
    found, meeting = called()
    by = found.users["verifikator"]
    decided(found, meeting, text="Lengkapi matriks 2P")
    if closed:
        close_meeting(meeting, by=by, now=END)
        accept(found.response("2.1"), 0, by=by)  # the answers go on; the pack does not
    client.force_login(by)
    wall = [client.get(f"/rakor/{meeting.pk}/tayang/?slide={at}") for at in range(1, 12)]
    total = wall[1].context["total"]
    text, book, deck = contents(made(found, meeting))
    said = squeezed(text)
    assert f"<b>{points(total.proven)}</b>" in wall[1].content.decode()
    assert said.count(f"{points(total.proven)} / {points0(total.maximum)} poin") == 1
    front = dict(book["Rakor"].iter_rows(min_row=3, max_col=2, values_only=True))
    told = [money(front[name]) for name in ("Terbukti", "Berisiko", "Diklaim", "Maksimum")]
    assert told == [total.proven, total.at_risk, total.claimed, total.maximum]
    chart = next(s.chart for s in deck.slides[1].shapes if s.has_chart)
    assert [money(s.values[0]) for s in chart.plots[0].series][:2] == [total.proven, total.at_risk]

    shown = [slide.context["slide"] for slide in wall]
    lines = [each.shown["line"] for each in shown if each.kind == "indicator"]
    assert [each.code for each in lines] == ["1", "2", "3"]
    cells = [tuple(row) for _, table in tables(deck) for row in table]
    for line, row in zip(lines, rows(book["Indikator"]), strict=True):
        figures = (line.proven, line.at_risk, line.claimed, line.maximum)
        names = ("Terbukti", "Berisiko", "Diklaim", "Maks")
        assert (row["Kode"], *(money(row[name]) for name in names)) == (line.code, *figures)
        assert f"{points(line.proven)} / {points0(line.maximum)} {line.code} {line.label}" in said
        told = (*(points(each) for each in figures[:3]), points0(line.maximum))
        assert (f"{line.code} {line.label}", *told) in cells
    for row in rows(book["Klaster"]):
        assert (f"{row['Klaster']} {row['Nama']}", points(money(row["Terbukti"]))) in [
            each[:2] for each in cells
        ]
        assert points(money(row["Terbukti"])) in said
    assert sum(money(row["Terbukti"]) for row in rows(book["Klaster"])) == total.proven
    [decision] = rows(book["Keputusan"])
    assert decision["Keputusan"] == "Lengkapi matriks 2P"
    assert ("Lengkapi matriks 2P" in said, any("Lengkapi matriks 2P" in c for c in cells)) == (
        True, True,
    )  # fmt: skip


def test_before_it_is_closed_the_pack_says_that_it_may_change_and_afterwards_that_it_will_not():
    found, meeting = called()
    text, book, deck = contents(made(found, meeting))
    assert "SEMENTARA" in text
    assert "masih dapat berubah" in book["Rakor"]["B5"].value
    assert all(any("SEMENTARA" in s.text_frame.text for s in each.shapes if s.has_text_frame)
               for each in deck.slides)  # fmt: skip
    close_meeting(meeting, by=found.users["verifikator"], now=END)
    pack = made(found, meeting)
    text, book, deck = contents(pack)
    assert (pack.is_final, "SEMENTARA" in text, "Rekaman rakor" in text) == (True, False, True)
    assert "tidak berubah lagi" in book["Rakor"]["B5"].value


def test_the_paper_is_tagged_and_its_slides_can_be_changed():
    found, meeting = called()
    pack = made(found, meeting)
    paper = raw(pack, "pdf")
    told = pdf_checker.validate_pdf_bytes(paper, profile=pdf_checker.ValidationProfile.PDF_UA_1)
    assert (told.is_compliant, [str(each) for each in told.failures]) == (True, [])
    assert (paper[:5], b"/StructTreeRoot" in paper, b"pdfuaid" in paper) == (b"%PDF-", True, True)
    deck = contents(pack)[2]
    charts = [s for each in deck.slides for s in each.shapes if s.has_chart]
    assert all(each.chart.part.chart_workbook.xlsx_part is not None for each in charts)
    assert all(s._element.nvGraphicFramePr.cNvPr.get("descr") for s in charts)
    assert all(each.shapes.title.has_text_frame for each in deck.slides)
    heads = ["Telah dilaksanakan", "Belum dilaksanakan", "Penanggung jawab", "Data yang dibutuhkan"]
    assert sum(table[0] == heads for _, table in tables(deck)) == 3


def test_notes_go_into_the_pack_and_are_typed_by_two_without_losing_a_word(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    path = f"/rakor/{meeting.pk}/catatan/"
    client.post(path, {"catatan": "Sekda membuka.\r\nDiskusi <b>lancar</b>.", "lama": ""})
    late = client.post(path, {"catatan": "Versi lain", "lama": ""})
    page = late.content.decode()
    assert (late.status_code, "Versi lain" in page, "Sekda membuka." in page) == (422, True, True)
    both = "Sekda membuka.\nDiskusi <b>lancar</b>.\nVersi lain"
    lama = late.context["form"]["lama"].value()
    assert client.post(path, {"catatan": both, "lama": lama}).status_code == 302
    assert "&lt;b&gt;lancar" in client.get(f"/rakor/{meeting.pk}/").content.decode()
    text, book, _ = contents(made(found, meeting))
    assert "Diskusi <b>lancar</b>." in squeezed(text)
    assert any(both == row[1] for row in book["Rakor"].iter_rows(values_only=True))
    events = meeting.events.count()
    assert client.post(path, {"catatan": both, "lama": lama}).status_code == 302  # a double click
    assert meeting.events.count() == events
    close_meeting(meeting, by=found.users["verifikator"], now=END)
    assert client.get(path).status_code == 404
    with pytest.raises(StaleError):
        write_notes(meeting, "Lagi", seen=both, by=found.users["verifikator"], now=END)


def test_what_is_typed_while_a_colleague_closes_the_meeting_is_not_lost(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    close_meeting(meeting, by=found.users["verifikator"], now=END)
    notes = client.post(
        f"/rakor/{meeting.pk}/catatan/", {"catatan": "Satu jam ketikan", "lama": ""}
    )
    decision = {
        "keputusan": "Susun RAD", "kantor": found.dinas.pk, "tenggat": "2099-03-22",
        "tanda": str(uuid4()),
    }  # fmt: skip
    late = client.post(f"/rakor/{meeting.pk}/keputusan/", decision)
    for reply, typed in ((notes, "Satu jam ketikan"), (late, "Susun RAD")):
        page = reply.content.decode()
        assert (reply.status_code, typed in page) == (422, True)
        assert "sudah ditutup atau dibatalkan" in page
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.followups.count()) == ("", 0)


def test_the_job_asks_again_whether_the_person_may():
    found, meeting = called()
    pack = packing.ask_pack(meeting, by=found.users["pimpinan"], now=NOW)
    found.users["pimpinan"].is_active = False
    found.users["pimpinan"].save(update_fields=["is_active"])
    assert packing.make_pack(pack.pk, clock=lambda: END) is False
    pack.refresh_from_db()
    assert (pack.error, pack.file("pdf").exists()) == (making.NO_RIGHT, False)
    with pytest.raises(PermissionDenied):
        packing.ask_pack(meeting, by=found.users["operator"], now=NOW)
    stranger = make_user(role=Role.VERIFIKATOR)
    with pytest.raises(PermissionDenied):
        packing.ask_pack(meeting, by=stranger, now=NOW)


def test_a_file_is_for_the_one_who_asked_while_he_may_see_the_year(client):
    found, meeting = called()
    pack = made(found, meeting)
    path = f"/rakor/{meeting.pk}/berkas/{pack.pk}/xlsx/"
    asked = found.users["verifikator"]
    for who, status in (("verifikator", 200), ("pimpinan", 404), ("operator", 403)):
        client.force_login(found.users[who])
        answer = client.get(path)
        assert (who, answer.status_code) == (who, status)
        if status == 200:
            assert b"".join(answer) == raw(pack, "xlsx")
    client.force_login(asked)
    assert client.get(f"/rakor/{meeting.pk}/berkas/{pack.pk}/exe/").status_code == 404
    asked.role, asked.agency = Role.OPERATOR.value, found.dinas
    asked.save(update_fields=["role", "agency"])
    assert client.get(path).status_code == 403


def test_a_second_click_is_the_first_one_and_a_new_pack_takes_the_place_of_the_old():
    found, meeting = called()
    by = found.users["verifikator"]
    first = packing.ask_pack(meeting, by=by, now=NOW)
    assert packing.ask_pack(meeting, by=by, now=NOW) == first
    assert MeetingEvent.objects.filter(verb="pack").count() == 1
    assert packing.make_pack(first.pk, clock=lambda: END) is True
    assert packing.make_pack(first.pk, clock=lambda: END) is False  # once, however often it runs
    first.refresh_from_db()
    second = made(found, meeting)
    assert list(Pack.objects.all()) == [second]
    assert {each.name.partition(".")[0] for each in second.file("pdf").parent.iterdir()} == {
        second.token.hex
    }


def test_a_pack_that_cannot_be_made_says_so_and_can_be_asked_for_again(client, settings, tmp_path):
    found, meeting = called()
    pack = packing.ask_pack(meeting, by=found.users["verifikator"], now=timezone.now())
    settings.BUNDLE_ROOT = tmp_path / "disk"
    settings.BUNDLE_ROOT.write_bytes(b"")  # no folder, and none can be made here
    assert packing.make_pack(pack.pk, clock=timezone.now) is False
    client.force_login(found.users["verifikator"])
    page = client.get(f"/rakor/{meeting.pk}/berkas/").content.decode()
    assert ("Pembuatan terakhir gagal" in page, "Buat berkas" in page) == (True, True)
    assert making.NO_ROOM in page


def test_a_pack_is_gone_after_a_day_from_page_link_and_disk(client, capsys):
    found, meeting = called()
    pack = made(found, meeting, now=timezone.now)
    client.force_login(pack.by)
    path = f"/rakor/{meeting.pk}/berkas/"
    assert "Siap diunduh" in client.get(path).content.decode()
    Pack.objects.update(expires_at=timezone.now())
    assert "Belum ada berkas" in client.get(path).content.decode()
    assert client.get(f"{path}{pack.pk}/pdf/").status_code == 404
    call_command("clean_bundles")
    assert (Pack.objects.count(), list(pack.file("pdf").parent.iterdir())) == (0, [])
    assert capsys.readouterr().out == "1 bundles removed, 0 stray files removed.\n"


def test_after_three_dead_workers_the_requester_is_told_and_may_ask_again():
    found, meeting = called()
    by, long_ago = found.users["verifikator"], timezone.now() - LEASE - timedelta(seconds=1)
    pack = packing.ask_pack(meeting, by=by, now=timezone.now())
    for number in range(1, 4):
        DBTaskResult.objects.get().claim(f"pekerja-{number}")
        DBTaskResult.objects.update(started_at=long_ago)
        assert take_up(timezone.now()) == ((1, 0) if number < 3 else (0, 1))
    pack.refresh_from_db()
    assert pack.error == making.GAVE_UP
    assert packing.ask_pack(meeting, by=by, now=timezone.now()).pk != pack.pk


@pytest.mark.django_db(transaction=True)
def test_curl_resumes_each_file_of_a_pack_where_it_broke_off(live_server, tmp_path):
    found, meeting = called()
    pack = made(found, meeting, now=timezone.now)
    for kind in Pack.KINDS:
        whole = raw(pack, kind)
        way = f"/rakor/{meeting.pk}/berkas/{pack.pk}/{kind}/"
        got, said = resumed(live_server, pack.by, way, whole, tmp_path)
        assert (kind, got == whole, said) == (kind, True, f"206 {len(whole) - len(whole) // 2}")


def test_the_page_says_how_far_it_is_and_asks_again_by_itself(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    path = f"/rakor/{meeting.pk}/berkas/"
    assert "Belum ada berkas" in client.get(path).content.decode()
    after = client.post(path, follow=True)
    pack = Pack.objects.get()
    page = after.content.decode()
    assert ("0 dari 3 berkas jadi" in page, 'hx-trigger="every 2s"' in page) == (True, True)
    make_pack.func(pack.pk)
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert ("Siap diunduh" in part, "<html" in part, "every 2s" in part) == (True, False, False)
    assert f"{path}{pack.pk}/pptx/" in part


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_ask_for_one_pack():
    found, meeting = called()
    by = found.users["verifikator"]
    packs = at_once(*[lambda: packing.ask_pack(meeting, by=by, now=NOW).pk] * 2)
    assert (len(set(packs)), Pack.objects.count()) == (1, 1)
