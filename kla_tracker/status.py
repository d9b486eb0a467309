"""What the administrator's status page shows: how the server is, in sentences, without a name."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import django
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.checks import CheckMessage, Tags, run_checks
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Sum
from django_tasks_db.models import DBTaskResult

from agencies.actions.record import RefusedError, record, require
from agencies.models import ChangeVerb, Invitation, User
from agencies.roles import ROLE_LABELS, Role
from agencies.tasks import can_mail
from indicators.wording import number, percent, ukuran, waktu
from kla_tracker import readiness
from kla_tracker.archive import record as backups
from kla_tracker.history import chain, verify
from kla_tracker.version import version
from meetings.models import Delivery, DeliveryState
from submissions.models import Blob

DAY = timedelta(hours=26)  # a nightly backup may be two hours late
SHOWN = 20
TROUBLES = {
    "database": "Basis data tidak menjawab.",
    "migrations": "Basis data belum sesuai dengan versi ini. Jalankan manage.py migrate.",
    "storage": "Folder data dukung tidak dapat ditulisi. Periksa MEDIA_ROOT dan izinnya.",
    "worker": "Pekerjaan latar menunggu lebih dari lima menit. Periksa apakah kla-worker berjalan.",
    "space": "Ruang penyimpanan hampir habis: sisa di bawah 5 % atau 2 GB.",
    "clock": "Jam server dan jam basis data berselisih lebih dari lima detik. Samakan dengan NTP.",
    "example": "Ada akun contoh dengan kata sandi yang diketahui umum. Nonaktifkan akun itu.",
}
JOBS = {
    "agencies.tasks.mail_invitation": "Surel undangan",
    "agencies.tasks.mail_reset": "Surel kata sandi baru",
    "submissions.tasks.draw": "Gambar kecil data dukung",
    "reports.tasks.pack": "Paket data dukung",
    "meetings.tasks.make_pack": "Paket rakor",
    "kla_tracker.tasks.mail_error": "Surel laporan galat",
}
FINDINGS = {
    "security.W004": "HSTS tidak dikirim: SITE_URL belum https, atau HSTS_SECONDS bernilai 0.",
    "security.W008": "Alamat http tidak diteruskan ke https. Isi SITE_URL dengan alamat https.",
    "security.W009": "SECRET_KEY terlalu pendek atau mudah ditebak.",
    "security.W012": "Kuki sesi dapat lewat tanpa https. Isi SITE_URL dengan alamat https.",
    "security.W016": "Kuki CSRF dapat lewat tanpa https. Isi SITE_URL dengan alamat https.",
    "security.W018": "DEBUG menyala.",
    "security.W020": "ALLOWED_HOSTS kosong.",
    "kla.E001": TROUBLES["example"],
}


@dataclass(frozen=True)
class Line:
    """One fact; `tone` where it is not as it should be."""

    label: str
    value: str
    tone: str = "neutral"
    badge: str = ""


@dataclass(frozen=True)
class FailedJob:
    """A job that ended badly, with what it was and why."""

    pk: UUID
    name: str
    why: str
    at: datetime | None


@dataclass(frozen=True)
class Status:
    """The whole page."""

    troubles: list[str]
    sections: dict[str, list[Line]] = field(default_factory=dict)
    failed: list[FailedJob] = field(default_factory=list)
    failed_count: int = 0
    findings: list[str] = field(default_factory=list)


def status(now: datetime) -> Status:
    """How the server is at this moment."""
    failed = DBTaskResult.objects.failed().order_by("-finished_at")
    return Status(
        troubles=[TROUBLES[each] for each in readiness.troubles(now)],
        sections={
            "Versi": _versions(),
            "Penyimpanan": _disks(),
            "Cadangan": _backup(now),
            "Pekerjaan latar": _jobs(now),
            "Surel": _mail(),
            "Riwayat": _history(now),
            "Faktor kedua": _factors(),
        },
        failed=[_failed(job) for job in failed[:SHOWN]],
        failed_count=failed.count(),
        findings=[FINDINGS.get(str(each.id), _other(each)) for each in _checks()],
    )


def _versions() -> list[Line]:
    missing = readiness.unapplied()
    return [
        Line("KLA Tracker", version()),
        Line("Python", platform.python_version()),
        Line("Django", django.get_version()),
        Line("Basis data", _database()),
        Line(
            "Migrasi",
            f"{number(len(missing))} belum dijalankan: {', '.join(missing[:5])}"
            if missing
            else "semua sudah dijalankan",
            "returned" if missing else "ok",
            "belum" if missing else "",
        ),
    ]


def _database() -> str:
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def _disks() -> list[Line]:
    kept = Blob.objects.aggregate(count=Count("pk"), size=Sum("size"))
    lines = [
        Line(
            f"Sisa ruang untuk {name}",
            f"{ukuran(free)} dari {ukuran(total)} ({percent(free / max(total, 1))})",
            *(("returned", "hampir habis") if readiness.is_full(total, free) else ()),
        )
        for name, (total, free) in readiness.disks().items()
    ]
    kind = "penyimpanan S3" if settings.S3_BUCKET else "di server ini"
    held = f"{number(kept['count'])} berkas, {ukuran(kept['size'] or 0)}, {kind}"
    return [*lines, Line("Data dukung", held)]


def _backup(now: datetime) -> list[Line]:
    last = backups.last()
    if last is None:
        return [Line("Terakhir", "belum pernah dibuat dari server ini", "returned", "belum ada")]
    late = now - last.made_at > DAY
    content = f"{number(last.rows)} baris, {number(last.files)} berkas, {ukuran(last.size)}"
    lines = [
        Line("Terakhir", waktu(last.made_at), *(("risk", "lebih dari sehari") if late else ())),
        Line("Isi", content + (", disandi" if last.encrypted else ", tidak disandi")),
    ]
    if last.missing:
        gone = f"{number(last.missing)} berkas tidak ada di penyimpanan saat dicadangkan"
        lines.append(Line("Kurang", gone, "returned", "periksa"))
    return lines


def _jobs(now: datetime) -> list[Line]:
    by_state = dict(
        DBTaskResult.objects.order_by()
        .values_list("status")
        .annotate(Count("pk"))
        .values_list("status", "pk__count")
    )
    waiting = DBTaskResult.objects.ready().order_by()
    oldest = waiting.aggregate(Min("enqueued_at"))["enqueued_at__min"]
    late = oldest is not None and now - oldest > readiness.LATE
    since = f", yang terlama sejak {waktu(oldest)}" if oldest else ""
    failed = by_state.get("FAILED", 0)
    return [
        Line(
            "Menunggu",
            number(by_state.get("READY", 0)) + since,
            *(("returned", "terlambat") if late else ()),
        ),
        Line("Berjalan", number(by_state.get("RUNNING", 0))),
        Line("Gagal", number(failed), *(("risk", "lihat di bawah") if failed else ())),
    ]


def _mail() -> list[Line]:
    if not can_mail():
        return [Line("Server surel", "belum diatur (EMAIL_HOST)", "risk", "belum")]
    sent = Delivery.objects.filter(state=DeliveryState.SENT).aggregate(Max("at"))["at__max"]
    invited = Invitation.objects.aggregate(Max("mailed_at"), Max("failed_at"))
    bad = Delivery.objects.filter(state__in=(DeliveryState.FAILED, DeliveryState.EXPIRED))
    failed = bad.order_by("-at").values_list("at", "error").first()
    failures = [each for each in (failed and failed[0], invited["failed_at__max"]) if each]
    successes = [each for each in (sent, invited["mailed_at__max"]) if each]
    last_good = max(successes, default=None)
    last_bad = max(failures, default=None)
    since = last_bad is not None and (last_good is None or last_bad > last_good)
    why = f" ({failed[1]})" if failed and failed[0] == last_bad and failed[1] else ""
    return [
        Line("Terkirim terakhir", waktu(last_good) if last_good else "belum ada"),
        Line(
            "Gagal terakhir",
            f"{waktu(last_bad)}{why}" if last_bad else "belum ada",
            *(("risk", "sejak itu tidak ada yang terkirim") if since else ()),
        ),
        Line("Laporan galat", "dikirim" if settings.ERROR_MAIL_TO else "tidak dikirim"),
    ]


def _history(now: datetime) -> list[Line]:
    head = chain.head()
    waiting = verify.waiting()
    stale = bool(waiting) and (head.at is None or now - head.at > timedelta(hours=1))
    sealed = f"{number(head.number)}, terakhir {waktu(head.at)}" if head.at else "belum ada"
    return [
        Line("Bersegel", sealed),
        Line(
            "Menunggu disegel",
            number(waiting),
            *(("returned", "periksa kla-seal") if stale else ()),
        ),
    ]


def _factors() -> list[Line]:
    demanded = [Role(role) for role in settings.SECOND_FACTOR_FOR]
    if not demanded:
        return [Line("Diwajibkan untuk", "tidak ada peran", "risk", "tidak wajib")]
    people = User.objects.filter(is_active=True, role__in=demanded)
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    ready = people.filter(pk__in=Authenticator.objects.filter(type__in=strong).values("user"))
    return [
        Line("Diwajibkan untuk", ", ".join(ROLE_LABELS[role] for role in demanded)),
        Line("Sudah memasang", f"{number(ready.count())} dari {number(people.count())} orang"),
    ]


def _checks() -> list[CheckMessage]:
    return [
        each
        for each in run_checks(tags=[Tags.security], include_deployment_checks=True)
        if not each.is_silenced()
    ]


def _other(finding: CheckMessage) -> str:
    return f"Temuan {finding.id}. Jalankan manage.py check --deploy di server untuk rinciannya."


def _failed(job: DBTaskResult[Any, Any]) -> FailedJob:
    name = JOBS.get(job.task_path, "Pekerjaan lain")
    kind = job.exception_class_path.rpartition(".")[2]
    why = (
        "Pekerjanya tiga kali mati saat mengerjakan ini."
        if kind == "TimeoutError"
        else f"Galat tak terduga ({kind or 'tanpa keterangan'}); rinciannya di log."
    )
    return FailedJob(job.pk, name, why, job.finished_at)


@transaction.atomic
def retry(job: UUID, *, by: User) -> None:
    """Put a job that failed back into the queue, as if it had never been tried. Only one of two who
    ask at once does it.
    """
    require(by, "agencies.use_admin", None)
    again = DBTaskResult.objects.failed().filter(pk=job)
    path = again.values_list("task_path", flat=True).first()
    moved = again.update(
        status="READY", started_at=None, finished_at=None, worker_ids=[],
        exception_class_path="", traceback="",
    )  # fmt: skip
    if not moved:
        raise RefusedError("Pekerjaan ini tidak lagi gagal; mungkin sudah diulangi.")
    record(ChangeVerb.RETRY_JOB, by=by, region=by.region, job=JOBS.get(str(path), "lain"))
