"""The House of Quality in a real browser: typed by keys, weighed at once, told to others."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

SAVED = "[data-saved-word][data-state=saved]"


class House:
    """The house on the page of step 4."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.sent = page, []
        page.on("request", self._note)
        page.goto(address)
        page.wait_for_selector("#house[data-ready=yes] .house-cell", state="attached")

    def _note(self, request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/edit"):
            self.sent.append(json.loads(request.post_data))

    def cell(self, need: str, characteristic: str) -> Any:
        """A cell by the beginnings of the names of its row and column."""
        return self.page.locator(f'.house-cell[aria-label^="{need}"][aria-label*=", {characteristic}"]').first

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def saved(self) -> None:
        self.page.wait_for_selector(SAVED)

    def row(self, label: str) -> list[str]:
        """What a line below the grid reads, column by column."""
        found: list[str] = (
            self.page.locator(".house-foot tr", has=self.page.get_by_text(label, exact=True))
            .first.locator("td.house-read")
            .all_inner_texts()
        )
        return found


@pytest.fixture
def address(site: Any, fresh_cycle: str) -> str:
    return site.cycle("characteristics/", fresh_cycle)


@pytest.fixture
def house(page_as: Callable[..., Any], address: str) -> House:
    return House(page_as("owner", viewport={"width": 1300, "height": 1000}), address)


def names(house: House) -> tuple[list[str], list[str]]:
    """The needs and the characteristics that the house shows."""
    model = json.loads(house.page.locator("#house-data").text_content())
    return [one["name"] for one in model["needs"]], [one["name"] for one in model["characteristics"]]


def test_a_key_fills_a_cell_and_the_weights_follow(house: House) -> None:
    needs, columns = names(house)
    cell = house.cell(needs[0], columns[1])
    before = house.row("Share")
    cell.focus()
    house.press("9")
    expect(cell).to_have_attribute("aria-label", re.compile("strong, 9"))
    expect(cell).to_have_text("●")
    assert house.row("Share") != before, "the classic sum is shown at once"
    expect(house.page.locator(".house-said").first).to_contain_text(f"{columns[1]}: rank")
    house.saved()
    assert [edit["value"] for one in house.sent for edit in one["edits"]] == [{"strength": 9}]
    exact = house.row("Share on the ratio scale")
    assert sum(float(one.removesuffix(" %")) for one in exact) == pytest.approx(100, abs=0.2)
    house.page.reload()
    expect(house.cell(needs[0], columns[1])).to_have_text("●")


def test_what_is_shown_at_once_is_what_the_server_computes(house: House) -> None:
    needs, columns = names(house)
    answered: list[Any] = []
    house.page.on("response", lambda one: answered.append(one.json()) if one.url.endswith("/preview") else None)
    house.page.wait_for_function("() => !document.querySelector('.house-typing')")  # what was asked for on opening
    house.cell(needs[1], columns[0]).focus()
    with house.page.expect_response(re.compile("/preview$")):
        house.press("3")
        at_once = house.row("Weight")
    house.page.wait_for_timeout(100)
    # shown with two decimals
    assert [float(one) for one in at_once] == pytest.approx(answered[-1]["classic"]["absolute"], abs=0.0051)


def test_arrows_move_and_delete_empties(house: House) -> None:
    needs, columns = names(house)
    house.cell(needs[0], columns[0]).focus()
    house.press("ArrowRight", "ArrowDown", "1")
    target = house.cell(needs[1], columns[1])
    expect(target).to_have_text("△")
    expect(target).to_be_focused()
    house.press("Delete")
    expect(target).to_have_text("")
    house.saved()


def test_the_house_is_one_stop_of_the_tab_key_and_its_numbers_are_typed_like_cells(house: House) -> None:
    columns = names(house)[1]
    stops = """() => [...document.querySelector(".house-grid").querySelectorAll("*")]
      .filter((at) => at.tabIndex === 0).length"""
    assert house.page.evaluate(stops) == 1
    target = house.page.get_by_label(f"Target: {columns[0]}", exact=True)
    stood = target.input_value()
    target.focus()
    assert house.page.evaluate(stops) == 1
    house.press("ArrowRight")  # gone to, not typed in
    expect(house.page.get_by_label(f"Target: {columns[1]}", exact=True)).to_be_focused()
    house.press("ArrowLeft", "4", "2", "Escape")
    expect(target).to_have_value(stood)
    house.press("4", "2", "Enter")
    house.saved()
    assert [edit["value"] for one in house.sent for edit in one["edits"]] == [42]
    expect(target).to_have_value("42")
    house.press("Home", "Control+Home")
    assert house.page.evaluate("document.activeElement.className") == "house-heading"
    house.press("Tab")
    assert house.page.evaluate("!document.activeElement.closest('.house-grid')")


def test_undo_brings_the_cell_back_and_keeps_the_place(house: House) -> None:
    needs, columns = names(house)
    cell = house.cell(needs[0], columns[1])
    before = cell.text_content()
    cell.focus()
    house.press("3")
    house.saved()
    house.press("Control+z")
    expect(house.cell(needs[0], columns[1])).to_have_text(before or "")
    expect(house.cell(needs[0], columns[1])).to_be_focused()


def test_the_roof_is_typed_and_its_conflict_is_marked_at_once(house: House) -> None:
    cell = house.page.locator(".roof-cell").first
    cell.focus()
    house.press("-")
    expect(cell).to_have_attribute("aria-label", re.compile(": hinders$"))
    expect(house.page.locator(".house-holes")).to_contain_text("hinders")
    house.press("-")
    expect(cell).to_have_attribute("aria-label", re.compile("strongly hinders$"))
    house.press("0")
    expect(cell).to_have_attribute("aria-label", re.compile(": none$"))
    expect(house.page.locator(".house-holes")).not_to_contain_text("hinders")


def test_a_row_that_nothing_serves_is_marked_until_a_cell_serves_it(house: House) -> None:
    needs, columns = names(house)
    sentence = f"No characteristic serves “{needs[0]}”."
    strengths = [house.cell(needs[0], column) for column in columns]
    for cell in strengths:
        cell.focus()
        house.press("0")
    expect(house.page.locator(".house-holes")).to_contain_text(sentence)
    strengths[0].focus()
    house.press("9")
    expect(house.page.locator(".house-holes")).not_to_contain_text(sentence)


def test_the_second_at_the_same_cell_is_asked(
    house: House, page_as: Callable[..., Any], address: str, complaints: Any
) -> None:
    complaints.expect("409")
    second = House(page_as("analyst", viewport={"width": 1300, "height": 1000}), address)
    needs, columns = names(house)
    house.cell(needs[0], columns[1]).focus()
    house.press("9")
    house.saved()
    second.cell(needs[0], columns[1]).focus()
    second.press("1")
    dialog = second.page.locator("dialog[open]")
    expect(dialog).to_contain_text("9")
    dialog.get_by_role("button", name="Keep theirs").click()
    expect(second.cell(needs[0], columns[1])).to_have_text("●")


def test_another_cell_of_somebody_else_appears_with_my_next_save(
    house: House, page_as: Callable[..., Any], address: str
) -> None:
    second = House(page_as("analyst", viewport={"width": 1300, "height": 1000}), address)
    needs, columns = names(house)
    house.cell(needs[0], columns[1]).focus()
    house.press("9")
    house.saved()
    second.cell(needs[1], columns[0]).focus()
    second.press("1")
    expect(second.cell(needs[0], columns[1])).to_have_text("●")
    expect(second.cell(needs[1], columns[0])).to_have_text("△")


def test_on_a_phone_one_need_at_a_time(page_as: Callable[..., Any], address: str) -> None:
    house = House(page_as("owner", viewport={"width": 360, "height": 800}), address)
    expect(house.page.locator(".house-scroll").first).to_be_hidden()
    button = house.page.locator("[data-choice='1 3']")
    button.click()
    expect(house.page.locator("[data-choice='1 3']")).to_have_attribute("aria-pressed", "true")
    house.saved()
    assert house.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_house_of_forty_by_forty_scrolls_inside_and_answers_at_once(
    page_as: Callable[..., Any], site: Any, fresh_cycle: str, address: str
) -> None:
    page = page_as("owner", viewport={"width": 1300, "height": 900})
    page.goto(address)
    many = [{"id": f"c{n}", "name": f"Characteristic {n}", "direction": "lower"} for n in range(40)]
    needs = [{"id": f"n{n}", "name": f"Need {n}"} for n in range(40)]
    sent = page.evaluate(
        """async ([many, needs]) => {
            const token = document.querySelector("meta[name=csrf-token]").content;
            const base = Number(document.querySelector("#house").dataset.base);
            const put = (word, at, edits) => fetch(location.pathname.replace("characteristics", word) + "edit", {
                method: "POST", headers: {"Content-Type": "application/json", "X-CSRFToken": token},
                body: JSON.stringify({base: at, edits})}).then((one) => one.status);
            return [
                await put("needs", 1, needs.map((value) => ({op: "add", path: ["needs"], value}))),
                await put("characteristics", base, [
                    ...many.map((value) => ({op: "add", path: ["characteristics"], value})),
                    {op: "set", path: ["rows"], value: needs.map((one) => one.id)},
                ])];
        }""",
        [many, needs],
    )
    assert sent[1] == 200
    house = House(page, address)
    columns = len(names(house)[1])
    assert columns >= 40
    assert page.locator(".house-cell").count() >= 40 * 40
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    took = page.evaluate(
        """() => {
            const cell = document.querySelectorAll(".house-cell")[45];
            cell.focus();
            const before = performance.now();
            cell.dispatchEvent(new KeyboardEvent("keydown", {key: "9", bubbles: true, cancelable: true}));
            cell.getBoundingClientRect();
            return performance.now() - before;
        }"""
    )
    assert took < 500, f"a key took {took:.0f} ms"
    house.saved()
