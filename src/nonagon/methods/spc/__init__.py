"""Statistical process control: charts, run lengths, capability.

Choosing: one value at a time: chart_imr. Subgroups of values: chart_xbar_r up to about 8 a subgroup,
chart_xbar_s beyond or where sizes differ. Share of defective units: chart_p (chart_np for numbers at one
sample size); defects a unit: chart_u (chart_c for equal units); either with samples of thousands, or more
scatter than chance: chart_laney_p, chart_laney_u. Rare events: chart_g. Small lasting shifts: chart_ewma or
chart_cusum, chosen with arl_ewma, arl_cusum and arl_shewhart. Several characteristics that move together:
hotelling_t2. Too few points for limits, or no distribution to lean on: run_chart_anhoej. A stable process
against its specification: capability; in the words of Six Sigma: sigma_level. Hundreds of charts:
false_alarms (or rules.many_charts, which does all at once). Causes in order: pareto. Every chart takes phases
and a baseline (plan_phases).
"""
