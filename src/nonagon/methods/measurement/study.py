"""Reading a gauge study: who measured which part how often.

Question: is the study complete and balanced, so that its variation can be split?
Used by: gauge_rr_anova, gauge_rr_xbar_r (step 7).
Source: AIAG, Measurement Systems Analysis, 4th edition (2010), chapter III.
Checked against: tests/methods/measurement.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, real_array, same_length


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """values: (parts, operators, trials); parts, operators: their names in order of appearance."""

    values: Floats
    parts: tuple[Hashable, ...]
    operators: tuple[Hashable, ...]


def read_study(
    *, part: Sequence[Hashable], operator: Sequence[Hashable], y: ArrayLike, least_operators: int = 1
) -> Study:
    """One row a measurement, sorted into a complete block; trials in the order given.

    Raises NotEnoughData where a part and operator have fewer measurements than another pair, or there are fewer
    than 2 parts, 2 trials or `least_operators` operators.
    """
    values = real_array("y", y, ndim=1, least=0)
    same_length(part=part, operator=operator, y=values)
    parts, operators = tuple(dict.fromkeys(part)), tuple(dict.fromkeys(operator))
    if len(parts) < 2:
        raise NotEnoughData(f"a gauge study needs at least 2 parts; got {len(parts)}")
    if len(operators) < least_operators:
        raise NotEnoughData(f"reproducibility needs at least {least_operators} operators; got {len(operators)}")
    part_at = np.array([parts.index(one) for one in part])
    operator_at = np.array([operators.index(one) for one in operator])
    cell = part_at * len(operators) + operator_at
    counts = np.bincount(cell, minlength=len(parts) * len(operators))
    if counts.min() != counts.max():
        odd = int(np.argmin(counts))
        who, what = operators[odd % len(operators)], parts[odd // len(operators)]
        raise NotEnoughData(
            f"every operator must measure every part equally often; {who!r} measured {what!r} {counts[odd]} "
            f"time(s), others {counts.max()}: complete the study or leave incomplete parts out"
        )
    if counts[0] < 2:
        raise NotEnoughData("repeatability needs at least 2 trials a part and operator; got 1: measure again")
    ordered = values[np.argsort(cell, kind="stable")]
    return Study(ordered.reshape(len(parts), len(operators), -1), parts, operators)
