"""Surveys: scores with intervals, comparisons, weights, sample sizes and outcome rates.

Choosing. One share: `proportion`; on a rating scale: `csat_top_box`; recommendation 0 to 10: `nps`. A mean from
counts and sums of a query: `mean`; from single answers: `mean_of` (same file); under strata, clusters or
weights: `survey_mean`. Two groups: `two_proportions`, `nps_difference`, `mean_difference` or `welch_t`, and
`mann_whitney` for ordinal answers; many at once: then `multiplicity`. Expectation against perception:
`servqual`. Two waves of the same persons, some of whom left: `composition`; two waves of
different persons whose mix changed: `reweighted_change` (same file). Sample unlike the customers: `raking` to
several margins, `post_stratification` to one. Before asking: `sample_size`; afterwards: `aapor_rates`. Times
and amounts: `percentile`.
"""
