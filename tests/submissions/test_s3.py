"""Evidence in a store that speaks S3: a real server on this machine, the settings of production."""

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from submissions import tasks
from submissions.actions import evidence as verbs
from submissions.actions.record import RefusedError
from submissions.models import Blob, Evidence, EvidenceLink
from tests.factories import make_work
from tests.submissions.test_answering import answers, operator
from tests.submissions.test_evidence import NOW, give
from tests.submissions.test_previews import paper
from tests.submissions.test_uploads import PDF


@pytest.fixture
def given(bucket):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    return by, response, give(response, by, content=paper())


def keys(bucket):
    return sorted(each.key for each in bucket.objects.all())


@pytest.mark.django_db(transaction=True)
def test_what_is_attached_lies_in_the_bucket_with_its_bytes_and_goes_with_the_last(bucket, given):
    by, _, link = given
    blob = Blob.objects.get()
    assert keys(bucket) == [blob.file.name]
    stored = bucket.Object(blob.file.name).get()["Body"].read()
    assert hashlib.sha256(stored).hexdigest() == blob.sha256
    verbs.detach(link, by=by, now=NOW)
    assert keys(bucket) == []


@pytest.mark.django_db
def test_a_download_comes_through_our_view_with_the_same_headers(given):
    by, _, link = given
    client = Client()
    client.force_login(by)
    answer = client.get(f"/data-dukung/{link.evidence_id}/")
    assert hashlib.sha256(answer.getvalue()).hexdigest() == Blob.objects.get().sha256
    assert {
        name: answer[name]
        for name in ("Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options")
    } == {
        "Content-Type": "application/pdf",
        "Content-Length": str(Blob.objects.get().size),
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.django_db
def test_pictures_lie_there_too_and_verify_evidence_knows_both(bucket, given, capsys):
    tasks.draw.call(given[2].evidence_id)
    assert len(keys(bucket)) == 3
    bucket.put_object(Key="data-dukung/aa/yatim.pdf", Body=PDF)
    call_command("verify_evidence")
    assert "orphan: data-dukung/aa/yatim.pdf" in capsys.readouterr().out
    bucket.Object(Blob.objects.get().file.name).delete()
    with pytest.raises(CommandError):
        call_command("verify_evidence")
    assert "missing" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_store_that_is_away_is_told_in_a_sentence_and_leaves_no_row(away):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    away()
    with pytest.raises(RefusedError) as refused:
        give(response, by)
    assert "penyimpanan sistem bermasalah" in str(refused.value)
    assert (Evidence.objects.count(), EvidenceLink.objects.count()) == (0, 0)
    with pytest.raises(OSError, match="S3"):
        default_storage.open("data-dukung/aa/ada.pdf")
