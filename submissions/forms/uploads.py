"""Files that people send: how much is read, what they really are, and under which name they go on.

Nothing here believes the browser: the kind comes from the bytes, the limit is counted while
reading, and no office file meets a parser.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import unicodedata
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    StopUpload,
    TemporaryFileUploadHandler,
)
from PIL import Image, ImageOps
from prometheus_client import Counter

from agencies.models import User
from indicators.resources import office
from indicators.wording import ukuran
from submissions.actions import pace
from submissions.actions.evidence import NAME_LENGTH
from submissions.actions.storing import CheckedFile
from submissions.wording import personal

CHUNK = 64 * 1024
PIXELS = 40_000_000
PDF = b"%PDF-"
KINDS = "PDF, JPG, PNG, XLSX, DOCX, atau PPTX"
ACCEPT = ".pdf,.jpg,.jpeg,.png,.xlsx,.docx,.pptx"
ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")

# For /metrics: how many files, how many bytes, and why not; never whose.
TAKEN_IN = Counter("kla_uploads", "Files taken after a look into them.")
BYTES = Counter("kla_upload_bytes", "Bytes of these files.")
REFUSED = Counter("kla_uploads_refused", "Files refused.", ["why"])

Image.MAX_IMAGE_PIXELS = PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


# --- how much is read ----------------------------------------------------------------------------


class LimitHandler(FileUploadHandler):
    """Stops reading a file at the limit, and the whole request at the limit of all its files.

    Stands first among the handlers, for every upload of the product; what was too big is named in
    `request.too_big`, and none of its bytes is kept.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.seen = 0
        self.total = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        self.total += len(raw_data)
        if self.total > settings.EVIDENCE_MAX_BYTES * settings.EVIDENCE_MAX_FILES:
            self._tell()
            raise StopUpload(connection_reset=True)
        if self.seen > settings.EVIDENCE_MAX_BYTES:
            self._tell()
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler has the bytes."""

    def _tell(self) -> None:
        names = getattr(self.request, "too_big", [])
        self.request.too_big = [*names, clean_name(self.file_name or "")]  # type: ignore[union-attr]


class OnDiskHandler(TemporaryFileUploadHandler):
    """Leaves nothing of a file that the disk had no room for: Django would leave it lying about."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with contextlib.suppress(OSError):  # closing writes once more what did not fit
                self.upload_interrupted()
            raise


# --- under which name ----------------------------------------------------------------------------


def clean_name(raw: str) -> str:
    """A name that people can read and nothing can trip over: no folders, no invisible letters."""
    base = re.split(r"[\\/]", unicodedata.normalize("NFC", raw))[-1]
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in base
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    name = re.sub(r" +", " ", seen).strip().lstrip(".").strip() or "berkas"
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:NAME_LENGTH]
    tail = f".{extension[:10]}"
    return stem[: NAME_LENGTH - len(tail)].rstrip() + tail


def extension_of(name: str) -> str:
    """The last part of a name, in small letters; jpeg is jpg."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return "jpg" if extension == "jpeg" else extension


# --- what it really is ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: what we say it is, and how it is looked into."""

    content_type: str
    look: Callable[[IO[bytes], str, str], IO[bytes]]


def receive(upload: UploadedFile[bytes], *, by: User, now: datetime) -> CheckedFile:
    """Count a file that a form sent, then look into it; TooFastError before a look if there were
    too many.
    """
    pace.count(clean_name(upload.name or ""), by=by, now=now)
    return check(upload)


def check(upload: UploadedFile[bytes]) -> CheckedFile:
    """Look into an uploaded file; ValidationError, with what to do, if it is refused."""
    name = check_claim(upload.name or "", upload.size or 0)
    extension = extension_of(name)
    kind = TAKEN[extension]
    source: IO[bytes] = upload.file or upload
    source.seek(0)
    content = kind.look(source, name, extension)
    sha256, size = _summed(content)
    TAKEN_IN.inc()
    BYTES.inc(size)
    return CheckedFile(name, extension, kind.content_type, size, sha256, content)


