"""Known malware: each evidence of a file is shown to a clamd, where one is set, before anybody but
its sender can open it.

Each evidence for itself, also of bytes that were looked into before: a file that is clean at once
would tell that somebody else has given the same one. A clamd that does not answer stops no upload;
what came meanwhile waits, and is asked for again by `take_up_jobs`.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from submissions.actions import previews
from submissions.models import Evidence, EvidenceChange, EvidenceQuerySet, EvidenceVerb, Scan

JOB = "submissions.tasks.scan"  # by name, as a job is stored: tasks stand above the verbs
AT_ONCE = 500
CHUNK = 256 * 1024
SECONDS = 60  # for one answer; an archive of 25 MB takes a few
REPLY = 4096


class UnscannedError(Exception):
    """No answer, or none that says clean or not."""


@dataclass(frozen=True, slots=True)
class Found:
    """What clamd said; no name where the file is clean."""

    name: str = ""


def is_set() -> bool:
    """Whether files are looked into at all."""
    return bool(settings.CLAMD_ADDRESS)


def ask(evidence: Evidence) -> None:
    """Hold a new file back, and have it looked into when the transaction is through."""
    if is_set() and evidence.blob is not None:
        Evidence.objects.filter(pk=evidence.pk).update(scan=Scan.WAITING)
        evidence.scan = Scan.WAITING.value
        import_string(JOB).enqueue(evidence.pk)


def waiting() -> EvidenceQuerySet:
    return Evidence.objects.whole().filter(scan=Scan.WAITING)


def ask_for_missing(now: datetime, age: timedelta) -> int:
    """Ask again for what has waited for `age`, if clamd is there; says for how many."""
    old = waiting().filter(created_at__lt=now - age).order_by("pk").values_list("pk", flat=True)
    keys = list(old[:AT_ONCE])
    if not keys or not answers():
        return 0
    with transaction.atomic():
        for key in keys:
            import_string(JOB).enqueue(key)
    return len(keys)


def scan(pk: int, *, now: datetime, again: bool = False) -> str:
    """Look into one that waits (or, `again`, any); says how it stands then. Without an answer
    nothing changes.
    """
    found = Evidence.objects.whole() if again else waiting()
    evidence = found.select_related("blob").filter(pk=pk).first()
    if evidence is None or evidence.blob is None or not evidence.blob.file:
        return ""
    try:
        with evidence.blob.file.open("rb") as file:
            said = look_into(file)
    except (UnscannedError, OSError):
        return str(evidence.scan)
    return _keep(evidence, said, now)


@transaction.atomic
def _keep(evidence: Evidence, said: Found, now: datetime) -> str:
    """What was said, once; an event where something was found, the pictures where nothing was."""
    state = Scan.INFECTED if said.name else Scan.CLEAN
    same = Evidence.objects.filter(pk=evidence.pk, scan=evidence.scan)
    if same.update(scan=state, scanned_at=now) and evidence.scan != state:
        if said.name:
            EvidenceChange.objects.create(
                evidence=evidence, verb=EvidenceVerb.INFECTED, by=None, at=now,
                data={"found": said.name},
            )  # fmt: skip
        elif evidence.drawn_at is None:
            evidence.scan = state.value
            previews.ask(evidence)
    return state.value


# --- the words of clamd --------------------------------------------------------------------------


def answers() -> bool:
    """Whether clamd is there."""
    try:
        with _line(5) as line:
            line.sendall(b"zPING\0")
            return _reply(line) == "PONG"
    except (UnscannedError, OSError):
        return False


def look_into(file: IO[bytes]) -> Found:
    """Send all bytes (INSTREAM); UnscannedError unless it says clean or names what it found."""
    try:
        with _line(SECONDS) as line:
            line.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                line.sendall(struct.pack("!L", len(chunk)) + chunk)
            line.sendall(struct.pack("!L", 0))
            said = _reply(line)
    except OSError as error:
        raise UnscannedError(str(error)) from None
    if said == "stream: OK":
        return Found()
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Found(said.removeprefix("stream: ").removesuffix(" FOUND") or "tidak bernama")
    raise UnscannedError(said)


def _line(seconds: float) -> socket.socket:
    """A connection to where clamd listens: a path, or a host and its port."""
    address: str = settings.CLAMD_ADDRESS
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def _reply(line: socket.socket) -> str:
    """One line, ended by a zero byte; UnscannedError where it breaks off or never ends."""
    said = b""
    while not said.endswith(b"\0"):
        part = line.recv(REPLY)
        if not part or len(said) > REPLY:
            raise UnscannedError(said.decode(errors="replace"))
        said += part
    return said[:-1].decode(errors="replace").strip()
