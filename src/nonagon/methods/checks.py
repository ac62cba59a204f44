"""Checks of arguments, shared by every method: each names the argument, the rule and the value received."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData

Floats = NDArray[np.float64]


def real_array(name: str, values: ArrayLike, *, ndim: int | None = None, least: int = 1) -> Floats:
    """`values` as a float array without NaN or infinity, of `ndim` dimensions, at least `least` long.

    >>> real_array("x", [1, 2, 3])
    array([1., 2., 3.])
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} must hold numbers; got {values!r:.80}") from error
    if ndim is not None and array.ndim != ndim:
        raise ArgumentError(f"{name} must have {ndim} dimension(s); got shape {array.shape}")
    if np.count_nonzero(np.isfinite(array)) < array.size:  # quicker than all() on the few values of one chart
        bad = array[~np.isfinite(array)].flat[0]
        raise ArgumentError(f"{name} must hold finite numbers; got {bad}; leave missing values out first")
    if array.shape[-1:] and array.shape[-1] < least:
        raise NotEnoughData(f"{name} needs at least {least} value(s); got {array.shape[-1]}")
    return array


def fraction(name: str, value: float, *, closed: bool = False) -> float:
    """`value` as a fraction of one, strictly between 0 and 1 (or including them when `closed`)."""
    number = float(value)
    inside = 0 <= number <= 1 if closed else 0 < number < 1
    if not inside:
        rule = "from 0 to 1" if closed else "between 0 and 1"
        raise ArgumentError(f"{name} must lie {rule} (a share is a fraction of one); got {value!r}")
    return number


def at_least(name: str, value: float, least: float) -> float:
    """`value`, when it is a finite number of at least `least`."""
    number = float(value)
    if not math.isfinite(number) or number < least:
        raise ArgumentError(f"{name} must be at least {least}; got {value!r}")
    return number


def discount_rate(name: str, value: float) -> float:
    """`value` as the rate of a period, a finite fraction above -1."""
    number = float(value)
    if not -1 < number < np.inf:
        raise ArgumentError(f"{name} must be a fraction above -1 (0.1 is ten percent); got {value!r}")
    return number


def at_points(name: str, values: ArrayLike, points: Floats) -> Floats:
    """A number, one a chart, or one a point, broadcast over the points (..., points) of the charts."""
    given = real_array(name, values, least=0)
    if points.ndim > 1 and given.ndim and given.shape == points.shape[:-1]:
        given = given[..., None]
    try:
        return np.broadcast_to(given, points.shape)
    except ValueError as error:
        raise ArgumentError(
            f"{name} must be one number, one a chart or one a point, for points of shape {points.shape}; "
            f"got shape {given.shape}"
        ) from error


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """`value`, when it is one of the words in `allowed`."""
    if value not in allowed:
        raise ArgumentError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")
    return value


def same_length(**arrays: Sequence[object] | Floats) -> int:
    """The common length of the named arrays."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ArgumentError(f"these must be equally long; got {lengths}")
    return next(iter(lengths.values()), 0)
