"""Run rules on a finished control chart, phase by phase.

Question: does the chart show a pattern that chance rarely makes, in any of its phases?
Used by: step 7, step 9.
Source: see nelson_rules and western_electric.
Checked against: the rules applied to each phase on its own (tests/methods/rules).
"""

from collections.abc import Sequence
from typing import Literal

from nonagon.methods.checks import one_of
from nonagon.methods.rules import nelson_rules, western_electric
from nonagon.methods.rules.windows import RunSignals
from nonagon.methods.spc.control_chart import ControlChart

RuleSet = Literal["nelson", "western_electric"]


def chart_signals(
    *,
    chart: ControlChart,
    rule_set: RuleSet = "nelson",
    rules: Sequence[int] | None = None,
    last_point_in_zone: bool = False,
) -> RunSignals:
    """Which rules a chart (or many) meets; no window reaches from one phase into another.

    chart: from one of the chart functions. rule_set: nelson or western_electric; rules: which of its numbers,
    all when not given. last_point_in_zone: see nelson_rules. Zones are standard errors of the plotted
    statistic about its centre, so limits that change with the sample size are taken into account; rule 1
    stands at 3 of them whatever the chart's own width is.
    Only rules 1 to 4 make sense on charts of ranges and standard deviations; none on EWMA and CUSUM charts,
    whose points depend on each other.
    Raises ArgumentError for an unknown rule or set.

    >>> from nonagon.methods.spc.chart_u import chart_c
    >>> chart = chart_c(counts=[21, 24, 16, 12, 15, 5, 28, 20, 31, 25])
    >>> chart_signals(chart=chart, rules=[1, 2]).any.nonzero()[0].tolist()
    [5]
    """
    one_of("rule_set", rule_set, ("nelson", "western_electric"))
    function, all_rules = (
        (nelson_rules.nelson_rules, nelson_rules.ALL)
        if rule_set == "nelson"
        else (western_electric.western_electric, western_electric.ALL)
    )
    return function(
        x=chart.statistic,
        center=chart.center,
        sigma=chart.standard_error,
        phases=chart.phase_index.tolist() if len(chart.phases) > 1 else None,
        rules=all_rules if rules is None else rules,
        last_point_in_zone=last_point_in_zone,
    )
