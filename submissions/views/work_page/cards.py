"""The card of one question: its fields, what it claims, where it stands, what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import escape

from agencies.models import AssignmentRole, User
from indicators.scoring import Mode, Scale, number, percentage, points
from indicators.wording import points as say_points
from indicators.wording import tanggal
from submissions.actions.answering import PERMISSION
from submissions.actions.handing_in import Lack, lack, worth
from submissions.forms.answering import NO, YES
from submissions.models import Response, Review, Submission
from submissions.views.work_page.others import (
    asked_of,
    behalf_of,
    helps_of,
    leads_of,
    supports_of,
)
from submissions.views.work_page.proofs import proofs_of
from submissions.views.work_page.shapes import Card, Help, Option, Proof, Said
from submissions.wording import answer_text
from submissions.workflow import Verdict


def cards_of(user: User, submission: Submission, responses: Sequence[Response]) -> list[Card]:
    """The cards of some answers of one submission, in their order."""
    home = reverse("work_form", args=[submission.pk])
    worths = worth(responses)
    year = submission.assessment.data_year
    supports = supports_of(submission, responses)
    supported = {each.question for each in supports}
    proofs = proofs_of(
        user,
        (each.pk for each in responses),
        year,
        own=submission.agency_id,
        others=(each.pk for each in supports),
    )
    helps = helps_of(supports, responses, proofs)
    asked = asked_of(submission, responses, supported)
    behalf = behalf_of(submission, responses)
    leads = leads_of(submission, responses)
    cards = [
        card_of(
            user,
            submission,
            each,
            home=home,
            worth=worths[each.pk],
            proofs=proofs[each.pk],
            helps=helps[each.question_id],
        )
        for each in responses
    ]
    for card in cards:
        card.behalf = behalf.get(card.response.pk, "")
        card.asked = asked[card.response.question_id]
        card.lead = leads.get(card.response.question_id, "")
        card.askable = card.response.role == AssignmentRole.LEAD and (
            card.response.question_id in supported
        )
    return cards


def card_of(
    user: User,
    submission: Submission,
    response: Response,
    *,
    worth: Decimal,
    proofs: list[Proof],
    helps: list[Help],
    home: str = "",
) -> Card:
    """One card; the answer needs `has_evidence`. `home` is the address of its form."""
    home = home or reverse("work_form", args=[submission.pk])
    response.submission = submission
    card = Card(
        response=response,
        # A card says these a dozen times each: escaped once, for no template does it again.
        key=escape(response.pk),
        code=escape(response.question.code),
        url=escape(f"{home}{response.pk}/"),
        scale=response.question.rubric.scale,
        worth=worth,
        points=say_points(worth),
        editable=may_type(user, response),
        proofs=proofs,
        helps=helps,
        years=(submission.assessment.data_year - 1, submission.assessment.data_year),
    )
    fill(card, response.value, response.note)
    return card


def may_type(user: User, response: Response) -> bool:
    """Whether the fields of its card are open to this user now."""
    submission = response.submission
    may = user.has_perm(PERMISSION, submission) and submission.assessment.closed_at is None
    return may and response.is_editable


def fill(card: Card, value: dict[str, Any] | None, note: str) -> None:
    """Put an answer into the fields, and say what it claims."""
    response = card.response
    card.note = note
    value = value or {}
    if card.kind == "levels":
        chosen = _chosen(card.scale, value)
        card.options = [
            Option(key, level.label, say_points(points(card.worth, level.share)), key == chosen)
            for key, level in zip(_keys(card.scale), card.scale.options(), strict=True)
        ]
    elif card.kind != "support":
        card.steps = "; ".join(
            f"{level.label} = {say_points(points(card.worth, level.share))}"
            for level in card.scale.levels
        )
        years = value.get("values")
        before, now = years if isinstance(years, list) and len(years) == 2 else (None, None)
        card.typed = {
            "pembilang": _typed(value.get("numerator")),
            "penyebut": _typed(value.get("denominator")),
            "sebelum": _typed(before),
            "sesudah": _typed(now),
        }
    tell(card)
    card.said = said(response.last_review, response, card.scale, card.proofs)


def tell(card: Card) -> None:
    """The lines of a card that a save changes; its answer needs `has_evidence`."""
    response = card.response
    card.claim = claim_text(card)
    card.state, card.tone = state_of(response, has_evidence=response.has_evidence)  # type: ignore[attr-defined]


def claim_text(card: Card) -> str:
    """What the stored answer claims, in points."""
    response = card.response
    if response.role == AssignmentRole.SUPPORT:
        return ""
    if response.claim_level is None:
        return "Belum lengkap" if response.value else "Belum dijawab"
    text = f"Klaim {say_points(points(card.worth, response.claim_share))} poin"
    if card.kind == "levels":
        return text
    text = f"{answer_text(card.scale, response.value)} · {text}"
    share = percentage(response.value) if card.kind == "ratio" else None
    return f"{text}. Lebih dari 100 %: periksa lagi angkanya." if (share or 0) > 100 else text


def state_of(response: Response, *, has_evidence: bool) -> tuple[str, str]:
    """A word on one answer and its tone."""
    if response.verdict == Verdict.ACCEPTED:
        return "Diterima", "ok"
    if response.verdict == Verdict.RETURNED:
        return "Dikembalikan", "returned"
    what = lack(response, has_evidence=has_evidence)
    if what is Lack.EVIDENCE:
        return "Tanpa data dukung", "risk"
    if what is not None:
        return "Belum dijawab" if what is Lack.ANSWER else "Belum diisi", ""
    return "Terisi" if response.role == AssignmentRole.SUPPORT else "Terjawab", "done"


def said(
    review: Review | None, response: Response, scale: Scale, proofs: Sequence[Proof]
) -> Said | None:
    """The last verdict beside the field; after a return also what was answered then."""
    if review is None:
        return None
    verdict = "Diterima" if review.verdict == Verdict.ACCEPTED else "Catatan"
    title = f"{verdict} {review.by.get_full_name()}, {tanggal(review.at)}"
    if review.verdict == Verdict.ACCEPTED and review.level is not None:
        title = f"{title}, pada tingkat {scale.options()[review.level].label}"
    since = []
    if (review.value or None) != (response.value or None):
        since.append(f"jawaban semula {answer_text(scale, review.value)}")
    if review.answer_note != response.note:
        since.append(f"catatan semula: {review.answer_note or 'kosong'}")
    if new := sum(proof.added is not None and proof.added > review.at for proof in proofs):
        since.append(f"{new} data dukung baru")
    tone = "ok" if review.verdict == Verdict.ACCEPTED else "returned"
    return Said(title, review.note, tone, "; ".join(since))


def _keys(scale: Scale) -> list[str]:
    if scale.mode is Mode.AREA_SHARE:
        return [YES, NO]
    return [str(at) for at in range(len(scale.levels))]


def _chosen(scale: Scale, value: dict[str, Any]) -> str:
    if scale.mode is Mode.AREA_SHARE:
        yes = value.get("yes")
        return "" if not isinstance(yes, bool) else (YES if yes else NO)
    level = value.get("level")
    return "" if level is None else str(level)


def _typed(raw: object) -> str:
    """A stored figure as it is typed: with a comma. What is no figure stays as it was typed."""
    if raw is None:
        return ""
    return f"{number(raw):f}".replace(".", ",") if number(raw) is not None else str(raw)
