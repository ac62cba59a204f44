"""Adapters for priorities: Kano, QFD, scores, paired and best-worst judgements, conjoint, maps."""

from typing import Any

import numpy as np

from nonagon.methods.priorities.ahp import ahp
from nonagon.methods.priorities.best_worst_scaling import best_worst_model, best_worst_scaling
from nonagon.methods.priorities.bradley_terry import bradley_terry, bradley_terry_matrix
from nonagon.methods.priorities.conjoint_cbc import conjoint_cbc
from nonagon.methods.priorities.conjoint_ratings import conjoint_ratings
from nonagon.methods.priorities.correspondence_analysis import correspondence_analysis
from nonagon.methods.priorities.fmea_rpn import fmea_rpn
from nonagon.methods.priorities.gap_priority import gap_priority
from nonagon.methods.priorities.importance_performance import importance_performance
from nonagon.methods.priorities.kano import (
    EVALUATION_TABLE,
    Kano,
    kano,
    kano_ambiguity,
    kano_categories,
    kano_counts,
)
from nonagon.methods.priorities.opportunity_score import opportunity_score
from nonagon.methods.priorities.qfd_importance import planning_weights, qfd_importance
from nonagon.methods.priorities.turf import turf

Inputs = dict[str, Any]


def _from_one(positions: Any) -> list[int]:
    return [int(position) + 1 for position in positions]


def _percent(shares: dict[str, float]) -> dict[str, float]:
    return {name: 100 * share for name, share in shares.items()}


def ahp_case(inputs: Inputs) -> Inputs:
    """Weights and consistency of one judge's or several judges' matrix."""
    result = ahp(matrix=inputs.get("matrix"), matrices=inputs.get("matrices"))
    return {
        "weights_eigen": result.weights_eigen,
        "weights_geometric_mean": result.weights_geometric_mean,
        "lambda_max": result.lambda_max,
        "CI": result.consistency_index,
        "RI_used": result.random_index_value,
        "CR": result.consistency_ratio,
        "aggregated": result.matrix,
    }


def _kano_names(result: Kano) -> Inputs:
    return {
        "mode_category": result.category,
        "better": result.better,
        "worse": result.worse,
        "total_strength": result.total_strength,
        "category_strength": result.category_strength,
        "walden_AOM_rule_category": result.walden_category,
        "ambiguous": result.ambiguous,
    }


def kano_case(inputs: Inputs) -> Inputs:
    """Kano classes from percent by need, counts, pairs of answers, or two counts to tell apart."""
    if "percent" in inputs:
        return {need: _kano_names(kano(counts=shares)) for need, shares in inputs["percent"].items()}
    if "a" in inputs:
        threshold, ambiguous = kano_ambiguity(a=inputs["a"], b=inputs["b"], n=inputs["n"])
        return {"threshold": threshold, "ambiguous": ambiguous}
    if "counts" in inputs:
        return _kano_names(kano(counts=inputs["counts"]))
    answers = {
        "functional": inputs["functional"],
        "dysfunctional": inputs["dysfunctional"],
        "table": inputs.get("evaluation_table_rows_functional", EVALUATION_TABLE),
    }
    counts = kano_counts(**answers)
    return {"categories": kano_categories(**answers), "counts": counts} | _kano_names(kano(counts=counts))


def _both_halves(roof: list[list[float]]) -> Any:
    """A roof written as one half, mirrored."""
    half = np.array(roof, dtype=float)
    triangular = not np.any(np.tril(half, -1)) or not np.any(np.triu(half, 1))
    return half + half.T - np.diag(np.diag(half)) if triangular else half


def qfd_case(inputs: Inputs) -> Inputs:
    """Importance of characteristics, or the planning columns alone."""
    columns = {name: inputs.get(name) for name in ("now", "target", "sales_point")}
    if "relationships_needs_by_features" not in inputs:
        result, planning = None, planning_weights(importance=inputs["importance"], **columns)
    else:
        result = qfd_importance(
            relationships=inputs["relationships_needs_by_features"],
            importance=inputs["importance"],
            roof=_both_halves(inputs["roof"]) if "roof" in inputs else None,
            **columns,
        )
        planning = result.planning
    got: Inputs = {}
    if planning is not None:
        got |= {
            "improvement_ratio": planning.improvement_ratio,
            "raw_weight": planning.raw_weight,
            "raw_weight_percent": 100 * planning.share,
        }
    if result is not None:
        normalised = result.normalised
        if normalised is None:
            normalised = qfd_importance(
                relationships=inputs["relationships_needs_by_features"],
                importance=inputs["importance"],
                normalisation="lyman",
            ).normalised
        got |= {
            "absolute": result.absolute,
            "relative_percent": 100 * result.relative,
            "rank": result.rank,
            "normalised": normalised,
        }
    return got


def opportunity_case(inputs: Inputs) -> Inputs:
    """Opportunity scores, best first."""
    result = opportunity_score(importance=inputs["importance"], satisfaction=inputs["satisfaction"])
    return {"score": result.score, "order_best_first_1based": _from_one(result.order)}


def importance_performance_case(inputs: Inputs) -> Inputs:
    """Quadrants with cross-hairs at the means."""
    result = importance_performance(importance=inputs["importance"], performance=inputs["performance"])
    return {
        "mean_importance": result.cross_importance,
        "mean_performance": result.cross_performance,
        "quadrant": result.quadrant,
    }


