"""What a meeting shows as files, all of the same figures. Loaded by the job that makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from reports.paper import pdf_of
from reports.shown.paper import pack_paper
from reports.shown.reading import Shown
from reports.shown.slides import write_slides
from reports.shown.tables import write_pack


@dataclass(frozen=True, slots=True)
class Making:
    """The moment of the figures, that of the files, whether they can still move, who signs."""

    at: datetime
    made: datetime
    final: bool
    secretariat: str
    chair: str


def files_of(shown: Shown, making: Making) -> Iterator[tuple[str, bytes]]:
    """PDF, XLSX and PPTX, one after the other as they are made."""
    at, made, final = making.at, making.made, making.final
    paper = pack_paper(
        shown, at=at, made=made, final=final, secretariat=making.secretariat, chair=making.chair
    )
    yield "pdf", pdf_of("pack", paper)
    for kind, write in (("xlsx", write_pack), ("pptx", write_slides)):
        target = BytesIO()
        write(shown, target, at=at, made=made, final=final)
        yield kind, target.getvalue()
