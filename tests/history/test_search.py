"""`/riwayat/`: who did what when, for those whom it concerns, in a fixed number of queries."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.actions.record import record as record_change
from agencies.models import Change, ChangeVerb, User
from agencies.roles import Role
from indicators.wording import NOTHING
from kla_tracker import triggers
from kla_tracker.history import chain
from submissions.actions import restricting
from submissions.actions.record import record
from submissions.models import HIDDEN, EvidenceChange, Verb
from tests.factories import make_agency, make_user, make_work
from tests.submissions.test_answering import answers, operator, say, verifikator
from tests.submissions.test_evidence import give

pytestmark = pytest.mark.django_db
NOW = timezone.now() - timedelta(days=2)


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.HISTORY_ANCHORS = tmp_path / "anchors.txt"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case():
    """An office answered, gave and marked an evidence; an administrator changed a person."""
    submission = make_work()
    by, [response] = operator(submission, name="Ibu Sari"), answers(submission)
    say(response, by, value={"level": 1}, note="Ada SK")
    given = give(response, by, name="Kasus.pdf").evidence
    restricting.restrict(given, restricted=True, by=by, now=NOW)
    region = submission.agency.region
    admin = make_user(Role.ADMINISTRATOR, region=region, name="Pak Admin")
    record_change(
        ChangeVerb.CHANGE_USER, by=admin, region=region, user=by.pk,
        before={"role": "operator"}, after={"role": "verifikator"},
    )  # fmt: skip
    return submission, by, admin


def seen(client, user, **asked):
    client.force_login(user)
    page = client.get("/riwayat/", asked)
    assert page.status_code == 200
    return page.context["lines"]


def verbs(lines):
    return [each.what for each in lines]


def of_all():
    user = make_user(Role.ADMINISTRATOR)
    User.objects.filter(pk=user.pk).update(region=None)
    return user


ALL = {"menandai terbatas", "melampirkan data dukung", "mengisi jawaban", "mengubah pengguna"}


def test_each_sees_what_concerns_them(client, case):
    submission, by, admin = case
    region = submission.agency.region
    got = {
        name: set(verbs(seen(client, user))) & ALL
        for name, user in {
            "operator": by,
            "verifikator": verifikator(submission),
            "pimpinan": make_user(Role.PIMPINAN, region=region),
            "administrator": admin,
            "of all": of_all(),
            "another office": make_user(Role.OPERATOR, agency=make_agency(region)),
            "another city": make_user(Role.VERIFIKATOR),
        }.items()
    }
    assert got == {
        "operator": ALL - {"mengubah pengguna"},
        "verifikator": ALL,
        "pimpinan": ALL,
        "administrator": ALL,
        "of all": ALL,
        "another office": set(),
        "another city": set(),
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"jenis": "pengguna"}, ["mengubah pengguna"]),
        ({"jenis": "data-dukung"}, ["menandai terbatas"]),
        ({"pelaku": "admin"}, ["mengubah pengguna"]),
        ({"apa": "TERBATAS"}, ["menandai terbatas"]),
        ({"apa": "mengisi"}, ["mengisi jawaban", "mulai mengisi"]),
        ({"apa": "mengisi", "jenis": "rakor"}, []),
        ({"dari": "2999-01-01"}, []),
        ({"sampai": "2001-01-01"}, []),
        ({"pertanyaan": "tidak ada"}, []),
    ],
)
def test_it_is_found_by_who_what_when_and_kind(client, case, asked, found):
    submission, _, _ = case
    lines = seen(client, verifikator(submission), **asked)
    assert sorted(set(verbs(lines))) == sorted(found)


def test_it_is_found_by_office_and_question(client, case):
    submission, _, _ = case
    reviewer, [answer] = verifikator(submission), answers(submission)
    lines = seen(client, reviewer, pertanyaan=answer.question.code)
    assert set(verbs(lines)) == {"mengisi jawaban", "melampirkan data dukung"}
    office = seen(client, reviewer, perangkat=submission.agency.code)
    assert set(verbs(office)) >= ALL - {"mengubah pengguna"}
    other = make_agency(submission.agency.region)
    assert seen(client, reviewer, perangkat=other.code) == []
    far = make_agency()
    assert len(seen(client, reviewer, perangkat=far.code)) > 3  # no choice of theirs: passed over


def test_from_what_to_what_is_told_and_a_restricted_name_only_to_those_who_open_it(client, case):
    _, by, admin = case
    region = by.agency.region
    record_change(ChangeVerb.RETENTION, by=None, region=region, evidence=[1, 2], kind="pustaka")
    told = {each.what: each for each in seen(client, by)}
    assert f"catatan: {NOTHING} → Ada SK" in told["mengisi jawaban"].details
    assert told["menandai terbatas"].about == "Kasus.pdf"
    hidden = {each.what: each for each in seen(client, admin)}
    assert hidden["menandai terbatas"].about == HIDDEN
    assert hidden["mengubah pengguna"].details == ["peran: operator → verifikator"]
    assert hidden["mengubah pengguna"].about == f"akun {by.username}"
    assert "Kasus.pdf" not in client.get("/riwayat/").content.decode()


def test_every_line_says_its_seal_and_the_page_the_end_of_the_chain(client, case):
    submission, _, _ = case
    assert {each.seal for each in seen(client, verifikator(submission))} == {0}
    chain.seal(now=NOW)
    reviewer = verifikator(submission)
    assert all(each.seal for each in seen(client, reviewer))
    assert str(chain.head()) in client.get("/riwayat/").content.decode()


def test_pages_follow_each_other_without_a_gap_or_a_double(client, case):
    submission, by, _ = case
    for number in range(130):  # many at the same moment, in two kinds
        record(
            Verb.ANSWER, by=by, assessment=submission.assessment, submission=submission,
            at=NOW - timedelta(minutes=number // 20),
        )  # fmt: skip
        if number % 3 == 0:
            EvidenceChange.objects.create(
                evidence_id=EvidenceChange.objects.first().evidence_id,
                verb="open", by=by, at=NOW - timedelta(minutes=number // 20),
            )  # fmt: skip
    client.force_login(by)
    got, address = [], "/riwayat/"
    while address:
        page = client.get(address)
        got += [each.place for each in page.context["lines"]]
        address = f"/riwayat/?{page.context['older']}" if page.context["older"] else ""
    assert (len(got), len(set(got))) == (len(got), len(got))
    assert len(got) == 130 + 44 + 4
    times = [each.split("~")[0] for each in got]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "place", ["x", "~", "2024~isian~1", "2024-01-01T00:00:00~isian~1", "a~b~c"]
)
def test_a_place_that_is_none_is_the_beginning(client, case, place):
    _, by, _ = case
    assert len(seen(client, by, sesudah=place)) == len(seen(client, by))


def test_it_takes_the_same_queries_for_few_and_for_many(client, case):
    submission, by, _ = case
    reviewer = verifikator(submission)
    seen(client, reviewer)
    counts = []
    for more in (0, 40):
        for _ in range(more):
            record(Verb.SUBMIT, by=by, assessment=submission.assessment, submission=submission)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/riwayat/").status_code == 200
        counts.append(len(asked))
    assert (counts[0], counts[0] < 20) == (counts[1], True)


def test_the_sheet_says_the_same_as_text_and_is_itself_an_event(client, case):
    submission, _, admin = case
    admin.name = "=HYPERLINK(1)"
    admin.save()
    reviewer = verifikator(submission)
    client.force_login(reviewer)
    reply = client.post("/riwayat/unduh/", {"jenis": "pengguna"})
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig")), delimiter=";"))
    assert [each[1:3] for each in rows[1:]] == [["'=HYPERLINK(1)", "mengubah pengguna"]]
    last = Change.objects.latest("pk")
    assert (last.verb, last.by, last.data) == (
        "export",
        reviewer,
        {"sheet": "riwayat.csv", "rows": 1},
    )


def test_the_administrator_cannot_change_it_through_the_product(client, case):
    client.force_login(case[2])
    assert client.post("/riwayat/").status_code == 405
    tables = {model._meta.db_table: desk for model, desk in admin.site._registry.items()}
    request = type("Request", (), {"user": case[2]})()
    open_desks = [
        table
        for table in (*triggers.HISTORY, "kla_tracker_seal", "kla_tracker_sealhead")
        if (desk := tables.get(table)) is not None
        and (
            desk.has_add_permission(request)
            or desk.has_change_permission(request)
            or desk.has_delete_permission(request)
        )
    ]
    assert open_desks == []
