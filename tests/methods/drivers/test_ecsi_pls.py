"""The path model: against a plain iteration over rows, its invariances and its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.drivers.ecsi_pls import Scheme, ecsi_pls

BLOCKS = {"image": ["i1", "i2"], "value": ["v1", "v2", "v3"], "loyalty": ["l1", "l2"]}
PATHS = [("image", "value"), ("image", "loyalty"), ("value", "loyalty")]


def made(seed: int, n: int = 80) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    image = random.normal(size=n)
    value = 0.6 * image + random.normal(size=n)
    loyalty = 0.3 * image + 0.5 * value + random.normal(size=n)
    of_block = {"i": image, "v": value, "l": loyalty}
    names = [item for members in BLOCKS.values() for item in members]
    return {name: of_block[name[0]] + 0.6 * random.normal(size=n) for name in names}


def by_rows(items: dict[str, np.ndarray]) -> dict[tuple[str, str], float]:
    """Independent computation: the centroid scheme iterated on the rows themselves, to convergence."""
    columns = {name: (v - v.mean()) / v.std() for name, v in items.items()}
    scores = {b: sum(columns[i] for i in members) for b, members in BLOCKS.items()}
    linked = {b: [c if e == b else e for c, e in PATHS if b in {c, e}] for b in BLOCKS}
    for _ in range(300):
        scores = {b: s / s.std() for b, s in scores.items()}
        inner = {b: sum(np.sign(scores[b] @ scores[o]) * scores[o] for o in linked[b]) for b in BLOCKS}
        scores = {b: sum((columns[i] @ inner[b]) * columns[i] for i in members) for b, members in BLOCKS.items()}
    scores = {b: s / s.std() for b, s in scores.items()}
    found = {}
    for effect in ("value", "loyalty"):
        causes = [c for c, e in PATHS if e == effect]
        beta = np.linalg.lstsq(np.column_stack([scores[c] for c in causes]), scores[effect], rcond=None)[0]
        found |= {(c, effect): float(b) for c, b in zip(causes, beta, strict=True)}
    return found


def test_against_a_plain_iteration_over_rows() -> None:
    items = made(1)
    result = ecsi_pls(items=items, blocks=BLOCKS, paths=PATHS, tolerance=1e-20)
    assert result.paths == pytest.approx(by_rows(items), abs=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["centroid", "factorial", "path"]))
def test_scale_of_items_changes_nothing(seed: int, scheme: Scheme) -> None:
    items = made(seed)
    one = ecsi_pls(items=items, blocks=BLOCKS, paths=PATHS, scheme=scheme)
    scaled = {name: 5 + 3 * v for name, v in items.items()}
    other = ecsi_pls(items=scaled, blocks=BLOCKS, paths=PATHS, scheme=scheme)
    assert other.paths == pytest.approx(one.paths, abs=1e-9)
    assert np.all(np.abs(one.loadings) <= 1 + 1e-9)
    assert one.gof is not None
    assert 0 <= one.gof <= 1
    assert all(0 <= r2 <= 1 for r2 in one.r2.values())
    assert set(one.r2) == {"value", "loyalty"}


def test_blocks_of_one_item_are_regression() -> None:
    """With single items the model is plain regression on standardised columns."""
    items = made(4)
    blocks = {"image": ["i1"], "value": ["v1"], "loyalty": ["l1"]}
    result = ecsi_pls(items=items, blocks=blocks, paths=PATHS)
    z = {name: (items[name] - items[name].mean()) / items[name].std() for name in ("i1", "v1", "l1")}
    beta = np.linalg.lstsq(np.column_stack([z["i1"], z["v1"]]), z["l1"], rcond=None)[0]
    assert [result.paths["image", "loyalty"], result.paths["value", "loyalty"]] == pytest.approx(beta)
    assert result.gof is None


def test_formative_block_is_the_best_predictor() -> None:
    """Two blocks, the first formative: R² is that of regressing the second's score on the items."""
    items = made(5)
    blocks = {"value": BLOCKS["value"], "loyalty": ["l1"]}
    result = ecsi_pls(
        items=items, blocks=blocks, paths=[("value", "loyalty")], modes={"value": "B"}, tolerance=1e-18
    )
    design = np.column_stack([np.ones(80), *(items[i] for i in BLOCKS["value"])])
    left = items["l1"] - design @ np.linalg.lstsq(design, items["l1"], rcond=None)[0]
    assert result.r2["loyalty"] == pytest.approx(1 - left.var() / items["l1"].var())


def test_index_and_intervals() -> None:
    random = np.random.default_rng(2)
    items = {name: np.clip(np.round(7 + v), 1, 10) for name, v in made(6, 150).items()}
    result = ecsi_pls(
        items=items, blocks=BLOCKS, paths=PATHS, scale=(1, 10), draws=200, seed=int(random.integers(9))
    )
    assert result.index_low is not None
    assert result.index_high is not None
    assert result.path_low is not None
    assert result.path_high is not None
    for block, value in result.index.items():
        assert value == pytest.approx(100 * (result.mean_score[block] - 1) / 9)
        assert result.index_low[block] <= value <= result.index_high[block]
    for path, value in result.paths.items():
        assert result.path_low[path] <= value <= result.path_high[path]
    assert "strongest path" in result.describe()


def test_messages() -> None:
    items = made(0)
    with pytest.raises(ArgumentError, match="circle"):
        ecsi_pls(items=items, blocks=BLOCKS, paths=[*PATHS, ("loyalty", "image")])
    with pytest.raises(ArgumentError, match="must name items that exist"):
        ecsi_pls(items=items, blocks={"image": ["nothing"]}, paths=PATHS)
    with pytest.raises(ArgumentError, match="from one block to another"):
        ecsi_pls(items=items, blocks=BLOCKS, paths=[("image", "price")])
    with pytest.raises(NotEnoughData, match="never varies"):
        ecsi_pls(items=items | {"i1": np.ones(80)}, blocks=BLOCKS, paths=PATHS)
