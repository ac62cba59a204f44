"""Adapters for control charts, capability and what belongs to them.

Conventions of the programs that made the cases are named arguments of the methods: R's qcc takes d2 from the
printed table, lists points above the upper limit before those below the lower one, gives one limit where all
are equal, and calls shares below 0.0001 nothing.
"""

from typing import Any

import numpy as np

from nonagon.methods.spc.arl_cusum import arl_cusum
from nonagon.methods.spc.arl_ewma import arl_ewma
from nonagon.methods.spc.arl_shewhart import arl_shewhart
from nonagon.methods.spc.capability import Index, Number, capability
from nonagon.methods.spc.chart_cusum import chart_cusum
from nonagon.methods.spc.chart_ewma import chart_ewma
from nonagon.methods.spc.chart_g import chart_g
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_laney import chart_laney_p, chart_laney_u
from nonagon.methods.spc.chart_p import chart_np, chart_p
from nonagon.methods.spc.chart_u import chart_c, chart_u
from nonagon.methods.spc.chart_xbar import chart_r, chart_s, chart_xbar
from nonagon.methods.spc.control_chart import ControlChart
from nonagon.methods.spc.hotelling_t2 import hotelling_t2
from nonagon.methods.spc.pareto import pareto
from nonagon.methods.spc.run_chart_anhoej import run_chart_anhoej
from nonagon.methods.spc.sigma_level import defect_rates, rolled_yield, sigma_level
from nonagon.methods.spc.sigma_within import sigma_within
from nonagon.methods.spc.spc_constants import spc_constants

Case = dict[str, Any]
LARGE = 25
"""Subgroups larger than this make qcc take sigma from the pooled variance instead of ranges."""


def in_qcc_order(chart: ControlChart) -> list[int]:
    """Points beyond the limits, counted from 1: first those above, then those below."""
    return [int(at) + 1 for side in (chart.above, chart.below) for at in np.flatnonzero(side)]


def one_or_all(chart: ControlChart, values: Any) -> list[float]:
    """One value where all points are of the same size, as qcc gives it."""
    same_size = np.unique(chart.standard_error).size == 1
    return [float(values[0])] if same_size else np.asarray(values).tolist()


def scalar_or_all(chart: ControlChart, values: Any) -> float | list[float]:
    found = one_or_all(chart, values)
    return found[0] if len(found) == 1 else found


def chart_parts(chart: ControlChart) -> Case:
    return {
        "center": float(chart.phases[0].center),
        "sigma": float(chart.phases[0].sigma),
        "lcl": one_or_all(chart, chart.lcl),
        "ucl": one_or_all(chart, chart.ucl),
        "statistics": chart.statistic.tolist(),
        "beyond_limits_1based": in_qcc_order(chart),
    }


def two_phases(first: int, second: int) -> Case:
    """Limits of the first points for all points."""
    return {"phases": ["baseline"] * first + ["new"] * second, "baseline": "baseline"}


def spc_constants_of(inputs: Case) -> Case:
    found = spc_constants(n=inputs["n"])
    return {name: getattr(found, name) for name in found.__slots__}


def chart_xbar_of(inputs: Case) -> Case:
    options: Case = {"printed_constants": True}
    if "mean of S" in inputs.get("sigma", ""):
        options["sigma_estimator"] = "uwave_sd"
    elif max(len(row) for row in inputs.get("subgroups", inputs.get("baseline"))) > LARGE:
        options["sigma_estimator"] = "rmsdf"
    if "subgroups" in inputs:
        return chart_parts(chart_xbar(subgroups=inputs["subgroups"], **options))
    old, new = inputs["baseline"], inputs["new"]
    chart = chart_xbar(subgroups=old + new, **two_phases(len(old), len(new)), **options)
    over_all = in_qcc_order(chart)
    return chart_parts(chart) | {
        "statistics": chart.statistic[: len(old)].tolist(),
        "new_statistics": chart.statistic[len(old) :].tolist(),
        "beyond_limits_1based": over_all,
        f"beyond_limits_1based_over_all_{len(old + new)}": over_all,
    }


