"""The methods library beside what a user would pick instead: how fast, and do the digits agree.

Run: make bench, or .venv/bin/python bench/methods.py (goes on in .cache/bench, where the peers are installed).

Each line runs ours and the peer's on the same data in the same process, in turn, and gives the medians of
processor time, their ratio (how many times faster ours is) and the digits in which the results agree. Where a
peer takes too long for all, it runs on a part and its time is scaled up; the line says so. Aims: many at once 20
times faster, one at a time at least as fast. A peer that is not installed or does not run is named and left out.

Peers: capstat-core and shewhart (MIT), lifetimes (MIT), plspm (GPL 3), statsmodels (BSD); none is part of the
product. Exit code 1 when digits disagree.
"""
# ruff: noqa: PLC0415  (a peer that is not installed must not stop the others)

import importlib.metadata
import itertools
import math
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".cache" / "bench"
MANY, ONE = 20.0, 1.0


def move_to_the_peers() -> None:
    """Goes on in the environment that holds the peers, one thread each, unless this is it already."""
    python = PEERS / "bin" / "python"
    if Path(sys.prefix) == PEERS or not (PEERS / ".ready").exists():
        return
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    os.execve(str(python), [str(python), *sys.argv], {**os.environ, **threads, "PYTHONPATH": str(ROOT / "src")})


if __name__ == "__main__":
    move_to_the_peers()

import numpy as np  # noqa: E402
from numpy.typing import ArrayLike, NDArray  # noqa: E402

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duel:
    """One comparison. scale: how much more than the peer's part ours does; least: digits that must agree."""

    what: str
    peer: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    agreement: Callable[[Any, Any], tuple[float, str]]
    aim: float
    scale: float = 1.0
    least: float = 9.0
    repeats: int = 5


