"""Measurement systems: how much of the variation comes from measuring.

Choosing: gauge_rr_anova wherever it can be; gauge_rr_xbar_r where AIAG's form by averages and ranges is asked for.
"""
