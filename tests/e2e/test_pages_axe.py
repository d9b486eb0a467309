"""Every page of every role, on a laptop and on a phone: axe finds nothing, nothing is wider than
the screen, and whoever goes by keyboard sees where they are.
"""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from agencies.roles import Role
from tests.agencies.test_second_factor import code_of
from tests.e2e.case import ON_A_PHONE
from tests.e2e.world import make_world, places
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)

LAPTOP = {"viewport": {"width": 1366, "height": 900}}
STEPS = 30

# How the thing that has the keyboard looks, or what around it speaks for it (the label of a radio):
# unlike itself without it.
LOOK = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  // What has the keyboard is inside, and the browser's own: a part of a date or a time, a PDF's.
  if (at.matches('input:is([type=date], [type=time]):not(:focus-visible), iframe')) return null;
  const shown = (each) => {
    if (!each) return false;
    const style = getComputedStyle(each);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return outlined || style.boxShadow !== 'none';
  };
  const box = at.getBoundingClientRect();
  const there = box.width > 0 && box.height > 0;
  const around = [at, at.closest('label'), at.closest('summary'), at.labels && at.labels[0]];
  return there && around.some(shown) ? null : at.outerHTML.slice(0, 160);
}"""


def unseen(page: Page) -> list[str]:
    """What one reaches by the keyboard without seeing that one is there."""
    found = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if (lost := page.evaluate(LOOK)) is not None:
            found.append(lost)
        if page.evaluate("document.activeElement === document.body"):
            break
    return found


def with_a_key(page: Page) -> None:
    """A device that holds passkeys, and says yes."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_every_page_of_the_second_factor_and_of_errors_can_be_read_by_anybody(
    new_page, sign_in, faults, expected
):
    """Pages that only a walk in their order shows: each as it is asked for, refused and done; on
    the phone, where what is too wide would show.
    """
    expected += ["404 (Not Found)", "403 (Forbidden)", "422 (Unprocessable", "429 (Too Many"]
    cache.clear()
    user = make_user(Role.VERIFIKATOR, email="siti@contoh.example")
    walk = Walk(new_page(**ON_A_PHONE, bypass_csp=True), faults)
    with_a_key(walk.page)
    walk.name_oneself(user.username, "salah")
    walk.look("a wrong password")
    sign_in(walk.page, user.username, "/akun/")
    walk.fill("email", "lain@contoh.example", "Simpan data")
    walk.look("another address without the password")
    add_the_app(walk)
    add_a_key_and_drop_it(walk)
    walk.to(*(f"/akun/faktor/{each}" for each in FACTORS))
    walk.to("/tidak-ada/", "/data-dukung/terbatas/?halaman=9", "/admin/")
    walk.page.context.clear_cookies()
    walk.name_oneself(user.username, PASSWORD)
    walk.look("the code")
    for _ in range(7):
        walk.fill("code", "000000", "Masuk")
    walk.look("too many codes")
    walk.page.goto("/sandi/")
    walk.fill("typed", user.username, "Kirim tautan")
    walk.look("a mail is on its way")
    assert walk.wrong == []


FACTORS = ("", "cadangan/", "cadangan/baru/", "aplikasi/lepas/")


class Walk:
    """Pages one after the other, and what was wrong on them."""

    def __init__(self, page, faults):
        self.page, self.faults, self.wrong = page, faults, []

    def look(self, where: str) -> None:
        self.wrong.extend((where, *fault) for fault in self.faults(self.page))

    def to(self, *paths: str) -> None:
        for path in paths:
            self.page.goto(path)
            self.look(path)

    def fill(self, name: str, value: str, button: str) -> None:
        self.page.fill(f"input[name={name}]", value)
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_load_state()

    def name_oneself(self, username: str, password: str) -> None:
        self.page.goto("/masuk/")
        self.page.fill("input[name=username]", username)
        self.fill("password", password, "Masuk")


def add_the_app(walk: Walk) -> None:
    walk.page.goto("/akun/faktor/aplikasi/")
    walk.look("prove it")
    walk.fill("password", "salah", "Lanjut")
    walk.look("not proved")
    walk.fill("password", PASSWORD, "Lanjut")
    walk.look("the app")
    secret = walk.page.locator("code").first.inner_text()
    walk.fill("code", "000000", "Aktifkan")
    walk.look("a wrong code")
    walk.fill("code", code_of(secret), "Aktifkan")
    walk.look("recovery codes")


def add_a_key_and_drop_it(walk: Walk) -> None:
    walk.page.goto("/akun/faktor/kunci/tambah/")
    walk.look("a key")
    walk.fill("name", "Laptop kantor", "Tambah kunci")
    walk.page.get_by_role("link", name="Lihat kunci").click()
    expect(walk.page.get_by_role("table")).to_contain_text("Laptop kantor")
    walk.look("keys")
    walk.page.get_by_role("link", name="Lepas").click()
    walk.look("no key")


@pytest.mark.parametrize("kind", ["laptop", "phone"])
@pytest.mark.parametrize(
    "viewer", ["guest", "own", "helper", "area", "verifikator", "pimpinan", "admin"]
)
def test_every_page_can_be_read_and_walked_by_anybody(
    new_page, sign_in, faults, expected, viewer, kind
):
    expected += ["410 (Gone)"] if viewer == "guest" else []
    world = make_world()
    # axe is put into the page by the test, which the page's own policy would refuse.
    page = new_page(**(ON_A_PHONE if kind == "phone" else LAPTOP), bypass_csp=True)
    if viewer != "guest":
        sign_in(page, world.people[viewer].username, "/akun/")
    wrong = []
    paths = places(world, viewer)
    if kind == "laptop" and viewer in {"pimpinan", "admin"}:
        # What the verifikator sees too was walked on a laptop as the verifikator.
        seen = set(places(world, "verifikator"))
        paths = [path for path in paths if path not in seen]
    for path in paths:
        page.goto(path)
        wrong += [(path, *fault) for fault in faults(page)]
        if kind == "laptop" and viewer in {"guest", "own", "verifikator"}:
            wrong += [(path, "focus", each) for each in unseen(page)]
    assert wrong == []
