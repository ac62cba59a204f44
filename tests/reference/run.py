"""Runs reference cases through the methods: `python tests/reference/run.py FILE.json ...`.

Prints each failing case with got, expected and tolerance, a line for each method without an adapter,
and closes with `N passed, N failed`. Adapters (adapters/*.py) turn a case's inputs into calls and
results into the names of the case's `expected`; they never see the expected numbers. Numbers are compared as
they are; forms that say the same are taken as equal: values by name or in reading order, a line of a chart once
or at each point, a table of records or its first rows.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
Adapter = Callable[[dict[str, Any]], dict[str, Any]]
LINES = ("center", "lcl", "ucl")
"""Lines of a chart: a case may give the same value once, or once a point."""


def adapters() -> dict[str, Adapter]:
    """Every adapter by the catalogue's method name."""
    import adapters as package

    found: dict[str, Adapter] = {}
    for module in pkgutil.iter_modules(package.__path__):
        found |= importlib.import_module(f"adapters.{module.name}").ADAPTERS
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not as expected."""

    key: str
    got: object
    expected: object
    tolerance: float

    def __str__(self) -> str:
        return f"{self.key}: got {self.got!r:.200}, expected {self.expected!r:.200}, tolerance {self.tolerance}"


def differences(case: dict[str, Any], got: dict[str, Any]) -> list[Difference]:
    """Where `got` leaves the case's expected values by more than its tolerance."""
    by_key = case.get("tolerance_by_key") or {}
    found: list[Difference] = []
    for key, wanted in case["expected"].items():
        tolerance = float(by_key.get(key, case["tolerance"]))
        if key not in got:
            found.append(Difference(key, "nothing", wanted, tolerance))
            continue
        value, expected = _plain(got[key]), wanted
        if key in LINES:
            value, expected = _at_every_point(value, wanted), _at_every_point(wanted, value)
        found += list(_compare(key, value, expected, tolerance))
    return found


def _at_every_point(line: Any, other: Any) -> Any:
    """A value given once, repeated as often as the other side gives it."""
    once = line[0] if isinstance(line, list) and len(line) == 1 else line
    points = len(other) if isinstance(other, list) else 1
    return [once] * points if isinstance(once, int | float) else line


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return value


def _compare(key: str, got: Any, expected: Any, tolerance: float) -> Iterator[Difference]:
    got = _plain(got)
    if isinstance(expected, dict):
        for name, inner in expected.items():
            if not isinstance(got, dict) or name not in got:
                yield Difference(f"{key}.{name}", got, inner, tolerance)
            else:
                yield from _compare(f"{key}.{name}", got[name], inner, tolerance)
    elif isinstance(expected, list):
        yield from _compare_lists(key, got, expected, tolerance)
    elif isinstance(expected, bool | str) or expected is None:
        if got != expected or isinstance(expected, bool) != isinstance(got, bool):
            yield Difference(key, got, expected, tolerance)
    elif isinstance(got, bool) or not isinstance(got, int | float) or _apart(got, expected, tolerance):
        yield Difference(key, got, expected, tolerance)


def _apart(got: float, expected: float, tolerance: float) -> bool:
    return not abs(got - expected) <= tolerance * max(1.0, abs(expected))


def _compare_lists(key: str, got: Any, expected: list[Any], tolerance: float) -> Iterator[Difference]:
    if isinstance(got, dict):  # named values where the case lists them in reading order
        got = list(got.values())
    rows = list(got) if isinstance(got, list | tuple) else None
    if rows and expected and all(isinstance(row, dict) for row in [*rows, *expected]):
        rows = rows[: len(expected)]  # of a table of records a case may list the first rows
    if rows is None or len(rows) != len(expected):
        yield Difference(key, got, expected, tolerance)
        return
    for index, (one, inner) in enumerate(zip(rows, expected, strict=True)):
        yield from _compare(f"{key}[{index}]", one, inner, tolerance)


def run(paths: list[Path]) -> tuple[int, int]:
    """Runs every case of the files; gives how many passed and how many failed."""
    known = adapters()
    passed = failed = 0
    without: set[str] = set()
    for path in paths:
        for case in json.loads(path.read_text(encoding="utf-8")):
            adapter = known.get(case["method"])
            if adapter is None:
                without.add(case["method"])
                failed += 1
                continue
            try:
                wrong = [str(one) for one in differences(case, adapter(case["inputs"]))]
            except Exception as error:  # a failing case must not hide the others
                wrong = [f"{type(error).__name__}: {error}"]
            if wrong:
                failed += 1
                print(f"FAILED {path.name} {case['id']}")
                for line in wrong[:10]:
                    print(f"    {line}")
            else:
                passed += 1
    for method in sorted(without):
        print(f"no adapter for {method}")
    return passed, failed


def main() -> int:
    """Command line: the files to run."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    if not paths:
        print("usage: python tests/reference/run.py FILE.json ...", file=sys.stderr)
        return 2
    passed, failed = run(paths)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
