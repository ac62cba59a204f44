"""Every page that can be asked for: accessible, light and dark, on a phone, from right to left, no complaints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders.pages import addresses, filled

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MORE_RULES = {"label-content-name-mismatch": {"enabled": True}}
"""Off in axe by itself, since it calls it experimental: what is read out begins with what is seen (WCAG 2.5.3)."""
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


def visit(page: Any, site: Any, path: str) -> bool:
    """Opens a page; False where what answers is no page of ours, such as a file or a refusal of GET."""
    answer = page.request.get(site.url + filled(path, site.key))
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("text/html"):
        assert answer.status < 500, f"{path} answered {answer.status}"
        return False
    if "<main" not in answer.text():
        return False
    page.goto(site.url + filled(path, site.key))
    return True


def axe(page: Any, **options: Any) -> list[str]:
    """What axe finds, a line for each element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async (options) => (await axe.run(document, options)).violations",
        {"resultTypes": ["violations"], **(options or {"runOnly": RULES, "rules": MORE_RULES})},
    )
    return [
        f"{one['id']} ({one['impact']}): {node['target'][0]} — {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found
        for node in one["nodes"][:3]
    ]


def charts_without_words(page: Any) -> list[str]:
    """Charts in no image with a description; what is drawn inside one is hidden from those who hear the page."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("figure svg:not(.icon):not(svg svg)")]
              .filter((one) => !one.closest("[role=img][aria-label]:not([aria-label=''])"))
              .map((one) => one.parentElement.className)"""
        )
    )


def doubled_ids(page: Any) -> list[str]:
    """Ids that stand more than once: links, labels and scripts would find the first only."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("[id]")].map((one) => one.id)
              .filter((id, place, all) => all.indexOf(id) !== place)"""
        )
    )


def wider_than_window(page: Any) -> list[str]:
    """What sticks out of the window to the side so that the page scrolls, outermost elements first."""
    return list(
        page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width + 1) return [];
              const out = [...document.querySelectorAll("body *")].filter((one) => {
                const box = one.getBoundingClientRect();
                const how = { contentVisibilityAuto: true, visibilityProperty: true };
                const shown = box.width > 1 && one.checkVisibility(how);
                return shown && (box.right > width + 1 || box.left < -1) && !one.closest(".skip, .scroll");
              });
              return out.slice(0, 5).map((one) => one.tagName.toLowerCase() + "." + one.className);
            }"""
        )
    )


@pytest.fixture
def readable() -> None:
    """axe, from the locked packages."""
    if not AXE.exists():
        pytest.skip("axe-core is not there: run make assets")


def test_the_pages_are_found() -> None:
    found = addresses()
    assert {"/", "/c/{key}/", "/c/{key}/needs/", "/c/{key}/data/", "/accounts/login/"} <= set(found)


def test_every_page_is_accessible_in_light_and_dark(
    page_as: Callable[..., Any], site: Any, readable: None
) -> None:
    page = page_as("owner", viewport=DESK, reduced_motion="reduce")
    wrong = []
    for path in addresses():
        if not visit(page, site, path):
            continue
        wrong += [f"{path} {one}" for one in axe(page)]
        wrong += [f"{path} a chart without a description: {one}" for one in charts_without_words(page)]
        wrong += [f"{path} an id that stands twice: {one}" for one in doubled_ids(page)]
        page.emulate_media(color_scheme="dark")
        page.reload()
        wrong += [
            f"{path} dark {one}" for one in axe(page, runOnly={"type": "rule", "values": ["color-contrast"]})
        ]
        page.emulate_media(color_scheme="light")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_fits_a_phone(language: str, page_as: Callable[..., Any], site: Any, readable: None) -> None:
    page = page_as("owner", viewport=PHONE, locale=language, reduced_motion="reduce")
    wrong = []
    for path in addresses():
        if not visit(page, site, path):
            continue
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr"), path
        wrong += [f"{path} is wider than the phone: {one}" for one in wider_than_window(page)]
        if language == "ar":
            wrong += [f"{path} {one}" for one in axe(page)]
    assert not wrong, "\n".join(wrong)


def test_the_queue_of_doubtful_customers_is_accessible_and_worked_by_keys(
    page_as: Callable[..., Any], site: Any, readable: None
) -> None:
    """A page that is filled only where the register holds duplicates; its keys are those that it shows."""
    page = page_as("analyst", viewport=PHONE, reduced_motion="reduce")
    page.goto(site.cycle("customers/duplicates/", site.doubtful()))
    wrong = axe(page) + wider_than_window(page) + doubled_ids(page)
    page.emulate_media(color_scheme="dark")
    page.reload()
    wrong += axe(page, runOnly={"type": "rule", "values": ["color-contrast"]})
    assert not wrong, "\n".join(wrong)
    pairs = page.get_by_role("status").filter(has_text="Pair 1 of")
    # builders/people.py: of 12 people the second record says so little that it waits for a verdict
    waiting = int(pairs.inner_text().split(" of ")[1].split()[0])
    assert waiting >= 12
    page.keyboard.press("l")
    page.get_by_text(f"Pair 2 of {waiting}").wait_for()
    page.keyboard.press("d")
    page.get_by_text(f"Pair 2 of {waiting - 1}").wait_for()


def test_strangers_see_sign_in_pages_that_are_accessible(
    page_as: Callable[..., Any], site: Any, readable: None
) -> None:
    page = page_as("", viewport=PHONE)
    wrong = []
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        assert visit(page, site, path), path
        wrong += [f"{path} {one}" for one in axe(page)] + [f"{path}: {one}" for one in wider_than_window(page)]
    assert not wrong, "\n".join(wrong)
