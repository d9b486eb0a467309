"""Packing: the evidence of a part of a year, file by file, into one ZIP on the disk.

Memory holds numbers of what is to come and one chunk of one file, however large it all is. What
cannot be read, or is not what was given, is listed as missing, and the rest goes on.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from django.core.files import File

from agencies.models import AssignmentRole
from indicators.models import Register
from reports.bundles.archive import CHUNK, Archive
from reports.bundles.contents import (
    GONE,
    attached_of,
    evidence_seen,
    folders_of,
    left_out,
    path_of,
)
from reports.bundles.names import numbered
from reports.bundles.papers import Papers, Place
from reports.plan import PlanIndicator, PlanQuestion, plan_of
from reports.stamp import stamp_of
from reports.workbook.matrices import matrices_of, write_matrices
from submissions.actions import bundling, making
from submissions.actions.making import Clock
from submissions.models import Bundle, Evidence

BATCH = 100  # evidences read from the database at once
EVERY = 1.0  # seconds between two signs of life
MATRICES = "Matriks"

ALTERED = "isi berkas tidak sama dengan yang diunggah (sidik SHA-256 berbeda)"
NOBODY = "belum ada pengampu"
UNANSWERED = "belum dijawab"
BARE = "dijawab tanpa data dukung"
REQUIRED = ", padahal wajib"


class UnreadableError(Exception):
    """The store does not give the bytes; the message is the reason for the manifest."""


class Item(NamedTuple):
    """What stands at a question: an evidence, or an answer that has none (with the reason)."""

    question: int
    evidence: int = 0
    office: str = ""
    reason: str = ""


def pack(pk: int, *, clock: Clock) -> bool:
    """Make the bundle, if it is still wanted and its requester still may; says whether it did."""
    return making.run(
        Bundle.objects.select_related(
            "by__agency", "assessment__region", "assessment__instrument", "agency"
        ),
        pk,
        clock=clock,
        may=bundling.may_have,
        make=_make,
        done=bundling.exported,
    )


def _make(bundle: Bundle, clock: Clock) -> dict[str, int]:
    archive = Archive(bundle.draft, clock())
    try:
        packed, missing = _write(bundle, archive, clock)
        size = archive.close()
    except BaseException:
        archive.abandon()
        raise
    return {"size": size, "missing": missing, "done_files": packed}


def _write(bundle: Bundle, archive: Archive, clock: Clock) -> tuple[int, int]:
    """Everything into the archive, in the order of the instrument; how much of the evidence is in
    it, and how much is missing.
    """
    stamp = stamp_of(bundle.assessment, by=bundle.by, now=clock())
    bundle.desk.mkdir(mode=0o700)
    papers = Papers(stamp, bundle.scope, bundle.desk)
    try:
        items = _items(bundle)
        bundle.total_files = sum(1 for each in items if each.evidence)
        progress = _Progress(bundle, clock)
        _Packer(bundle, archive, papers, progress).pack(items)
        for name, register in _registers(bundle):
            matrix = matrices_of(
                bundle.assessment, bundle.by, registers=[register], agency=bundle.agency_id
            )
            with tempfile.TemporaryFile(dir=bundle.desk) as target:
                write_matrices(matrix, target, stamp, folder=str(bundle.desk))
                papers.paper(name, archive.add_file(name, target).sha256)
            progress.tell()
        papers.close_into(archive)
    finally:
        papers.discard()
        shutil.rmtree(bundle.desk, ignore_errors=True)
    return papers.files, papers.gaps


def _items(bundle: Bundle) -> list[Item]:
    """What is to be packed and what is known to be missing, as numbers. Three queries."""
    having, proved = attached_of(bundle)
    bare: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    asked = set()
    for pk, question, role, office, answered in (
        bundle.responses()
        .order_by("submission__agency__name", "pk")
        .values_list("pk", "question_id", "role", "submission__agency__name", "answered_at")
    ):
        asked.add(question)
        if pk not in proved and role != AssignmentRole.SUPPORT:
            bare[question].append((office, answered is not None))
    items: list[Item] = []
    for each in _questions(bundle):
        if each.pk not in asked:
            if bundle.agency_id is None:
                items.append(Item(each.pk, reason=NOBODY))
            continue
        items += [Item(each.pk, evidence) for evidence in having.get(each.pk, ())]
        more = REQUIRED if each.evidence_required else ""
        items += [
            Item(each.pk, 0, office, BARE + more if answered else UNANSWERED)
            for office, answered in bare[each.pk]
        ]
    return items


def _questions(bundle: Bundle) -> Iterator[PlanQuestion]:
    """The questions of the part, in the instrument's order."""
    for indicator in _indicators(bundle):
        yield from indicator.questions


