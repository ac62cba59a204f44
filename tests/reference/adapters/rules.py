"""Adapters for run rules: positions counted from 1."""

from typing import Any

import numpy as np

from nonagon.methods.rules.nelson_rules import nelson_rules
from nonagon.methods.rules.western_electric import western_electric
from nonagon.methods.rules.windows import RunSignals

Case = dict[str, Any]
STRICT = "_if_last_point_must_be_in_zone"


def positions(found: RunSignals) -> dict[str, list[int]]:
    """Where each rule is met, counted from 1."""
    return {name: [int(at) + 1 for at in np.flatnonzero(found.rule(name))] for name in found.rules}


def both_windows(function: Any, inputs: Case) -> Case:
    """Every rule, and again with the last point in the zone."""
    arguments = {name: inputs[name] for name in ("x", "center", "sigma")}
    strict = positions(function(**arguments, last_point_in_zone=True))
    return positions(function(**arguments)) | {name + STRICT: at for name, at in strict.items()}


ADAPTERS = {
    "nelson_rules": lambda inputs: both_windows(nelson_rules, inputs),
    "western_electric": lambda inputs: both_windows(western_electric, inputs),
}
