"""Many answers at once, each by the verb that saves one: all of them, or the good ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from agencies.models import User
from submissions.actions.answering import answer
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Response

STALE = "Baru saja diubah orang lain."


@dataclass(frozen=True, slots=True)
class Change:
    """An answer to save, and the version that was seen."""

    response: int
    value: dict[str, Any] | None
    note: str
    version: int


class ImportRefusedError(RefusedError):
    """One answer could not be saved, so none was; `response` is whose."""

    def __init__(self, response: int, reason: str) -> None:
        super().__init__(reason)
        self.response = response


@transaction.atomic
def answer_many(
    changes: Sequence[Change],
    *,
    responses: Mapping[int, Response],
    only_good: bool,
    by: User,
    now: datetime,
) -> tuple[int, dict[int, str]]:
    """Save them all or none; with `only_good`, those that can be saved.

    `responses` are those that the user sees, as `for_answering` gives them. Returns how many were
    saved, and why the others were not. Raises ImportRefusedError, and nothing is saved, when one
    of all cannot be.
    """
    saved, left = 0, dict[int, str]()
    order = {pk: (each.submission_id, pk) for pk, each in responses.items()}
    for each in sorted(changes, key=lambda each: order.get(each.response, (0, 0))):
        try:
            response = responses.get(each.response)
            if response is None:
                raise RefusedError("Pertanyaan ini sudah dialihkan.")  # noqa: TRY301
            answer(
                response,
                value=each.value,
                note=each.note,
                version=each.version,
                by=by,
                now=now,
            )
        except (StaleError, RefusedError) as error:
            reason = STALE if isinstance(error, StaleError) else str(error)
            if not only_good:
                raise ImportRefusedError(each.response, reason) from None
            left[each.response] = reason
        else:
            saved += 1
    return saved, left
