"""Which records of the customers table may be the same customer: records in, scored pairs out.

Probabilistic record linkage after I. P. Fellegi and A. B. Sunter, Journal of the American Statistical Association
64 (1969), 1183-1210, computed by Splink, which this module alone names. Each pair of records that agrees on one of
a fixed list of keys is compared column by column; every comparison falls into a level (the same, one letter off,
the same year, ...). The share of true pairs in each level (m) is estimated by expectation maximisation, the share
of other pairs (u) from all pairs of an evenly spread sample. The two give each pair a probability.

The sample, the rules and the levels depend on the records alone, never on chance or on their order, so the same
records give the same pairs, on DuckDB and on Spark; probabilities agree between the two to 1e-9.
Levenshtein's distance is the one measure of likeness that both engines have of their own.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.engine.backend import Backend
from nonagon.engine.facts import Facts
from nonagon.facts.schemas import ATTRIBUTE_PREFIX

if TYPE_CHECKING:
    import ibis.expr.types as ir

Kind = Literal["name", "given_name", "family_name", "email", "phone", "postcode", "birth_date", "place", "text"]
"""What a column holds, which decides how it is compared and which keys it gives."""

KINDS: tuple[Kind, ...] = get_args(Kind)

TELLING: tuple[Kind, ...] = ("name", "email", "phone", "postcode", "birth_date", "given_name", "family_name")
"""Kinds that tell people apart; at least two such columns are needed to learn from."""

RECORDS_IN_SAMPLE = 2_000
"""Records whose pairs, two million, give the shares of the levels among records of different people."""

LEAST_M = 0.01
"""The least share of true pairs in any level of a column: one error of each kind in a hundred."""

RECALL_OF_EXACT_PAIRS = 0.6
"""The share of the true pairs that are taken to agree exactly on two telling columns.

It moves the prior alone: 0.3 instead of 0.6 doubles the odds of each pair, beside weights of many thousands.
"""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records that may be the same customer, the likeliest first.

    first, second: customer ids, first < second as texts; probability: that both are the same customer, in the
    order of the arrays; records: how many were compared.
    """

    first: NDArray[np.object_]
    second: NDArray[np.object_]
    probability: NDArray[np.float64]
    records: int


def scored_pairs(facts: Facts, columns: Mapping[str, Kind], *, at_least: float = 0.01) -> Pairs:
    """The pairs of customers whose probability of being the same one is `at_least`, between 0 and 1.

    columns: attributes of the customers table (without their prefix) with the kind of each; at least two of a kind
    among `TELLING`. Raises ArgumentError for an unknown attribute or kind, NotEnoughData where fewer than two
    columns tell anything or the records are too few to learn from.
    """
    _check(facts, columns, at_least)
    table = facts.table("customers")
    plan = _Plan(tuple(columns.items()), _prepared(table, columns))
    records = facts.rows("customers")
    linker = _Linkage(facts, plan)
    try:
        first, second, probability = linker.pairs(at_least)
    finally:
        linker.close()
    order = np.lexsort((second, first, -probability))
    return Pairs(first[order], second[order], probability[order], records)


