"""An evidence itself: described, replaced by a new version, thrown away; and what verdicts keep."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connections, transaction

from agencies.roles import Role
from submissions.actions import evidence as verbs
from submissions.actions import library, year
from submissions.actions import registers as rows
from submissions.actions.library import Description, StaleEvidenceError
from submissions.actions.record import RefusedError
from submissions.forms import uploads
from submissions.models import (
    Event,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    RegisterRow,
    Response,
    Review,
    RowEvidence,
    Submission,
    Verb,
)
from submissions.workflow import State, Verdict, expired, must_hold_until
from tests.at_once import at_once
from tests.factories import make_instrument, make_register, make_user, make_work
from tests.submissions.test_answering import answers, operator, verifikator
from tests.submissions.test_evidence import NOW, PDF, give, link, stored, two_agencies

pytestmark = pytest.mark.django_db

NEW = PDF + b"% versi dua\n%%EOF\n"
SK = Description("sk", "440/1", date(2022, 1, 5), "cap", date(2023, 12, 31))


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def describe(evidence, by, said=SK, version=0):
    return library.describe(evidence, description=said, version=version, by=by, now=NOW)


def replace(evidence, by, content=NEW, name="SK baru.pdf"):
    upload = uploads.check(SimpleUploadedFile(name, content))
    return library.replace(evidence, upload=upload, by=by, now=NOW)


def make_row(by):
    register = make_register(make_instrument())
    return RegisterRow.objects.create(
        agency=by.agency, register=register, code=register.code, data={}, words="",
        created_by=by, changed_by=by,
    )  # fmt: skip


def live(response):
    found = EvidenceLink.objects.filter(response=response, removed_at__isnull=True)
    return [each.evidence for each in found.order_by("pk")]


def judged(response, verdict=Verdict.RETURNED):
    """A verdict on the answer as it stands, resting on what is attached."""
    review = Review.objects.create(
        response=response, version=0, verdict=verdict.value, by=verifikator(response.submission)
    )
    review.evidence.set(live(response))
    Response.objects.filter(pk=response.pk).update(verdict=verdict.value, last_review=review)
    return review


# --- until when it must hold ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "over"),
    [
        (None, False),
        (date(2024, 1, 1), False),
        (date(2023, 12, 31), False),
        (date(2023, 12, 30), True),
        (date(2023, 1, 1), True),
        (date(2022, 12, 31), True),
    ],
)
def test_a_document_must_hold_until_the_last_day_of_the_year_of_the_data(until, over):
    assert must_hold_until(2023) == date(2023, 12, 31)
    assert expired(until, 2023) is over


# --- what it is ----------------------------------------------------------------------------------


def test_a_description_is_stored_with_one_event_and_said_again_changes_nothing():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    evidence = give(response, by).evidence
    saved = describe(evidence, by)
    assert (Description.of(saved), saved.version) == (SK, 1)
    assert describe(evidence, by) == saved
    [change] = EvidenceChange.objects.all()
    assert (change.verb, change.by, change.on_behalf) == ("describe", by, False)
    assert change.data["to"]["valid_until"] == "2023-12-31"
    assert change.data["from"]["kind"] == ""


def test_the_slower_of_two_descriptions_is_told_and_changes_nothing():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    evidence = give(response, by).evidence
    describe(evidence, by)
    with pytest.raises(StaleEvidenceError) as stale:
        describe(evidence, by, Description("laporan"))
    assert Description.of(stale.value.current) == SK
    assert EvidenceChange.objects.count() == 1


def test_only_the_giver_and_the_own_verifikator_describe():
    lead, support = two_agencies()
    mine = operator(support.submission)
    evidence = give(support, mine).evidence
    neighbour = operator(lead.submission)
    region = support.agency.region
    for by in (
        neighbour,
        make_user(Role.PIMPINAN, region=region),
        make_user(Role.ADMINISTRATOR, region=region),
        make_user(Role.VERIFIKATOR),
    ):
        for verb in (describe, replace):
            with pytest.raises(PermissionDenied):
                verb(evidence, by)
        with pytest.raises(PermissionDenied):
            library.discard(evidence, by=by, now=NOW)
    describe(evidence, verifikator(support.submission))
    assert EvidenceChange.objects.get().on_behalf is True


def test_the_history_of_an_evidence_cannot_be_changed():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    describe(give(response, by).evidence, by)
    for change in (
        lambda: EvidenceChange.objects.update(verb="replace"),
        lambda: EvidenceChange.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- versions ------------------------------------------------------------------------------------


def test_a_new_version_takes_the_place_of_the_old_one_which_stays_to_be_opened():
    submission = make_work(2)
    by, [first, second] = operator(submission), answers(submission)
    old = give(first, by).evidence
    give(second, by)
    describe(old, by)
    new = replace(old, by)
    assert (live(first), live(second)) == ([new], [new])
    assert (new.number, new.first, new.name) == (2, old, "SK baru.pdf")
    assert Description.of(new) == Description("sk", "440/1", SK.document_date, "", SK.valid_until)
    assert len(stored()) == 2
    assert list(Evidence.objects.visible_to(by).versions_of(new).order_by("number")) == [old, new]
    assert Event.objects.filter(verb=Verb.REPLACE).count() == 2
    assert [each.data["number"] for each in EvidenceChange.objects.filter(verb="replace")] == [2]
    third = replace(new, by, NEW + b"%3\n%%EOF\n")
    assert (third.number, third.first, live(first)) == (3, old, [third])


def test_a_verdict_keeps_pointing_to_the_version_that_the_reviewer_saw():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    review = judged(response)
    Submission.objects.update(state=State.RETURNED.value)
    new = replace(old, by)
    assert live(response) == [new]
    assert list(review.evidence.all()) == [old]
    marked = EvidenceLink.objects.get(evidence=old)
    assert (marked.removed_at, marked.removed_by) == (NOW, by)
    assert answers(submission)[0].verdict == ""  # another evidence is another answer
    assert default_storage.exists(old.blob.file.name)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.SUBMITTED, Verdict.NONE),
        (State.RETURNED, Verdict.ACCEPTED),
        (State.ACCEPTED, Verdict.ACCEPTED),
    ],
)
def test_what_is_handed_in_or_accepted_keeps_the_version_that_was_given(state, verdict):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    Response.objects.update(verdict=verdict.value)
    Submission.objects.update(state=state.value)
    new = replace(old, by)
    assert (live(response), new.number) == ([old], 2)
    assert answers(submission)[0].verdict == verdict
    assert Event.objects.filter(verb=Verb.REPLACE).count() == 0


def test_a_closed_year_keeps_the_version_that_was_given():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    assessment = submission.assessment
    assessment.closed_at = NOW
    assessment.save()
    replace(old, by)
    assert live(response) == [old]


def test_another_office_keeps_the_version_that_it_took_until_it_takes_the_new_one():
    lead, support = two_agencies()
    mine, theirs = operator(support.submission), operator(lead.submission)
    old = give(support, mine).evidence
    verbs.attach_existing(lead, evidence=old, by=theirs, now=NOW)
    new = replace(old, mine)
    assert (live(support), live(lead)) == ([new], [old])
    verbs.attach_existing(lead, evidence=new, by=theirs, now=NOW)
    assert live(lead) == [new]
    assert Event.objects.filter(verb=Verb.REPLACE, response=lead).count() == 1


def test_of_the_own_only_the_latest_version_can_be_taken():
    submission = make_work(2)
    by, [first, second] = operator(submission), answers(submission)
    old = give(first, by).evidence
    new = replace(old, by)
    assert list(verbs.takeable(second)) == [new]
    with pytest.raises(RefusedError):
        verbs.attach_existing(second, evidence=old, by=by, now=NOW)


def test_rows_of_a_register_take_the_new_version():
    submission = make_work()
    by = operator(submission)
    row = make_row(by)
    upload = uploads.check(SimpleUploadedFile("A.pdf", PDF))
    old = rows.attach_to_row(row, upload=upload, by=by, now=NOW).evidence
    new = replace(old, by)
    links = RowEvidence.objects.filter(row=row).order_by("pk")
    assert [(each.evidence, each.removed_at) for each in links] == [(old, NOW), (new, None)]
    assert row.changes.filter(data__replaces=old.pk).count() == 1


def test_the_same_bytes_again_are_no_new_version():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    assert replace(old, by, PDF, "nama lain.pdf") == old
    new = replace(old, by)
    assert replace(old, by) == new  # pressed twice
    assert (Evidence.objects.count(), len(stored())) == (2, 2)


def test_only_the_latest_version_is_replaced():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    new = replace(old, by)
    with pytest.raises(StaleEvidenceError) as stale:
        replace(old, by, NEW + b"%3\n%%EOF\n")
    assert stale.value.current == new
    assert len(stored()) == 2


def test_a_link_has_no_versions():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    with pytest.raises(RefusedError):
        replace(link(response, by).evidence, by)


def test_versions_that_nothing_uses_count_towards_the_space(settings):
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    Submission.objects.update(state=State.SUBMITTED.value)
    new = replace(old, by)
    settings.EVIDENCE_QUOTA_BYTES = new.blob.size + 10
    with pytest.raises(RefusedError) as refused:
        replace(new, by, NEW + b"% tiga\n%%EOF\n")
    assert "tidak cukup" in str(refused.value)
    assert len(stored()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_new_versions_at_once_are_one_and_a_refusal():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence

    def send(letter):
        try:
            return replace(old, by, NEW + letter * 40 + b"\n%%EOF\n").number
        except StaleEvidenceError:
            return "terlambat"

    said = at_once(lambda: send(b"%a"), lambda: send(b"%b"))
    assert sorted(map(str, said)) == ["2", "terlambat"]
    assert (Evidence.objects.count(), len(stored()), len(live(response))) == (2, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_new_version_that_waited_for_the_closing_of_a_year_leaves_its_answers_alone():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    old = give(response, by).evidence
    closer = verifikator(submission)

    def send():
        try:
            return replace(old, by).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            year.close_year(submission.assessment, note="", by=closer, now=NOW)
            late = pool.submit(send)
            time.sleep(0.5)  # it has found the work, and waits for whoever holds it
        assert late.result() == 2
    assert live(response) == [old]


# --- thrown away ---------------------------------------------------------------------------------


def test_what_somebody_described_stays_in_the_library_when_it_is_taken_away():
    submission = make_work(2)
    by, [first, second] = operator(submission), answers(submission)
    given = give(first, by)
    describe(given.evidence, by)
    verbs.detach(given, by=by, now=NOW)
    assert list(verbs.takeable(second)) == [given.evidence]


@pytest.mark.django_db(transaction=True)
def test_what_nothing_uses_is_thrown_away_with_all_its_versions_and_files():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    new = replace(give(response, by).evidence, by)
    [attached] = EvidenceLink.objects.all()
    verbs.detach(attached, by=by, now=NOW)
    assert Evidence.objects.count() == 2
    library.discard(new, by=by, now=NOW)
    assert (Evidence.objects.count(), stored()) == (0, [])
    assert EvidenceChange.objects.filter(verb="discard").count() == 2


def test_what_a_verdict_or_an_answer_or_a_row_has_is_not_thrown_away():
    submission = make_work(2)
    by, [first, second] = operator(submission), answers(submission)
    seen = give(first, by).evidence
    judged(first)
    verbs.detach(EvidenceLink.objects.get(evidence=seen), by=by, now=NOW)
    attached = give(second, by, content=NEW).evidence
    upload = uploads.check(SimpleUploadedFile("B.pdf", PDF + b"%b\n%%EOF\n"))
    on_row = rows.attach_to_row(make_row(by), upload=upload, by=by, now=NOW).evidence
    newer = replace(seen, by, PDF + b"%c\n%%EOF\n")
    for evidence in (seen, attached, on_row, newer):
        with pytest.raises(RefusedError):
            library.discard(evidence, by=by, now=NOW)
    assert (Evidence.objects.count(), len(stored())) == (4, 4)


def test_an_accepted_answer_lets_nothing_go():
    submission = make_work()
    by, [response] = operator(submission), answers(submission)
    given = give(response, by)
    judged(response, Verdict.ACCEPTED)
    Submission.objects.update(state=State.RETURNED.value)
    with pytest.raises(RefusedError):
        verbs.detach(given, by=by, now=NOW)
    assert live(response) == [given.evidence]
