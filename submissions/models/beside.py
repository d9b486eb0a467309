"""The answers of one submission, read with one of them in the same query: what the page adds up
after every save.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Aggregate, Exists, OuterRef, Subquery

from indicators.models import Question
from submissions.models.work import EvidenceLink, Response, ResponseQuerySet

# In the order of the models' fields, as `from_db` takes them.
OF_ANSWER = (
    *("id", "assessment_id", "question_id", "role", "note"),
    *("claim_level", "claim_share", "verdict", "verified_share"),
)
OF_QUESTION = ("id", "max_points", "evidence_required")
NAMES = OF_ANSWER + OF_QUESTION
EXACT = frozenset({"claim_share", "verified_share", "max_points"})


class Exact(json.JSONDecoder):
    """Shares and points as they are stored, not as floats."""

    def __init__(self) -> None:
        super().__init__(parse_float=Decimal)


class Rows(Aggregate):
    """All rows of a group as one JSON list of lists."""

    name = "Rows"
    function = "jsonb_agg"
    template = "%(function)s(jsonb_build_array(%(expressions)s))"
    output_field = models.JSONField(decoder=Exact)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "%(function)s(json_array(%(expressions)s))"
        more = {"function": "json_group_array", "template": template, **context}
        return self.as_sql(compiler, connection, **more)


def with_beside(responses: ResponseQuerySet) -> ResponseQuerySet:
    """Answers, each with those of its submission, itself among them; `beside` makes them of it."""
    live = EvidenceLink.objects.filter(response=OuterRef("pk"), removed_at__isnull=True)
    question = [f"question__{name}" for name in OF_QUESTION]
    every = (
        Response.objects.filter(submission=OuterRef("submission"))
        .order_by()
        .values("submission")
        .annotate(rows=Rows(*OF_ANSWER, *question, Exists(live)))
    )
    return responses.annotate(rows_beside=Subquery(every.values("rows")))


def beside(response: Response) -> list[Response]:
    """The answers of its submission with `has_evidence`, as they were when it was read; of each
    only what `totals_of` reads.
    """
    found = []
    for row in response.rows_beside:  # type: ignore[attr-defined]
        at = len(OF_ANSWER)
        # SQLite gives a whole number where a decimal is one.
        told = [
            Decimal(cell) if name in EXACT and cell is not None else cell
            for name, cell in zip(NAMES, row, strict=False)
        ]
        each = Response.from_db(None, OF_ANSWER, told[:at])
        each.question = Question.from_db(None, OF_QUESTION, told[at:])
        each.has_evidence = bool(row[-1])  # type: ignore[attr-defined]
        found.append(each)
    return found
