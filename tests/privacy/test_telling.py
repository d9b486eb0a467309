"""Who opened what is terbatas, what an account could have opened, and all that is kept about a
person: told within a minute, to those who may know, and for a time.
"""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from agencies.actions import people
from agencies.models import Change, User
from agencies.roles import Role
from kla_tracker.history import chain, verify
from kla_tracker.privacy import personal, telling
from submissions.actions import restricting
from submissions.models import EvidenceChange
from tests.factories import make_agency, make_user
from tests.history.test_retention import run as retention
from tests.submissions.test_answering import operator, verifikator
from tests.submissions.test_evidence import NOW, PDF, give, two_agencies
from tests.submissions.test_restricted import signed_in

pytestmark = pytest.mark.django_db
NAME = "Kasus anak Budi.pdf"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.HISTORY_ANCHORS = tmp_path / "anchors.txt"


def said(command, *words):
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def case():
    """A marked document, its office, the verifikator, and another document that is nobody's."""
    lead, support = two_agencies()
    giver = operator(support.submission)
    given = give(support, giver, name=NAME).evidence
    restricting.restrict(given, restricted=True, by=giver, now=NOW)
    given.refresh_from_db()
    return lead, support, giver, verifikator(support.submission), given


def opens(user, given, *, saved=False):
    reply = signed_in(user).get(f"/data-dukung/{given.pk}/{'?unduh' if saved else ''}")
    assert b"".join(reply) == PDF


def test_who_opened_and_who_downloaded_is_told_with_office_and_time(case):
    _, support, giver, reviewer, given = case
    opens(giver, given)
    opens(reviewer, given, saved=True)
    lines = said("who_saw", given.pk).splitlines()
    assert f"membuka versi 1: {giver.name} ({giver.username}), {support.agency}" in lines[2]
    assert f"mengunduh versi 1: {reviewer.name} ({reviewer.username}), Verifikator" in lines[3]
    assert lines[1].endswith(f"menandai terbatas, {giver.name}")
    assert lines[4:] == [
        "2 kali dibuka oleh 2 akun.",
        "Hanya pembukaan selama ditandai terbatas yang dicatat.",
    ]
    with pytest.raises(CommandError, match="Tidak ada data dukung nomor 987654"):
        said("who_saw", 987654)


def test_what_was_never_marked_says_that_nothing_is_known():
    _, support = two_agencies()
    given = give(support, operator(support.submission)).evidence
    assert said("who_saw", given.pk).splitlines()[-1] == (
        "Tidak pernah ditandai terbatas, jadi pembukaannya tidak dicatat."
    )


def test_what_an_account_could_see_follows_its_offices_and_not_only_todays(case):
    _, support, giver, reviewer, given = case
    far = make_user(Role.VERIFIKATOR)
    since = (timezone.localdate() - timedelta(days=30)).isoformat()
    opens(giver, given)
    assert "dibuka" in said("what_could_see", giver.username, "--since", since)
    assert "melihat 0 data dukung" in said("what_could_see", far.username, "--since", since)
    told = said("what_could_see", reviewer.username, "--since", since)
    assert f"{given.pk}: {support.agency}; tidak dibuka" in told
    # Moved to another office, and then retired: what was in reach before still counts.
    other = make_agency(support.agency.region)
    admin = make_user(Role.ADMINISTRATOR, region=support.agency.region)
    people.change_user(
        giver, name=giver.name, email=giver.email, role=Role.OPERATOR, region=other.region,
        agency=other, is_active=True, by=admin,
    )  # fmt: skip
    people.retire_user(giver, by=admin)
    giver.refresh_from_db()
    assert (giver.agency, giver.is_active) == (other, False)
    assert "melihat 1 data dukung" in said("what_could_see", giver.username, "--since", since)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "melihat 0 data dukung" in said("what_could_see", giver.username, "--since", tomorrow)
    with pytest.raises(CommandError, match="Tidak ada akun"):
        said("what_could_see", "tak-ada", "--since", since)


def test_what_was_marked_meanwhile_and_is_no_more_counts_too(case):
    _, support, giver, reviewer, given = case
    restricting.restrict(given, restricted=False, by=giver, now=timezone.now())
    told = said("what_could_see", reviewer.username, "--since", "2024-01-01")
    assert f"{given.pk}: {support.agency}; tidak lagi terbatas; tidak dibuka" in told


