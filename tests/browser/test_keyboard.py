"""The decisions by keyboard alone: cells, rows, undo, pasting, and what two people do at once."""

from collections.abc import Callable
from typing import Any

import pytest

Page = Callable[..., Any]


@pytest.fixture
def grid(page_as: Page, site: Any, fresh_cycle: str) -> Any:
    """The grid of step 4's characteristics, the first cell with the keyboard's focus."""
    page = page_as("owner")
    page.goto(site.cycle("characteristics/", fresh_cycle))
    found = page.locator("#edit-characteristics")
    found.evaluate(
        "(one) => { for (let up = one; up; up = up.parentElement?.closest('details')) up.open = true; }"
    )
    cell(found, 0, "Name").focus()
    page.keyboard.press("ArrowDown")  # arriving by key selects what the cell holds
    page.keyboard.press("ArrowUp")
    return found


def cell(grid: Any, row: int, label: str) -> Any:
    """The input of a cell."""
    return (
        grid.locator("tbody tr")
        .nth(row)
        .locator(f"[data-label='{label}']")
        .locator("input, textarea, select")
        .first
    )


def focused(grid: Any) -> str:
    """The label of the cell that has the focus, with its row."""
    return str(
        grid.evaluate(
            """(one) => {
              const holder = document.activeElement.closest('[data-label]');
              const row = holder?.closest('tr');
              if (!holder) return 'elsewhere';
              return [...row.parentElement.children].indexOf(row) + ' ' + holder.dataset.label;
            }"""
        )
    )


def names(page: Any) -> list[str]:
    """The names as the server holds them: the page loaded anew."""
    page.wait_for_load_state("networkidle")
    page.reload()
    cells = page.locator("#edit-characteristics tbody tr [data-label='Name'] :is(input, textarea)")
    return [one.input_value() for one in cells.all()]


def test_arrows_go_from_cell_to_cell(grid: Any) -> None:
    keys = grid.page.keyboard
    assert focused(grid) == "0 Name"
    keys.press("ArrowDown")
    assert focused(grid) == "1 Name"
    keys.press("ArrowUp")
    assert focused(grid) == "0 Name"
    keys.press("Home")
    assert focused(grid) == "0 Id"


def test_a_grid_is_one_stop_of_the_tab_key(grid: Any) -> None:
    page = grid.page
    stops = "(one) => [...one.querySelectorAll('table[data-grid] *')].filter((at) => at.tabIndex === 0).length"
    assert grid.evaluate(stops) == 1
    page.keyboard.press("ArrowDown")
    assert grid.evaluate(stops) == 1
    page.keyboard.press("Tab")
    assert focused(grid) == "elsewhere"
    page.keyboard.press("Shift+Tab")
    assert focused(grid) == "1 Name"  # back to the cell that was used last


def test_a_grid_is_announced_as_one(grid: Any) -> None:
    """role=grid on the table makes its rows and cells rows and cells of a grid (HTML accessibility mappings)."""
    table = grid.get_by_role("grid").first
    assert table.get_by_role("row").count() > 2
    assert table.get_by_role("gridcell").count() > 4
    assert "row" in (grid.page.evaluate("document.activeElement.getAttribute('aria-label')") or "")


def test_the_ends_of_a_row_and_of_the_grid(grid: Any) -> None:
    keys = grid.page.keyboard
    keys.press("End")
    last = focused(grid)
    assert last.startswith("0 ")
    keys.press("ArrowRight")
    assert focused(grid) == "elsewhere"  # the buttons of the row, or the editors below it, stand beside its cells
    keys.press("Control+End")
    assert focused(grid) == f"1 {last[2:]}"
    keys.press("Control+Home")
    assert focused(grid) == "0 Id"
    keys.press("PageDown")
    assert focused(grid) == "1 Id"  # ten rows on, or the last
    keys.press("PageUp")
    assert focused(grid) == "0 Id"


def test_enter_and_f2_go_into_the_text_and_tab_goes_on_from_it(grid: Any) -> None:
    page = grid.page
    for key in ("Enter", "F2"):
        page.keyboard.press(key)
        page.keyboard.press("ArrowLeft")  # inside the text
        assert focused(grid) == "0 Name"
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowLeft")  # to the cell before
        assert focused(grid) == "0 Id"
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    with page.expect_response("**/edit"):
        page.keyboard.type(" in the queue")
        page.keyboard.press("Tab")
    assert focused(grid).startswith("0 ")
    assert focused(grid) != "0 Name"
    page.keyboard.press("Tab")  # nothing is typed here: the key leaves the grid
    assert focused(grid) == "elsewhere"
    assert names(page)[0] == "Waiting time in the queue"


