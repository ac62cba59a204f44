"""Adapters for driver models, plain numerics and satisfaction indices."""

import csv
import itertools
import re
from pathlib import Path
from typing import Any

from nonagon.methods.drivers.acsi_index import acsi_index as index_of
from nonagon.methods.drivers.driver_importance import driver_importance_of_rows
from nonagon.methods.drivers.ecsi_pls import ecsi_pls as pls
from nonagon.methods.drivers.ols import ols
from nonagon.methods.drivers.univariate import alternating, univariate

SATISFACTION = Path(__file__).parents[4] / "shared" / "data" / "satisfaction"
DATASETS = {"mobi": "ecsi_mobile_phone.csv", "satisfaction": "bank_satisfaction.csv"}


class Coefficients(dict[str, float]):
    """Named coefficients, the intercept by any of the names that tools give it."""

    INTERCEPT = ("(Intercept)", "intercept", "Intercept", "const", "b0", "B0")

    def _ours(self, name: object) -> object:
        return "(Intercept)" if name in self.INTERCEPT else name

    def __contains__(self, name: object) -> bool:
        return super().__contains__(self._ours(name))

    def __getitem__(self, name: str) -> float:
        return super().__getitem__(str(self._ours(name)))


def driver_importance(inputs: dict[str, Any]) -> dict[str, Any]:
    """Every importance measure by driver."""
    result = driver_importance_of_rows(y=inputs["y"], x=inputs["x"])
    measures = {
        "lmg": result.lmg,
        "lmg_pct": result.lmg_share,
        "first": result.first,
        "last": result.last,
        "pratt": result.pratt,
        "johnson_relative_weights": result.johnson,
    }
    return {"r2": result.r2} | {
        name: dict(zip(result.names, values.tolist(), strict=True)) for name, values in measures.items()
    }


def ols_numerics(inputs: dict[str, Any]) -> dict[str, Any]:
    """Coefficients, R² and sigma."""
    result = ols(y=inputs["y"], x=inputs["x"])
    return {
        "coef": Coefficients(zip(result.names, result.coef.tolist(), strict=True)),
        "r2": result.r2,
        "sigma": result.sigma,
    }


def univariate_numerics(inputs: dict[str, Any]) -> dict[str, Any]:
    """Plain statistics of an alternating series, read as decimals."""
    series = alternating(first=inputs["first"], then=inputs["then_alternating"], n=int(inputs["n"]))
    result = univariate(x=series, arithmetic="exact")
    return {"mean": result.mean, "sd": result.sd, "lag1_autocorrelation": result.lag1_autocorrelation}


def _items(inputs: dict[str, Any]) -> dict[str, list[float]]:
    if "items" in inputs:
        return dict(inputs["items"])
    name = next((file for word, file in DATASETS.items() if word in inputs["dataset"]), None)
    if name is None or not (SATISFACTION / name).is_file():
        raise LookupError(f"no local data for the dataset {inputs['dataset']!r}")
    with (SATISFACTION / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numeric = [column for column in rows[0] if _is_number(rows[0][column])]
    return {column: [float(row[column]) for row in rows] for column in numeric}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _paths(inputs: dict[str, Any], names: list[str]) -> list[tuple[str, str]]:
    """From the inner matrix (rows are effects; an upper triangle is turned) or a rule in words: arrows between
    names, a chain, or each block on all after it; without either, all act on the last.
    """
    inner, rule = inputs.get("inner"), inputs.get("inner_rule", "")
    if inner is None:
        return _arrows(rule, names) or _by_rule(rule.lower(), names)
    pairs = [(i, j) for i, row in enumerate(inner) for j, one in enumerate(row) if one]
    if pairs and all(i < j for i, j in pairs):
        pairs = [(j, i) for i, j in pairs]
    return [(names[cause], names[effect]) for effect, cause in pairs]


def _arrows(rule: str, names: list[str]) -> list[tuple[str, str]]:
    """Pairs out of a text such as "A -> C; B -> C, D" (or "C ~ A + B"), whatever parts the pieces."""
    pieces: list[str] = []
    for part in re.split(r"[;\n]", rule):
        pieces.append("")
        for words in part.split(","):
            if "->" in words and "->" in pieces[-1]:
                pieces.append("")
            pieces[-1] += f",{words}"
    pairs: list[tuple[str, str]] = []
    for piece in pieces:
        sides = piece.split("~")[::-1] if "~" in piece else piece.split("->")
        named = [[name for name in names if re.search(rf"\b{re.escape(name)}\b", side)] for side in sides]
        for causes, effects in itertools.pairwise(named):
            pairs += itertools.product(causes, effects)
    return list(dict.fromkeys(pairs))


def _by_rule(rule: str, names: list[str]) -> list[tuple[str, str]]:
    if "chain" in rule or "next" in rule:
        return list(itertools.pairwise(names))
    if any(word in rule for word in ("triang", "earlier", "before", "preced", "previous", "later", "after", "<")):
        return list(itertools.combinations(names, 2))
    return [(name, names[-1]) for name in names[:-1]]


def ecsi_pls(inputs: dict[str, Any]) -> dict[str, Any]:
    """The path model with plspm's conventions."""
    items = _items(inputs)
    columns = list(items)
    blocks = {name: [columns[int(i) - 1] for i in members] for name, members in inputs["blocks"].items()}
    names = list(blocks)
    lowest = min(min(values) for values in items.values())
    scale = (1.0, 10.0) if lowest >= 1 else (0.0, 10.0)
    words = inputs.get("inner_rule", "").lower()
    scheme = next((one for one in ("factorial", "path") if f"{one} " in f"{words} "), "centroid")
    result = pls(items=items, blocks=blocks, paths=_paths(inputs, names), scheme=scheme, scale=scale)
    satisfaction = next((name for name in names if name.lower().startswith("sat")), names[-1])
    return {
        "paths": {f"{cause} -> {effect}": value for (cause, effect), value in result.paths.items()},
        "r2": dict(result.r2),
        "loadings": result.loadings,
        "weights": result.weights,
        "ave": dict(result.ave),
        "gof": result.gof,
        "mean_scores": dict(result.mean_score),
        "csi_0_100": result.index[satisfaction],
    } | {f"r2_{name.lower()}": value for name, value in result.r2.items()}


def acsi_index(inputs: dict[str, Any]) -> dict[str, Any]:
    """The index with the given and with equal weights."""
    items = {name: inputs[name] for name in ("satisfaction", "expectancy", "ideal") if name in inputs}
    equal = index_of(items=items)
    weighted = index_of(items=items, weights=inputs["weights"]) if "weights" in inputs else equal
    return {"index": weighted.index, "index_equal_weights": equal.index}


ADAPTERS = {
    "driver_importance": driver_importance,
    "ols_numerics": ols_numerics,
    "univariate_numerics": univariate_numerics,
    "ecsi_pls": ecsi_pls,
    "acsi_index": acsi_index,
}
