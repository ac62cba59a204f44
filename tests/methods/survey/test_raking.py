"""Raking: margins met, invariances, agreement with post-stratification, coverage."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.post_stratification import post_stratification
from nonagon.methods.survey.raking import raking
from nonagon.methods.survey.survey_mean import survey_mean

GENERATOR = np.random.default_rng(1940)
SEX = GENERATOR.choice(["F", "M"], 200, p=[0.7, 0.3])
AGE = GENERATOR.choice(["young", "middle", "old"], 200, p=[0.5, 0.3, 0.2])
Y = GENERATOR.normal(3, 1, 200) + (SEX == "F") + 0.5 * (AGE == "old")
MARGINS = {"sex": {"F": 520, "M": 480}, "age": {"young": 300, "middle": 400, "old": 300}}


def test_margins_are_met_and_labels_order_does_not_matter() -> None:
    result = raking(variables={"sex": SEX, "age": AGE}, margins=MARGINS)
    for name, labels in (("sex", SEX), ("age", AGE)):
        for label, total in MARGINS[name].items():
            assert result.weights[labels == label].sum() == pytest.approx(total)
    turned = raking(
        variables={"age": AGE, "sex": SEX},
        margins={"age": dict(reversed(MARGINS["age"].items())), "sex": MARGINS["sex"]},
    )
    assert turned.weights == pytest.approx(result.weights, rel=1e-9)


def test_raked_weights_keep_the_association_of_the_base_weights() -> None:
    # Iterative proportional fitting changes no odds ratio (Deming and Stephan).
    result = raking(variables={"sex": SEX, "age": AGE}, margins=MARGINS)

    def odds(weights: np.ndarray) -> float:
        cell = {(s, a): weights[(s == SEX) & (a == AGE)].sum() for s in ("F", "M") for a in ("young", "old")}
        return cell["F", "young"] * cell["M", "old"] / (cell["F", "old"] * cell["M", "young"])

    assert odds(result.weights) == pytest.approx(odds(np.ones(200)))


def test_one_margin_is_post_stratification() -> None:
    raked = raking(variables={"age": AGE}, margins={"age": MARGINS["age"]}, y=Y)
    stratified = post_stratification(group=AGE, totals=MARGINS["age"], y=Y)
    assert raked.weights == pytest.approx(stratified.weights)
    assert (raked.mean, raked.se) == pytest.approx((stratified.mean, stratified.mean_se))
    assert stratified.total == pytest.approx(1000 * stratified.mean)
    assert stratified.total_se == pytest.approx(1000 * stratified.mean_se)


def test_errors_agree_for_equal_base_weights_and_differ_otherwise() -> None:
    given = {"variables": {"sex": SEX, "age": AGE}, "margins": MARGINS, "y": Y}
    one, other = raking(**given), raking(**given, error="unweighted_residuals")
    assert one.se == pytest.approx(other.se)
    base = np.linspace(1, 9, 200)
    assert raking(**given, base_weights=base).se != pytest.approx(
        raking(**given, base_weights=base, error="unweighted_residuals").se, rel=1e-4
    )


def test_an_answer_that_the_margins_explain_has_no_error() -> None:
    explained = 2.0 * (SEX == "F") + 3.0 * (AGE == "old")
    result = raking(variables={"sex": SEX, "age": AGE}, margins=MARGINS, y=explained)
    assert result.mean == pytest.approx(2 * 0.52 + 3 * 0.3)
    assert result.se == pytest.approx(0, abs=1e-9)


def test_margins_that_are_met_already_change_nothing() -> None:
    margins = {"sex": {"F": float((SEX == "F").sum()), "M": float((SEX == "M").sum())}}
    result = raking(variables={"sex": SEX}, margins=margins, y=Y)
    assert result.weights == pytest.approx(np.ones(200))
    assert result.mean == pytest.approx(survey_mean(y=Y).mean)
    assert result.se < survey_mean(y=Y).se


def test_interval_covers() -> None:
    generator = np.random.default_rng(13)
    covered = 0
    for _ in range(400):
        old = generator.random(150) < generator.choice([0.25, 0.35])
        y = generator.normal(3, 1, 150) + 2 * old
        result = raking(variables={"age": old.astype(str)}, margins={"age": {"True": 0.5, "False": 0.5}}, y=y)
        covered += result.low <= 4 <= result.high
    assert 0.92 <= covered / 400 <= 0.98


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="margins must add up to one sum"):
        raking(variables={"sex": SEX, "age": AGE}, margins={**MARGINS, "sex": {"F": 1, "M": 1}})
    with pytest.raises(ArgumentError, match="margin sex must have a total above 0 for each label"):
        raking(variables={"sex": SEX}, margins={"sex": {"F": 1, "M": 1, "X": 1}})
    with pytest.raises(NotEnoughData, match="no weights met all margins"):
        raking(
            variables={"a": ["x", "y"], "b": ["u", "v"]}, margins={"a": {"x": 1, "y": 3}, "b": {"u": 2, "v": 2}}
        )
