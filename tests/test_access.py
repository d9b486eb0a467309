"""Who reaches what: every address, every role, the own region and another's. A new address without
a row is red.
"""

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from agencies.models import AssignmentRole, Kind
from agencies.roles import Role
from meetings.models import Attendance, Delivery, Digest, FollowUp, Invited, Meeting, Pack
from reports.actions import release_figures
from submissions.models import (
    Blob,
    Bundle,
    Evidence,
    EvidenceLink,
    HelpRequest,
    RegisterRow,
    Response,
    RowEvidence,
    Scenario,
    Stage,
    Upload,
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
from tests.torture.results import record

PDF = b"%PDF-1.4\n% data uji\n%%EOF\n"
SECRETS = (
    "Dinas Rahasia",
    "Rakor rahasia",
    "SK rahasia",
    "catatan rahasia",
    "baris rahasia",
    "skenario rahasia",
    "Keputusan rahasia",
    "Permintaan rahasia",
    "Hadirin rahasia",
    "Pengingat rahasia",
)

# What each looks like from outside: nobody; the office whose work it is; another office of the
# city;
# the city's verifikator, pimpinan and administrator; and those of another city with a year of its
# own.
VIEWERS = (
    "guest", "own", "other", "verifikator", "pimpinan", "admin",
    "far_verifikator", "far_pimpinan", "far_admin",
)  # fmt: skip

CELLS: dict[tuple[str, str], str] = {}  # what was said, as it was tried

# - to the sign-in page   o 200   r another redirect   v 422 (a wrong form)   x 403   h 404   m 405
# g 410   t 412 (not a word of tus)
CODES = {200: "o", 302: "r", 422: "v", 403: "x", 404: "h", 405: "m", 410: "g", 412: "t"}

# Each address: what a GET says, and what a POST with nothing in it says, to VIEWERS in their order.
# The things are
# the city's; where an address names none (a list, a dashboard), a viewer from elsewhere sees the
# own city's.
# fmt: off
TABLE: dict[str, tuple[str, str]] = {
    "home":                        ("-rrrrrrrr", "-mmmmmmmm"),
    "styleguide":                  ("-oooooooo", "-mmmmmmmm"),
    "favicon":                     ("rrrrrrrrr", "mmmmmmmmm"),
    "healthz":                     ("ooooooooo", "mmmmmmmmm"),
    "readyz":                      ("ooooooooo", "mmmmmmmmm"),
    "metrics":                     ("hhhhhhhhh", "mmmmmmmmm"),
    "preparation":                 ("-hhohooho", "-mmmmmmmm"),
    "server_status":               ("-hhhhohho", "-mmmmmmmm"),
    "retry_job":                   ("-mmmmmmmm", "-hhhhrhhr"),
    "history":                     ("-oooooooo", "-mmmmmmmm"),
    "history_sheet":               ("-mmmmmmmm", "-oooooooo"),
    "instrument":                  ("-oooooooo", "-mmmmmmmm"),
    "instrument_version":          ("-oooooooo", "-mmmmmmmm"),
    "instrument_versions":         ("-oooooooo", "-mmmmmmmm"),
    "instrument_mapping":          ("-xxrxrrxr", "-xxrxrrxr"),
    "instrument_import":           ("-xxoxooxo", "-xxvxvvxv"),
    "instrument_sheet":            ("-oooooooo", "-mmmmmmmm"),
    "instrument_publish":          ("-mmmmmmmm", "-xxxxrxxr"),
    "masuk":                       ("orrrrrrrr", "vrrrrrrrr"),
    "keluar":                      ("-mmmmmmmm", "---------"),
    "password_reset":              ("ooooooooo", "ooooooooo"),
    "password_reset_confirm":      ("ggggggggg", "ggggggggg"),
    "invitation":                  ("ggggggggg", "ggggggggg"),
    "account":                     ("-oooooooo", "-mmmmmmmm"),
    "account_own":                 ("-mmmmmmmm", "-vvvvvvvv"),
    "account_password":            ("-mmmmmmmm", "-vvvvvvvv"),
    "account_sign_out_everywhere": ("-mmmmmmmm", "---------"),
    "account_login":               ("orrrrrrrr", "vrrrrrrrr"),
    "mfa_authenticate":            ("-rrrrrrrr", "-rrrrrrrr"),
    "socialaccount_login_cancelled": ("---------", "mmmmmmmmm"),
    "openid_connect_login":        ("hhhhhhhhh", "hhhhhhhhh"),
    "openid_connect_callback":     ("hhhhhhhhh", "hhhhhhhhh"),
    "account_reauthenticate":      ("-oooooooo", "-oooooooo"),
    "mfa_reauthenticate":          ("-rrrrrrrr", "-rrrrrrrr"),
    "mfa_reauthenticate_webauthn": ("-rrrrrrrr", "-rrrrrrrr"),
    "mfa_index":                   ("-oooooooo", "-mmmmmmmm"),
    "mfa_activate_totp":           ("-rrrrrrrr", "-rrrrrrrr"),
    "mfa_deactivate_totp":         ("-hhhhhhhh", "-hhhhhhhh"),
    "mfa_view_recovery_codes":     ("-hhhhhhhh", "-mmmmmmmm"),
    "mfa_generate_recovery_codes": ("-rrrrrrrr", "-rrrrrrrr"),
    "mfa_list_webauthn":           ("-oooooooo", "-mmmmmmmm"),
    "mfa_add_webauthn":            ("-rrrrrrrr", "-rrrrrrrr"),
    "mfa_remove_webauthn":         ("-rrrrrrrr", "-rrrrrrrr"),
    "account_session_end":         ("-mmmmmmmm", "-rrrrrrrr"),
    "agencies":                    ("-rroooooo", "-mmmmmmmm"),
    "agency":                      ("-ohooohhh", "-mmmmmmmm"),
    "agency_invite":               ("-rhrrrhhh", "-xhvxvhhh"),
    "agency_invite_again":         ("-mmmmmmmm", "-xhrxrhhh"),
    "agency_retire_user":          ("-mmmmmmmm", "-xhrxrhhh"),
    "assignments":                 ("-hhoooooo", "-mmmmmmmm"),
    "assignments_names":           ("-hhoxooxo", "-hhvxvvxv"),
    "assignments_standing":        ("-mmmmmmmm", "-hhrxrrxr"),
    "assignments_indicator":       ("-hhoooooo", "-hhvxvvxv"),
    "assignments_question":        ("-hhoooooo", "-hhvxvvxv"),
    "assignments_unassign":        ("-mmmmmmmm", "-hhhxhhxh"),
    "work":                        ("-oooooooo", "-mmmmmmmm"),
    "work_import":                 ("-oooxxoxx", "-vvvxxvxx"),
    "work_sheet":                  ("-oohhhhhh", "-mmmmmmmm"),
    "work_form":                   ("-ohooohhh", "-mmmmmmmm"),
    "work_submit":                 ("-ohoxxhhh", "-vhvxxhhh"),
    "work_withdraw":               ("-mmmmmmmm", "-rhrxxhhh"),
    "work_answer":                 ("-rhrrrhhh", "-vhvxxhhh"),
    "work_attach":                 ("-ohooohhh", "-vhvxxhhh"),
    "work_detach":                 ("-mmmmmmmm", "-rhrxxhhh"),
    "work_take":                   ("-mmmmmmmm", "-vhvxxhhh"),
    "work_requests":               ("-ohooohhh", "-vhvxxhhh"),
    "help_request":                ("-ohooohhh", "-vhvxxhhh"),
    "carry_office":                ("-oorxxrxx", "-rrrxxrxx"),
    "carry_form":                  ("-ohoxxhhh", "-rhrxxhhh"),
    "work_uploads":                ("-mmmmmmmm", "-thtxxhhh"),
    "upload":                      ("-mmmmmmmm", "-mmmmmmmm"),
    "evidence":                    ("-ohooohhh", "-mmmmmmmm"),
    "evidence_picture":            ("-ohooohhh", "-mmmmmmmm"),
    "evidence_page":               ("-ohooohhh", "-vhvxxhhh"),
    "evidence_replace":            ("-mmmmmmmm", "-vhvxxhhh"),
    "evidence_restrict":           ("-mmmmmmmm", "-vhvxxhhh"),
    "evidence_discard":            ("-mmmmmmmm", "-rhrxxhhh"),
    "evidence_openings":           ("-xxoxxoxx", "-mmmmmmmm"),
    "evidence_destroy":            ("-xhxxohhh", "-xhxxvhhh"),
    "evidence_list":               ("-oooooooo", "-mmmmmmmm"),
    "areas":                       ("-hhoooooo", "-hhrxxrxx"),
    "area_question":               ("-hhooohhh", "-hhrxxhhh"),
    "review_queue":                ("-xxoxxoxx", "-mmmmmmmm"),
    "review_due":                  ("-xxoxxoxx", "-xxoxxoxx"),
    "review":                      ("-xhoxxhhh", "-xhrxxhhh"),
    "review_draft":                ("-mmmmmmmm", "-xhrxxhhh"),
    "review_undo":                 ("-mmmmmmmm", "-xhrxxhhh"),
    "review_return_empty":         ("-mmmmmmmm", "-xhrxxhhh"),
    "review_finish":               ("-xhoxxhhh", "-xhvxxhhh"),
    "review_reopen":               ("-xhoxxhhh", "-xhoxxhhh"),
    "open_year":                   ("-xxoxooxo", "-xxoxooxo"),
    "arrange_list":                ("-hhoooooo", "-mmmmmmmm"),
    "arrange":                     ("-hhoooooo", "-hhvxvvxv"),
    "arrange_move":                ("-mmmmmmmm", "-hhvxvvxv"),
    "arrange_take":                ("-mmmmmmmm", "-hhhxhhxh"),
    "work_rows":                   ("-ohooohhh", "-rhrxxhhh"),
    "work_history":                ("-ohooohhh", "-vhvxxhhh"),
    "stage_import":                ("-xxoxooxo", "-xxvxvvxv"),
    "stage_edit":                  ("-hhohohhh", "-hhvhvhhh"),
    "stage_remove":                ("-mmmmmmmm", "-hhrhrhhh"),
    "partnerships":                ("-oooooooo", "-mmmmmmmm"),
    "registers":                   ("-oooooooo", "-mmmmmmmm"),
    "register":                    ("-oooooooo", "-vvxxxxxx"),
    "register_paste":              ("-ooxxxxxx", "-vvxxxxxx"),
    "register_sheet":              ("-oooooooo", "-mmmmmmmm"),
    "register_row":                ("-ohooohhh", "-vhvxxhhh"),
    "register_retire":             ("-mmmmmmmm", "-rhrxxhhh"),
    "register_evidence":           ("-ohooohhh", "-vhvxxhhh"),
    "register_uploads":            ("-mmmmmmmm", "-thtxxhhh"),
    "register_detach":             ("-mmmmmmmm", "-rhrxxhhh"),
    "assessments":                 ("-rrrrrrrr", "-mmmmmmmm"),
    "dashboard":                   ("-oooooooo", "-mmmmmmmm"),
    "close_year":                  ("-xxoxooxo", "-xxvxvvxv"),
    "reopen_year":                 ("-mmmmmmmm", "-xxvxvvxv"),
    "question_list":               ("-oooooooo", "-mmmmmmmm"),
    "stages":                      ("-oooooooo", "-mmmmmmmm"),
    "entry":                       ("-hhoooooo", "-mmmmmmmm"),
    "entry_tick":                  ("-mmmmmmmm", "-hhrxxrxx"),
    "matrix":                      ("-oooooooo", "-mmmmmmmm"),
    "indicator_report":            ("-ohoooooo", "-mmmmmmmm"),
    "figures":                     ("-hhoooooo", "-mmmmmmmm"),
    "years":                       ("-hhoooooo", "-mmmmmmmm"),
    "simulation":                  ("-hhoooooo", "-mmmmmmmm"),
    "simulation_save":             ("-mmmmmmmm", "-hhrrxrrx"),
    "simulation_drop":             ("-mmmmmmmm", "-hhrrxhhh"),
    "efforts":                     ("-hhoooooo", "-hhrxxrxx"),
    "programmes":                  ("-hhoooooo", "-mmmmmmmm"),
    "action_plan":                 ("-hhoooooo", "-mmmmmmmm"),
    "export_programmes":           ("-rrrrrrrr", "-hhoooooo"),
    "export_action_plan":          ("-rrrrrrrr", "-hhoooooo"),
    "export_rakor":                ("-rrrrrrrr", "-hhoooooo"),
    "releasing":                   ("-hhoooooo", "-hhrxxrxx"),
    "public":                      ("ooooooooo", "mmmmmmmmm"),
    "public_json":                 ("ooooooooo", "mmmmmmmmm"),
    "public_csv":                  ("ooooooooo", "mmmmmmmmm"),
    "exports":                     ("-oooooooo", "-mmmmmmmm"),
    "exports_year":                ("-oooooooo", "-mmmmmmmm"),
    "export_rakor_paper":          ("-rrrrrrrr", "-hhoooooo"),
    "export_assessment_paper":     ("-rrrrrrrr", "-hhoooooo"),
    "export_matrices":             ("-rrrrrrrr", "-hhoooooo"),
    "export_progress":             ("-rrrrrrrr", "-hhoooooo"),
    "export_matrix":               ("-rrrrrrrr", "-hhoooooo"),
    "export_followups":            ("-rrrrrrrr", "-oooooooo"),
    "bundle_ask":                  ("-mmmmmmmm", "-rrrrrrrr"),
    "bundle":                      ("-ohhhhhhh", "-mmmmmmmm"),
    "bundle_download":             ("-ohhhhhhh", "-mmmmmmmm"),
    "bundle_drop":                 ("-mmmmmmmm", "-rhhhhhhh"),
    "export_assessment":           ("-rrrrrrrr", "-oooooooo"),
    "meetings":                    ("-oooooooo", "-mmmmmmmm"),
    "meeting_call":                ("-xxoxxoxx", "-xxoxxoxx"),
    "meeting":                     ("-ohooohhh", "-mmmmmmmm"),
    "meeting_change":              ("-xhoxxhhh", "-xhoxxhhh"),
    "meeting_cancel":              ("-mmmmmmmm", "-xhrxxhhh"),
    "meeting_present":             ("-xhooohhh", "-mmmmmmmm"),
    "meeting_decide":              ("-mmmmmmmm", "-xhvxxhhh"),
    "meeting_close":               ("-mmmmmmmm", "-xhrxxhhh"),
    "attendance":                  ("-ohooohhh", "-mmmmmmmm"),
    "attendance_sign":             ("-mmmmmmmm", "-vhvvvhhh"),
    "attendance_tick":             ("-mmmmmmmm", "-xhvxxhhh"),
    "attendance_wall":             ("-xhoxxhhh", "-mmmmmmmm"),
    "attendance_paper":            ("-xhooohhh", "-mmmmmmmm"),
    "attendance_untick":           ("-mmmmmmmm", "-xhrxxhhh"),
    "reminders":                   ("-oooooooo", "-mmmmmmmm"),
    "reminders_region":            ("-mmmmmmmm", "-xxrxxrxx"),
    "reminders_office":            ("-mmmmmmmm", "-rrxxxxxx"),
    "reminder_again":              ("-mmmmmmmm", "-xhrxxhhh"),
    "meeting_comparison":          ("-xhooohhh", "-mmmmmmmm"),
    "meeting_notes":               ("-xhoxxhhh", "-xhrxxhhh"),
    "meeting_pack":                ("-xhooohhh", "-xhrrrhhh"),
    "meeting_pack_file":           ("-xhohhhhh", "-mmmmmmmm"),
    "followups":                   ("-oooooooo", "-mmmmmmmm"),
    "followup":                    ("-ohooohhh", "-mmmmmmmm"),
    "followup_due":                ("-mmmmmmmm", "-xhvxxhhh"),
    "proposals":                   ("-hhoooooo", "-mmmmmmmm"),
    "proposals_xlsx":              ("-hhoooooo", "-mmmmmmmm"),
    "proposals_csv":               ("-hhoooooo", "-mmmmmmmm"),
    "followup_move":               ("-mmmmmmmm", "-rhrxxhhh"),
    "invitation_page":             ("-ohooohhh", "-mmmmmmmm"),
    "invitation_pdf":              ("-ohooohhh", "-mmmmmmmm"),
    "meeting_calendar":            ("-ohooohhh", "-mmmmmmmm"),
    "task_sheet":                  ("-ohooohhh", "-mmmmmmmm"),
    "task_sheet_read":             ("-mmmmmmmm", "-rhxxxhhh"),
    "task_sheet_pdf":              ("-ohooohhh", "-mmmmmmmm"),
    "task_sheet_xlsx":             ("-ohooohhh", "-mmmmmmmm"),
}
# fmt: on


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The names of all addresses but the admin's, which has a table of its own."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield each.name or f"{prefix}{each.pattern}"
        elif each.app_name != "admin":
            yield from routes(each, f"{prefix}{each.pattern}")


def _year(w: SimpleNamespace) -> None:
    """Two cities with the same instrument, each with its year."""
    w.instrument = make_instrument()
    w.indicator = make_indicator(w.instrument, code="4")
    w.register = make_register(w.instrument, code="kegiatan")
    w.question = make_question(w.indicator, code="4.1", register=w.register)
    area_question = make_question(
        make_indicator(w.instrument, code="26"), "area_share", code="26.1", level="kelurahan"
    )
    w.area_code = area_question.code
    w.region, w.far = make_region(), make_region()
    w.agency, w.other = make_agency(w.region, name="Dinas Rahasia"), make_agency(w.region)
    far_agency = make_agency(w.far)
    assign(w.question, w.agency)
    assign(w.question, far_agency)
    assign(area_question, make_agency(w.region, kind=Kind.KELURAHAN), AssignmentRole.AREA)
    publish(w.instrument)
    w.assessment = make_assessment(w.region, w.instrument)
    make_assessment(w.far, w.instrument)
    w.stage = Stage.objects.create(assessment=w.assessment, name="Verifikasi rahasia")


def _people(w: SimpleNamespace) -> None:
    """Somebody of each role, here and far away."""
    w.people = {
        "own": make_user(agency=w.agency),
        "other": make_user(agency=w.other),
        "partner": make_user(agency=make_agency(w.region, kind=Kind.DUNIA_USAHA)),
        "verifikator": make_user(Role.VERIFIKATOR, region=w.region),
        "pimpinan": make_user(Role.PIMPINAN, region=w.region),
        "admin": make_user(Role.ADMINISTRATOR, region=w.region),
        "far_verifikator": make_user(Role.VERIFIKATOR, region=w.far),
        "far_pimpinan": make_user(Role.PIMPINAN, region=w.far),
        "far_admin": make_user(Role.ADMINISTRATOR, region=w.far),
    }
    w.invited = make_user(agency=w.agency)


def _answer(w: SimpleNamespace) -> None:
    """An answer with its note, its evidence, an upload under way and a help that was asked."""
    own = w.people["own"]
    w.submission = w.assessment.submissions.get(agency=w.agency)
    w.response = w.submission.responses.get()
    Response.objects.filter(pk=w.response.pk).update(
        note="catatan rahasia", answered_at=timezone.now()
    )
    blob = Blob(sha256="0" * 64, size=len(PDF), content_type="application/pdf")
    blob.file.save("uji", ContentFile(PDF))
    blob.file.close()
    w.evidence = Evidence.objects.create(
        agency=w.agency, name="SK rahasia.pdf", blob=blob, created_by=own
    )
    w.link = EvidenceLink.objects.create(response=w.response, evidence=w.evidence, added_by=own)
    w.upload = Upload.objects.create(
        response=w.response, by=own, name="SK rahasia.pdf", size=len(PDF),
        created_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    w.asked = HelpRequest.objects.create(
        response=w.response, agency=make_agency(w.region), what="Permintaan rahasia",
        due_on=timezone.localdate(), asked_by=own, asked_at=timezone.now(),
    )  # fmt: skip


def _row(w: SimpleNamespace) -> None:
    """A row of a register with its evidence."""
    own = w.people["own"]
    w.row = RegisterRow.objects.create(
        agency=w.agency, register=w.register, code=w.register.code, data={"nama": "baris rahasia"},
        words="baris rahasia", created_by=own, changed_by=own,
    )  # fmt: skip
    w.row_link = RowEvidence.objects.create(row=w.row, evidence=w.evidence, added_by=own)


def _made(w: SimpleNamespace) -> None:
    """What was made of the year: figures released, a scenario, a bundle of files."""
    release_figures(w.assessment, by=w.people["verifikator"], now=timezone.now())
    w.scenario = Scenario.objects.create(
        assessment=w.assessment, name="skenario rahasia", picks=[w.question.code],
        created_by=w.people["verifikator"],
    )  # fmt: skip
    w.bundle = Bundle.objects.create(
        assessment=w.assessment, by=w.people["own"], agency=w.agency, asked_at=timezone.now(),
        size=4, finished_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    w.bundle.path.parent.mkdir(exist_ok=True)
    w.bundle.path.write_bytes(b"uji!")


def _meeting(w: SimpleNamespace) -> None:
    """A rakor that was called: who came, what it decided, its pack and a reminder."""
    by = w.people["verifikator"]
    w.meeting = Meeting.objects.create(
        region=w.region, assessment=w.assessment, title="Rakor rahasia", place="Aula",
        starts_at=timezone.now() + timedelta(days=9), called_by=by,
        ends_at=timezone.now() + timedelta(days=9, hours=3),
    )  # fmt: skip
    Invited.objects.create(meeting=w.meeting, agency=w.agency)
    w.there = Attendance.objects.create(
        meeting=w.meeting, agency=w.agency, person="Hadirin rahasia", how="dicatat",
        at=timezone.now(), by=by,
    )  # fmt: skip
    w.followup = FollowUp.objects.create(
        meeting=w.meeting, number=1, text="Keputusan rahasia", agency=w.agency, token=uuid4(),
        due_on=timezone.localdate(), decided_at=timezone.now(), decided_by=by,
    )  # fmt: skip
    w.pack = Pack.objects.create(
        meeting=w.meeting, by=by, asked_at=timezone.now(),
        figures_at=timezone.now(), finished_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    w.pack.file("xlsx").write_bytes(b"rahasia")
    digest = Digest.objects.create(
        agency=w.agency, day=timezone.localdate(), subject="Pengingat rahasia", text="Isi",
        made_at=timezone.now(),
    )  # fmt: skip
    w.delivery = Delivery.objects.create(digest=digest, user=w.people["own"], at=timezone.now())


def _job(w: SimpleNamespace) -> None:
    """One that failed, outside every request."""
    w.job = DBTaskResult.objects.create(
        task_path="uji", args_kwargs={"args": [], "kwargs": {}}, status="FAILED", traceback="",
        backend_name="default", run_after=get_date_max(), exception_class_path="", worker_ids=[],
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """A city with a submitted answer and its evidence, its people, and the people of another city
    with its own year.
    """
    w = SimpleNamespace()
    for build in (_year, _people, _answer, _row, _made, _meeting, _job):
        build(w)
    return w


ARGUMENTS: dict[str, Any] = {
    "retry_job": lambda w: {"job": w.job.pk},
    "meeting": lambda w: {"pk": w.meeting.pk},
    "meeting_change": lambda w: {"pk": w.meeting.pk},
    "meeting_cancel": lambda w: {"pk": w.meeting.pk},
    "meeting_present": lambda w: {"pk": w.meeting.pk},
    "meeting_decide": lambda w: {"pk": w.meeting.pk},
    "meeting_close": lambda w: {"pk": w.meeting.pk},
    "attendance": lambda w: {"pk": w.meeting.pk},
    "attendance_sign": lambda w: {"pk": w.meeting.pk},
    "attendance_tick": lambda w: {"pk": w.meeting.pk},
    "attendance_wall": lambda w: {"pk": w.meeting.pk},
    "reminder_again": lambda w: {"pk": w.delivery.pk},
    "attendance_paper": lambda w: {"pk": w.meeting.pk},
    "attendance_untick": lambda w: {"pk": w.meeting.pk, "there": w.there.pk},
    "meeting_comparison": lambda w: {"pk": w.meeting.pk, "other": w.meeting.pk},
    "meeting_notes": lambda w: {"pk": w.meeting.pk},
    "meeting_pack": lambda w: {"pk": w.meeting.pk},
    "meeting_pack_file": lambda w: {"pk": w.meeting.pk, "number": w.pack.pk, "kind": "xlsx"},
    "followup": lambda w: {"pk": w.followup.pk},
    "followup_move": lambda w: {"pk": w.followup.pk, "name": "work"},
    "followup_due": lambda w: {"pk": w.followup.pk},
    "proposals": lambda w: {"year": 2024},
    "proposals_xlsx": lambda w: {"year": 2024},
    "proposals_csv": lambda w: {"year": 2024},
    "invitation_page": lambda w: {"pk": w.meeting.pk},
    "invitation_pdf": lambda w: {"pk": w.meeting.pk},
    "meeting_calendar": lambda w: {"pk": w.meeting.pk},
    "task_sheet": lambda w: {"code": w.agency.code},
    "task_sheet_read": lambda w: {"code": w.agency.code},
    "task_sheet_pdf": lambda w: {"code": w.agency.code},
    "task_sheet_xlsx": lambda w: {"code": w.agency.code},
    "instrument_version": lambda w: {"code": w.instrument.code},
    "instrument_sheet": lambda w: {"code": w.instrument.code},
    "instrument_publish": lambda w: {"code": w.instrument.code},
    "password_reset_confirm": lambda w: {"uidb64": "MQ", "token": "salah"},
    "invitation": lambda w: {"uidb64": "MQ", "token": "salah"},
    "openid_connect_login": lambda w: {"provider_id": "sso"},
    "openid_connect_callback": lambda w: {"provider_id": "sso"},
    "mfa_remove_webauthn": lambda w: {"pk": 1},
    "account_session_end": lambda w: {"pk": 1},
    "agency": lambda w: {"code": w.agency.code},
    "agency_invite": lambda w: {"code": w.agency.code},
    "agency_invite_again": lambda w: {"code": w.agency.code, "pk": w.invited.pk},
    "agency_retire_user": lambda w: {"code": w.agency.code, "pk": w.invited.pk},
    "assignments_indicator": lambda w: {"code": w.indicator.code},
    "assignments_question": lambda w: {"code": w.question.code},
    "assignments_unassign": lambda w: {"code": w.question.code},
    "work_form": lambda w: {"pk": w.submission.pk},
    "work_submit": lambda w: {"pk": w.submission.pk},
    "work_withdraw": lambda w: {"pk": w.submission.pk},
    "work_answer": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "work_attach": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "work_rows": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "work_history": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "work_detach": lambda w: {"pk": w.submission.pk, "response": w.response.pk, "link": w.link.pk},
    "work_take": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "work_requests": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "help_request": lambda w: {"pk": w.asked.pk},
    "carry_form": lambda w: {"pk": w.submission.pk},
    "work_uploads": lambda w: {"pk": w.submission.pk, "response": w.response.pk},
    "upload": lambda w: {"token": w.upload.token},
    "evidence": lambda w: {"pk": w.evidence.pk},
    "evidence_picture": lambda w: {"pk": w.evidence.pk},
    "evidence_page": lambda w: {"pk": w.evidence.pk},
    "evidence_destroy": lambda w: {"pk": w.evidence.pk},
    "evidence_replace": lambda w: {"pk": w.evidence.pk},
    "evidence_restrict": lambda w: {"pk": w.evidence.pk},
    "evidence_discard": lambda w: {"pk": w.evidence.pk},
    "review": lambda w: {"pk": w.submission.pk},
    "review_draft": lambda w: {"pk": w.submission.pk},
    "review_undo": lambda w: {"pk": w.submission.pk},
    "review_return_empty": lambda w: {"pk": w.submission.pk},
    "review_finish": lambda w: {"pk": w.submission.pk},
    "review_reopen": lambda w: {"pk": w.submission.pk},
    "register": lambda w: {"code": w.register.code},
    "register_paste": lambda w: {"code": w.register.code},
    "register_sheet": lambda w: {"code": w.register.code},
    "register_row": lambda w: {"code": w.register.code, "pk": w.row.pk},
    "register_retire": lambda w: {"code": w.register.code, "pk": w.row.pk},
    "register_evidence": lambda w: {"code": w.register.code, "pk": w.row.pk},
    "register_uploads": lambda w: {"code": w.register.code, "pk": w.row.pk},
    "register_detach": lambda w: {
        "code": w.register.code,
        "pk": w.row.pk,
        "link": w.row_link.pk,
    },
    "arrange_list": lambda w: {"year": 2024},
    "arrange": lambda w: {"year": 2024, "code": w.question.code},
    "arrange_move": lambda w: {"year": 2024, "code": w.question.code},
    "arrange_take": lambda w: {"year": 2024, "code": w.question.code},
    "exports_year": lambda w: {"year": 2024},
    "export_rakor_paper": lambda w: {"year": 2024},
    "export_assessment_paper": lambda w: {"year": 2024},
    "export_matrices": lambda w: {"year": 2024},
    "export_progress": lambda w: {"year": 2024, "kind": "csv"},
    "export_matrix": lambda w: {"year": 2024, "code": w.register.code},
    "export_followups": lambda w: {"year": 2024, "kind": "csv"},
    "bundle_ask": lambda w: {"year": 2024},
    "bundle": lambda w: {"token": w.bundle.token},
    "bundle_download": lambda w: {"token": w.bundle.token},
    "bundle_drop": lambda w: {"token": w.bundle.token},
    "stage_import": lambda w: {"year": 2024},
    "stage_edit": lambda w: {"year": 2024, "pk": w.stage.pk},
    "stage_remove": lambda w: {"year": 2024, "pk": w.stage.pk},
    "stages": lambda w: {"year": 2024},
    "entry": lambda w: {"year": 2024},
    "entry_tick": lambda w: {"year": 2024, "code": w.question.code},
    "areas": lambda w: {"year": 2024},
    "area_question": lambda w: {"year": 2024, "code": w.area_code},
    "dashboard": lambda w: {"year": 2024},
    "close_year": lambda w: {"year": 2024},
    "reopen_year": lambda w: {"year": 2024},
    "question_list": lambda w: {"year": 2024},
    "matrix": lambda w: {"year": 2024},
    "simulation": lambda w: {"year": 2024},
    "simulation_save": lambda w: {"year": 2024},
    "simulation_drop": lambda w: {"year": 2024, "pk": w.scenario.pk},
    "efforts": lambda w: {"year": 2024},
    "programmes": lambda w: {"year": 2024},
    "action_plan": lambda w: {"year": 2024},
    "export_programmes": lambda w: {"year": 2024},
    "export_action_plan": lambda w: {"year": 2024},
    "export_rakor": lambda w: {"year": 2024},
    "releasing": lambda w: {"year": 2024},
    "public": lambda w: {"region": w.region.code, "year": 2024},
    "public_json": lambda w: {"region": w.region.code, "year": 2024},
    "public_csv": lambda w: {"region": w.region.code, "year": 2024},
    "figures": lambda w: {"year": 2024},
    "years": lambda w: {"year": 2024},
    "indicator_report": lambda w: {"year": 2024, "code": w.indicator.code},
    "export_assessment": lambda w: {"year": 2024},
}


def address(world: SimpleNamespace, name: str) -> str:
    """The address of a route, on the things of the world."""
    return reverse(name, kwargs=ARGUMENTS[name](world) if name in ARGUMENTS else None)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def code_of(response: Any) -> str:
    body_of(response)
    if response.status_code == 302 and response["Location"].startswith("/masuk/"):
        return "-"
    return CODES.get(response.status_code, str(response.status_code))


def signed_in(world: SimpleNamespace, viewer: str) -> Client:
    client = Client()
    if viewer != "guest":
        client.force_login(world.people[viewer])
    return client


def test_a_partner_reaches_what_another_office_does_and_no_register_but_that_of_partnerships(world):
    """Its row of the table: that of "other", where a register is hidden as one that never was."""
    client, at = signed_in(world, "partner"), VIEWERS.index("other")
    hidden = {"register", "register_paste", "register_sheet"}
    said = {name: (code_of(client.get(address(world, name))), TABLE[name][0][at]) for name in TABLE}
    assert {name for name, (got, want) in said.items() if got != want} == hidden
    assert {said[name][0] for name in hidden} == {"h"}


def test_every_address_stands_in_the_table():
    assert sorted(routes()) == sorted(TABLE)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_viewer_gets_what_the_table_says(world, name, method):
    said = ""
    for viewer in VIEWERS:
        client = signed_in(world, viewer)
        with transaction.atomic():  # what a POST changed is undone before the next viewer comes
            said += code_of(getattr(client, method)(address(world, name)))
            transaction.set_rollback(True)
    CELLS[name, method] = said
    assert said == TABLE[name][method == "post"]


def test_every_cell_was_tried():
    """The figure for docs/trust.md, told where the whole table was."""
    if len(CELLS) == 2 * len(TABLE):
        pairs = [
            (got, want)
            for (name, method), said in CELLS.items()
            for got, want in zip(said, TABLE[name][method == "post"], strict=True)
        ]
        wrong = sum(got != want for got, want in pairs)
        record(
            "access_cells",
            figure=f"{wrong} of {len(pairs)}, {len(TABLE)} addresses",
            reached=wrong == 0 and sorted(routes()) == sorted(TABLE),
        )
    assert all(len(each) == len(VIEWERS) for rows in TABLE.values() for each in rows)


@pytest.mark.parametrize(
    "viewer", ["other", "partner", "far_verifikator", "far_pimpinan", "far_admin"]
)
def test_no_page_tells_an_outsider_what_the_office_gave(world, viewer):
    client = signed_in(world, viewer)
    told = []
    for name in TABLE:
        body = body_of(client.get(address(world, name)))
        told += [(name, secret) for secret in SECRETS if secret.encode() in body]
    assert told == []


@pytest.mark.parametrize("name", [name for name in ARGUMENTS if "h" in TABLE[name][0]])
def test_what_is_hidden_answers_like_what_never_was(world, name):
    """The same body for another office's thing and for a number that no one ever had."""
    client = signed_in(world, "other")
    hidden = client.get(address(world, name))
    kwargs = {
        key: 987654
        if isinstance(value, int) and key != "year"
        else uuid4()
        if isinstance(value, UUID)
        else value
        if key == "year"
        else "tak-ada"
        for key, value in ARGUMENTS[name](world).items()
    }
    never = client.get(reverse(name, kwargs=kwargs))
    assert (hidden.status_code, hidden.content) == (404, never.content)


TAKEN_BY_GET = {
    *("work_sheet", "register_sheet", "invitation_pdf", "meeting_calendar", "task_sheet_pdf"),
    *("task_sheet_xlsx", "proposals_xlsx", "proposals_csv", "instrument_sheet"),
}


@pytest.mark.parametrize("viewer", ["own", "verifikator", "pimpinan", "admin"])
def test_a_get_writes_nothing(world, viewer):
    """But that somebody took a sheet along, which is an event as every export is."""
    client = signed_in(world, viewer)
    written = []
    for name in TABLE.keys() - TAKEN_BY_GET:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            body_of(client.get(address(world, name)))
        written += [
            (name, sql)
            for sql in (query["sql"] for query in queries)
            if not sql.lstrip().startswith(("SELECT", "DECLARE", "SAVEPOINT", "RELEASE"))
            and "django_session" not in sql
        ]
    assert written == []


@pytest.mark.parametrize(
    "name",
    [name for name, (_, post) in TABLE.items() if set(post) != {"-", "m"} and "m" not in post],
)
def test_a_post_without_a_token_is_refused(world, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["verifikator"])
    assert client.post(address(world, name)).status_code == 403


@pytest.mark.parametrize("token", ["x" * 32, "x" * 64, ""])
def test_a_post_with_a_wrong_token_is_refused_with_files_too(world, token):
    """Also where the token stands behind the file, and where the file is read away for its size."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["own"])
    client.get("/akun/")
    names = ("work_import", "work_attach", "register", "register_paste", "register_evidence")
    for name in names:
        for size in (1, 30 * 1024):
            data = {"berkas": ContentFile(PDF * size, "SK.pdf"), "csrfmiddlewaretoken": token}
            assert client.post(address(world, name), data).status_code == 403


def test_no_address_answers_trace(world):
    client = signed_in(world, "verifikator")
    said = {code_of(client.trace(address(world, name))) for name in TABLE}
    assert said <= set("mxrh")


SOURCES = [
    file
    for room in ("kla_tracker", "meetings", "reports", "submissions", "agencies", "indicators")
    for file in (settings.BASE_DIR / room).rglob("*.py")
]
ASKED = re.compile(r'GET\.(?:get|getlist)\("(\w+)"|GET\["(\w+)"\]')


@pytest.mark.parametrize("odd", ["\x00", "9" * 30])
def test_what_no_page_asks_for_breaks_none(world, odd):
    """In the place of every word of an address, and of every parameter that any page reads.
    PostgreSQL refuses a NUL in a text, and both databases a number beyond theirs.
    """
    names = {a or b for file in SOURCES for a, b in ASKED.findall(file.read_text())}
    assert {"halaman", "page", "wilayah", "perangkat", "jawaban", "kode", "next"} <= names
    client = signed_in(world, "verifikator")
    client.raise_request_exception = False
    broken = []
    for name in TABLE:
        kwargs = ARGUMENTS[name](world) if name in ARGUMENTS else {}
        asked = [reverse(name, kwargs=kwargs)]
        for key, value in kwargs.items():
            with contextlib.suppress(NoReverseMatch):
                put = odd if isinstance(value, str) else int(odd) if odd.isdecimal() else value
                asked.append(reverse(name, kwargs=kwargs | {key: put}))
        for path in asked:
            reply = client.get(path, dict.fromkeys(names, odd))
            body_of(reply)
            if reply.status_code >= 500:
                broken.append(path)
    assert broken == []


def test_a_wrong_page_or_sort_is_passed_over(world):
    client = signed_in(world, "verifikator")
    odd = {
        "page": "999",
        "halaman": "999",
        "urut": "agency__user__password",
        "page_size": "100000",
        "q": "%_'\"",
    }
    for name in (
        "review_queue",
        "agencies",
        "work",
        "question_list",
        "matrix",
        "instrument",
        "dashboard",
        "registers",
        "register",
        "evidence_list",
    ):
        assert client.get(address(world, name), odd).status_code == 200
