"""Paper: a typst template beside this file, filled with plain texts, as a tagged PDF (PDF/UA-1).

What a template is given are strings, which typst sets as they are and never reads as markup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def pdf_of(template: str, data: dict[str, Any]) -> bytes:
    """The template `<name>.typ` with its data, in the house's own typeface alone."""
    import typst  # noqa: PLC0415  (30 MB that only a worker that makes paper needs)

    made = typst.compile(
        str(HERE / f"{template}.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)  # noqa: S101  (one document, no pictures of pages)
    return made
