"""Every page of every role, on a laptop and on a phone: axe finds nothing, nothing is wider than
the screen, and whoever goes by keyboard sees where they are.
"""

import pytest
from playwright.sync_api import Page

from tests.e2e.case import ON_A_PHONE
from tests.e2e.world import make_world, places

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
    for path in places(world, viewer):
        page.goto(path)
        wrong += [(path, *fault) for fault in faults(page)]
        if kind == "laptop" and viewer in {"guest", "own", "verifikator"}:
            wrong += [(path, "focus", each) for each in unseen(page)]
    assert wrong == []
