"""Many pairs of items at once, against one query a pair."""

from pathlib import Path

import numpy as np

from builders.facts import facts_of
from nonagon.engine import answers


def test_many_pairs_are_the_same_as_each_alone(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    rows = [
        {"respondent_id": f"{wave}{at}", "wave": wave, "item": item, "value": float(random.integers(1, 4))}
        for wave in ("w1", "w2")
        for at in range(20)
        for item in ("a", "b", "c", "d")
        if random.random() < 0.8
    ]
    rows.append({"respondent_id": "w10", "wave": "w1", "item": "a", "value": 9.0, "subject": "rival"})
    facts = facts_of(tmp_path, answers=rows)
    found = answers.paired_counts(facts, [("a", "b"), ("c", "d")])
    for first, second in (("a", "b"), ("c", "d")):
        alone = answers.pair_counts(facts, first, second, by=("wave",))
        mine = found["item"] == first
        for name in ("wave", "first", "second", "n"):
            assert found[name][mine].tolist() == alone[name].tolist()
