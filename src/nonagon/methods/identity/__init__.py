"""Identity: which records are one customer.

Choosing. From scored pairs and people's verdicts to customers: `clusters`. Ids that outlive new records and
merges: `stable_ids`. How good the result is where the truth is known: `pair_accuracy`.
"""
