"""The page of step 3 by keyboard and by hand: the tree, what was said beside it, coding, the seal."""

from collections.abc import Callable
from typing import Any

import pytest

DESK = {"width": 1280, "height": 900}
FIRST_QUERY = 60_000
"""Milliseconds: the server loads its query engine with the first one, which takes long on a busy machine."""


class Needs:
    """The page of one cycle."""

    def __init__(self, page: Any, site: Any, key: str) -> None:
        self.page = page
        self.address = site.cycle("needs/", key)
        page.goto(self.address)
        self.shown("fast").wait_for()

    def shown(self, need: str) -> Any:
        """The need in the tree."""
        return self.page.locator(f'[data-tree] [data-need="{need}"]')

    def row(self, need: str) -> Any:
        """What of it can be taken hold of: the row without those below it."""
        return self.page.locator(f'[data-tree] [data-need="{need}"] > .need-row')

    def tree(self) -> list[tuple[str, int]]:
        """The tree as it is shown: ids with their levels."""
        found = self.page.eval_on_selector_all(
            "[data-tree] [data-need]", "all => all.map(one => [one.dataset.need, Number(one.ariaLevel)])"
        )
        return [(need, level) for need, level in found]

    def kept(self) -> dict[str, Any]:
        """What the server holds."""
        return dict(self.page.request.get(self.address + "tree/").json())

    def parents(self) -> list[tuple[str, str | None]]:
        """The needs that the server holds, in their order."""
        return [(one["id"], one["parent"]) for one in self.kept()["needs"]]

    def codes(self) -> list[tuple[str, str]]:
        """The codes by hand that the page's list shows after it is loaded again."""
        self.page.reload()
        rows = self.page.locator("#grid-codes tbody tr")
        cells = [rows.nth(at).locator("input") for at in range(rows.count())]
        return [(one.nth(1).input_value(), one.nth(2).input_value()) for one in cells]

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits until it holds; fails with what stands when it does not."""
        for _ in range(100):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"still {self.parents()}")


@pytest.fixture
def needs(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> Needs:
    return Needs(page_as("owner", viewport=DESK), site, fresh_cycle)


def test_the_tree_is_walked_moved_and_named_by_keyboard(needs: Needs) -> None:
    needs.shown("fast").focus()
    needs.press("ArrowDown", "ArrowDown")
    assert needs.page.evaluate("document.activeElement.dataset.need") == "clean"
    needs.press("Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp")
    assert needs.tree() == [("clean", 1), ("fast", 1), ("kind", 1)]
    needs.press("ArrowDown", "Alt+ArrowRight", "ArrowDown", "Alt+ArrowRight")
    assert needs.tree() == [("clean", 1), ("fast", 2), ("kind", 2)]
    needs.press("Alt+ArrowRight")
    assert needs.tree() == [("clean", 1), ("fast", 2), ("kind", 3)]
    needs.press("Alt+ArrowLeft", "Alt+ArrowLeft")
    needs.until(lambda: needs.parents() == [("clean", None), ("fast", "clean"), ("kind", None)])
    needs.press("Enter")
    needs.page.keyboard.type("Be kind to me")
    needs.press("Enter")
    needs.until(lambda: needs.kept()["needs"][2]["name"] == "Be kind to me")
    assert needs.page.evaluate("document.activeElement.dataset.need") == "kind"
    needs.press("Enter")
    needs.page.keyboard.type("not this")
    needs.press("Escape")
    assert needs.shown("kind").locator(".need-name").inner_text() == "Be kind to me"


def test_new_needs_come_and_go_and_undo_brings_them_back(needs: Needs) -> None:
    needs.shown("kind").focus()
    needs.press("n")
    needs.page.keyboard.type("Grüß mich")
    needs.press("Enter")
    needs.until(lambda: ("gruess_mich", "kind") in needs.parents())
    assert needs.page.evaluate("document.activeElement.dataset.need") == "gruess_mich"
    needs.press("Delete")  # nothing is coded to it and nothing names it: no question
    needs.until(lambda: ("gruess_mich", "kind") not in needs.parents())
    needs.shown("gruess_mich").wait_for(state="detached")
    needs.page.locator("#workbench [data-turn=undo]").click()
    needs.until(lambda: ("gruess_mich", "kind") in needs.parents())
    needs.shown("gruess_mich").wait_for()
    needs.page.locator("#workbench [data-turn=redo]").click()
    needs.until(lambda: ("gruess_mich", "kind") not in needs.parents())


def test_a_need_that_people_build_on_asks_and_says_why_not(needs: Needs) -> None:
    needs.shown("fast").focus()
    needs.press("Delete")
    dialog = needs.page.locator("dialog[open]")
    dialog.get_by_text("People build on this need in step 5, 6, 8, 9").wait_for()
    assert dialog.locator("button").count() == 1, "there is nothing but to close it"
    needs.press("Escape")
    assert len(needs.parents()) == 3


def test_a_need_is_dragged_into_another(needs: Needs) -> None:
    source, target = needs.row("clean"), needs.row("fast")
    source.scroll_into_view_if_needed()
    start, end = source.bounding_box(), target.bounding_box()
    mouse = needs.page.mouse
    mouse.move(start["x"] + 60, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=8)
    assert target.get_attribute("data-drop") == "inside"
    mouse.up()
    needs.until(lambda: ("clean", "fast") in needs.parents())
    assert needs.tree() == [("fast", 1), ("clean", 2), ("kind", 1)]


def test_needs_are_merged_after_being_told_what_changes(needs: Needs) -> None:
    needs.shown("clean").focus()
    needs.press("m")
    dialog = needs.page.locator("dialog[open]")
    dialog.locator("select").select_option("kind")
    dialog.get_by_text("Step 9, carried: 1 entry follow.").wait_for()
    dialog.get_by_role("button", name="Merge").click()
    needs.until(lambda: [need for need, _parent in needs.parents()] == ["fast", "kind"])
    needs.shown("clean").wait_for(state="detached")
    assert needs.page.evaluate("document.activeElement.dataset.need") == "kind"


def test_a_need_is_split_with_a_rule_and_a_verbatim(needs: Needs) -> None:
    needs.shown("fast").click()
    needs.page.locator("[data-verbatim]").first.wait_for()
    ticked = needs.page.locator("[data-verbatim]").first.get_attribute("data-verbatim")
    needs.page.locator("[data-tick]").first.check()
    needs.page.locator("[data-need-act=split]").click()
    dialog = needs.page.locator("dialog[open]")
    dialog.get_by_label("Name of the new need").fill("No long queue")
    assert dialog.get_by_label("Short name").input_value() == "no_long_queue"
    dialog.get_by_role("button", name="Split").click()
    needs.until(lambda: ("no_long_queue", None) in needs.parents())
    needs.page.locator(f'[data-said-list] [data-verbatim="{ticked}"]').get_by_text("coded by hand").wait_for()


def test_verbatims_are_filtered_beside_the_tree_and_coded_again(needs: Needs) -> None:
    needs.shown("fast").click()
    said = needs.page.locator("[data-said-list]")
    said.get_by_text("long wait").first.wait_for()
    needs.page.get_by_label("Only verbatims that contain").fill("queue")
    said.get_by_text("long wait").first.wait_for(state="detached")
    entry = said.locator("[data-verbatim]").first
    verbatim = entry.get_attribute("data-verbatim")
    entry.locator("[data-recode]").click()
    dialog = needs.page.locator("dialog[open]")
    dialog.get_by_label("Serve me fast").uncheck()
    dialog.locator("select").select_option("clean")
    dialog.get_by_role("button", name="Code it so").click()
    said.locator(f'[data-verbatim="{verbatim}"]').wait_for(state="detached")
    assert needs.codes() == [("clean", "first")]


def test_coding_takes_one_key_a_verbatim(needs: Needs) -> None:
    page = needs.page
    page.locator("#coding summary").click()
    card = page.locator("[data-coding-card]")
    card.wait_for(timeout=FIRST_QUERY)
    left = page.locator("[data-coding-left]")
    before = int(left.inner_text().split()[0])
    offered = card.locator("[data-code]").evaluate_all("all => all.map(one => one.dataset.code)")
    card.focus()
    needs.press("2", "0", "Shift+1", "2", "l")
    assert int(left.inner_text().split()[0]) == before - 3, "one is left for later"
    needs.press("/")
    page.keyboard.type("keep it clean")
    needs.press("Enter", "u")
    wanted = [(need, "first") for need in (offered[1], "none", offered[0], offered[1])]
    for _wait in range(300):  # the page may say "saved" of the change before the last
        if needs.codes() == wanted:
            break
        page.wait_for_timeout(200)
    assert needs.codes() == wanted


def test_a_second_coder_sees_what_the_first_one_coded(needs: Needs) -> None:
    page = needs.page
    page.locator("#coding summary").click()
    page.locator("[data-coding-card]").wait_for(timeout=FIRST_QUERY)
    page.locator("[data-coding-card]").focus()
    needs.press("1")
    page.locator("[data-saved-word][data-state=saved]").wait_for(state="attached")
    page.get_by_label("You code as").fill("second")
    page.get_by_label("What comes").select_option("1")
    page.get_by_text("1 wait", exact=True).wait_for()
    page.locator("[data-coding-card]").focus()
    needs.press("0")
    page.get_by_text("this coder has seen all").wait_for()


def test_a_sealed_register_can_be_read_and_not_typed_into(needs: Needs) -> None:
    page = needs.page
    assert page.locator("#grid-assumptions input").count() > 0
    page.get_by_label("Role that seals it").fill("quality manager")
    page.get_by_role("button", name="Seal the register").click()
    page.locator("dialog[open]").get_by_role("button", name="Seal it").click()
    page.locator(".sealed").get_by_text("SHA-256").wait_for()
    assert page.locator("#grid-assumptions input:not([readonly]):not([disabled])").count() == 0
    page.get_by_label("Why it has to be opened").fill("the board named a need twice")
    page.get_by_role("button", name="Open the register").click()
    page.locator("dialog[open]").get_by_role("button", name="Open it").click()
    page.locator(".opened").get_by_text("the board named a need twice").wait_for()
    assert page.locator("#grid-assumptions input:not([readonly]):not([disabled])").count() > 0


def test_a_reader_walks_the_tree_and_moves_nothing(page_as: Callable[..., Any], site: Any) -> None:
    needs = Needs(page_as("viewer", viewport=DESK), site, site.key)
    before = needs.tree()
    needs.shown("fast").focus()
    needs.press("Alt+ArrowDown", "Delete", "n", "Enter", "ArrowDown")
    assert needs.page.locator("dialog[open]").count() == 0
    assert needs.tree() == before
    assert needs.page.locator("[data-naming]").count() == 0


def test_from_right_to_left_the_other_arrow_leads_inward(context_as: Callable[..., Any], site: Any) -> None:
    context = context_as("viewer", viewport=DESK)
    page = context.new_page()
    page.add_init_script(
        "new MutationObserver((_, self) => { const at = document.documentElement;"
        " if (at) { at.dir = 'rtl'; self.disconnect(); } }).observe(document, { childList: true });"
    )
    needs = Needs(page, site, site.key)
    needs.shown("fast").focus()
    needs.press("ArrowDown")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
