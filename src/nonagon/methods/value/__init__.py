"""What customers are worth, how unevenly that is spread, and how long they stay.

Choosing: `rfm` and `abc_classes` sort customers by what they did; `customer_concentration`, `hhi` and
`market_share` say how much hangs on few; `at_risk` prices the loss of key customers with a known chance of
staying, `revenue_at_risk` by what such customers did before. `business_case` and `clv_simple` are arithmetic
on stated cash flows. Whether a customer will come back: `bg_nbd` (buys any day, may leave after a purchase;
the default), `pareto_nbd` (may leave at any moment), `bg_bb` (buys or not at fixed occasions); how many repeat
buyers are still there: `alive_share`; what a purchase will be worth: `gamma_gamma`; which part of a customer's
spending is ours: `wallet_allocation`. With contracts that are renewed each period: `sbg_retention`; with the
dates at which customers left: `kaplan_meier`.
"""
