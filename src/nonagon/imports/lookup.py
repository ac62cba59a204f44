"""The files that columns are looked up in: each opened and read once, however many columns look into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.files import NoFile, matching
from nonagon.imports.headers import Ambiguous, NotFound, position_of
from nonagon.imports.mapping import Lookup, Source
from nonagon.imports.readers import open_parts, reader_of
from nonagon.imports.records import Damaged, Part
from nonagon.imports.rules import as_text

if TYPE_CHECKING:
    import polars as pl

KEY, TAKEN = "key", "taken"


class CannotLookUp(Exception):
    """A look into another file that cannot be; the message goes on where "survey.csv looks into ..." began."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"looks into {file}, which {problem}")


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file that is looked into.

    part: its header; frame: the columns that somebody looks for, None where only the header was read;
    notices: what a person should know of its records.
    """

    part: Part
    frame: "pl.DataFrame | None"
    notices: tuple[str, ...] = ()


class Lookups:
    """The files that the sources look into, each read once and only in the columns that somebody looks for.

    sources: by their names in cycle.toml; folder: what the files are relative to; deep: whether to read
    their records and not only their headers.
    """

    def __init__(self, sources: Mapping[str, Source], folder: Path, *, deep: bool) -> None:
        self._folder, self._deep = folder, deep
        self._looks: dict[str, list[Lookup]] = {}
        for source in sources.values():
            for _, _, form in source.lookups():
                self._looks.setdefault(form.file, []).append(form)
        self._opened: dict[str, OtherFile | CannotLookUp | None] = {}

    def open(self, file: str) -> OtherFile | None:
        """The file; None where its header cannot be read quickly and nobody wants its records.

        Raises CannotLookUp where the file is not there, cannot be read, or lacks a column.
        """
        if file not in self._opened:
            try:
                self._opened[file] = self._open(file)
            except CannotLookUp as problem:
                self._opened[file] = problem
        found = self._opened[file]
        if isinstance(found, CannotLookUp):
            raise found
        return found

    def notices(self, source: Source) -> Iterator[str]:
        """What a person should know of the files that a source looks into."""
        for file in dict.fromkeys(form.file for _, _, form in source.lookups()):
            found = self._opened.get(file)
            if isinstance(found, OtherFile):
                yield from found.notices

    def _open(self, file: str) -> OtherFile | None:
        path = path_of(file, self._folder)
        # Nothing is said about how the file is written: its ending and its bytes say it.
        plain = Source.model_validate({"table": "customers", "files": file})
        try:
            if not self._deep and reader_of(file, plain) != "csv":
                return None
            part = open_parts(path, file, plain)[0]
            wanted = self._wanted(file, part)
            return self._read(part, wanted) if self._deep else OtherFile(part, None)
        except Unreadable as problem:
            raise CannotLookUp(file, str(problem)) from problem

    def _wanted(self, file: str, part: Part) -> list[int]:
        """The positions of all columns that somebody matches or takes."""
        places = set()
        for form in self._looks.get(file, ()):
            for names in (form.match, *(taken.names for taken in form.take.sources())):
                try:
                    places.add(position_of(names, part.header))
                except (NotFound, Ambiguous):
                    continue  # said where the form is bound, with the name of its column
        return sorted(places)

    def _read(self, part: Part, wanted: list[int]) -> OtherFile:
        import polars as pl

        frames: list[pl.DataFrame] = []
        damaged: list[Damaged] = []
        for chunk in part.chunks(wanted):
            frames.append(chunk.plain)
            damaged.extend(chunk.damaged)
        if part.unclosed:
            problem = f"has a quote that opens in line {part.unclosed[0]} and is never closed; close it"
            raise CannotLookUp(part.file, problem)
        frame = pl.concat(frames, how="vertical_relaxed")
        if not damaged:
            return OtherFile(part, frame)
        first = damaged[0]
        notice = (
            f"{part.file}: {len(damaged)} records cannot be split into cells and are never found, "
            f"first line {first.line}: {first.reason}"
        )
        return OtherFile(part, frame, (notice,))


def path_of(file: str, folder: Path) -> Path:
    """The one file of that name in the data folder. Raises CannotLookUp where there is none, or several."""
    try:
        found = matching([file], folder)
    except NoFile as problem:
        raise CannotLookUp(file, f"cannot be opened: {problem}") from problem
    if len(found) > 1:
        raise CannotLookUp(file, f"means {len(found)} files; name one")
    return found[0][1]


def by_key(file: str, keys: "pl.Series", values: "pl.Series", lines: "pl.Series") -> "pl.DataFrame":
    """What stands under each key: the columns `key` and `taken`, each key once.

    keys: texts, null where blank; values: what is taken; lines: of the records, for the message. A key may repeat
    as long as the same is taken. Raises CannotLookUp where it is not: which one counts cannot be told.

    >>> import polars as pl
    >>> by_key("a.csv", pl.Series(["x", None, "x"]), pl.Series([1, 2, 1]), pl.Series([2, 3, 4])).rows()
    [('x', 1)]
    """
    import polars as pl

    frame = pl.DataFrame({KEY: keys, TAKEN: values, "text": as_text(values), "line": lines})
    frame = frame.filter(pl.col(KEY).is_not_null())
    # Blanks differ from texts, so they must not fall out of the count.
    different = pl.col("text").fill_null("").n_unique().over(KEY) > 1
    clash = frame.filter(different)
    if clash.height:
        key = clash[KEY][0]
        rows = clash.filter(pl.col(KEY) == key).unique("text", keep="first", maintain_order=True)
        shown = " and ".join(_shown(text, line) for text, line in rows.select("text", "line").head(2).iter_rows())
        keys_more = clash[KEY].n_unique() - 1
        more = f"; {keys_more} more keys are so" if keys_more else ""
        raise CannotLookUp(
            file, f"has different values under the same key {key!r}: {shown}{more}; keep one of them"
        )
    return frame.unique(KEY, keep="first", maintain_order=True).select(KEY, TAKEN)


def _shown(text: str | None, line: int | None) -> str:
    where = f" (line {line})" if line is not None else ""
    return (repr(text) if text else "nothing") + where


def found_by(table: "pl.DataFrame", keys: "pl.Series") -> "pl.Series":
    """What stands under each of the keys, null where there is none; as many as there are keys, in their order.

    >>> import polars as pl
    >>> found_by(pl.DataFrame({"key": ["x"], "taken": [1]}), pl.Series(["y", "x", None, "x"])).to_list()
    [None, 1, None, 1]
    """
    import polars as pl

    sought = pl.DataFrame({KEY: keys})
    return sought.join(table, on=KEY, how="left", maintain_order="left")[TAKEN]


def not_in(table: "pl.DataFrame", keys: "pl.Series") -> "pl.Series":
    """The keys that the table lacks, null in the place of the others.

    >>> import polars as pl
    >>> not_in(pl.DataFrame({"key": ["x"], "taken": [1]}), pl.Series(["y", "x", None])).to_list()
    ['y', None, None]
    """
    import polars as pl

    is_there = keys.is_in(table[KEY].implode())
    return pl.select(pl.when(keys.is_not_null() & ~is_there).then(keys)).to_series()
