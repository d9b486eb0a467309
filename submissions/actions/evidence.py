"""Evidence: attach a file or a link to an answer, and take it away again.

What arrives here was checked by `submissions.forms.uploads`; `storing` keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Sum

from agencies.models import Agency, AssignmentRole, User
from submissions.actions import restricting
from submissions.actions.answering import (
    PERMISSION,
    contact,
    hold,
    refuse_moved,
    refuse_unless_editable,
    said_of,
    started,
)
from submissions.actions.record import RefusedError, record, require
from submissions.actions.storing import (
    CheckedFile,
    delete_if_unused,
    file_evidence,
    kept_blob,
    loose,
    refuse_over_quota,
    store_file,
)
from submissions.models import (
    Evidence,
    EvidenceLink,
    EvidenceQuerySet,
    Response,
    Verb,
    newer_version,
)
from submissions.workflow import Verdict

NAME_LENGTH = 120
URL_LENGTH = 500


def attach_file(
    response: Response,
    *,
    upload: CheckedFile,
    by: User,
    now: datetime,
    alongside: Callable[[], None] = lambda: None,
    owner: Agency | None = None,
    restricted: bool = False,
) -> EvidenceLink:
    """Store a file and attach it; the same bytes once more are the attachment that stands.

    It is evidence of the agency whose answer it is, unless it has another `owner`.

    Always written anew and given away if the bytes were there already: neither reply nor time
    tells what others have stored. What `alongside` does happens with the attachment or not at all.
    """
    require(by, PERMISSION, response)
    refuse_unless_editable(response, held=True)
    return store_file(
        upload,
        whom=lambda: contact(response.submission),
        link=lambda name: _attach_stored(
            response,
            name=name,
            upload=upload,
            by=by,
            now=now,
            alongside=alongside,
            owner=owner,
            restricted=restricted,
        ),
    )


@transaction.atomic
def _attach_stored(
    response: Response,
    *,
    name: str,
    upload: CheckedFile,
    by: User,
    now: datetime,
    alongside: Callable[[], None],
    owner: Agency | None,
    restricted: bool,
) -> EvidenceLink:
    alongside()
    current = _held(response, now, used=_used(response))
    blob = kept_blob(name, upload, now)
    if blob.file.name != name:
        live = EvidenceLink.objects.select_related("evidence__blob", "added_by").filter(
            response=current, removed_at__isnull=True, evidence__blob=blob
        )
        if (there := live.first()) is not None:
            _restrict(there.evidence, restricted, by=by, now=now)
            _tell(response, current)
            return there
    _refuse_over_quota(current, upload)  # needs `used`
    evidence = file_evidence(
        owner or current.submission.agency, blob, path=name, name=upload.name, by=by, now=now
    )
    _restrict(evidence, restricted, by=by, now=now)
    link = _link(current, evidence, by=by, now=now, sha256=upload.sha256, size=upload.size)
    _tell(response, current)
    return link


def _restrict(evidence: Evidence, restricted: bool, *, by: User, now: datetime) -> None:  # noqa: FBT001
    """What its giver marks while sending it; nobody takes a mark away in that way."""
    if restricted and restricting.restrict(evidence, restricted=True, by=by, now=now):
        evidence.restricted = True


@transaction.atomic
def attach_link(
    response: Response, *, url: str, name: str, by: User, now: datetime
) -> EvidenceLink:
    """Attach an address, which we never open ourselves; given again it is the one that stands."""
    require(by, PERMISSION, response)
    url = safe_url(url)
    name = name.strip()[:NAME_LENGTH] or (urlsplit(url).hostname or url)[:NAME_LENGTH]
    current = _held(response, now)
    live = EvidenceLink.objects.select_related("evidence", "added_by").filter(
        response=current, removed_at__isnull=True, evidence__url=url
    )
    if (there := live.first()) is not None:
        _tell(response, current)
        return there
    agency = current.submission.agency
    evidence = Evidence.objects.select_for_update().filter(
        agency=agency, url=url, name=name
    ).first() or Evidence.objects.create(
        agency=agency, url=url, name=name, created_at=now, created_by=by
    )
    link = _link(current, evidence, by=by, now=now, url=url)
    _tell(response, current)
    return link


def takeable(response: Response) -> EvidenceQuerySet:
    """What can be attached without sending it again: what the agency has given, what hangs on an
    answer of its own (in any year), what others attached to the same question in the same year, and
    what proves a row that counts for this answer. Not what is attached already, and of the own
    library only the latest version.
    """
    links = EvidenceLink.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    beside = links.filter(
        response__assessment=response.assessment_id, response__question=response.question_id
    )
    own = response.submission.agency_id
    counted = Evidence.objects.of_rows(response=response.pk).order_by().values("pk")
    return (
        Evidence.objects.whole()
        .annotate(newer=newer_version())
        .filter(
            Q(agency=own, newer__isnull=True)
            | Exists(links.filter(response__submission__agency=own))
            | Exists(beside)
            | Q(pk__in=counted),
            ~Exists(links.filter(response=response.pk)),
        )
    )


@transaction.atomic
def attach_existing(
    response: Response,
    *,
    evidence: Evidence,
    by: User,
    now: datetime,
    origin: dict[str, Any] | None = None,
) -> EvidenceLink:
    """Attach what was given before, or by a supporting office; given twice it stands once."""
    require(by, PERMISSION, response)
    current = _held(response, now)
    there = (
        EvidenceLink.objects.select_related("evidence__blob", "added_by")
        .filter(response=current, evidence=evidence, removed_at__isnull=True)
        .first()
    )
    if there is not None:
        return there
    locked = Evidence.objects.select_for_update().filter(pk=evidence.pk).exists()
    if not locked or not takeable(current).filter(pk=evidence.pk).exists():
        raise RefusedError("Data dukung itu tidak ada lagi. Muat ulang halaman, lalu pilih lagi.")
    older = EvidenceLink.objects.select_related("evidence").filter(
        Q(evidence=evidence.root) | Q(evidence__first=evidence.root),
        response=current,
        removed_at__isnull=True,
    )
    if (before := older.first()) is not None:
        return swap(current, before, evidence, by=by, now=now)
    return _link(current, evidence, by=by, now=now, **said_of(origin))


def swap(
    response: Response, link: EvidenceLink, evidence: Evidence, *, by: User, now: datetime
) -> EvidenceLink:
    """Another version of an attached evidence takes its place; its answer is held and may change.

    What a verdict rested on stays, marked.
    """
    let_go(response, link, by=by, now=now)
    before = link.evidence
    return _link(
        response, evidence, verb=Verb.REPLACE, by=by, now=now,
        replaces=before.pk, number=evidence.number,
    )  # fmt: skip


def let_go(response: Response, link: EvidenceLink, *, by: User, now: datetime) -> None:
    """Take an attachment off an answer: marked if a verdict rested on it, else gone."""
    if link.evidence.reviews.filter(response=response).exists():
        EvidenceLink.objects.filter(pk=link.pk).update(removed_at=now, removed_by=by)
    else:
        EvidenceLink.objects.filter(pk=link.pk).delete()


@transaction.atomic
def detach(link: EvidenceLink, *, by: User, now: datetime) -> None:
    """Take an attachment away while the answer may be changed; taken away twice is taken away.

    What a verdict rested on stays, marked; what nothing else uses goes, with its file, unless
    somebody described it or gave it versions: that work stays in the library.
    """
    require(by, PERMISSION, link.response)
    current = _held(link.response, now)
    there = (
        EvidenceLink.objects.select_related("evidence")
        .filter(pk=link.pk, removed_at__isnull=True)
        .first()
    )
    if there is None:
        return
    evidence = there.evidence
    let_go(current, there, by=by, now=now)
    if not _worth_keeping(evidence):
        delete_if_unused([evidence])
    _changed(current, by=by, now=now)
    _tell(link.response, current)
    record(
        Verb.DETACH,
        by=by,
        assessment=current.submission.assessment,
        submission=current.submission,
        response=current,
        at=now,
        name=evidence.public_name,
        evidence=there.evidence_id,
    )


def safe_url(raw: str) -> str:
    """An address that may be shown as a link: http or https, a host, no user before it."""
    url = raw.strip()
    refused = RefusedError(
        "Tulis alamat lengkap yang diawali https:// atau http://, tanpa nama pengguna di dalamnya."
    )
    if len(url) > URL_LENGTH:
        raise RefusedError(f"Tautan terlalu panjang: paling banyak {URL_LENGTH} huruf.")
    if any(ord(letter) <= 32 or letter in '\\"<>^`{|}' or ord(letter) == 127 for letter in url):
        raise refused
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise refused
    return url


# --- the steps -----------------------------------------------------------------------------------


def _held(response: Response, now: datetime, **more: Any) -> Response:
    """The answer as it stands, its submission held; RefusedError if it may not change. `more` is
    read with it.
    """
    held = hold(response.submission, now)
    found = Response.objects.select_related(
        "submission__assessment__region", "submission__agency", "submission__indicator"
    )
    [current] = found.annotate(**more).filter(pk=response.pk).order_by()
    refuse_moved(response, current)
    refuse_unless_editable(current, held=held)
    return current


def _used(response: Response) -> Subquery:
    """The space that this year and the library of its office take, to be read with something."""
    here = EvidenceLink.objects.filter(
        evidence=OuterRef("pk"), response__assessment=response.assessment_id
    )
    mine = Evidence.objects.filter(
        Q(Exists(here)) | loose(), agency=response.submission.agency_id, blob__isnull=False
    )
    sums = mine.order_by().values("agency").annotate(total=Sum("blob__size"))
    return Subquery(sums.values("total"))


def _refuse_over_quota(response: Response, upload: CheckedFile) -> None:
    used = response.used or 0  # type: ignore[attr-defined]
    refuse_over_quota(used, upload, space="tahun ini", whom=contact(response.submission))


def _link(
    response: Response,
    evidence: Evidence,
    *,
    by: User,
    now: datetime,
    verb: Verb = Verb.ATTACH,
    **details: Any,
) -> EvidenceLink:
    link = EvidenceLink.objects.create(
        response=response, evidence=evidence, added_at=now, added_by=by
    )
    _changed(response, by=by, now=now)
    started(response.submission, by=by, now=now)
    record(
        verb,
        by=by,
        assessment=response.submission.assessment,
        submission=response.submission,
        response=response,
        at=now,
        name=evidence.public_name,
        evidence=evidence.pk,
        **details,
    )
    return link


def _changed(response: Response, *, by: User, now: datetime) -> None:
    """Other evidence is another answer: what was returned waits for its verdict again.

    A support has answered once it wrote or attached something.
    """
    changes: dict[str, Any] = {
        "verdict": Verdict.NONE.value,
        "changed_at": now,
        "changed_by": by,
    }
    if response.role == AssignmentRole.SUPPORT:
        given = bool(response.note) or response.links.filter(removed_at__isnull=True).exists()
        changes["answered_at"] = (response.answered_at or now) if given else None
    Response.objects.filter(pk=response.pk).update(**changes)
    for field, changed in changes.items():
        setattr(response, field, changed)


def _tell(response: Response, current: Response) -> None:
    """Let the caller's object know what became of it."""
    response.verdict, response.answered_at = current.verdict, current.answered_at
    response.changed_at, response.changed_by_id = current.changed_at, current.changed_by_id


def _worth_keeping(evidence: Evidence) -> bool:
    return bool(evidence.version) or evidence.number > 1 or evidence.later.exists()
