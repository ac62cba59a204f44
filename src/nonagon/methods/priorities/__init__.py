"""What to improve first, by what customers say.

Choosing: `gap_priority` follows the source rule, lowest score first; `importance_performance` and
`opportunity_score` weigh the score by importance; `kano` asks what kind of need it is. `qfd_importance` carries
the importance of needs to internal characteristics, `qfd_uncertainty` shows which of those weights the data
can tell apart. Importance itself: `ahp` from a team's paired judgements, `best_worst_scaling` and
`bradley_terry` from respondents' choices, `conjoint_ratings` and `conjoint_cbc` from rated or chosen offers.
`turf` picks the set that reaches most people, `fmea_rpn` ranks what may go wrong, `correspondence_analysis`
draws a table of brands and images as a map.
"""
