"""Samples of what people and attackers send: taken or refused, with a sentence."""

import io
import random
import struct
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image

from submissions.forms import uploads

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
FOLDERS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def picture(form="JPEG", size=(40, 20), mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def package(kind="docx", *, types=b"<Types/>", extra=(), without=()) -> bytes:
    entries = [("[Content_Types].xml", types), (FOLDERS[kind], b"<x/>"), *extra]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            if name not in without:
                file.writestr(name, content)
    return out.getvalue()


def encrypted(content: bytes) -> bytes:
    """The flag "encrypted" set on every entry, here and in the list at the end."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(signature, at + 1)
    return bytes(changed)


def bomb_png(side: int) -> bytes:
    """A picture that only says how large it is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def check(name: str, content: bytes, content_type: str = "text/html"):
    return uploads.check(SimpleUploadedFile(name, content, content_type))


OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("SK.pdf", PDF, "application/pdf"),
        ("SK.PDF", PDF, "application/pdf"),
        ("foto.jpg", picture(), "image/jpeg"),
        ("foto.jpeg", picture(), "image/jpeg"),
        ("cmyk.jpg", picture(mode="CMYK"), "image/jpeg"),
        ("bagan.png", picture("PNG", mode="RGBA"), "image/png"),
        ("palet.png", picture("PNG", mode="P"), "image/png"),
        ("laporan.docx", package("docx"), f"{OFFICE}.wordprocessingml.document"),
        ("tabel.xlsx", package("xlsx"), f"{OFFICE}.spreadsheetml.sheet"),
        ("paparan.pptx", package("pptx"), f"{OFFICE}.presentationml.presentation"),
    ],
)
def test_what_is_taken_is_known_by_its_bytes_and_not_by_what_the_browser_says(
    name, content, content_type
):
    assert check(name, content).content_type == content_type


REFUSED = [
    ("legacy word", "surat.doc", OLE, "unknown"),
    ("legacy excel", "data.xls", OLE, "unknown"),
    ("macro word", "surat.docm", package("docx"), "unknown"),
    ("macro excel", "data.xlsm", package("xlsx"), "unknown"),
    ("macros inside", "surat.docx", package(extra=[("word/vbaProject.bin", b"x")]), "macro"),
    ("macro type", "surat.docx", package(types=b"macroEnabled.main+xml"), "macro"),
    ("svg", "gambar.svg", b"<svg onload='x'/>", "unknown"),
    ("html", "laman.html", b"<script>x</script>", "unknown"),
    ("html after a pdf's name", "laman.pdf.html", PDF, "unknown"),
    ("zip", "semua.zip", package(), "unknown"),
    ("executable", "alat.exe", b"MZ\x90", "unknown"),
    ("no extension", "berkas", PDF, "unknown"),
    ("no name but an extension", ".pdf", PDF, "unknown"),
    ("executable named pdf", "alat.pdf", b"MZ\x90" + b"\0" * 100, "other_kind"),
    ("html named pdf", "laman.pdf", b"<html>" + PDF, "other_kind"),
    ("pdf that does not begin at once", "sk.pdf", b"\n" + PDF, "other_kind"),
    ("cut pdf", "sk.pdf", PDF[:30], "broken"),
    ("locked pdf", "sk.pdf", PDF.replace(b"<</Root", b"<</Encrypt 5 0 R/Root"), "locked"),
    ("picture named pdf", "foto.pdf", picture(), "other_kind"),
    ("png named jpg", "foto.jpg", picture("PNG"), "other_kind"),
    ("gif named png", "foto.png", picture("GIF"), "other_kind"),
    ("cut jpg", "foto.jpg", picture()[:200], "broken"),
    ("cut png", "foto.png", picture("PNG")[:45], "broken"),
    ("zip named docx", "isi.docx", package(without=("[Content_Types].xml",)), "other_kind"),
    ("workbook named docx", "isi.docx", package("xlsx"), "other_kind"),
    ("both kinds", "isi.docx", package(extra=[("xl/workbook.xml", b"x")]), "other_kind"),
    ("text named xlsx", "isi.xlsx", b"a;b;c", "other_kind"),
    ("locked office file", "isi.docx", OLE, "locked"),
    ("locked entries", "isi.docx", encrypted(package()), "locked"),
    ("package inside", "isi.docx", package(extra=[("word/embeddings/a.xlsx", b"x")]), "nested"),
    ("package under another name", "isi.docx", package(extra=[("word/a.xml", package())]), "bomb"),
    ("way out", "isi.docx", package(extra=[("word/../../etc/passwd", b"x")]), "bomb"),
    ("way from the root", "isi.docx", package(extra=[("/etc/passwd", b"x")]), "bomb"),
    ("way of windows", "isi.docx", package(extra=[("C:evil", b"x")]), "bomb"),
    ("broken package", "isi.docx", package()[:-30], "broken"),
    ("empty", "kosong.pdf", b"", "empty"),
]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_is_refused_says_which_file_and_why(name, content, code):
    with pytest.raises(ValidationError) as refused:
        check(name, content)
    [error] = refused.value.error_list
    assert error.code == code
    assert error.message.startswith(f"{uploads.clean_name(name)} tidak diterima. ")


