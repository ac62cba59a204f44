"""Drivers: what an outcome moves with, plain numerics, and satisfaction indices.

Choosing. Count once with `moments` (or take sums from a query: `moments_of_table`, same file). Which drivers
matter most when they go together: `driver_importance` (report lmg; at most 20 drivers, group them where there
are more). How much one unit of a driver moves the outcome: `ols` on rows (all digits), `ols_of_moments` (same
file) on sums. A whole chain from image to loyalty: `ecsi_pls`. One figure from 0 to 100: `acsi_index`. Mean,
standard deviation and lag-1 autocorrelation to the last digit: `univariate`.
"""
