"""Columns in which texts repeat much: each different text is kept, and judged, once."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nonagon.imports.records import cell_name

if TYPE_CHECKING:
    import polars as pl

# Texts repeat much where the different ones make up at most this share of the cells.
FEW = 0.1


@dataclass(slots=True)
class Repeated:
    """What is known of the columns of one part, by position: whether their texts repeat much."""

    known: dict[int, bool] = field(default_factory=dict)

    def series(self, place: int, cells: Any) -> "pl.Series":
        """A column as polars: texts that repeat much as Enum, others as String, everything else as it is.

        cells: an Arrow array; of texts or, where they are known to repeat, also of a dictionary.

        >>> import pyarrow as pa
        >>> Repeated().series(0, pa.array(["w1", "w2"] * 10)).dtype
        Enum(categories=['w1', 'w2'])
        """
        import polars as pl
        import pyarrow as pa

        name = cell_name(place)
        is_coded = pa.types.is_dictionary(cells.type)
        if not pa.types.is_string(cells.type.value_type if is_coded else cells.type):
            return pl.Series(name, pl.from_arrow(cells))
        if place not in self.known:
            self.known[place] = len(cells) > 0 and len(cells.unique()) <= FEW * len(cells)
        if not self.known[place]:
            return pl.Series(name, pl.from_arrow(cells))
        coded = cells if is_coded else cells.dictionary_encode()
        found = _as_enum(name, coded)
        if len(coded.dictionary) > max(2 * FEW * len(coded), 1000):
            self.known[place] = False
            return found.cast(pl.String)
        return found


def _as_enum(name: str, coded: Any) -> "pl.Series":
    import polars as pl

    texts = pl.Series(pl.from_arrow(coded.dictionary), dtype=pl.String)
    size = pl.UInt8 if texts.len() < 1 << 8 else pl.UInt16 if texts.len() < 1 << 16 else pl.UInt32
    return pl.Series(name, pl.from_arrow(coded.indices)).cast(size).cat.to(pl.Enum(texts))
