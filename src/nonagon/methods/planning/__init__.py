"""What to do, in which order, with which money.

Choosing: `critical_path` schedules activities that wait for each other, `schedule_risk` says how late that may
get; `cash_plan` sets cost by month against funds. `three_point_npv` says what a project is worth from a low,
likely and high benefit. `portfolio` picks the best set of projects under a budget at one moment; `sequencing`
also decides when each one starts, so that the cash never runs out.
"""