def chart_r_of(inputs: Case) -> Case:
    return _spread(chart_r, inputs)


def chart_s_of(inputs: Case) -> Case:
    return _spread(chart_s, inputs)


def _spread(chart_function: Any, inputs: Case) -> Case:
    per_point = "per point" in inputs.get("centre", "")
    chart = chart_function(
        subgroups=inputs["subgroups"],
        printed_constants=not per_point,
        center_rule="per_point" if per_point else "weighted",
    )
    return chart_parts(chart) | ({"center": chart.center.tolist()} if per_point else {})


def sigma_estimators_of(inputs: Case) -> Case:
    estimator = inputs["estimator"].lower().replace("-", "_")
    found = sigma_within(subgroups=inputs["subgroups"], estimator=estimator, printed_constants=True)
    return {"sigma": float(found.sigma)}


def chart_imr_of(inputs: Case) -> Case:
    rule = "median_moving_range" if "median" in inputs.get("sigma", "") else "mean_moving_range"
    charts = chart_imr(x=inputs["x"], sigma_rule=rule)
    single, moving = charts.individuals, charts.moving_range
    return chart_parts(single) | {
        "lcl": float(single.lcl[0]),
        "ucl": float(single.ucl[0]),
        "mr_bar": float(charts.mean_moving_range[0]),
        "median_mr": float(charts.median_moving_range[0]),
        "mr_ucl": float(moving.ucl[0]),
        "mr_lcl": float(moving.lcl[0]),
        "n_beyond": int(single.beyond.sum()),
    }


def chart_p_of(inputs: Case) -> Case:
    if "defectives" in inputs:
        chart = chart_p(defectives=inputs["defectives"], n=inputs["n"])
        return chart_parts(chart)
    defectives, sizes = inputs["baseline_d"] + inputs["new_d"], inputs["baseline_n"] + inputs["new_n"]
    first = len(inputs["baseline_d"])
    chart = chart_p(defectives=defectives, n=sizes, **two_phases(first, len(inputs["new_d"])))
    return chart_parts(chart) | {
        "statistics": chart.statistic[:first].tolist(),
        "beyond_limits_1based_over_all": in_qcc_order(chart),
    }


def chart_np_of(inputs: Case) -> Case:
    chart = chart_np(defectives=inputs["defectives"], n=inputs["n"])
    return _scalar_limits(chart) | {"center": scalar_or_all(chart, chart.center)}


def chart_c_of(inputs: Case) -> Case:
    return _scalar_limits(chart_c(counts=inputs["counts"]))


def chart_u_of(inputs: Case) -> Case:
    return _scalar_limits(chart_u(counts=inputs["counts"], units=inputs["units"]))


def _scalar_limits(chart: ControlChart) -> Case:
    return chart_parts(chart) | {"lcl": scalar_or_all(chart, chart.lcl), "ucl": scalar_or_all(chart, chart.ucl)}


def capability_of(inputs: Case) -> Case:
    names = ("subgroups", "x", "mean", "sd", "lsl", "usl", "target", "confidence")
    given = {name: inputs[name] for name in names if inputs.get(name) is not None}
    as_qcc: Case = {"cpm_freedom": "qcc", "freedom": "values"}
    if "subgroups" in given:
        as_qcc |= {"printed_constants": True, "negligible": 1e-4}
    found = capability(**given, **as_qcc)
    indices = {"Cp": found.cp, "Cpl": found.cpl, "Cpu": found.cpu, "Cpk": found.cpk, "Cpm": found.cpm}
    more = {"Pp": found.pp, "Ppl": found.ppl, "Ppu": found.ppu, "Ppk": found.ppk}
    above = found.expected_overall.above
    # qcc leaves Cpk undefined where one limit is missing; we give the one-sided index.
    one_sided = found.cp is None
    table = [None if one_sided and name == "Cpk" else index for name, index in indices.items()]
    return (
        {name: None if index is None else index.value for name, index in (indices | more).items()}
        | _bounds("Pp", found.pp)
        | _bounds("Ppk", found.ppk)
        | {
            "sigma_within": found.sigma_within,
            "sigma_overall": found.sigma_overall,
            "indices": [_row(index) for index in table],
            "expected_below": found.expected_within.below,
            "expected_above": found.expected_within.above,
            "ppm_above_normal": None if above is None else above * 1e6,
        }
    )


