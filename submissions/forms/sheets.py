"""Sheets that offices send, read by `indicators.resources.reading`; its refusals as our own."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from indicators.resources import reading
from indicators.resources.reading import Sheet
from submissions.actions.record import RefusedError


def read_upload(upload: UploadedFile[bytes]) -> list[Sheet]:
    """The sheets of an uploaded file."""
    if (upload.size or 0) > reading.MAX_BYTES:
        raise RefusedError(reading.TOO_BIG)
    return read_sheets(upload.read())


def read_sheets(content: bytes) -> list[Sheet]:
    """Every sheet of an XLSX, or the one of a CSV; RefusedError with what to do otherwise."""
    try:
        return reading.read_sheets(content)
    except reading.WrongFileError as error:
        raise RefusedError(str(error)) from None
