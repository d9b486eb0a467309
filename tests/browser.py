"""Which Chromium the browser tests use; run as a module it brings one where none is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.getuid() == 0 else []),
]


def find() -> str | None:
    """What CHROMIUM names, the system's, or the one playwright brought."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return _playwrights()


def _playwrights() -> str | None:
    program = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    path = told.stdout.strip()
    return path if path and Path(path).exists() else None


def bring() -> None:
    """Install one: from the distribution as root, otherwise through playwright."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "check": False}
        sys.stdout.write("Installing chromium for the browser tests (once) …\n")
        sys.stdout.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium",
             "fonts-dejavu-core"],
            env=environment,
            **quiet,
        )  # fmt: skip
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Make sure there is one, or say in one sentence that there is none."""
    if find() is None and not os.environ.get("CHROMIUM"):
        bring()
    if find() is None:
        sys.exit(
            "make test needs Chromium for the browser tests and could not get one: "
            "install it (Debian: apt-get install chromium) or name it in CHROMIUM."
        )


if __name__ == "__main__":
    main()
