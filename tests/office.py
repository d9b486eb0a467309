"""LibreOffice for the test that sends a workbook through a program that no one here wrote; run as
a module it brings one where none is.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def find() -> str | None:
    """What SOFFICE names, or the system's."""
    named = os.environ.get("SOFFICE")
    if named:
        return named if Path(named).exists() else None
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(content: bytes, source: str, target: str) -> bytes:
    """A document opened in one form and saved in another."""
    [made] = convert_all([content], source, target)
    return made


def convert_all(contents: list[bytes], source: str, target: str) -> list[bytes]:
    """Several documents by one run, which takes as long as one, in a profile of its own."""
    program = find()
    if program is None:
        raise RuntimeError(
            "this test needs LibreOffice Calc: python -m tests.office installs it on Debian as "
            "root, or name it in SOFFICE"
        )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        names = [f"buku-{number}" for number in range(len(contents))]
        for name, content in zip(names, contents, strict=True):
            (folder / f"{name}.{source}").write_bytes(content)
        subprocess.run(
            [
                program, "--headless", f"-env:UserInstallation=file://{folder}/profil",
                "--convert-to", target, "--outdir", str(folder / "hasil"),
                *(str(folder / f"{name}.{source}") for name in names),
            ],
            check=True,
            capture_output=True,
            timeout=240,
        )  # fmt: skip
        return [(folder / "hasil" / f"{name}.{target}").read_bytes() for name in names]


def bring() -> None:
    """Install it from the distribution, as root."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "check": False}
        sys.stdout.write("Installing LibreOffice Calc for the workbooks' test (once) …\n")
        sys.stdout.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc"],
            env=environment,
            **quiet,
        )


def main() -> None:
    """Make sure there is one, or say in one sentence that there is none."""
    if find() is None and not os.environ.get("SOFFICE"):
        bring()
    if find() is None:
        sys.exit(
            "make test needs LibreOffice Calc for the workbooks' test and could not get it: "
            "install it (Debian: apt-get install libreoffice-calc) or name it in SOFFICE."
        )


if __name__ == "__main__":
    main()
