"""Static files as they are served: named by their content, compressed, style sheets without the
comments that are for us.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)


def lean(sheet: bytes) -> bytes:
    """A style sheet as browsers get it."""
    return COMMENT.sub(b"", sheet)


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def _save(self, name: str, content: Any) -> str:
        if name.endswith(".css"):
            content.seek(0)  # whoever named it by its content has read it
            content = ContentFile(lean(content.read()), name)
        return str(super()._save(name, content))
