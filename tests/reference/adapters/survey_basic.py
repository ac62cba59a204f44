"""Adapters for shares."""

from typing import Any

from nonagon.methods.survey.proportion import INTERVALS, proportion


def proportion_interval(inputs: dict[str, Any]) -> dict[str, Any]:
    """Each interval of a share x of n, as R's formulas give it."""
    x, n, confidence = inputs["x"], inputs["n"], inputs.get("confidence", 0.95)
    results = {name: proportion(x=x, n=n, confidence=confidence, interval=name, cap=False) for name in INTERVALS}
    return {"p": results["wilson"].p} | {name: [one.low, one.high] for name, one in results.items()}


ADAPTERS = {"proportion_interval": proportion_interval}
