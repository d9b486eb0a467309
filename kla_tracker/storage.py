"""Evidence in a store that speaks S3, by settings only. Needs requirements-s3.txt."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

P = ParamSpec("P")
R = TypeVar("R")


def as_on_a_disk(verb: Callable[P, R]) -> Callable[P, R]:
    """What goes wrong over there is an OSError here, as on a disk: callers know what to do then."""

    @wraps(verb)
    def said(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            missing = code in {"404", "NoSuchKey"}
            raise (FileNotFoundError if missing else OSError)(f"S3: {code or error}") from error
        except BotoCoreError as error:
            raise OSError(f"S3: {type(error).__name__}") from error

    return said


class S3Files(S3Storage):  # type: ignore[misc]
    """Private objects; nobody gets an address of the store, all go through our view."""

    _save = as_on_a_disk(S3Storage._save)  # noqa: SLF001  (what Django calls of a storage)
    delete = as_on_a_disk(S3Storage.delete)
    exists = as_on_a_disk(S3Storage.exists)
    listdir = as_on_a_disk(S3Storage.listdir)
    get_modified_time = as_on_a_disk(S3Storage.get_modified_time)

    @as_on_a_disk
    def _open(self, name: str, mode: str = "rb") -> Any:
        file = super()._open(name, mode)
        if "r" in mode:
            _ = file.file  # fetched now, to a spooled file: an error comes before the first byte
        return file
