"""What customers are worth, how unevenly that is spread, and how long they stay.

Choosing: `rfm` and `abc_classes` sort customers by what they did; `customer_concentration`, `hhi` and
`market_share` say how much hangs on few; `at_risk` prices the loss of a key customer. `business_case` and
`clv_simple` are arithmetic on stated cash flows. Whether a customer will come back: `bg_nbd` (buys any day,
may leave after a purchase; the default), `pareto_nbd` (may leave at any moment), `bg_bb` (buys or not at
fixed occasions); what a purchase will be worth: `gamma_gamma`. With contracts that are renewed each period:
`sbg_retention`; with the dates at which customers left: `kaplan_meier`.
"""
