"""One browser for all journeys, and pages that fail their test when anything went wrong in them.

A test asks for `page` (a laptop), `phone`, or `new_page(**options)` for another kind of window;
addresses are relative. What must go wrong in a test it names in `expected`.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests import browser as chromium
from tests.factories import PASSWORD

# The browser's loop runs in the test's thread, which Django would otherwise call async.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

LAPTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds; two cores may be busy with more than this

# Not every refusal of the page's policy reaches the console by itself.
POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""

expect.set_options(timeout=PATIENCE)

NewPage = Callable[..., Page]
SignIn = Callable[..., None]


class Watch:
    """What went wrong in the pages of a test, and what of it the test expects."""

    def __init__(self, expected: list[str]) -> None:
        self.expected = expected
        self.troubles: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of this window."""
        context.add_init_script(POLICY)
        context.on("console", self.console)
        context.on("weberror", lambda error: self.note(f"error: {error.error}"))
        context.on("requestfailed", self.failed)
        context.on("dialog", self.dialog)

    def note(self, trouble: str) -> bool:
        """Keep it unless the test expects it; whether it is kept."""
        kept = not any(words in trouble for words in self.expected)
        if kept:
            self.troubles.append(trouble)
        return kept

    def console(self, message: ConsoleMessage) -> None:
        """Chromium says here also which answers were 400 and above."""
        if message.type in {"error", "warning"}:
            self.note(f"console: {message.text} ({message.location.get('url', '')})")

    def failed(self, request: Request) -> None:
        """A download, and what a page loads that is left, count as aborted; what the browser's
        own PDF viewer asks of the browser is not ours.
        """
        ours = request.resource_type in {"fetch", "xhr"}
        left = request.failure == "net::ERR_ABORTED" and not ours
        if not left and not request.url.startswith("chrome"):
            self.note(f"request: {request.failure} {request.method} {request.url}")

    def dialog(self, dialog: Dialog) -> None:
        """Yes to what is expected, no to all else."""
        if self.note(f"dialog: {dialog.type} {dialog.message}"):
            dialog.dismiss()
        else:
            dialog.accept()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield running
        running.close()


@pytest.fixture
def expected() -> list[str]:
    """A test puts parts of the console errors, failed requests and dialogs in here that belong to
    what it tries; a dialog that is expected is answered with yes.
    """
    return []


@pytest.fixture
def new_page(browser: Browser, live_server: Any, expected: list[str]) -> Iterator[NewPage]:
    """Make a page in a window of its own (cookies, size, scheme), with playwright's options."""
    watch = Watch(expected)
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        usual = {
            "viewport": LAPTOP,
            "locale": "id-ID",
            "timezone_id": "Asia/Jakarta",
            "base_url": live_server.url,
        }
        context = browser.new_context(**(usual | options))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.follow(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert watch.troubles == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page on a laptop."""
    return new_page()


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A page on a phone."""
    return new_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def sign_in() -> SignIn:
    """Sign in by the form, as `sign_in(page, username)`, and arrive at the home or at `path`."""

    def do(page: Page, username: str, path: str = "/", *, password: str = PASSWORD) -> None:
        page.goto(f"/masuk/?next={path}")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(path if path != "/" else lambda url: "/masuk/" not in url)

    return do


@pytest.fixture
def faults() -> Callable[[Page], list[tuple[str, str]]]:
    """What axe finds in a page, and whether it is wider than the window.

    axe is put into the page by the test, which the page's own policy would refuse: make the page
    by `new_page(bypass_csp=True)`.
    """

    def look(page: Page) -> list[tuple[str, str]]:
        found = [
            (each["id"], each["nodes"][0]["html"])
            for each in Axe().run(page).response["violations"]
        ]
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found + ([("overflow", f"{beyond} px")] if beyond > 0 else [])

    return look
