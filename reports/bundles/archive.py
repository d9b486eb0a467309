"""The ZIP itself: stored, not compressed (documents are packed already), written file by file to a
disk, with ZIP64 where it is needed. Of the standard library (`docs/decisions/0022`).
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from indicators.wording import local

CHUNK = 256 * 1024
FIRST = 1980  # the years that a ZIP knows


class Packed(NamedTuple):
    sha256: str
    size: int


class Archive:
    """Takes one file after the other, and can take back the last."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")  # noqa: PTH123, SIM115
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        at = local(now)
        self._at = (max(at.year, FIRST), at.month, at.day, at.hour, at.minute, at.second)

    def add(self, name: str, chunks: Iterable[bytes], *, size: int) -> Packed:
        """Write a file of about that size (it says whether ZIP64 is needed); what was written."""
        info = zipfile.ZipInfo(name, self._at)
        info.file_size = size
        info.external_attr = 0o644 << 16
        digest, written = hashlib.sha256(), 0
        with self._zip.open(info, "w") as member:
            for chunk in chunks:
                digest.update(chunk)
                member.write(chunk)
                written += len(chunk)
        return Packed(digest.hexdigest(), written)

    def add_file(self, name: str, file: IO[bytes]) -> Packed:
        """The same of a file of ours, from its beginning."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        return self.add(name, iter(lambda: file.read(CHUNK), b""), size=size)

    def take_back(self) -> None:
        """As if the last file had never been written."""
        info = self._zip.filelist.pop()
        del self._zip.NameToInfo[info.filename]
        self._zip.start_dir = info.header_offset
        self._file.flush()
        self._file.truncate(info.header_offset)

    def close(self) -> int:
        """Write the directory and wait until the disk has everything; the size of the whole."""
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._path.stat().st_size

    def abandon(self) -> None:
        """Let go of it and remove it."""
        self._file.close()
        self._zip.fp = None  # so that nothing is written when it is forgotten
        self._path.unlink(missing_ok=True)