def digits(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Significant digits, at most 15, in which all numbers agree (relative to the larger of both, or to 1e-3)."""
    one, other = np.asarray(ours, dtype=float).ravel(), np.asarray(theirs, dtype=float).ravel()
    if one.shape != other.shape or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return 0.0
    apart = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-3)
    return 15.0 if apart.max() < 1e-15 else max(0.0, -math.log10(apart.max()))


def of_numbers(
    select: Callable[[Any, Any], tuple[ArrayLike, ArrayLike]],
) -> Callable[[Any, Any], tuple[float, str]]:
    """Agreement of the numbers that `select` takes from both results."""

    def agreement(ours: Any, theirs: Any) -> tuple[float, str]:
        found = digits(*select(ours, theirs))
        return found, f"{math.floor(found)} digits"

    return agreement


# Control charts ------------------------------------------------------------------------------------------------

CHARTS, POINTS, PART = 2000, 250, 20
LSL, USL = -4.0, 4.0


def chart_duels() -> Iterator[Duel]:
    """Limits, run rules and capability: many charts, then one."""
    import capstat_core as capstat

    from nonagon.methods.rules.many_charts import many_charts
    from nonagon.methods.rules.nelson_rules import nelson_rules
    from nonagon.methods.spc.capability import capability
    from nonagon.methods.spc.chart_cusum import chart_cusum
    from nonagon.methods.spc.chart_ewma import chart_ewma
    from nonagon.methods.spc.chart_imr import chart_imr
    from nonagon.methods.spc.chart_xbar import chart_xbar_r

    x = np.random.default_rng(1).normal(size=(CHARTS, POINTS))
    sevens = range(1, 8)

    def capstat_all(row: Floats) -> tuple[Any, Any, Any]:
        pair = capstat.i_mr_chart(row)
        return pair, capstat.nelson_rules(pair.location, sevens), capstat.capability(row, lsl=LSL, usl=USL)

    def same_many(ours: Any, theirs: Any) -> tuple[float, str]:
        limits = [pair.location.limits.upper for pair, _, _ in theirs]
        found = digits(ours.ucl[:PART], limits)
        found = min(found, digits(ours.capability.ppk.value[:PART], [index.ppk for _, _, index in theirs]))
        counts = [[sum(v.rule == rule for v in signals) for rule in sevens] for _, signals, _ in theirs]
        equal = ours.signals[:, :PART].T.tolist() == counts
        return found if equal else 0.0, f"{math.floor(found)} digits, signals {'equal' if equal else 'DIFFER'}"

    yield Duel(
        f"limits, Nelson 1-7, capability of {CHARTS} charts of {POINTS}",
        "capstat-core",
        lambda: many_charts(x=x, lsl=LSL, usl=USL, rules=list(sevens), last_point_in_zone=True),
        lambda: [capstat_all(row) for row in x[:PART]],
        same_many,
        MANY,
        scale=CHARTS / PART,
        repeats=3,
    )
    one = x[0]
    yield Duel(
        f"I-MR chart of {POINTS} points",
        "capstat-core",
        lambda: chart_imr(x=one),
        lambda: capstat.i_mr_chart(one),
        of_numbers(
            lambda a, b: (
                [a.individuals.ucl[0], a.individuals.lcl[0], a.moving_range.ucl[0]],
                [b.location.limits.upper, b.location.limits.lower, b.dispersion.limits.upper],
            )
        ),
        ONE,
        repeats=101,
    )
    pair, center, sigma = capstat.i_mr_chart(one), one.mean(), float(chart_imr(x=one).individuals.phases[0].sigma)

    def same_signals(ours: Any, theirs: Any) -> tuple[float, str]:
        mine = {(int(rule) + 1, int(at)) for rule, at in zip(*ours.signals.nonzero(), strict=True)}
        equal = mine == {(one.rule, one.point) for one in theirs}
        return (15.0 if equal else 0.0), f"{len(mine)} signals {'equal' if equal else 'DIFFER'}"

    yield Duel(
        f"Nelson's rules 1-7 on {POINTS} points",
        "capstat-core",
        lambda: nelson_rules(x=one, center=center, sigma=sigma, rules=list(sevens), last_point_in_zone=True),
        lambda: capstat.nelson_rules(pair.location, sevens),
        same_signals,
        ONE,
        repeats=51,
    )
    yield Duel(
        f"capability of {POINTS} points",
        "capstat-core",
        lambda: capability(x=one, lsl=LSL, usl=USL),
        lambda: capstat.capability(one, lsl=LSL, usl=USL),
        of_numbers(
            lambda a, b: (
                [a.cp.value, a.cpk.value, a.pp.value, a.ppk.value],
                [b.cp, b.cpk, b.pp, b.ppk],
            )
        ),
        ONE,
        repeats=51,
    )
    groups = np.random.default_rng(2).normal(size=(CHARTS, 50, 5))
    yield Duel(
        f"X̄-R charts: {CHARTS} of 50 subgroups",
        "capstat-core",
        lambda: chart_xbar_r(subgroups=groups),
        lambda: [capstat.xbar_r_chart(group) for group in groups[:100]],
        of_numbers(
            lambda a, b: (
                np.stack([a.mean.ucl[:100, 0], a.spread.ucl[:100, 0]]),
                np.array([[p.location.limits.upper for p in b], [p.dispersion.limits.upper for p in b]]),
            )
        ),
        MANY,
        scale=CHARTS / 100,
        least=3.0,  # the peer rounds its factors as printed tables do
    )
    yield Duel(
        "X̄-R chart of 50 subgroups",
        "capstat-core",
        lambda: chart_xbar_r(subgroups=groups[0]),
        lambda: capstat.xbar_r_chart(groups[0]),
        of_numbers(lambda a, b: (a.mean.ucl[0], b.location.limits.upper)),
        ONE,
        least=3.0,
        repeats=101,
    )
    yield Duel(
        f"EWMA: {CHARTS} charts of {POINTS}",
        "capstat-core",
        lambda: chart_ewma(x=x, target=0.0, sigma=1.0),
        lambda: [capstat.ewma_chart(row, target=0.0, sigma=1.0) for row in x[:100]],
        of_numbers(lambda a, b: (a.statistic[:100], [chart.points for chart in b])),
        MANY,
        scale=CHARTS / 100,
    )
    yield Duel(
        f"CUSUM: {CHARTS} charts of {POINTS}",
        "capstat-core",
        lambda: chart_cusum(x=x, target=0.0, sigma=1.0),
        lambda: [capstat.cusum_chart(row, target=0.0, sigma=1.0) for row in x[:100]],
        of_numbers(lambda a, b: (a.c_plus[:100], [chart.upper for chart in b])),
        MANY,
        scale=CHARTS / 100,
    )
    yield Duel(
        f"EWMA chart of {POINTS} points",
        "capstat-core",
        lambda: chart_ewma(x=one, target=0.0, sigma=1.0),
        lambda: capstat.ewma_chart(one, target=0.0, sigma=1.0),
        of_numbers(lambda a, b: (a.statistic, b.points)),
        ONE,
        repeats=101,
    )
    yield Duel(
        f"CUSUM chart of {POINTS} points",
        "capstat-core",
        lambda: chart_cusum(x=one, target=0.0, sigma=1.0),
        lambda: capstat.cusum_chart(one, target=0.0, sigma=1.0),
        of_numbers(lambda a, b: (a.c_plus, b.upper)),
        ONE,
        repeats=101,
    )


def shewhart_duels() -> Iterator[Duel]:
    """The same against the other package: it works on pandas."""
    import pandas as pd
    import shewhart

    from nonagon.methods.rules.chart_signals import chart_signals
    from nonagon.methods.rules.many_charts import many_charts
    from nonagon.methods.spc.capability import capability
    from nonagon.methods.spc.chart_imr import chart_imr
    from nonagon.methods.spc.chart_p import chart_p

    x = np.random.default_rng(1).normal(size=(CHARTS, POINTS))
    frames = [pd.DataFrame({"x": row}) for row in x[:PART]]

    def points_of_rule_1(result: Any) -> int:
        return sum(signal.rule == "nelson_1" for signal in result.signals if signal.chart == "i")

    def same_many(ours: Any, theirs: Any) -> tuple[float, str]:
        found = digits(ours.ucl[:PART], [chart.stats["i_ucl"] for chart, _ in theirs])
        found = min(found, digits(ours.capability.ppk.value[:PART], [index.stats["ppk"] for _, index in theirs]))
        equal = ours.signals[0, :PART].tolist() == [points_of_rule_1(chart) for chart, _ in theirs]
        return found if equal else 0.0, f"{math.floor(found)} digits, rule 1 {'equal' if equal else 'DIFFERS'}"

    yield Duel(
        f"limits, Nelson 1-8, capability of {CHARTS} charts of {POINTS}",
        "shewhart",
        lambda: many_charts(x=x, lsl=LSL, usl=USL),
        lambda: [
            (shewhart.imr(frame, value="x"), shewhart.capability(frame, value="x", lsl=LSL, usl=USL))
            for frame in frames
        ],
        same_many,
        MANY,
        scale=CHARTS / PART,
        repeats=3,
    )
    one, frame = x[0], frames[0]
    yield Duel(
        f"I-MR chart with Nelson's rules, {POINTS} points",
        "shewhart",
        lambda: (charts := chart_imr(x=one), chart_signals(chart=charts.individuals)),
        lambda: shewhart.imr(frame, value="x"),
        of_numbers(
            lambda a, b: (
                [a[0].individuals.ucl[0], a[0].moving_range.ucl[0]],
                [b.stats["i_ucl"], b.stats["mr_ucl"]],
            )
        ),
        ONE,
        repeats=51,
    )
    yield Duel(
        f"capability of {POINTS} points",
        "shewhart",
        lambda: capability(x=one, lsl=LSL, usl=USL),
        lambda: shewhart.capability(frame, value="x", lsl=LSL, usl=USL),
        of_numbers(
            lambda a, b: ([a.cp.value, a.cpk.value, a.ppk.value], [b.stats["cp"], b.stats["cpk"], b.stats["ppk"]])
        ),
        ONE,
        repeats=51,
    )
    rng = np.random.default_rng(3)
    n = rng.integers(80, 120, size=(CHARTS, 100))
    late = rng.binomial(n, 0.07)
    tables = [pd.DataFrame({"late": a, "n": b}) for a, b in zip(late[:100], n[:100], strict=True)]
    yield Duel(
        f"p charts: {CHARTS} of 100 points",
        "shewhart",
        lambda: chart_p(defectives=late, n=n),
        lambda: [shewhart.p_chart(t, defectives="late", size="n", rules="none") for t in tables],
        of_numbers(lambda a, b: (a.center[:100, 0], [chart.stats["p_center"] for chart in b])),
        MANY,
        scale=CHARTS / 100,
    )
    yield Duel(
        "p chart of 100 points",
        "shewhart",
        lambda: chart_p(defectives=late[0], n=n[0]),
        lambda: shewhart.p_chart(tables[0], defectives="late", size="n", rules="none"),
        of_numbers(lambda a, b: (a.center[0], b.stats["p_center"])),
        ONE,
        repeats=51,
    )


# Customer base -------------------------------------------------------------------------------------------------


def buyers(customers: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Frequency, recency, T (weeks) and mean value of customers who behave as the models say."""
    rng = np.random.default_rng(4)
    rate, leave = rng.gamma(0.5, 0.25, customers), rng.beta(0.8, 2.5, customers)
    T = rng.integers(27, 40, customers).astype(float)
    frequency, recency, clock = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        clock += np.where(alive, rng.exponential(1 / rate), 0.0)
        alive &= clock <= T
        frequency += alive
        recency = np.where(alive, np.ceil(clock * 7) / 7, recency)
        alive &= rng.random(customers) >= leave
    recency = np.minimum(recency, T)
    spread = rng.gamma(3.0, 0.05, customers)
    value = rng.gamma(6.0 * np.maximum(frequency, 1), 1 / (spread * np.maximum(frequency, 1)))
    return frequency, recency, T, value


def customer_duels() -> Iterator[Duel]:
    """BG/NBD and gamma-gamma: fits, and what follows from the same parameters."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    from nonagon.methods.value.bg_nbd import bg_nbd, bg_nbd_loglik
    from nonagon.methods.value.gamma_gamma import gamma_gamma

    for customers, repeats in ((2_000, 5), (50_000, 1)):
        frequency, recency, T, value = buyers(customers)
        history = {"frequency": frequency, "recency": recency, "T": T}
        again = frequency > 0

        def likelihoods(ours: Any, theirs: Any, history: dict[str, Floats] = history) -> tuple[float, str]:
            parameters = {name: float(theirs.params_[name]) for name in ("r", "alpha", "a", "b")}
            peer = bg_nbd_loglik(**parameters, **history)
            found = digits(ours.loglik, peer)
            better = "ours higher" if ours.loglik > peer else "the peer's higher"
            near = digits([ours.r, ours.alpha, ours.a, ours.b], list(parameters.values()))
            return found, f"likelihood {math.floor(found)} digits ({better}), parameters {math.floor(near)}"

        yield Duel(
            f"BG/NBD fit, {customers} customers",
            "lifetimes",
            lambda history=history: bg_nbd(**history),
            lambda history=history: BetaGeoFitter().fit(*history.values()),
            likelihoods,
            ONE,
            least=6.0,
            repeats=repeats,
        )
        fitted = BetaGeoFitter().fit(frequency, recency, T)
        mine = bg_nbd(**history)
        for name, parameter in zip(("r", "alpha", "a", "b"), (mine.r, mine.alpha, mine.a, mine.b), strict=True):
            fitted.params_[name] = parameter
        yield Duel(
            f"chance to be alive and purchases to come, {customers} customers",
            "lifetimes",
            lambda mine=mine, history=history: (
                mine.p_alive(**history),
                mine.expected_purchases(t=26.0, **history),
            ),
            lambda fitted=fitted, h=history: (
                np.asarray(fitted.conditional_probability_alive(*h.values())),
                np.asarray(fitted.conditional_expected_number_of_purchases_up_to_time(26.0, *h.values())),
            ),
            of_numbers(lambda a, b: (np.concatenate(a), np.concatenate(b))),
            ONE,
            repeats=max(3, repeats),
        )
        spent = {"mean_value": value[again], "frequency": frequency[again]}
        yield Duel(
            f"gamma-gamma fit, {int(again.sum())} customers",
            "lifetimes",
            lambda spent=spent: gamma_gamma(**spent),
            lambda spent=spent: GammaGammaFitter().fit(spent["frequency"], spent["mean_value"]),
            of_numbers(lambda a, b: ([a.p, a.q, a.v], [b.params_["p"], b.params_["q"], b.params_["v"]])),
            ONE,
            least=3.0,  # the peer's search stops early
            repeats=repeats,
        )

    # `history` and `spent` are now those of 50,000; a million would take the peer minutes.
    million = buyers(1_000_000)
    again = million[0] > 0
    known = (15.0, "digits as with 50000")
    yield Duel(
        "BG/NBD fit, 1000000 customers",
        "lifetimes",
        lambda: bg_nbd(frequency=million[0], recency=million[1], T=million[2]),
        lambda: BetaGeoFitter().fit(*history.values()),
        lambda _ours, _theirs: known,
        MANY,
        scale=20,
        repeats=1,
    )
    yield Duel(
        f"gamma-gamma fit, {int(again.sum())} customers",
        "lifetimes",
        lambda: gamma_gamma(mean_value=million[3][again], frequency=million[0][again]),
        lambda: GammaGammaFitter().fit(spent["frequency"], spent["mean_value"]),
        lambda _ours, _theirs: known,
        ONE,
        scale=float(again.sum()) / len(spent["frequency"]),
        repeats=1,
    )


# Satisfaction model, time series, drivers ----------------------------------------------------------------------

BLOCKS = {"image": 5, "expectation": 3, "quality": 5, "value": 2, "satisfaction": 3, "loyalty": 3}
TIGHT = 1e-20
"""So that both go on until the weights stand still, and not where each happens to stop."""
PATHS = [
    ("image", "expectation"), ("expectation", "quality"), ("expectation", "value"), ("quality", "value"),
    ("image", "satisfaction"), ("expectation", "satisfaction"), ("quality", "satisfaction"),
    ("value", "satisfaction"), ("image", "loyalty"), ("satisfaction", "loyalty"),
]  # fmt: skip


def satisfaction_duels() -> Iterator[Duel]:
    """The satisfaction model: one fit, and the bootstrap."""
    import pandas as pd
    from plspm import config
    from plspm.mode import Mode
    from plspm.plspm import Plspm
    from plspm.scheme import Scheme

    from nonagon.methods.drivers.ecsi_pls import ecsi_pls

    rng = np.random.default_rng(5)
    latent: dict[str, Floats] = {}
    for block in BLOCKS:
        causes = [latent[cause] for cause, effect in PATHS if effect == block]
        latent[block] = rng.normal(size=250) + (0.6 * np.sum(causes, axis=0) if causes else 0.0)
    items = {
        f"{block}_{place}": latent[block] + 0.7 * rng.normal(size=250)
        for block, size in BLOCKS.items()
        for place in range(size)
    }
    # The peer's own scaling divides all items by one number; R's plspm and ours standardise each item.
    table = pd.DataFrame({name: (values - values.mean()) / values.std() for name, values in items.items()})
    columns = {block: [f"{block}_{place}" for place in range(size)] for block, size in BLOCKS.items()}
    structure = config.Structure()
    for effect in BLOCKS:
        causes = [cause for cause, one in PATHS if one == effect]
        if causes:
            structure.add_path(causes, [effect])
    order = structure.path()  # once: the second call finds its own counters used up

    def theirs(draws: int = 0) -> Any:
        model = config.Config(order, scaled=True)
        for block in BLOCKS:
            model.add_lv_with_columns_named(block, Mode.A, table, f"{block}_")
        resampling = {"bootstrap": True, "bootstrap_iterations": draws, "processes": 1} if draws else {}
        return Plspm(table, model, Scheme.CENTROID, tolerance=TIGHT, iterations=500, **resampling)

    def paths(ours: Any, peer: Any) -> tuple[ArrayLike, ArrayLike]:
        coefficients = peer.path_coefficients()
        return [ours.paths[pair] for pair in PATHS], [coefficients.loc[effect, cause] for cause, effect in PATHS]

    def ours(draws: int = 0) -> Any:
        return ecsi_pls(items=items, blocks=columns, paths=PATHS, tolerance=TIGHT, draws=draws)

    agree = of_numbers(paths)
    yield Duel("satisfaction model, 250 customers, 21 items", "plspm", ours, theirs, agree, ONE)
    yield Duel(
        "the same with 100 bootstrap samples",
        "plspm",
        lambda: ours(100),
        lambda: theirs(100),
        agree,
        MANY,
        repeats=1,
    )


def time_series_duels() -> Iterator[Duel]:
    """Segmented regression with Newey and West's errors."""
    import statsmodels.api as sm

    from nonagon.methods.effects.interrupted_time_series import interrupted_time_series
    from nonagon.methods.effects.regression import fit, newey_west

    rng = np.random.default_rng(6)
    y = 50 + 0.1 * np.arange(60) + np.where(np.arange(60) >= 40, 3.0, 0.0) + rng.normal(size=60)
    t = np.arange(60.0)
    design = np.column_stack([np.ones(60), t, t >= 40, np.maximum(0.0, t - 40)])

    def theirs() -> Any:
        return sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": 4})

    def ours() -> tuple[Any, Floats]:
        model = fit(design, y, ("intercept", "trend", "level", "slope"))
        return model, np.sqrt(np.diag(newey_west(model, 4)))

    yield Duel(
        "least squares with Newey-West errors, 60 points", "statsmodels", ours, theirs,
        of_numbers(lambda a, b: (np.r_[a[0].coef, a[1]], np.r_[b.params, b.bse])), ONE, repeats=101,
    )  # fmt: skip
    # Ours has the trend start at another time, so the intercept is another number; the rest must agree. It also
    # fits an autoregression and the counterfactual, which the peer does not: no aim.
    yield Duel(
        "interrupted time series, all of it",
        "statsmodels (regression only)",
        lambda: interrupted_time_series(y=y, first_post=40, lag=4),
        theirs,
        of_numbers(lambda a, b: (np.r_[a.coef[1:], a.se_newey_west[1:]], np.r_[b.params[1:], b.bse[1:]])),
        0.0,
        repeats=51,
    )


def driver_duels() -> Iterator[Duel]:
    """Shares of R² averaged over all orders, against adding up over all subsets one by one."""
    from nonagon.methods.drivers.driver_importance import driver_importance
    from nonagon.methods.drivers.moments import moments

    def table(k: int) -> Any:
        rng = np.random.default_rng(7)
        common = rng.normal(size=500)
        x = {f"need {place}": common + rng.normal(size=500) for place in range(k)}
        y = sum((0.9**place * column for place, column in enumerate(x.values())), rng.normal(size=500))
        return moments(y=y, x=x)

    def by_hand(m: Any) -> Floats:
        k = len(m.names)
        outcome, inside = m.covariance[0, 1:], m.covariance[1:, 1:]

        def r2(chosen: tuple[int, ...]) -> float:
            at = list(chosen)
            part = outcome[at] @ np.linalg.solve(inside[np.ix_(at, at)], outcome[at]) if at else 0.0
            return float(part / m.covariance[0, 0])

        known = {one: r2(one) for size in range(k + 1) for one in itertools.combinations(range(k), size)}
        shares = np.zeros(k)
        for chosen, value in known.items():
            weight = 1 / (k * math.comb(k - 1, len(chosen))) if len(chosen) < k else 0.0
            for new in set(range(k)) - set(chosen):
                shares[new] += weight * (known[tuple(sorted((*chosen, new)))] - value)
        return shares

    for k, aim, repeats in ((4, ONE, 51), (8, ONE, 11), (14, MANY, 1)):
        m = table(k)
        yield Duel(
            f"driver shares of {k} needs", "all subsets by hand", lambda m=m: driver_importance(moments=m),
            lambda m=m: by_hand(m), of_numbers(lambda a, b: (a.lmg, b)), aim, repeats=repeats,
        )  # fmt: skip


# Running -------------------------------------------------------------------------------------------------------

GROUPS: dict[str, tuple[str, Callable[[], Iterator[Duel]]]] = {
    "Control charts, run rules, capability": ("capstat-core", chart_duels),
    "Control charts on pandas": ("shewhart", shewhart_duels),
    "Customer base": ("lifetimes", customer_duels),
    "Satisfaction index": ("plspm", satisfaction_duels),
    "Newey-West": ("statsmodels", time_series_duels),
    "Driver shares": ("", driver_duels),
}


def clock() -> float:
    """Seconds of processor time, children included: what else the machine does hardly matters."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    started = clock()
    result = work()
    return clock() - started, result


def run(duel: Duel) -> tuple[bool, bool]:
    """Prints one line; whether the aim was reached, and whether the digits agree."""
    mine, theirs = duel.ours(), duel.theirs() if duel.repeats > 1 else None
    times: list[tuple[float, float]] = []
    for _ in range(duel.repeats):
        ours_took, mine = timed(duel.ours)
        theirs_took, theirs = timed(duel.theirs)
        times.append((ours_took, theirs_took * duel.scale))
    ours, peer = (statistics.median(column) for column in zip(*times, strict=True))
    found, words = duel.agreement(mine, theirs)
    reached, agreed = peer / ours >= duel.aim, found >= duel.least
    scaled = f" (on 1/{duel.scale:.3g} of it, scaled)" if duel.scale > 1 else ""
    aim = f"aim {duel.aim:g}" if duel.aim else "no aim"
    print(
        f"  {duel.what:<62} {1000 * ours:>10.2f} ms {1000 * peer:>11.2f} ms {peer / ours:>9.1f}"
        f"{' ' if reached else '!'} {aim}   {words}{'' if agreed else '  DIGITS DIFFER'}"
        f"   [{duel.peer}{scaled}]"
    )
    return reached, agreed


def main() -> int:
    """Every comparison; 1 where digits disagree."""
    warnings.simplefilter("ignore")
    print(f"  {'':<62} {'ours':>13} {'peer':>14} {'ratio':>9}")
    results: list[tuple[bool, bool]] = []
    for title, (peer, duels) in GROUPS.items():
        version = ""
        try:
            version = f"{peer} {importlib.metadata.version(peer)}" if peer else "brute force"
            print(f"{title}: {version}")
            results += [run(duel) for duel in duels()]
        except importlib.metadata.PackageNotFoundError:
            print(f"{title}: LEFT OUT, {peer} is not installed here; make bench sets up .cache/bench with it")
        except Exception as error:  # a peer that breaks must not hide the others
            print(f"{title}: NOT RUN TO THE END, {type(error).__name__}: {str(error).splitlines()[0]:.150}")
            results.append((False, False))
    reached, agreed = (sum(column) for column in zip(*results, strict=True))
    print(f"{reached} of {len(results)} at or above their aim, {agreed} of {len(results)} with the same digits")
    return 0 if agreed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
