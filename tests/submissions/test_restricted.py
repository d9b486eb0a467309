"""Evidence that is "terbatas": its giver's office and the verifikator open it, and it is kept that
they did; all others learn only that there is something.
"""

import io

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agencies.models import Kind, User
from agencies.roles import Role
from reports.actions import export_assessment
from submissions.actions import evidence, helping, library, restricting
from submissions.forms import uploads
from submissions.models import HIDDEN, Event, Evidence, EvidenceChange
from tests.factories import make_agency, make_user
from tests.submissions.test_answering import answers, operator, verifikator
from tests.submissions.test_evidence import NOW, PDF, give, status_of, two_agencies, url

pytestmark = pytest.mark.django_db
NAME = "Kasus anak Budi.pdf"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case():
    """What a support gave and marked, taken over by the lead, who knows not what it is."""
    lead, support = two_agencies()
    giver = operator(support.submission)
    given = give(support, giver, name=NAME).evidence
    restricting.restrict(given, restricted=True, by=giver, now=NOW)
    given.refresh_from_db()
    return lead, support, giver, given


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def people(lead, support, giver):
    region = lead.agency.region
    return {
        "giver": giver,
        "colleague": operator(support.submission),
        "verifikator": verifikator(lead.submission),
        "lead": operator(lead.submission),
        "pimpinan": make_user(Role.PIMPINAN, region=region),
        "administrator": make_user(Role.ADMINISTRATOR, region=region),
        "administrator of all": of_all(),
        "another office": make_user(Role.OPERATOR, agency=make_agency(region)),
        "kecamatan": make_user(Role.OPERATOR, agency=make_agency(region, kind=Kind.KECAMATAN)),
        "another city": make_user(Role.VERIFIKATOR),
    }


def of_all():
    user = make_user(Role.ADMINISTRATOR)
    User.objects.filter(pk=user.pk).update(region=None)
    user.region = None
    return user


OPENS = {"giver", "colleague", "verifikator"}


@pytest.mark.parametrize("path", ["", "?unduh", "gambar/", "gambar/?kecil", "pemakaian/"])
def test_only_the_giver_s_office_and_the_verifikator_open_it(case, path):
    lead, support, giver, given = case
    got = {
        who: status_of(signed_in(user), f"/data-dukung/{given.pk}/{path}")
        for who, user in people(lead, support, giver).items()
    }
    assert {who for who, status in got.items() if status == 200} == OPENS
    assert {status for who, status in got.items() if who not in OPENS} == {404}


def test_visible_to_says_the_same_for_lists_bundles_and_searches(case):
    lead, support, giver, given = case
    seen = {
        who
        for who, user in people(lead, support, giver).items()
        if Evidence.objects.visible_to(user).filter(pk=given.pk).exists()
    }
    assert seen == OPENS


@pytest.mark.parametrize("who", ["administrator", "administrator of all"])
def test_no_desk_of_the_admin_tells_what_was_named_before_it_was_restricted(case, who):
    """The act of attaching it holds the name that it had then."""
    lead, support, giver, _ = case
    assert Event.objects.filter(data__name=NAME).exists()
    client = signed_in(people(lead, support, giver)[who])
    models = [
        admin.site.get_model_admin(each)
        for each in apps.get_app_config("submissions").get_models()
        if admin.site.is_registered(each)
    ]
    pages = []
    for desk in models:
        base = f"/admin/submissions/{desk.opts.model_name}/"
        keys = desk.model._default_manager.values_list("pk", flat=True)
        pages += [base, *(f"{base}{key}/change/" for key in keys)]
    told = {page: client.get(page, follow=True) for page in pages}
    assert len(told) > 8
    assert [page for page, reply in told.items() if NAME in reply.content.decode()] == []


def test_no_page_tells_its_name_to_those_who_may_not_open_it(case):
    lead, support, giver, given = case
    by = operator(lead.submission)
    helping.take_over(
        lead, support=support.pk, version=lead.version, seen=support.version, by=by, now=NOW
    )
    indicator = lead.submission.indicator.code
    year = lead.submission.assessment.year
    report = f"/penilaian/{year}/indikator/{indicator}/"
    pages = {
        "lead": [f"/isian/{lead.submission_id}/", url(lead), f"{url(lead)[:-13]}/riwayat/", report],
        "pimpinan": [report, "/data-dukung/"],
    }
    users = people(lead, support, giver) | {"lead": by}
    for who, addresses in pages.items():
        for address in addresses:
            reply = signed_in(users[who]).get(address)
            if reply.status_code == 404:
                assert (who, address) == ("lead", report)
                continue
            text = reply.content.decode()
            assert (NAME in text, f"/data-dukung/{given.pk}/" in text) == (False, False), address
            if address != "/data-dukung/":
                assert HIDDEN in text, address
    reviewer = signed_in(users["verifikator"])
    assert NAME in reviewer.get(report).content.decode()
    told = Event.objects.filter(data__evidence=given.pk).order_by("-pk").first()
    assert told.data["name"] == HIDDEN


