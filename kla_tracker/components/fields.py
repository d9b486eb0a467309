"""What is filled in: fields, and levels to choose from."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, optional: bool = False) -> dict[str, Any]:
    """A field of a Django form; label, help and errors are tied together for a screen reader."""
    return {"field": bound, "optional": optional}


@register.simple_tag
def level_choices(options: Iterable[Any]) -> SafeString:
    """Levels as radio buttons within a fieldset of the page's own; drawn here as a long form has
    hundreds. An option is as in `levels`, and says itself whether it is `chosen`.
    """
    return format_html_join(
        "\n",
        '<label><input type="radio" name="tingkat" value="{}"{}><span>{}</span>'
        '<span class="pts">{}</span></label>',
        (
            (each.value, " checked" if each.chosen else "", each.label, each.points)
            for each in options
        ),
    )


@register.inclusion_tag("components/levels.html")
def levels(
    options: Sequence[Any],
    *,
    name: str,
    legend: str,
    chosen: object = None,
    disabled: bool = False,
    keys: bool = False,
    hide_legend: bool = False,
    id: str = "",  # noqa: A002
) -> dict[str, Any]:
    """Levels as radio buttons with their points.

    An option has `value`, `label` and `points` (already a text). `keys` shows the number on the
    keyboard that picks it; listening to it is the page's own script.
    """
    return {
        "options": options,
        "name": name,
        "legend": legend,
        "chosen": "" if chosen is None else str(chosen),
        "disabled": disabled,
        "keys": keys,
        "hide_legend": hide_legend,
        "id": id or name,
    }
