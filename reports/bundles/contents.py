"""What belongs into a bundle: which evidence at which question, under which name, and what does not
go in, and why. The sheet for the ministry's form tells the same names.
"""

from __future__ import annotations

from collections import defaultdict

from agencies.models import User
from reports.bundles.names import FOLDER_LENGTH, numbered, safe, split
from reports.plan import Plan
from submissions.models import DESTROYED, Bundle, Evidence, EvidenceQuerySet

LINK = "berupa tautan, bukan berkas"
HIDDEN = "terbatas, atau bukan yang boleh Anda lihat; buka satu per satu di Data dukung"
GONE = "berkasnya tidak ada di penyimpanan"
EXPIRED = "berkasnya dihapus menurut jadwal retensi"


def attached_of(bundle: Bundle) -> tuple[dict[int, list[int]], set[int]]:
    """By question its evidence in order, by number: what is attached to answers, and to the rows
    that count for them; and the answers that have any. Two queries.
    """
    having: dict[int, dict[int, None]] = defaultdict(dict)
    proved: set[int] = set()
    attached = bundle.links().order_by("added_at", "pk")
    ticked = bundle.row_ticks().order_by("row__links__added_at", "row__links__pk")
    for rows in (
        attached.values_list("response_id", "response__question_id", "evidence_id"),
        ticked.values_list("response_id", "response__question_id", "row__links__evidence_id"),
    ):
        for response, question, evidence in rows.iterator():
            having[question][evidence] = None
            proved.add(response)
    return {question: list(given) for question, given in having.items()}, proved


def evidence_seen(by: User, keys: set[int]) -> EvidenceQuerySet:
    """Those of these that may be in a bundle of this person: nothing terbatas, whoever asks. Each
    opening of that is kept as an event, and a ZIP is opened by whomever it is handed to.
    """
    seen = Evidence.objects.visible_to(by).filter(pk__in=keys, restricted=False)
    return seen.select_related("blob", "agency")


def left_out(evidence: Evidence | None, by: User) -> str:
    """Why one of `evidence_seen` does not go in, as far as its row tells; nothing if it does."""
    if evidence is None:
        return HIDDEN
    if evidence.destroyed_at is not None:
        return DESTROYED
    if evidence.blob is None:
        return LINK
    if evidence.is_held_from(by):
        return evidence.get_scan_display()
    return "" if evidence.blob.file else EXPIRED


def folders_of(plan: Plan) -> dict[str, str]:
    """By indicator, the folder of its evidence."""
    return {
        each.code: f"{safe(each.cluster, 16)}/{safe(f'{each.code} {each.name}', FOLDER_LENGTH)}"
        for each in plan.indicators
    }


def path_of(folder: str, question: str, evidence: Evidence, data_year: int, taken: set[str]) -> str:
    """The path of a file in the bundle, which no other has: added to `taken`."""
    stem, extension = split(evidence.name)
    year = evidence.document_date.year if evidence.document_date else data_year
    office = safe(evidence.agency.code.upper(), 24)
    return numbered(folder, f"{question} {stem}", f" - {office} - {year}", extension, taken)
