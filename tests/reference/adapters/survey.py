"""Adapters for scores, differences, weights, rates, sample sizes and gaps."""

from typing import Any

import numpy as np

from nonagon.methods.survey.aapor_rates import aapor_rates as rates_of
from nonagon.methods.survey.csat_top_box import csat_top_box as top_box
from nonagon.methods.survey.mann_whitney import mann_whitney as rank_sum
from nonagon.methods.survey.multiplicity import multiplicity as adjust
from nonagon.methods.survey.nps import Nps, nps, nps_from_scores
from nonagon.methods.survey.nps import nps_difference as difference_of
from nonagon.methods.survey.percentile import percentile as quantiles
from nonagon.methods.survey.post_stratification import post_stratification as post_stratify
from nonagon.methods.survey.raking import raking as rake
from nonagon.methods.survey.sample_size import sample_size as size_for_margin
from nonagon.methods.survey.sample_size import sample_size_difference
from nonagon.methods.survey.servqual import servqual as gaps
from nonagon.methods.survey.survey_mean import survey_mean as mean_of_design
from nonagon.methods.survey.two_proportions import two_proportions as compare_shares
from nonagon.methods.survey.welch_t import welch_t as welch


def _counts(given: dict[str, Any]) -> Nps:
    if "scores" in given:
        return nps_from_scores(scores=given["scores"], weights=given.get("weights"))
    return nps(promoters=given["promoters"], passives=given.get("passives", 0), detractors=given["detractors"])


def net_promoter_score(inputs: dict[str, Any]) -> dict[str, Any]:
    """The score with each interval; a weighted score has the survey standard error."""
    confidence = inputs.get("confidence", 0.95)
    one = _counts(inputs)
    same = {
        "promoters": one.promoters,
        "passives": one.passives,
        "detractors": one.detractors,
        "n_effective": one.n_effective,
        "confidence": confidence,
    }
    wald = nps(**same, interval="wald", cap=False)
    adjusted, uncapped = nps(**same), nps(**same, cap=False)
    found = {
        "nps": one.nps,
        "promoters": one.promoters,
        "passives": one.passives,
        "detractors": one.detractors,
        "variance": one.variance,
        "se_wald": one.se,
        "moe_wald": wald.high - wald.nps,
        "se": one.se_linearized if one.se_linearized is not None else one.se,
        "adjusted_wald": [adjusted.low, adjusted.high],
        "adjusted_wald_uncapped": [uncapped.low, uncapped.high],
        "kish_neff": one.n_effective,
        "kish_deff": one.design_effect,
        "se_unbiased_n_minus_1": one.se_unbiased,
    }
    if one.n_effective > 1:
        t = nps(**same, interval="t", cap=False)
        found["t_interval"] = [t.low, t.high]
    return found


def nps_difference(inputs: dict[str, Any]) -> dict[str, Any]:
    """Wave 2 minus wave 1 by Wald."""
    found = difference_of(earlier=_counts(inputs["wave1"]), later=_counts(inputs["wave2"]), interval="wald")
    return {
        "difference": found.difference,
        "se": found.se,
        "z": found.z,
        "p_two_sided": found.p,
        "ci95": [found.low, found.high],
    }


def csat_top_box(inputs: dict[str, Any]) -> dict[str, Any]:
    """Boxes, mean and score."""
    found = top_box(counts=inputs["counts_1_to_5"])
    return {
        "top2": found.top.p,
        "bottom2": found.bottom.p,
        "mean": found.mean,
        "sd": found.sd,
        "score_0_100": found.score,
        "top2_wilson": [found.top.low, found.top.high],
    }


def two_proportions(inputs: dict[str, Any]) -> dict[str, Any]:
    """Difference of shares with both intervals."""
    given = {name: inputs[name] for name in ("x1", "n1", "x2", "n2")}
    confidence = inputs.get("confidence", 0.95)
    newcombe = compare_shares(**given, confidence=confidence)
    wald = compare_shares(**given, confidence=confidence, interval="wald")
    return {
        "difference": newcombe.difference,
        "z": newcombe.z,
        "p": newcombe.p,
        "wald_ci": [wald.low, wald.high],
        "newcombe_ci": [newcombe.low, newcombe.high],
    }


def sample_size(inputs: dict[str, Any]) -> dict[str, Any]:
    """Size for a margin, or for a difference where two shares are given."""
    if "p1" in inputs:
        found = sample_size_difference(
            p1=inputs["p1"],
            p2=inputs["p2"],
            power=inputs.get("power", 0.8),
            alpha=inputs.get("alpha", 0.05),
        )
        return {"n_per_group": found.n_per_group, "n": found.n_per_group, "n_ceiling": found.n_ceiling}
    one = size_for_margin(
        margin=inputs["moe"],
        p=inputs.get("p", 0.5),
        confidence=inputs.get("confidence", 0.95),
        population=inputs.get("population"),
    )
    return {"n0": one.n0, "n": one.n, "n_ceiling": one.n_ceiling}


def welch_t(inputs: dict[str, Any]) -> dict[str, Any]:
    """Welch's test."""
    found = welch(a=inputs["a"], b=inputs["b"])
    return {"t": found.t, "df": found.df, "p": found.p, "ci": [found.low.item(), found.high.item()]}


