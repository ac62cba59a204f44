"""The trace in a real browser: walked by keyboard, followed by links."""

from collections.abc import Callable
from typing import Any


def test_the_drawing_is_walked_by_keyboard(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner")
    page.goto(site.cycle("trace/?kind=need&id=fast"))
    here = page.locator('[data-trace] a[data-record="need"]')
    here.focus()
    kinds = []
    for _step in range(3):
        page.keyboard.press("ArrowRight")
        kinds.append(page.evaluate("document.activeElement.dataset.record"))
    assert kinds == ["characteristic", "opportunity", "project"]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.record") == "opportunity"
    page.keyboard.press("Enter")
    page.wait_for_url("**/trace/?kind=opportunity&id=opp-fast")
    assert page.locator('[data-trace] a[aria-current="true"]').count() == 1


def test_it_is_used_without_a_mouse_from_the_search_on(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner")
    page.goto(site.cycle("trace/"))
    page.fill("#trace-q", "waiting time")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Waiting time").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=characteristic&id=waiting")
    assert "Serve me fast" in page.inner_text("main")
