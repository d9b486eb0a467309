"""A bundle of 68 documents of 1 MB, by the task that the worker runs, beside zipfile alone.

The whole of a city in gigabytes is `tests.bench.large`.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile
from django.utils import timezone

from agencies.models import User
from reports import tasks
from submissions.actions import bundling
from submissions.models import Blob, Bundle, Evidence, EvidenceLink
from tests.bench.figures import paired
from tests.bench.measure import Bench, UnmeasuredError
from tests.bench.sheets import peak_of

FILES, SIZE = 68, 1_000_000


def bundles(bench: Bench) -> None:
    """Time beside the library's, the time itself, and the peak of what Python holds."""
    by = User.objects.get(username="verifikator")
    with documents(bench, by) as (indicator, paths):

        def ours(_: int) -> None:
            Bundle.objects.filter(by=by).delete()
            asked = bundling.ask(bench.year, by=by, now=timezone.now(), indicator=indicator)
            tasks.pack.call(asked.pk)
            asked.refresh_from_db()
            if asked.error or asked.done_files < FILES or asked.size < FILES * SIZE:
                raise UnmeasuredError(f"the bundle has {asked.done_files} files: {asked.error}")
            asked.path.unlink()

        target = paths[0].parent / "lantai.zip"
        value, floor, steady = paired(ours, lambda _: plainly_packed(paths, target), times=7)
        name = f"bundle with {FILES} x 1 MB of evidence"
        bench.add(name, value / 1000, unit="s", most=1)
        bench.add(f"{name}, to zipfile alone", value, floor=floor, steady=steady, most=4)
        bench.add(f"{name}, peak", peak_of(lambda: ours(0)), unit="MiB", most=20)
        Bundle.objects.filter(by=by).delete()


def plainly_packed(paths: list[Path], target: Path) -> None:
    """The same bytes by the library, and safely on the disk: what any bundle costs."""
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for path in paths:
                archive.write(path, path.name)
        file.flush()
        os.fsync(file.fileno())
    target.unlink()


@contextmanager
def documents(bench: Bench, by: User) -> Iterator[tuple[str, list[Path]]]:
    """The documents at an answer of the year, for as long as it takes; its indicator and their
    files.
    """
    answer = bench.open_answers("choice").select_related("question__indicator").first()
    agency, blobs, given = answer.submission.agency, [], []
    for number in range(FILES):
        content = os.urandom(SIZE)
        blob = Blob(
            sha256=hashlib.sha256(content).hexdigest(), size=SIZE, content_type="application/pdf"
        )
        blob.file.save(f"data-dukung/00/ukur-{number}.pdf", ContentFile(content))
        blobs.append(blob)
        given.append(
            Evidence.objects.create(
                agency=agency, name=f"Bukti {number}.pdf", blob=blob, created_by=by
            )
        )
    EvidenceLink.objects.bulk_create(
        [EvidenceLink(response=answer, evidence=each, added_by=by) for each in given]
    )
    try:
        yield answer.question.indicator.code, [Path(each.file.path) for each in blobs]
    finally:
        EvidenceLink.objects.filter(evidence__in=given).delete()
        Evidence.objects.filter(pk__in=[each.pk for each in given]).delete()
        for blob in blobs:
            blob.delete()
            blob.file.storage.delete(blob.file.name)
