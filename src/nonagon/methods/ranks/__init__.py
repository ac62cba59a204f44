"""Ranks: who is lowest, how surely, and how far the groups lie apart.

Choosing. Is the lowest truly the lowest, who can't be told apart, how many more answers: `rank_confidence`
(up to thousands of groups; items rated by the same people by their covariance). Only the sets of places:
`rank_confidence_set` (sharpest), `rank_joint_region` (same file; simple intervals that overlap or not).
Highest minus lowest with its interval, and whether it narrowed: `spread` and `spread_change`. `pairwise` and
`shrinkage` are what these stand on.
"""
