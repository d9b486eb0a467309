"""Every hostile file that we could think of, at the door that it would come to: refused with a
sentence or stored as something harmless, with hardly any work. The figure stands in docs/trust.md.
"""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from PIL import Image, PngImagePlugin

from indicators.resources.reading import WrongFileError, read_sheets
from tests import wrong_files
from tests.indicators.test_reading import REFUSED as SHEETS
from tests.submissions import test_uploads as samples
from tests.submissions.test_uploads import PDF, bomb_png, check, package, picture
from tests.torture.results import record

LIMIT = 0.2  # seconds of work: recorded for docs/trust.md, since a busy machine is no broken test
ROOM = 20 * 1024 * 1024
LARGE = {"100,000 rows", "100,000 wide rows", "6,000 short rows"}  # honest sheets, only too long
XXE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    "<{0} xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>&a;</{0}>"
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><worksheet>&a9;</worksheet>"
)


def overlapping():
    """A thousand entries of the list that all mean the one part that is there."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", b"<x/>" * 20_000)
        again = file.infolist()[-1]
        for number in range(1_000):
            copy = zipfile.ZipInfo(f"xl/{number}.xml")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(copy, name, getattr(again, name))
            file.filelist.append(copy)
            file.NameToInfo[copy.filename] = copy
    return out.getvalue()


def with_shared_texts():
    """A workbook as Excel writes it, its texts in a part of their own."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("Isian").write_string(0, 0, "isi")
    book.close()
    return out.getvalue()


def many_entries_told():
    """A package whose last lines tell of 65,535 entries."""
    content = bytearray(package("xlsx"))
    at = content.rfind(b"PK\x05\x06")
    content[at + 8 : at + 12] = struct.pack("<HH", 65_535, 65_535)
    return bytes(content)


