"""The entry page for measurements on a phone: judged at once, nothing lost without a connection."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

PHONE = {"width": 360, "height": 780}
OUTSIDE = "9.5"
"""Above the small cycle's upper limit of 9 min."""


@pytest.fixture
def entry(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Any:
    page = page_as("frontline", viewport=PHONE)
    page.goto(site.cycle("control/measure/?item=ci_waiting", fresh_cycle))
    return page


def keep(page: Any, value: str) -> None:
    page.locator("#measure-value").fill(value)
    page.keyboard.press("Enter")


def test_a_value_is_kept_and_the_field_is_ready_for_the_next(entry: Any) -> None:
    expect(entry.locator("#measure-value")).to_be_focused()
    keep(entry, "5,5")
    expect(entry.locator("#measure-said")).to_contain_text("5.5 min is inside the control limits")
    expect(entry.locator("#measure-value")).to_be_focused()
    expect(entry.locator("#measure-value")).to_have_value("")
    expect(entry.locator("#measure-last li")).to_have_count(1)
    keep(entry, "6")
    expect(entry.locator("#measure-last li")).to_have_count(2)


def test_the_reaction_plan_is_said_at_once(entry: Any) -> None:
    keep(entry, OUTSIDE)
    expect(entry.locator("#measure-said")).to_contain_text("outside the specification")
    expect(entry.locator("#measure-said")).to_contain_text("open a second counter")
    expect(entry.locator("#measure-said")).to_contain_text("head of the counter")


def test_what_was_typed_without_a_connection_is_sent_later_and_once(entry: Any, complaints: Any) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    entry.context.set_offline(True)
    keep(entry, "5.1")
    keep(entry, "5.2")
    expect(entry.locator("#measure-queue")).to_contain_text("2 waiting to be sent")
    entry.context.set_offline(False)
    expect(entry.locator("#measure-last li")).to_have_count(2)
    expect(entry.locator("#measure-queue")).to_be_empty()


def test_a_lost_answer_does_not_keep_a_value_twice(entry: Any, complaints: Any) -> None:
    complaints.expect("ERR_FAILED")
    lost = []

    def lose_first(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # the server has kept it
            route.abort()
        else:
            route.continue_()

    entry.route("**/control/measure/", lose_first)
    keep(entry, "5.3")
    expect(entry.locator("#measure-said")).to_contain_text("5.3 min is inside")
    assert lost[0].status == 200
    expect(entry.locator("#measure-last li")).to_have_count(1)


def test_what_waits_outlives_the_page(entry: Any, complaints: Any) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    address = entry.url
    entry.context.set_offline(True)
    keep(entry, "5.4")
    expect(entry.locator("#measure-queue")).to_contain_text("1 waiting")
    entry.close()
    again = entry.context.new_page()
    entry.context.set_offline(False)
    again.goto(address)
    expect(again.locator("#measure-last li")).to_have_count(1)
    expect(again.locator("#measure-last")).to_contain_text("5.4")


def test_a_refused_value_stands_in_its_field_again(entry: Any, complaints: Any) -> None:
    complaints.expect("422")
    keep(entry, "five")
    expect(entry.locator("#measure-said")).to_contain_text("must be a number")
    expect(entry.locator("#measure-value")).to_have_value("five")
    expect(entry.locator("#measure-queue")).to_be_empty()


def test_a_value_is_corrected(entry: Any) -> None:
    keep(entry, "55")
    entry.locator("#measure-last a").first.click()
    keep(entry, "5.5")
    expect(entry.locator("#measure-last li")).to_have_count(2)
    expect(entry.locator("#measure-last")).to_contain_text("corrected to 5.5")


def test_only_the_value_of_this_person_waits_here(entry: Any) -> None:
    """Two people who share a phone never send each other's values under their own name."""
    stored = entry.evaluate("document.querySelector('[data-measure]').dataset.store")
    assert stored.split(".")[-1].isdigit()
