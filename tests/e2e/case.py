"""What the journeys share: a phone, files to send, and evidence that is there already."""

from typing import Any

from django.core.files.base import ContentFile
from playwright.sync_api import Page

from agencies.models import User
from submissions.models import Blob, Evidence, EvidenceLink, Response

ON_A_PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


def beyond(page: Page) -> int:
    """By how much the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


def pdf(text: str = "Data uji", *, before: bytes = b"", script: bytes = b"") -> bytes:
    """A whole PDF of one page. `before` stands right after its first line; a reader that runs
    scripts runs `script` when it opens.
    """
    action = b" /OpenAction << /S /JavaScript /JS (%s) >>" % script if script else b""
    stream = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R%s >>" % action,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n" + before
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n"
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table


def as_file(name: str, content: bytes, kind: str = "application/pdf") -> dict[str, Any]:
    """A file as a browser's chooser gives it."""
    return {"name": name, "mimeType": kind, "buffer": content}


def store(
    response: Response, by: User, name: str, content: bytes, kind: str = "application/pdf"
) -> Evidence:
    """Evidence that is there already, whatever is in it."""
    serial = Blob.objects.count() + 1
    blob = Blob(sha256=f"{serial:064d}", size=len(content), content_type=kind)
    blob.file.save(f"uji-{serial}.{kind.rpartition('/')[2]}", ContentFile(content))
    blob.file.close()
    evidence = Evidence.objects.create(
        agency=response.submission.agency, name=name, blob=blob, created_by=by
    )
    EvidenceLink.objects.create(response=response, evidence=evidence, added_by=by)
    return evidence
