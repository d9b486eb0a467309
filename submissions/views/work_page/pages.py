"""The pages of a form and its fragments, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from agencies.models import User
from indicators.scoring import Scale
from indicators.wording import tanggal, waktu
from submissions.actions.answering import PERMISSION, contact
from submissions.actions.carrying import Offer, offers_of
from submissions.actions.handing_in import worth
from submissions.forms.library import matching
from submissions.models import Evidence, Response, Submission, beside
from submissions.views.work_page.cards import cards_of, may_type, tell
from submissions.views.work_page.fetching import fetch, responses_of, takeable
from submissions.views.work_page.proofs import proof_of, proofs_of
from submissions.views.work_page.shapes import Card
from submissions.views.work_page.totals import Totals, totals_of
from submissions.wording import answer_text
from submissions.workflow import State, Verdict

PAGE = 30


def frame(user: User, submission: Submission, totals: Totals) -> dict[str, Any]:
    """What head and foot of a form show."""
    today = timezone.localdate()
    may = user.has_perm(PERMISSION, submission)
    open_year = submission.assessment.closed_at is None
    late = today > submission.due_on
    return {
        "submission": submission,
        "assessment": submission.assessment,
        "indicator": submission.indicator,
        "totals": totals,
        "today": today,
        "late": late,
        "may": may,
        "editable": may and open_year and submission.is_editable,
        "withdrawable": may and open_year and submission.state == State.SUBMITTED,
        "on_behalf": may and user.agency_id != submission.agency_id,
        "contact": contact(submission),
        "is_example": submission.assessment.is_example,
        "turn": turn(submission),
    }


def turn(submission: Submission) -> str:
    """Whose turn it is, since when; nobody's once the year is closed."""
    if submission.assessment.closed_at is not None:
        return ""
    if submission.state == State.SUBMITTED and submission.submitted_at is not None:
        who = submission.submitted_by.get_full_name() if submission.submitted_by else "sistem"
        return (
            f"Diajukan {who}, {waktu(submission.submitted_at)}. Sekarang giliran verifikator "
            "memeriksa."
        )
    if submission.state == State.ACCEPTED:
        since = f" sejak {tanggal(submission.decided_at)}" if submission.decided_at else ""
        return f"Diterima{since}. Tidak ada yang perlu Anda kerjakan."
    if submission.state == State.RETURNED:
        since = f" {tanggal(submission.decided_at)}" if submission.decided_at else ""
        return f"Dikembalikan{since}. Perbaiki yang bertanda, lalu ajukan lagi."
    return ""


def form_page(user: User, submission: Submission) -> dict[str, Any]:
    responses = responses_of(submission)
    totals = totals_of(submission, responses)
    cards = cards_of(user, submission, responses)
    if submission.state == State.RETURNED:  # what holds still stands last
        cards.sort(key=lambda card: card.response.verdict == Verdict.ACCEPTED)
    context = frame(user, submission, totals)
    if context["editable"]:
        _tell_last_year(submission, responses, cards)
    # Named though empty: a name that a template does not find costs more than one that it finds.
    offered = any(card.before for card in cards)
    return context | {"cards": cards, "oob": False, "refusals": [], "offered": offered}


def _tell_last_year(
    submission: Submission, responses: Sequence[Response], cards: Sequence[Card]
) -> None:
    """Say on each card what last year holds for it and is not taken yet. A fixed number of
    queries; one before there is a year before.
    """
    offers = offers_of(submission.agency, submission.assessment, responses)
    told = {each.response.pk: each for each in offers}
    for card in cards:
        if (offer := told.get(card.response.pk)) is not None:
            card.before = _last_year(offer, card.scale)


def _last_year(offer: Offer, scale: Scale) -> str:
    given = [answer_text(scale, offer.value)] if offer.value else []
    given += ["catatan"] if offer.note else []
    given += [f"{len(offer.evidence)} data dukung"] if offer.evidence else []
    given += [f"{len(offer.rows)} baris"] if offer.rows else []
    return f"Tahun {offer.before.assessment.year}: {', '.join(given)}"


def one_card(user: User, answer: Response) -> dict[str, Any]:
    """One card as it stands now, with head and foot."""
    submission = fetch(user, answer.submission_id)
    responses = responses_of(submission)
    totals = totals_of(submission, responses)
    here = [each for each in responses if each.pk == answer.pk]
    [card] = cards_of(user, submission, here)
    return frame(user, submission, totals) | {"card": card}


def saved_card(read: Response, saved: Response) -> dict[str, Any]:
    """What a save changes beside the fields: the card's own lines, the figures. `read` is the
    answer as `fetch_to_save` gave it. No query; one with areas.
    """
    others = beside(read)
    saved.has_evidence = any(each.has_evidence for each in others if each.pk == saved.pk)  # type: ignore[attr-defined]
    return _changed_lines(saved, others)


def attached_card(user: User, answer: Response) -> dict[str, Any]:
    """What another attachment changes: the list of them, the card's own lines, the figures. The
    answer is as `fetch_to_save` gave it and the verb left it. One query, and one more with areas.
    """
    submission = answer.submission
    year = submission.assessment.data_year
    proofs = proofs_of(user, [answer.pk], year, own=submission.agency_id)[answer.pk]
    answer.has_evidence = bool(proofs)  # type: ignore[attr-defined]
    context = _changed_lines(answer, beside(answer))
    card = context["card"]
    card.proofs, card.url = proofs, f"{reverse('work_form', args=[submission.pk])}{answer.pk}/"
    card.editable = may_type(user, answer)
    return context


def _changed_lines(answer: Response, form: Sequence[Response]) -> dict[str, Any]:
    """The lines of one card, and the figures of its form, in which it stands as it was."""
    submission = answer.submission
    responses = [answer if each.pk == answer.pk else each for each in form]
    worths = worth(responses)
    card = Card(
        response=answer,
        key=str(answer.pk),
        code=answer.question.code,
        url="",
        scale=answer.question.rubric.scale,
        worth=worths[answer.pk],
        points="",
        editable=True,
    )
    tell(card)
    totals = totals_of(submission, responses, worths)
    return {"card": card, "totals": totals, "indicator": submission.indicator}


def evidence_page(user: User, answer: Response, params: Mapping[str, str]) -> dict[str, Any]:
    """The page of one answer's evidence: what is attached, and what can be taken, searched."""
    context = one_card(user, answer)
    year = answer.submission.assessment.data_year
    words = params.get("kata", "").strip()[:100]
    given: QuerySet[Evidence] = takeable(user, answer)
    found = given.filter(matching(words)).select_related("blob", "agency")
    pages = Paginator(found.order_by("-created_at", "-pk"), PAGE).get_page(params.get("halaman"))
    context["words"] = words
    context["pages"] = pages
    context["given"] = [
        (
            each,
            proof_of(
                each, user=user, when=f"{each.agency}, {tanggal(each.created_at)}", data_year=year
            ),
        )
        for each in pages.object_list
    ]
    return context
