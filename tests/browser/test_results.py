"""The management review in the browser: filled in where it is read, signed as it was read, printed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.fixture
def review(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Any:
    page = page_as("owner", viewport={"width": 1200, "height": 900})
    page.goto(site.cycle("results/review/", fresh_cycle))
    return page


def test_the_review_is_held_and_signed(review: Any) -> None:
    audits = review.locator("[data-input=audits]")
    audits.fill("external audit in May: no nonconformity")
    before = review.locator(".review-print").inner_text()
    audits.press("Tab")
    expect(review.locator(".review-print")).not_to_have_text(before)
    review.locator("[data-add-row=grid-review]").click()
    row = review.locator("#grid-review > tbody > tr").nth(0)
    for place, value in enumerate(["Bring it to the other hall", "director", "2026-03-31"]):
        field = row.locator("[data-path] > input, [data-path] > textarea").nth(place)
        field.fill(value)
        with review.expect_response("**/results/edit"):
            field.blur()
    expect(review.locator("[data-saved-word][data-state=saved]")).to_be_visible()
    review.reload()
    expect(review.locator("[data-input=audits]")).to_have_value("external audit in May: no nonconformity")
    review.locator("#sign-by").fill("director")
    review.get_by_role("button", name="Sign the minutes").click()
    expect(review.locator("#signature")).to_contain_text("Signed by director")


def test_what_is_printed_holds_what_was_said(review: Any) -> None:
    review.locator("[data-input=risks]").fill("the second counter took the queue away")
    review.keyboard.press("Tab")
    review.emulate_media(media="print")
    expect(review.locator("[data-said=risks]")).to_be_visible()
    expect(review.locator("[data-said=risks]")).to_have_text("the second counter took the queue away")
    expect(review.locator("[data-input=risks]")).to_be_hidden()


def test_the_next_cycle_is_one_button_away(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> None:
    page = page_as("analyst")
    page.goto(site.cycle("results/", fresh_cycle))
    page.get_by_role("link", name="Start the next cycle").click()
    page.get_by_label("Name of the next cycle").fill("Second turn")
    page.get_by_role("button", name="Start the next cycle").click()
    expect(page.locator("h1")).to_contain_text("Second turn")
