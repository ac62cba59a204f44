"""Every shape of input that the catalogue's lines allow: the adapter answers with every name, in its form.

A case may hold other inputs of a line than those that the visible files show. Here stand one or more made-up
inputs for each shape, the names that the shape must give, and the form of each answer (a number, a list of a
length, names of a mapping). Numbers are checked elsewhere: tests/methods and the reference cases themselves.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from .run import adapters, differences

NUMBER, TEXT, FLAG, UNKNOWN = "number", "text", "flag", "null"
Form = Any
Shape = tuple[str, dict[str, Any], dict[str, Form]]


def numbers(length: int) -> list[str]:
    return [NUMBER] * length


def random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


# Waiting times of 12 days with 4 customers each, and the same with some answers missing.
DAYS = random(1).normal(25, 1.4, (12, 4)).round(1).tolist()
UNEVEN = [row[: 2 + place % 3] for place, row in enumerate(DAYS)]
LATER = random(2).normal(27, 1.4, (5, 4)).round(1).tolist()
ONE_BY_ONE = [row[0] for row in DAYS + LATER]
WAITS = {"center": NUMBER, "sigma": NUMBER, "statistics": numbers(12)}
ITEMS = {
    f"q{at}": (values + random(9).normal(size=40)).round(3).tolist()
    for at, values in enumerate(random(3).normal(size=(6, 40)))
}
CORRELATION = np.corrcoef(random(4).normal(size=(9, 200)) + random(5).normal(size=200)).tolist()
GAUGE = {
    "part": [part for part in "pqrst" for _ in range(6)],
    "oper": ["x", "x", "y", "y", "z", "z"] * 5,
    "trial": [1, 2] * 15,
    "y": (np.repeat([1.0, 2.0, 3.0, 5.0, 4.0], 6) + random(6).normal(0, 0.3, 30)).round(2).tolist(),
}
COMPONENTS = [
    *("SS_part", "SS_oper", "SS_interaction", "SS_repeat", "F_interaction", "p_interaction", "var_repeatability"),
    *("var_reproducibility", "var_operator", "var_interaction", "var_grr", "var_part", "var_total"),
    *("pct_contribution_grr", "pct_study_var_grr", "ndc"),
]
FIT = dict.fromkeys(["chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic"], NUMBER)
TASKS = {
    "task": [at // 3 for at in range(90)],
    "price": [10, 15, 20] * 30,
    "fast": [at % 2 for at in range(90)],
    "desk": [at // 2 % 2 for at in range(90)],
    "choice": np.eye(3, dtype=int)[random(11).integers(0, 3, 30)].ravel().tolist(),
}
BLOCKS = {"Image": [1, 2], "Quality": [3, 4], "Satisfaction": [5, 6]}
MONTHS = (np.arange(60) * 0.5 + random(7).normal(100, 5, 60) - 20 * (np.arange(60) >= 40)).round(2).tolist()
PANEL = {
    "unit": [unit for unit in range(8) for _ in range(4)],
    "time": [1, 2, 3, 4] * 8,
    "treated": [int(unit < 3) for unit in range(8) for _ in range(4)],
    "post": [0, 0, 1, 1] * 8,
    "y": random(8).normal(10, 2, 32).round(2).tolist(),
}
HISTORIES = {
    "frequency": [2, 1, 0, 0, 0, 7, 1, 0, 2, 0, 5, 0, 10, 1] * 5,
    "recency": [30.4, 1.7, 0, 0, 0, 29.4, 5, 0, 35.7, 0, 24.4, 0, 34.1, 4.9] * 5,
    "T": [38.9] * 70,
}
RESPONSE_RATES = [
    *("e_CASRO", "RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "COOP3", "COOP4"),
    *("REF1", "REF2", "REF3", "CON1", "CON2", "CON3"),
]
SCHOOLS = ["E", "E", "H", "M", "E", "H", "M", "E", "E", "H", "M", "M"]
MET = ["No", "Yes", "Yes", "No", "Yes", "No", "Yes", "Yes", "No", "Yes", "Yes", "No"]
SETS = [[1, 2, 3], [1, 4, 5], [2, 4, 3], [5, 2, 1], [3, 5, 4]]
CAPABILITY = ["Cp", "Cpk", "Cpl", "Cpu", "Cpm", "Pp", "Ppk", "Ppu", "sigma_within", "sigma_overall"]
ENDS = ["Pp_lo", "Pp_hi", "Ppk_lo", "Ppk_hi"]
TABLE = [["Q", "A", "A", "A", "O"], *([["R", "I", "I", "I", "M"]] * 3), ["R", "R", "R", "R", "Q"]]
KANO = dict.fromkeys(["better", "worse", "total_strength", "category_strength"], NUMBER) | {
    "mode_category": TEXT,
    "walden_AOM_rule_category": TEXT,
}


def all_numbers(*names: str) -> dict[str, Form]:
    return dict.fromkeys(names, NUMBER)


SHAPES: dict[str, Shape] = {
    "xbar, sizes differ, sigma by standard deviations": (
        "chart_xbar",
        {"subgroups": UNEVEN, "sigma": "mean of S_i/c4"},
        WAITS | {"lcl": numbers(12), "ucl": numbers(12), "beyond_limits_1based": None},
    ),
    "xbar, old and new": (
        "chart_xbar",
        {"baseline": DAYS, "new": LATER},
        WAITS
        | {"lcl": numbers(1), "ucl": numbers(1), "new_statistics": numbers(5)}
        | {"beyond_limits_1based": None, "beyond_limits_1based_over_all_17": None},
    ),
    "R, centre by size": (
        "chart_r",
        {"subgroups": UNEVEN, "centre": "per point, d2(n_i)*sigma"},
        {"center": numbers(12), "sigma": NUMBER, "lcl": numbers(12), "ucl": numbers(12)},
    ),
    "S, centre by size": (
        "chart_s",
        {"subgroups": UNEVEN, "centre": "per point, c4(n_i)*sigma"},
        {"center": numbers(12), "sigma": NUMBER, "lcl": numbers(12), "ucl": numbers(12)},
    ),
    **{
        f"sigma by {name}": ("sigma_estimators", {"subgroups": UNEVEN, "estimator": name}, {"sigma": NUMBER})
        for name in ("MVLUE-R", "MVLUE-SD", "RMSDF", "UWAVE-R", "UWAVE-SD")
    },
    "single values, median range": (
        "chart_imr",
        {"x": ONE_BY_ONE, "sigma": "median moving range"},
        all_numbers("center", "mr_bar", "sigma", "lcl", "ucl", "mr_ucl", "mr_lcl", "median_mr", "n_beyond"),
    ),
    "p, samples of one size": (
        "chart_p",
        {"defectives": [12, 15, 8, 10, 4], "n": [50] * 5},
        {"center": NUMBER, "sigma": NUMBER, "lcl": numbers(1), "ucl": numbers(1), "statistics": numbers(5)},
    ),
    "p, old and new of other sizes": (
        "chart_p",
        {"baseline_d": [12, 15, 8], "baseline_n": [50] * 3, "new_d": [9, 40], "new_n": [60, 60]},
        {"center": NUMBER, "sigma": NUMBER, "lcl": numbers(5), "ucl": numbers(5), "statistics": numbers(3)}
        | {"beyond_limits_1based_over_all": numbers(1)},
    ),
    "np": ("chart_np", {"defectives": [3, 2, 0, 9], "n": 40}, all_numbers("center", "lcl", "ucl")),
    "u, units differ": (
        "chart_u",
        {"counts": [14, 12, 20, 11], "units": [10, 8, 13, 10]},
        {"center": NUMBER, "sigma": NUMBER, "lcl": numbers(4), "ucl": numbers(4), "statistics": numbers(4)},
    ),
    "g": ("chart_g", {"x": [12, 35, 0, 41, 18]}, all_numbers("center", "sigma", "lcl", "ucl")),
    "Laney u": (
        "chart_laney_u",
        {"counts": [310, 450, 290, 520], "units": [100, 120, 95, 130]},
        {"center": NUMBER, "sigma_z": NUMBER, "lcl": numbers(4), "ucl": numbers(4)},
    ),
    "EWMA, widening limits": (
        "chart_ewma",
        {"x": ONE_BY_ONE, "lambda": 0.1, "target": 25, "sigma": 1.4, "L": 2.7, "limits": "exact"},
        {"ewma": numbers(17), "ewma_including_start": numbers(18), "lcl": numbers(17), "ucl": numbers(17)},
    ),
    "EWMA, old and new": (
        "chart_ewma",
        {"baseline": DAYS, "new": LATER, "lambda": 0.2},
        {"center": NUMBER, "sigma": NUMBER, "ewma": numbers(17), "ucl": numbers(17), "lcl": numbers(17)},
    ),
    "CUSUM with a head start": (
        "chart_cusum",
        {"x": ONE_BY_ONE, "target": 25, "sigma": 1.4, "k": 0.5, "h": 5, "headstart": 2.5},
        {"c_plus": numbers(17), "c_minus": numbers(17), "first_signal_1based": None},
    ),
    "CUSUM in the values' unit": (
        "chart_cusum",
        {"x": [100, 100, 100], "target": 100, "k": 3, "h": 12, "headstart": 6},
        {"c_plus": numbers(3), "sigma": NUMBER, "first_signal_1based": UNKNOWN},
    ),
    "CUSUM, old and new": (
        "chart_cusum",
        {"baseline": DAYS, "new": LATER},
        {"center": NUMBER, "sigma": NUMBER, "upper_violations_1based": None, "lower_violations_1based": None},
    ),
    "CUSUM run length": ("arl_cusum", {"k": 0.5, "h": 5, "shifts": [0, 1]}, {"arl": numbers(2)}),
    "EWMA run length": (
        "arl_ewma",
        {"lambda": 0.2, "L": 2.9, "shifts": [0, 1, 2], "limits": "asymptotic"},
        {"arl": numbers(3)},
    ),
    "Shewhart run length of single values": ("arl_shewhart", {"L": 3, "shifts": [0, 1]}, {"arl": numbers(2)}),
    "T2 of single points": (
        "hotelling_t2",
        {"x": random(10).normal(size=(15, 3)).tolist(), "confidence": 0.99},
        {"center": numbers(3), "cov": [numbers(3)] * 3, "t2": numbers(15)}
        | all_numbers("phase1_ucl_beta", "phase2_upl_F"),
    ),
    "T2 of three variables in subgroups": (
        "hotelling_t2",
        {name: random(at).normal(size=(8, 4)).tolist() for at, name in enumerate(("x1", "x2", "x3"))},
        {"center": numbers(3), "t2": numbers(8), "ucl": NUMBER},
    ),
    "capability of subgroups": (
        "capability",
        {"subgroups": DAYS, "lsl": 18, "usl": 32, "target": 25, "confidence": 0.9},
        all_numbers(*CAPABILITY, *ENDS, "expected_below", "expected_above") | {"indices": [numbers(3)] * 5},
    ),
    "capability of subgroups, one limit": (
        "capability",
        {"subgroups": DAYS, "lsl": None, "usl": 32},
        {"indices": [[UNKNOWN] * 3, [UNKNOWN] * 3, numbers(3), [UNKNOWN] * 3, [UNKNOWN] * 3]}
        | {"expected_below": UNKNOWN, "expected_above": NUMBER},
    ),
    "capability of single values": (
        "capability",
        {"x": ONE_BY_ONE, "lsl": 18, "usl": 32},
        all_numbers(*CAPABILITY, *ENDS, "ppm_above_normal"),
    ),
    "capability of single values, one limit": (
        "capability",
        {"x": ONE_BY_ONE, "lsl": None, "usl": 32},
        all_numbers("Ppu", "Ppk", "Ppk_lo", "Ppk_hi", "ppm_above_normal") | {"Pp": UNKNOWN, "Cp": UNKNOWN},
    ),
    "defects": (
        "sigma_level",
        {"defects": 46, "units": 1000, "opportunities": 5},
        all_numbers("dpu", "dpmo", "yield_throughput_poisson", "sigma"),
    ),
    "yield of steps": ("sigma_level", {"fpy": [0.98, 0.95]}, all_numbers("rty", "normalized", "total_dpu")),
    "Pareto, others last and an empty cause": (
        "pareto",
        {"labels": ["other", "late", "rude", "lost"], "counts": [50, 30, 20, 0], "other_last": True},
        {"order": [TEXT] * 4, "cum_percent": numbers(4), "cum_percent_non_zero": numbers(3)}
        | {"vital_few_80pct_count": NUMBER},
    ),
    "weighted NPS": (
        "nps",
        {"scores": [10, 9, 8, 3, 6], "weights": [1, 2, 1, 1, 0.5]},
        all_numbers("nps", "se", "kish_neff", "kish_deff", "promoters", "passives", "detractors"),
    ),
    "NPS, all promoters": (
        "nps",
        {"promoters": 20, "passives": 0, "detractors": 0},
        {"nps": NUMBER, "adjusted_wald": numbers(2), "adjusted_wald_uncapped": numbers(2)},
    ),
    "change of NPS": (
        "nps_difference",
        {
            "wave2": {"promoters": 60, "passives": 25, "detractors": 15},
            "wave1": {"promoters": 40, "passives": 40, "detractors": 20},
        },
        all_numbers("difference", "se", "z", "p_two_sided") | {"ci95": numbers(2)},
    ),
    "none of twenty": (
        "proportion_interval",
        {"x": 0, "n": 20},
        {"p": NUMBER}
        | dict.fromkeys(["wald", "wilson", "clopper_pearson", "agresti_coull", "jeffreys"], numbers(2)),
    ),
    "two shares": (
        "two_proportions",
        {"x1": 56, "n1": 70, "x2": 48, "n2": 80},
        all_numbers("difference", "z", "p") | {"wald_ci": numbers(2), "newcombe_ci": numbers(2)},
    ),
    "sample of a small population": (
        "sample_size",
        {"moe": 0.05, "p": 0.5, "confidence": 0.95, "population": 1000},
        all_numbers("n0", "n", "n_ceiling"),
    ),
    "sample for a difference": (
        "sample_size",
        {"p1": 0.6, "p2": 0.7, "power": 0.8, "alpha": 0.05},
        all_numbers("n_per_group", "n_ceiling"),
    ),
    "response rates": (
        "aapor_rates",
        {"I": 100, "P": 10, "R": 20, "NC": 30, "O": 5, "UH": 40, "UO": 8, "NE": 12},
        all_numbers(*RESPONSE_RATES),
    ),
    "mean of clusters from a small population": (
        "survey_mean",
        {"y": [1, 2, 3, 4, 5, 6], "cluster": [1, 1, 2, 2, 3, 3], "weight": [9] * 6, "fpc": [30] * 6},
        all_numbers("mean", "se") | {"ci95": numbers(2)},
    ),
    "mean of strata": (
        "survey_mean",
        {"y": [1, 2, 3, 4], "stratum": ["a", "a", "b", "b"], "weight": [5, 5, 9, 9], "fpc": [10, 10, 18, 18]},
        all_numbers("mean", "se") | {"ci95": numbers(2)},
    ),
    "raking of clusters": (
        "raking",
        {
            "stype": SCHOOLS,
            "sch_wide": MET,
            "cluster": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
            "base_weight": [33.8] * 12,
            "fpc": [757] * 12,
            "y": list(range(500, 620, 10)),
            "margins": {"stype": {"E": 44, "H": 8, "M": 10}, "sch_wide": {"No": 11, "Yes": 51}},
        },
        all_numbers("mean", "se", "kish_deff", "max_weight", "min_weight") | {"weights_first_20": numbers(12)},
    ),
    "raking to shares": (
        "raking",
        {
            "region": SCHOOLS,
            "seg": MET,
            "margin_shares": {"region": {"E": 0.5, "H": 0.2, "M": 0.3}, "seg": {"No": 0.4, "Yes": 0.6}},
        },
        {"weights": numbers(12), "kish_deff": NUMBER, "max_weight": NUMBER, "min_weight": NUMBER},
    ),
    "post-stratification": (
        "post_stratification",
        {"stype": SCHOOLS, "y": list(range(12)), "base_weight": [2] * 12, "totals": {"E": 44, "H": 8, "M": 10}},
        {"weights": numbers(12), "total_enroll": NUMBER, "mean_api00": NUMBER},
    ),
    "rank sum": (
        "mann_whitney",
        {"a": [1, 2, 2, 5], "b": [2, 4, 6]},
        all_numbers("W_first_group", "p", "prob_superiority"),
    ),
    "adjusted p-values": (
        "multiplicity",
        {"p": [0.01, 0.02, 0.5]},
        dict.fromkeys(["BH", "BY", "holm", "bonferroni"], numbers(3)) | {"n_reject_BH_05": NUMBER},
    ),
    "gaps of items with missing answers": (
        "servqual",
        {
            "expectations": [[7, 6, 5], [6, None, 7], [7, 7, 6], [6, 6, 6]],
            "perceptions": [[5, 6, 5], [6, 5, 7], [5, 5, None], [4, 6, 5]],
            "item_dimension": ["tangibles", "tangibles", "empathy"],
        },
        {"item_gaps": numbers(3), "dimension_gaps": all_numbers("tangibles", "empathy"), "overall": NUMBER},
    ),
    "gaps of items, one row an item": (
        "servqual",
        {
            "expectations": [[7, 6, 5], [6, 7, 7]],
            "perceptions": [[5, 6, 5], [6, 5, 7]],
            "item_dimension": ["tangibles", "empathy"],
        },
        {"item_gaps": numbers(2), "dimension_gaps": all_numbers("tangibles", "empathy"), "overall": NUMBER},
    ),
    "gaps of one respondent": (
        "servqual",
        {"expectations": [7, 6], "perceptions": [5, 6], "item_dimension": ["tangibles", "empathy"]},
        {"item_gaps": numbers(2), "dimension_gaps": all_numbers("tangibles", "empathy"), "overall": NUMBER},
    ),
    "gauge study by ranges": (
        "gauge_rr_xbar_r",
        {"data": GAUGE},
        all_numbers("Rbarbar", "Xdiff", "Rp", "EV", "AV", "GRR", "PV", "TV", "pct_GRR", "ndc"),
    ),
    "gauge study, interaction kept": (
        "gauge_rr_anova",
        {"data": GAUGE, "alpha_interaction": 1.0},
        all_numbers(*COMPONENTS) | {"interaction_kept": FLAG},
    ),
    "two raters' codes": (
        "cohen_kappa",
        {"r1": [1, 2, 3, 5, 5, 2], "r2": [1, 2, 2, 5, 3, 2]},
        all_numbers("kappa", "se", "quadratic", "linear", "weighted_kappa_quadratic"),
    ),
    "coders": ("fleiss_kappa", {"ratings": [["a", "b"], ["b", "b"], ["a", "a"]]}, all_numbers("kappa", "z")),
    **{
        f"coders, {level}": (
            "krippendorff_alpha",
            {"observers_by_units": [[1, 2, 3, None], [1, 2, 4, 4], [None, 2, 3, 4]], "level": level},
            {"alpha": NUMBER},
        )
        for level in ("nominal", "ordinal", "interval")
    },
    "judges": ("kendall_w", {"ratings": [[1, 2, 1], [2, 1, 3], [3, 3, 2]]}, all_numbers("W", "chisq", "p")),
    "alpha": (
        "cronbach_alpha",
        {"items": ITEMS},
        all_numbers("raw_alpha", "std_alpha", "average_r") | dict.fromkeys(["alpha_if_deleted", "r_drop"], None),
    ),
    "omega of items": (
        "mcdonald_omega",
        {"items": ITEMS},
        {"std_loadings": dict.fromkeys(ITEMS, NUMBER)}
        | all_numbers("omega_total_1factor", "ave_std", "chisq", "df", "cfi", "rmsea", "srmr"),
    ),
    **{
        f"omega of correlations, {factors} factors": (
            "mcdonald_omega",
            {"correlation": CORRELATION, "n": 200, "nfactors": factors},
            all_numbers("omega_h", "omega_total", "alpha", "glb_or_g6"),
        )
        for factors in (1, 2, 3)
    },
    "factor model of nine correlations": (
        "cfa",
        {"correlation": CORRELATION, "n": 200},
        FIT | {"std_loadings": dict.fromkeys([f"item {at}" for at in range(1, 10)], NUMBER)},
    ),
    "factor model of covariances with divisor n": (
        "cfa",
        {"cov_n": [row[:5] for row in CORRELATION[:5]], "n": 200},
        FIT,
    ),
    "several judges": (
        "ahp",
        {"matrices": [[[1, 3], [1 / 3, 1]], [[1, 2], [0.5, 1]]]},
        {"weights_eigen": numbers(2), "aggregated": [numbers(2)] * 2, "CI": NUMBER, "CR": UNKNOWN},
    ),
    "Kano in percent": (
        "kano",
        {"percent": {"edge_grip": {"A": 7, "O": 33, "M": 49, "I": 10, "R": 0, "Q": 1}}},
        {"edge_grip": KANO},
    ),
    "Kano answers by another table": (
        "kano",
        {"functional": [1, 2, 1], "dysfunctional": [5, 3, 4], "evaluation_table_rows_functional": TABLE},
        KANO | {"categories": [TEXT] * 3, "counts": all_numbers("A", "O", "M", "I", "R", "Q")},
    ),
    "Kano, two categories close": (
        "kano",
        {"a": 40, "b": 35, "n": 100},
        {"threshold": NUMBER, "ambiguous": FLAG},
    ),
    "planning columns": (
        "qfd_importance",
        {"importance": [5, 3], "now": [3, 4], "target": [4, 4], "sales_point": [1.5, 1]},
        dict.fromkeys(["improvement_ratio", "raw_weight", "raw_weight_percent"], numbers(2)),
    ),
    "house with a roof of one half": (
        "qfd_importance",
        {
            "relationships_needs_by_features": [[9, 3, 0], [0, 9, 1]],
            "importance": [5, 3],
            "roof": [[1, 0.3, 0], [0, 1, 0.1], [0, 0, 1]],
        },
        dict.fromkeys(["absolute", "relative_percent", "rank"], numbers(3)) | {"normalised": [numbers(3)] * 2},
    ),
    "best-worst model": (
        "best_worst_scaling",
        {
            "sets": SETS,
            "set_of_answer": [1, 2, 3, 4, 5] * 3,
            "best": [1, 1, 2, 1, 3, 1, 4, 2, 2, 3, 2, 1, 4, 5, 5],
            "worst": [3, 5, 4, 5, 4, 2, 5, 4, 5, 5, 3, 5, 3, 1, 4],
            "respondent": [1] * 5 + [2] * 5 + [3] * 5,
        },
        {"mnl_coef_base_item5": numbers(4), "mnl_se": numbers(4), "loglik": NUMBER}
        | dict.fromkeys(["shown", "best", "worst", "best_minus_worst", "standardized"], numbers(5))
        | {"sqrt_ratio": None, "share_of_preference_percent": numbers(5)},
    ),
    "home and away": (
        "bradley_terry",
        {"home": ["a", "b", "c"], "away": ["b", "c", "a"], "home_wins": [4, 3, 2], "away_wins": [3, 2, 5]},
        {"ability": all_numbers("a", "b", "c"), "se": all_numbers("a", "b", "c"), "deviance": NUMBER},
    ),
    "ratings of several respondents": (
        "conjoint_ratings",
        {
            "profiles": {"price": [1, 1, 2, 2], "seat": ["soft", "hard", "soft", "hard"]},
            "ratings": [[9, 7, 4, 2], [8, 8, 3, 1]],
        },
        {"intercept": NUMBER, "part_worths": {"price": numbers(2), "seat": numbers(2)}}
        | {"importance_percent_mean_of_individuals": all_numbers("price", "seat"), "r2_average_model": NUMBER},
    ),
    "choices": (
        "conjoint_cbc",
        TASKS,
        dict.fromkeys(["coef", "se"], all_numbers("price", "fast", "desk"))
        | all_numbers("loglik", "loglik_null", "mcfadden_r2", "wtp_fast"),
    ),
    "concentration": (
        "customer_concentration",
        {"revenue": [100, 50, 25, 10, 5]},
        all_numbers("hhi", "gini", "gini_unbiased", "top20_share") | {"lorenz": numbers(6)},
    ),
    "market": (
        "market_share",
        {"sales": {"own": 120, "b": 200, "c": 80}},
        {"share": all_numbers("own", "b", "c")} | all_numbers("relative_share_own", "hhi", "cr2"),
    ),
    "wallet": ("wallet_allocation", {"rank": [1, 2, 3], "n": 3}, {"share": numbers(3)}),
    "ties in recency and spend": (
        "rfm",
        {"id": list(range(1, 8)), "recency_days": [5, 5, 5, 20, 20, 30, 30], "monetary": [9, 9, 9, 2, 2, 1, 1]},
        {"recency_group_low_to_high": numbers(7), "monetary_group": numbers(7)},
    ),
    "money never back": (
        "business_case",
        {"cash_flows": [-100, 10, 10], "rate": 0.1},
        all_numbers("npv", "irr", "benefit_cost") | {"payback_years": UNKNOWN, "discounted_payback": UNKNOWN},
    ),
    "risks": (
        "fmea_rpn",
        {"S": [8, 5], "O": [3, 6], "D": [4, 2]},
        {"rpn": numbers(2), "order_1based": numbers(2)},
    ),
    "reach of sets": (
        "turf",
        {"matrix": [[1, 0, 0], [0, 1, 0], [0, 1, 1]]},
        {"results": [{"size": NUMBER, "items": None, "reach": NUMBER, "frequency": NUMBER}] * 3},
    ),
    "drivers": (
        "driver_importance",
        {"y": ITEMS["q0"], "x": {name: ITEMS[name] for name in ("q1", "q2")}},
        {"r2": NUMBER}
        | dict.fromkeys(
            ["lmg", "lmg_pct", "first", "last", "pratt", "johnson_relative_weights"], all_numbers("q1", "q2")
        ),
    ),
    "least squares": (
        "ols_numerics",
        {"y": ITEMS["q0"], "x": {"x": ITEMS["q1"]}},
        {"coef": all_numbers("(Intercept)", "x"), "r2": NUMBER, "sigma": NUMBER},
    ),
    "alternating series": (
        "univariate_numerics",
        {"first": 1.2, "then_alternating": [1.1, 1.3], "n": 1001},
        all_numbers("mean", "sd", "lag1_autocorrelation"),
    ),
    "trend, step and months": (
        "interrupted_time_series",
        {"y": MONTHS, "first_post_1based": 41, "lag": 12, "season": 12, "terms": "trend, step, month dummies"},
        {"se_ols": numbers(14), "se_newey_west": numbers(14), "se_newey_west_small_sample": numbers(14)}
        | all_numbers("durbin_watson", "level_change", "trend"),
    ),
    "panel": (
        "diff_in_diff",
        PANEL,
        all_numbers("did", "se_cluster_HC1", "twfe", "twfe_se_cluster_HC1", "se_ols"),
    ),
    "purchase histories": (
        "bg_nbd",
        HISTORIES,
        all_numbers("r", "alpha", "a", "b", "loglik", "loglik_at_published")
        | {"cust1516": None, "expected_repeat_39_weeks_new_customer": NUMBER},
    ),
    "spend with customers who never came back": (
        "gamma_gamma",
        {"mean_value": [22.4, 0, 11.8, 73.7, 11.8, 35, 48.1, 18], "frequency": [2, 0, 1, 7, 1, 3, 2, 5]},
        all_numbers("p", "q", "v", "population_mean", "expected_for_m35_x3"),
    ),
    "gifts": (
        "bg_bb",
        {
            "x": [3, 2, 1, 2, 1, 1, 0],
            "t_x": [3, 3, 3, 2, 2, 1, 0],
            "n_opportunities": [3] * 7,
            "customers": [30, 25, 12, 22, 14, 40, 90],
        },
        all_numbers("alpha", "beta", "gamma", "delta", "loglik"),
    ),
    "staying, first year onwards": (
        "sbg_retention",
        {"survival_percent": [86.9, 74.3, 65.3, 59.3]},
        {"alpha": NUMBER, "beta": NUMBER, "survival_1_12": numbers(12), "retention_rate_period_1_12": numbers(12)},
    ),
    "two groups leaving": (
        "kaplan_meier",
        {"time": [6, 6, 7, 10, 1, 2, 3, 4], "event": [1, 0, 1, 0, 1, 1, 1, 0], "group": [1, 1, 1, 1, 2, 2, 2, 2]},
        all_numbers("logrank_chisq", "p", "median") | {"survival": numbers(7), "time": numbers(7)},
    ),
    "mentions, none twice": (
        "needs_richness",
        {"counts": [5, 4, 3, 1, 1, 1]},
        all_numbers("n", "observed", "f1", "f2", "chao1_bias_corrected", "se_chao1", "ace")
        | all_numbers("good_turing_coverage", "chao_jost_coverage"),
    ),
    "interviews by frequency": (
        "needs_richness_incidence",
        {"incidence_frequency": [12, 8, 5, 3, 2, 1, 1], "n_units": 30},
        all_numbers("observed", "chao2", "chao2_se", "jack1", "jack2", "bootstrap", "n")
        | {"expected_accumulation": numbers(30), "expected_accumulation_1_to_20": numbers(20)},
    ),
    "fewer mentions": ("needs_rarefaction", {"counts": [10, 5, 1], "n": [1, 8]}, {"expected": numbers(2)}),
    "interviews to come": (
        "needs_betabinomial",
        {"incidence_frequency": [12] * 4 + [5] * 9 + [2] * 6 + [1] * 6, "n_units": 30},
        all_numbers("alpha", "beta", "loglik", "estimated_total", "coverage_now", "coverage_40"),
    ),
    "ranks with ties": (
        "rank_confidence_set",
        {"estimate": [3, 1, 1], "se": [0.2, 0.3, 0.3], "labels": ["a", "b", "c"], "coverage": 0.9},
        dict.fromkeys(["rank", "marginal_lower", "marginal_upper"], numbers(3))
        | dict.fromkeys(["simultaneous_lower", "simultaneous_upper"], numbers(3)),
    ),
    "index by an inner matrix": (
        "ecsi_pls",
        {"items": ITEMS, "blocks": BLOCKS, "inner": [[0, 0, 0], [1, 0, 0], [1, 1, 0]]},
        {"paths": all_numbers("Image -> Quality", "Image -> Satisfaction", "Quality -> Satisfaction")}
        | {"r2": all_numbers("Quality", "Satisfaction"), "loadings": numbers(6), "weights": numbers(6)}
        | {"ave": all_numbers(*BLOCKS), "mean_scores": all_numbers(*BLOCKS)}
        | all_numbers("gof", "csi_0_100", "r2_satisfaction"),
    ),
    "index by a rule in words": (
        "ecsi_pls",
        {
            "items": ITEMS,
            "blocks": BLOCKS,
            "inner_rule": "Image -> Quality, Satisfaction; Quality -> Satisfaction",
        },
        {"paths": all_numbers("Image -> Quality", "Image -> Satisfaction", "Quality -> Satisfaction")},
    ),
    "index of three answers": (
        "acsi_index",
        {"satisfaction": [8, 9], "expectancy": [7, 6], "ideal": [5, 6], "weights": [0.4, 0.3, 0.3]},
        all_numbers("index", "index_equal_weights"),
    ),
}


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def misfits(name: str, value: Any, form: Form) -> Iterator[str]:
    """Where a value is not of the form: None in a form allows anything finite."""
    value = plain(value)
    if isinstance(form, dict):
        for key, inner in form.items():
            if not isinstance(value, dict) or key not in value:
                yield f"{name} has no {key}: {value!r:.80}"
            else:
                yield from misfits(f"{name}.{key}", value[key], inner)
    elif isinstance(form, list):
        rows = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(rows, list | tuple) or len(rows) != len(form):
            yield f"{name} is no list of {len(form)}: {value!r:.80}"
            return
        for at, (one, inner) in enumerate(zip(rows, form, strict=True)):
            yield from misfits(f"{name}[{at}]", one, inner)
    elif form is not None:
        fits = {
            NUMBER: isinstance(value, int | float) and not isinstance(value, bool),
            TEXT: isinstance(value, str),
            FLAG: isinstance(value, bool),
            UNKNOWN: value is None,
        }[form]
        if not fits:
            yield f"{name} is no {form}: {value!r:.80}"


def infinite(value: Any) -> bool:
    value = plain(value)
    if isinstance(value, dict):
        return any(infinite(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(infinite(one) for one in value)
    return isinstance(value, float) and not math.isfinite(value)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_its_answers(shape: str) -> None:
    method, inputs, form = SHAPES[shape]
    got = adapters()[method](inputs)
    assert list(misfits(method, got, form)) == []
    assert not infinite(got)


def compared(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    return [str(one) for one in differences({"expected": expected, "tolerance": 1e-6}, got)]


def test_lines_of_a_chart_are_given_once_or_at_each_point() -> None:
    assert compared({"lcl": 1.5, "ucl": [2.5]}, {"lcl": [1.5], "ucl": 2.5}) == []
    assert compared({"lcl": [1.5, 1.5]}, {"lcl": 1.5}) == []
    assert compared({"lcl": [1.5]}, {"lcl": [1.5, 1.5]}) == []
    assert compared({"lcl": 1.5}, {"lcl": [1.5, 1.6]}) != []
    assert compared({"lcl": [1.5, 1.6]}, {"lcl": [1.5]}) != []
    assert compared({"center": [1.5, 1.6]}, {"center": [1.5, 1.6]}) == []
    # Other names are no lines: their length counts.
    assert compared({"statistics": [1.5, 1.5]}, {"statistics": 1.5}) != []


def test_a_table_of_records_may_be_listed_in_part() -> None:
    table = [{"size": 1, "reach": 0.5}, {"size": 2, "reach": 0.8}]
    assert compared({"results": table[:1]}, {"results": table}) == []
    assert compared({"results": [*table, {"size": 3}]}, {"results": table}) != []
    assert compared({"results": [{"size": 2}]}, {"results": table}) != []


def test_judges_in_rows_are_told_from_objects_in_rows() -> None:
    by_judge = [[1, 2, 3, 4, 5], [2, 1, 3, 5, 4], [1, 3, 2, 4, 5]]
    by_object = [list(row) for row in zip(*by_judge, strict=True)]
    kendall = adapters()["kendall_w"]
    assert kendall({"ratings": by_judge}) == kendall({"ratings": by_object})


@pytest.mark.shared
def test_the_compact_disc_data_where_the_peers_are_installed() -> None:
    try:
        bg, pareto = (adapters()[name]({"dataset": "CDNOW"}) for name in ("bg_nbd", "pareto_nbd"))
    except LookupError as error:
        pytest.skip(str(error))
    # Fader, Hardie and Lee (2005), table 2: both models' parameters and log-likelihoods.
    assert [bg[name] for name in ("r", "alpha", "a", "b")] == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
    assert bg["loglik"] == pytest.approx(-9582.4, abs=0.05)
    assert [pareto[name] for name in ("r", "alpha", "s", "beta")] == pytest.approx(
        [0.553, 10.578, 0.606, 11.669], abs=2e-3
    )
    assert pareto["loglik"] == pytest.approx(-9595.0, abs=0.05)
