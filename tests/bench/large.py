"""A bundle as large as a city's, by the job that production runs: python -m tests.bench.large [GB].

Files of 25 MB (the most that one may have) that are holes on the disk and so cost no room; the
bundle itself needs as much as it holds, in TMPDIR. Prints how long packing took, what memory it
took beyond that of a bundle of one file, and what unzip says of the result. Not in CI: 10 GB take
minutes.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

LARGEST = 25 * 10**6


def main() -> int:
    """Pack, measure, and let another program read it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large", description=__doc__)
    parser.add_argument("gigabytes", nargs="?", type=float, default=10)
    count = int(parser.parse_args().gigabytes * 10**9 / LARGEST)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.conf import settings  # noqa: PLC0415  (they are made just now)
    from django.db import connection  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="kla-large-") as folder:
        settings.MEDIA_ROOT = Path(folder) / "media"
        settings.BUNDLE_ROOT = Path(folder) / "bundles"
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
        connection.creation.create_test_db(verbosity=0)
        try:
            return measured(count)
        finally:
            connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


def measured(count: int) -> int:
    """One file first, so that what every bundle needs is loaded; then all of them."""
    from tests.office import program  # noqa: PLC0415
    from tests.reports import world  # noqa: PLC0415

    found = world.world()
    blob = hole(LARGEST)
    many(found, blob, 1)
    packed(found)
    before = memory()
    many(found, blob, count - 1)
    start = time.monotonic()
    bundle = packed(found)
    took = time.monotonic() - start
    grown = memory() - before
    start = time.monotonic()
    said = subprocess.run(
        [program("unzip"), "-tq", str(bundle.path)], capture_output=True, text=True, check=False
    )
    sys.stdout.write(
        f"{bundle.size / 10**9:.2f} GB of {bundle.total_files} files in {took:.0f} s "
        f"({bundle.size / took / 10**6:.0f} MB/s); memory {before / 2**20:.0f} MiB with one file, "
        f"{grown / 2**20:+.1f} MiB with all; unzip -t {time.monotonic() - start:.0f} s: "
        f"{said.stdout.strip().replace(str(bundle.path), 'the bundle')}\n"
    )
    return said.returncode


def memory() -> int:
    """The most that this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def hole(size: int):
    """Bytes that the disk does not store."""
    from django.core.files.base import ContentFile  # noqa: PLC0415

    from submissions.models import Blob  # noqa: PLC0415

    digest = hashlib.sha256(bytes(size)).hexdigest()
    blob = Blob(sha256=digest, size=size, content_type="application/pdf")
    blob.file.save("data-dukung/00/lubang.pdf", ContentFile(b""))
    os.truncate(blob.file.path, size)
    blob.save()
    return blob


def many(found, blob, count: int) -> None:
    """So many documents of it at one answer."""
    from submissions.models import Evidence, EvidenceLink  # noqa: PLC0415

    response, by = found.response("1.1"), found.users["verifikator"]
    for number in range(count):
        evidence = Evidence.objects.create(
            agency=found.dinas, name=f"Berkas {number}.pdf", blob=blob, created_by=by
        )
        EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)


def packed(found):
    """A bundle of all of it, by the task of the worker."""
    from django.utils import timezone  # noqa: PLC0415

    from reports import tasks  # noqa: PLC0415
    from submissions.actions import bundling  # noqa: PLC0415
    from submissions.models import Bundle  # noqa: PLC0415

    Bundle.objects.all().delete()
    by = found.users["verifikator"]
    bundle = bundling.ask(found.assessment, by=by, now=timezone.now())
    tasks.pack.call(bundle.pk)
    bundle.refresh_from_db()
    return bundle


if __name__ == "__main__":
    sys.exit(main())
