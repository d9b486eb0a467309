"""A person's right to deletion: no byte and no word stays, points and verdicts do, and the history
is whole although a name went out of it.
"""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from agencies.roles import Role
from kla_tracker import triggers
from kla_tracker.history import chain, verify
from kla_tracker.privacy import destroying, listed
from meetings.models import FollowUpEvent
from submissions.actions import library, previews, registers, restricting, storing, uploads
from submissions.actions.evidence import attach_existing, takeable
from submissions.actions.record import RefusedError
from submissions.forms.uploads import check
from submissions.models import (
    DESTROYED,
    Blob,
    Bundle,
    Event,
    Evidence,
    EvidenceChange,
    RegisterRow,
    Response,
    RowChange,
    Upload,
)
from tests.factories import make_instrument, make_register, make_user
from tests.meetings.test_deciding import decided
from tests.meetings.world import called
from tests.submissions.test_answering import operator, verifikator
from tests.submissions.test_evidence import NOW, PDF, give, link, status_of, stored, two_agencies

pytestmark = pytest.mark.django_db
WORD = "Kutilang"  # stands in every text of the document, and in its bytes
NAME = f"Kasus anak {WORD}.pdf"
BYTES = PDF + f"% {WORD} lahir di sini\n".encode()
REASON = "Surat permintaan 12/III/2024"


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"
    settings.BUNDLE_ROOT = tmp_path / "bundles"
    settings.DESTROYED_LIST = tmp_path / "destroyed.jsonl"
    settings.HISTORY_ANCHORS = tmp_path / "anchors.txt"
    settings.BUNDLE_ROOT.mkdir()


def child_s_document(answer, by):
    """Given, described, replaced by a second version, with pictures, as things are after a year."""
    first = give(answer, by, name=NAME, content=BYTES).evidence
    library.describe(
        first, description=library.Description(kind="surat", document_number=f"{WORD}/7"),
        version=0, by=by, now=NOW,
    )  # fmt: skip
    upload = check(SimpleUploadedFile(NAME, BYTES + b"% lagi"))
    second = library.replace(first, upload=upload, by=by, now=NOW)
    thumb = default_storage.save("pratinjau/aa/kecil.webp", ContentFile(BYTES))
    Evidence.objects.filter(pk=second.pk).update(thumb=thumb, preview=thumb)
    second.refresh_from_db()
    return first, second


@pytest.fixture
def city():
    """A lead whose answer has the document, another office that gave the same bytes, and who
    asks.
    """
    lead, other = two_agencies()
    by = operator(lead.submission)
    first, second = child_s_document(lead, by)
    theirs = give(other, operator(other.submission), name="Punya kami.pdf", content=BYTES).evidence
    admin = make_user(Role.ADMINISTRATOR, region=lead.submission.agency.region)
    return lead, by, first, second, theirs, admin


