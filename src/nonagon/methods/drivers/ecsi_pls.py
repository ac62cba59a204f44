"""The satisfaction model: image, expectations, quality, value, satisfaction, loyalty, by PLS path modelling.

Question: what drives satisfaction, what follows from it, and how high is the index that the model yields?
Used by: step 9 (index with weights), step 3 (what carries satisfaction).
Source: H. Wold (1982); J.-B. Lohmöller (1989); M. Tenenhaus, V. Esposito Vinzi, Y.-M. Chatelin, C. Lauro,
Computational Statistics & Data Analysis 48 (2005), 159-205.
Checked against: R's plspm (tests/reference).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, one_of, real_array, same_length
from nonagon.methods.drivers.driver_importance import bias_corrected

Scheme = Literal["centroid", "factorial", "path"]
Mode = Literal["A", "B"]
# How many resampled models are iterated at once.
MODELS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EcsiPls:
    """A fitted path model over blocks of items.

    blocks: the block of each item; items: their names in the model's order; weights: outer weights that give
    each block's score variance 1 (divisor n) from standardised items, as iterated; loadings: correlation of
    each item with its block's score. paths: (cause, effect) -> standardised coefficient; r2: effect -> share
    of variance its causes account for; ave: block -> mean squared loading. gof: Tenenhaus' goodness of fit
    (blocks of one item left out of the communality), or None where no block has two items. mean_score: block
    -> mean of its items, weighted by normalised weights, on the items' own scale; index: block -> the same
    from 0 to 100. low, high, path_low, path_high: bootstrap intervals, or None where draws is 0. scheme,
    iterations: as used.
    """

    n: float
    items: tuple[str, ...]
    blocks: tuple[str, ...]
    weights: Floats
    loadings: Floats
    paths: Mapping[tuple[str, str], float]
    r2: Mapping[str, float]
    ave: Mapping[str, float]
    gof: float | None
    mean_score: Mapping[str, float]
    index: Mapping[str, float]
    index_low: Mapping[str, float] | None
    index_high: Mapping[str, float] | None
    path_low: Mapping[tuple[str, str], float] | None
    path_high: Mapping[tuple[str, str], float] | None
    confidence: float
    draws: int
    scheme: Scheme
    iterations: int

    def describe(self) -> str:
        """One sentence with the caveat."""
        (cause, effect), size = max(self.paths.items(), key=lambda one: abs(one[1]))
        return (
            f"The strongest path leads from {cause} to {effect} ({size:+.2f}); the causes account for "
            f"{self.r2[effect]:.0%} of {effect} (n = {self.n:g}), if the paths drawn are the right ones."
        )


def ecsi_pls(
    *,
    items: Mapping[str, ArrayLike],
    blocks: Mapping[str, Sequence[str]],
    paths: Sequence[tuple[str, str]],
    scheme: Scheme = "centroid",
    modes: Mapping[str, Mode] | None = None,
    scale: tuple[float, float] | None = None,
    tolerance: float = 1e-6,
    most_iterations: int = 300,
    draws: int = 0,
    confidence: float = 0.95,
    seed: int = 0,
) -> EcsiPls:
    """Partial least squares path model from rows of answers.

    items: name -> n answers, no gaps. blocks: block -> names of its items. paths: (cause, effect) pairs of
    blocks, without circles. scheme: of the inner weights. modes: "A" (reflective, the default) or "B"
    (formative) a block. scale: lowest and highest possible answer, for the index 0 to 100; None for the
    smallest and largest answer seen. tolerance: stop when the squared change of the outer weights' sizes sums
    to less (plspm's rule). draws: bootstrap samples of people for the intervals (0 for none). Everything
    follows from the items' means and covariances. A block's score is turned so that most of its items load
    positively (a tie turns it too, as in plspm); weights are reported as iterated, before turning.
    Raises ArgumentError for unknown names or circles, NotEnoughData for items that never vary.

    >>> answers = {"a": [1, 2, 3, 4, 5], "b": [2, 1, 4, 3, 5], "c": [1, 3, 2, 5, 4]}
    >>> result = ecsi_pls(items=answers, blocks={"quality": ["a", "b"], "satisfaction": ["c"]},
    ...                   paths=[("quality", "satisfaction")])
    >>> round(result.paths["quality", "satisfaction"], 3)
    0.692
    """
    one_of("scheme", scheme, ("centroid", "factorial", "path"))
    fraction("confidence", confidence)
    at_least("draws", draws, 0)
    columns = {name: real_array(f"items[{name}]", values, ndim=1) for name, values in items.items()}
    model = _Model.of(columns, blocks, paths, scheme, modes or {})
    n = same_length(**columns)
    if n < 3:
        raise NotEnoughData(f"items must hold at least 3 answers; got {n}")
    table = np.stack([columns[name] for name in model.items])
    centred = table - table.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / n
    flat = np.diag(covariance) <= 0
    if flat.any():
        raise NotEnoughData(f"items[{model.items[int(np.argmax(flat))]}] never varies: leave it out")
    ends = (float(table.min()), float(table.max())) if scale is None else scale
    point = model.solve(covariance[None], table.mean(axis=1)[None], tolerance, most_iterations)
    if not point.converged[0]:
        raise NotEnoughData(
            f"the weights did not settle in {most_iterations} iterations; check the blocks or raise it"
        )
    index_ends = path_ends = None
    if draws:
        drawn = _resample(model, table, point, draws, seed, tolerance, most_iterations)
        index_ends = bias_corrected(point.index(ends)[0], drawn.index(ends), confidence)
        path_ends = bias_corrected(point.path_values[0], drawn.path_values, confidence)
    names = model.names
    return EcsiPls(
        n=n,
        items=model.items,
        blocks=tuple(names[b] for b in model.block_of),
        weights=point.weights[0],
        loadings=point.loadings[0],
        paths=dict(zip(model.paths, point.path_values[0].tolist(), strict=True)),
        r2={names[b]: float(point.r2[0, b]) for b in model.effects},
        ave={name: float(np.mean(point.loadings[0, model.block_of == b] ** 2)) for b, name in enumerate(names)},
        gof=model.goodness(point.loadings[0], point.r2[0]),
        mean_score=dict(zip(names, point.mean_score[0].tolist(), strict=True)),
        index=dict(zip(names, point.index(ends)[0].tolist(), strict=True)),
        index_low=None if index_ends is None else dict(zip(names, index_ends[0].tolist(), strict=True)),
        index_high=None if index_ends is None else dict(zip(names, index_ends[1].tolist(), strict=True)),
        path_low=None if path_ends is None else dict(zip(model.paths, path_ends[0].tolist(), strict=True)),
        path_high=None if path_ends is None else dict(zip(model.paths, path_ends[1].tolist(), strict=True)),
        confidence=confidence,
        draws=draws,
        scheme=scheme,
        iterations=point.iterations,
    )


@dataclass(frozen=True, slots=True)
class _Solved:
    """Solutions of a stack of models."""

    weights: Floats
    loadings: Floats
    path_values: Floats
    r2: Floats
    mean_score: Floats
    converged: NDArray[np.bool_]
    iterations: int

    def index(self, ends: tuple[float, float]) -> Floats:
        """Mean scores from 0 to 100."""
        return np.asarray(100 * (self.mean_score - ends[0]) / (ends[1] - ends[0]))


@dataclass(frozen=True, slots=True)
class _Model:
    """The structure: which item is in which block, which block acts on which."""

    names: tuple[str, ...]
    items: tuple[str, ...]
    block_of: NDArray[np.intp]
    paths: tuple[tuple[str, str], ...]
    acts: Floats
    scheme: Scheme
    formative: tuple[bool, ...]

    @classmethod
    def of(
        cls,
        columns: Mapping[str, Floats],
        blocks: Mapping[str, Sequence[str]],
        paths: Sequence[tuple[str, str]],
        scheme: Scheme,
        modes: Mapping[str, Mode],
    ) -> "_Model":
        """Checks names and that no block acts on itself through others."""
        names = tuple(blocks)
        for block, members in blocks.items():
            unknown = [item for item in members if item not in columns]
            if unknown or not members:
                raise ArgumentError(f"blocks[{block}] must name items that exist; got {list(members)!r}")
        acts = np.zeros((len(names), len(names)))
        for cause, effect in paths:
            if cause not in names or effect not in names or cause == effect:
                raise ArgumentError(f"paths must lead from one block to another; got {(cause, effect)!r}")
            acts[names.index(effect), names.index(cause)] = 1.0
        if not acts.any():
            raise ArgumentError("paths must hold at least one path; got none")
        if np.trace(np.linalg.matrix_power(acts + np.eye(len(names)), len(names)) - np.eye(len(names))) > 0:
            raise ArgumentError("paths must not run in a circle; got one that does")
        for block, mode in modes.items():
            one_of(f"modes[{block}]", mode, ("A", "B"))
        pairs = [(block, item) for block, members in blocks.items() for item in members]
        return cls(
            names=names,
            items=tuple(item for _, item in pairs),
            block_of=np.array([names.index(block) for block, _ in pairs]),
            paths=tuple((names[c], names[e]) for e in range(len(names)) for c in range(len(names)) if acts[e, c]),
            acts=acts,
            scheme=scheme,
            formative=tuple(modes.get(name, "A") == "B" for name in names),
        )

    @property
    def effects(self) -> list[int]:
        """Blocks that others act on."""
        return [int(b) for b in np.flatnonzero(self.acts.any(axis=1))]

    def solve(self, covariance: Floats, mean: Floats, tolerance: float, most: int) -> _Solved:
        """Iterates a stack of models (stack x items x items) to their weights, from covariances with divisor n."""
        sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        r = covariance / (sd[:, :, None] * sd[:, None, :])
        member = np.eye(len(self.names))[self.block_of]
        w = np.broadcast_to(member, (len(r), *member.shape)).copy()
        old = np.abs(_standard(w, r)[:, np.arange(len(member)), self.block_of])
        done = np.zeros(len(r), dtype=bool)
        final = w.copy()
        for iteration in range(1, most + 1):  # noqa: B007
            scored = _standard(w, r)
            among = scored.transpose(0, 2, 1) @ r @ scored
            towards = r @ scored @ self._inner(among) * member
            for b in np.flatnonzero(self.formative):
                rows = np.flatnonzero(self.block_of == b)
                own = r[:, rows[:, None], rows[None, :]]
                towards[:, rows, b] = np.linalg.solve(own, towards[:, rows, b][..., None])[..., 0]
            w = towards
            new = np.abs(w[:, np.arange(len(member)), self.block_of])
            settled = ((new - old) ** 2).sum(axis=1) < tolerance
            final = np.where((settled & ~done)[:, None, None], w, final)
            done |= settled
            old = new
            if done.all():
                break
        final = np.where(done[:, None, None], final, w)
        return self._finish(_standard(final, r), r, mean, done, iteration)

    def _inner(self, among: Floats) -> Floats:
        """Inner weights: column b holds what block b takes from the others."""
        linked = self.acts + self.acts.T
        if self.scheme == "centroid":
            return np.asarray(np.sign(among) * linked)
        if self.scheme == "factorial":
            return np.asarray(among * linked)
        taken = np.zeros_like(among)
        for b in range(len(self.names)):
            causes = np.flatnonzero(self.acts[b])
            if len(causes):
                own = among[:, causes[:, None], causes[None, :]]
                taken[:, causes, b] = np.linalg.solve(own, among[:, causes, b][..., None])[..., 0]
            follows = np.flatnonzero(self.acts[:, b])
            taken[:, follows, b] = among[:, follows, b]
        return taken

    def _finish(
        self,
        w: Floats,
        r: Floats,
        mean: Floats,
        done: NDArray[np.bool_],
        iterations: int,
    ) -> _Solved:
        own = (slice(None), np.arange(len(self.items)), self.block_of)
        member = np.eye(len(self.names))[self.block_of]
        sign = np.where(np.sign((r @ w)[own]) @ member > 0, 1.0, -1.0)
        turned = w * sign[:, None, :]
        among = turned.transpose(0, 2, 1) @ r @ turned
        weights, loadings = w[own], (r @ turned)[own]
        coefficients = np.zeros_like(among)
        r2 = np.zeros((len(r), len(self.names)))
        for b in self.effects:
            causes = np.flatnonzero(self.acts[b])
            system = among[:, causes[:, None], causes[None, :]]
            beta = np.linalg.solve(system, among[:, causes, b][..., None])[..., 0]
            coefficients[:, b, causes] = beta
            r2[:, b] = (beta * among[:, causes, b]).sum(axis=1)
        values = [
            coefficients[:, self.names.index(effect), self.names.index(cause)] for cause, effect in self.paths
        ]
        total = weights @ member
        # Weights of mixed sign can cancel: the block's mean score then falls back on equal weights.
        mixed = np.abs(total) < 1e-8
        share = np.where(mixed[:, self.block_of], 1.0, weights)
        share = share / (share @ member)[:, self.block_of]
        return _Solved(weights, loadings, np.stack(values, axis=1), r2, (mean * share) @ member, done, iterations)

    def goodness(self, loadings: Floats, r2: Floats) -> float | None:
        """Root of the mean communality of items in blocks of two or more, times the mean R² of the effects."""
        sizes = np.bincount(self.block_of)
        counted = sizes[self.block_of] > 1
        if not counted.any():
            return None
        return float(np.sqrt(np.mean(loadings[counted] ** 2) * np.mean(r2[self.effects])))


def _standard(w: Floats, r: Floats) -> Floats:
    """Weights scaled so that each block's score has variance 1."""
    variance = np.einsum("nib,nib->nb", w, r @ w)
    return np.asarray(w / np.sqrt(np.maximum(variance, 1e-300))[:, None, :])


def _resample(
    model: _Model, table: Floats, point: _Solved, draws: int, seed: int, tolerance: float, most: int
) -> _Solved:
    """The model over resampled people: all covariances from one product of counts and products."""
    random = np.random.default_rng(seed)
    size, n = table.shape
    centre = table.mean(axis=1)
    centred = table - centre[:, None]
    products = (centred[:, None] * centred[None]).reshape(size * size, n)
    parts: list[_Solved] = []
    for start in range(0, draws, MODELS_AT_ONCE):
        count = min(MODELS_AT_ONCE, draws - start)
        times = random.multinomial(n, np.full(n, 1 / n), size=count).astype(np.float64)
        mean = times @ centred.T / n
        covariance = (times @ products.T / n).reshape(count, size, size) - mean[:, :, None] * mean[:, None, :]
        usable = np.all(np.diagonal(covariance, axis1=1, axis2=2) > 0, axis=1)
        parts.append(model.solve(covariance[usable], (mean + centre)[usable], tolerance, most))
    # A sample's block may come out with its sign turned: turn its paths back.
    member = np.eye(len(model.names))[model.block_of]
    joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("weights", "loadings")]
    sign = np.where((joined[1] * point.loadings[0]) @ member < 0, -1.0, 1.0)
    turned = np.stack(
        [sign[:, model.names.index(c)] * sign[:, model.names.index(e)] for c, e in model.paths], axis=1
    )
    return _Solved(
        weights=joined[0],
        loadings=joined[1],
        path_values=np.concatenate([part.path_values for part in parts]) * turned,
        r2=np.concatenate([part.r2 for part in parts]),
        mean_score=np.concatenate([part.mean_score for part in parts]),
        converged=np.concatenate([part.converged for part in parts]),
        iterations=max(part.iterations for part in parts),
    )
