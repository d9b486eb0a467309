"""What was kept long enough is shown, and deleted only when that is asked for; each kind by its
own period, and what is still needed never.
"""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from agencies.actions import people
from agencies.models import Change, SignInFailure, User
from agencies.roles import Role
from submissions.models import Assessment, Blob, Evidence, EvidenceLink
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import PDF, give, status_of, stored

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=365)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def run(*words):
    said = StringIO()
    call_command("retention", *words, stdout=said)
    return said.getvalue()


@pytest.fixture
def document():
    """A document of a year that closed six years ago."""
    submission = make_work()
    by = operator(submission)
    given = give(answers(submission)[0], by).evidence
    Assessment.objects.update(closed_at=timezone.now() - 6 * YEARS)
    return submission, by, given


def test_nothing_is_deleted_before_that_is_asked_for(document):
    said = run()
    assert "data-dukung (berkas dari tahun yang lama ditutup): 1 lewat waktunya" in said
    assert "Belum ada yang dihapus." in said
    assert (Blob.objects.exclude(file="").count(), len(stored())) == (1, 1)


def test_the_bytes_of_a_year_long_closed_go_and_what_is_known_of_them_stays(
    client, document, django_capture_on_commit_callbacks
):
    _, by, given = document
    with django_capture_on_commit_callbacks(execute=True):
        assert "1 dihapus" in run("--delete", "--kind", "data-dukung")
    blob = Blob.objects.get()
    assert (stored(), str(blob.file), len(blob.sha256)) == ([], "", 64)
    told = Change.objects.latest("pk")
    assert (told.verb, told.data["sha256"], told.by) == ("retention", [blob.sha256], None)
    client.force_login(by)
    assert status_of(client, f"/data-dukung/{given.pk}/") == 404
    page = client.get(f"/data-dukung/{given.pk}/pemakaian/").content.decode()
    assert "dihapus menurut jadwal retensi" in page
    said = StringIO()
    call_command("verify_evidence", stdout=said)
    assert "0 missing or altered" in said.getvalue()
    assert "0 lewat waktunya" in run("--kind", "data-dukung")


def test_the_same_bytes_given_again_are_there_again(
    client, document, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run("--delete")
    other = make_work()
    by = operator(other)
    given = give(answers(other)[0], by).evidence
    client.force_login(by)
    reply = client.get(f"/data-dukung/{given.pk}/")
    assert (b"".join(reply), Blob.objects.count()) == (PDF, 1)


@pytest.mark.parametrize("needed", ["open", "young", "other"])
def test_what_is_still_needed_stays(document, needed):
    if needed == "open":
        Assessment.objects.update(closed_at=None)
    elif needed == "young":
        Assessment.objects.update(closed_at=timezone.now() - 4 * YEARS)
    else:  # another office gave the same bytes this year
        submission = make_work()
        give(answers(submission)[0], operator(submission))
    assert "0 dihapus" in run("--delete", "--kind", "data-dukung")
    assert len(stored()) == 1


def test_what_nothing_ever_used_goes_with_its_versions(django_capture_on_commit_callbacks):
    submission = make_work()
    given = give(answers(submission)[0], operator(submission)).evidence
    EvidenceLink.objects.all().delete()
    Evidence.objects.filter(pk=given.pk).update(created_at=timezone.now() - YEARS)
    assert "0 dihapus" in run("--delete", "--kind", "pustaka")
    Evidence.objects.filter(pk=given.pk).update(created_at=timezone.now() - 3 * YEARS)
    with django_capture_on_commit_callbacks(execute=True):
        assert "1 dihapus" in run("--delete", "--kind", "pustaka")
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_the_mail_of_an_account_that_ended_goes_and_its_name_stays():
    ended, works = make_user(Role.VERIFIKATOR), make_user(Role.VERIFIKATOR)
    people.retire_user(ended, by=None)
    assert "0 dihapus" in run("--delete", "--kind", "akun")
    User.objects.filter(pk=ended.pk).update(date_joined=timezone.now() - 3 * YEARS)
    assert "0 dihapus" in run("--delete", "--kind", "akun")  # it ended today
    long_ago = make_user(Role.VERIFIKATOR, is_active=False)
    User.objects.filter(pk=long_ago.pk).update(date_joined=timezone.now() - 3 * YEARS)
    assert "1 dihapus" in run("--delete", "--kind", "akun")
    mails = dict(User.objects.values_list("pk", "email"))
    assert (mails[long_ago.pk], mails[ended.pk], mails[works.pk]) == ("", ended.email, works.email)
    assert User.objects.get(pk=long_ago.pk).name == long_ago.name


def test_traces_of_failed_sign_ins_go_after_a_month():
    now = timezone.now()
    for days in (1, 29, 31):
        SignInFailure.objects.create(key=f"k{days}", last_at=now - timedelta(days=days))
    assert "1 dihapus" in run("--delete", "--kind", "gagal-masuk")
    assert set(SignInFailure.objects.values_list("key", flat=True)) == {"k1", "k29"}
