"""`verify_evidence`: no row without its bytes, and no file without a row for ever."""

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from submissions.models import Blob

BYTES = b"%PDF-1.4 surat keputusan"


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings, db):
    settings.MEDIA_ROOT = tmp_path


def stored(content: bytes = BYTES, name: str = "data-dukung/ab/satu.pdf") -> Blob:
    default_storage.save(name, ContentFile(content))
    return Blob.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content_type="application/pdf",
        file=name,
    )


def orphan(age: timedelta, name: str = "data-dukung/cd/yatim.pdf") -> Path:
    default_storage.save(name, ContentFile(b"yatim"))
    path = Path(default_storage.path(name))
    at = (timezone.now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def run(*flags: str) -> tuple[str, str, int]:
    """What is said, what is complained of, and the exit code."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_evidence", *flags, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), error.returncode
    return out.getvalue(), err.getvalue(), 0


def test_a_whole_storage_has_no_differences():
    stored()
    assert run() == (
        "1 files of evidence checked, 0 missing or altered; 0 orphans, 0 removed.\n", "", 0
    )  # fmt: skip


def test_an_empty_storage_has_no_differences():
    assert run() == (
        "0 files of evidence checked, 0 missing or altered; 0 orphans, 0 removed.\n", "", 0
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (None, "missing"),
        (BYTES[:-1], f"altered: {len(BYTES) - 1} bytes instead of {len(BYTES)}"),
        (BYTES[:-1] + b"X", "altered: the sha256 differs"),
    ],
)
def test_a_missing_or_altered_file_is_named_and_fails(now, said):
    blob = stored()
    stored(b"yang lain", "data-dukung/ab/dua.pdf")
    path = Path(blob.file.path)
    path.unlink() if now is None else path.write_bytes(now)
    out, err, code = run("--delete-orphans")
    assert (out, err, code) == (
        "2 files of evidence checked, 1 missing or altered; 0 orphans, 0 removed.\n",
        f"data-dukung/ab/satu.pdf: {said}\n",
        1,
    )


@pytest.mark.parametrize(
    ("flags", "hours", "said", "stays"),
    [
        ((), 25, "older than 24 hours", True),
        ((), 23, "younger than 24 hours", True),
        (("--delete-orphans",), 23, "younger than 24 hours", True),
        (("--delete-orphans",), 25, "removed", False),
    ],
)
def test_an_orphan_goes_only_when_asked_and_old(flags, hours, said, stays):
    kept = stored()
    path = orphan(timedelta(hours=hours))
    out, err, code = run(*flags)
    assert (out, err, code) == (
        f"orphan: data-dukung/cd/yatim.pdf ({said})\n"
        "1 files of evidence checked, 0 missing or altered; "
        f"1 orphans, {int(not stays)} removed.\n",
        "",
        0,
    )
    assert (path.exists(), Path(kept.file.path).exists()) == (stays, True)


def test_an_old_file_with_a_row_and_a_file_elsewhere_stay():
    kept = Path(stored().file.path)
    elsewhere = orphan(timedelta(days=9), "cadangan/kla.zip")
    old = (timezone.now() - timedelta(days=9)).timestamp()
    os.utime(kept, (old, old))
    run("--delete-orphans")
    assert (kept.exists(), elsewhere.exists()) == (True, True)
