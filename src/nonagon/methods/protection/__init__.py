"""Protection of small groups: no result of fewer than a set number of persons is shown, nor can be computed.

Choosing: `suppression` for one breakdown whose total is shown too; `suppression_table` (same file) for a table
with row and column totals; `differencing` before a further filter or export is shown beside earlier ones;
`growth_allowed` (same file) before a result is published anew after more answers came in.
"""
