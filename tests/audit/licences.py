"""Which licences a government may use here, and the table of what is used: docs/licences.md."""

import re
from typing import Any

# Permissive, or binding only for changes of the package itself: nothing of the city's is touched.
ALLOWED = {
    "0BSD",
    "Apache Software License",
    "Apache-2.0",
    "BSD",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "GNU Library or Lesser General Public License (LGPL)",  # used, not changed
    "HPND",
    "ISC",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-0",
    "MIT-CMU",
    "Mozilla Public License 2.0 (MPL 2.0)",  # binds only its own files
    "MPL-2.0",
    "PSF-2.0",
    "Python Software Foundation License",
    "Unlicense",
    "Zlib",
}
# Read by a person, because what the package states is no name of a licence.
READ = {
    "qrcode": ("BSD-3-Clause", "its second entry is the classifier of an older version"),
    "pyrage": ("MIT", "its wheel states none; the licence in its repository, age itself: BSD-3"),
    "pypdfium2": ("BSD-3-Clause, Apache-2.0", "PDFium's own parts are BSD, Apache, MIT and zlib"),
}
BETWEEN = re.compile(r"\s*(?:;| AND | OR )\s*")
HEAD = """# Licences

What production runs on, as each package states it; written by `make audit`, which fails on any that
is not in `tests/audit/licences.py`. The bill of materials is `var/sbom.json`, by the same command.
Fonts: Plus Jakarta Sans, SIL Open Font License 1.1.

| package | version | licence |
|---|---|---|
"""


def table_of(rows: list[dict[str, Any]], names: list[str]) -> tuple[str, list[str], list[str]]:
    """The table, what is not allowed, and what was not found."""
    by_name = {row["Name"].lower().replace("_", "-"): row for row in rows}
    lines, refused = [], []
    for name in names:
        row = by_name.get(name)
        if row is None:
            continue
        stated = row["License"].strip()
        if name in READ:
            stated = f"{READ[name][0]} ({READ[name][1]})"
        elif not {part.strip("() ") for part in BETWEEN.split(stated)} <= _bare():
            refused.append(f"{name}: {stated[:60]}")
        lines.append(f"| {row['Name']} | {row['Version']} | {' '.join(stated.split())[:120]} |")
    return HEAD + "\n".join(lines) + "\n", refused, [name for name in names if name not in by_name]


def _bare() -> set[str]:
    return {name.strip("() ") for name in ALLOWED}
