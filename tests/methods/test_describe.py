"""Every result that a method hands back says what it means in words; modules without a page are no methods."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import nonagon.methods
from nonagon.methods.needs.incidence import incidence
from nonagon.methods.spc.phases import plan_phases
from nonagon.methods.survey.linearization import design

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "methods"


def results() -> Iterator[tuple[str, type]]:
    """Each dataclass that a public keyword-only function of a method gives back, by the function's name."""
    for module in pkgutil.walk_packages(nonagon.methods.__path__, "nonagon.methods."):
        if not (PAGES / (module.name.removeprefix("nonagon.methods.").replace(".", "/") + ".md")).exists():
            continue
        here = importlib.import_module(module.name)
        for name, function in vars(here).items():
            own = inspect.isfunction(function) and function.__module__ == module.name and not name.startswith("_")
            if not own or any(
                one.kind is not one.KEYWORD_ONLY for one in inspect.signature(function).parameters.values()
            ):
                continue
            kind = typing.get_type_hints(function).get("return")
            if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                yield f"{module.name}.{name}", kind


@pytest.mark.parametrize(("function", "kind"), list(results()))
def test_every_result_describes_itself(function: str, kind: type) -> None:
    assert callable(getattr(kind, "describe", None)), f"{function} gives {kind.__name__}, which has no describe()"


def test_there_are_results_to_look_at() -> None:
    # 160 functions when this was written.
    assert len(list(results())) > 150


def test_what_the_plain_records_say() -> None:
    plan = plan_phases(points=4, phases=["before", "before", "after", "after"], baseline="before")
    assert "2 phases: before (2 points, limits of before), after (2 points, limits of before)" in plan.describe()
    assert "4 needs came up in 5 interviews" in incidence(frequency=[4, 2, 1, 1], n_units=5).describe()
    assert "4 respondents in 2 clusters of 1 strata" in design(n=4, cluster=[1, 1, 2, 2]).describe()
