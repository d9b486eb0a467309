"""A small city with one of each state, for walks over every page; the test says how it talks."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from agencies.actions import INVITATION, RESET
from agencies.models import AssignmentRole, Award, Invitation, Kind
from agencies.roles import Role
from indicators.models import Band, Cluster, Instrument, RubricLevel
from kla_tracker.privacy import destroying
from meetings.actions.attending import tick
from meetings.actions.calling import Plan, call_meeting
from meetings.actions.deciding import Decision, decide
from meetings.models import Delivery, Digest
from reports.actions import release_figures
from submissions.actions import answering, asking, handing_in, restricting, reviewing
from submissions.actions.evidence import attach_link
from submissions.actions.registers import Cells, add_row
from submissions.actions.stages import QUESTION, Given, outline_of, store_stage
from submissions.models import Assessment, Bundle, Evidence, EvidenceLink, RowEvidence, Submission
from tests.e2e.case import pdf, store
from tests.factories import (
    DUE,
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
from tests.test_access import TABLE, VIEWERS, address

Say = Callable[[str], str]
TODAY = date(2024, 3, 20)

# What a browser does not show as a page of ours.
NOT_PAGES = {
    *("evidence", "evidence_picture", "export_assessment", "export_programmes", "export_rakor"),
    *("invitation_pdf", "meeting_calendar", "task_sheet_pdf", "task_sheet_xlsx"),
    *(
        "public_csv",
        "public_json",
        "register_sheet",
        "work_sheet",
        "instrument_sheet",
        "healthz",
        "readyz",
        "metrics",
    ),
    *("proposals_csv", "proposals_xlsx"),
    "meeting_pack_file",
    *("bundle_download", "export_rakor_paper", "export_assessment_paper", "export_matrices"),
    *("export_progress", "export_matrix", "export_followups"),
}

STATES = ("draf", "diajukan", "dikembalikan", "diterima", "belum_diisi")


def plain(text: str) -> str:
    return text


def make_world(say: Say = plain) -> SimpleNamespace:
    """Indicators 1 to 5 are in STATES, each led by the office; 6 is asked of two kelurahan."""
    instrument = _instrument(say)
    region = make_region(name=say("Kota Uji"), contact=say("Sekretariat"), province=say("Provinsi"))
    office = make_agency(region, name=say("Dinas Uji"))
    helper = make_agency(region, name=say("Badan Uji"))
    areas = [make_agency(region, kind=Kind.KELURAHAN, name=say(f"Kel. {n}")) for n in (1, 2)]
    for question in instrument.questions.all():
        if question.level != "kota":
            for each in areas:
                assign(question, each, AssignmentRole.AREA)
            continue
        assign(question, office)
        if question.code == "1.1":
            assign(question, helper, AssignmentRole.SUPPORT)
    publish(instrument)
    _earlier_version(say)
    Award.objects.create(region=region, year=2022, category=say("Madya"), score=Decimal("612.5"))
    people = {
        "own": make_user(agency=office, name=say("Ibu Uji")),
        "helper": make_user(agency=helper, name=say("Pak Bantu")),
        "area": make_user(agency=areas[0], name=say("Pak Lurah")),
        "verifikator": make_user(Role.VERIFIKATOR, region=region, name=say("Ibu Periksa")),
        "pimpinan": make_user(Role.PIMPINAN, region=region, name=say("Pak Pimpin")),
        "admin": make_user(Role.ADMINISTRATOR, region=region, name=say("Ibu Atur")),
    }
    assessment = make_assessment(region, instrument)
    world = SimpleNamespace(
        area_code="6.1",
        region=region,
        instrument=instrument,
        agency=office,
        assessment=assessment,
        people=people,
        invited=make_user(agency=office, name=say("Undangan")),
    )
    _work(world, say)
    _guarded(world, say)
    _registers(world, say)
    _stage(world, say)
    release_figures(assessment, by=people["verifikator"], now=timezone.now())
    _meeting(world, say)
    return world


def _earlier_version(say: Say) -> None:
    """Asked years ago: one question of its own, and one whose words stayed."""
    earlier = make_instrument(year=2018, code="versi-lama", title=say("Instrumen lama"))
    indicator = make_indicator(earlier, code="9", name=say("Indikator lama"))
    for code in ("9.1", "9.2"):
        make_question(indicator, code=code, text=say(f"Pertanyaan lama {code}"))
    publish(earlier)


def _meeting(world: SimpleNamespace, say: Say) -> None:
    """A meeting ahead that the office is invited to."""
    start = timezone.now() + timedelta(days=9)
    plan = Plan(
        say("Rakor Uji"), start, start + timedelta(hours=3), say("Aula"), say("Pembukaan"),
        list(world.instrument.clusters.all()[:1]), [world.agency],
    )  # fmt: skip
    by = world.people["verifikator"]
    world.meeting = call_meeting(world.assessment, plan, by=by, now=timezone.now())
    decision = Decision(say("Lengkapi matriks"), world.agency, say("Kepala"), start.date(), None)
    world.followup = decide(world.meeting, decision, token=uuid4(), by=by, now=timezone.now())
    # One that is being held: its code is on the wall.
    now = timezone.now()
    plan = Plan(
        say("Rakor sekarang"), now, now + timedelta(hours=3), say("Aula"), say("Pembukaan"),
        [], [world.agency, world.people["helper"].agency],
    )  # fmt: skip
    world.held = call_meeting(world.assessment, plan, by=by, now=now)
    tick(world.held, [(world.agency, say("Ibu Hadir"))], by=by, now=now)
    world.there = world.held.attendance.get()
    digest = Digest.objects.create(
        agency=world.agency, day=timezone.localdate(), subject=say("Pengingat"),
        text=say("Pengingat"), made_at=now,
    )  # fmt: skip
    Delivery.objects.create(digest=digest, user=world.people["own"], at=now)


def _instrument(say: Say) -> Instrument:
    instrument = make_instrument(title=say("Instrumen"), bands_note=say("Kategori"))
    for each in Band.objects.filter(instrument=instrument):
        Band.objects.filter(pk=each.pk).update(name=say(each.name)[-40:])
    for level in RubricLevel.objects.filter(rubric__instrument=instrument):
        RubricLevel.objects.filter(pk=level.pk).update(label=say(level.label))
    columns = [
        {"key": "nama", "label": say("Nama"), "type": "text"},
        {"key": "jenis", "label": say("Jenis"), "type": "choice", "options": [say("Rapat"), "X"]},
    ]
    register = make_register(instrument, code="kegiatan", name=say("Kegiatan"), columns=columns)
    for order in range(1, 7):
        cluster = Cluster.objects.create(
            instrument=instrument,
            order=order,
            code=f"K{order}",
            name=say(f"Klaster {order}"),
            max_points=Decimal(40),
            coordinator=say("Koordinator"),
        )
        indicator = make_indicator(
            instrument,
            cluster=cluster,
            code=str(order),
            name=say(f"Indikator {order}"),
            order=order,
            note=say("Keterangan"),
            max_points=Decimal(40),
        )
        modes = ("area_share",) if order == 6 else ("choice", "threshold", "trend", "graded")
        for at, mode in enumerate(modes, 1):
            make_question(
                indicator,
                mode,
                code=f"{order}.{at}",
                text=say(f"Pertanyaan {order}.{at}"),
                level="kelurahan" if order == 6 else "kota",
                evidence_required=mode == "choice",
                expected_evidence=[say("Surat keputusan"), say("Foto")],
                lead_agency=say("Dinas Uji"),
                note=say("Penjelasan"),
                register=register if mode == "choice" else None,
            )
    return instrument


VALUES: dict[str, Any] = {
    "choice": {"level": 1},
    "threshold": {"numerator": "12", "denominator": "15"},
    "trend": {"values": ["80", "82"]},
    "graded": {"level": 0},
}


def _work(world: SimpleNamespace, say: Say) -> None:
    """Answers, evidence, verdicts and states by the verbs themselves."""
    assessment: Assessment = world.assessment
    own, helper = world.people["own"], world.people["helper"]
    world.submissions = {
        state: assessment.submissions.for_work().get(agency=world.agency, indicator__code=str(at))
        for at, state in enumerate(STATES, 1)
    }
    for state, submission in world.submissions.items():
        if state != "belum_diisi":
            _answer(submission, own, say)
    for state in ("diajukan", "dikembalikan", "diterima"):
        _hand_in(world.submissions[state], own, say)
    helping = assessment.submissions.for_work().get(agency=helper.agency)
    for support in answering.for_answering(helping.responses.all()):
        note = say("Catatan pendukung")
        answering.answer(support, value=None, note=note, version=0, by=helper, now=timezone.now())
        store(support, helper, say("Dari pendukung")[:110] + ".pdf", pdf("Pendukung"))
        lead = assessment.responses.get(question=support.question, role=AssignmentRole.LEAD)
        world.asked = asking.ask(
            lead, agency=helper.agency, what=say("Daftar hadir"), due_on=timezone.localdate(),
            by=own, today=timezone.localdate(), now=timezone.now(),
        )  # fmt: skip
    area = assessment.submissions.for_work().get(agency=world.people["area"].agency)
    world.submissions["wilayah"] = area
    [said] = answering.for_answering(area.responses.all())
    yes = {"yes": True}
    by = world.people["area"]
    answering.answer(said, value=yes, note=say("Ya"), version=0, by=by, now=timezone.now())
    _judge(world, say)
    world.submission = Submission.objects.for_work().get(pk=world.submissions["draf"].pk)
    world.response = world.submission.responses.order_by("question__order").first()
    world.indicator, world.question = world.submission.indicator, world.response.question
    world.link = EvidenceLink.objects.filter(response=world.response).first()
    world.evidence = world.link.evidence


def _guarded(world: SimpleNamespace, say: Say) -> None:
    """What only some may open, and was opened; what had to go; a failed job; links of mails."""
    own, admin = world.people["own"], world.people["admin"]
    now = timezone.now()
    secret = store(world.response, own, say("Kasus")[:110] + ".pdf", pdf("Kasus"))
    restricting.restrict(secret, restricted=True, by=own, now=now)
    for saved in (False, True):
        restricting.opened(secret, saved=saved, by=world.people["verifikator"], now=now)
    world.destroyed = store(world.response, own, say("Hapus")[:110] + ".pdf", pdf("Hapus"))
    destroying.destroy(world.destroyed, reason=say("Surat permintaan"), by=admin, now=now)
    world.job = DBTaskResult.objects.create(
        task_path="reports.tasks.pack", args_kwargs={"args": [], "kwargs": {}}, status="FAILED",
        traceback="", backend_name="default", run_after=get_date_max(), worker_ids=[],
        exception_class_path="builtins.OSError", finished_at=now,
    )  # fmt: skip
    Invitation.objects.create(user=world.invited, invited_by=admin, invited_at=now)
    world.links = [
        "/" + link.address(user).split("/", 3)[3]
        for link, user in ((INVITATION, world.invited), (RESET, own))
    ]


def _answer(submission: Submission, by: Any, say: Say) -> None:
    for each in answering.for_answering(submission.responses.order_by("question__order")):
        value = VALUES[each.question.rubric.mode]
        if each.question.code == "1.2":
            continue  # one is missing when one wants to hand in
        note = say("Catatan jawaban")
        answering.answer(each, value=value, note=note, version=0, by=by, now=timezone.now())
        if each.question.evidence_required and submission.indicator.code != "4":
            store(each, by, say(f"SK {each.question.code}")[:110] + ".pdf", pdf(each.question.code))
            kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            store(each, by, say("Laporan")[:110] + ".docx", b"PK", kind)
            url, name = "https://contoh.example/sk", say("Tautan")
            attach_link(each, url=url, name=name, by=by, now=timezone.now())


def _hand_in(submission: Submission, by: Any, say: Say) -> None:
    handing_in.submit(
        submission, reason=say("Belum lengkap"), by=by, today=TODAY, now=timezone.now()
    )


def _judge(world: SimpleNamespace, say: Say) -> None:
    """One waits half reviewed with a draft; one came back; one is accepted, a part unproven."""
    by = world.people["verifikator"]
    for state in ("diajukan", "dikembalikan", "diterima"):
        submission = world.submissions[state]
        found = reviewing.for_review(submission.responses.order_by("question__order"))
        for at, each in enumerate(found):
            returned = state == "dikembalikan" and at in {0, 2}
            if state == "diajukan" and at != 1:
                continue
            reviewing.review(
                each,
                version=each.version,
                seen_review=None,
                verdict="dikembalikan" if returned else "diterima",
                level=None if returned else 1,
                note=say("Catatan verifikasi"),
                unproven_reason=say("Dilihat langsung") if state == "diterima" and at == 0 else "",
                by=by,
                now=timezone.now(),
            )
        if state == "diajukan":
            first = found[0]
            note = say("Draf catatan")
            reviewing.save_draft(first, seen_review=None, level=1, note=note, by=by)
        else:
            reviewing.finish(submission, by=by, today=TODAY, now=timezone.now(), mend_until=DUE)


def _stage(world: SimpleNamespace, say: Say) -> None:
    """What a stage outside gave: a little to every question."""
    world.stage = store_stage(
        world.assessment,
        name=say("Verifikasi")[:60],
        held_on=TODAY,
        given=[
            Given(row, QUESTION, code, Decimal("0.5"))
            for row, code in enumerate(outline_of(world.instrument).questions, 2)
        ],
        accept=True,
        by=world.people["verifikator"],
        now=timezone.now(),
    )


def _registers(world: SimpleNamespace, say: Say) -> None:
    by = world.people["own"]
    world.register = world.instrument.registers.get()
    cells = Cells({"nama": say("Rapat gugus tugas"), "jenis": say("Rapat")}, 2023, None)
    world.row = add_row(
        world.agency, world.register, cells=cells, token=uuid4(), by=by, now=timezone.now()
    )
    evidence = Evidence.objects.get(pk=world.evidence.pk)
    world.row_link = RowEvidence.objects.create(row=world.row, evidence=evidence, added_by=by)
    world.bundle = Bundle.objects.create(
        assessment=world.assessment, by=by, agency=world.agency, asked_at=timezone.now(),
        finished_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=5),
        size=4, missing=2, total_files=3, done_files=3,
    )  # fmt: skip


def places(world: SimpleNamespace, viewer: str) -> list[str]:
    """The address of every page that the table of `test_access` shows to a viewer, and of the same
    pages in each state of the work.
    """
    if viewer in {"helper", "area"}:
        return _of_another_office(world, viewer)
    at = VIEWERS.index(viewer)
    shown = "og" if viewer == "guest" else "o"  # a dead link is a page too, for strangers
    seen = {name for name, (get, _) in TABLE.items() if get[at] in shown} - NOT_PAGES
    found = [address(world, name) for name in sorted(seen)]
    waiting = world.submissions["diajukan"]
    for state, submission in world.submissions.items():
        if "work_form" in seen and not (viewer == "own" and state == "wilayah"):
            found.append(f"/isian/{submission.pk}/")
        if "review" in seen:
            found.append(f"/verifikasi/{submission.pk}/")
    if "work" in seen and viewer != "own":
        found.append(f"/isian/?perangkat={world.agency.code}")
    if "review" in seen:
        found += [
            f"/verifikasi/{waiting.pk}/?jawaban={each.pk}" for each in waiting.responses.all()
        ]
        for state in ("dikembalikan", "diterima"):
            found.append(f"/verifikasi/{world.submissions[state].pk}/selesai/")
        found.append(f"/verifikasi/{world.submissions['diterima'].pk}/buka-kembali/")
        found.append("/verifikasi/?keadaan=semua")
    if "instrument_import" in seen:
        found.append("/instrumen/versi/pemetaan/")
    if "simulation" in seen:
        found.append("/simulasi/2024/?p=1&p=5&k.x=2099-01-15")
    if "attendance" in seen:
        found.append(f"/rakor/{world.held.pk}/hadir/?kode=ABC234")
        found.append(f"/rakor/{world.held.pk}/")
    if "attendance_wall" in seen:
        found.append(f"/rakor/{world.held.pk}/hadir/layar/")
    if viewer == "guest":
        found += world.links
    if "evidence_destroy" in seen:
        found += [f"/data-dukung/{world.destroyed.pk}/musnahkan/", "/riwayat/?jenis=bukti"]
    if "indicator_report" in seen:
        codes = range(2, 6) if viewer == "own" else range(2, 7)
        found += [f"/penilaian/2024/indikator/{code}/" for code in codes]
    return list(dict.fromkeys(found))


def _of_another_office(world: SimpleNamespace, viewer: str) -> list[str]:
    """What an office that supports, or one area, sees differently."""
    assessment: Assessment = world.assessment
    agency = world.people[viewer].agency
    own = assessment.submissions.get(agency=agency)
    answer = own.responses.get()
    code = own.indicator.code
    return [
        "/isian/",
        *(f"/permintaan/{each.pk}/" for each in agency.requests.all()),
        f"/isian/{own.pk}/",
        f"/isian/{own.pk}/{answer.pk}/data-dukung/",
        *(f"/data-dukung/{each.pk}/pemakaian/" for each in agency.evidence.all()[:1]),
        f"/perangkat-daerah/{agency.code}/",
        "/penilaian/2024/",
        "/penilaian/2024/matriks/",
        f"/penilaian/2024/indikator/{code}/",
        "/ekspor/",
    ]
