"""What makes a backup one that can be trusted: a digest over all of it, and encryption by age."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage

FORMAT = 1
CHUNK = 1 << 20
DIGEST = 64  # the sha256 in hexadecimal stands as the ZIP's comment: its last 64 bytes
AGE = b"age-encryption.org/"
DAMAGED = (
    "The backup is damaged or cut off: its checksum does not fit. Nothing was restored. "
    "Take another copy."
)


class ArchiveError(Exception):
    """Why a backup cannot be made or taken in; a sentence for whoever runs the command."""


def placeholder() -> bytes:
    """What the comment says until the digest is known."""
    return b"0" * DIGEST


def seal(path: Path) -> str:
    """Write the digest over everything before it into the comment, and all of it to the disk."""
    digest = _digest(path)
    with path.open("r+b") as file:
        file.seek(-DIGEST, os.SEEK_END)
        file.write(digest.encode())
        file.flush()
        os.fsync(file.fileno())
    return digest


def check(path: Path) -> None:
    """Raises ArchiveError unless every byte is the one that was written."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= DIGEST or file.read(2) != b"PK":
            raise ArchiveError(DAMAGED)
        file.seek(-DIGEST, os.SEEK_END)
        said = file.read()
    if said != _digest(path).encode():
        raise ArchiveError(DAMAGED)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    left = path.stat().st_size - DIGEST
    with path.open("rb") as file:
        while left > 0:
            part = file.read(min(CHUNK, left))
            if not part:
                break
            found.update(part)
            left -= len(part)
    return found.hexdigest()


def encrypt(source: Path, target: Path, recipient: str) -> None:
    """Encrypt to a public key (`age1…`): this machine can then not read its own backups."""
    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise ArchiveError(
            "The key is not a public key of age: it begins with age1 and is made by age-keygen."
        ) from None
    with source.open("rb") as plain, target.open("wb") as sealed:
        pyrage.encrypt_io(plain, sealed, [key])
        sealed.flush()
        os.fsync(sealed.fileno())


@contextmanager
def opened(path: Path, identity: Path | None) -> Iterator[Path]:
    """The plain ZIP: the file itself, or what the identity decrypts, in a file that goes again."""
    with path.open("rb") as file:
        encrypted = file.read(len(AGE)) == AGE
    if not encrypted:
        yield path
        return
    if identity is None:
        raise ArchiveError("The backup is encrypted: name the file of your key with --identity.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".restore-") as folder:
        plain = Path(folder) / "backup.zip"
        _decrypt(path, plain, identity)
        yield plain


def _decrypt(path: Path, plain: Path, identity: Path) -> None:
    lines = identity.read_text().split()
    secret = next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        key = pyrage.x25519.Identity.from_str(secret)
        with path.open("rb") as sealed, plain.open("wb") as file:
            pyrage.decrypt_io(sealed, file, [key])
    except pyrage.IdentityError:
        raise ArchiveError(f"{identity} holds no key of age (AGE-SECRET-KEY-…).") from None
    except (pyrage.DecryptError, OSError, ValueError):
        raise ArchiveError(
            "The backup cannot be decrypted: another key, or it is damaged. Nothing was restored."
        ) from None
