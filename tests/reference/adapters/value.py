"""Adapters for value: concentration, cash flows, recency-frequency-monetary scores, customer-base models."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nonagon.methods.value.bg_bb import bg_bb
from nonagon.methods.value.bg_nbd import bg_nbd, bg_nbd_loglik
from nonagon.methods.value.business_case import business_case
from nonagon.methods.value.clv_simple import clv_simple
from nonagon.methods.value.customer_concentration import customer_concentration
from nonagon.methods.value.gamma_gamma import gamma_gamma
from nonagon.methods.value.hhi import hhi
from nonagon.methods.value.kaplan_meier import kaplan_meier, logrank
from nonagon.methods.value.market_share import market_share
from nonagon.methods.value.pareto_nbd import pareto_nbd
from nonagon.methods.value.rfm import rfm, score_groups
from nonagon.methods.value.sbg_retention import sbg_retention
from nonagon.methods.value.wallet_allocation import wallet_allocation

Inputs = dict[str, Any]
# Fader, Hardie and Lee (2005), table 2: what they printed for the compact disc data.
_PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
# The customer whom the same paper and the package BTYD use as example.
_CUSTOMER_1516 = {"frequency": 26, "recency": 30.86, "T": 31}


def hhi_case(inputs: Inputs) -> Inputs:
    """Index in the unit of the shares: percent where they add up to more than one."""
    shares = inputs["shares"]
    result = hhi(shares=shares, whole=100 if sum(shares) > 1 + 1e-6 else 1)
    return {"hhi": result.hhi, "effective_number": result.effective_number}


def concentration_case(inputs: Inputs) -> Inputs:
    """Index, Gini coefficient and Lorenz curve."""
    result = customer_concentration(revenue=inputs["revenue"])
    return {
        "hhi": result.hhi,
        "gini": result.gini,
        "gini_unbiased": result.gini_unbiased,
        "lorenz": result.lorenz,
        "top20_share": result.top_fraction_share,
    }


def market_share_case(inputs: Inputs) -> Inputs:
    """Shares; the first seller is ours unless one is called own or us."""
    sales = inputs["sales"]
    own = next((name for name in sales if name.lower() in ("own", "us", "we", "ours")), None)
    result = market_share(sales=sales, own=own, top=(2,))
    return {
        "share": result.share,
        "relative_share_own": result.relative_share,
        "hhi": result.hhi,
        "cr2": result.top[2],
    }


def wallet_case(inputs: Inputs) -> Inputs:
    """Share of wallet by rank."""
    return {"share": wallet_allocation(rank=inputs["rank"], n=inputs["n"]).share}


def rfm_case(inputs: Inputs) -> Inputs:
    """Quintiles by rank, as dplyr's ntile; ties by id where it is given."""
    given: Inputs = {"convention": "ntile", "tie_break": inputs.get("id")}
    got: Inputs = {}
    if all(name in inputs for name in ("recency_days", "frequency", "monetary")):
        columns = {name: inputs[name] for name in ("recency_days", "frequency", "monetary")}
        result = rfm(**columns, **given)
        got = {"R": result.recency, "F": result.frequency, "M": result.monetary}
    for name, group in (("recency_days", "recency_group_low_to_high"), ("monetary", "monetary_group")):
        if name in inputs:
            got[group] = score_groups(values=inputs[name], **given)
    return got


def business_case_case(inputs: Inputs) -> Inputs:
    """Net present value and its relatives."""
    result = business_case(cash_flows=inputs["cash_flows"], rate=inputs["rate"])
    return {
        "npv": result.npv,
        "irr": result.irr,
        "payback_years": result.payback,
        "discounted_payback": result.discounted_payback,
        "benefit_cost": result.benefit_cost,
    }


def clv_case(inputs: Inputs) -> Inputs:
    """Margin multiple."""
    result = clv_simple(margin=inputs["margin"], retention=inputs["retention"], discount=inputs["discount"])
    return {"clv": result.clv, "multiple": result.multiple, "clv_including_first": result.clv_including_first}


def _histories(inputs: Inputs) -> Inputs:
    """Frequency, recency and T as given, or of a named data set where a package beside the product holds it."""
    if "frequency" in inputs:
        return {name: inputs[name] for name in ("frequency", "recency", "T")}
    path = _cdnow()
    if path is None or "cdnow" not in inputs["dataset"].lower():
        raise LookupError(f"data set {inputs['dataset']!r} is not at hand: no package that holds it is installed")
    table = np.genfromtxt(path, delimiter=",", names=True)
    return {name: table[name] for name in ("frequency", "recency", "T")}