def texts_with(word):
    """Every column that says a word anywhere."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            for name in [each.column for each in model._meta.local_concrete_fields]:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE CAST("{name}" AS TEXT) LIKE %s',  # noqa: S608
                    [f"%{word}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(f"{table}.{name}")
    return found


def files_with(word, *roots):
    return [
        str(path)
        for root in roots
        for path in ([root] if root.is_file() else root.rglob("*"))
        if path.is_file() and word.encode() in path.read_bytes()
    ]


@pytest.mark.django_db(transaction=True)
def test_no_byte_and_no_word_stays_on_the_disk_and_another_office_keeps_its_own(city, settings):
    lead, by, first, _, theirs, admin = city
    row = RegisterRow.objects.create(
        agency=lead.submission.agency, register=make_register(make_instrument()),
        code="x", words="x", created_by=by, changed_by=by,
    )  # fmt: skip
    upload = check(SimpleUploadedFile(NAME, BYTES))
    registers.attach_to_row(row, upload=upload, by=by, now=NOW)
    begun = uploads.begin(lead_of(lead), name=NAME, size=9, by=by, now=NOW)
    uploads.take(begun, uploads.write_part(begun, [WORD.encode()]), now=NOW)
    proven = {"verified_level": 1, "verified_share": 1, "verdict": "diterima"}
    Response.objects.filter(pk=lead.pk).update(**proven)
    bundle = Bundle.objects.create(
        assessment=lead.assessment, by=by, asked_at=NOW, finished_at=NOW, expires_at=NOW
    )
    bundle.path.write_bytes(BYTES)
    chain.seal(now=NOW)
    shares = list(Response.objects.order_by("pk").values_list("verdict", "verified_share"))
    assert len(texts_with(WORD)) >= 6
    assert destroying.destroy(first, reason=REASON, by=admin, now=NOW) == 2
    destroying.scrub()
    assert texts_with(WORD) == set()
    own = Blob.objects.get(evidence=theirs)
    assert files_with(WORD, settings.MEDIA_ROOT, settings.UPLOAD_ROOT, settings.BUNDLE_ROOT) == [
        str(settings.MEDIA_ROOT / own.file.name)
    ]
    if connection.vendor == "sqlite":
        base = Path(str(connection.settings_dict["NAME"]))
        kept = [base, *(base.with_name(base.name + end) for end in ("-wal", "-shm"))]
        assert files_with(WORD, *(each for each in kept if each.exists())) == []
    assert list(Response.objects.order_by("pk").values_list("verdict", "verified_share")) == shares
    chain.seal(now=NOW + timedelta(minutes=1))
    assert list(verify.verify(chain.anchors())) == []
    told = EvidenceChange.objects.filter(verb="destroy").order_by("pk")
    assert [(each.by, each.data["reason"], len(each.data["sha256"])) for each in told] == [
        (admin, REASON, 64)
    ] * 2
    gone = set(Evidence.objects.filter(destroyed_at=NOW).values_list("name", flat=True))
    assert (gone, Evidence.objects.count(), Upload.objects.count(), Bundle.objects.count()) == (
        {DESTROYED}, 3, 0, 0,
    )  # fmt: skip
    triggers.remove(connection)


def lead_of(answer):
    return Response.objects.select_related(
        "submission__assessment__region", "submission__agency", "submission__indicator"
    ).get(pk=answer.pk)


def test_nobody_opens_it_any_more_and_its_row_tells_why(
    city, client, django_capture_on_commit_callbacks
):
    lead, by, first, second, theirs, admin = city
    with django_capture_on_commit_callbacks(execute=True):
        destroying.destroy(second, reason=REASON, by=admin, now=NOW)
    for user in (by, verifikator(lead.submission)):
        client.force_login(user)
        for pk in (first.pk, second.pk):
            assert status_of(client, f"/data-dukung/{pk}/") == 404
            page = client.get(f"/data-dukung/{pk}/pemakaian/").content.decode()
            assert "atas hak pemilik data" in page
            assert (
                client.get(f"/data-dukung/{pk}/gambar/").headers["Content-Type"] == "image/svg+xml"
            )
        for address in ("/data-dukung/", f"/isian/{lead.submission_id}/"):
            text = client.get(address).content.decode()
            assert (DESTROYED in text, f'href="/data-dukung/{second.pk}/"' in text) == (True, False)
    client.force_login(verifikator(lead.submission))
    assert client.get(f"/verifikasi/{lead.submission_id}/").status_code == 200
    call_command("verify_evidence", stdout=(said := StringIO()))
    assert "1 files of evidence checked, 0 missing or altered; 0 orphans" in said.getvalue()
    assert str(Evidence.objects.get(pk=first.pk).blob.file) == ""
    assert theirs.pk != first.pk


def test_what_had_to_go_does_not_come_back_by_any_verb(city, django_capture_on_commit_callbacks):
    lead, by, first, second, _, admin = city
    with django_capture_on_commit_callbacks(execute=True):
        destroying.destroy(first, reason=REASON, by=admin, now=NOW)
    assert destroying.destroy(first, reason=REASON, by=admin, now=NOW) == 0
    answer = lead_of(lead)
    assert takeable(answer).filter(pk__in=[first.pk, second.pk]).count() == 0
    first.refresh_from_db()
    second.refresh_from_db()
    for refused in (
        lambda: attach_existing(answer, evidence=first, by=by, now=NOW),
        lambda: library.describe(
            second, description=library.Description(document_number="7"), version=second.version,
            by=by, now=NOW,
        ),
        lambda: library.replace(
            second, upload=check(SimpleUploadedFile("b.pdf", PDF + b"%3")), by=by, now=NOW
        ),
        lambda: library.discard(second, by=by, now=NOW),
    ):  # fmt: skip
        with pytest.raises(RefusedError):
            refused()
    assert previews.draw(first.pk, now=NOW) is False
    # The same document given anew is another evidence; the one that was destroyed stays so.
    again = give(answer, by, name=NAME, content=BYTES).evidence
    assert again.pk not in {first.pk, second.pk}
    first.refresh_from_db()
    assert (first.name, str(first.blob.file), len(stored())) == (DESTROYED, "", 1)


def test_a_link_goes_with_its_address(city):
    lead, by, _, _, _, admin = city
    given = link(lead, by, url=f"https://awan.example/{WORD}", name=f"Foto {WORD}").evidence
    destroying.destroy(given, reason=REASON, by=admin, now=NOW)
    given.refresh_from_db()
    assert (given.url, given.name, len(given.destroyed_sum)) == ("", DESTROYED, 64)
    told = Event.objects.get(data__evidence=given.pk)
    assert (told.data["name"], "url" in told.data) == (DESTROYED, False)


def test_only_an_administrator_of_the_region_destroys_and_says_why(city):
    lead, by, first, _, _, admin = city
    refused = []
    for user in (
        by, verifikator(lead.submission), make_user(Role.PIMPINAN, region=admin.region),
        make_user(Role.ADMINISTRATOR),
    ):  # fmt: skip
        try:
            destroying.destroy(first, reason=REASON, by=user, now=NOW)
        except PermissionDenied:
            refused.append(user.role)
    assert refused == ["operator", "verifikator", "pimpinan", "administrator"]
    for reason in ("", "diminta", "Permintaan NIK 3277014508150001"):
        with pytest.raises(RefusedError):
            destroying.destroy(first, reason=reason, by=admin, now=NOW)
    assert Evidence.objects.filter(destroyed_at__isnull=False).count() == 0


def test_the_administrator_destroys_what_is_restricted_without_reading_its_name(
    city, client, django_capture_on_commit_callbacks
):
    _, by, first, second, _, admin = city
    restricting.restrict(first, restricted=True, by=by, now=NOW)
    address = f"/data-dukung/{second.pk}/musnahkan/"
    client.force_login(admin)
    assert status_of(client, f"/data-dukung/{second.pk}/pemakaian/") == 404
    page = client.get(address).content.decode()
    assert (NAME in page, "Data dukung terbatas" in page) == (False, True)
    assert "1 perangkat daerah lain memberi berkas yang sama" in page
    assert client.post(address, {"alasan": REASON}).status_code == 422
    assert client.post(address, {"alasan": "singkat", "yakin": "on"}).status_code == 422
    assert Evidence.objects.filter(destroyed_at__isnull=False).count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"alasan": REASON, "yakin": "on"}).status_code == 302
    page = client.get(address).content.decode()
    assert f"Alasan: {REASON}" in page
    client.force_login(by)
    assert client.get(f"/data-dukung/{second.pk}/pemakaian/").status_code == 200


def test_the_history_gives_up_exactly_what_told_of_the_document(city):
    _, _, first, second, _, admin = city
    chain.seal(now=NOW)
    told = Event.objects.filter(data__evidence=first.pk).first()
    elsewhere = Event.objects.exclude(data__evidence__in=[first.pk, second.pk]).first()
    allowed = f"data = {triggers.redacted(connection.vendor, 'submissions_event', 'data')}"
    refused = [(told, allowed)]  # before it is destroyed not even the name goes
    with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
        change(*refused[0])
    destroying.destroy(first, reason=REASON, by=admin, now=NOW)
    for row, what in (
        (told, "verb = 'accept'"),
        (told, "by_id = NULL"),
        (told, "at = '2020-01-01'"),
        (told, "response_id = NULL"),
        (told, "data = '{}'"),
        (told, """data = '{"name": "Surat lain"}'"""),
        (elsewhere, allowed),
    ):
        with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
            change(row, what)
        refused.append((row, what))
    assert len(refused) == 8
    assert list(verify.verify(chain.anchors())) == []


def change(row, what):
    run(f"UPDATE submissions_event SET {what} WHERE id = %s", row.pk)  # noqa: S608


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_row_that_was_changed_otherwise_is_still_named(city):
    _, _, first, _, _, admin = city
    chain.seal(now=NOW)
    destroying.destroy(first, reason=REASON, by=admin, now=NOW)
    chain.seal(now=NOW)
    triggers.remove(connection)
    told = Event.objects.filter(data__evidence=first.pk).first()
    run("UPDATE submissions_event SET verb = 'accept' WHERE id = %s", told.pk)
    assert [f"kejadian nomor {told.pk}" in each for each in verify.verify([])] == [True]


def test_the_columns_that_must_stay_are_those_of_the_models():
    names = {
        model._meta.db_table: tuple(
            field.column for field in model._meta.local_concrete_fields if field.column != "data"
        )
        for model in (Event, RowChange, EvidenceChange)
    }
    assert {table: set(each) for table, each in names.items()} == {
        table: set(each) for table, each in triggers.COLUMNS.items()
    }
    assert triggers.DESTROYED == DESTROYED


def test_what_was_destroyed_is_listed_beside_the_database_once(
    city, settings, django_capture_on_commit_callbacks
):
    _, _, first, second, _, admin = city
    with django_capture_on_commit_callbacks(execute=True):
        destroying.destroy(first, reason=REASON, by=admin, now=NOW)
    assert listed.bring_up_to_date() == 0
    entries = listed.read(settings.DESTROYED_LIST)
    assert [(each.evidence, each.by, each.reason, each.at) for each in entries] == [
        (first.pk, admin.pk, REASON, NOW), (second.pk, admin.pk, REASON, NOW),
    ]  # fmt: skip
    assert settings.DESTROYED_LIST.stat().st_mode & 0o777 == 0o600
    assert WORD not in settings.DESTROYED_LIST.read_text()
    settings.DESTROYED_LIST.write_text("{}\n")
    with pytest.raises(ValueError, match="line 1"):
        listed.read(settings.DESTROYED_LIST)


def test_the_list_destroys_again_what_came_back_and_nothing_else(
    city, django_capture_on_commit_callbacks
):
    _, _, first, second, theirs, _ = city
    blob = Blob.objects.get(pk=first.blob_id)
    entry = listed.Entry(first.pk, first.created_at, blob.sha256, NOW, 987654, REASON)
    other = listed.Entry(theirs.pk, theirs.created_at, "0" * 64, NOW, None, REASON)
    never = listed.Entry(987654, timezone.now(), blob.sha256, NOW, None, REASON)
    with django_capture_on_commit_callbacks(execute=True):
        assert destroying.apply_again([other, never, entry, entry]) == 2
    gone = Evidence.objects.filter(destroyed_at__isnull=False).order_by("pk")
    assert [each.pk for each in gone] == [first.pk, second.pk]
    assert {each.by for each in EvidenceChange.objects.filter(verb="destroy")} == {None}


def test_the_command_shows_before_it_destroys(city):
    _, by, first, second, _, admin = city
    said = StringIO()
    call_command("destroy", first.pk, "--by", admin.username, "--reason", REASON, stdout=said)
    assert f"{second.pk}, version 2" in said.getvalue()
    assert "2 would be destroyed. Add --yes" in said.getvalue()
    for words, why in (
        (["--by", by.username, "--yes"], "is not an administrator"),
        (["--by", "tak-ada", "--yes"], "Name the account"),
        (["--by", admin.username, "--yes"], "Tulis alasannya"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("destroy", first.pk, *words, stdout=StringIO())
    with pytest.raises(CommandError, match="no evidence"):
        call_command("destroy", 987654, "--by", admin.username, stdout=StringIO())
    call_command(
        "destroy", first.pk, "--by", admin.username, "--reason", REASON, "--yes", stdout=said
    )
    assert "2 destroyed." in said.getvalue()
    assert Evidence.objects.filter(destroyed_at__isnull=False).count() == 2


def test_what_a_follow_up_points_to_is_not_thrown_away_but_refused():
    """A key that another room holds is a use too: a sentence, not an error."""
    found, meeting = called()
    followup, by = decided(found, meeting), found.users["verifikator"]
    given = storing.new_evidence(
        agency=followup.agency, name="Foto.png", created_by=by,
        blob=Blob.objects.create(sha256="1" * 64, size=1, content_type="image/png", file="x"),
    )  # fmt: skip
    FollowUpEvent.objects.create(followup=followup, move="done", by=by, at=NOW, evidence=given)
    with pytest.raises(RefusedError, match="tindak lanjut rakor"):
        library.discard(given, by=by, now=NOW)
    assert Evidence.objects.filter(pk=given.pk).exists()
