"""Reminders: what is told when, over a real mail server, once, whatever happens to the run."""

import email
import socket
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import policy
from io import StringIO
from urllib.parse import unquote
from uuid import uuid4

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from agencies.models import Change, User
from meetings.actions import deciding, reminding
from meetings.actions.record import RefusedError, StaleError
from meetings.models import Delivery, Digest, DigestItem, OfficeReminders
from meetings.tasks import said_of
from meetings.workflow import KINDS
from submissions.models import Submission
from submissions.workflow import State
from tests.at_once import at_once
from tests.factories import make_agency
from tests.meetings.world import called
from tests.reports.world import world

pytestmark = pytest.mark.django_db
MONDAY = datetime(2099, 3, 2, 1, 0, tzinfo=UTC)  # 08.00 WIB
DAY = timedelta(days=1)


class Postbox:
    """What a server took in; it refuses or drops where it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, email.message.EmailMessage]] = []
        self.mood = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.mood == "refuse":
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.mood == "drop":
            server.transport.close()
            return "421 bye"
        mail = email.message_from_bytes(envelope.content, policy=policy.default)
        self.mails += [(to, mail) for to in envelope.rcpt_tos]
        return "250 OK"


@contextmanager
def post(settings):
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        settings.EMAIL_USE_TLS = False
        settings.SITE_URL = "https://kla.example.go.id"
        yield box
    finally:
        server.stop()


def due(found, when):
    """Only the dinas has something to do, and it is due then."""
    Submission.objects.update(state=State.ACCEPTED.value, decided_at=None)
    mine = Submission.objects.filter(agency=found.dinas).order_by("pk").first()
    Submission.objects.filter(pk=mine.pk).update(state=State.DRAFT.value, due_on=when)
    return mine


def run(now=MONDAY):
    with time_machine.travel(now, tick=False):
        try:
            call_command("send_reminders", stdout=StringIO())
        except CommandError:
            return "failed"
    return "done"


def test_an_office_is_told_at_each_step_once_and_never_twice_a_day(settings):
    found = world()
    with post(settings) as box:
        due(found, date(2099, 3, 18))  # a Wednesday, 16 days ahead
        told = []
        for day in range(24):
            for _ in range(2):
                run(MONDAY + day * DAY)
            told.append(Digest.objects.filter(agency=found.dinas).count())
        days = [at for at in range(24) if told[at] != (told[at - 1] if at else 0)]
    # 14, 7 and 3 days fall on working days (the 3 on a Sunday: told on Friday), then 1 and 0.
    assert days == [2, 9, 11, 15, 16]
    assert len(box.mails) == 5 * User.objects.filter(agency=found.dinas).count()


def test_the_mail_is_plain_text_with_html_beside_it_and_leads_to_our_own_address(settings):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        assert run() == "done"
    [to, mail] = box.mails[0]
    text = mail.get_body(("plain",)).get_content()
    assert to == found.users["operator"].email
    assert mail["Subject"] == "Pengingat KLA untuk Dinas Kesehatan: 1 hal, terdekat 3 hari lagi"
    assert "(5 Maret 2099, 3 hari lagi)" in text
    assert f"https://kla.example.go.id/tugas/{found.dinas.code}/" in text
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert (list(mail.iter_attachments()), mail["Auto-Submitted"]) == ([], "auto-generated")


@pytest.mark.parametrize("mood", ["refuse", "drop"])
def test_a_server_that_refuses_or_drops_is_told_and_tried_again(settings, client, mood):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        box.mood = mood
        assert run() == "failed"
        row = Delivery.objects.get()
        assert (row.state, row.tries, box.mails) == ("gagal", 1, [])
        assert "@" not in row.error
        client.force_login(found.users["verifikator"])
        body = client.get("/pengingat/").content.decode()
        assert "gagal, dicoba lagi" in body
        assert row.error in body
        box.mood = ""
        assert (run(), run()) == ("done", "done")
    row.refresh_from_db()
    assert (row.state, row.tries, len(box.mails)) == ("terkirim", 2, 1)


def test_a_server_that_is_not_there_is_told_and_tried_again(settings):
    found = world()
    with post(settings) as box:
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        due(found, (MONDAY + 3 * DAY).date())
        assert run() == "failed"
        assert Delivery.objects.get().error == "server surel tidak terjangkau"
        settings.EMAIL_PORT = port
        assert run() == "done"
    assert len(box.mails) == 1


def test_what_reached_nobody_is_told_anew_the_next_day_with_its_words(settings):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        box.mood = "refuse"
        run()
        box.mood = ""
        run(MONDAY + DAY)
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["lewat", "terkirim"]
    assert [mail["Subject"][-11:] for _, mail in box.mails] == ["2 hari lagi"]


def test_a_mail_whose_process_was_killed_is_not_sent_twice_and_the_others_go_out(settings):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        region = found.region
        reminding.prepare(region, now=MONDAY, mail=True)
        [first] = reminding.to_send(region, now=MONDAY)
        assert reminding.take(first, now=MONDAY) is not None  # and here it dies
        run(MONDAY + timedelta(hours=1))
        assert Delivery.objects.get().state == "ragu"
        assert box.mails == []


def test_a_mail_of_unknown_fate_goes_out_again_only_when_a_person_says_so(settings, client):
    found = world()
    with post(settings) as box, time_machine.travel(MONDAY, tick=False):
        due(found, (MONDAY + 3 * DAY).date())
        reminding.prepare(found.region, now=MONDAY, mail=True)
        mail = Delivery.objects.select_related("digest__agency__region").get()
        again = f"/pengingat/{mail.pk}/kirim-lagi/"
        button = f"Kirim lagi kepada {mail.user}"
        Delivery.objects.update(state="ragu")
        client.force_login(found.users["operator"])
        assert button not in client.get("/pengingat/").content.decode()
        assert client.post(again).status_code == 403
        client.force_login(found.users["verifikator"])
        assert button in client.get("/pengingat/").content.decode()
        assert box.mails == []
        client.post(again)
        client.post(again)
        assert [to for to, _ in box.mails] == [found.users["operator"].email]
        assert Delivery.objects.get().state == "terkirim"
        told = [each.data for each in Change.objects.all() if "resent" in each.data]
        assert told == [{"agency": found.dinas.code, "resent": mail.pk, "day": "2099-03-02"}]
        with pytest.raises(StaleError):
            reminding.send_again(mail, by=found.users["verifikator"], now=MONDAY)
        Delivery.objects.update(state="ragu")
        with pytest.raises(RefusedError, match="lebih dari 7 hari"):
            reminding.send_again(mail, by=found.users["verifikator"], now=MONDAY + 9 * DAY)
        with pytest.raises(PermissionDenied):
            reminding.send_again(mail, by=found.users["pimpinan"], now=MONDAY)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_everybody_once(settings):
    found = world()
    for each in range(6):
        agency = make_agency(found.region)
        user = found.users["operator_badan"]
        User.objects.create_user(
            username=f"ganda-{each}", email=f"ganda-{each}@contoh.example", agency=agency,
            region=user.region, role="operator",
        )  # fmt: skip
        Submission.objects.create(
            assessment=found.assessment, agency=agency, due_on=(MONDAY + 3 * DAY).date(),
            indicator=found.assessment.instrument.indicators.first(),
        )  # fmt: skip
    with post(settings) as box, time_machine.travel(MONDAY, tick=False):
        at_once(*[lambda: call_command("send_reminders", stdout=StringIO())] * 2)
        pairs = [(to, mail["Message-ID"]) for to, mail in box.mails]
    assert len(pairs) == len(set(pairs)) == Delivery.objects.count()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"terkirim"}
    assert sum(to.startswith("ganda-") for to, _ in pairs) == 6


def test_what_is_returned_decided_and_called_is_told_and_each_kind_can_be_off(settings):
    found, meeting = called()
    mine = due(found, date(2099, 5, 1))
    decision = deciding.Decision("Lengkapi matriks", found.dinas, "", date(2099, 5, 2), None)
    by = found.users["verifikator"]
    deciding.decide(meeting, decision, token=uuid4(), by=by, now=MONDAY)
    other = Submission.objects.filter(agency=found.dinas).exclude(pk=mine.pk).first()
    Submission.objects.filter(pk=other.pk).update(decided_at=MONDAY - DAY)
    Submission.objects.filter(pk=mine.pk).update(state="dikembalikan", decided_at=MONDAY - DAY)

    def kinds(off: set[str], *, once: bool = False) -> list[str]:
        things = [
            x for x in reminding.things_of(found.region, MONDAY) if x.agency == found.dinas.pk
        ]
        told = reminding.told_to(things, set(), off=off, once=once, today=MONDAY.date(), ahead=0)
        return sorted(each.kind for each in told.things)

    all_kinds = sorted(["kembali", "diterima", "keputusan", "rakor"])
    assert kinds(set()) == all_kinds
    for each in all_kinds:
        assert kinds({each}) == [kind for kind in all_kinds if kind != each]
    assert kinds(set(KINDS)) == []


def test_who_wants_no_repeats_is_told_each_task_once():
    things = [reminding.Thing("keputusan", "keputusan:1", 1, "X", date(2099, 3, 16), "baru")]

    def steps(known, day, *, once):
        told = reminding.told_to(things, known, off=set(), once=once, today=day, ahead=0)
        return told.steps

    first = steps(set(), date(2099, 3, 2), once=True)
    assert first == [("keputusan:1", "baru")]
    assert steps(set(first), date(2099, 3, 15), once=True) == []
    assert steps(set(first), date(2099, 3, 15), once=False) == [("keputusan:1", "20990316:1")]


def test_another_due_date_is_told_of_again_and_the_same_one_is_not():
    def steps(known, due_on, day):
        things = [reminding.Thing("tenggat", "isian:1", 1, "X", due_on)]
        return reminding.told_to(things, known, off=set(), once=False, today=day, ahead=0).steps

    first, later, known = date(2099, 3, 16), date(2099, 4, 6), set[tuple[str, str]]()
    for day in (date(2099, 3, 13), date(2099, 3, 15)):
        known |= set(steps(known, first, day))
    assert known == {("isian:1", "20990316:3"), ("isian:1", "20990316:1")}
    assert steps(known, first, date(2099, 3, 15)) == []
    assert steps(known, later, date(2099, 4, 3)) == [("isian:1", "20990406:3")]
    # What was written down before a step had its date is told once, too.
    assert steps({("isian:1", "3")}, later, date(2099, 4, 3)) == []


def test_who_has_to_mend_is_reminded_of_the_day_until_which_too(settings):
    """The days before the first due date were told already; those before the second are others."""
    found = world()
    with post(settings) as box:
        mine = due(found, (MONDAY + 3 * DAY).date())
        for day in range(4):
            run(MONDAY + day * DAY)
        told = len(box.mails)
        Submission.objects.filter(pk=mine.pk).update(
            state=State.RETURNED.value,
            decided_at=MONDAY + 3 * DAY,
            due_on=(MONDAY + 10 * DAY).date(),
        )
        for day in range(4, 12):
            run(MONDAY + day * DAY)
    nearest = [mail["Subject"].rpartition("terdekat ")[2] for _, mail in box.mails[told:]]
    assert nearest == ["6 hari lagi", "3 hari lagi", "1 hari lagi", "hari ini"]


def test_who_went_to_another_office_is_not_told_what_the_old_one_owes(settings):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        reminding.prepare(found.region, now=MONDAY, mail=True)
        User.objects.filter(pk=found.users["operator"].pk).update(agency=found.badan)
        stays = User.objects.create_user(
            username="baru", email="baru@contoh.example", role="operator",
            agency=found.dinas, region=found.region,
        )  # fmt: skip
        run()
        assert box.mails == []
        assert Delivery.objects.get().error == "orangnya tidak lagi di kantor ini"
        run(MONDAY + DAY)  # told anew, to who is there now
    assert [to for to, _ in box.mails] == [stays.email]


def test_an_office_without_anybody_is_reported_to_the_secretariat(settings):
    found = world()
    User.objects.filter(agency=found.dinas).update(is_active=False)
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        run()
    assert [to for to, _ in box.mails] == [found.users["verifikator"].email]


def test_on_a_quiet_day_nothing_is_written_or_sent(settings):
    found = world()
    with post(settings) as box:
        due(found, (MONDAY + 3 * DAY).date())
        reminding.set_region(
            found.region, off=[], weekends=True, holidays=["2099-03-02"],
            by=found.users["verifikator"],
        )  # fmt: skip
        run()
        assert (Digest.objects.count(), box.mails) == (0, [])
        run(MONDAY + DAY)
        assert Digest.objects.count() == 1


def test_without_a_mail_server_the_page_says_so_and_whatsapp_has_the_text(settings, client):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.EMAIL_HOST = ""
    found = world()
    due(found, (MONDAY + 3 * DAY).date())
    assert run() == "done"
    client.force_login(found.users["operator"])
    page = client.get("/pengingat/")
    digest = Digest.objects.get()
    assert "Surel belum diatur di server ini" in page.content.decode()
    assert digest.whatsapp.startswith("https://wa.me/?text=")
    assert unquote(digest.whatsapp.removeprefix("https://wa.me/?text=")) == digest.text
    assert Delivery.objects.count() == 0


def test_wishes_are_set_by_who_may_and_a_wrong_day_is_named(client):
    found = world()
    client.force_login(found.users["verifikator"])
    sent = {"jenis": ["tenggat"], "akhir_pekan": "on", "libur": "2026-03-20 Idulfitri\nbesok"}
    wrong = client.post("/pengingat/pengaturan/", sent)
    assert (wrong.status_code, "Baris 2" in wrong.content.decode()) == (422, True)
    client.post("/pengingat/pengaturan/", sent | {"libur": "2026-03-20 Idulfitri"})
    wishes = reminding.wishes_of(found.region)
    assert wishes.holidays == ["2026-03-20 Idulfitri"]
    assert (wishes.quiet_days, len(wishes.off)) == (["2026-03-20"], 5)
    assert "2026-03-20 Idulfitri" in client.get("/pengingat/").content.decode()
    assert "tenggat" not in wishes.off
    client.force_login(found.users["operator"])
    client.post("/pengingat/kantor/", {"jenis": list(KINDS), "sekali": "on"})
    choice = OfficeReminders.objects.get()
    assert (choice.agency, choice.once, choice.off) == (found.dinas, True, [])
    with pytest.raises(PermissionDenied):
        reminding.set_office(found.badan, off=[], once=True, by=found.users["operator"])


def test_a_failure_is_told_without_an_address():
    import smtplib  # noqa: PLC0415

    refused = smtplib.SMTPRecipientsRefused({"nama@contoh.example": (550, b"nama@contoh.example")})
    answered = smtplib.SMTPDataError(554, b"nama@contoh.example is spam")
    said = [said_of(each) for each in (refused, answered, TimeoutError(), ConnectionRefusedError())]
    assert said == [
        "server surel menolak atau memutus", "server surel menolak (554)",
        "server surel tidak menjawab", "server surel tidak terjangkau",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 9])
def test_page_and_run_read_the_same_for_any_number(client, count, django_assert_num_queries):
    found = world()
    due(found, date(2099, 5, 1))
    for each in range(count):
        agency = make_agency(found.region)
        digest = Digest.objects.create(
            agency=agency, day=MONDAY.date(), subject="x", text="y", made_at=MONDAY
        )
        Delivery.objects.create(digest=digest, user=found.users["verifikator"], at=MONDAY)
        DigestItem.objects.create(digest=digest, agency=agency, key=f"isian:{each}", step="7")
    client.force_login(found.users["verifikator"])
    client.get("/rakor/")
    with django_assert_num_queries(9):
        client.get("/pengingat/")
