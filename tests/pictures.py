"""The pictures of README.md, made anew from the example city: python -m tests.pictures

Into docs/gambar, from a place of its own in a temporary folder; half a minute, and Chromium.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import browser
from tests.drill import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "gambar"
LAPTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 120  # seconds until the pages answer


@contextmanager
def example() -> Iterator[str]:
    """An example city that serves; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="kla-pictures-") as folder:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        own = {"VAR_DIR": folder, "EXAMPLE_ACCOUNTS": "1", "PORT": port, "LOG_LEVEL": "ERROR"}
        place = {"cwd": ROOT, "env": kept | own}
        subprocess.run([sys.executable, "manage.py", "prepare"], check=True, **place)
        web = subprocess.Popen([Path(sys.executable).with_name("gunicorn")], **place)
        try:
            answers(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            web.terminate()
            web.wait()


def answers(address: str) -> None:
    """Wait until it does."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(address).close()  # noqa: S310  (our own address)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def page_of(running: Browser, address: str, size: dict[str, int], user: str) -> Page:
    """A window of that size in which somebody is signed in."""
    page = running.new_context(
        base_url=address, viewport=size, locale="id-ID", timezone_id="Asia/Jakarta"
    ).new_page()
    page.goto("/masuk/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(lambda url: "/masuk/" not in url)
    return page


def draw(page: Page, name: str) -> None:
    """What stands on the screen now."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    sys.stdout.write(f"docs/gambar/{name}.png\n")


def main() -> None:
    with example() as address, sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
        page = page_of(running, address, LAPTOP, "verifikator")
        page.goto("/penilaian/")
        draw(page, "penilaian")
        page.goto("/verifikasi/?kata=KTR")
        page.locator("main a[href^='/verifikasi/'][href*='kata']").first.click()
        page.locator(".review-list a").nth(1).click()
        page.locator(".review-frame iframe").wait_for()
        page.wait_for_timeout(2000)  # the browser's own viewer draws its paper late
        draw(page, "verifikasi")
        page = page_of(running, address, PHONE, "disdukcapil")
        page.goto("/isian/")
        page.locator(".owed h3 a").first.click()
        draw(page, "isian")
        running.close()


if __name__ == "__main__":
    main()
