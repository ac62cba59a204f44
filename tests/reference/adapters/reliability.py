"""Adapters for agreement and reliability."""

import math
from typing import Any

import numpy as np

from nonagon.basics.errors import InputError, Mistake, NonagonError
from nonagon.methods.reliability.cfa import Cfa
from nonagon.methods.reliability.cfa import cfa as factor_model
from nonagon.methods.reliability.cohen_kappa import cohen_kappa as agreement
from nonagon.methods.reliability.cohen_kappa import cross_table
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha as consistency
from nonagon.methods.reliability.fleiss_kappa import fleiss_kappa as agreement_of_many
from nonagon.methods.reliability.kendall_w import kendall_w as concordance
from nonagon.methods.reliability.krippendorff_alpha import krippendorff_alpha as agreement_by_level
from nonagon.methods.reliability.mcdonald_omega import mcdonald_omega as one_factor
from nonagon.methods.reliability.mcdonald_omega import omega_hierarchical


def cohen_kappa(inputs: dict[str, Any]) -> dict[str, Any]:
    """Kappa plain and weighted, from a table or from two raters' codes."""
    table = inputs.get("table")
    if table is None:
        _, table = cross_table(first=inputs["r1"], second=inputs["r2"])
    plain = agreement(table=table)
    quadratic = agreement(table=table, weights="quadratic")
    return {
        "kappa": plain.kappa,
        "se": plain.se,
        "weighted_kappa_quadratic": quadratic.kappa,
        "quadratic": quadratic.kappa,
        "linear": agreement(table=table, weights="linear").kappa,
    }


def fleiss_kappa(inputs: dict[str, Any]) -> dict[str, Any]:
    """Kappa of several raters."""
    found = agreement_of_many(ratings=inputs["ratings"])
    return {"kappa": found.kappa, "z": found.z}


def krippendorff_alpha(inputs: dict[str, Any]) -> dict[str, Any]:
    """Alpha at the stated level."""
    return {
        "alpha": agreement_by_level(
            ratings=inputs["observers_by_units"], level=inputs.get("level", "nominal")
        ).alpha
    }


def _by_object(ratings: list[list[float]]) -> list[list[float]]:
    """Objects by judges, as irr has it; rows that each rank all their objects are judges and are turned."""

    def ranks_all(lines: Any) -> bool:
        return all(sorted(line) == list(range(1, len(line) + 1)) for line in lines)

    by_judge = list(zip(*ratings, strict=True))
    return [list(row) for row in by_judge] if ranks_all(ratings) and not ranks_all(by_judge) else ratings


def kendall_w(inputs: dict[str, Any]) -> dict[str, Any]:
    """Concordance, ties taken out."""
    found = concordance(ratings=_by_object(inputs["ratings"]))
    return {"W": found.w, "chisq": found.chisq, "p": found.p}


def cronbach_alpha(inputs: dict[str, Any]) -> dict[str, Any]:
    """Alpha from columns of answers."""
    names = list(inputs["items"])
    found = consistency(answers=np.array([inputs["items"][name] for name in names], dtype=float).T, names=names)
    return {
        "raw_alpha": found.raw,
        "std_alpha": found.standardized,
        "average_r": found.average_r,
        "alpha_if_deleted": None if found.if_deleted is None else dict(zip(names, found.if_deleted, strict=True)),
        "r_drop": dict(zip(names, found.r_drop, strict=True)),
    }


def mcdonald_omega(inputs: dict[str, Any]) -> dict[str, Any]:
    """Omega of one factor, and of a general factor where group factors are asked for."""
    if "items" in inputs:
        answers = np.array(list(inputs["items"].values()), dtype=float)
        covariance, n = np.cov(answers), answers.shape[1]
    else:
        covariance, n = np.array(inputs["correlation"], dtype=float), inputs.get("n")
    found: dict[str, Any] = {}
    if n is not None:
        names = list(inputs["items"]) if "items" in inputs else None
        single = one_factor(covariance=covariance, n=n, names=names)
        found |= _fit(single.model) | {"omega_total_1factor": single.omega, "ave_std": single.ave}
    try:
        several = omega_hierarchical(correlation=covariance, factors=int(inputs.get("nfactors", 3)))
    except NonagonError:
        if "nfactors" in inputs:
            raise
        return found
    return found | {
        "omega_h": several.omega_h,
        "omega_total": several.omega_total,
        "alpha": several.alpha,
        "glb_or_g6": several.guttman_6,
    }


def cfa(inputs: dict[str, Any]) -> dict[str, Any]:
    """Fit of the model that the case means: k factors of k items each for 9, 16, 25 ... items, else one factor."""
    matrix = inputs.get("cov_n", inputs.get("correlation"))
    if matrix is None:
        raise InputError(
            [Mistake("case", None, "dataset", f"{inputs.get('dataset')} comes without its covariances")]
        )
    each = math.isqrt(len(matrix))
    blocks = each >= 3 and each * each == len(matrix)
    factors = {f"factor {at}": tuple(range(each * at, each * at + each)) for at in range(each)} if blocks else None
    return _fit(
        factor_model(
            covariance=matrix,
            n=inputs["n"],
            factors=factors,
            divisor="n" if "cov_n" in inputs else "n - 1",
        )
    )


def _fit(model: Cfa) -> dict[str, Any]:
    return {
        "std_loadings": dict(zip(model.items, model.std_loadings.tolist(), strict=True)),
        "chisq": model.chisq,
        "df": model.degrees,
        "cfi": model.cfi,
        "tli": model.tli,
        "rmsea": model.rmsea,
        "srmr": model.srmr,
        "aic": model.aic,
        "bic": model.bic,
    }


ADAPTERS = {
    "cohen_kappa": cohen_kappa,
    "fleiss_kappa": fleiss_kappa,
    "krippendorff_alpha": krippendorff_alpha,
    "kendall_w": kendall_w,
    "cronbach_alpha": cronbach_alpha,
    "mcdonald_omega": mcdonald_omega,
    "cfa": cfa,
}
