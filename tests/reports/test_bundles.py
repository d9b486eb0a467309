"""Bundles of evidence: what is in them under which names, what is missing and why, and for whom."""

import hashlib
import io
import json
import threading
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agencies.roles import Role
from reports import tasks
from reports.bundles import contents, packing
from reports.bundles.archive import Archive
from reports.entry import entry_of
from reports.plan import plan_of
from submissions.actions import bundling, making
from submissions.actions.record import RefusedError
from submissions.management.commands.take_up_jobs import LEASE, take_up
from submissions.models import (
    Blob,
    Bundle,
    Event,
    Evidence,
    EvidenceLink,
    RegisterRow,
    ResponseRow,
    RowEvidence,
    Verb,
)
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    publish,
)
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _a_worker_and_folders(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BUNDLE_ROOT = tmp_path / "bundles"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def attach(response, name, content=b"%PDF-1.4 isi", **about):
    """An evidence of the answer's own office, with its bytes in the store."""
    sha256 = hashlib.sha256(content).hexdigest()
    blob = Blob.objects.filter(sha256=sha256).first()
    if blob is None:
        blob = Blob(sha256=sha256, size=len(content), content_type="application/pdf")
        blob.file.save(f"data-dukung/{sha256[:2]}/{sha256}.pdf", ContentFile(content))
    by = make_user(agency=response.submission.agency)
    evidence = Evidence.objects.create(
        agency=response.submission.agency, name=name, blob=blob, created_by=by, **about
    )
    EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)
    return evidence


def ask(found, by=None, **part):
    by = by or found.users["verifikator"]
    return bundling.ask(found.assessment, by=by, now=NOW, **part)


def pack(bundle):
    tasks.pack.call(bundle.pk)
    bundle.refresh_from_db()
    return bundle


def opened(bundle):
    return zipfile.ZipFile(bundle.path)


def names(bundle):
    return [
        name
        for name in opened(bundle).namelist()
        if name.count("/") > 1
    ]  # fmt: skip


def manifest(bundle):
    return json.loads(opened(bundle).read("manifest.json"))


def gaps(bundle):
    return [
        (each["question"], each["perangkat_daerah"], each["nama"], each["sebab"])
        for each in manifest(bundle)["tidak_ada"]
    ]


def test_folders_and_names_follow_the_instrument():
    found = by_hand.world()
    attach(found.response("1.2"), "SK Gugus Tugas.PDF", b"satu")
    attach(found.response("1.1"), "Peraturan.pdf", b"dua")
    attach(found.response("3.2"), "Foto: sebelum/sesudah.jpg", b"tiga")
    assert names(pack(ask(found))) == [
        "KA/1 Indikator 1/1.1 Peraturan - DINAS - 2023.pdf",
        "KA/1 Indikator 1/1.2 SK Gugus Tugas - DINAS - 2023.pdf",
        "KB/3 Indikator 3/3.2 Foto- sebelum-sesudah - BADAN - 2023.jpg",
    ]


def told_in_the_sheet(assessment, by, cluster):
    plan = plan_of(assessment.instrument)
    sheet = entry_of(assessment, plan, by, cluster=cluster)
    return [each.name for row in sheet.rows for each in row.evidence if not each.reason]


def test_the_sheet_for_the_ministrys_form_tells_the_names_of_the_bundle():
    found = by_hand.world()
    attach(found.response("1.2"), "SK.pdf", b"satu")
    attach(found.response("1.2"), "SK.pdf", b"dua")  # the same name once more
    attach(found.response("1.3"), "Kegiatan.pdf", b"tiga")
    told = told_in_the_sheet(found.assessment, found.users["verifikator"], "KA")
    assert told == [name.rpartition("/")[2] for name in names(pack(ask(found)))]
    assert told == [
        "1.2 SK - DINAS - 2023.pdf",
        "1.2 SK - DINAS - 2023 (2).pdf",
        "1.3 Kegiatan - DINAS - 2023.pdf",
    ]


