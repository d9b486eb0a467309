"""Which version this is: raised with each release, and the commit where there is a checkout."""

from pathlib import Path

VERSION = "2026.11"
GIT = Path(__file__).resolve().parent.parent / ".git"


def version() -> str:
    """As `2026.11 (a8b9ef3)`; without the commit in an image."""
    return f"{VERSION} ({_commit()})" if _commit() else VERSION


def _commit() -> str:
    try:
        head = (GIT / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            head = (GIT / head.removeprefix("ref: ")).read_text().strip()
    except OSError:
        return ""
    return head[:7]
