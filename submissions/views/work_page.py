"""What the operator's pages show: one card a question, the totals, the list of what is owed.

Everything is read in a fixed number of queries and said as text here, so that templates only draw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from agencies.models import AssignmentRole, User
from indicators.scoring import (
    ONE,
    ZERO,
    Answer,
    Mode,
    Scale,
    Tally,
    number,
    percentage,
    points,
    tally_indicator,
    tally_question,
)
from indicators.wording import one_area, tanggal, ukuran, waktu
from indicators.wording import points as say_points
from submissions.actions.answering import (
    PERMISSION,
    Lack,
    contact,
    for_answering,
    lack,
    worth,
)
from submissions.actions.carrying import Offer, offers_of
from submissions.actions.evidence import takeable as takeable_of
from submissions.actions.helping import quoted
from submissions.forms.answering import NO, YES
from submissions.forms.library import matching
from submissions.models import (
    Event,
    Evidence,
    EvidenceLink,
    EvidenceQuerySet,
    HelpRequest,
    RequestState,
    Response,
    ResponseRow,
    Review,
    Submission,
    newer_version,
)
from submissions.wording import SCANNED, answer_text
from submissions.workflow import State, Verdict, expired

PAGE = 30


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    points: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """One attached evidence as a row."""

    link: int
    name: str
    kind: str
    details: str
    href: str
    outside: bool
    added: datetime | None = None
    pk: int = 0
    number: int = 1
    thumb: bool = False  # whether there is a picture of it
    expired: str = ""  # until when it held, where the year needs a newer one
    newer: int = 0  # a later version, which this answer does not have yet
    restricted: bool = False

    @property
    def about(self) -> str:
        """Where its description, versions and uses stand; nothing for whom it does not open."""
        return "" if self.restricted and not self.href else f"/data-dukung/{self.pk}/pemakaian/"


@dataclass(frozen=True, slots=True)
class Help:
    """What a supporting office gave for the same question."""

    agency: str
    note: str
    proofs: list[Proof]
    rows: int = 0
    take: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The last verdict, and what was changed since."""

    title: str
    note: str
    tone: str
    since: str