def test_every_file_is_stored_as_it_was_given_and_the_sums_say_so():
    found = by_hand.world()
    attach(found.response("1.1"), "SK.pdf", b"isi" * 9999)
    bundle = pack(ask(found))
    book = opened(bundle)
    assert book.testzip() is None
    assert {each.compress_type for each in book.infolist()} == {zipfile.ZIP_STORED}
    sums = dict(
        reversed(line.split("  ", 1)) for line in book.read("SHA256SUMS.txt").decode().splitlines()
    )
    assert sums == {
        name: hashlib.sha256(book.read(name)).hexdigest()
        for name in book.namelist()
        if name != "SHA256SUMS.txt"
    }
    [told] = manifest(bundle)["berkas"]
    assert (told["berkas"], told["sha256"]) == (
        "KA/1 Indikator 1/1.1 SK - DINAS - 2023.pdf",
        hashlib.sha256(b"isi" * 9999).hexdigest(),
    )
    assert bundle.size == bundle.path.stat().st_size


def test_what_is_missing_is_listed_with_its_reason_and_the_rest_is_packed():
    found = by_hand.world()  # 1.1 has a link
    gone = attach(found.response("1.2"), "Hilang.pdf", b"hilang")
    bad = attach(found.response("1.2"), "Rusak.pdf", b"rusak")
    attach(found.response("1.2"), "Utuh.pdf", b"utuh")
    default_storage.delete(gone.blob.file.name)
    Path(default_storage.path(bad.blob.file.name)).write_bytes(b"RUSAK")
    bundle = pack(ask(found, indicator="1"))
    assert gaps(bundle) == [
        ("1.1", "Dinas Kesehatan", "Peraturan Wali Kota.pdf", contents.LINK),
        ("1.2", "Dinas Kesehatan", "Hilang.pdf", contents.GONE),
        ("1.2", "Dinas Kesehatan", "Rusak.pdf", packing.ALTERED),
        ("1.3", "Dinas Kesehatan", "", packing.BARE),
    ]
    assert names(bundle) == ["KA/1 Indikator 1/1.2 Utuh - DINAS - 2023.pdf"]
    assert (bundle.missing, bundle.is_ready, opened(bundle).testzip()) == (4, True, None)


def test_what_is_terbatas_is_never_packed_and_its_name_is_not_told():
    found = by_hand.world()
    secret = attach(found.response("1.2"), "Data korban.pdf")
    Evidence.objects.filter(pk=secret.pk).update(restricted=True)
    bundle = pack(ask(found, indicator="1"))
    assert names(bundle) == []
    assert ("1.2", "", "", contents.HIDDEN) in gaps(bundle)
    assert (bundle.done_files, bundle.total_files) == (0, 2)  # beside a link, which is no file


def test_the_contents_sheet_lists_files_and_gaps_and_says_who_made_it_from_what():
    found = by_hand.world()
    attach(found.response("1.2"), "=SK.pdf", document_number="=1+1")
    bundle = pack(ask(found, indicator="1"))
    book = openpyxl.load_workbook(io.BytesIO(opened(bundle).read("Daftar isi.xlsx")))
    facts = dict(book["Ringkasan"].iter_rows(min_row=2, values_only=True))
    assert (facts["Isi"], facts["Oleh"]) == (
        "indikator 1", found.users["verifikator"].get_full_name(),
    )  # fmt: skip
    assert facts["Instrumen"] == f"{found.assessment.instrument.title} (uji)"
    [row] = book["Berkas"].iter_rows(min_row=2)
    assert (row[5].value, row[5].data_type, row[7].value, row[7].data_type) == (
        "=SK.pdf", "s", "=1+1", "s",
    )  # fmt: skip
    assert row[10].value in opened(bundle).namelist()
    assert [each[6] for each in book["Tidak ada"].iter_rows(min_row=2, values_only=True)] == [
        contents.LINK, packing.BARE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ({}, ["1.1", "1.2", "3.2"]),
        ({"cluster": "KA"}, ["1.1", "1.2"]),
        ({"indicator": "3"}, ["3.2"]),
        ({"agency": "badan"}, ["3.2"]),
        ({"agency": "dinas", "cluster": "KB"}, []),
    ],
)
def test_a_bundle_holds_the_part_that_was_asked_for(part, codes):
    found = by_hand.world()
    for code in ("1.1", "1.2", "3.2"):
        attach(found.response(code), "SK.pdf", code.encode())
    if "agency" in part:
        part = part | {"agency": getattr(found, part["agency"])}
    assert [name.split("/")[2].split()[0] for name in names(pack(ask(found, **part)))] == codes


