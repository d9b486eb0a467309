"""Reading the environment: the one place where text from outside becomes a setting."""

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
YES = frozenset({"1", "true", "yes", "on", "ya"})
NO = frozenset({"", "0", "false", "no", "off", "tidak"})
HOST = re.compile(r"\.?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


_mistakes: list[str] = []


class SettingsError(ImproperlyConfigured):
    """What cannot be meant: a sentence for each mistake, all of them at once."""


def mistake(sentence: str) -> None:
    """Remember a sentence; the start goes on to find the others, and is then refused."""
    if sentence not in _mistakes:
        _mistakes.append(sentence)


def refuse_mistakes() -> None:
    """Stop here if anything was wrong."""
    found = list(_mistakes)
    _mistakes.clear()
    if found:
        raise SettingsError("\n".join(found))


def text(name: str, default: str = "") -> str:
    """A setting as it was written, without the space around it; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no; anything else stops the start rather than being guessed at."""
    value = text(name, "yes" if default else "no").lower()
    if value not in YES | NO:
        mistake(f"{name} must be yes or no, not {value!r}.")
        return default
    return value in YES


def choice(name: str, default: str, allowed: set[str], *, fold: Callable[[str], str] = str) -> str:
    """One of a few words."""
    value = fold(text(name, default))
    if value not in allowed:
        mistake(f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}.")
        return default
    return value


def choices(name: str, default: list[str], allowed: set[str]) -> list[str]:
    """Some of a few words, separated by commas; "none" is none of them."""
    found = words(name) or default
    if found == ["none"]:
        return []
    for word in found:
        if word not in allowed:
            one_of = ", ".join(sorted(allowed))
            mistake(f"{name} must name some of {one_of}, or none; it knows no {word!r}.")
    return found


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser compares them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def clamd(address: str) -> str:
    """Where a clamd listens: an absolute path of a socket, or host:port; empty for none."""
    host, _, port = address.rpartition(":")
    if address and not address.startswith("/") and not (host and port.isascii() and port.isdigit()):
        mistake(
            "CLAMD_ADDRESS must be the path of a socket (/run/clamav/clamd.ctl) or host:port, not "
            f"{address!r}."
        )
    return address


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number between two."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        mistake(f"{name} must be a whole number, not {value!r}.")
        return default
    found = int(value)
    if found < least:
        mistake(f"{name} must be at least {least}, not {found}.")
    if most is not None and found > most:
        mistake(f"{name} must be at most {most}, not {found}.")
    return found


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, default: str = "", *, only: tuple[str, ...] = ("http", "https")) -> str:
    """An address with a host and nothing after a question mark; the slash at its end goes."""
    value = text(name, default).rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in only and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username or " " in value:
        mistake(f"{name} must be an address like {only[-1]}://kla.example.go.id, not {value!r}.")
        return default
    return value


def hosts(name: str, default: str) -> list[str]:
    """Names that we answer to: no scheme, no path, no port."""
    found = words(name, default)
    for word in found:
        if word not in {"*", *LOOPBACK} and not HOST.fullmatch(word):
            mistake(f"{name} must hold names of hosts like kla.example.go.id, not {word!r}.")
    return found


def folder(name: str, default: str) -> Path:
    """A folder, or a file in one, by its whole path."""
    path = Path(text(name, default))
    if not path.is_absolute() and text(name):
        path = Path.cwd() / path
    nearest = next((each for each in (path, *path.parents) if each.exists()), path)
    if nearest != path and not nearest.is_dir():
        mistake(f"{name} must lie in a folder, and {nearest} is a file.")
    return path


def make(name: str, path: Path) -> None:
    """A folder that we need at once, for us alone."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        mistake(f"{name} cannot be used: {path}: {error.strerror}.")


def mail(name: str, default: str = "") -> str:
    """A mail address, with a name before it or without."""
    value = text(name, default)
    if value and not MAIL.fullmatch(parseaddr(value)[1]):
        mistake(f"{name} must be a mail address like kla@example.go.id, not {value!r}.")
        return default
    return value


def postgres(url: str) -> dict[str, Any]:
    """A database address (postgres://user:password@host:port/name?sslmode=…) as Django's settings.

    Not written in the message: the address, which holds the password.
    """
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        mistake("DATABASE_URL must look like postgres://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def sqlite(path: Path) -> dict[str, Any]:
    """The embedded database, so that writers queue and what was acknowledged survives a power cut.

    IMMEDIATE: a transaction takes the write lock at its start, so two writers wait instead of
    failing. FULL: with NORMAL the last commits before a power cut may be lost. Connections stay
    open between requests: the last one to close takes the write-ahead log away while others open
    it, which under load once ended in "disk I/O error", and opening costs a third of a save.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-20000;"
                "PRAGMA mmap_size=134217728;"
                "PRAGMA foreign_keys=ON"
            ),
        },
    }


def secret_key(path: Path) -> str:
    """The key kept in this file, made on the first start.

    Several processes may start at once: each writes a file of its own and links it into place,
    which only the first can do; all then read what is there.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")
        draft = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def s3(
    bucket: str, *, endpoint: str, region: str, access_key: str, secret_key: str
) -> dict[str, Any]:
    """A store for files that speaks S3, as Django's settings. Keys that are not given are those of
    the machine's role.
    """
    try:
        from botocore.config import Config  # noqa: PLC0415  (an extra that a disk does not need)
    except ImportError:
        mistake("S3_BUCKET needs more packages: pip install -r requirements-s3.txt.")
        return {}
    return {
        "BACKEND": "kla_tracker.storage.S3Files",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": 1024 * 1024,
            "client_config": Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 2},
                signature_version="s3v4",
                s3={"addressing_style": "path"} if endpoint else {},
            ),
        },
    }
