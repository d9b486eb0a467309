"""The bundle's own papers, written while it is packed: contents, manifest, sums."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from indicators.wording import number, ukuran
from reports.bundles.archive import Archive
from reports.stamp import Stamp
from reports.workbook.sheets import FITTED, Column, Sheets, fit, fitting, put

CONTENTS, MANIFEST, SUMS = "Daftar isi.xlsx", "manifest.json", "SHA256SUMS.txt"

FILES = (
    Column("Klaster", 9),
    Column("Indikator", 10),
    Column("Pertanyaan", 11),
    Column("Bunyi pertanyaan", 60),
    Column("Perangkat daerah", 34),
    Column("Nama data dukung", 44),
    Column("Jenis", 18),
    Column("Nomor", 18),
    Column("Tanggal dokumen", 18, "day"),
    Column("Ukuran", 10),
    Column("Berkas dalam bundel", 70),
    Column("SHA-256", 24),
)
GAPS = (
    Column("Klaster", 9),
    Column("Indikator", 10),
    Column("Pertanyaan", 11),
    Column("Bunyi pertanyaan", 60),
    Column("Perangkat daerah", 34),
    Column("Nama data dukung", 44),
    Column("Sebab tidak ada", 50),
    Column("Tautan", 44),
)
FACTS = (Column("Bundel data dukung", 26), Column("", 80))


class Place(NamedTuple):
    """The question that something belongs to."""

    cluster: str
    indicator: str
    question: str
    text: str


class Papers:
    """Takes what went in and what is missing, line by line, to files on the disk."""

    def __init__(self, stamp: Stamp, scope: str, folder: Path) -> None:
        self._stamp, self._scope, self._folder = stamp, scope, folder
        self.files = self.gaps = 0
        self._size, self._closed = 0, False
        self._books, self._listed, self._missing, self._sums = (self._draft() for _ in range(4))
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        more = {"strings_to_numbers": False, "tmpdir": str(folder)}
        self._book = xlsxwriter.Workbook(self._books, {**options, **more})
        self._sheets = Sheets(self._book, foot=f"Bundel data dukung, {stamp.foot}")
        self._facts = self._book.add_worksheet("Ringkasan")
        self._of_files = self._sheets.add("Berkas", FILES)
        self._of_gaps = self._sheets.add("Tidak ada", GAPS)

    def _draft(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder)

    def file(
        self,
        place: Place,
        path: str,
        sha256: str,
        size: int,
        *,
        office: str,
        name: str,
        about: Sequence[object] = ("", "", None),
    ) -> None:
        """A file of evidence that is in the bundle; `about` is its kind, number and date."""
        self.files += 1
        self._size += size
        cells = (*place, office, name, *about, ukuran(size), path, sha256)
        self._row(self._of_files, self.files, FILES, cells)
        told = {"berkas": path, "sha256": sha256, "ukuran": size, **place._asdict()}
        self._line(self._listed, told | {"perangkat_daerah": office, "nama": name})
        self.paper(path, sha256)

    def paper(self, path: str, sha256: str) -> None:
        """Any file of the bundle, for the sums."""
        self._sums.write(f"{sha256}  {path}\n".encode())

    def gap(self, place: Place, *, office: str, reason: str, name: str = "", url: str = "") -> None:
        """Something that is not in the bundle, and why."""
        self.gaps += 1
        cells = (*place, office, name, reason, url)
        self._row(self._of_gaps, self.gaps, GAPS, cells)
        told = {**place._asdict(), "perangkat_daerah": office, "nama": name, "sebab": reason}
        self._line(self._missing, told | ({"tautan": url} if url else {}))

    def close_into(self, archive: Archive) -> None:
        """Write the summary, and put all into the bundle; the sums are the last."""
        self._summarize()
        for sheet, columns, count in (
            (self._of_files, FILES, self.files),
            (self._of_gaps, GAPS, self.gaps),
        ):
            sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        self._close_book()
        self.paper(CONTENTS, archive.add_file(CONTENTS, self._books).sha256)
        with self._draft() as manifest:
            self._compose(manifest)
            self.paper(MANIFEST, archive.add_file(MANIFEST, manifest).sha256)
        archive.add_file(SUMS, self._sums)
        self.discard()

    def discard(self) -> None:
        """Let the drafts go; they have no name on the disk."""
        with suppress(OSError, XlsxWriterException):
            self._close_book()  # its own drafts too, where the packing broke off
        for draft in (self._books, self._listed, self._missing, self._sums):
            draft.close()

    def _close_book(self) -> None:
        if not self._closed:
            self._closed = True
            self._book.close()

    def _summarize(self) -> None:
        self._sheets.head_row(self._facts, FACTS, start=0)
        facts = [
            ("Isi", self._scope),
            *self._stamp.facts,
            ("Berkas", f"{number(self.files)} ({ukuran(self._size)})"),
            ("Tidak ada", f"{number(self.gaps)}, dengan sebabnya pada lembar Tidak ada"),
            ("Pemeriksaan", f"sha256sum --check {SUMS}; rinciannya dalam {MANIFEST}"),
        ]
        for at, (label, text) in enumerate(facts, 1):
            self._facts.write_string(at, 0, label, self._sheets.strong["text"])
            self._facts.write_string(at, 1, fitting(text), self._sheets.formats["text"])

    def _row(
        self, sheet: Worksheet, at: int, columns: Sequence[Column], cells: Sequence[object]
    ) -> None:
        if at <= FITTED:
            fit(sheet, at, columns, cells)
        for index, (column, value) in enumerate(zip(columns, cells, strict=True)):
            put(sheet, at, index, value, self._sheets.formats[column.kind])

    @staticmethod
    def _line(draft: IO[bytes], told: dict[str, Any]) -> None:
        draft.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")

    def _compose(self, target: IO[bytes]) -> None:
        """One JSON object out of the lines, without holding them."""
        facts = dict(self._stamp.facts)
        head = {"bundel": self._scope, **facts, "jumlah_berkas": self.files}
        target.write(json.dumps(head, ensure_ascii=False, indent=1).encode().rstrip(b"\n}"))
        for key, draft in (("berkas", self._listed), ("tidak_ada", self._missing)):
            draft.seek(0)
            target.write(f',\n "{key}": ['.encode())
            for at, line in enumerate(draft):
                target.write((b"," if at else b"") + b"\n  " + line.rstrip(b"\n"))
            target.write(b"\n ]")
        target.write(b"\n}\n")
