"""Needs: how much of what customers need has been heard.

Choosing. The whole meter for a class of customers: `unknown_needs`, from `incidence` (who mentioned what).
Its parts: `incidence_richness` (at least so many needs; discovery curve by `accumulation`, same file),
`beta_binomial` (a model's estimate and an upper bound), `common_needs` (an upper bound without a model, for
needs that many share). Where only totals of mentions are known and not from whom: `richness`. Two classes
heard to different extents: `rarefaction`. Phrases that one body of text uses more than another:
`log_likelihood_ratio`.
"""