def test_the_matrices_hold_the_rows_of_the_year_and_their_evidence_comes_along():
    instrument = make_instrument()
    register = make_register(
        instrument, name="Kegiatan: 2023", columns=[
            {"key": "nama", "label": "Nama", "type": "text"},
            {"key": "biaya", "label": "Biaya", "type": "money"},
        ],
    )  # fmt: skip
    question = make_question(make_indicator(instrument, code="4"), code="4.1", register=register)
    agency = make_agency(make_region(), code="dinsos")
    assign(question, agency)
    publish(instrument)
    assessment = make_assessment(agency.region, instrument)
    response, by = assessment.responses.get(), make_user(agency=agency)

    def row(name, **about):
        return RegisterRow.objects.create(
            agency=agency, register=register, code=register.code, words=name, created_by=by,
            changed_by=by, data={"nama": name, "biaya": "1250000.50"}, **about,
        )  # fmt: skip

    counts = row("=Lomba")
    row("Dulu", valid_to=2020)
    ResponseRow.objects.create(response=response, row=counts, added_by=by)
    blob = Blob(sha256=hashlib.sha256(b"foto").hexdigest(), size=4, content_type="image/png")
    blob.file.save("data-dukung/aa/foto.png", ContentFile(b"foto"))
    photo = Evidence.objects.create(agency=agency, name="Foto.png", blob=blob, created_by=by)
    RowEvidence.objects.create(row=counts, evidence=photo, added_by=by)
    lead = make_user(Role.VERIFIKATOR, region=agency.region)
    bundle = pack(bundling.ask(assessment, by=lead, now=NOW))
    assert names(bundle)[0].endswith("4.1 Foto - DINSOS - 2023.png")
    cluster = question.indicator.cluster.code
    assert told_in_the_sheet(assessment, lead, cluster) == ["4.1 Foto - DINSOS - 2023.png"]
    book = openpyxl.load_workbook(io.BytesIO(opened(bundle).read("Matriks/Kegiatan- 2023.xlsx")))
    rows = list(book["Kegiatan- 2023"].iter_rows(values_only=True))
    at = next(at for at, cells in enumerate(rows) if cells[0] == "Perangkat daerah")
    assert rows[at + 1 :] == [(agency.name, "=Lomba", 1250000.5, None, None, "4.1")]
    assert rows[1][0].startswith("Penilaian: KLA 2024")


# --- for whom ------------------------------------------------------------------------------------


def test_an_operator_gets_the_own_office_and_nothing_else():
    found = by_hand.world()
    attach(found.response("1.1"), "Milik dinas.pdf", b"dinas")
    attach(found.response("3.2"), "Milik badan.pdf", b"badan")
    by = found.users["operator"]
    bundle = pack(ask(found, by, agency=found.dinas))
    assert names(bundle) == ["KA/1 Indikator 1/1.1 Milik dinas - DINAS - 2023.pdf"]
    assert "badan" not in json.dumps(manifest(bundle)).lower()
    making.drop(bundle, by=by)
    for agency in (None, found.badan):
        with pytest.raises(bundling.PermissionDenied):
            ask(found, by, agency=agency)