def test_typing_replaces_enter_keeps_escape_does_not(grid: Any) -> None:
    page = grid.page
    with page.expect_response("**/edit"):
        page.keyboard.type("Time in the queue")
        page.keyboard.press("Enter")
    assert focused(grid) == "1 Name"  # Enter goes on below
    page.keyboard.type("never mind")
    page.keyboard.press("Escape")
    assert names(page) == ["Time in the queue", "Training hours"]


def test_undo_and_redo_by_keys(grid: Any) -> None:
    page = grid.page
    with page.expect_response("**/edit"):
        page.keyboard.type("Changed")
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/undo"):
        page.keyboard.press("Control+z")
    assert names(page) == ["Waiting time", "Training hours"]
    cell(page.locator("#edit-characteristics"), 0, "Name").focus()
    with page.expect_response("**/redo"):
        page.keyboard.press("Control+Shift+z")
    assert names(page) == ["Changed", "Training hours"]


def test_the_second_editor_is_told_and_loses_nothing(
    page_as: Page, site: Any, fresh_cycle: str, complaints: Any
) -> None:
    complaints.expect("409")  # the browser notes the refusal itself
    first, second = page_as("owner"), page_as("analyst")
    for page in (first, second):
        page.goto(site.cycle("characteristics/", fresh_cycle))
    for page, text in ((first, "By the owner"), (second, "By the analyst")):
        box = cell(page.locator("#edit-characteristics"), 0, "Name")
        with page.expect_response("**/edit"):
            box.fill(text)
            box.press("Enter")
    told = second.get_by_role("dialog")
    told.wait_for()
    said = told.inner_text()
    assert "Owner" in said
    assert "By the owner" in said
    assert "By the analyst" in said
    with second.expect_response("**/edit"):
        told.get_by_role("button", name="mine").or_(told.locator("button[value=mine]")).first.click()
    assert names(first)[0] == "By the analyst"


def test_a_viewer_can_read_and_not_type(page_as: Page, site: Any) -> None:
    page = page_as("viewer")
    page.goto(site.cycle("characteristics/"))
    box = page.locator("#edit-characteristics [data-label='Name'] :is(input, textarea)").first
    assert box.get_attribute("readonly") is not None
    assert not page.locator("#edit-characteristics [data-add-row]").count()


def test_the_skip_link_leads_to_the_content(page_as: Page, site: Any) -> None:
    page = page_as("owner")
    page.goto(site.cycle())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_keys_are_listed_on_question_mark(page_as: Page, site: Any) -> None:
    page = page_as("owner")
    page.goto(site.cycle("needs/"))
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert "Enter" in dialog.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


HOW_IT_IS_SEEN = """async () => {
  await new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready)));
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ringed = [one, ...one.children].some((part) => {
    const look = getComputedStyle(part);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  });
  const box = one.getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 12));
  const parts = [one, ...(one.labels ?? [])];
  const seen = at && (at.contains(one) || parts.some((part) => part.contains(at)));
  const name = one.getAttribute("aria-label") || one.textContent.trim().slice(0, 40) || one.id;
  const above = at && `${at.tagName}.${at.getAttribute("class")}`;
  return { what: `${one.tagName} ${name}`, ringed, seen: Boolean(seen), above };
}"""


@pytest.mark.parametrize("word", ["", "customers/", "needs/", "data/"])
def test_what_has_the_focus_is_ringed_and_not_covered(word: str, page_as: Page, site: Any) -> None:
    page = page_as("owner", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(site.cycle(word))
    page.wait_for_load_state("networkidle")
    wrong, stops = [], 0
    for _stop in range(90):
        page.keyboard.press("Tab")
        told = page.evaluate(HOW_IT_IS_SEEN)
        if told is None:  # the end of the page
            break
        stops += 1
        if not told["ringed"]:
            wrong.append(f"no ring: {told['what']}")
        if not told["seen"]:
            wrong.append(f"covered by {told['above']}: {told['what']}")
    assert stops > 20
    assert not wrong, "\n".join(wrong)


def test_a_dialog_holds_the_focus_and_gives_it_back(page_as: Page, site: Any) -> None:
    page = page_as("owner")
    page.goto(site.cycle("needs/"))
    opener = page.locator("[data-show-keys]")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    for _stop in range(6):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        )
        assert where, "the focus left the dialog for the page below it"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert opener.evaluate("(one) => one === document.activeElement")


def test_the_parts_of_a_long_page_are_reached_and_marked(page_as: Page, site: Any) -> None:
    page = page_as("owner", viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    page.goto(site.cycle("customers/"))
    line = page.locator(".on-page")
    assert line.locator("[aria-current]").get_attribute("href") == "#came-in"
    line.locator("a[href='#criteria']").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.on-page [aria-current]')?.hash === '#criteria'")
    covered = page.evaluate(
        """() => document.querySelector(".on-page").getBoundingClientRect().bottom
          - document.querySelector("#criteria h2").getBoundingClientRect().top"""
    )
    assert covered <= 0, "the heading lies under the line of the parts"
