"""A small instrument that is right in every respect, to be made wrong in one."""

import copy
import json
from typing import Any

SMALL: dict[str, Any] = {
    "format": "kla-instrument/1",
    "code": "uji-1",
    "title": "Instrumen uji",
    "year": 2024,
    "language": "id",
    "basis": "Dibuat untuk pengujian.",
    "total_max_points": 10,
    "bands": [{"name": "Pratama", "min": 5, "inclusive": True}, {"name": "KLA", "min": 9}],
    "bands_note": "",
    "rubrics": {
        "ya-tidak": {
            "mode": "choice",
            "basis": "logis",
            "levels": [{"label": "Ya", "share": 1.0}, {"label": "Tidak", "share": 0.0}],
        },
        "persentase": {
            "mode": "threshold",
            "unit": "%",
            "higher_is_better": True,
            "basis": "estimasi",
            "levels": [
                {"label": "90-100 %", "share": 1.0, "min": 90},
                {"label": "di bawah 90 %", "share": 0.5, "min": 0},
            ],
        },
        "tren": {
            "mode": "trend",
            "basis": "estimasi",
            "levels": [
                {"label": "Membaik", "share": 1},
                {"label": "Tetap", "share": 0.5},
                {"label": "Memburuk", "share": 0},
            ],
        },
        "wilayah": {"mode": "area_share", "basis": "estimasi", "levels": []},
    },
    "registers": {
        "regulasi": {
            "name": "Peraturan",
            "columns": [
                {"key": "nomor", "label": "Nomor", "type": "text"},
                {"key": "jenis", "label": "Jenis", "type": "choice", "options": ["Perda", "SK"]},
            ],
        }
    },
    "clusters": [
        {
            "code": "I",
            "name": "Hak Sipil",
            "max_points": 10.0,
            "coordinator": "Disdukcapil",
            "indicators": [
                {
                    "code": "4",
                    "official_number": 4,
                    "name": "Akta kelahiran",
                    "alt_names": ["Akta"],
                    "max_points": 10.0,
                    "lead_agency": "Disdukcapil",
                    "note": "Jumlah nilai pertanyaan 11,25; nilai indikator menjadi batas.",
                    "questions": [
                        {
                            "code": "4.1",
                            "text": "Perda tentang akta kelahiran",
                            "type": "ya_tidak",
                            "level": "kota",
                            "rubric": "ya-tidak",
                            "max_points": 4.25,
                            "evidence_required": True,
                            "evidence_kinds": ["foto"],
                            "expected_evidence": ["Salinan Perda"],
                            "lead_agency": "Disdukcapil",
                            "supporting_agencies": ["Bagian Hukum Setda"],
                            "register": "regulasi",
                        },
                        {
                            "code": "4.2",
                            "text": "Kelurahan yang melayani akta",
                            "type": "persentase_wilayah",
                            "level": "kelurahan",
                            "rubric": "wilayah",
                            "max_points": 7,
                            "evidence_required": False,
                            "evidence_kinds": [],
                            "expected_evidence": [],
                            "lead_agency": "Kelurahan",
                            "supporting_agencies": [],
                            "note": "Setiap kelurahan menjawab sendiri.",
                        },
                    ],
                }
            ],
        }
    ],
}
GONE = object()


def changed(*path: Any, to: Any = GONE, **more: Any) -> dict[str, Any]:
    """The small instrument with one value changed, or taken away."""
    values = copy.deepcopy(SMALL)
    if path:
        holder = values
        for step in path[:-1]:
            holder = holder[step]
        if to is GONE:
            del holder[path[-1]]
        elif isinstance(holder, list) and path[-1] == len(holder):
            holder.append(to)
        else:
            holder[path[-1]] = to
    return values | more


def as_text(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False)
