"""The keyboard grid and the client of edits, in a real browser, on the cycle's waves and questions."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

GRID = "#grid-waves"
SAVED = "[data-saved-word][data-state=saved]"


class Grid:
    """The grid of waves on the settings page, worked by keys."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.sent = page, []
        page.on("request", self._note)
        page.goto(address)
        page.wait_for_selector(f"{GRID}[data-ready=yes]")
        self.rows = page.locator(f"{GRID} > tbody > tr")

    def _note(self, request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/edit"):
            self.sent.append(json.loads(request.post_data))

    def cell(self, row: int, column: int) -> Any:
        return self.rows.nth(row).locator("[data-path] > input").nth(column)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def saved(self) -> None:
        self.page.wait_for_selector(SAVED)

    def at(self) -> list[Any]:
        """The path of the field that has the focus."""
        return json.loads(
            self.page.evaluate("document.activeElement.closest('[data-path]')?.dataset.path ?? '[]'")
        )

    def ids(self) -> list[str]:
        return [self.cell(row, 0).input_value() for row in range(self.rows.count())]

    def edits(self) -> list[dict[str, Any]]:
        return [edit for one in self.sent for edit in one["edits"]]


@pytest.fixture
def address(site: Any, fresh_cycle: str) -> str:
    return site.cycle("settings/", fresh_cycle)


@pytest.fixture
def grid(page_as: Callable[..., Any], address: str) -> Grid:
    return Grid(page_as("owner"), address)


@pytest.fixture
def second(page_as: Callable[..., Any], address: str) -> Grid:
    """The same page in somebody else's browser, opened at the same time."""
    return Grid(page_as("analyst"), address)


def kept(grid: Grid, row: int, column: int) -> str:
    """What stands after the page is loaded anew."""
    grid.page.reload()
    grid.page.wait_for_selector(f"{GRID}[data-ready=yes]")
    return str(grid.cell(row, column).input_value())


def test_arrows_go_from_cell_to_cell(grid: Grid) -> None:
    first, next_one = grid.ids()[:2]
    grid.cell(0, 0).focus()
    grid.press("ArrowDown")
    assert grid.at() == ["waves", f"@{next_one}", "id"]
    grid.press("ArrowRight", "ArrowUp")
    assert grid.at() == ["waves", f"@{first}", "date"]
    grid.press("Home")
    assert grid.at() == ["waves", f"@{first}", "id"]
    assert grid.sent == []


def test_arrows_follow_the_direction_of_the_page(page_as: Callable[..., Any], address: str, site: Any) -> None:
    page = page_as("owner")
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": site.url}])
    grid = Grid(page, address)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    grid.cell(0, 0).focus()
    grid.press("ArrowLeft")
    assert grid.at()[-1] == "date"


def test_a_change_is_sent_once_and_stands(grid: Grid) -> None:
    grid.cell(0, 1).fill("2026-03-31")
    grid.press("Enter")
    grid.saved()
    assert [(one["op"], one["path"][-1], one["value"]) for one in grid.edits()] == [("set", "date", "2026-03-31")]
    assert kept(grid, 0, 1) == "2026-03-31"


def test_undo_and_redo(grid: Grid) -> None:
    before = grid.cell(0, 1).input_value()
    grid.cell(0, 1).fill("2026-03-31")
    grid.press("Enter")
    grid.saved()
    grid.press("Control+z")
    expect(grid.cell(0, 1)).to_have_value(before)
    grid.cell(0, 0).focus()
    grid.press("Control+Shift+Z")
    expect(grid.cell(0, 1)).to_have_value("2026-03-31")


def test_escape_takes_back_what_was_typed(grid: Grid) -> None:
    before = grid.cell(0, 0).input_value()
    grid.cell(0, 0).focus()
    grid.type("something else")
    grid.press("Escape")
    assert grid.cell(0, 0).input_value() == before
    assert grid.sent == []


def test_a_row_is_sent_when_it_can_stand_and_can_be_removed(grid: Grid) -> None:
    count = grid.rows.count()
    grid.page.click("[data-add-row=grid-waves]")
    assert grid.rows.count() == count + 1
    assert grid.sent == []
    grid.type("later")
    grid.press("Tab")
    grid.saved()
    assert grid.edits()[-1] == {"op": "add", "path": ["waves"], "value": {"id": "later"}}
    assert kept(grid, count, 0) == "later"
    grid.cell(count, 0).focus()
    grid.press("Control+Backspace")
    grid.saved()
    assert grid.edits()[-1] == {"op": "remove", "path": ["waves", "@later"]}
    assert grid.rows.count() == count


def test_rows_move_by_keys(grid: Grid) -> None:
    ids = grid.ids()
    grid.cell(0, 0).focus()
    grid.press("Alt+ArrowDown")
    grid.saved()
    assert grid.ids() == [ids[1], ids[0], *ids[2:]]
    assert grid.at() == ["waves", f"@{ids[0]}", "id"]  # the focus goes with the row
    assert kept(grid, 0, 0) == ids[1]


def pasted(grid: Grid, row: int, column: int, text: str) -> None:
    """Pastes as a spreadsheet would: a paste event with the text on the clipboard."""
    grid.cell(row, column).focus()
    grid.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_cells_of_a_spreadsheet_fill_cells_and_make_rows(grid: Grid) -> None:
    count = grid.rows.count()
    last = grid.ids()[-1]
    pasted(grid, count - 1, 0, f'{last}\t31.12.2026\r\n"two ""quoted"""\t2027-01-31\r\n')
    grid.page.wait_for_selector(f"{GRID} tr.waiting", state="detached")
    grid.saved()
    assert grid.edits() == [
        {"op": "set", "path": ["waves", f"@{last}", "date"], "value": "2026-12-31"},
        {"op": "add", "path": ["waves"], "value": {"id": 'two "quoted"', "date": "2027-01-31"}},
    ]
    assert kept(grid, count, 1) == "2027-01-31"


def test_a_day_that_could_be_two_is_refused_at_its_cell(grid: Grid) -> None:
    before = grid.cell(0, 1).input_value()
    pasted(grid, 0, 1, "03/04/2026")
    told = grid.rows.nth(0).locator(".at-field")
    assert "03/04/2026" in told.inner_text()
    assert grid.cell(0, 1).get_attribute("aria-invalid") == "true"
    assert grid.cell(0, 1).get_attribute("aria-describedby") == told.get_attribute("id")
    assert grid.cell(0, 1).input_value() == before
    assert grid.sent == []


def test_a_refused_value_stays_with_its_reason(grid: Grid, complaints: Any) -> None:
    complaints.expect("422")
    field = grid.page.locator("[data-path*=confidence] > input")
    before = field.input_value()
    field.fill("7")
    field.press("Tab")
    told = grid.page.locator("[data-path*=confidence] .at-field.mistake")
    told.wait_for()
    assert field.input_value() == "7"
    assert field.get_attribute("aria-invalid") == "true"
    assert grid.page.locator("[data-saved-word]").get_attribute("data-state") == "refused"
    grid.page.once("dialog", lambda dialog: dialog.accept())  # leaving is asked about
    grid.page.reload()
    assert grid.page.locator("[data-path*=confidence] > input").input_value() == before


def test_what_is_no_number_is_not_sent(grid: Grid) -> None:
    field = grid.page.locator("[data-path*=confidence] > input")
    field.fill("0,95")
    field.press("Tab")
    assert "0,95" in grid.page.locator("[data-path*=confidence] .at-field").inner_text()
    assert grid.sent == []


@pytest.mark.parametrize(("choice", "stands"), [("theirs", "2026-01-31"), ("mine", "2026-02-28")])
def test_the_second_editor_is_told_and_chooses(
    grid: Grid, second: Grid, complaints: Any, choice: str, stands: str
) -> None:
    complaints.expect("409")
    grid.cell(0, 1).fill("2026-01-31")
    grid.press("Enter")
    grid.saved()
    second.cell(0, 1).fill("2026-02-28")
    second.press("Enter")
    dialog = second.page.locator("dialog[open]")
    dialog.wait_for()
    said = dialog.inner_text()
    assert "Owner" in said  # who
    assert "2026-01-31" in said
    assert "2026-02-28" in said
    dialog.locator(f"button[value={choice}]").click()
    second.saved()
    assert second.cell(0, 1).input_value() == stands
    assert kept(grid, 0, 1) == stands


def test_edits_in_different_places_are_no_conflict(grid: Grid, second: Grid) -> None:
    grid.cell(0, 1).fill("2026-01-31")
    grid.press("Enter")
    grid.saved()
    second.cell(1, 1).fill("2026-02-28")
    second.press("Enter")
    second.saved()
    assert kept(second, 0, 1) == "2026-01-31"
    assert second.cell(1, 1).input_value() == "2026-02-28"


def test_changes_of_others_are_counted_and_shown_when_asked_for(grid: Grid, second: Grid) -> None:
    """The second page saves beside what it does not show: it says so, and shows it."""
    before = second.cell(0, 1).input_value()
    told = second.page.locator("[data-offer=changes-of-others]")
    for day in ("2026-01-30", "2026-01-31"):
        grid.cell(0, 1).fill(day)
        grid.press("Enter")
        grid.saved()
    assert told.count() == 0
    second.cell(1, 1).fill("2026-02-28")
    second.press("Enter")
    second.saved()
    expect(told).to_contain_text("Changes of others since this page was opened: 2.")
    assert second.cell(0, 1).input_value() == before  # nothing moves under one's hands
    told.get_by_role("button", name="Show them").click()
    expect(second.cell(0, 1)).to_have_value("2026-01-31")
    expect(second.cell(1, 1)).to_have_value("2026-02-28")
    expect(told).to_have_count(0)
    second.cell(1, 1).fill("2026-02-27")
    second.press("Enter")
    second.saved()
    expect(told).to_have_count(0)  # one's own changes are not others'


def test_what_was_not_shown_is_not_overwritten_unasked(grid: Grid, second: Grid, complaints: Any) -> None:
    """Saving one place does not make the page know of the others."""
    complaints.expect("409")
    for day in ("2026-01-30", "2026-01-31"):
        grid.cell(0, 1).fill(day)
        grid.press("Enter")
        grid.saved()
    second.cell(1, 1).fill("2026-02-28")
    second.press("Enter")
    second.saved()
    second.cell(1, 1).fill("2026-02-27")  # one's own change is no conflict with oneself
    second.press("Enter")
    second.saved()
    second.cell(0, 1).fill("2026-01-29")
    second.press("Enter")
    expect(second.page.get_by_role("dialog")).to_contain_text("2026-01-31")
    second.page.get_by_role("button", name="Keep theirs").click()
    expect(second.cell(0, 1)).to_have_value("2026-01-31")
    expect(second.page.locator("[data-offer=changes-of-others]")).to_have_count(0)
    second.cell(0, 1).fill("2026-01-29")  # now it is known
    second.press("Enter")
    second.saved()
    assert kept(second, 0, 1) == "2026-01-29"


def test_a_lost_connection_is_waited_for(grid: Grid, complaints: Any) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    grid.page.context.set_offline(True)
    grid.cell(0, 1).fill("2026-03-31")
    grid.press("Enter")
    grid.page.wait_for_selector("[data-saved-word][data-state=offline]")
    grid.page.context.set_offline(False)
    grid.saved()
    assert kept(grid, 0, 1) == "2026-03-31"


def test_a_lost_answer_is_no_conflict_with_oneself(grid: Grid, complaints: Any) -> None:
    """The server kept the edit, its answer was lost: the repetition is the same wish, not a second editor."""
    complaints.expect("503")
    complaints.expect("409")
    lost = []

    def lose_first(route: Any) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.fulfill(status=503)
        else:
            route.continue_()

    grid.page.route("**/settings/edit", lose_first)
    grid.cell(0, 1).fill("2026-03-31")
    grid.press("Enter")
    grid.page.wait_for_selector(SAVED, timeout=10_000)
    assert lost == [200]
    assert grid.page.locator("dialog[open]").count() == 0
    assert kept(grid, 0, 1) == "2026-03-31"


def test_who_may_not_edit_reads(page_as: Callable[..., Any], address: str) -> None:
    page = page_as("viewer")
    page.goto(address)
    assert page.locator("[data-add-row]").count() == 0
    assert page.locator(f"{GRID} input:not([readonly]):not([disabled])").count() == 0


def test_keys_are_listed(grid: Grid) -> None:
    grid.page.evaluate("document.activeElement.blur()")
    grid.type("?")
    dialog = grid.page.locator("dialog[open]")
    assert "Ctrl" in dialog.inner_text()
    grid.press("Escape")
    assert dialog.count() == 0
