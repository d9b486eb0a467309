"""What is attached to answers, as the rows of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from agencies.models import User
from indicators.wording import tanggal, ukuran, waktu
from submissions.models import Evidence, EvidenceLink, newer_version
from submissions.views.work_page.shapes import Proof
from submissions.wording import SCANNED
from submissions.workflow import expired


def proofs_of(
    user: User, responses: Iterable[int], data_year: int, *, own: int, others: Iterable[int] = ()
) -> dict[int, list[Proof]]:
    """What is attached now, by answer: on those of the `own` office it says whose it is where it
    is another's, on those of `others` it does not. One query.
    """
    found: dict[int, list[Proof]] = defaultdict(list)
    mine = set(responses)
    links = (
        EvidenceLink.objects.filter(response__in=[*mine, *others], removed_at__isnull=True)
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
        .order_by()
    )
    for link in sorted(links, key=lambda each: (each.added_at, each.pk)):
        when = f"{waktu(link.added_at)}, {link.added_by.get_full_name()}"
        if link.response_id in mine and link.evidence.agency_id != own:
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