@dataclass(slots=True)
class Card:
    """One question of the form."""

    response: Response
    key: str
    code: str
    url: str
    scale: Scale
    worth: Decimal
    points: str
    editable: bool
    options: list[Option] = field(default_factory=list)
    steps: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    note: str = ""
    claim: str = ""
    state: str = ""
    tone: str = ""
    said: Said | None = None
    proofs: list[Proof] = field(default_factory=list)
    helps: list[Help] = field(default_factory=list)
    asked: list[HelpRequest] = field(default_factory=list)
    askable: bool = False  # whether there is a support to ask
    years: tuple[int, int] = (0, 0)
    before: str = ""
    errors: list[str] = field(default_factory=list)
    conflict: dict[str, Any] | None = None
    behalf: str = ""

    @property
    def is_short(self) -> bool:
        """An area's yes or no: drawn small, since it has twenty of them and a phone."""
        return self.response.role == AssignmentRole.AREA and len(self.options) == 2

    @property
    def title(self) -> str:
        """What is asked; of an area what is to be true of it, not the share of all areas."""
        text = self.response.question.text
        return one_area(text) if self.response.role == AssignmentRole.AREA else text

    @property
    def edge(self) -> str:
        return self.tone if self.tone in {"returned", "ok"} else ""

    @property
    def kind(self) -> str:
        """Which field it wants: levels, ratio, years, or only a note."""
        if self.response.role == AssignmentRole.SUPPORT:
            return "support"
        return {Mode.THRESHOLD: "ratio", Mode.TREND: "years"}.get(self.scale.mode, "levels")


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of one submission, for its head and foot."""

    tally: Tally
    asked: int
    answered: int
    unproven: int
    returned: int
    unmended: int

    @property
    def scores(self) -> bool:
        """Whether points hang on it; a supporting office wins none itself."""
        return self.tally.maximum > 0

    @property
    def lacking(self) -> str:
        """What is missing, in words; nothing when it is whole."""
        counts = (
            (self.unmended, "belum diperbaiki"),
            (self.asked - self.answered, "belum dijawab"),
            (self.unproven, "tanpa data dukung"),
        )
        return ", ".join(f"{count} {what}" for count, what in counts if count)


def fetch(user: User, pk: int) -> Submission:
    """The submission, or 404 as for a number that never was."""
    found = Submission.objects.reached_by(user).for_work().select_related("submitted_by")
    submission = found.filter(pk=pk).first()
    if submission is None:
        raise Http404
    return submission


def fetch_answer(user: User, submission: int, response: int) -> Response:
    found = for_answering(Response.objects.reached_by(user))
    answer = found.filter(pk=response, submission=submission).first()
    if answer is None:
        raise Http404
    return answer


def require_answering(user: User, submission: Submission) -> None:
    """403 for one who sees the work and may not change it; the verb asks again."""
    if not user.has_perm(PERMISSION, submission):
        raise PermissionDenied


def takeable(user: User, response: Response) -> EvidenceQuerySet:
    """What this user may attach to this answer without sending it again."""
    seen = Evidence.objects.reached_by(user).order_by().values("pk")
    return takeable_of(response).filter(pk__in=seen)


# --- cards ---------------------------------------------------------------------------------------


def cards_of(user: User, submission: Submission, responses: Sequence[Response]) -> list[Card]:
    """The cards of some answers of one submission, in their order."""
    home = reverse("work_form", args=[submission.pk])
    worths = worth(responses)
    year = submission.assessment.data_year
    proofs = _proofs(user, (response.pk for response in responses), year, own=submission.agency_id)
    helps, supported = _helps(user, submission, responses, proofs)
    asked = _asked(submission, responses, supported)
    behalf = _behalf(submission, responses)
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
    may = user.has_perm(PERMISSION, submission) and submission.assessment.closed_at is None
    response.submission = submission
    card = Card(
        response=response,
        key=str(response.pk),
        code=response.question.code,
        url=f"{home}{response.pk}/",
        scale=response.question.rubric.scale,
        worth=worth,
        points=say_points(worth),
        editable=may and response.is_editable,
        proofs=proofs,
        helps=helps,
        years=(submission.assessment.data_year - 1, submission.assessment.data_year),
    )
    fill(card, response.value, response.note)
    return card


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
    card.claim = claim_text(card)
    card.state, card.tone = state_of(response, has_evidence=response.has_evidence)  # type: ignore[attr-defined]
    card.said = said(response.last_review, response, card.scale, card.proofs)


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


def _proofs(
    user: User, responses: Iterable[int], data_year: int, *, own: int = 0
) -> dict[int, list[Proof]]:
    """What is attached now, by answer; where it is not the `own` office's, whose. One query."""
    found: dict[int, list[Proof]] = defaultdict(list)
    links = (
        EvidenceLink.objects.filter(response__in=list(responses), removed_at__isnull=True)
        .select_related("evidence__blob", "evidence__agency", "added_by")
        .only(
            *("response", "added_at", "added_by__name", "added_by__username"),
            *("evidence__agency__name",),
            *("evidence__name", "evidence__url", "evidence__blob__size", "evidence__blob__file"),
            *(
                "evidence__number",
                "evidence__valid_until",
                "evidence__thumb",
                "evidence__restricted",
                "evidence__destroyed_at",
                "evidence__scan",
                "evidence__created_by",
            ),
        )
        .annotate(newer=newer_version("evidence__"))
        .order_by("added_at", "pk")
    )
    for link in links:
        when = f"{waktu(link.added_at)}, {link.added_by.get_full_name()}"
        if own and link.evidence.agency_id != own:
            when = f"dari {link.evidence.agency}, {when}"
        found[link.response_id].append(
            proof_of(
                link.evidence,
                user=user,
                when=when,
                data_year=data_year,
                link=link.pk,
                added=link.added_at,
                newer=link.newer or 0,
            )
        )
    return found


