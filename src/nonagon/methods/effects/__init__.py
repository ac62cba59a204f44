"""Effects: what an improvement did, and whether perception is falling.

Choosing. Everybody got it at one date and there is a long series: `interrupted_time_series`, with
`placebo_dates` (same file) and, before the start, `detectable_change`. Some got it and some did not:
`diff_in_diff` from four means of different people, `diff_in_diff_panel` and `pre_trend` (same file) from rows
of a panel. Who left between the waves: `composition` in the family survey. Watched daily for a fall:
`sequential_test`. A process series beside a perception series: `lag`. A plain yearly rise or fall:
`linear_trend`. What the effect is worth in money: `benefit`.
"""