def _bounds(name: str, index: Index | None) -> Case:
    return {f"{name}_lo": index and index.low, f"{name}_hi": index and index.high}


def _row(index: Index | None) -> list[Number | None]:
    return [None, None, None] if index is None else [index.value, index.low, index.high]


def chart_g_of(inputs: Case) -> Case:
    # qcc takes the event's own case as counted: its standard deviation is sqrt(m (m - 1)).
    return _scalar_limits(chart_g(x=inputs["x"], counting="including"))


def chart_laney_p_of(inputs: Case) -> Case:
    return _laney(chart_laney_p(defectives=inputs["defectives"], n=inputs["n"]))


def chart_laney_u_of(inputs: Case) -> Case:
    return _laney(chart_laney_u(counts=inputs["counts"], units=inputs["units"]))


def _laney(chart: ControlChart) -> Case:
    row = chart.phases[0]
    return {
        "center": float(row.center),
        "sigma_z": None if row.overdispersion is None else float(row.overdispersion),
        "lcl": chart.lcl.tolist(),
        "ucl": chart.ucl.tolist(),
        "signals_1based": [int(at) + 1 for at in np.flatnonzero(chart.beyond)],
    }


def run_chart_anhoej_of(inputs: Case) -> Case:
    found = run_chart_anhoej(x=inputs["x"])
    return {name: getattr(found, name)[0].item() for name in found.__slots__ if name != "labels"}


def _readings(inputs: Case) -> Case:
    """Single values, or subgroups of which the first ones give the limits, as qcc's newdata does."""
    if "baseline" not in inputs:
        return {"x": inputs["x"]}
    old, new = inputs["baseline"], inputs["new"]
    options: Case = two_phases(len(old), len(new)) | {"restart": False}
    if any(len(row) > 1 for row in old):
        return options | {"subgroups": old + new, "printed_constants": True}
    return options | {"x": [value for row in old + new for value in row]}


def chart_ewma_of(inputs: Case) -> Case:
    names = {"lambda": "weight", "target": "target", "sigma": "sigma", "L": "width", "limits": "limits"}
    options = {ours: inputs[theirs] for theirs, ours in names.items() if theirs in inputs}
    chart = chart_ewma(**_readings(inputs), **options)
    row, average = chart.phases[0], chart.statistic.tolist()
    return {
        "center": float(row.center),
        "sigma": float(row.sigma),
        "ewma": average,
        "ewma_including_start": [float(row.center), *average],
        "lcl": scalar_or_all(chart, chart.lcl),
        "ucl": scalar_or_all(chart, chart.ucl),
        "beyond_limits_1based": [int(at) + 1 for at in np.flatnonzero(chart.beyond)],
    }


def chart_cusum_of(inputs: Case) -> Case:
    options = {name: inputs[name] for name in ("target", "sigma", "k", "h", "headstart") if name in inputs}
    if "target" in options and "k" in options and "baseline" not in inputs:
        options.setdefault("sigma", 1.0)  # k and h then are in the unit of the values
    chart = chart_cusum(**_readings(inputs), **options)
    first = int(chart.first_signal)
    return {
        "center": float(chart.phases[0].center),
        "sigma": float(chart.phases[0].sigma),
        "c_plus": chart.c_plus.tolist(),
        "c_minus": chart.c_minus.tolist(),
        "first_signal_1based": None if first < 0 else first + 1,
        "upper_violations_1based": [int(at) + 1 for at in np.flatnonzero(chart.above)],
        "lower_violations_1based": [int(at) + 1 for at in np.flatnonzero(chart.below)],
    }