def test_the_verifikator_reads_who_opened_what_page_by_page(case):
    _, _, giver, reviewer, given = case
    EvidenceChange.objects.bulk_create(
        EvidenceChange(evidence=given, verb="open", by=giver) for _ in range(60)
    )
    client = signed_in(reviewer)
    page = client.get("/data-dukung/terbatas/").content.decode()
    assert (page.count(f">{NAME}</a>"), giver.name in page) == (50, True)
    assert client.get("/data-dukung/terbatas/?halaman=2").content.decode().count(NAME) == 10
    assert client.get("/data-dukung/terbatas/?page_size=100000").content.decode().count(NAME) == 50
    far = signed_in(make_user(Role.VERIFIKATOR)).get("/data-dukung/terbatas/").content.decode()
    assert (NAME in far, "Belum ada yang dibuka" in far) == (False, True)


def test_after_a_year_who_opened_is_not_kept_and_the_chain_is_whole(case, settings):
    _, _, giver, _, given = case
    now = timezone.now()
    old, young = now - timedelta(days=400), now - timedelta(days=300)
    for at in (old, old, young):
        EvidenceChange.objects.create(evidence=given, verb="open", by=giver, at=at)
    chain.seal(now=now)
    assert "akses (siapa membuka data dukung terbatas): 1 lewat waktunya" in retention()
    assert EvidenceChange.objects.filter(verb="open", by=giver).count() == 3
    assert "1 dihapus" in retention("--delete", "--kind", "akses")
    opened = EvidenceChange.objects.filter(verb="open").order_by("pk")
    assert [each.by for each in opened] == [None, None, giver]
    chain.seal(now=now)
    assert list(verify.verify(chain.anchors())) == []
    assert "0 lewat waktunya" in retention("--kind", "akses")
    assert "tidak disimpan lagi" in said("who_saw", given.pk)
    settings.ACCESS_LOG_DAYS = 200
    assert "1 dihapus" in retention("--delete", "--kind", "akses")
    assert EvidenceChange.objects.filter(verb="open", by=giver).count() == 0
    chain.seal(now=now)
    assert list(verify.verify(chain.anchors())) == []


def test_the_name_of_who_opened_it_lately_cannot_go(case):
    _, _, giver, _, given = case
    EvidenceChange.objects.create(evidence=given, verb="open", by=giver, at=timezone.now())
    EvidenceChange.objects.create(
        evidence=given, verb="describe", by=giver, at=timezone.now() - timedelta(days=999)
    )
    for verb in ("open", "describe"):
        with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
            EvidenceChange.objects.filter(verb=verb).update(by=None)
    assert EvidenceChange.objects.filter(by=None).count() == 0


def test_all_that_is_kept_of_a_person_is_told_and_nothing_that_lets_one_in(case):
    _, _, giver, _, given = case
    User.objects.filter(pk=giver.pk).update(password="rahasia-tersandi")
    signed_in(giver).get("/akun/")
    people.retire_user(giver, by=None)
    kept = json.loads(said("personal_data", giver.username))
    assert kept["akun"]["nama"] == giver.name
    assert [each["nama"] for each in kept["data dukung (submissions.Evidence)"]] == [given.name]
    history = kept["riwayat data dukung (submissions.EvidenceChange)"]
    assert [each["kejadian"] for each in history] == ["restrict"]
    assert [each["perbuatan"] for each in kept["perubahan (agencies.Change)"]] == ["retire_user"]
    assert "rahasia-tersandi" not in json.dumps(kept)
    text = said("personal_data", giver.username, "--text")
    assert (giver.email in text, NAME in text, "rahasia-tersandi" in text) == (True, True, False)
    taken = Change.objects.filter(verb="export", data__sheet="personal_data")
    assert taken.count() == 2
    with pytest.raises(CommandError, match="Tidak ada akun"):
        said("personal_data", "tak-ada")


def test_every_table_that_names_an_account_is_read():
    """Told by the database itself, not by the models: a table of another app counts too."""
    users = User._meta.db_table
    with connection.cursor() as cursor:
        found = set()
        for table in connection.introspection.table_names():
            ties = connection.introspection.get_relations(cursor, table)
            if any(tie[1] == users for tie in ties.values()):
                found.add(table)
    read = {model._meta.db_table for model in personal.tables()} | {users}
    assert found <= read
    assert len(found) > 20


def test_the_period_is_half_a_year_at_least(settings):
    settings.ACCESS_LOG_DAYS = 3
    now = timezone.now()
    assert (now - telling.kept_since(now)).days == 180