def check_claim(raw: str, size: int) -> str:
    """The name under which a file goes on; ValidationError where name or size alone refuse it,
    before a byte is sent.
    """
    name = clean_name(raw)
    extension = extension_of(name)
    if extension not in TAKEN:
        raise refused(name, "unknown", ADVICE.get(extension, f"Kirim sebagai {KINDS}."))
    if personal(name):
        raise refused(
            "Berkas", "personal",
            "Namanya memuat angka seperti NIK. Ganti nama berkasnya tanpa NIK, lalu unggah lagi.",
        )  # fmt: skip
    if size == 0:
        raise refused(name, "empty", "Berkas ini kosong. Periksa berkasnya, lalu unggah lagi.")
    if size > settings.EVIDENCE_MAX_BYTES:
        raise too_big(name)
    return name


def check_sum(name: str, content: IO[bytes], sha256: str) -> None:
    """ValidationError if these are not the bytes whose sum the sender gave; one without a sum is
    believed.
    """
    if sha256 and _summed(content)[0] != sha256:
        raise refused(
            name, "altered", "Isinya berubah dalam perjalanan. Kirim lagi berkasnya dari awal."
        )


def _summed(content: IO[bytes]) -> tuple[str, int]:
    """The sha256 and the size of what is there, which then stands at its start."""
    content.seek(0)
    digest = hashlib.sha256()
    size = 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return digest.hexdigest(), size


def refused(name: str, code: str, sentence: str) -> ValidationError:
    REFUSED.labels(code).inc()
    return ValidationError(f"{name} tidak diterima. {sentence}", code=code)


