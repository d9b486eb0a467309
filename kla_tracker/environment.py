"""Reading the environment: the one place where text from outside becomes a setting."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
YES = frozenset({"1", "true", "yes", "on", "ya"})
NO = frozenset({"", "0", "false", "no", "off", "tidak"})


def text(name: str, default: str = "") -> str:
    """A setting as it was written, without the space around it; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no; anything else stops the start rather than being guessed at."""
    value = text(name, "yes" if default else "no").lower()
    if value not in YES | NO:
        message = f"{name} must be yes or no, not {value!r}."
        raise ImproperlyConfigured(message)
    return value in YES


def choice(name: str, default: str, allowed: set[str]) -> str:
    """One of a few words."""
    value = text(name, default)
    if value not in allowed:
        message = f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}."
        raise ImproperlyConfigured(message)
    return value


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser compares them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def number(name: str, default: int) -> int:
    """A whole number, not negative."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        message = f"{name} must be a whole number, not {value!r}."
        raise ImproperlyConfigured(message)
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def postgres(url: str) -> dict[str, Any]:
    """A database address (postgres://user:password@host:port/name?sslmode=…) as Django's settings.

    Not written in the message: the address, which holds the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        message = "DATABASE_URL must look like postgres://user:password@host:5432/name."
        raise ImproperlyConfigured(message)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
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
        message = "S3_BUCKET needs more packages: pip install -r requirements-s3.txt."
        raise ImproperlyConfigured(message) from None
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
