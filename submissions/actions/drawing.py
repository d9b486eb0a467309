"""A small picture of a document, drawn by a process of its own that may die: `python -m
submissions.actions.drawing KIND`, the document on stdin, the pictures on stdout.

A hostile file can at most waste the time, memory and pixels that are allowed here, and has nothing
to write to. No Django in here: it starts fast and knows no database.
"""

from __future__ import annotations

import contextlib
import io
import resource
import signal
import struct
import subprocess
import sys
from pathlib import Path

from PIL import Image

PDF = "application/pdf"
KINDS = frozenset({PDF, "image/jpeg", "image/png"})
SECONDS = 10  # of the processor
PATIENCE = 20  # seconds, whatever it does
MEMORY = 768 * 1024 * 1024
PIXELS = 40_000_000
SMALL, LARGE = (112, 144), (720, 960)  # inside these boxes
MOST = 512 * 1024  # bytes of what comes back
HOME = Path(__file__).resolve().parent.parent.parent


def pictures(content: bytes, content_type: str) -> tuple[bytes, bytes] | None:
    """The small and the large picture as WebP, or None where none can be drawn in time."""
    command = [sys.executable, "-m", "submissions.actions.drawing", content_type]
    try:
        done = subprocess.run(  # noqa: S603  (our own module, no shell)
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            cwd=HOME,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0 or not 4 < len(done.stdout) <= MOST:
        return None
    [length] = struct.unpack(">I", done.stdout[:4])
    small, large = done.stdout[4 : 4 + length], done.stdout[4 + length :]
    return (small, large) if small[:4] == large[:4] == b"RIFF" else None


def main() -> int:
    """The process of its own: bounded before it looks at a single byte."""
    _bind()
    content_type = sys.argv[1]
    content = sys.stdin.buffer.read()
    page = _page(content) if content_type == PDF else _image(content)
    small, large = (_webp(page, box) for box in (SMALL, LARGE))
    sys.stdout.buffer.write(struct.pack(">I", len(small)) + small + large)
    return 0


def _bind() -> None:
    signal.alarm(PATIENCE)
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow refuses at twice this


def _page(content: bytes) -> Image.Image:
    """The first page of a PDF, never larger than the large box whatever its measures say."""
    import pypdfium2  # noqa: PLC0415  (four megabytes that only this process needs)

    page = pypdfium2.PdfDocument(content)[0]
    width, height = page.get_size()
    scale = min(LARGE[0] / width, LARGE[1] / height)
    if width <= 0 or height <= 0 or min(width, height) * scale < 1:
        raise ValueError("a page without measures")
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    return drawn.convert("RGB")


def _image(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])
    if image.width * image.height > PIXELS:
        raise ValueError("too many pixels")
    image.draft("RGB", LARGE)  # a JPEG is read at the size that is needed
    image.thumbnail(LARGE)
    if image.mode in {"RGBA", "LA", "P"}:
        clear = image.convert("RGBA")
        paper = Image.new("RGB", clear.size, "white")
        paper.paste(clear, mask=clear.getchannel("A"))
        return paper
    return image.convert("RGB")


def _webp(page: Image.Image, box: tuple[int, int]) -> bytes:
    copy = page.copy()
    copy.thumbnail(box)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=72, method=4)
    return out.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