def proof_of(
    evidence: Evidence, *, user: User, when: str, data_year: int | None = None, **more: Any
) -> Proof:
    """An evidence as a row, as this user may see it; `data_year` is the year that it is to prove
    something of.
    """
    opens = evidence.opens_for(user)
    blob, until = evidence.blob, evidence.valid_until
    over = data_year is not None and expired(until, data_year)
    more |= {
        "thumb": bool(evidence.thumb) and not evidence.restricted,
        "restricted": evidence.restricted,
        "pk": evidence.pk,
        "number": evidence.number,
        "expired": tanggal(until) if over else "",
    }
    if blob is None:
        details = f"{urlsplit(evidence.url).hostname} · {when}"
        details = details if opens else when
        link, href = more.pop("link", 0), evidence.url if opens else ""
        return Proof(link, evidence.name_for(user), "WEB", details, href, outside=True, **more)
    name = str(blob.file.name or "") or evidence.name
    kind = name.rpartition(".")[2].upper()
    details, href = f"{ukuran(blob.size)} · {when}", f"/data-dukung/{evidence.pk}/"
    href = href if opens and blob.file else ""
    if evidence.destroyed_at is not None:
        kind, gone = "", tanggal(evidence.destroyed_at)
        details = f"dimusnahkan {gone} atas hak pemilik data · {when}"
    elif not blob.file:
        details = f"dihapus menurut jadwal retensi · {when}"
    elif evidence.scan in SCANNED:
        href = "" if evidence.is_held_from(user) else href
        details = f"{SCANNED[evidence.scan]} · {when}"
    name = evidence.name_for(user)
    return Proof(more.pop("link", 0), name, kind, details, href, outside=False, **more)


def _helps(
    user: User,
    submission: Submission,
    responses: Sequence[Response],
    own: dict[int, list[Proof]],
) -> tuple[dict[int, list[Help]], set[int]]:
    """What supporting offices gave for what is led here, by question, and whether any of it is not
    in the lead's answer yet; and which questions have a support. Three queries.
    """
    found: dict[int, list[Help]] = defaultdict(list)
    led = {each.question_id: each for each in responses if each.role == AssignmentRole.LEAD}
    if not led:
        return found, set()
    supports = list(
        Response.objects.filter(
            assessment=submission.assessment_id, question__in=led, role=AssignmentRole.SUPPORT
        )
        .exclude(submission=submission)
        .order_by("submission__agency__name")
        .values_list("pk", "question", "submission__agency__name", "note", "version")
    )
    if not supports:
        return found, set()
    proofs = _proofs(user, (pk for pk, *_ in supports), submission.assessment.data_year)
    rows: dict[int, set[int]] = defaultdict(set)
    asked = [*(pk for pk, *_ in supports), *(each.pk for each in led.values())]
    ticks = ResponseRow.objects.filter(response__in=asked, removed_at__isnull=True)
    for response, row in ticks.order_by().values_list("response_id", "row_id"):
        rows[response].add(row)
    for pk, question, agency, note, version in supports:
        if not (note or proofs[pk] or rows[pk]):
            continue
        lead = led[question]
        there = {each.pk for each in own[lead.pk]}
        left = bool(note) and quoted(agency, note) not in lead.note
        left |= any(each.pk not in there for each in proofs[pk])
        left |= bool(rows[pk] - rows[lead.pk])
        take = f"{pk}-{version}" if left else ""
        found[question].append(Help(agency, note, proofs[pk], len(rows[pk]), take))
    return found, {question for _, question, *_ in supports}


