"""Adapters for confidence sets of ranks."""

from typing import Any

from nonagon.methods.ranks.rank_confidence_set import rank_confidence_set as rank_sets
from nonagon.methods.ranks.rank_confidence_set import rank_joint_region


def rank_confidence_set(inputs: dict[str, Any]) -> dict[str, Any]:
    """Marginal and simultaneous sets with stepdown, as csranks has them."""
    given = {
        "estimate": inputs["estimate"],
        "se": inputs["se"],
        "coverage": inputs.get("coverage", 0.95),
        "stepdown": True,
    }
    each = rank_sets(**given, simultaneous=False)
    together = rank_sets(**given, simultaneous=True)
    return {
        "rank": each.rank,
        "marginal_lower": each.lower,
        "marginal_upper": each.upper,
        "simultaneous_lower": together.lower,
        "simultaneous_upper": together.upper,
    }


def rank_joint_region_klein(inputs: dict[str, Any]) -> dict[str, Any]:
    """The joint region from joint intervals."""
    region = rank_joint_region(estimate=inputs["estimate"], se=inputs["se"], coverage=inputs.get("coverage", 0.95))
    return {"lower": region.lower, "upper": region.upper}


ADAPTERS = {
    "rank_confidence_set": rank_confidence_set,
    "rank_joint_region_klein": rank_joint_region_klein,
}
