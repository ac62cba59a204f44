"""The plan of step 6 in a browser: drawn while it is edited, moved by keys and by mouse."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

STATUS = """[data-path='["activities", "@a2", "status"]'] select"""
NOT_BEFORE = """[data-path='["activities", "@a2", "not_before"]'] input"""
BAR = ".gantt-bar[data-activity=a2]"


def opened(site: Any, key: str, page_as: Callable[..., Any], **options: Any) -> Any:
    """The page with the second activity, of 10 days from 2025-03-31, open again so that it can be moved."""
    page = page_as("owner", **options)
    page.goto(site.cycle("improvements/", key))
    page.locator(STATUS).select_option("planned")
    page.wait_for_selector(f"{BAR}[role=slider]")
    return page


def test_a_bar_moves_by_keys_and_is_saved(site: Any, fresh_cycle: str, page_as: Callable[..., Any]) -> None:
    page = opened(site, fresh_cycle, page_as)
    page.locator(BAR).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.wait_for_selector(f'{BAR}[data-begins="2025-04-10"]')  # three days and a week later
    expect(page.locator(NOT_BEFORE)).to_have_value("2025-04-10")
    assert page.evaluate("document.activeElement.dataset.activity") == "a2"
    page.wait_for_selector('[data-saved-word][data-state="saved"]')
    page.reload()
    assert page.locator(NOT_BEFORE).input_value() == "2025-04-10"


def test_a_bar_is_dragged(site: Any, fresh_cycle: str, page_as: Callable[..., Any]) -> None:
    page = opened(site, fresh_cycle, page_as)
    bar = page.locator(BAR)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    day = box["width"] / 10  # the activity takes ten days
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5 * day, y, steps=5)
    page.mouse.up()
    page.wait_for_selector(f'{BAR}[data-begins="2025-04-05"]')


def test_what_is_typed_is_drawn_before_it_is_saved(
    site: Any, fresh_cycle: str, page_as: Callable[..., Any]
) -> None:
    page = opened(site, fresh_cycle, page_as)
    page.locator("""[data-path='["budget"]'] input""").fill("100")
    expect(page.locator("#budget-line")).to_contain_text("100 EUR")
    expect(page.locator("[data-select]").first).not_to_be_checked()


def test_the_page_fits_a_phone(site: Any, page_as: Callable[..., Any]) -> None:
    page = page_as("owner", viewport={"width": 360, "height": 800})
    for rest in ("improvements/", "improvements/vault/"):
        page.goto(site.cycle(rest))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