def _cdnow() -> Path | None:
    """The compact disc data in the package lifetimes: installed here, or where `make bench` puts the peers."""
    found = find_spec("lifetimes")
    folders = [] if found is None or found.origin is None else [Path(found.origin).parent]
    folders += Path(__file__).parents[3].glob(".cache/bench/lib/python*/site-packages/lifetimes")
    files = [folder / "datasets" / "cdnow_customers_summary.csv" for folder in folders]
    return next((file for file in files if file.is_file()), None)


def bg_nbd_case(inputs: Inputs) -> Inputs:
    """BG/NBD fit and the customer of the papers."""
    data = _histories(inputs)
    fit = bg_nbd(**data)
    return {
        "r": fit.r,
        "alpha": fit.alpha,
        "a": fit.a,
        "b": fit.b,
        "loglik": fit.loglik,
        "loglik_at_published": bg_nbd_loglik(**_PUBLISHED, **data),
        "cust1516": {
            "expected_39": float(fit.expected_purchases(t=39, **_CUSTOMER_1516)[0]),
            "p_alive": float(fit.p_alive(**_CUSTOMER_1516)[0]),
        },
        "expected_repeat_39_weeks_new_customer": fit.expected_new_customer(t=39),
    }


def pareto_nbd_case(inputs: Inputs) -> Inputs:
    """Pareto/NBD fit and the customer of the papers."""
    fit = pareto_nbd(**_histories(inputs))
    return {
        "r": fit.r,
        "alpha": fit.alpha,
        "s": fit.s,
        "beta": fit.beta,
        "loglik": fit.loglik,
        "cust1516_expected_39": float(fit.expected_purchases(t=39, **_CUSTOMER_1516)[0]),
        "cust1516_p_alive": float(fit.p_alive(**_CUSTOMER_1516)[0]),
    }


def gamma_gamma_case(inputs: Inputs) -> Inputs:
    """Gamma-gamma fit."""
    mean_value, frequency = np.asarray(inputs["mean_value"]), np.asarray(inputs["frequency"])
    spent = (frequency > 0) & (mean_value > 0)  # customers without a repeat purchase say nothing of its value
    fit = gamma_gamma(mean_value=mean_value[spent], frequency=frequency[spent])
    return {
        "p": fit.p,
        "q": fit.q,
        "v": fit.v,
        "population_mean": fit.population_mean,
        "expected_for_m35_x3": float(fit.expected_value(mean_value=35, frequency=3)[0]),
    }


def bg_bb_case(inputs: Inputs) -> Inputs:
    """BG/BB fit."""
    fit = bg_bb(x=inputs["x"], t_x=inputs["t_x"], n=inputs["n_opportunities"], customers=inputs.get("customers"))
    return {
        "alpha": fit.alpha,
        "beta": fit.beta,
        "gamma": fit.gamma,
        "delta": fit.delta,
        "loglik": fit.loglik,
    }


def sbg_case(inputs: Inputs) -> Inputs:
    """Shifted-beta-geometric fit and twelve periods of it."""
    share = np.asarray(inputs["survival_percent"], dtype=float) / 100
    fit = sbg_retention(survival=share if share[0] == 1 else np.concatenate([[1.0], share]))
    return {
        "alpha": fit.alpha,
        "beta": fit.beta,
        "retention_rate_period_1_12": fit.retention(12),
        "survival_1_12": fit.survival(12),
    }


def kaplan_meier_case(inputs: Inputs) -> Inputs:
    """Survival curve, and the log-rank test where there are groups."""
    curve = kaplan_meier(time=inputs["time"], event=inputs["event"])
    got: Inputs = {
        "time": curve.time,
        "survival": curve.survival,
        "greenwood_se": curve.greenwood_se,
        "median": curve.median,
    }
    if "group" in inputs:
        test = logrank(time=inputs["time"], event=inputs["event"], group=inputs["group"])
        got |= {"logrank_chisq": test.chisq, "p": test.p}
    return got


ADAPTERS = {
    "hhi": hhi_case,
    "customer_concentration": concentration_case,
    "market_share": market_share_case,
    "wallet_allocation": wallet_case,
    "rfm": rfm_case,
    "business_case": business_case_case,
    "clv_simple": clv_case,
    "bg_nbd": bg_nbd_case,
    "pareto_nbd": pareto_nbd_case,
    "gamma_gamma": gamma_gamma_case,
    "bg_bb": bg_bb_case,
    "sbg_retention": sbg_case,
    "kaplan_meier": kaplan_meier_case,
}