def test_who_lost_the_right_between_asking_and_packing_gets_nothing():
    found = by_hand.world()
    bundle = ask(found)
    by = found.users["verifikator"]
    by.role, by.agency = Role.OPERATOR.value, found.dinas
    by.save()
    pack(bundle)
    assert (bundle.is_ready, bundle.error, bundle.path.exists()) == (
        False, making.NO_RIGHT, False,
    )  # fmt: skip


def test_who_lost_it_after_packing_cannot_fetch_and_nobody_else_can(client):
    found = by_hand.world()
    bundle = pack(ask(found))
    way = f"/ekspor/bundel/{bundle.token}/unduh/"
    client.force_login(found.users["pimpinan"])
    assert client.get(way).status_code == 404
    by = found.users["verifikator"]
    client.force_login(by)
    assert len(b"".join(client.get(way))) == bundle.size
    by.role, by.agency = Role.OPERATOR.value, found.dinas
    by.save()
    client.force_login(by)
    assert client.get(way).status_code == 403


def test_a_second_bundle_waits_for_the_first():
    found = by_hand.world()
    first = ask(found)
    with pytest.raises(RefusedError, match="masih dibuat"):
        ask(found)
    pack(first)
    assert ask(found).pk != first.pk


def test_a_bundle_that_would_fill_the_disk_is_refused_with_both_figures(settings):
    found = by_hand.world()
    attach(found.response("1.1"), "SK.pdf", b"x" * 5000)
    settings.BUNDLE_SPARE_BYTES = 10**18
    with pytest.raises(RefusedError) as refused:
        ask(found)
    assert str(refused.value).startswith(
        "Bundel ini perlu sekitar 5 KB, sedangkan ruang di server tinggal 0 bita."
    )
    assert Bundle.objects.count() == 0


def test_it_is_gone_after_a_day(capsys):
    found = by_hand.world()
    bundle = pack(ask(found))
    stray = bundle.path.with_name("yatim.zip")
    stray.write_bytes(b"x")
    call_command("clean_bundles")
    assert (bundle.path.exists(), stray.exists()) == (True, True)
    Bundle.objects.update(expires_at=timezone.now())
    call_command("clean_bundles")
    assert (bundle.path.exists(), Bundle.objects.count()) == (False, 0)
    assert capsys.readouterr().out.endswith("1 bundles removed, 0 stray files removed.\n")


def test_an_export_of_it_is_written_down_when_it_is_whole():
    found = by_hand.world()
    bundle = ask(found, indicator="1")
    assert Event.objects.filter(verb=Verb.EXPORT).count() == 0
    pack(bundle)
    event = Event.objects.get(verb=Verb.EXPORT)
    assert (event.by, event.data["sheet"], event.data["scope"]) == (
        found.users["verifikator"], "bundel.zip", "indikator 1",
    )  # fmt: skip


# --- workers -------------------------------------------------------------------------------------


