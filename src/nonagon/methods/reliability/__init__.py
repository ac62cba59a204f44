"""Reliability: do coders agree, do judges rank alike, do items measure one thing.

Choosing. Two coders, every unit coded by both: `cohen_kappa` (weighted for ordered categories); more coders,
unordered categories, nothing
missing: `fleiss_kappa`; missing codes or ordered values: `krippendorff_alpha`. Judges who rank: `kendall_w`.
Items of a scale: `cronbach_alpha` as the usual figure, `mcdonald_omega` where loadings differ (they do),
`omega_hierarchical` (same file) for a general factor with sub-dimensions, `cfa` to test whether each item
belongs to its dimension.
"""
