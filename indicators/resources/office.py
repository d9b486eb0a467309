"""What an office file (XLSX, DOCX, PPTX) really is: counted and named through, never parsed.

So no bomb, no macro and nothing hidden inside reaches a parser. Evidence and sheets ask here, each
with its own sentences.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

CHUNK = 64 * 1024
ENTRIES = 2_000
DIRECTORY = 1024 * 1024
UNPACKED = 64 * 1024 * 1024
RATIO = 100
SMALL = 100 * 1024  # below this a good ratio is no bomb
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NESTED = (".zip", ".docx", ".xlsx", ".pptx", ".xlsm", ".docm", ".jar", ".7z", ".rar", ".exe")
FOLDER = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


class PackageError(Exception):
    """Why a package is refused, in one word: `no_package`, `locked` (a password or the old format),
    `bomb`, `macro`, `nested`, `other_kind` (a package of something else) or `broken`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def look_into(source: IO[bytes], extension: str) -> list[zipfile.ZipInfo]:
    """Its parts, if it is what the extension says; PackageError otherwise."""
    source.seek(0)
    start = source.read(8)
    if start == OLE:
        raise PackageError("locked")
    if not start.startswith(ZIP):
        raise PackageError("no_package")
    if not _directory_is_small(source):
        raise PackageError("bomb")
    try:
        with zipfile.ZipFile(source) as package:
            entries = package.infolist()
            _judge_names(entries, extension)
            _judge_sizes(entries)
            _read_through(package, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise PackageError("broken") from None
    return entries


def _directory_is_small(source: IO[bytes]) -> bool:
    """What the end of a package says of its list of contents, before anything reads that list."""
    source.seek(0, io.SEEK_END)
    length = source.tell()
    source.seek(max(0, length - 66_000))
    tail = source.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return True  # no package at all: opening it says so
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    return entries <= ENTRIES and size <= DIRECTORY


def _judge_names(entries: list[zipfile.ZipInfo], extension: str) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > ENTRIES:
        raise PackageError("bomb")
    for each in names:
        parts = each.replace("\\", "/").split("/")
        if each.startswith(("/", "\\")) or ".." in parts or ":" in each:
            raise PackageError("bomb")
    small = [each.lower() for each in names]
    if any(each.endswith("vbaproject.bin") for each in small):
        raise PackageError("macro")
    if any(each.endswith(NESTED) for each in small):
        raise PackageError("nested")
    others = [folder for kind, folder in FOLDER.items() if kind != extension]
    here = any(each.startswith(FOLDER[extension]) for each in names)
    elsewhere = any(each.startswith(tuple(others)) for each in names)
    if "[Content_Types].xml" not in names or not here or elsewhere:
        raise PackageError("other_kind")


def _judge_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise PackageError("locked")
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise PackageError("bomb")
    for entry in entries:
        if entry.file_size > SMALL and entry.file_size > RATIO * max(entry.compress_size, 1):
            raise PackageError("bomb")


def _read_through(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Count what really comes out; the headers may lie."""
    total = 0
    for entry in entries:
        with package.open(entry) as part:
            first = True
            while chunk := part.read(CHUNK):
                total += len(chunk)
                if total > UNPACKED:
                    raise PackageError("bomb")
                if first and chunk.startswith((ZIP, b"MZ")):
                    raise PackageError("bomb")
                if first and entry.filename == "[Content_Types].xml" and b"macroEnabled" in chunk:
                    raise PackageError("macro")
                first = False
