"""Names of files that unpack everywhere, Windows included."""

from __future__ import annotations

import re
import unicodedata

PATH_LENGTH = (
    150  # of a path in the bundle, as Windows counts: leaves room for a folder of one's own
)
BYTES = 240  # of one name: file systems allow 255
FOLDER_LENGTH = 48
EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}")
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
SPACES = re.compile(r"\s+")
RESERVED = re.compile(
    r"(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)", re.IGNORECASE
)
NAMELESS = "tanpa nama"


def width(text: str) -> int:
    """How long Windows finds a name: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def safe(text: str, most: int) -> str:
    """A name of at most `most` characters that every system accepts, read as it was meant."""
    text = SPACES.sub(" ", unicodedata.normalize("NFC", text))
    text = FORBIDDEN.sub("-", text)
    # Marks that turn the direction round, controls, halves of characters: not seen, so not kept.
    text = "".join(each for each in text if unicodedata.category(each)[0] != "C")
    text = shortened(text.strip(), most)
    if RESERVED.fullmatch(text.partition(".")[0].rstrip()):
        text = shortened(f"_{text}", most)
    return text or NAMELESS


def shortened(text: str, most: int, *, most_bytes: int = BYTES) -> str:
    """Cut where it is too long; never ends with a point or a space."""
    while width(text) > most or len(text.encode()) > most_bytes:
        text = text[:-1]
    return text.rstrip(" .")


def numbered(folder: str, stem: str, tail: str, extension: str, taken: set[str]) -> str:
    """The path of a file whose name no other of the folder has, also where capitals do not
    count: what is too long is cut out of `stem`, what is there already gets a number.
    """
    number = 1
    while True:
        end = f"{tail}{f' ({number})' if number > 1 else ''}{extension}"
        room = PATH_LENGTH - width(folder) - 1 - width(end)
        name = shortened(safe(stem, room), room, most_bytes=BYTES - len(end.encode())) + end
        path = f"{folder}/{name}"
        if path.casefold() not in taken:
            taken.add(path.casefold())
            return path
        number += 1


def split(name: str) -> tuple[str, str]:
    """A name and its extension, where it has one that looks like it."""
    stem, point, end = name.rpartition(".")
    extension = f"{point}{end}"
    return (stem, extension.lower()) if stem and EXTENSION.fullmatch(extension) else (name, "")
