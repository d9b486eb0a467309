"""The answers of many areas in words, and the names of levels; one answer's is `answer_text`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indicators.scoring import Mode, Scale, level_of
from submissions.wording import answer_text

UNANSWERED = "belum dijawab"


def in_words(scale: Scale, value: Any) -> str:
    """What was answered, or that nothing was."""
    return answer_text(scale, value) if value else UNANSWERED


def areas_in_words(scale: Scale, values: Sequence[Any], level: str) -> str:
    """How many of the areas answered, and where it is yes or no, how many said yes."""
    reached = [found for found in (level_of(scale, each) for each in values) if found is not None]
    if scale.mode is not Mode.AREA_SHARE:
        return f"{len(reached)} dari {len(values)} {level} menjawab"
    yes = sum(found == 0 for found in reached)
    silent = len(values) - len(reached)
    said = f"{yes} dari {len(values)} {level} menjawab ya"
    return f"{said}, {silent} belum menjawab" if silent else said


def level_name(scale: Scale, level: int | None) -> str:
    """The name of a level; nothing where there is none, or none of that number."""
    options = scale.options()
    return options[level].label if level is not None and level < len(options) else ""
