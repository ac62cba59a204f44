"""Every doctest of the packages whose folders pytest does not search for them."""

import doctest
import importlib
import pkgutil

import pytest

import nonagon

PACKAGES = (
    "basics",
    "facts",
    "engine",
    "deliverables",
    "imports",
    "charts",
    "reports",
    "accounts",
    "process",
    "ui",
    "steps",
    "pipeline",
    "workspace",
    "app",
)


def modules() -> list[str]:
    found = []
    for package in PACKAGES:
        root = importlib.import_module(f"nonagon.{package}")
        found += [one.name for one in pkgutil.walk_packages(root.__path__, f"{root.__name__}.")]
    return sorted(found)


def test_the_packages_are_all_there_are() -> None:
    there = {one.name for one in pkgutil.iter_modules(nonagon.__path__) if one.ispkg}
    assert there == {*PACKAGES, "methods"}, "methods is searched by pytest itself"


@pytest.mark.parametrize("name", modules())
def test_doctests(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_doctests_to_run() -> None:
    wording = importlib.import_module("nonagon.charts.wording")
    assert doctest.testmod(wording).attempted >= 5
