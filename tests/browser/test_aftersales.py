"""Cases in the browser: a new one, the five whys, cause and effect, the board by keys."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.test_pages import AXE, axe

SAVED = "[data-saved-word][data-state=saved]"


@pytest.fixture
def counter(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Any:
    """A page of somebody at the counter, on the board."""
    page = page_as("frontline", viewport={"width": 1200, "height": 900})
    page.goto(site.cycle("aftersales/cases/", fresh_cycle))
    return page


def open_case(page: Any) -> None:
    page.keyboard.press("n")
    page.get_by_label("What the customer says").fill("I waited for an hour")
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/aftersales/case/**")


def test_a_case_from_the_counter_to_its_closing(counter: Any) -> None:
    open_case(counter)
    expect(counter.locator("h1")).to_have_text("I waited for an hour")
    for word in ("Acknowledge", "Assess", "Answer"):
        counter.get_by_role("button", name=word, exact=True).click()
    first = counter.get_by_label("Why 1")
    first.fill("nobody was at the counter")
    first.press("Enter")
    expect(counter.get_by_label("Why 2")).to_be_focused()
    counter.keyboard.type("the shift began late")
    counter.keyboard.press("Tab")
    counter.wait_for_selector(SAVED)
    counter.get_by_label("Method").fill("no rule for shifts\nno check of it")
    counter.get_by_label("Root cause").fill("no plan for shifts")
    counter.keyboard.press("Tab")
    expect(counter.locator("#case-history")).to_contain_text("no plan for shifts")
    counter.get_by_role("button", name="Close", exact=True).click()
    expect(counter.locator(".case-steps li.is-done")).to_have_count(5)
    expect(counter.get_by_label("Why 2")).to_have_value("the shift began late")
    expect(counter.get_by_label("Method")).to_have_value("no rule for shifts\nno check of it")
    counter.get_by_label("Was the customer satisfied with the handling?").select_option("false")
    expect(counter.locator("#case-history")).to_contain_text("Satisfied: False")


def test_the_board_goes_by_keys(counter: Any) -> None:
    cards = counter.locator("[data-card]")
    cards.first.focus()
    counter.keyboard.press("ArrowRight")
    moved = counter.evaluate("document.activeElement.closest('.case-column').className")
    assert "case-closed" in moved, "the columns between are empty"
    counter.keyboard.press("ArrowDown")
    counter.keyboard.press("Enter")
    counter.wait_for_url("**/aftersales/case/**")


def test_the_page_of_a_case_is_accessible(counter: Any, complaints: Any) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: run make assets")
    open_case(counter)
    found = axe(counter)
    counter.emulate_media(color_scheme="dark")
    counter.reload()
    assert [*found, *axe(counter)] == []
