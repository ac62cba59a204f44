"""Adapters for unheard needs."""

from typing import Any

import numpy as np

from nonagon.methods.needs.beta_binomial import beta_binomial, beta_binomial_coverage
from nonagon.methods.needs.incidence import incidence
from nonagon.methods.needs.incidence_richness import accumulation, incidence_richness
from nonagon.methods.needs.rarefaction import rarefaction
from nonagon.methods.needs.richness import richness


def needs_richness(inputs: dict[str, Any]) -> dict[str, Any]:
    """Richness from counts of mentions."""
    result = richness(counts=inputs["counts"])
    return {
        "n": result.n,
        "observed": result.observed,
        "f1": result.once,
        "f2": result.twice,
        "chao1_bias_corrected": result.chao1,
        "se_chao1": result.chao1_se,
        "ace": result.ace,
        "good_turing_coverage": result.good_turing_coverage,
        "chao_jost_coverage": result.coverage,
    }


def _record(inputs: dict[str, Any]) -> Any:
    if "matrix" in inputs:
        return incidence(matrix=inputs["matrix"])
    return incidence(frequency=inputs["incidence_frequency"], n_units=int(inputs["n_units"]))


def needs_richness_incidence(inputs: dict[str, Any]) -> dict[str, Any]:
    """Richness from who mentioned what, with vegan's conventions."""
    record = _record(inputs)
    result = incidence_richness(incidence=record, jackknife_variance="vegan")
    curve = accumulation(incidence=record).expected
    return {
        "observed": result.observed,
        "chao2": result.chao2,
        "chao2_se": result.chao2_se,
        "jack1": result.jackknife1,
        "jack1_se": result.jackknife1_se,
        "jack2": result.jackknife2,
        "bootstrap": result.bootstrap,
        "n": result.n_units,
        "expected_accumulation": curve,
        "expected_accumulation_1_to_20": curve[:20],
    }


def needs_rarefaction(inputs: dict[str, Any]) -> dict[str, Any]:
    """Expected needs in smaller numbers of mentions."""
    return {"expected": rarefaction(counts=inputs["counts"], sizes=np.atleast_1d(inputs["n"])).expected}


def needs_betabinomial(inputs: dict[str, Any]) -> dict[str, Any]:
    """The coverage curve of given parameters, or the fitted model."""
    if "incidence_frequency" not in inputs:
        curve = beta_binomial_coverage(alpha=inputs["alpha"], beta=inputs["beta"], interviews=inputs["interviews"])
        return {"coverage": curve}
    result = beta_binomial(incidence=_record(inputs))
    found = {
        "alpha": result.alpha,
        "beta": result.beta,
        "loglik": result.loglik,
        "estimated_total": result.total,
        "coverage_now": 1 - result.unheard,
        "coverage_40": float(result.coverage_after(40)),
    }
    if "interviews" in inputs:
        found["coverage"] = result.coverage_after(inputs["interviews"])
    return found


ADAPTERS = {
    "needs_richness": needs_richness,
    "needs_richness_incidence": needs_richness_incidence,
    "needs_rarefaction": needs_rarefaction,
    "needs_betabinomial": needs_betabinomial,
}
