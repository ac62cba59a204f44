"""Choosing opportunities and approving the charter in a real browser."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

SAVED = "[data-saved-word][data-state=saved]"


@pytest.fixture
def page(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Any:
    opened = page_as("owner", viewport={"width": 1300, "height": 1000})
    opened.goto(site.cycle("opportunities/", fresh_cycle))
    opened.wait_for_selector("[data-choosing][data-ready=yes]")
    return opened


def line(page: Any, key: str) -> Any:
    return page.locator(f'[data-choosing] tr[data-id="{key}"]')


def test_space_chooses_and_the_totals_follow(page: Any) -> None:
    rows = json.loads(page.locator("#choice-data").text_content())["rows"]
    chosen = sum(one["chosen"] for one in rows)
    free = next(one["id"] for one in rows if not one["chosen"])
    box = line(page, free).locator("[data-field=chosen]")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-choice-totals]")).to_contain_text(f"{chosen + 1} chosen.")
    page.wait_for_selector(SAVED)
    page.reload()
    expect(line(page, free).locator("[data-field=chosen]")).to_be_checked()


def test_scores_are_edited_in_place_and_taken_back(page: Any) -> None:
    effort = line(page, "opp-fast").locator("[data-field=effort]")
    effort.fill("7")
    effort.press("Enter")
    page.wait_for_selector(SAVED)
    effort.focus()
    page.keyboard.press("Control+z")
    expect(line(page, "opp-fast").locator("[data-field=effort]")).to_have_value("")


def test_a_heading_sorts_up_and_down(page: Any) -> None:
    names = page.locator("[data-choosing] tbody [data-field=name]")
    heading = page.locator("[data-choosing] th[data-sort=name] button")
    heading.click()
    up = [one.input_value() for one in names.all()]
    expect(page.locator("[data-choosing] th[data-sort=name]")).to_have_attribute("aria-sort", "ascending")
    heading.click()
    assert [one.input_value() for one in names.all()] == up[::-1]
    assert sorted(up, key=str.lower) == up


def test_to_pass_the_lowest_over_asks_for_a_reason(page: Any) -> None:
    choice = json.loads(page.locator("#choice-data").text_content())
    for one in choice["rows"]:
        box = line(page, one["id"]).locator("[data-field=chosen]")
        wanted = one["rank"] is not None and one["id"] not in choice["lowest"]
        if box.is_checked() != wanted:
            box.set_checked(wanted)
    others = [one for one in choice["rows"] if one["rank"] is not None and one["id"] not in choice["lowest"]]
    if not others:
        pytest.skip("all of the small cycle's needs may be the lowest")
    warning = page.locator("[data-choice-lowest]")
    expect(warning).to_contain_text("passed over")
    for one in others:
        reason = line(page, one["id"]).locator("[data-field=reason]")
        reason.fill("cheap and asked for")
        reason.press("Tab")
    expect(warning).not_to_contain_text("passed over")


def test_a_charter_is_approved_changed_and_compared(page: Any) -> None:
    page.fill("#approve-version", "1")
    page.fill("#approve-by", "board")
    page.get_by_role("button", name="Approve this version").click()
    expect(page.locator("#edit-charter")).to_contain_text("Version 1, approved by board")
    mission = page.locator('[data-path=\'["charter", "mission"]\'] textarea')
    mission.fill("Nobody waits at all.")
    mission.press("Tab")
    page.wait_for_selector(SAVED)
    page.reload()
    expect(page.locator("#edit-charter")).to_contain_text("Changed since version 1 was approved")
    page.get_by_role("link", name=re.compile("Compare with the charter as it stands")).click()
    row = page.locator("tr.differs", has_text="Mission")
    expect(row).to_contain_text("Nobody waits at all.")
    expect(row).to_contain_text("Nobody waits long.")
    page.emulate_media(media="print")
    expect(page.locator(".charter-compare")).to_be_hidden()