def arl_cusum_of(inputs: Case) -> Case:
    return {"arl": arl_cusum(k=inputs["k"], h=inputs["h"], shifts=inputs["shifts"]).arl.tolist()}


def arl_ewma_of(inputs: Case) -> Case:
    limits = inputs.get("limits", "asymptotic")
    found = arl_ewma(weight=inputs["lambda"], width=inputs["L"], shifts=inputs["shifts"], limits=limits)
    return {"arl": found.arl.tolist()}


def arl_shewhart_of(inputs: Case) -> Case:
    found = arl_shewhart(width=inputs["L"], n=inputs.get("n", 1), shifts=inputs["shifts"])
    return {"arl": found.arl.tolist()}


def hotelling_t2_of(inputs: Case) -> Case:
    variables = sorted(name for name in inputs if name[:1] == "x" and name[1:].isdigit())
    values = inputs["x"] if "x" in inputs else np.stack([inputs[name] for name in variables], axis=-1)
    found = hotelling_t2(x=values, confidence=inputs.get("confidence"))
    return {
        "center": found.center.tolist(),
        "cov": found.cov.tolist(),
        "t2": found.t2.tolist(),
        "ucl": found.phase1_ucl,
        "beyond_limits_1based": [int(at) + 1 for at in np.flatnonzero(found.beyond)],
        "phase1_ucl_beta": found.phase1_ucl,
        "phase2_upl_F": found.phase2_ucl,
    }


def sigma_level_of(inputs: Case) -> Case:
    shift = inputs.get("shift", 1.5)
    if "dpmo" in inputs:
        return {"sigma": sigma_level(dpmo=inputs["dpmo"], shift=shift).sigma.tolist()}
    if "fpy" in inputs:
        steps = rolled_yield(fpy=inputs["fpy"])
        return {"rty": steps.rolled, "normalized": steps.normalized, "total_dpu": steps.total_dpu}
    options = {name: inputs[name] for name in ("defects", "units", "opportunities") if name in inputs}
    rates = defect_rates(**options, shift=shift)
    return {
        "dpu": rates.dpu,
        "dpmo": rates.dpmo,
        "yield_throughput_poisson": rates.throughput_yield,
        "sigma": rates.sigma,
    }


def pareto_of(inputs: Case) -> Case:
    table = pareto(labels=inputs["labels"], counts=inputs["counts"], other_last=inputs.get("other_last", False))
    cum_percent = (100 * table.cum_share).tolist()
    return {
        "order": list(table.order),
        "frequency": table.frequency.tolist(),
        "cum_frequency": table.cum_frequency.tolist(),
        "percent": (100 * table.share).tolist(),
        "cum_percent": cum_percent,
        "cum_percent_non_zero": [
            share for share, count in zip(cum_percent, table.frequency, strict=True) if count > 0
        ],
        "vital_few_80pct_count": table.vital_few,
    }


ADAPTERS = {
    "spc_constants": spc_constants_of,
    "chart_xbar": chart_xbar_of,
    "chart_r": chart_r_of,
    "chart_s": chart_s_of,
    "sigma_estimators": sigma_estimators_of,
    "chart_imr": chart_imr_of,
    "chart_p": chart_p_of,
    "chart_np": chart_np_of,
    "chart_c": chart_c_of,
    "chart_u": chart_u_of,
    "capability": capability_of,
    "chart_g": chart_g_of,
    "chart_laney_p": chart_laney_p_of,
    "chart_laney_u": chart_laney_u_of,
    "run_chart_anhoej": run_chart_anhoej_of,
    "chart_ewma": chart_ewma_of,
    "chart_cusum": chart_cusum_of,
    "arl_cusum": arl_cusum_of,
    "arl_ewma": arl_ewma_of,
    "arl_shewhart": arl_shewhart_of,
    "hotelling_t2": hotelling_t2_of,
    "sigma_level": sigma_level_of,
    "pareto": pareto_of,
}
