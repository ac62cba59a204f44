"""Adapters for effects of improvements."""

from typing import Any

from nonagon.methods.effects.diff_in_diff import diff_in_diff as of_means
from nonagon.methods.effects.diff_in_diff import diff_in_diff_panel
from nonagon.methods.effects.interrupted_time_series import interrupted_time_series as segmented


def interrupted_time_series(inputs: dict[str, Any]) -> dict[str, Any]:
    """Segmented regression with sandwich's Newey-West errors."""
    terms = inputs.get("terms") or inputs.get("regressors") or "trend, step, ramp"
    season = inputs.get("season")
    if season is None and "month" in terms:
        season = 12
    result = segmented(
        y=inputs["y"],
        first_post=int(inputs["first_post_1based"]) - 1,
        lag=None if inputs.get("lag") is None else int(inputs["lag"]),
        season=None if season is None else int(season),
        slope_change="ramp" if "ramp" in terms or "slope" in terms else "none",
        trend="time" in terms or "trend" in terms,
    )
    coef = dict(zip(result.names, result.coef.tolist(), strict=True))
    return {
        "coef": coef,
        "se_ols": result.se_ols,
        "se_newey_west": result.se_newey_west,
        "se_newey_west_small_sample": result.se_newey_west_small_sample,
        "durbin_watson": result.durbin_watson,
        "level_change": result.level_change,
        "trend": coef.get("trend"),
    }


def diff_in_diff(inputs: dict[str, Any]) -> dict[str, Any]:
    """From four means, or from a panel pooled and with fixed effects."""
    if "y" not in inputs:
        cells = ("treat_pre", "treat_post", "control_pre", "control_post")
        return {"did": of_means(**{cell: inputs[cell] for cell in cells}).effect}
    rows = {name: inputs[name] for name in ("unit", "time", "treated", "post", "y")}
    pooled = diff_in_diff_panel(**rows, fixed_effects=False, errors="cluster_HC1")
    plain = diff_in_diff_panel(**rows, fixed_effects=False, errors="ols")
    two_way = diff_in_diff_panel(**rows, errors="cluster_HC1")
    return {
        "did": pooled.effect,
        "se_cluster_HC1": pooled.se,
        "se_ols": plain.se,
        "twfe": two_way.effect,
        "twfe_se_cluster_HC1": two_way.se,
    }


ADAPTERS = {"interrupted_time_series": interrupted_time_series, "diff_in_diff": diff_in_diff}
