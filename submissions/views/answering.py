"""The operator's pages: what is owed, the form of one indicator, one answer saved, handing in."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from agencies.models import Agency, AssignmentRole, Kind, User
from submissions.actions import answering, handing_in
from submissions.actions.helping import take_over
from submissions.actions.record import RefusedError, StaleError
from submissions.actions.values import checked
from submissions.forms.answering import AnswerForm, SubmitForm
from submissions.models import Assessment, Response, Submission
from submissions.views import asking, evidence, work_list, work_page
from submissions.wording import answer_text

FORM = "submissions/work_form.html"


@require_GET
def work(request: Request) -> HttpResponse:
    """What one agency owes in the newest year that is open, or in the year that `?tahun=` names,
    also a closed one.

    The agency is the own one, or a chosen one of the region.
    """
    user = request.user
    agency, agencies = agency_of(user, request.GET.get("perangkat", ""))
    seen = Assessment.objects.visible_to(user)
    if agency is not None:
        seen = seen.filter(region=agency.region_id)
    years = list(seen.select_related("region").order_by("-year", "pk"))
    open_years = [each for each in years if each.closed_at is None]
    named = [each for each in years if str(each.year) == request.GET.get("tahun")]
    assessment = next(iter(named or open_years), None)
    mine = Submission.objects.visible_to(user).filter(agency=agency, assessment=assessment)
    owing = work_list.owing(mine)
    context = {
        "agency": agency,
        "agencies": agencies,
        "assessment": assessment,
        "open_years": [each.year for each in open_years] if agency is not None else [],
        "earlier": next((y.year for y in years if assessment and y.year < assessment.year), None),
        "closed_years": [each.year for each in years if each.closed_at] if agency else [],
        "owing": owing,
        "requests": asking.standing(agency, assessment, timezone.localdate()),
        "contact": _contact(user, agency),
        "today": timezone.localdate(),
        "is_example": assessment is not None and assessment.is_example,
        "own": agency is not None and agency.pk == user.agency_id,
        "has_areas": user.has_perm("agencies.view_agency") or _is_kecamatan(user.agency),
    }
    return render(request, "submissions/work_list.html", context)


def _is_kecamatan(agency: Agency | None) -> bool:
    return agency is not None and agency.kind == Kind.KECAMATAN


@require_GET
def work_form(request: Request, pk: int) -> HttpResponse:
    submission = work_page.fetch_form(request.user, pk)
    return render(request, FORM, work_page.form_page(request.user, submission))


@require_http_methods(["GET", "POST"])
def work_answer(request: Request, pk: int, response: int) -> HttpResponse:
    """One answer: GET its card, POST a save. Errors and conflicts stay in the card."""
    if request.method == "GET":
        answer = work_page.fetch_answer(request.user, pk, response)
        if request.htmx:
            return _card(request, answer)
        return redirect(f"{reverse('work_form', args=[pk])}#q-{response}")
    answer = work_page.fetch_to_save(request.user, pk, response)
    work_page.require_answering(request.user, answer.submission)
    form = AnswerForm(
        request.POST,
        scale=answer.question.rubric.scale,
        support=answer.role == AssignmentRole.SUPPORT,
    )
    try:
        saved = _save(form, answer, request.user)
    except StaleError as stale:
        return _unsaved(request, answer, form, stale=stale)
    except RefusedError as error:
        return _unsaved(request, answer, form, errors=[str(error)])
    if saved is None:
        return _unsaved(request, answer, form, errors=form.sentences())
    return _saved(request, form, answer, saved)


def _save(form: AnswerForm, answer: Response, by: User) -> Response | None:
    """Store what was typed; None if it cannot be read."""
    if not form.is_valid():
        return None
    note = form.cleaned_data["catatan"]
    if form.cleaned_data["gabung"] is not None:
        note = _joined(answer.note, note)
    return answering.answer(
        answer,
        value=form.value(),
        note=note,
        version=form.version(),
        by=by,
        now=timezone.now(),
    )


def _joined(theirs: str, mine: str) -> str:
    """Both notes, theirs first; joined once more (a resend, a double click) it stays the same."""
    mine = mine.replace("\r\n", "\n").strip()
    if not theirs or theirs in mine:
        return mine
    if not mine or f"\n{theirs}\n".endswith(f"\n{mine}\n"):
        return theirs
    return f"{theirs}\n{mine}"


def _saved(request: Request, form: AnswerForm, read: Response, saved: Response) -> HttpResponse:
    """Only what changed on the page: the line under the card, its place in the index, the foot."""
    if not request.htmx:
        return _onward(request, saved)
    if form.cleaned_data["timpa"] is None and form.cleaned_data["gabung"] is None:
        context = work_page.saved_card(read, saved) | {"now": timezone.now()}
        return render(request, f"{FORM}#tersimpan", context)
    return _instead(_card(request, saved), saved)


def _onward(request: Request, saved: Response) -> HttpResponse:
    """Without a script: back to the card, to its evidence, or take an attachment away first."""
    then = request.POST.get("lalu", "")
    pk, response = saved.submission_id, saved.pk
    if then == "bukti":
        return redirect("work_attach", pk, response)
    if then.startswith("ambil-"):
        _tell_taken(request, saved, then[6:])
        return redirect(f"{reverse('work_form', args=[pk])}#q-{response}")
    if then.startswith("lepas-") and then[6:].isascii() and then[6:].isdecimal():
        return evidence.detach(request, pk, response, int(then[6:25]))
    messages.success(request, f"Jawaban {saved.question.code} tersimpan.")
    return redirect(f"{reverse('work_form', args=[pk])}#q-{response}")


@require_POST
def work_take(request: Request, pk: int, response: int) -> HttpResponse:
    """Take over what a support gave, by a script: what was typed is saved first, then the card is
    drawn anew.
    """
    answer = work_page.fetch_answer(request.user, pk, response)
    work_page.require_answering(request.user, answer.submission)
    form = AnswerForm(request.POST, scale=answer.question.rubric.scale, support=False)
    stale, errors = None, []
    try:
        saved = _save(form, answer, request.user)
        if saved is not None:
            _take(saved, request.POST.get("ambil", ""), request.user)
            return _card(request, saved)
        errors = form.sentences()
    except StaleError as told:
        stale = told
    except RefusedError as refused:
        errors = [str(refused)]
    reply = _unsaved(request, answer, form, errors=errors, stale=stale)
    reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = f"#s-{response}", "innerHTML"
    return reply


TAKE = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")


def _take(saved: Response, whose: str, by: User) -> bool:
    """Take over what the page showed of a support: its answer, and the version of it."""
    shown = TAKE.fullmatch(whose)
    if shown is None:
        raise RefusedError("Pilih dahulu yang diambil.")
    support, seen = (int(each) for each in shown.groups())
    now = timezone.now()
    return take_over(saved, support=support, seen=seen, version=saved.version, by=by, now=now)


def _tell_taken(request: Request, saved: Response, whose: str) -> None:
    try:
        _take(saved, whose, request.user)
    except StaleError:
        messages.error(request, "Jawaban ini baru saja diubah, jadi belum ada yang diambil.")
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Yang diberi pendukung diambil ke {saved.question.code}.")


def _unsaved(
    request: Request,
    answer: Response,
    form: AnswerForm,
    *,
    errors: list[str] | None = None,
    stale: StaleError | None = None,
) -> HttpResponse:
    """What was typed stays where it was; beside it what is wrong, or what somebody else wrote."""
    conflict = _conflict(answer, form, stale) if stale is not None else None
    status = 409 if stale is not None else 422
    if request.htmx:
        context = {"response": answer, "errors": errors, "conflict": conflict}
        return render(request, f"{FORM}#gagal", context, status=status)
    page = work_page.form_page(request.user, work_page.fetch(request.user, answer.submission_id))
    for card in page["cards"]:
        if card.response.pk == answer.pk:
            _keep(card, form.data)
            card.errors, card.conflict = errors or [], conflict
    return render(request, FORM, page, status=status)


def _keep(card: work_page.Card, typed: Any) -> None:
    """Put into the card what was typed, however wrong."""
    card.note = typed.get("catatan", "")
    card.typed = {name: typed.get(name, "") for name in card.typed}
    card.options = [
        work_page.Option(
            each.value, each.label, each.points, each.value == typed.get("tingkat", "")
        )
        for each in card.options
    ]


def _conflict(answer: Response, form: AnswerForm, stale: StaleError) -> dict[str, Any]:
    """Both values side by side, and whose the other is."""
    current = stale.current
    if not isinstance(current, Response):
        raise TypeError(current)
    scale = answer.question.rubric.scale
    mine = form.cleaned_data["catatan"]
    try:
        value = checked(scale, form.value())
    except RefusedError:
        value = None
    return {
        "version": current.version,
        "who": current.changed_by.get_full_name() if current.changed_by else "sistem",
        "when": current.changed_at,
        "theirs": answer_text(scale, current.value),
        "mine": answer_text(scale, value),
        "their_note": current.note,
        "my_note": mine,
        "joinable": bool(current.note and mine and current.note != mine),
    }


def _card(request: Request, answer: Response) -> HttpResponse:
    return render(request, f"{FORM}#kartu_kembali", work_page.one_card(request.user, answer))


def _instead(reply: HttpResponse, answer: Response) -> HttpResponse:
    """Tell htmx to put this in place of the whole card."""
    reply.headers["HX-Retarget"] = f"#q-{answer.pk}"
    reply.headers["HX-Reswap"] = "outerHTML"
    return reply


# --- handing in ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def work_submit(request: Request, pk: int) -> HttpResponse:
    """What is missing, with the points it costs; then the one button."""
    submission = work_page.fetch(request.user, pk)
    _require_submitting(request.user, submission)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            handing_in.submit(
                submission,
                reason=form.cleaned_data["alasan"],
                by=request.user,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except RefusedError as error:
            form.add_error("alasan" if not form.cleaned_data["alasan"] else None, str(error))
            submission = work_page.fetch(request.user, pk)
        except StaleError:
            messages.warning(request, "Isian ini sudah diajukan rekan Anda.")
            return redirect("work_form", pk)
        else:
            messages.success(request, "Isian diajukan. Sekarang giliran verifikator memeriksa.")
            return redirect("work_form", pk)
    elif request.method == "GET" and not submission.is_editable:
        return redirect("work_form", pk)
    totals = work_page.totals_of(submission, work_page.responses_of(submission))
    lacks = handing_in.missing(submission)
    context = work_page.frame(request.user, submission, totals) | {
        "form": form,
        "lacks": lacks,
        "cost": sum((each.points for each in lacks), Decimal(0)),
    }
    status = 422 if form.errors else 200
    return render(request, "submissions/work_submit.html", context, status=status)


@require_POST
def work_withdraw(request: Request, pk: int) -> HttpResponse:
    submission = work_page.fetch(request.user, pk)
    _require_submitting(request.user, submission)
    try:
        handing_in.withdraw(submission, by=request.user, now=timezone.now())
    except RefusedError as error:
        messages.error(request, str(error))
    except StaleError:
        messages.warning(request, "Isian ini sudah tidak menunggu verifikator.")
    else:
        messages.success(request, "Isian ditarik kembali dan menjadi draf.")
    return redirect("work_form", pk)


def _require_submitting(user: User, submission: Submission) -> None:
    if not user.has_perm("submissions.submit_submission", submission):
        raise PermissionDenied


def agency_of(user: User, code: str) -> tuple[Agency | None, list[Agency]]:
    """Whose work is shown, and whose may be chosen; a code that is not among them is no choice."""
    if not user.has_perm("agencies.view_agency"):
        return user.agency, []
    agencies = list(
        Agency.objects.visible_to(user).active().select_related("region").order_by("name")
    )
    chosen = next((each for each in agencies if each.code == code), None)
    return chosen or user.agency, agencies


def _contact(user: User, agency: Agency | None) -> str:
    """Whom to call: what the region says, else the secretariat."""
    region = agency.region if agency is not None else user.region
    if region is None:
        return "sekretariat Gugus Tugas KLA"
    if region.contact:
        return region.contact
    secretariat = Agency.objects.filter(region=region, is_secretariat=True).first()
    return f"sekretariat Gugus Tugas KLA, {secretariat}" if secretariat else "sekretariat KLA"
