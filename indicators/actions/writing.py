"""Checked data as an instrument's file again: read back, it is the same data."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from indicators.actions.checking import (
    FORMAT,
    IndicatorData,
    InstrumentData,
    QuestionData,
    RubricData,
)


def as_file(data: InstrumentData) -> str:
    """The file of `read_instrument`, numbers exact."""
    return json.dumps(values_of(data), ensure_ascii=False, default=_exact)


def _exact(number: Any) -> int | float:
    exact = Decimal(number)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def values_of(data: InstrumentData) -> dict[str, Any]:
    """The file's plain values."""
    return {
        "format": FORMAT,
        "code": data.code,
        "title": data.title,
        "year": data.year,
        "language": data.language,
        "basis": data.basis,
        "total_max_points": data.total_max_points,
        "bands_note": data.bands_note,
        "bands": [
            {"name": each.name, "min": each.minimum, "inclusive": each.inclusive}
            for each in data.bands
        ],
        "rubrics": {each.code: _rubric(each) for each in data.rubrics},
        "registers": {
            each.code: {"name": each.name, "columns": list(each.columns)} for each in data.registers
        },
        "clusters": [
            {
                "code": each.code,
                "name": each.name,
                "max_points": each.max_points,
                "coordinator": each.coordinator,
                "indicators": [_indicator(one) for one in each.indicators],
            }
            for each in data.clusters
        ],
    }


def _rubric(rubric: RubricData) -> dict[str, Any]:
    return {
        "mode": rubric.mode,
        "basis": rubric.basis,
        "unit": rubric.unit,
        "higher_is_better": rubric.higher_is_better,
        "min_inclusive": rubric.min_inclusive,
        "years": rubric.years,
        "note": rubric.note,
        "levels": [
            {"label": each.label, "share": each.share}
            | ({} if each.minimum is None else {"min": each.minimum})
            for each in rubric.levels
        ],
    }


def _indicator(indicator: IndicatorData) -> dict[str, Any]:
    return {
        "code": indicator.code,
        "official_number": indicator.official_number,
        "name": indicator.name,
        "alt_names": list(indicator.alt_names),
        "max_points": indicator.max_points,
        "lead_agency": indicator.lead_agency,
        "note": indicator.note,
        "questions": [_question(each) for each in indicator.questions],
    }


def _question(question: QuestionData) -> dict[str, Any]:
    return {
        "code": question.code,
        "text": question.text,
        "type": question.answer_type,
        "level": question.level,
        "rubric": question.rubric,
        "max_points": question.max_points,
        "evidence_required": question.evidence_required,
        "evidence_kinds": list(question.evidence_kinds),
        "expected_evidence": list(question.expected_evidence),
        "lead_agency": question.lead_agency,
        "supporting_agencies": list(question.supporting_agencies),
        "register": question.register,
        "note": question.note,
    }