def test_a_name_that_the_history_told_before_is_told_no_longer():
    lead, support = two_agencies()
    giver, by = operator(support.submission), operator(lead.submission)
    given = give(support, giver, name=NAME).evidence
    evidence.attach_existing(lead, evidence=given, by=by, now=NOW)
    address = f"{url(lead)[:-13]}/riwayat/"
    assert NAME in signed_in(by).get(address).content.decode()
    restricting.restrict(given, restricted=True, by=giver, now=NOW)
    text = signed_in(by).get(address).content.decode()
    assert (NAME in text, HIDDEN in text) == (False, True)
    assert NAME in signed_in(verifikator(lead.submission)).get(address).content.decode()


def test_a_workbook_goes_to_more_people_and_tells_no_name(case):
    lead, _, _, _ = case
    user = verifikator(lead.submission)
    book = io.BytesIO()
    export_assessment(lead.submission.assessment, book, by=user, now=timezone.now())
    cells = {
        str(cell.value)
        for sheet in openpyxl.load_workbook(book).worksheets
        for row in sheet.iter_rows()
        for cell in row
    }
    assert (any(NAME in each for each in cells), any(HIDDEN in each for each in cells)) == (
        False,
        True,
    )


def test_whoever_opens_it_is_kept_each_time_and_nobody_keeps_a_copy(case):
    _, _, giver, given = case
    client = signed_in(giver)
    for _ in range(2):
        reply = client.get(f"/data-dukung/{given.pk}/")
        assert reply.headers["Cache-Control"] == "private, no-store"
        again = client.get(
            f"/data-dukung/{given.pk}/", headers={"if-none-match": reply.headers["ETag"]}
        )
        assert (b"".join(reply), b"".join(again)) == (PDF, PDF)
    opened = EvidenceChange.objects.filter(evidence=given, verb="open")
    assert [each.by for each in opened] == [giver] * 4
    assert (
        "membuka yang terbatas"
        in client.get(f"/data-dukung/{given.pk}/pemakaian/").content.decode()
    )


def test_its_pictures_are_blank_even_for_those_who_may_open_it(case):
    _, _, giver, given = case
    Evidence.objects.update(thumb="pratinjau/x.webp", preview="pratinjau/y.webp")
    reply = signed_in(giver).get(f"/data-dukung/{given.pk}/gambar/")
    assert reply.headers["Content-Type"] == "image/svg+xml"


def test_marking_takes_all_versions_along_and_a_new_one_inherits(case):
    _, _, giver, given = case
    upload = uploads.check(SimpleUploadedFile("baru.pdf", PDF + b"%2"))
    new = library.replace(given, upload=upload, by=giver, now=NOW)
    assert new.restricted is True
    assert restricting.restrict(given, restricted=False, by=giver, now=NOW) is True
    assert restricting.restrict(given, restricted=False, by=giver, now=NOW) is False
    assert set(Evidence.objects.values_list("restricted", flat=True)) == {False}
    verbs = list(EvidenceChange.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["restrict", "replace", "unrestrict"]


def test_only_who_may_change_it_marks_it(case):
    lead, support, giver, given = case
    may = set()
    for who, user in people(lead, support, giver).items():
        try:
            restricting.restrict(given, restricted=False, by=user, now=NOW)
            may.add(who)
        except PermissionDenied:
            pass
    assert may == OPENS


def test_a_giver_marks_it_while_sending_and_on_its_page(client):
    _, support = two_agencies()
    client.force_login(operator(support.submission))
    sent = {"berkas": [SimpleUploadedFile(NAME, PDF)], "terbatas": "ya"}
    assert client.post(url(support), sent).status_code == 302
    given = Evidence.objects.get()
    assert given.restricted is True
    address = f"/data-dukung/{given.pk}/terbatas/"
    assert client.post(address, {"terbatas": "mungkin"}).status_code == 422
    assert client.post(address, {"terbatas": "tidak"}).status_code == 302
    given.refresh_from_db()
    assert given.restricted is False


def test_the_same_bytes_sent_again_as_restricted_are_restricted(client):
    _, support = two_agencies()
    by = operator(support.submission)
    given = give(support, by, name=NAME).evidence
    client.force_login(by)
    client.post(url(support), {"berkas": [SimpleUploadedFile(NAME, PDF)], "terbatas": "ya"})
    assert list(Evidence.objects.values_list("pk", "restricted")) == [(given.pk, True)]
    [answer] = answers(support.submission)
    assert answer.links.count() == 1