@pytest.mark.parametrize(
    "content",
    [PDF[:-7] + b"<html><script>x</script></html>\n%%EOF", PDF[:-7] + package() + b"%%EOF"],
    ids=["pdf and html", "pdf and zip"],
)
def test_what_is_two_things_at_once_is_stored_as_the_one_that_we_say(content):
    taken = check("sk.pdf", content)
    assert (taken.content_type, taken.content.read()) == ("application/pdf", content)


def test_a_script_behind_a_picture_is_not_kept():
    taken = check("foto.jpg", picture() + b"<script>alert(1)</script>")
    assert b"<script>" not in taken.content.read()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_where_a_photo_was_taken_is_not_kept_and_it_stands_upright(form):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[2] = (6.0, 52.0, 21.0)
    exif[0x010F] = "Kamera Anak"
    content = picture(form, exif=exif)
    taken = check(f"foto.{form.lower()}", content).content
    with Image.open(taken) as image:
        assert (image.size, dict(image.getexif())) == ((20, 40), {})
    taken.seek(0)
    assert b"Kamera Anak" not in taken.read()
    assert b"Kamera Anak" in content


@pytest.mark.parametrize("side", [6_400, 13_000, 60_000])
def test_a_picture_that_unfolds_too_far_is_refused(side):
    with pytest.raises(ValidationError) as refused:
        check("bom.png", bomb_png(side))
    assert refused.value.error_list[0].code == "too_big"


BOMBS = {
    "much in one": lambda: [("xl/sheet1.xml", b"0" * (8 << 20))],
    "too many": lambda: [(f"xl/{n}.xml", b"<x/>") for n in range(2_001)],
    "too much in all": lambda: [
        (f"xl/{n}.xml", random.Random(n).randbytes(16_000) * 60)  # noqa: S311
        for n in range(72)
    ],
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_package_that_unfolds_too_far_is_refused(kind):
    content = package("xlsx", extra=BOMBS[kind]())
    with pytest.raises(ValidationError) as refused:
        check("bom.xlsx", content)
    assert refused.value.error_list[0].code == "bomb"


def test_a_package_that_lies_about_its_size_is_counted():
    lying = bytearray(package("xlsx", extra=[("xl/sheet1.xml", b"0" * (8 << 20))]))
    true, told = struct.pack("<I", 8 << 20), struct.pack("<I", 10)
    changed = bytes(lying).replace(true, told)
    assert changed != bytes(lying)
    with pytest.raises(ValidationError):
        check("bom.xlsx", changed)


@override_settings(EVIDENCE_MAX_BYTES=1024 * 1024)
def test_a_file_over_the_limit_says_the_limit():
    with pytest.raises(ValidationError) as refused:
        check("sk.pdf", PDF + b"0" * 1024 * 1024)
    assert "Paling besar 1 MB per berkas" in refused.value.messages[0]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("SK Wali Kota.pdf", "SK Wali Kota.pdf"),
        ("/etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\ibu\\SK.pdf", "SK.pdf"),
        ("..\\..\\SK.pdf", "SK.pdf"),
        (".htaccess", "htaccess"),
        ("...pdf", "pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("gambar\u202efdp.exe", "gambarfdp.exe"),
        ("a\0b.pdf", "ab.pdf"),
        ("a\u200b  b\t.pdf", "a b.pdf"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
        ("", "berkas"),
        ("\u202e", "berkas"),
        ("x.pdf.html", "x.pdf.html"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 300, "a" * 120),
        ("b." + "x" * 300, "b." + "x" * 10),
    ],
)
def test_a_name_is_readable_and_harmless(raw, clean):
    assert uploads.clean_name(raw) == clean


def test_the_same_photo_is_the_same_bytes_again():
    first, second = check("a.jpg", picture()), check("b.jpg", picture())
    assert first.sha256 == second.sha256
