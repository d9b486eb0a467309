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
    page = new_page(**ON_A_PHONE, bypass_csp=True)
    with_a_key(page)
    wrong = []

    def look(where: str) -> None:
        wrong.extend((where, *fault) for fault in faults(page))

    def fill(name: str, value: str, button: str) -> None:
        page.fill(f"input[name={name}]", value)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state()

    page.goto("/masuk/")
    page.fill("input[name=username]", user.username)
    fill("password", "salah", "Masuk")
    look("a wrong password")
    sign_in(page, user.username, "/akun/")
    fill("email", "lain@contoh.example", "Simpan data")
    look("another address without the password")
    page.goto("/akun/faktor/aplikasi/")
    look("prove it")
    fill("password", "salah", "Lanjut")
    look("not proved")
    fill("password", PASSWORD, "Lanjut")
    look("the app")
    secret = page.locator("code").first.inner_text()
    fill("code", "000000", "Aktifkan")
    look("a wrong code")
    fill("code", code_of(secret), "Aktifkan")
    look("recovery codes")
    page.goto("/akun/faktor/kunci/tambah/")
    look("a key")
    fill("name", "Laptop kantor", "Tambah kunci")
    page.get_by_role("link", name="Lihat kunci").click()
    expect(page.get_by_role("table")).to_contain_text("Laptop kantor")
    look("keys")
    page.get_by_role("link", name="Lepas").click()
    look("no key")
    for path in ("", "cadangan/", "cadangan/baru/", "aplikasi/lepas/"):
        page.goto(f"/akun/faktor/{path}")
        look(path or "factors")
    for path in ("/tidak-ada/", "/data-dukung/terbatas/?halaman=9", "/admin/"):
        page.goto(path)
        look(path)
    page.context.clear_cookies()
    page.goto("/masuk/")
    page.fill("input[name=username]", user.username)
    fill("password", PASSWORD, "Masuk")
    look("the code")
    for _ in range(7):
        fill("code", "000000", "Masuk")
    look("too many codes")
    page.goto("/sandi/")
    fill("typed", user.username, "Kirim tautan")
    look("a mail is on its way")
    assert wrong == []


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
