"""Documents: their picture, their marks, and the way to them."""

from typing import Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from agencies.models import User
from kla_tracker.components.parts import badge
from submissions.models import Evidence

register = template.Library()


class AttachedFile(Protocol):
    """What the row of an evidence says beside its name."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def href(self) -> str: ...
    @property
    def details(self) -> str: ...
    @property
    def thumb(self) -> bool: ...
    @property
    def number(self) -> int: ...
    @property
    def expired(self) -> str: ...
    @property
    def newer(self) -> int: ...
    @property
    def restricted(self) -> bool: ...


@register.simple_tag
def file_line(file: AttachedFile) -> SafeString:
    """A document in its row: its picture, its name (a way to it where it opens), what is told of
    it, the way to where it is used, and its marks. Drawn here as a long form has dozens.
    """
    name = escape(file.name)
    named, more = name, ""
    if file.href:
        named = format_html(
            '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>',
            file.href,
            name,
        )
    if file.about:
        more = format_html(
            '<span class="small"><a href="{}">rincian<span class="unseen"> {}</span></a></span>',
            file.about,
            name,
        )
    return format_html(
        '{}<span class="file-main">{} <span class="small soft">{}</span>{}{}</span>',
        file_icon(file),
        named,
        file.details,
        more,
        file_marks(file),
    )


@register.simple_tag
def file_icon(file: AttachedFile) -> SafeString:
    """A small picture of a document, or its kind in letters where there is none."""
    if file.thumb:
        return format_html(
            '<img class="file-thumb" src="/data-dukung/{}/gambar/?kecil" alt="" loading="lazy">',
            file.pk,
        )
    return format_html('<span class="file-kind" aria-hidden="true">{}</span>', file.kind)


@register.filter
def opens_for(evidence: Evidence, user: User) -> bool:
    """Whether its name may be told to this user."""
    return evidence.opens_for(user)


@register.simple_tag
def file_marks(file: AttachedFile) -> str:
    """Which version it is, whether the year needs a newer document, whether there is a later
    version that is not used here; nothing for most.
    """
    marks = []
    if file.restricted:
        marks.append(badge("terbatas", tone="risk"))
    if file.number > 1:
        marks.append(badge(f"versi {file.number}"))
    if file.expired:
        marks.append(badge(f"kedaluwarsa, berlaku sampai {file.expired}", tone="returned"))
    if file.newer:
        marks.append(badge("ada versi lebih baru", tone="risk"))
    if not marks:
        return ""
    return format_html(
        '<span class="marks">{}</span>', format_html_join(" ", "{}", ((each,) for each in marks))
    )


@register.simple_block_tag
def file_chip(
    content: SafeString,
    *,
    name: str,
    kind: str,
    size: int | None = None,
    href: str = "",
    note: str = "",
) -> str:
    """A document: its kind in letters, name and size; the body holds what can be done with it."""
    inner = {
        "content": content,
        "name": name,
        "kind": kind,
        "size": size,
        "href": href,
        "note": note,
    }
    return render_to_string("components/file_chip.html", inner)
