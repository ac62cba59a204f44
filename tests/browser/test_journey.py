"""A new organization's whole way: from the first link on the console to nine gates and the report in hand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.folder import write_cycle
from builders.site import free_port, serve, wait_for

PASSWORD = "nine steps to better quality"
REASON = "The other data come with the next wave; the team goes on with what it has."
AS_TEXT = {
    "waiting": """\
table = "measurements"
files = "waiting.csv"

[columns]
characteristic = { constant = "waiting" }
at = "When"
value = "Minutes"
""",
    "comments": """\
table = "verbatims"
files = "comments.csv"

[columns]
verbatim_id = "Id"
customer_id = "Customer"
channel = "Channel"
date = "Date"
text = "Text"
""",
}
"""Files of which the person knows better than the guess what they hold."""


@pytest.fixture
def empty_site(assets: None, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server on an empty home: its address, and the first visitor's link as the console says it."""
    port, log = free_port(), tmp_path / "server.log"
    server = serve(tmp_path / "home", port, log=log)
    try:
        wait_for(port, server)
        found = re.search(r"http://\S+/setup/\?token=\S+", log.read_text())
        assert found is not None
        yield f"http://localhost:{port}", found[0]
    finally:
        server.terminate()
        server.wait(timeout=40)


class Visitor:
    """The person of the journey: what they do on the pages, by what they see on them."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address, self.cycle = page, address, ""

    def open(self, place: str) -> None:
        """A page of the cycle."""
        self.page.goto(f"{self.cycle}{place}")

    def fill(self, **values: str) -> None:
        """Fields of a form by their names."""
        for name, value in values.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def press(self, label: str) -> None:
        """A button or link of the page by what it says."""
        self.page.get_by_role("button", name=label, exact=True).first.click()
        self.page.wait_for_load_state()

    def saved(self) -> None:
        """All edits have been acknowledged."""
        self.page.wait_for_load_state("networkidle")

    def row(self, name: str, **values: str) -> None:
        """A row typed into a grid: the entry is sent once its needed cells are filled."""
        grid = self.page.locator(f"#edit-{name}")
        grid.evaluate(
            "(one) => { for (let up = one; up; up = up.parentElement?.closest('details')) up.open = true; }"
        )
        with self.page.expect_response(lambda answer: answer.url.endswith("/edit")) as answered:
            grid.locator("[data-add-row]").first.click()
            new = grid.locator("tbody tr").last
            for label, value in values.items():
                cell = new.locator(f"[data-label='{label.replace('_', ' ')}']").first.locator(
                    "input, textarea, select"
                )
                if cell.evaluate("(one) => one.tagName") == "SELECT":
                    cell.select_option(value)
                else:
                    cell.fill(value)
                    cell.blur()  # Tab would go to the next part of a date
        assert answered.value.status == 200, answered.value.text()
        self.saved()

    def set(self, name: str, value: str) -> None:
        """A single field of the decisions, by its path."""
        cell = self.page.locator(f"""[data-path='["{name}"]'] :is(input, textarea, select)""").first
        with self.page.expect_response(lambda answer: answer.url.endswith("/edit")) as answered:
            cell.fill(value)
            cell.press("Tab")
        assert answered.value.status == 200, answered.value.text()


def bring(visitor: Visitor, files: list[Path]) -> None:
    """Brings files in; each becomes a source as the guess says, or by a mapping given as text."""
    page = visitor.page
    for file in files:
        visitor.open("data/")
        page.set_input_files("#files-input", str(file))
        visitor.press("Bring in")
        page.wait_for_url(re.compile("/data/map/"))
        if file.stem in AS_TEXT:
            page.get_by_text("The same as text").click()
            page.locator("#m-text").fill(AS_TEXT[file.stem])
            visitor.press("Take this text")
        visitor.press("Import")
        assert not page.locator("#mistakes").count(), page.locator("#mistakes").inner_text()


def test_from_the_first_link_to_a_signed_off_cycle_with_its_report(  # noqa: PLR0915  (a journey has many steps)
    chromium: Any, empty_site: tuple[str, str], tmp_path: Path, complaints: Any
) -> None:
    address, link = empty_site
    source = write_cycle(tmp_path / "small")
    context = chromium.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    context.on("page", complaints.watch)
    page = context.new_page()
    visitor = Visitor(page, address)

    # the owner and the organization
    page.goto(link)
    visitor.fill(name="Amira", email="amira@office.example", organization="Ticket office")
    for box in page.locator("main input[type=password]").all():
        box.fill(PASSWORD)
    visitor.press("Make the account")

    # a cycle with its data
    page.goto(f"{address}/cycles/new/")
    visitor.fill(name="First cycle")
    visitor.press("Start the cycle")
    page.wait_for_url(re.compile(r"/c/[^/]+/"))
    visitor.cycle = re.match(r".*/c/[^/]+/", page.url)[0]  # type: ignore[index]
    bring(visitor, sorted((source / "data").glob("*.csv")))

    # the work is done in the background
    settle(visitor, "data/")

    # something is decided in each step
    visitor.open("customers/")
    visitor.row("classes", Id="everybody", Name="Everybody")
    visitor.open("market/")
    visitor.row("competitors", Id="rival", Name="The other office")
    visitor.open("needs/")
    visitor.row("needs", Id="fast", Name="Serve me fast")
    visitor.open("characteristics/")
    visitor.row("characteristics", Id="waiting", Name="Waiting time")
    visitor.open("opportunities/")
    visitor.set("plan_budget", "5000")
    visitor.open("improvements/")
    visitor.set("budget", "5000")
    visitor.open("control/")
    visitor.row("phases", Label="before", Start="2025-01-01")
    visitor.open("aftersales/")
    visitor.row("follow_ups", Id="fu", Name="After the visit")
    visitor.open("results/")
    visitor.row("carried", Need="fast", Reason="nothing serves it yet")

    # nine gates: signed where the criteria are met, else waived with a reason that stays
    settle(visitor)
    for word in WORDS:
        visitor.open(f"{word}/")
        reason = page.locator("#gate-reason")
        if reason.count():
            reason.fill(REASON)
            visitor.press("Waive and go on")
        else:
            visitor.press("Sign off")
        page.wait_for_load_state()
        assert page.locator("#gate .state-signed, #gate .state-waived").count(), word
    page.goto(visitor.cycle)
    assert "9 of 9" in page.locator("main").inner_text().replace("\n", " ")

    # the report
    visitor.open("reports/")
    visitor.press("Make the report")
    page.get_by_role("link", name="Download").first.wait_for(timeout=90_000)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download").first.click()
    report = Path(taken.value.path()).read_text(encoding="utf-8")
    assert "First cycle" in report
    assert REASON in report
    assert "Serve me fast" in report
    context.close()
    assert not complaints.unexpected(), "\n".join(complaints.unexpected())


WORDS = (
    "customers",
    "market",
    "needs",
    "characteristics",
    "opportunities",
    "improvements",
    "control",
    "aftersales",
    "results",
)


def settle(visitor: Visitor, place: str = "results/") -> None:
    """Waits until no work is left, and none has failed."""
    page = visitor.page
    for _second in range(180):
        visitor.open(place)
        if not page.locator("[hx-get*='/jobs/']").count():
            assert not page.locator(".alert-danger").count(), page.locator(".alert-danger").first.inner_text()
            return
        page.wait_for_timeout(1000)
    raise AssertionError(f"the work was not done: {page.locator('#computing').inner_text()}")
