"""Run rules: patterns that chance rarely makes.

Choosing: western_electric for shifts, in the form most people know; nelson_rules adds trends, cycles and
mixtures: take only those that fit what can go wrong, since each adds false alarms. chart_signals applies
either to a finished control chart, phase by phase; many_charts does limits, rules and capability for
thousands of charts.
"""
