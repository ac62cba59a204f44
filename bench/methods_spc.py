"""Limits, run rules and capability for many charts: one call against one call a chart.

Run: .venv/bin/python bench/methods_spc.py [charts [points [sample]]]
Prints the time for all charts at once, the time one at a time (measured on a sample of charts and scaled up,
since all would take long), their ratio, the peak of memory beyond the input, and whether the digits agree.
"""

import resource
import sys
import time
import tracemalloc

import numpy as np
from numpy.typing import NDArray

from nonagon.methods.rules.chart_signals import chart_signals
from nonagon.methods.rules.many_charts import ManyCharts, many_charts
from nonagon.methods.spc.capability import capability
from nonagon.methods.spc.chart_imr import chart_imr

LSL, USL = -4.0, 4.0
DEFAULTS = (10_000, 1_000, 500)


def one_at_a_time(row: NDArray[np.float64]) -> tuple[float, list[int], float]:
    """Upper limit, signals a rule and Ppk of one chart."""
    charts = chart_imr(x=row)
    found = chart_signals(chart=charts.individuals)
    index = capability(x=row, lsl=LSL, usl=USL)
    signals = [int(count) for count in np.count_nonzero(found.signals, axis=-1)]
    return float(charts.individuals.ucl[0]), signals, float(index.ppk.value)


def agrees(together: ManyCharts, at: int, alone: tuple[float, list[int], float]) -> bool:
    """Whether a chart has the same numbers both ways."""
    if together.capability is None:
        return False
    ppk = np.asarray(together.capability.ppk.value)[at]
    same_limits = np.isclose(together.ucl[at], alone[0], rtol=1e-12) and np.isclose(ppk, alone[2], rtol=1e-12)
    return bool(same_limits) and together.signals[:, at].tolist() == alone[1]


def main() -> None:
    """Measure and print."""
    given = [int(word) for word in sys.argv[1:]]
    charts, points, sample = (*given, *DEFAULTS[len(given) :])
    x = np.random.default_rng(7).normal(size=(charts, points))
    many_charts(x=x[:2], lsl=LSL, usl=USL)
    started = time.perf_counter()
    together = many_charts(x=x, lsl=LSL, usl=USL)
    at_once = time.perf_counter() - started

    sample = min(sample, charts)
    started = time.perf_counter()
    alone = [one_at_a_time(row) for row in x[:sample]]
    single = (time.perf_counter() - started) * charts / sample

    tracemalloc.start()
    many_charts(x=x, lsl=LSL, usl=USL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    equal = sum(agrees(together, at, result) for at, result in enumerate(alone))
    print(f"{charts} charts of {points} points: limits, 8 Nelson rules, capability, false discoveries")
    print(f"  one call            {at_once:8.2f} s")
    print(f"  one call a chart    {single:8.2f} s  (from {sample} charts)")
    print(f"  ratio               {single / at_once:8.1f}")
    print(f"  memory beyond input {peak / 2**20:8.0f} MiB (input {x.nbytes / 2**20:.0f} MiB)")
    print(f"  peak of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB")
    print(f"  same digits         {equal} of {sample}")


if __name__ == "__main__":
    main()