def _asked(
    submission: Submission, responses: Sequence[Response], supported: set[int]
) -> dict[int, list[HelpRequest]]:
    """What was asked between the lead and its supports, by question; the lead sees all of it, a
    support what it was asked. One query, none where nobody supports.
    """
    found: dict[int, list[HelpRequest]] = defaultdict(list)
    helping = {each.question_id for each in responses if each.role == AssignmentRole.SUPPORT}
    if not supported | helping:
        return found
    mine = Q(response__in=[each.pk for each in responses if each.question_id in supported])
    mine |= Q(agency=submission.agency_id, response__question__in=helping)
    asked = (
        HelpRequest.objects.filter(mine, response__assessment=submission.assessment_id)
        .exclude(state=RequestState.WITHDRAWN)
        .select_related("agency", "response__submission__agency")
    )
    for each in asked.order_by("due_on", "pk"):
        found[each.response.question_id].append(each)
    return found


def _behalf(submission: Submission, responses: Sequence[Response]) -> dict[int, str]:
    """Who gave which answer in place of this agency; a query only if somebody may have."""
    others = [
        each.pk
        for each in responses
        if each.changed_by is not None and each.changed_by.agency_id != submission.agency_id
    ]
    if not others:
        return {}
    found = Event.objects.filled_on_behalf(others)
    return {pk: f"Diisi {event.behalf_text(submission.agency)}" for pk, event in found.items()}


def responses_of(submission: Submission) -> list[Response]:
    """All answers of a submission with what their cards show. One query."""
    return list(
        submission.responses.with_evidence_flag()
        .select_related("question__rubric__instrument", "changed_by", "last_review__by")
        .order_by("question__order")
    )


def totals_of(submission: Submission, responses: Sequence[Response]) -> Totals:
    """The figures of a submission; answers need `has_evidence`. A query more only with areas."""
    worths = worth(responses)
    parts = [
        tally_question(
            points(worths[each.pk], ONE),
            [Answer(each.claim_share, each.verified_share)],
        )
        for each in responses
        if each.role != AssignmentRole.SUPPORT
    ]
    most = min(submission.indicator.max_points, sum((part.maximum for part in parts), ZERO))
    lacks = [lack(each, has_evidence=each.has_evidence) for each in responses]  # type: ignore[attr-defined]
    return Totals(
        tally=tally_indicator(most, parts),
        asked=len(responses),
        answered=sum(what not in {Lack.ANSWER, Lack.SUPPORT} for what in lacks),
        unproven=sum(what is Lack.EVIDENCE for what in lacks),
        returned=sum(each.verdict == Verdict.RETURNED for each in responses),
        unmended=sum(what is Lack.MENDING for what in lacks),
    )


# --- the pages -----------------------------------------------------------------------------------


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


def saved_card(user: User, saved: Response) -> dict[str, Any]:
    """What a save changes beside the fields: the card's own lines, the figures. One query, and one
    more with areas.
    """
    submission = saved.submission
    responses = list(submission.responses.with_evidence_flag().select_related("question"))
    totals = totals_of(submission, responses)
    saved.has_evidence = any(each.has_evidence for each in responses if each.pk == saved.pk)  # type: ignore[attr-defined]
    card = card_of(user, submission, saved, worth=worth([saved])[saved.pk], proofs=[], helps=[])
    return frame(user, submission, totals) | {"card": card}


def attached_card(user: User, answer: Response) -> dict[str, Any]:
    """What another attachment changes: the list of them, the card's own lines, the figures. Two
    queries, and one more with areas.
    """
    submission = answer.submission
    responses = responses_of(submission)
    totals = totals_of(submission, responses)
    [here] = [each for each in responses if each.pk == answer.pk]
    year = submission.assessment.data_year
    proofs = _proofs(user, [here.pk], year, own=submission.agency_id)[here.pk]
    card = card_of(user, submission, here, worth=worth([here])[here.pk], proofs=proofs, helps=[])
    return frame(user, submission, totals) | {"card": card}


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