def multiplicity(inputs: dict[str, Any]) -> dict[str, Any]:
    """Every adjustment."""
    found = {name: adjust(p=inputs["p"], adjustment=name) for name in ("BH", "BY", "holm", "bonferroni")}
    return {name: one.adjusted for name, one in found.items()} | {
        "n_reject_BH_05": int(found["BH"].rejected.sum())
    }


def servqual(inputs: dict[str, Any]) -> dict[str, Any]:
    """Gap scores from a mapping of dimensions, from a table of items, or from one respondent's items."""
    expected, perceived = inputs["expectations"], inputs["perceptions"]
    if isinstance(expected, dict):
        names = list(expected)
        expected = np.array([expected[name] for name in names], dtype=float).T
        perceived = np.array([perceived[name] for name in names], dtype=float).T
    else:
        expected = np.atleast_2d(np.array(expected, dtype=float))
        perceived = np.atleast_2d(np.array(perceived, dtype=float))
        names = inputs.get("item_dimension") or [f"item {at + 1}" for at in range(expected.shape[1])]
        if len(names) == len(expected) != expected.shape[1]:  # items by respondents
            expected, perceived = expected.T, perceived.T
    found = gaps(expectations=expected, perceptions=perceived, dimensions=names, weights=inputs.get("weights"))
    by_name = {one.name: one.gap for one in found.dimensions}
    return {
        "gap": by_name,
        "dimension_gaps": by_name,
        "item_gaps": [one.gap for one in found.items],
        "overall": found.overall,
        "unweighted_overall": found.overall,
        "weighted_overall": found.weighted_overall,
        "paired_t": {one.name: {"t": one.t, "p": one.p} for one in found.dimensions},
        "order_most_negative_first": list(found.worst_first),
    }


def aapor_rates(inputs: dict[str, Any]) -> dict[str, Any]:
    """All outcome rates, e by CASRO."""
    names = {
        "I": "complete",
        "P": "partial",
        "R": "refusal",
        "NC": "non_contact",
        "O": "other",
        "UH": "unknown_household",
        "UO": "unknown_other",
        "NE": "not_eligible",
    }
    found = rates_of(**{name: inputs.get(short, 0) for short, name in names.items()})
    return found.rates | {"e_CASRO": found.eligibility}


def survey_mean(inputs: dict[str, Any]) -> dict[str, Any]:
    """Mean, standard error and normal interval."""
    found = mean_of_design(
        y=inputs["y"],
        weights=inputs.get("weight"),
        stratum=inputs.get("stratum"),
        cluster=inputs.get("cluster"),
        population=inputs.get("fpc"),
        interval="normal",
    )
    return {"mean": found.mean, "se": found.se, "ci95": [found.low, found.high]}


def raking(inputs: dict[str, Any]) -> dict[str, Any]:
    """Raked weights and the mean under them."""
    base = inputs.get("base_weight")
    margins = inputs.get("margins")
    if margins is None:
        size = sum(base) if base is not None else len(inputs[next(iter(inputs["margin_shares"]))])
        margins = {
            name: {label: share * size for label, share in one.items()}
            for name, one in inputs["margin_shares"].items()
        }
    found = rake(
        variables={name: inputs[name] for name in margins},
        margins=margins,
        base_weights=base,
        y=inputs.get("y"),
        cluster=inputs.get("cluster"),
        population=inputs.get("fpc"),
        error="unweighted_residuals",  # as R's survey does after rake; the same for equal base weights
    )
    return {
        "weights": found.weights,
        "weights_first_20": found.weights[:20],
        "max_weight": found.weights.max(),
        "min_weight": found.weights.min(),
        "kish_deff": found.design_effect,
        "mean_y": found.mean,
        "mean": found.mean,
        "se": found.se,
    }


def post_stratification(inputs: dict[str, Any]) -> dict[str, Any]:
    """Post-stratified weights, total and mean."""
    found = post_stratify(
        group=inputs["stype"],
        totals=inputs["totals"],
        base_weights=inputs.get("base_weight"),
        y=inputs.get("y"),
    )
    return {
        "weights": found.weights,
        "total_enroll": found.total,
        "mean_api00": found.mean,
    }


def percentile(inputs: dict[str, Any]) -> dict[str, Any]:
    """All nine types."""
    return {f"type{kind}": quantiles(x=inputs["x"], p=inputs["probs"], type=kind).values for kind in range(1, 10)}


def mann_whitney(inputs: dict[str, Any]) -> dict[str, Any]:
    """The rank sum test as R's wilcox.test."""
    found = rank_sum(a=inputs["a"], b=inputs["b"])
    return {"W_first_group": found.w, "p": found.p, "prob_superiority": found.superiority}


ADAPTERS = {
    "aapor_rates": aapor_rates,
    "survey_mean": survey_mean,
    "raking": raking,
    "post_stratification": post_stratification,
    "percentile": percentile,
    "mann_whitney": mann_whitney,
    "nps": net_promoter_score,
    "nps_difference": nps_difference,
    "csat_top_box": csat_top_box,
    "two_proportions": two_proportions,
    "sample_size": sample_size,
    "welch_t": welch_t,
    "multiplicity": multiplicity,
    "servqual": servqual,
}