def _indicators(bundle: Bundle) -> Iterator[PlanIndicator]:
    for each in plan_of(bundle.assessment.instrument).indicators:
        wanted = each.code == bundle.indicator if bundle.indicator else True
        if wanted and (not bundle.cluster or each.cluster == bundle.cluster):
            yield each


def _registers(bundle: Bundle) -> Iterator[tuple[str, Register]]:
    """The registers that these questions draw on, and the path of each one's matrix."""
    questions = [each.pk for each in _questions(bundle)]
    taken: set[str] = set()
    used = Register.objects.filter(instrument=bundle.assessment.instrument_id)
    for register in used.filter(questions__in=questions).distinct().order_by("pk"):
        yield numbered(MATRICES, register.name, "", ".xlsx", taken), register


class _Progress:
    """Signs of life, at most one a second."""

    def __init__(self, bundle: Bundle, clock: Clock) -> None:
        self.bundle, self.clock = bundle, clock
        self.files = self.bytes = 0
        self.last = 0.0

    def tell(self) -> None:
        """Raises SupersededError where the bundle is no longer wanted from us."""
        if time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        making.beat(
            self.bundle,
            now=self.clock(),
            total_files=self.bundle.total_files,
            done_files=self.files,
            done_bytes=self.bytes,
        )


class _Packer:
    """Puts the items into the archive, one after the other."""

    def __init__(
        self, bundle: Bundle, archive: Archive, papers: Papers, progress: _Progress
    ) -> None:
        self.bundle, self.archive, self.papers, self.progress = bundle, archive, papers, progress
        plan = plan_of(bundle.assessment.instrument)
        self.questions = plan.questions
        self.folders = folders_of(plan)
        self.taken: set[str] = set()

    def pack(self, items: list[Item]) -> None:
        for at in range(0, len(items), BATCH):
            some = items[at : at + BATCH]
            keys = {each.evidence for each in some if each.evidence}
            seen = {each.pk: each for each in evidence_seen(self.bundle.by, keys)}
            for item in some:
                self._one(item, seen.get(item.evidence))
                self.progress.files += bool(item.evidence)
                self.progress.tell()

    def _one(self, item: Item, evidence: Evidence | None) -> None:
        question = self.questions[item.question]
        place = Place(question.cluster, question.indicator, question.code, question.text)
        reason = item.reason or left_out(evidence, self.bundle.by)
        if evidence is None:
            self.papers.gap(place, office=item.office, reason=reason)
        elif reason:
            self._gap(place, evidence, reason)
        else:
            self._file(place, evidence)

    def _gap(self, place: Place, evidence: Evidence, reason: str) -> None:
        office = evidence.agency.name
        self.papers.gap(place, office=office, reason=reason, name=evidence.name, url=evidence.url)

    def _file(self, place: Place, evidence: Evidence) -> None:
        """Pack a file and check what was packed; where it is not what was given, take it back."""
        blob = evidence.blob
        assert blob is not None  # noqa: S101  (asked by the caller)
        folder, year = self.folders[place.indicator], self.bundle.assessment.data_year
        path = path_of(folder, place.question, evidence, year, self.taken)
        reason = ""
        try:
            packed = self.archive.add(path, self._chunks(evidence), size=blob.size)
        except UnreadableError as error:
            reason = str(error)
        else:
            if packed.sha256 != blob.sha256:
                reason = ALTERED
        if reason:
            self.archive.take_back()
            self.taken.discard(path.casefold())
            self._gap(place, evidence, reason)
            return
        about = (evidence.get_kind_display(), evidence.document_number, evidence.document_date)
        self.papers.file(
            place,
            path,
            packed.sha256,
            packed.size,
            office=evidence.agency.name,
            name=evidence.name,
            about=about,
        )

    def _chunks(self, evidence: Evidence) -> Iterator[bytes]:
        """The bytes as the store gives them; its errors are ours to tell from the disk's."""
        assert evidence.blob is not None  # noqa: S101
        field = evidence.blob.file
        try:
            file = field.storage.open(str(field.name), "rb")
        except FileNotFoundError:
            raise UnreadableError(GONE) from None
        except OSError as error:
            raise UnreadableError(_reason(error)) from None
        try:
            while chunk := _read(file):
                self.progress.bytes += len(chunk)
                self.progress.tell()
                yield chunk
        finally:
            with suppress(OSError):
                file.close()


def _read(file: File[bytes]) -> bytes:
    try:
        return bytes(file.read(CHUNK))
    except OSError as error:
        raise UnreadableError(_reason(error)) from None


def _reason(error: OSError) -> str:
    code = f" (kode {error.errno})" if error.errno else ""
    return f"berkasnya tidak dapat dibaca dari penyimpanan{code}"
