"""What the operator's pages show: one card a question, the totals, the list of what is owed.

Everything is read in a fixed number of queries and said as text here, so that templates only draw.
"""

from submissions.views.work_page.cards import cards_of
from submissions.views.work_page.fetching import (
    fetch,
    fetch_answer,
    fetch_form,
    fetch_to_save,
    require_answering,
    responses_of,
    takeable,
)
from submissions.views.work_page.pages import (
    attached_card,
    evidence_page,
    form_page,
    frame,
    one_card,
    saved_card,
)
from submissions.views.work_page.proofs import proof_of
from submissions.views.work_page.shapes import Card, Option, Proof
from submissions.views.work_page.totals import Totals, totals_of

__all__ = [
    "Card",
    "Option",
    "Proof",
    "Totals",
    "attached_card",
    "cards_of",
    "evidence_page",
    "fetch",
    "fetch_answer",
    "fetch_form",
    "fetch_to_save",
    "form_page",
    "frame",
    "one_card",
    "proof_of",
    "require_answering",
    "responses_of",
    "saved_card",
    "takeable",
    "totals_of",
]