def gap_case(inputs: Inputs) -> Inputs:
    """Lowest score first."""
    result = gap_priority(labels=inputs["labels"], scores=inputs["scores"])
    return {"order": result.order, "spread": result.spread, "gap_to_best": result.gap_to_best}


def best_worst_case(inputs: Inputs) -> Inputs:
    """Counts, and the choice model where it exists; answers are items, or places where they name no item of
    the set.
    """
    sets, about = inputs["sets"], inputs.get("set_of_answer")
    which = about if about is not None else [1 + place % len(sets) for place in range(len(inputs["best"]))]
    named = all(
        picked in sets[number - 1]
        for answer in ("best", "worst")
        for picked, number in zip(inputs[answer], which, strict=True)
    )
    given: Inputs = {
        "sets": sets,
        "best": inputs["best"],
        "worst": inputs["worst"],
        "set_of_answer": which,
        "answers": "items" if named else "positions",
    }
    result = best_worst_scaling(**given, respondent=inputs.get("respondent"))
    got = {
        name: getattr(result, name)
        for name in ("shown", "best", "worst", "best_minus_worst", "standardized", "sqrt_ratio")
    }
    if "respondent" in inputs:
        model = best_worst_model(**given)
        others = [index for index in range(model.coef.size) if index != model.base - 1]
        got |= {
            f"mnl_coef_base_item{model.base}": model.coef[others],
            "mnl_se": model.se[others],
            "loglik": model.loglik,
            "share_of_preference_percent": 100 * model.share,
        }
    return got


def bradley_terry_case(inputs: Inputs) -> Inputs:
    """Abilities from a matrix of wins (last item the base) or from home and away teams (first by name the
    base).
    """
    if "wins" in inputs:
        result = bradley_terry_matrix(wins=inputs["wins"])
        return {
            f"log_worth_base{result.base}": result.ability,
            "ability": result.ability,
            "se": result.se[:-1],
            "deviance": result.deviance,
        }
    fit = bradley_terry(
        first=inputs["home"],
        second=inputs["away"],
        first_wins=inputs["home_wins"],
        second_wins=inputs["away_wins"],
    )
    return {
        "ability": dict(zip(fit.items, fit.ability.tolist(), strict=True)),
        "se": dict(zip(fit.items, fit.se.tolist(), strict=True)),
        "deviance": fit.deviance,
    }


def conjoint_ratings_case(inputs: Inputs) -> Inputs:
    """Part-worths and importances."""
    result = conjoint_ratings(profiles=inputs["profiles"], ratings=inputs["ratings"])
    got: Inputs = {
        "intercept": result.intercept,
        "part_worths": {name: list(values) for name, values in result.part_worths.items()},
        "r2_average_model": result.r2,
    }
    if result.importance is not None:
        got["importance_percent"] = _percent(result.importance)
    if result.importance_individual is not None:
        got["importance_percent_mean_of_individuals"] = _percent(result.importance_individual)
    return got


def conjoint_cbc_case(inputs: Inputs) -> Inputs:
    """Conditional logit of price, speed and desk."""
    attributes = {name: column for name, column in inputs.items() if name not in ("task", "choice")}
    result = conjoint_cbc(task=inputs["task"], attributes=attributes, choice=inputs["choice"], price="price")
    return {
        "coef": result.coef,
        "se": result.se,
        "loglik": result.loglik,
        "loglik_null": result.loglik_null,
        "mcfadden_r2": result.mcfadden_r2,
    } | {f"wtp_{name}": value for name, value in result.willingness_to_pay.items()}


def fmea_case(inputs: Inputs) -> Inputs:
    """Risk priority numbers."""
    result = fmea_rpn(severity=inputs["S"], occurrence=inputs["O"], detection=inputs["D"])
    return {"rpn": result.rpn, "order_1based": _from_one(result.order)}


def turf_case(inputs: Inputs) -> Inputs:
    """The best set of each size up to all items."""
    sets = turf(matrix=inputs["matrix"], most=len(inputs["matrix"][0])).sets
    return {
        "results": [
            {
                "size": one.size,
                "k": one.size,
                "items": _from_one(one.items),
                "items_1based": _from_one(one.items),
                "reach": one.reach,
                "reach_percent": 100 * one.reach,
                "frequency": one.frequency,
            }
            for one in sets
        ]
    }


def correspondence_case(inputs: Inputs) -> Inputs:
    """Inertia and the first axis without its sign."""
    result = correspondence_analysis(table=inputs["table"])
    return {
        "inertia_total": result.inertia,
        "principal_inertia": result.principal_inertia,
        "chisq": result.chisq,
        "abs_row_principal_dim1": abs(result.row_principal[:, 0]),
        "abs_col_principal_dim1": abs(result.column_principal[:, 0]),
    }


ADAPTERS = {
    "ahp": ahp_case,
    "kano": kano_case,
    "qfd_importance": qfd_case,
    "opportunity_score": opportunity_case,
    "importance_performance": importance_performance_case,
    "gap_priority": gap_case,
    "best_worst_scaling": best_worst_case,
    "bradley_terry": bradley_terry_case,
    "conjoint_ratings": conjoint_ratings_case,
    "conjoint_cbc": conjoint_cbc_case,
    "fmea_rpn": fmea_case,
    "turf": turf_case,
    "correspondence_analysis": correspondence_case,
}