def records_of(facts: Facts, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """What the customers table holds of these records, as texts by attribute; unknown ids are left out.

    facts: opened with `resolved=False`, since people have one record each.
    """
    table = facts.table("customers")
    wanted = table.filter(table.customer_id.isin(list(ids)))
    names = facts.attributes("customers")
    found = facts.collect(
        wanted.select(
            "customer_id", **{f"a{at}": table[ATTRIBUTE_PREFIX + name] for at, name in enumerate(names)}
        ),
        order=["customer_id"],
    )
    return {
        str(own): {name: str(found[f"a{at}"][row] or "") for at, name in enumerate(names)}
        for row, own in enumerate(found["customer_id"])
    }


def _check(facts: Facts, columns: Mapping[str, Kind], at_least: float) -> None:
    if not 0 < at_least < 1:
        raise ArgumentError(f"at_least must lie between 0 and 1; got {at_least!r}")
    if not facts.has("customers"):
        raise NotEnoughData("finding duplicates needs the customers table; add a source for it to cycle.toml")
    have = facts.attributes("customers")
    for name, kind in columns.items():
        if name not in have:
            raise ArgumentError(
                f"identity.columns names {name!r}, which is no attribute of the customers "
                f"(known: {', '.join(sorted(have)) or 'none'}); add it to the attributes of their source"
            )
        if kind not in KINDS:
            raise ArgumentError(
                f"the kind of identity column {name!r} must be one of {', '.join(KINDS)}; got {kind!r}"
            )
    telling = [name for name, kind in columns.items() if kind in TELLING]
    if len(telling) < 2:
        raise NotEnoughData(
            f"finding duplicates needs at least two columns of the kinds {', '.join(TELLING)}; "
            f"got {', '.join(telling) or 'none'}"
        )


# --- records, made comparable -----------------------------------------------------------------------------


def _prepared(table: "ir.Table", columns: Mapping[str, Kind]) -> "ir.Table":
    """One row a record: id, and for each column its cleaned text c0, c1, ... with parts such as c0_last."""
    made: dict[str, Any] = {"id": table.customer_id}
    for at, (name, kind) in enumerate(columns.items()):
        cleaned = _cleaned(table[ATTRIBUTE_PREFIX + name], kind)
        made[f"c{at}"] = cleaned
        made |= {f"c{at}_{part}": value for part, value in _parts(cleaned, kind).items()}
    return table.select(**made)


def _cleaned(text: Any, kind: Kind) -> Any:
    """Small letters without signs; a phone number's last nine digits, which no country code changes."""
    small = text.lower().strip()
    if kind == "email":
        return small.nullif("")
    if kind == "phone":
        return small.re_replace("[^0-9]", "").right(9).nullif("")
    if kind == "postcode":
        return small.re_replace("[^a-z0-9]", "").nullif("")
    return small.re_replace(r"[^\p{L}\p{N}]+", " ").strip().nullif("")


def _parts(cleaned: Any, kind: Kind) -> dict[str, Any]:
    if kind == "name":
        first, last = cleaned.re_replace(" .*$", ""), cleaned.re_replace("^.* ", "")
        return {"first": first, "last": last}
    if kind == "email":
        return {"user": cleaned.re_replace("@.*$", "")}
    if kind == "postcode":
        return {"area": cleaned.left(3)}
    if kind == "birth_date":
        return {"year": cleaned.left(4)}
    return {}


# --- what is compared, and which pairs --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """Columns with their kinds, and the prepared records."""

    columns: tuple[tuple[str, Kind], ...]
    records: "ir.Table"

    def of(self, *kinds: Kind) -> list[str]:
        """The prepared columns of these kinds, in the order in which they were given."""
        return [f"c{at}" for at, (_, kind) in enumerate(self.columns) if kind in kinds]

    def alone(self) -> list[tuple[str, ...]]:
        """Keys that few records of different people share, so that each is enough to compare two records."""
        return [(column,) for column in self.of("name", "email", "phone", "postcode")]

    def together(self) -> list[tuple[str, ...]]:
        """Pairs of weaker keys of different columns. Two keys that both say where somebody lives are none."""
        people = [*(f"{one}_last" for one in self.of("name")), *self.of("family_name")]
        given = [*(f"{one}_first" for one in self.of("name")), *self.of("given_name")]
        born = self.of("birth_date")
        where = [*(f"{one}_area" for one in self.of("postcode")), *self.of("place")]
        found = [*_each(people, born), *_each(given, born), *_each(people, where), *_each(born, where)]
        return [*found, *_each(self.of("family_name"), self.of("given_name"))]

    def exact(self) -> list[tuple[str, ...]]:
        """Agreements that hardly happen by chance: e-mail or phone, or two other telling columns."""
        rest = self.of("name", "postcode", "birth_date", "given_name", "family_name")
        return [*((column,) for column in self.of("email", "phone")), *combinations(rest, 2)]

    def to_learn_from(self) -> list[tuple[str, ...]]:
        """Keys whose pairs teach the levels of all other columns; each column is left out of its own lesson.

        Exact agreements, since nearly all of their pairs are true ones. Among all who share a name, say, the
        likelihood may be highest when all bearers of a name are taken for one person. Where these keys leave a
        telling column untaught, the telling columns one by one.
        """
        keys = self.exact()
        taught = {one for key in keys for one in self.of(*TELLING) if one not in key}
        return keys if taught >= set(self.of(*TELLING)) else [(one,) for one in self.of(*TELLING)]


def _each(some: Sequence[str], others: Sequence[str]) -> list[tuple[str, ...]]:
    return [(one, other) for one in some for other in others]


class _Linkage:
    """Splink over the prepared records, on the engine that the facts are open in."""

    def __init__(self, facts: Facts, plan: _Plan) -> None:
        self._facts, self._plan = facts, plan
        self._backend = facts.opened()
        self._api = _splink_on(self._backend)
        self._name = self._backend.keep("identity_records", plan.records)
        every = max(1, -(-facts.rows("customers") // RECORDS_IN_SAMPLE))
        self._sampled = -(-facts.rows("customers") // every)
        self._sample = self._backend.keep("identity_sample", _spread(plan.records, every))

    def pairs(self, at_least: float) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
        """Ids and probabilities, in no certain order."""
        with _quietly():
            model = self._shares_among_others()
            if not self._learn(model):
                nobody = np.empty(0, dtype=object)
                return nobody, nobody, np.empty(0)
            _complete(model, self._sampled)
            scored = self._linker(self._name, model).inference.predict(threshold_match_probability=at_least)
            rows = self._backend.kept(scored.physical_name)
        left, right = (np.array(rows.column(f"id_{side}").to_pylist(), dtype=object) for side in "lr")
        swapped = left > right
        probability = np.asarray(rows.column("match_probability").to_numpy(zero_copy_only=False), dtype=np.float64)
        return np.where(swapped, right, left), np.where(swapped, left, right), probability

    def _shares_among_others(self) -> dict[str, Any]:
        """The model with u from all pairs of the sample: among so many, true pairs hardly count."""
        linker = self._linker(self._sample, self._settings())
        linker.training.estimate_u_using_random_sampling(max_pairs=1e12, min_count_per_level=None, num_chunks=1)
        return dict(linker.misc.save_model_to_json())

    def _learn(self, model: dict[str, Any]) -> bool:
        """Puts the prior and m into the model; False where no two records agree on enough to learn anything."""
        prior = self._prior(model)
        lessons = [lesson for key in self._plan.to_learn_from() if (lesson := self._lesson(model, key))]
        if not prior or not lessons:
            return False
        model["probability_two_random_records_match"] = prior
        for at, comparison in enumerate(model["comparisons"]):
            taught = [lesson[at] for lesson in lessons if lesson[at]]
            levels = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
            for place, level in enumerate(levels):
                level["m_probability"] = sum(one[place] for one in taught) / len(taught) if taught else 0.0
        return True

    def _prior(self, model: dict[str, Any]) -> float:
        """The share of the true pairs among all pairs, from those that agree exactly; 0 where none does."""
        from splink import block_on  # noqa: PLC0415

        linker = self._linker(self._name, model)
        rules = [block_on(*key) for key in self._plan.exact()]
        try:
            linker.training.estimate_probability_two_random_records_match(rules, recall=RECALL_OF_EXACT_PAIRS)
        except ValueError as error:
            raise NotEnoughData(
                "nearly all records agree with one another on the identity columns, so nothing can be learnt "
                "from them; name columns that tell people apart"
            ) from error
        return float(linker.misc.save_model_to_json()["probability_two_random_records_match"])

    def _lesson(self, model: dict[str, Any], key: tuple[str, ...]) -> list[list[float]]:
        """m of each level of each column as the pairs with this key teach it; nothing for the key's own columns.

        Empty where no two records share the key. Each lesson has a linker of its own, since Splink leaves one that
        found no pairs half changed.
        """
        from splink import block_on  # noqa: PLC0415
        from splink.internals.exceptions import EMTrainingException  # noqa: PLC0415

        linker = self._linker(self._name, model)
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
        except EMTrainingException:
            return []
        return [
            []
            if one["output_column_name"] in key
            else [
                float(level.get("m_probability") or 0.0)
                for level in one["comparison_levels"]
                if not level.get("is_null_level")
            ]
            for one in linker.misc.save_model_to_json()["comparisons"]
        ]

    def _linker(self, table: str, settings: Any) -> Any:
        from splink import Linker  # noqa: PLC0415

        return Linker(self._api.register(table), settings, log_level=None, validate_settings=False)

    def _settings(self) -> Any:
        from splink import SettingsCreator, block_on  # noqa: PLC0415

        return SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="id",
            comparisons=[_comparison(f"c{at}", kind) for at, (_, kind) in enumerate(self._plan.columns)],
            blocking_rules_to_generate_predictions=[
                block_on(*key) for key in (*self._plan.alone(), *self._plan.together())
            ],
            retain_matching_columns=False,
            retain_intermediate_calculation_columns=False,
        )

    def close(self) -> None:
        """Drops what was made on the way."""
        self._api.delete_tables_created_by_splink_from_db()
        for name in (self._name, self._sample):
            self._backend.drop(name)


@contextmanager
def _quietly() -> Iterator[None]:
    """Splink's remarks are for who tunes a model by hand; here the rules are fixed, and what matters is raised."""
    log = logging.getLogger("splink")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


def _splink_on(backend: Backend) -> Any:
    """Splink's door to the engine. Of Spark it needs no functions beyond Spark's own, so no jar."""
    if backend.dialect == "duckdb":
        from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415

        return DuckDBAPI(connection=backend.native)
    from splink.backends.spark import SparkAPI  # noqa: PLC0415

    door: Any = SparkAPI  # which says nothing of its types
    return door(spark_session=backend.native, break_lineage_method="persist", register_udfs_automatically=False)


def _spread(records: "ir.Table", every: int) -> "ir.Table":
    """Each so-manieth record in the order of ids: the same sample on every engine."""
    import ibis  # noqa: PLC0415

    numbered = records.mutate(place=ibis.row_number().over(order_by="id"))
    return numbered.filter(numbered.place % every == 0).drop("place")


def _complete(model: dict[str, Any], sampled: int) -> None:
    """Gives the model a share for every level, also for those that nothing was seen in.

    Splink would let such a level say nothing, neither for nor against: where no true pair was seen with different
    birth dates, different birth dates would be no reason to doubt. m: one true pair in a hundred at least; u: half
    a pair of the sample at least. The shares of a column add up to one again.
    """
    least = {"m_probability": LEAST_M, "u_probability": 1 / (sampled * max(1, sampled - 1))}
    for comparison in model["comparisons"]:
        levels = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
        for share, floor in least.items():
            found = [max(float(one.get(share) or 0.0), floor) for one in levels]
            for one, value in zip(levels, found, strict=True):
                one[share] = value / sum(found)


def _comparison(column: str, kind: Kind) -> Any:
    """The levels of one column, the surest first."""
    import splink.comparison_level_library as levels  # noqa: PLC0415
    from splink.comparison_library import CustomComparison  # noqa: PLC0415

    same = levels.ExactMatchLevel(column, term_frequency_adjustments=kind not in {"email", "phone", "birth_date"})
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            same,
            *(levels.CustomLevel(condition) for condition in _near(column, kind)),
            levels.ElseLevel(),
        ],
    )


def _near(column: str, kind: Kind) -> list[str]:
    """Conditions for nearly the same, in falling order."""

    def distance(most: int) -> str:
        return f"levenshtein({column}_l, {column}_r) <= {most}"

    def part(name: str) -> str:
        return f"{column}_{name}_l = {column}_{name}_r"

    near: dict[str, list[str]] = {
        "name": [distance(1), distance(3), part("last"), part("first")],
        "given_name": [distance(1), distance(2)],
        "family_name": [distance(1), distance(2)],
        "email": [part("user"), distance(2)],
        "phone": [distance(1)],
        "postcode": [distance(1), part("area")],
        "birth_date": [distance(1), part("year")],
        "place": [distance(2)],
        "text": [],
    }
    return near[kind]
