"""Thousands of charts in one call: the same digits as one at a time, in bounded memory."""

import tracemalloc

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError
from nonagon.methods.rules import many_charts as module
from nonagon.methods.rules.chart_signals import chart_signals
from nonagon.methods.rules.many_charts import many_charts
from nonagon.methods.spc.capability import capability
from nonagon.methods.spc.chart_imr import chart_imr


def test_the_same_as_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 200)  # several blocks
    x = np.random.default_rng(1).normal(size=(23, 60))
    x[4, 30:] += 3
    together = many_charts(x=x, lsl=-4, usl=4, rule_set="western_electric")
    assert together.capability is not None
    for at, row in enumerate(x):
        charts = chart_imr(x=row)
        signals = chart_signals(chart=charts.individuals, rule_set="western_electric")
        assert together.ucl[at] == pytest.approx(charts.individuals.ucl[0], rel=1e-12)
        assert together.mr_beyond[at] == charts.moving_range.beyond.sum()
        assert together.signals[:, at].tolist() == signals.signals.sum(axis=1).tolist()
        first = np.flatnonzero(signals.any)
        assert together.first_signal[at] == (first[0] if first.size else -1)
        ppk = capability(x=row, lsl=-4, usl=4).ppk.value
        assert together.capability.ppk.value[at] == pytest.approx(ppk, rel=1e-12)
    assert together.signals[:, 4].sum() > 0
    assert "of 23 charts meet a run rule" in together.describe()


def test_memory_stays_bounded() -> None:
    x = np.random.default_rng(2).normal(size=(2000, 1000))
    many_charts(x=x[:2])
    tracemalloc.start()
    many_charts(x=x, lsl=-4, usl=4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A block of a million values and its working copies, whatever the number of charts.
    assert peak < 100 * 2**20


def test_one_row_is_not_a_table() -> None:
    with pytest.raises(ArgumentError, match=r"x must have 2 dimension\(s\); got shape \(3,\)"):
        many_charts(x=[1, 2, 3])
