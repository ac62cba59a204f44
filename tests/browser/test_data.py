"""Bringing data in, in a real browser: by script with progress and a live trial, and without any script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SALES = "Invoice,Date,Amount\n" + "".join(f"{n},2025-01-{1 + n % 28:02d},{n}.5\n" for n in range(40))


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """An export of a till, with one day that does not exist."""
    file = tmp_path / "till export.csv"
    file.write_text(SALES + "41,2025-02-31,7.5\n")
    return file


def test_a_file_is_brought_mapped_and_imported(
    page_as: Callable[..., Any], site: Any, fresh_cycle: str, sales: Path
) -> None:
    page = page_as("analyst")
    page.set_default_timeout(60_000)  # a trial reads files; on a busy machine that takes a while
    page.goto(site.cycle("data/", fresh_cycle))
    page.set_input_files("#files-input", str(sales))
    page.click("#bring button.btn-primary")
    page.wait_for_url("**/data/map/?file=till**")
    assert page.input_value("#m-table") == "sales"
    assert "2025-02-31" in page.inner_text("#trial")
    # What is corrected is tried at once, without a button.
    page.get_by_label("Amount is used as").select_option("")
    page.wait_for_selector("#map-told >> text=amount")
    page.get_by_label("Amount is used as").select_option("columns.amount")
    page.wait_for_selector("#map-told:not(:has(.alert))", state="attached")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(f"**/c/{fresh_cycle}/data/")
    # The worker beside the server reads it; the page says so by itself or when it is loaded again.
    shown = page.locator("#sources li", has=page.locator("h3", has_text="till_export"))
    for _attempt in range(90):
        if "40 facts of 41 records" in shown.inner_text():
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert "40 facts of 41 records" in shown.inner_text()
    shown.get_by_role("link", name="1 refused").click()
    assert "2025-02-31" in page.inner_text("main")


def test_the_same_without_script(context_as: Callable[..., Any], site: Any, fresh_cycle: str, sales: Path) -> None:
    page = context_as("analyst", java_script_enabled=False).new_page()
    page.goto(site.cycle("data/", fresh_cycle))
    page.set_input_files("#files-input", str(sales))
    page.click("#bring button.btn-primary")
    assert "/data/map/?file=till" in page.url
    page.fill("#m-name", "till")
    page.click("#trial >> text=Look again")
    assert page.input_value("#m-name") == "till"
    page.get_by_role("button", name="Import", exact=True).click()
    assert page.url.rstrip("/").endswith(f"/c/{fresh_cycle}/data")
    assert "till" in page.inner_text("#sources")


def test_a_file_that_is_dropped_arrives(page_as: Callable[..., Any], site: Any, fresh_cycle: str) -> None:
    page = page_as("analyst")
    page.goto(site.cycle("data/", fresh_cycle))
    page.evaluate(
        """(text) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
          const zone = document.querySelector("[data-drop-zone]");
          for (const name of ["dragenter", "dragover", "drop"]) {
            zone.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: carried }));
          }
        }""",
        SALES,
    )
    page.wait_for_url("**/data/map/?file=dropped.csv")


def test_the_mapping_and_the_rejects_are_accessible_and_fit_a_phone(
    page_as: Callable[..., Any], site: Any
) -> None:
    axe = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists():
        pytest.skip("axe-core is not there: run make assets")
    page = page_as("owner", viewport={"width": 360, "height": 780}, reduced_motion="reduce")
    for part in ("data/map/?source=survey", "data/map/?source=shop", "data/rejects/", "trace/?kind=need&id=fast"):
        page.goto(site.cycle(part))
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        page.evaluate(axe.read_text())
        found = page.evaluate(
            """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
              .map((one) => one.id + ": " + one.nodes.map((node) => node.html.slice(0, 99)).join(" | "))"""
        )
        assert found == [], part
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), part