def wide_jpeg():
    """A photo that says it is 65,535 x 65,535."""
    content = bytearray(picture())
    at = content.find(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", 65_535, 65_535)
    return bytes(content)


def long_text_png():
    """A picture that carries a text which unfolds to fifty megabytes."""
    chunk = b"Comment\0\0" + zlib.compress(b"a" * 50_000_000, 9)
    body = b"zTXt" + chunk
    made = struct.pack(">I", len(chunk)) + body + struct.pack(">I", zlib.crc32(body))
    content = picture("PNG")
    return content[:33] + made + content[33:]


def moving_png():
    """A picture of two hundred pictures."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (400, 400), (n, 0, 0)) for n in range(200)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def talking_png():
    out = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def pdf_with(words):
    return PDF[:-7] + words + b"\n%%EOF\n"


def linked_away():
    """A package with a link of Unix out of it instead of a part."""
    out = io.BytesIO(package())
    with zipfile.ZipFile(out, "a") as file:
        link = zipfile.ZipInfo("word/../../../../etc/passwd")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return out.getvalue()


# At the door of evidence: refused.
EVIDENCE = {
    **{kind: (name, lambda made=made: made) for kind, name, made, _ in samples.REFUSED},
    **{
        f"png of {side}": ("bom.png", lambda side=side: bomb_png(side))
        for side in (6_400, 13_000, 60_000)
    },
    **{
        f"package: {kind}": ("bom.xlsx", lambda make=make: package("xlsx", extra=make()))
        for kind, make in samples.BOMBS.items()
    },
    "entries over each other": ("isi.xlsx", overlapping),
    "entries that are not there": ("isi.xlsx", many_entries_told),
    "a photo of four thousand megapixels": ("foto.jpg", wide_jpeg),
    "a text that unfolds in a picture": ("foto.png", long_text_png),
    "a link out of a package": ("isi.docx", linked_away),
    "a program of Windows as docx": ("isi.docx", lambda: b"MZ" + package()),
    "a script of a shell as pdf": ("sk.pdf", lambda: b"#!/bin/sh\nrm -rf /\n" + PDF),
    "postscript as pdf": ("sk.pdf", lambda: b"%!PS-Adobe-3.0\n%%EOF"),
    "pdf in two-byte letters": ("sk.pdf", lambda: PDF.decode().encode("utf-16")),
    "rtf as docx": ("isi.docx", lambda: b"{\\rtf1 \\object\\objdata 01050000}"),
    "gzip as xlsx": ("isi.xlsx", lambda: zlib.compress(package("xlsx"))),
    "svg as png": ("foto.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
    "webp as jpg": ("foto.jpg", lambda: picture("WEBP")),
    "tiff as jpg": ("foto.jpg", lambda: picture("TIFF")),
    "bmp as png": ("foto.png", lambda: picture("BMP")),
    "mhtml": ("laman.mht", lambda: b"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>x"),
    "a shortcut of Windows": ("SK.pdf.lnk", lambda: b"L\0\0\0\x01\x14\x02\0"),
    "javascript": ("isi.js", lambda: b"alert(1)"),
    "php behind a picture's name": ("foto.jpg.php", lambda: picture() + b"<?php x ?>"),
}  # fmt: skip
# Taken, as something that can do nothing: what must not be left in the bytes that are kept.
HARMLESS = {
    "a script behind a photo": ("foto.jpg", lambda: picture() + b"<script>x</script>", b"<script"),
    "php behind a picture": ("foto.png", lambda: picture("PNG") + b"<?php x ?>", b"<?php"),
    "a script in a picture's remarks": ("foto.png", talking_png, b"<script"),
    "a picture of two hundred": ("foto.png", moving_png, b"fdAT"),
    "a package behind a photo": ("foto.jpg", lambda: picture() + package(), b"PK\x03\x04"),
}
# Taken as a PDF, which is sent in a sandbox and never drawn in our own process (tests/e2e).
AS_PDF = {
    "a page in a pdf": lambda: pdf_with(b"<html><script>x</script></html>"),
    "a package in a pdf": lambda: pdf_with(package()),
    "a script of a pdf": lambda: pdf_with(b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"),
    "a pdf that starts a program": lambda: pdf_with(b"<</S/Launch/F(cmd.exe)>>"),
    "a pdf that goes to an address": lambda: pdf_with(b"<</S/URI/URI(http://evil.example)>>"),
    "a pdf that goes round": lambda: pdf_with(b"2 0 obj<</Kids[2 0 R]/Type/Pages>>endobj"),
}
# At the door of sheets: refused, or read as the few cells that they have.
BOOKS = {
    **{kind: make for kind, (make, _) in SHEETS.items() if kind not in LARGE},
    **{
        f"{kind} (as people send it)": (lambda kind=kind: wrong_files.content_of(kind))
        for kind in (*wrong_files.SAME_EVERYWHERE, "one cell at XFD1048576")
        if kind not in LARGE
    },
    "another file through an entity": lambda: wrong_files.with_part(
        "xl/worksheets/sheet1.xml", XXE.format("worksheet")
    ),
    "an entity in the texts": lambda: wrong_files.with_part(
        "xl/sharedStrings.xml", XXE.format("sst"), base=with_shared_texts()
    ),
    "an entity in the workbook": lambda: wrong_files.with_part(
        "xl/workbook.xml", XXE.format("workbook")
    ),
    "a thousand million laughs": lambda: wrong_files.with_part("xl/worksheets/sheet1.xml", LAUGHS),
    "a package that lies about its size": lambda: package(
        "xlsx", extra=[("xl/sheet1.xml", b"0" * (8 << 20))]
    ).replace(struct.pack("<I", 8 << 20), struct.pack("<I", 10)),
    "entries over each other": overlapping,
}  # fmt: skip
BOMBS = ("png of 13000", "package: much in one", "entries over each other")


def work(act, *arguments):
    """The seconds of work of an act, and what it raised."""
    began, raised = time.thread_time(), None
    try:
        act(*arguments)
    except Exception as error:  # noqa: BLE001  (the kind is what is looked at)
        raised = error
    return time.thread_time() - began, raised


def test_openpyxl_reads_with_the_guard_against_entities():
    assert openpyxl.DEFUSEDXML is True


def test_every_hostile_file_is_handled():
    check("SK.pdf", PDF)  # what is loaded once is not the file's doing
    read_sheets(wrong_files.written(2))
    seconds, wrong = {}, []
    for kind, (name, make) in EVIDENCE.items():
        seconds[kind], raised = work(check, name, make())
        if not isinstance(raised, ValidationError):
            wrong.append((kind, raised))
    for kind, make in BOOKS.items():
        seconds[f"sheet: {kind}"], raised = work(read_sheets, make())
        if not isinstance(raised, WrongFileError) and "XFD1048576" not in kind:
            wrong.append((kind, raised))
    for kind, (name, make, gone) in HARMLESS.items():
        content, kept = make(), []
        seconds[kind], _ = work(lambda: kept.append(check(name, content).content.read()))  # noqa: B023
        if not kept or gone in kept[0]:
            wrong.append((kind, gone))
    for kind, make in AS_PDF.items():
        content, kept = make(), []
        seconds[kind], _ = work(lambda: kept.append(check("sk.pdf", content).content_type))  # noqa: B023
        if kept != ["application/pdf"]:
            wrong.append((kind, kept))
    slowest = max(seconds, key=seconds.__getitem__)
    longest = seconds[slowest]
    record(
        "hostile_files",
        figure=f"{len(wrong)} taken of {len(seconds)}; the slowest {longest:.3f} s ({slowest})",
        reached=not wrong and len(seconds) >= 60 and longest < LIMIT,
        test="tests/faults/test_hostile_files.py",
    )
    assert wrong == []
    assert len(seconds) >= 60


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_takes_no_memory(kind):
    name, make = EVIDENCE[kind]
    content = make()
    tracemalloc.start()
    with pytest.raises(ValidationError):
        check(name, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < ROOM
