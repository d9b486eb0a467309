"""Small real files, each saying that it is an example: same words, same bytes."""

from __future__ import annotations

import hashlib
import textwrap
from datetime import UTC, datetime
from io import BytesIO

import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

from submissions.models import Blob

MARK = "DATA CONTOH"
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"pdf": PDF, "jpg": JPEG, "png": PNG, "xlsx": XLSX}
GREENS = [(11, 93, 87), (8, 64, 60), (63, 78, 158), (122, 79, 0), (86, 97, 93)]


def make(name: str, lines: list[str]) -> tuple[bytes, str]:
    """A file for a name that ends in pdf, jpg, png or xlsx, with these words, and its type."""
    suffix = name.rpartition(".")[2]
    if suffix == "pdf":
        return pdf([name.rpartition(".")[0], *lines]), PDF
    if suffix in {"jpg", "png"}:
        return picture([name.rpartition(".")[0], *lines], suffix), KINDS[suffix]
    return sheet([name.rpartition(".")[0], *lines]), XLSX


def pdf(lines: list[str]) -> bytes:
    """One page of A4 with a heading, lines of text and the mark across its foot."""
    rows = [row for line in lines[1:] for row in textwrap.wrap(line, 84) or [""]]
    text = [b"BT /F2 15 Tf 56 770 Td 20 TL"]
    text += [b"(%s) Tj T*" % _escaped(row) for row in textwrap.wrap(lines[0], 62)]
    text.append(b"/F1 11 Tf 16 TL T*")
    text += [b"(%s) Tj T*" % _escaped(row) for row in rows]
    text.append(b"ET 0.7 g BT /F2 34 Tf 56 90 Td (%s) Tj ET" % MARK.encode())
    stream = b"\n".join(text)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (id) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _escaped(row: str) -> bytes:
    data = row.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def picture(lines: list[str], suffix: str) -> bytes:
    """A plain "photograph": a coloured scene with its words, so that one is told from another."""
    key = hashlib.sha256("\n".join(lines).encode()).digest()
    image = Image.new("RGB", (640, 400), (247, 246, 242))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 260, 640, 400), fill=GREENS[key[0] % len(GREENS)])
    for place in range(3 + key[1] % 4):
        left, size = 40 + place * 92, 34 + key[2 + place] % 26
        draw.ellipse((left, 250 - size, left + size, 250), fill=GREENS[key[8 + place] % 5])
        draw.rectangle((left + 4, 250, left + size - 4, 300), fill=GREENS[key[9 + place] % 5])
    draw.text((24, 20), f"FOTO KEGIATAN - {MARK}", fill=(25, 33, 31), font=_font(26))
    for row, line in enumerate(textwrap.wrap(lines[0], 58)[:2]):
        draw.text((24, 62 + row * 24), line, fill=(86, 97, 93), font=_font(18))
    draw.text((24, 350), " · ".join(lines[1:3])[:70], fill=(255, 255, 255), font=_font(17))
    out = BytesIO()
    if suffix == "png":
        image.quantize(32).save(out, "PNG", optimize=True)
    else:
        image.save(out, "JPEG", quality=40)
    return out.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def sheet(lines: list[str]) -> bytes:
    """A small matrix: a heading and a few invented rows."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": lines[0], "created": datetime(2024, 1, 2, tzinfo=UTC)})
        page = book.add_worksheet("Matriks")
        page.write_string(0, 0, f"{lines[0]} - {MARK}")
        for column, title in enumerate(("No", "Uraian", "Tahun", "Keterangan")):
            page.write_string(2, column, title)
        for row, line in enumerate(lines[1:], start=1):
            page.write_number(2 + row, 0, row)
            page.write_string(2 + row, 1, line)
            page.write_string(2 + row, 3, "contoh")
        page.set_column(1, 1, 60)
    return out.getvalue()


def keep(data: bytes, content_type: str) -> Blob:
    """The blob of these bytes, stored once."""
    digest = hashlib.sha256(data).hexdigest()
    known = Blob.objects.filter(sha256=digest).first()
    if known is not None and default_storage.exists(str(known.file.name)):
        return known
    suffix = next(ending for ending, kind in KINDS.items() if kind == content_type)
    name = f"data-dukung/{digest[:2]}/{digest[:32]}.{suffix}"
    name = default_storage.save(name, ContentFile(data))
    if known is not None:
        Blob.objects.filter(pk=known.pk).update(file=name)
        return known
    return Blob.objects.create(sha256=digest, size=len(data), content_type=content_type, file=name)
