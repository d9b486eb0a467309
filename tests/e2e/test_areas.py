"""Areas in a browser: the grid by keyboard, one question on a phone, and a kelurahan's own form."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from submissions.actions import answering
from submissions.models import Evidence, Response, Submission
from submissions.workflow import State
from tests.e2e.case import as_file, beyond, pdf
from tests.submissions.areas_case import make_city, said
from tests.submissions.test_areas import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> SimpleNamespace:
    return make_city()


def values(city: SimpleNamespace) -> dict[str, bool | None]:
    """What each area answered to 26.1, by its code."""
    found = Response.objects.filter(
        question__code="26.1", submission__agency__in=city.areas.values()
    )
    return {
        code: None if value is None else value["yes"]
        for code, value in found.values_list("submission__agency__code", "value")
    }


def cell(page: Page, response: Response) -> object:
    return page.locator(f"#c{response.pk}")


def test_the_grid_is_filled_by_keyboard_and_its_figures_follow(page, sign_in, city):
    first, second = said(city, "Cibabat", "26.1"), said(city, "Citeureup", "26.1")
    below = said(city, "Citeureup", "26.2")
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    figures = page.locator(f"#r-{first.question_id}")
    expect(figures).to_contain_text("0 ya, 0 tidak, 2 belum")
    cell(page, first).focus()
    page.keyboard.press("y")
    expect(figures).to_contain_text("1 ya, 0 tidak, 1 belum")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(figures).to_contain_text("2 ya, 0 tidak, 0 belum")
    page.keyboard.press("Space")
    expect(figures).to_contain_text("1 ya, 1 tidak, 0 belum")
    page.keyboard.press("ArrowDown")
    expect(cell(page, below)).to_be_focused()
    page.keyboard.press("t")
    page.keyboard.press("Delete")
    page.keyboard.press("y")
    expect(page.locator("#jumlah")).to_contain_text("1 sel belum dijawab")
    expect(page.locator("#kabar-sel")).to_contain_text("Tersimpan")
    assert values(city) == {"cibabat": True, "citeureup": False, "utama": None}
    assert Response.objects.get(pk=below.pk).value == {"yes": True}
    page.reload()
    expect(cell(page, second)).to_have_value("Tidak")
    expect(page.locator("td.r")).to_have_count(1)  # a yes that asks for evidence and has none
    cell(page, second).focus()
    page.keyboard.press("b")
    page.wait_for_url(f"**/wilayah/2024/26.1/#a-{second.pk}")


def test_a_stale_cell_tells_of_the_other_and_takes_the_answer_again(page, sign_in, city, expected):
    expected.append("409")
    response = said(city, "Cibabat", "26.1")
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    expect(cell(page, response)).to_have_value("")
    answering.answer(
        response, value={"yes": True}, note="", version=0, by=city.people["cibabat"], now=NOW
    )
    cell(page, response).focus()
    page.keyboard.press("t")
    expect(page.locator("#beda")).to_contain_text("jawaban Anda Tidak, sedangkan Pak Lurah")
    expect(cell(page, response)).to_have_value("Ya")
    page.click("text=Pakai jawaban saya")
    expect(cell(page, response)).to_have_value("Tidak")
    assert values(city)["cibabat"] is False


def test_a_cell_waits_for_the_network_and_is_sent_when_it_is_there(page, sign_in, city, expected):
    expected += ["ERR_INTERNET_DISCONNECTED"]
    response = said(city, "Cibabat", "26.1")
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    page.context.set_offline(True)
    cell(page, response).focus()
    page.keyboard.press("y")
    expect(page.locator("#kabar-sel")).to_contain_text("1 jawaban belum terkirim")
    assert values(city)["cibabat"] is None
    page.context.set_offline(False)
    expect(page.locator("#kabar-sel")).to_contain_text("Tersimpan")
    assert values(city)["cibabat"] is True


def test_a_cell_typed_without_a_network_is_there_again_after_the_page_was_left(
    new_page, sign_in, city, expected
):
    expected += ["ERR_INTERNET_DISCONNECTED", "dialog: beforeunload"]
    response = said(city, "Cibabat", "26.1")
    page = new_page()
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    page.context.set_offline(True)
    cell(page, response).focus()
    page.keyboard.press("y")
    expect(page.locator("#kabar-sel")).to_contain_text("tersimpan di perangkat ini")
    expect(page.get_by_role("button", name="Simpan sebagai berkas")).to_be_visible()
    with page.context.expect_page() as opened:
        page.evaluate("window.open('about:blank')")
    page.close(run_before_unload=False)
    again = opened.value
    again.wait_for_timeout(1000)  # a page that is going still hears that the network is back
    again.context.set_offline(False)
    again.goto(page.url)
    expect(cell(again, response)).to_have_value("Ya")
    assert values(city)["cibabat"] is True
    again.wait_for_function(
        "!Object.keys(localStorage).some((name) => name.startsWith('kla:ketik'))"
    )


def test_a_cell_that_waits_is_sent_from_another_page_too(new_page, sign_in, city, expected):
    expected += ["ERR_INTERNET_DISCONNECTED", "dialog: beforeunload"]
    response = said(city, "Cibabat", "26.1")
    page = new_page()
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    page.context.set_offline(True)
    cell(page, response).focus()
    page.keyboard.press("y")
    expect(page.locator("#kabar-sel")).to_contain_text("tersimpan di perangkat ini")
    with page.context.expect_page() as opened:
        page.evaluate("window.open('about:blank')")
    page.close(run_before_unload=False)
    again = opened.value
    again.wait_for_timeout(1000)  # a page that is going still hears that the network is back
    again.context.set_offline(False)
    with again.expect_response(lambda each: each.request.method == "POST") as sent:
        again.goto(page.url.split("/wilayah/")[0] + "/akun/")
    assert sent.value.status == 200
    assert values(city)["cibabat"] is True


def test_what_is_handed_in_says_why_it_holds_still(page, sign_in, city):
    response = said(city, "Cibabat", "26.1")
    Submission.objects.filter(pk=response.submission_id).update(state=State.SUBMITTED)
    sign_in(page, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    cell(page, response).focus()
    page.keyboard.press("y")
    expect(page.locator("#kabar-sel")).to_contain_text("Diajukan dan menunggu verifikator")
    expect(cell(page, response)).to_have_value("")
    assert values(city)["cibabat"] is None


def test_on_a_phone_a_kecamatan_takes_one_question_at_a_time(phone, sign_in, city):
    sign_in(phone, city.people["utara"].username, "/wilayah/2024/?tingkat=kelurahan")
    assert beyond(phone) == 0
    phone.click("text=26.1")
    phone.wait_for_url("**/wilayah/2024/26.1/")
    for area in ("Cibabat", "Citeureup"):
        card = phone.locator(f"#a-{said(city, area, '26.1').pk}")
        card.locator("label", has_text="Ya").click()
        card.locator("text=Beri data dukung").click()
    phone.set_input_files("#berkas", [as_file("SK bersama.pdf", pdf("SK bersama"))])
    phone.click("text=Simpan dan lampirkan")
    expect(phone.locator("text=Data dukung terlampir pada 2 jawaban.")).to_be_visible()
    assert values(city) == {"cibabat": True, "citeureup": True, "utama": None}
    assert Evidence.objects.get().links.count() == 2
    assert beyond(phone) == 0


def test_a_kelurahan_answers_its_short_form_on_a_phone_and_hands_it_in(phone, sign_in, city):
    sign_in(phone, city.people["cibabat"].username, "/isian/")
    phone.goto("/wilayah/2024/")
    phone.wait_for_url("**/isian/*/")
    assert beyond(phone) == 0
    for code in ("26.1", "26.2"):
        response = said(city, "Cibabat", code)
        card = phone.locator(f"#q-{response.pk}")
        both = [each.bounding_box() for each in card.locator(".pair label").all()]
        assert both[0]["y"] == both[1]["y"]
        assert min(each["height"] for each in both) >= 44
        card.locator("label", has_text="Tidak").click()
        expect(phone.locator(f"#s-{response.pk}")).to_contain_text("Tersimpan")
    expect(phone.locator("#kaki")).to_contain_text("Lengkap, siap diajukan")
    phone.click("#ajukan")
    phone.click("button:has-text('Ajukan')")
    expect(phone.locator("text=Isian diajukan.")).to_be_visible()
    assert Submission.objects.get(pk=response.submission_id).state == State.SUBMITTED
