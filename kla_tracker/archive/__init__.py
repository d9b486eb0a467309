"""A backup is one ZIP that any tool opens: rows as JSON lines, files as they are, a manifest.

`pack` writes it while people work; `unpack` brings it into an empty place, on the other database or
under a later version too.
"""

from kla_tracker.archive.pack import Packed, pack
from kla_tracker.archive.seal import ArchiveError
from kla_tracker.archive.unpack import Unpacked, unpack

__all__ = ["ArchiveError", "Packed", "Unpacked", "pack", "unpack"]
