"""From right to left: the page is mirrored, numbers and signs are not."""

from collections.abc import Callable
from typing import Any

CHOOSE = """(language) => {
  const form = [...document.forms].find((one) => /i18n|setlang/.test(one.action));
  const choice = form.querySelector(`[value='${language}']`);
  if (choice.tagName !== "OPTION") return form.requestSubmit(choice);
  choice.selected = true;
  form.requestSubmit();
}"""
SIGNED_AND_LOOSE = """() => [...document.querySelectorAll("main td, main dd")]
  .filter((one) => one.checkVisibility() && /^\\s*[-−+]\\s?\\d/.test(one.textContent))
  .filter((one) => !one.querySelector("bdi, [dir=ltr]") && !one.closest("bdi, [dir=ltr]"))
  .map((one) => one.textContent.trim()).slice(0, 5)"""


def test_the_page_is_mirrored(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner", locale="ar", viewport={"width": 1280, "height": 900})
    page.goto(site.cycle("needs/"))
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("html").get_attribute("lang") == "ar"
    navigation, content = page.locator("nav").first.bounding_box(), page.locator("main h1").bounding_box()
    assert navigation is not None
    assert content is not None
    assert page.evaluate("getComputedStyle(document.querySelector('main h1')).textAlign") in {"start", "right"}
    side = page.locator("nav a[href$='/needs/']").first.bounding_box()
    assert side is not None
    assert side["x"] > content["x"]  # the navigation stands at the right


def test_signed_numbers_keep_their_sign_in_front(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner", locale="ar")
    page.goto(site.cycle("results/"))
    loose = page.evaluate(SIGNED_AND_LOOSE)
    assert loose == []


def test_charts_stay_from_left_to_right(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner", locale="ar")
    page.goto(site.cycle("control/"))
    turned = page.evaluate(
        """() => [...document.querySelectorAll("main figure svg:not(.icon)")]
          .filter((one) => getComputedStyle(one).direction !== "ltr")
          .map((one) => one.parentElement.outerHTML.slice(0, 120))"""
    )
    assert page.locator("main figure svg:not(.icon)").count()
    assert turned == []


def test_the_language_is_chosen_on_the_page_and_kept(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("viewer", locale="en")  # it stays with the person; what the browser asks for no longer counts
    page.goto(site.cycle())
    assert page.locator("html").get_attribute("dir") == "ltr"
    page.evaluate(CHOOSE, "ar")
    page.wait_for_url("**/c/**")
    page.wait_for_function("() => document.documentElement.dir === 'rtl'")
    page.goto(site.cycle("data/"))
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.evaluate(CHOOSE, "en")
    page.wait_for_function("() => document.documentElement.dir === 'ltr'")


def test_rows_of_tools_and_parts_run_from_the_right(page_as: Callable[..., Any], site: Any) -> None:
    page = page_as("owner", locale="ar", viewport={"width": 1280, "height": 900})
    page.goto(site.cycle("customers/"))
    lefts = page.evaluate(
        "() => [...document.querySelectorAll('.on-page a')].map((one) => one.getBoundingClientRect().left)"
    )
    assert len(lefts) == 5  # what came in, what the data show, decisions, criteria, sign-off
    assert lefts == sorted(lefts, reverse=True)
    side = page.evaluate(
        """() => {
          const mark = document.querySelector(".findings .origin > summary").getBoundingClientRect();
          const words = document.querySelector(".findings li").getBoundingClientRect();
          return mark.left - words.left;
        }"""
    )
    assert side < 4  # the mark stands at the end of the sentence, which is the left