def too_big(name: str) -> ValidationError:
    most = ukuran(settings.EVIDENCE_MAX_BYTES // (1024 * 1024) * 1_000_000)
    return refused(
        name,
        "too_big",
        f"Paling besar {most} per berkas. Perkecil, misalnya pindai dengan 150 dpi, "
        "atau bagi menjadi beberapa berkas.",
    )


def other_kind(source: IO[bytes], name: str, extension: str) -> ValidationError:
    """The content is not what the name says; tells what it seems to be, where that can be told."""
    source.seek(0)
    head = source.read(2048)
    try:
        guess = puremagic.from_string(head).lstrip(".").upper()
    except (puremagic.PureError, ValueError):
        guess = ""
    seems = f" (tampaknya {guess})" if guess and guess != extension.upper() else ""
    return refused(
        name,
        "other_kind",
        f"Isinya bukan {extension.upper()}{seems}. Buka berkasnya, simpan ulang sebagai {KINDS}, "
        "lalu unggah lagi.",
    )


def look_at_pdf(source: IO[bytes], name: str, extension: str) -> IO[bytes]:
    """Begins as a PDF at the very first byte, ends as one, and opens without a password."""
    content = source.read()
    if not content.startswith(PDF):
        raise other_kind(source, name, extension)
    if b"%%EOF" not in content[-CHUNK:]:
        raise refused(name, "broken", "Berkas ini terpotong. Unduh atau pindai ulang, lalu unggah.")
    if ENCRYPTED.search(content):
        raise locked(name)
    return source


def look_at_image(source: IO[bytes], name: str, extension: str) -> IO[bytes]:
    """Drawn anew, upright, without what a camera adds (place, device)."""
    form = {"jpg": "JPEG", "png": "PNG"}[extension]
    start = source.read(8)
    if not start.startswith({"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}[form]):
        raise other_kind(source, name, extension)
    try:
        source.seek(0)
        with Image.open(source, formats=[form]) as image:
            if image.width * image.height > PIXELS:
                raise too_many_pixels(name)
            image.verify()
        source.seek(0)
        with Image.open(source, formats=[form]) as image:
            image.load()
            return _drawn_anew(image, form)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels(name) from None
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error):
        raise refused(
            name, "broken", "Gambar ini rusak atau terpotong. Ambil atau simpan ulang gambarnya."
        ) from None


def too_many_pixels(name: str) -> ValidationError:
    return refused(name, "too_big", "Gambar ini terlalu besar: paling banyak 40 juta piksel.")


def _drawn_anew(image: Image.Image, form: str) -> IO[bytes]:
    upright = ImageOps.exif_transpose(image) or image
    if form == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    elif upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    # Not "optimize": a twentieth smaller for as much time again as all the rest (0046).
    bare.save(out, form, **({"quality": 88} if form == "JPEG" else {}))
    return out


PACKAGES = {
    "macro": "Berkas ini memuat makro. Simpan tanpa makro atau sebagai PDF.",
    "nested": "Di dalam berkas ini ada berkas lain, misalnya tabel Excel yang ditempel. "
    "Simpan sebagai PDF, lalu unggah PDF-nya.",
    "bomb": "Isinya jauh lebih besar daripada berkasnya atau tidak lazim. Simpan sebagai PDF, "
    "lalu unggah PDF-nya.",
    "broken": "Berkas ini rusak. Buka di aplikasinya, simpan ulang, lalu unggah lagi.",
}


def look_at_office(source: IO[bytes], name: str, extension: str) -> IO[bytes]:
    """The package is counted and named through, never parsed; see `indicators.resources.office`."""
    try:
        office.look_into(source, extension)
    except office.PackageError as error:
        if error.code == "locked":
            raise locked(name) from None
        if error.code == "no_package":
            raise other_kind(source, name, extension) from None
        sentence = PACKAGES.get(
            error.code,
            f"Isinya bukan {extension.upper()}. Simpan ulang sebagai {KINDS}, lalu unggah lagi.",
        )
        raise refused(name, error.code, sentence) from None
    return source


def locked(name: str) -> ValidationError:
    return refused(
        name,
        "locked",
        "Berkas ini berkata sandi atau memakai format lama. Simpan ulang tanpa kata sandi, "
        "lalu unggah lagi.",
    )


OFFICE = "application/vnd.openxmlformats-officedocument"
TAKEN = {
    "pdf": Kind("application/pdf", look_at_pdf),
    "jpg": Kind("image/jpeg", look_at_image),
    "png": Kind("image/png", look_at_image),
    "docx": Kind(f"{OFFICE}.wordprocessingml.document", look_at_office),
    "xlsx": Kind(f"{OFFICE}.spreadsheetml.sheet", look_at_office),
    "pptx": Kind(f"{OFFICE}.presentationml.presentation", look_at_office),
}
_NEWER = "Buka di aplikasinya, simpan sebagai {}, lalu unggah lagi."
ADVICE = {
    "doc": _NEWER.format("DOCX atau PDF"),
    "xls": _NEWER.format("XLSX atau PDF"),
    "ppt": _NEWER.format("PPTX atau PDF"),
    "docm": "Berkas dengan makro tidak diterima. Simpan sebagai DOCX atau PDF.",
    "xlsm": "Berkas dengan makro tidak diterima. Simpan sebagai XLSX atau PDF.",
    "pptm": "Berkas dengan makro tidak diterima. Simpan sebagai PPTX atau PDF.",
    "zip": "Keluarkan isinya, lalu unggah berkasnya satu per satu.",
    "rar": "Keluarkan isinya, lalu unggah berkasnya satu per satu.",
    "7z": "Keluarkan isinya, lalu unggah berkasnya satu per satu.",
    "heic": "Ubah foto ke JPG di setelan kamera atau galeri, lalu unggah lagi.",
    "webp": "Simpan gambar sebagai JPG atau PNG, lalu unggah lagi.",
    "gif": "Simpan gambar sebagai JPG atau PNG, lalu unggah lagi.",
    "mp4": "Video tidak disimpan di sini. Beri tautan ke videonya.",
    "csv": _NEWER.format("XLSX"),
    "txt": _NEWER.format("PDF"),
}
