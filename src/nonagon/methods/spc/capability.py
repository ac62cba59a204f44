"""Can the process keep its specification: capability and performance indices.

Question: how wide and how well centred is the process against its limits, and how much will fall outside?
Used by: step 7 (capability of control items), step 9 (before and after).
Source: V. E. Kane, Journal of Quality Technology 18 (1986), 41-52 (Cp, Cpk); A. F. Bissell, Applied Statistics
39 (1990), 331-340 (interval of Cpk); R. A. Boyles, Journal of Quality Technology 23 (1991), 17-26 (Cpm);
ISO 22514-2 (capability from within, performance from overall variation).
Checked against: R's qcc 2.7, NIST/SEMATECH e-Handbook 6.1.6 (tests/reference); coverage by simulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, one_of, real_array
from nonagon.methods.spc.chart_imr import D2, MEDIAN_RANGE, freedom_of_moving_ranges
from nonagon.methods.spc.control_chart import ROUNDING
from nonagon.methods.spc.subgroups import ESTIMATORS, Estimator, effective_freedom, read_subgroups, within_sigma

Number = float | Floats
"""A number for one process, an array with one a process for many."""
MovingRange = Literal["mean_moving_range", "median_moving_range"]
MOVING_RANGES: tuple[MovingRange, ...] = ("mean_moving_range", "median_moving_range")
Freedom = Literal["effective", "values"]
SideBounds = Literal["one_sided", "two_sided"]
CpmFreedom = Literal["boyles", "qcc"]
Bools = NDArray[np.bool_]
FARTHEST = 1e5
"""Standard deviations off target beyond which the interval of cpm no longer changes."""
BLOCK = 1 << 21
"""Values that are worked on at a time; keeps the memory for many processes bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An index and its interval; low and high are None where the number of values is not known."""

    value: Number
    low: Number | None
    high: Number | None


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """Shares (fractions of one) below the lower and above the upper limit; None where there is no limit."""

    below: Number | None
    above: Number | None

    @property
    def total(self) -> Number:
        """The share outside the limits that there are."""
        return sum((part for part in (self.below, self.above) if part is not None), 0.0)

    @property
    def ppm(self) -> Number:
        """The total in parts a million."""
        return self.total * 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Capability:
    """Capability (cp, cpl, cpu, cpk, cpm: sigma within) and performance (pp, ppl, ppu, ppk: sigma overall).

    An index that its limits do not allow is None and `reasons` says why. n: values a process, None where
    mean and sd were given alone. expected_within, expected_overall: normal shares outside the limits with
    either sigma; observed: counted shares, None without values. stable: not tested here; the indices predict
    nothing while the control chart shows signals.
    """

    n: int | None
    mean: Number
    sigma_within: Number
    sigma_overall: Number
    lsl: Number | None
    usl: Number | None
    target: Number | None
    cp: Index | None
    cpl: Index | None
    cpu: Index | None
    cpk: Index
    cpm: Index | None
    pp: Index | None
    ppl: Index | None
    ppu: Index | None
    ppk: Index
    expected_within: Tails
    expected_overall: Tails
    observed: Tails | None
    confidence: float
    width: float
    variants: dict[str, str]
    reasons: dict[str, str]

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        if isinstance(self.mean, np.ndarray):
            low = np.count_nonzero(np.asarray(self.ppk.value) < 1)
            return (
                f"Of {self.mean.size} processes {low} have a Ppk below 1; their indices hold for stable, normally "
                "distributed processes only."
            )
        outside = float(self.expected_overall.total)
        return (
            f"Cpk {self._words(self.cpk)} from variation within, Ppk {self._words(self.ppk)} from all variation; "
            f"{outside:.2%} of the values are expected outside the limits, if the process is stable and normally "
            "distributed."
        )

    def _words(self, index: Index) -> str:
        if index.low is None or index.high is None:
            return f"{float(index.value):.2f}"
        interval = f"{float(index.low):.2f} to {float(index.high):.2f}"
        return f"{float(index.value):.2f} ({self.confidence:.0%} interval {interval})"


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """The values, which of them count (None: all), and the axes that lie within a process."""

    found: Floats
    inside: Bools | None
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Process:
    n: int | None
    mean: Floats
    within: Floats
    overall: Floats
    within_freedom: Floats | None
    rule: str


def capability(
    *,
    x: ArrayLike | None = None,
    subgroups: ArrayLike | Sequence[Sequence[float]] | None = None,
    sizes: ArrayLike | None = None,
    mean: float | None = None,
    sd: float | None = None,
    n: int | None = None,
    lsl: ArrayLike | None = None,
    usl: ArrayLike | None = None,
    target: ArrayLike | None = None,
    confidence: float = 0.95,
    within: MovingRange = "mean_moving_range",
    sigma_estimator: Estimator = "uwave_r",
    width: float = 3.0,
    side_bounds: SideBounds = "one_sided",
    freedom: Freedom = "effective",
    cpm_freedom: CpmFreedom = "boyles",
    negligible: float = 0.0,
    printed_constants: bool = False,
) -> Capability:
    """Capability and performance against one or two specification limits, with intervals.

    Give the values as x, (points,) or (processes, points) in order of time, or as subgroups (see
    sigma_within), or as mean and sd (then sd stands for both sigmas; with n also intervals). At least 2
    values. lsl, usl: lower and upper limit, one or both, a number or one a process, lsl < usl; target: the
    best value, the middle of two limits when not given. confidence: between 0 and 1. within: sigma within
    from the mean or the median moving range of x; sigma_estimator, printed_constants: the same for
    subgroups. width: half the process width in sigmas. side_bounds: whether low and high of cpl, cpu, ppl,
    ppu are one-sided bounds, each with `confidence`, or a two-sided interval. freedom: whether the intervals of
    cp to cpm count the degrees of freedom that sigma within really has (fewer, since ranges use less of the
    data), or "values", n - 1, as R's qcc does (intervals then are too narrow). cpm_freedom: Boyles's degrees
    of freedom for cpm, or those of R's qcc (without the square). negligible: expected shares below this
    are given as 0 (qcc: 0.0001).
    Assumes a stable process and normal values: look at the control chart first. Not for skewed values such as
    waiting times without a transformation.
    Raises ArgumentError for values out of range or no limits, NotEnoughData for values without variation.

    >>> result = capability(mean=16, sd=2, lsl=8, usl=20)
    >>> float(result.cp.value), round(result.cpk.value, 4), round(result.cpm.value, 4)
    (1.0, 0.6667, 0.7071)
    """
    confidence = fraction("confidence", confidence)
    width = at_least("width", width, np.nextafter(0, 1))
    one_of("side_bounds", side_bounds, ("one_sided", "two_sided"))
    one_of("cpm_freedom", cpm_freedom, ("boyles", "qcc"))
    one_of("freedom", freedom, ("effective", "values"))
    one_of("within", within, MOVING_RANGES)
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    values, process = _process(
        x, subgroups, sizes, mean, sd, n, within=within, estimator=sigma_estimator, printed=printed_constants
    )
    low_limit, high_limit, aim = _limits(lsl, usl, target, process.mean)
    _refuse_no_variation(process)
    reasons = _reasons(low_limit, high_limit, process.n)
    plain = None if process.n is None else np.array(process.n - 1.0)
    short = process.within_freedom if freedom == "effective" else plain
    indices = {
        letter: _Indices(process, sigma, left, low_limit, high_limit, confidence, width, side_bounds)
        for letter, sigma, left in (("c", process.within, short), ("p", process.overall, plain))
    }
    return Capability(
        n=process.n,
        mean=_plain(process.mean),
        sigma_within=_plain(process.within),
        sigma_overall=_plain(process.overall),
        lsl=None if low_limit is None else _plain(low_limit),
        usl=None if high_limit is None else _plain(high_limit),
        target=None if aim is None else _plain(aim),
        cp=indices["c"].both(),
        cpl=indices["c"].lower(),
        cpu=indices["c"].upper(),
        cpk=indices["c"].nearer(),
        cpm=indices["c"].around(aim, cpm_freedom),
        pp=indices["p"].both(),
        ppl=indices["p"].lower(),
        ppu=indices["p"].upper(),
        ppk=indices["p"].nearer(),
        expected_within=_expected(process.mean, process.within, low_limit, high_limit, negligible),
        expected_overall=_expected(process.mean, process.overall, low_limit, high_limit, negligible),
        observed=None if values is None else _observed(values, low_limit, high_limit),
        confidence=confidence,
        width=width,
        variants={
            "sigma_within": process.rule,
            "side_bounds": side_bounds,
            "freedom": freedom,
            "cpm_freedom": cpm_freedom,
            "constants": "printed (three decimals)" if printed_constants else "exact",
        },
        reasons=reasons,
    )


@dataclass(frozen=True, slots=True)
class _Indices:
    """The indices for one of the two sigmas."""

    process: _Process
    sigma: Floats
    freedom: Floats | None
    lsl: Floats | None
    usl: Floats | None
    confidence: float
    width: float
    side_bounds: str

    def both(self) -> Index | None:
        if self.lsl is None or self.usl is None:
            return None
        value = (self.usl - self.lsl) / (2 * self.width * self.sigma)
        return self._by_chi_square(value, self.freedom)

    def lower(self) -> Index | None:
        return None if self.lsl is None else self._by_bissell(self._room_below(self.lsl), self._side_z())

    def upper(self) -> Index | None:
        return None if self.usl is None else self._by_bissell(self._room_above(self.usl), self._side_z())

    def nearer(self) -> Index:
        rooms = [] if self.lsl is None else [self._room_below(self.lsl)]
        rooms += [] if self.usl is None else [self._room_above(self.usl)]
        return self._by_bissell(np.minimum.reduce(rooms), self._z())

    def around(self, target: Floats | None, freedom_rule: str) -> Index | None:
        if target is None or self.lsl is None or self.usl is None:
            return None
        distance = (self.process.mean - target) / self.sigma
        value = (self.usl - self.lsl) / (2 * self.width * self.sigma) / np.hypot(1.0, distance)
        if self.freedom is None:
            return self._by_chi_square(value, None)
        power = 2 if freedom_rule == "boyles" else 1
        # So far off target (and no farther counts) the degrees of freedom are as good as endless.
        off = np.minimum(np.abs(distance), FARTHEST) ** 2
        return self._by_chi_square(value, (self.freedom + 1) * (1 + off) ** power / (1 + 2 * off))

    def _room_below(self, lsl: Floats) -> Floats:
        return np.asarray((self.process.mean - lsl) / (self.width * self.sigma))

    def _room_above(self, usl: Floats) -> Floats:
        return np.asarray((usl - self.process.mean) / (self.width * self.sigma))

    def _z(self) -> float:
        return float(special.ndtri((1 + self.confidence) / 2))

    def _side_z(self) -> float:
        return float(special.ndtri(self.confidence)) if self.side_bounds == "one_sided" else self._z()

    def _by_bissell(self, value: Floats, z: float) -> Index:
        n = self.process.n
        if n is None or self.freedom is None:
            return Index(_plain(value), None, None)
        # Bissell (1990): variance 1 / (9 n) from the mean, value^2 / (2 f) from the standard deviation.
        error = z * np.sqrt(1 / (self.width**2 * n) + value**2 / (2 * self.freedom))
        return Index(_plain(value), _plain(value - error), _plain(value + error))

    def _by_chi_square(self, value: Floats, freedom: Floats | None) -> Index:
        if freedom is None:
            return Index(_plain(value), None, None)
        tail = (1 - self.confidence) / 2
        low = value * np.sqrt(special.chdtri(freedom, 1 - tail) / freedom)
        high = value * np.sqrt(special.chdtri(freedom, tail) / freedom)
        return Index(_plain(value), _plain(low), _plain(high))


def _process(
    x: ArrayLike | None,
    subgroups: ArrayLike | Sequence[Sequence[float]] | None,
    sizes: ArrayLike | None,
    mean: float | None,
    sd: float | None,
    n: int | None,
    *,
    within: MovingRange,
    estimator: Estimator,
    printed: bool,
) -> tuple[_Values | None, _Process]:
    given = [x is not None, subgroups is not None, mean is not None or sd is not None]
    if sum(given) != 1:
        raise ArgumentError("give the values in one way: x, or subgroups, or mean and sd together")
    if x is not None:
        values = real_array("x", x, least=2)
        return _Values(values, None, (-1,)), _from_values(values, within)
    if subgroups is not None:
        return _from_subgroups(subgroups, sizes, estimator, printed)
    if mean is None or sd is None:
        raise ArgumentError("mean and sd belong together; got only one of them")
    if n is not None:
        at_least("n", n, 2)
    level, spread = real_array("mean", mean, least=0), np.array(at_least("sd", sd, 0))
    return None, _Process(n, level, spread, spread, None if n is None else np.array(n - 1.0), "given")


def _from_values(values: Floats, within: MovingRange) -> _Process:
    flat = values.reshape(-1, values.shape[-1])
    mean, overall, short = (np.empty(flat.shape[0]) for _ in range(3))
    step = max(1, BLOCK // flat.shape[1])
    measure, factor = (np.mean, D2) if within == "mean_moving_range" else (np.median, MEDIAN_RANGE)
    for start in range(0, flat.shape[0], step):
        block = np.s_[start : start + step]
        mean[block] = flat[block].mean(axis=-1)
        overall[block] = flat[block].std(axis=-1, ddof=1)
        short[block] = measure(np.abs(np.diff(flat[block], axis=-1)), axis=-1) / factor
    shape = values.shape[:-1]
    points = values.shape[-1]
    return _Process(
        n=points,
        mean=mean.reshape(shape),
        within=short.reshape(shape),
        overall=overall.reshape(shape),
        within_freedom=np.array(freedom_of_moving_ranges(points, within)),
        rule=within,
    )


def _from_subgroups(
    subgroups: ArrayLike | Sequence[Sequence[float]], sizes: ArrayLike | None, estimator: Estimator, printed: bool
) -> tuple[_Values, _Process]:
    groups = read_subgroups(subgroups, sizes)
    weights = np.broadcast_to(groups.sizes, groups.mean.shape)
    totals = weights.sum(axis=-1)
    if np.unique(totals).size > 1:
        raise ArgumentError(
            f"each process needs the same number of values; got {totals.min():g} to {totals.max():g}: "
            "call processes of different length apart"
        )
    n = int(totals.flat[0])
    mean = np.asarray(np.sum(groups.mean * weights, axis=-1) / n)
    # All values' squares about the mean: those within the subgroups and those of the subgroups' means.
    inside = np.sum(groups.deviation**2 * (weights - 1), axis=-1)
    between = np.sum(weights * (groups.mean - mean[..., None]) ** 2, axis=-1)
    overall = np.asarray(np.sqrt((inside + between) / (n - 1)))
    process = _Process(
        n=n,
        mean=mean,
        within=within_sigma(groups, estimator, printed=printed),
        overall=overall,
        within_freedom=effective_freedom(groups, estimator, printed=printed),
        rule=estimator,
    )
    return _Values(groups.values, groups.inside, (-2, -1)), process


def _limits(
    lsl: ArrayLike | None, usl: ArrayLike | None, target: ArrayLike | None, mean: Floats
) -> tuple[Floats | None, Floats | None, Floats | None]:
    if lsl is None and usl is None:
        raise ArgumentError("at least one of lsl and usl is needed; got none")
    low, high, aim = (
        _one_a_process(name, given, mean) for name, given in (("lsl", lsl), ("usl", usl), ("target", target))
    )
    if low is not None and high is not None:
        if np.any(low >= high):
            raise ArgumentError(f"lsl must be below usl; got lsl {low.max():g} and usl {high.min():g}")
        if aim is None:
            aim = (low + high) / 2
    return low, high, aim


def _one_a_process(name: str, given: ArrayLike | None, mean: Floats) -> Floats | None:
    if given is None:
        return None
    array = real_array(name, given, least=0)
    if array.shape not in {(), mean.shape}:
        raise ArgumentError(f"{name} must be one number or one a process, shape {mean.shape}; got {array.shape}")
    return array


def _refuse_no_variation(process: _Process) -> None:
    least = ROUNDING * np.abs(process.mean)
    still = (process.within <= least) | (process.overall <= least)
    if np.any(still):
        which = ", ".join(str(at + 1) for at in np.flatnonzero(still)[:5])
        many = f" in {np.count_nonzero(still)} processes (first: {which})" if still.ndim else ""
        raise NotEnoughData(
            f"the values do not vary{many}: without variation no index exists; measure finer, or leave these out"
        )


def _reasons(lsl: Floats | None, usl: Floats | None, n: int | None) -> dict[str, str]:
    reasons: dict[str, str] = {}
    if lsl is None:
        reasons |= dict.fromkeys(("cp", "cpl", "cpm", "pp", "ppl"), "there is no lower specification limit")
    if usl is None:
        reasons |= dict.fromkeys(("cp", "cpu", "cpm", "pp", "ppu"), "there is no upper specification limit")
    if n is None:
        reasons["intervals"] = "the number of values behind mean and sd was not given"
    return reasons


def _expected(mean: Floats, sigma: Floats, lsl: Floats | None, usl: Floats | None, negligible: float) -> Tails:
    below = None if lsl is None else special.ndtr((lsl - mean) / sigma)
    above = None if usl is None else special.ndtr((mean - usl) / sigma)
    parts = [None if part is None else _plain(np.where(part < negligible, 0.0, part)) for part in (below, above)]
    return Tails(*parts)


def _observed(values: _Values, lsl: Floats | None, usl: Floats | None) -> Tails:
    below = None if lsl is None else _share(values, lsl, np.less)
    above = None if usl is None else _share(values, usl, np.greater)
    return Tails(below, above)


def _share(values: _Values, limit: Floats, beyond: np.ufunc) -> Number:
    found, axes = values.found, values.axes
    limit = np.broadcast_to(limit, found.shape[: found.ndim - len(axes)])
    flags = beyond(found, np.expand_dims(limit, axes))
    if values.inside is None:
        return _plain(flags.mean(axis=axes))
    inside = np.broadcast_to(values.inside, flags.shape)
    return _plain(np.sum(flags & inside, axis=axes) / inside.sum(axis=axes))


def _plain(value: Floats) -> Number:
    """A float for one process, the array for many."""
    return float(value) if np.ndim(value) == 0 else np.asarray(value, dtype=np.float64)
