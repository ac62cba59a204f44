"""Another short id for a record, in a real browser: what changes is told first, and what names it follows."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

GRID = "#grid-characteristics"


@pytest.fixture
def page(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Any:
    """The page of step 4; the small cycle's characteristic waiting stands in steps 4, 6 and 7."""
    opened = page_as("owner")
    opened.goto(site.cycle("characteristics/", fresh_cycle))
    opened.wait_for_selector(f"{GRID}[data-ready=yes]", state="attached")
    return opened


def id_cell(page: Any, own: str) -> Any:
    return page.locator(f"{GRID} [data-path*='\"@{own}\"'][data-path*='\"id\"'] input")


def test_an_id_typed_into_its_cell_asks_and_renames_everywhere(page: Any) -> None:
    cell = id_cell(page, "waiting")
    cell.scroll_into_view_if_needed()
    cell.fill("queueing")
    cell.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_label("New short id")).to_have_value("queueing")
    expect(dialog.locator("summary")).to_contain_text("places in")
    dialog.get_by_role("button", name="Rename").click()
    expect(id_cell(page, "queueing")).to_have_value("queueing")
    expect(page.locator("#toasts")).to_contain_text("“waiting” is “queueing” now")
    assert page.locator("[data-faults]:visible").count() == 0


def test_an_id_that_is_taken_is_said_in_the_dialog_and_cancelling_leaves_all_as_it_was(
    page: Any, complaints: Any
) -> None:
    complaints.expect("422")
    row = id_cell(page, "waiting").locator("xpath=ancestor::tr")
    row.locator("[data-row=rename]").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("New short id").fill("training")
    dialog.get_by_role("button", name="Rename").click()
    expect(page.locator("#rename-fault")).to_contain_text("taken")
    page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
    expect(id_cell(page, "waiting")).to_have_value("waiting")
