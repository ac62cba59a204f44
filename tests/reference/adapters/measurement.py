"""Adapters for gauge studies; shares become percent, as the cases print them."""

from typing import Any

from nonagon.methods.measurement.gauge_rr_anova import gauge_rr_anova
from nonagon.methods.measurement.gauge_rr_xbar_r import gauge_rr_xbar_r

Case = dict[str, Any]


def _study(data: Case) -> Case:
    """The columns by meaning, whatever the study calls them."""
    names = {
        "part": ("part", "parts", "prototype"),
        "operator": ("oper", "operator", "appraiser", "appr"),
        "y": ("y", "value", "measurement"),
    }
    return {ours: next(data[name] for name in theirs if name in data) for ours, theirs in names.items()}


def gauge_rr_anova_of(inputs: Case) -> Case:
    found = gauge_rr_anova(**_study(inputs["data"]), alpha_interaction=inputs.get("alpha_interaction", 0.05))
    return {
        "SS_part": found.ss_part,
        "SS_oper": found.ss_operator,
        "SS_interaction": found.ss_interaction,
        "SS_repeat": found.ss_repeatability,
        "F_interaction": found.f_interaction,
        "p_interaction": found.p_interaction,
        "interaction_kept": found.interaction_kept,
        "var_repeatability": found.var_repeatability,
        "var_reproducibility": found.var_reproducibility,
        "var_operator": found.var_operator,
        "var_interaction": found.var_interaction,
        "var_grr": found.var_grr,
        "var_part": found.var_part,
        "var_total": found.var_total,
        "pct_contribution_grr": 100 * found.contribution_grr,
        "pct_study_var_grr": 100 * found.study_variation_grr,
        "ndc": found.ndc,
    }


def gauge_rr_xbar_r_of(inputs: Case) -> Case:
    found = gauge_rr_xbar_r(**_study(inputs["data"]))
    return {
        "Rbarbar": found.mean_range,
        "Xdiff": found.operator_range,
        "Rp": found.part_range,
        "EV": found.ev,
        "AV": found.av,
        "GRR": found.grr,
        "PV": found.pv,
        "TV": found.tv,
        "pct_GRR": 100 * found.share_grr,
        "ndc": found.ndc,
    }


ADAPTERS = {"gauge_rr_anova": gauge_rr_anova_of, "gauge_rr_xbar_r": gauge_rr_xbar_r_of}
