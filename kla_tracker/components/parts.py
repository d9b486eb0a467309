"""Small parts, and frames around something."""

from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from submissions.workflow import STATE_LABELS, VERDICT_LABELS, State, Verdict

register = template.Library()

TONES = frozenset({"neutral", "ok", "risk", "returned", "info"})

STATE_TONES = {
    State.EMPTY: "neutral",
    State.DRAFT: "info",
    State.SUBMITTED: "risk",
    State.RETURNED: "returned",
    State.ACCEPTED: "ok",
}
VERDICT_TONES = {Verdict.NONE: "risk", Verdict.ACCEPTED: "ok", Verdict.RETURNED: "returned"}


@register.simple_tag
def badge(text: str, *, tone: str = "neutral") -> SafeString:
    """A state in a word; the colour only helps."""
    if tone not in TONES:
        raise ValueError(f"unknown tone of a badge: {tone}")
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.simple_tag
def state_badge(state: str, *, since: str = "") -> SafeString:
    """The badge of a submission's state (`workflow.State`), with since when or whose turn it is."""
    text, tone = STATE_LABELS[State(state)], STATE_TONES[State(state)]
    return badge(f"{text} · {since}" if since else text, tone=tone)


@register.simple_tag
def verdict_badge(verdict: str, *, since: str = "") -> SafeString:
    """The badge of an answer's verdict (`workflow.Verdict`)."""
    text, tone = VERDICT_LABELS[Verdict(verdict)], VERDICT_TONES[Verdict(verdict)]
    return badge(f"{text} · {since}" if since else text, tone=tone)


@register.simple_tag
def figure(
    label: str, value: object, *, unit: str = "", tone: str = "", big: bool = False, href: str = ""
) -> SafeString:
    """One figure of a `<dl class="figures">`; a link where it has rows behind it."""
    kind = " ".join(word for word in ("big" if big else "", tone) if word)
    shown = format_html('<a href="{}">{}</a>', href, value) if href else format_html("{}", value)
    after = format_html(" <small>{}</small>", unit) if unit else ""
    return format_html('<div class="{}"><dt>{}</dt><dd>{}{}</dd></div>', kind, label, shown, after)


@register.inclusion_tag("components/progress.html")
def progress(*, done: int, total: int, label: str, unit: str = "terjawab") -> dict[str, Any]:
    """How much is filled in; it says nothing about what is proven."""
    return {"done": done, "total": total, "label": label, "unit": unit}


@register.inclusion_tag("components/saved.html")
def saved(
    *, at: datetime | None = None, state: str = "saved", text: str = "", live: bool = True
) -> dict[str, Any]:
    """Whether what was typed is kept (`saved`, `pending`, `failed`); `text` says it otherwise."""
    tones = {"saved": "ok" if at else "", "pending": "risk", "failed": "returned"}
    return {"at": at, "state": state, "text": text, "tone": tones[state], "live": live}


@register.simple_block_tag
def card(
    content: SafeString,
    *,
    title: str = "",
    id: str = "",  # noqa: A002
    edge: str = "",
    level: int = 2,
) -> str:
    """A frame around one thing; `edge` marks its left side as `ok`, `risk` or `returned`."""
    inner = {"content": content, "title": title, "id": id, "edge": edge, "level": level}
    return render_to_string("components/card.html", inner)


@register.simple_block_tag
def notice(content: SafeString, *, tone: str = "info", title: str = "") -> str:
    """Something to know before going on."""
    inner = {"content": content, "tone": tone, "title": title}
    return render_to_string("components/notice.html", inner)


@register.simple_block_tag
def empty_state(content: SafeString, *, title: str, level: int = 2) -> str:
    """Nothing here: why, and what to do."""
    inner = {"content": content, "title": title, "level": level}
    return render_to_string("components/empty_state.html", inner)


@register.simple_block_tag
def confirm(content: SafeString, *, button: str, tone: str = "", small: bool = False) -> str:
    """A button that first says what will happen; its body is the sentence and the form.

    It opens without JavaScript.
    """
    inner = {"content": content, "button": button, "tone": tone, "small": small}
    return render_to_string("components/confirm.html", inner)


@register.simple_block_tag
def foot_bar(content: SafeString) -> str:
    """The foot that never goes away: what is saved and missing, and the one button."""
    return render_to_string("components/foot_bar.html", {"content": content})