def test_packed_twice_it_is_packed_once():
    found = by_hand.world()
    bundle = pack(ask(found))
    assert (tasks.pack.call(bundle.pk), Event.objects.filter(verb=Verb.EXPORT).count()) == (
        False, 1,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_killed_workers_bundle_is_begun_again_and_its_draft_is_gone():
    found = by_hand.world()
    bundle = ask(found)
    dead = making.begin(
        Bundle.objects.all(), bundle.pk, now=timezone.now() - LEASE - timedelta(minutes=1)
    )
    dead.draft.write_bytes(b"half")
    dead.desk.mkdir()
    DBTaskResult.objects.get().claim("pekerja-1")
    DBTaskResult.objects.update(started_at=timezone.now() - LEASE - timedelta(minutes=1))
    assert take_up(timezone.now()) == (1, 0)
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    bundle.refresh_from_db()
    assert (bundle.is_ready, bundle.attempt, sorted(bundle.path.parent.iterdir())) == (
        True, 2, [bundle.path],
    )  # fmt: skip
    with pytest.raises(making.SupersededError):
        making.beat(dead, now=timezone.now(), done_files=1)


def test_a_mistake_of_ours_leaves_no_file_and_is_told(settings):
    found = by_hand.world()
    bundle = ask(found)

    def stumble(made, clock):
        made.draft.write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  (ours)
        making.run(
            Bundle.objects.all(), bundle.pk, clock=timezone.now, may=lambda _: True,
            make=stumble, done=bundling.exported,
        )  # fmt: skip
    bundle.refresh_from_db()
    assert (bundle.error, list(bundle.path.parent.iterdir())) == (making.BROKEN, [])


def test_a_long_bundle_is_left_to_the_worker_that_is_at_it():
    found = by_hand.world()
    bundle = ask(found)
    making.begin(Bundle.objects.all(), bundle.pk, now=timezone.now())
    DBTaskResult.objects.get().claim("pekerja-1")
    DBTaskResult.objects.update(started_at=timezone.now() - LEASE - timedelta(hours=1))
    assert take_up(timezone.now()) == (0, 0)
    assert tasks.pack.call(bundle.pk) is False


def test_after_three_dead_workers_the_requester_is_told():
    found = by_hand.world()
    bundle = ask(found)
    for number in range(1, 4):
        DBTaskResult.objects.get().claim(f"pekerja-{number}")
        DBTaskResult.objects.update(started_at=timezone.now() - LEASE - timedelta(seconds=1))
        assert take_up(timezone.now()) == ((1, 0) if number < 3 else (0, 1))
    bundle.refresh_from_db()
    assert (bundle.error, bundle.is_ready) == (making.GAVE_UP, False)


def test_cancelled_while_it_is_packed_it_leaves_no_file():
    found = by_hand.world()
    attach(found.response("1.1"), "SK.pdf", b"x" * 1000)
    bundle = ask(found)

    def clock():
        if Bundle.objects.filter(attempt=1).exists():
            making.drop(bundle, by=bundle.by)
        return timezone.now()

    assert packing.pack(bundle.pk, clock=clock) is False
    assert list(bundle.path.parent.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_one_is_told_to_wait():
    found = by_hand.world()
    said = []

    def one():
        try:
            said.append(ask(found).pk > 0)
        except RefusedError:
            said.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == [False, True]


# --- bounded -------------------------------------------------------------------------------------


def test_taken_back_a_file_leaves_no_trace(tmp_path):
    archive = Archive(tmp_path / "a.zip", NOW)
    archive.add("satu.txt", [b"satu"], size=4)
    archive.add("dua.txt", [b"x" * 10_000], size=10_000)
    archive.take_back()
    archive.add("tiga.txt", [b"tiga"], size=4)
    size = archive.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as book:
        assert (book.namelist(), book.testzip()) == (["satu.txt", "tiga.txt"], None)
    assert size < 500


def test_a_file_beyond_four_gigabytes_is_readable(tmp_path):
    """Only its size is large: what is written is one hole of the file system."""
    archive = Archive(tmp_path / "a.zip", NOW)
    archive.add("besar.bin", [b"kepala"], size=5 * 2**30)
    archive.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as book:
        assert book.read("besar.bin") == b"kepala"


def peak_of(bundle):
    tracemalloc.start()
    try:
        pack(bundle)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_what_is_packed():
    """A quarter of a gigabyte, and two thousand files; each within a few megabytes."""
    found = by_hand.world()
    content = bytes(32 * 2**20)
    first = attach(found.response("1.1"), "Besar.pdf", content)
    del content
    response = found.response("1.2")

    def more(count, blob):
        made = Evidence.objects.bulk_create(
            Evidence(
                agency=found.dinas, name=f"Berkas {n}.pdf", blob=blob, created_by=first.created_by
            )
            for n in range(count)
        )
        EvidenceLink.objects.bulk_create(
            EvidenceLink(response=response, evidence=each, added_by=first.created_by)
            for each in made
        )

    more(7, first.blob)
    bundle = ask(found)
    assert peak_of(bundle) < 8 * 2**20
    assert bundle.size > 256 * 2**20
    EvidenceLink.objects.all().delete()
    more(2000, attach(found.response("1.1"), "Kecil.pdf").blob)
    bundle = ask(found)
    assert peak_of(bundle) < 12 * 2**20
    assert bundle.total_files == 2001


# --- by the browser ------------------------------------------------------------------------------


def fetch(client, bundle, **headers):
    answer = client.get(f"/ekspor/bundel/{bundle.token}/unduh/", headers=headers)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, body


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=0-", 200, slice(None)),
        ("bytes=10-99999999999", 206, slice(10, None)),
        ("bytes=0-1,5-9", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=99999999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
    ],
)
def test_a_download_goes_on_where_it_broke_off(client, asked, status, part):
    found = by_hand.world()
    bundle = pack(ask(found))
    client.force_login(found.users["verifikator"])
    answer, body = fetch(client, bundle, range=asked)
    assert (answer.status_code, body == bundle.path.read_bytes()[part]) == (status, True)
    if status == 206:
        first, _, _ = part.indices(bundle.size)
        assert answer["Content-Range"] == f"bytes {first}-{first + len(body) - 1}/{bundle.size}"
    assert int(answer.get("Content-Length", 0)) == len(body)


def test_asked_only_for_its_headers_it_sends_no_byte(client):
    found = by_hand.world()
    bundle = pack(ask(found))
    client.force_login(found.users["verifikator"])
    answer = client.head(f"/ekspor/bundel/{bundle.token}/unduh/")
    assert (answer["Content-Length"], answer["Accept-Ranges"], b"".join(answer)) == (
        str(bundle.size), "bytes", b"",
    )  # fmt: skip


def test_a_part_of_another_file_is_not_sent(client):
    found = by_hand.world()
    bundle = pack(ask(found))
    client.force_login(found.users["verifikator"])
    whole, _ = fetch(client, bundle)
    same, _ = fetch(client, bundle, range="bytes=5-", if_range=whole["ETag"])
    other, _ = fetch(client, bundle, range="bytes=5-", if_range='"lain"')
    assert (same.status_code, other.status_code) == (206, 200)


def test_the_pages_ask_the_same_queries_for_one_bundle_and_for_many(
    client, django_assert_num_queries
):
    found = by_hand.world()
    by = found.users["verifikator"]
    client.force_login(by)
    ways = ("/ekspor/2024/", f"/ekspor/bundel/{pack(ask(found)).token}/")
    for _ in range(2):
        for way, count in zip(ways, (6, 3), strict=True):
            client.get(way)
            with django_assert_num_queries(count):
                assert client.get(way).status_code == 200
        for _ in range(9):
            pack(ask(found))


def test_asked_in_the_browser_it_is_watched_until_it_can_be_fetched(client):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    answer = client.post("/ekspor/2024/bundel/", {"bagian": "klaster-KA", "perangkat": "dinas"})
    bundle = Bundle.objects.get()
    assert (answer["Location"], bundle.cluster, bundle.agency) == (
        f"/ekspor/bundel/{bundle.token}/", "KA", found.dinas,
    )  # fmt: skip
    assert "Menunggu giliran" in client.get(answer["Location"]).content.decode()
    again = client.post("/ekspor/2024/bundel/")
    assert (again.status_code, "masih dibuat" in again.content.decode()) == (422, True)
    pack(bundle)
    part = client.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert ("Unduh ZIP" in part, "<html" in part, "every 2s" in part) == (True, False, False)


@pytest.mark.parametrize("word", ["klaster-XX", "indikator-99", "lain"])
def test_a_part_that_does_not_exist_is_refused_and_nothing_begins(client, word):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    answer = client.post("/ekspor/2024/bundel/", {"bagian": word})
    assert (answer.status_code, Bundle.objects.count()) == (422, 0)
