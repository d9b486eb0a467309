"""What a person confirmed of last year's answers: the ticks of a page, or one whole offer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.datastructures import MultiValueDict

from submissions.actions.carrying import Offer, Wanted

WHOLE, ANSWER, EVIDENCE, ROW, ONE = "isi", "jawaban", "bukti", "baris", "satu"
SHAPE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18}){3})\|([0-9,]*)\|([0-9,]*)")


def whole_of(offer: Offer) -> str:
    """An offer as the page carries it: both answers with their versions, and what hangs on it."""
    keys = (offer.response.pk, offer.before.pk, offer.response.version, offer.before.version)
    evidence = ",".join(str(each.pk) for each in offer.evidence)
    rows = ",".join(str(each.pk) for each in offer.rows)
    return f"{'.'.join(map(str, keys))}|{evidence}|{rows}"


def wanted_of(data: MultiValueDict[str, str]) -> list[Wanted]:
    """What was confirmed, by answer: what is ticked, or all of the one whose button was pressed.

    Only what stood on the page counts; what cannot be read is as if it were not there.
    """
    one = data.get(ONE) or ""
    answers, evidence, rows = (set(data.getlist(name)) for name in (ANSWER, EVIDENCE, ROW))
    found = []
    for shown in filter(None, map(SHAPE.fullmatch, data.getlist(WHOLE))):
        response, before, version, seen = (int(each) for each in shown[1].split("."))
        if one and one != str(response):
            continue
        mine = f"{response}."
        wanted = Wanted(
            response,
            before,
            version,
            seen,
            answer=bool(one) or str(response) in answers,
            evidence=_ticked(shown[2], evidence, mine, everything=bool(one)),
            rows=_ticked(shown[3], rows, mine, everything=bool(one)),
        )
        if wanted.answer or wanted.evidence or wanted.rows:
            found.append(wanted)
    return found


def _ticked(shown: str, ticked: Iterable[str], mine: str, *, everything: bool) -> frozenset[int]:
    keys = [each for each in shown.split(",") if each and len(each) < 19]
    return frozenset(int(each) for each in keys if everything or f"{mine}{each}" in ticked)
