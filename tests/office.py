"""Programs that no one here wrote, which the tests hand our files to: LibreOffice for workbooks,
unzip and curl for bundles. Run as a module it brings what is not there.
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


SMALL = ("unzip", "curl")  # of the same name in Debian


def program(name: str) -> str:
    """The path of one of the small ones."""
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(
            f"this test needs {name}: python -m tests.office installs it on Debian as root"
        )
    return found


def bring(packages: list[str]) -> None:
    """Install them from the distribution, as root."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "check": False}
        sys.stdout.write(f"Installing {', '.join(packages)} for the tests (once) …\n")
        sys.stdout.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            env=environment,
            **quiet,
        )


def main() -> None:
    """Make sure that all are there, or say in one sentence what is not."""
    if missing := lacking():
        bring(missing)
    if missing := lacking():
        sys.exit(
            f"make test needs {', '.join(missing)} and could not get it: install it (Debian: "
            f"apt-get install {' '.join(missing)}); a LibreOffice elsewhere is named in SOFFICE."
        )


def lacking() -> list[str]:
    """The Debian packages of what is not there."""
    calc = [] if find() else ["libreoffice-calc"]
    return calc + [name for name in SMALL if shutil.which(name) is None]


if __name__ == "__main__":
    main()
