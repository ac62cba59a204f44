"""Codes of verbatims beside the facts: what the coding rules found, kept block by block; suggestions likewise.

    facts/codes/
      <rules>/<block>.parquet     what these rules found in one block of verbatims
      <label>.json                one version: the blocks that it is made of; written last, in one step
    facts/suggestions/            the same again: needs of which verbatims without one may speak

Both names are fingerprints of content: of the rules with the code that applies them, and of the block's texts. So
a stopped run goes on behind the last block that it finished, a repeated one finds everything there, and after a
new wave only the new blocks are coded. Everything here can be made again; it can be removed at any time.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.basics.lock import held
from nonagon.facts.files import TEMPORARY, fsync, replace_file, replace_text

CODES = "codes"
SUGGESTIONS = "suggestions"
LOCK = ".lock"
FORMAT = 1
MOST_VERSIONS = {CODES: 8, SUGGESTIONS: 2}
"""Versions that are kept, the newest ones: of codes also those of rules that somebody may take back to; of
suggestions the one before too, which a page may be reading."""
_DIGITS = 12
_TALLY = b"nonagon"


@dataclass(frozen=True, slots=True)
class Tally:
    """What one block, or several, came to.

    matched: matches of each rule, in the order of the rules; of suggestions, for how many verbatims each need is
    the first one, in the order of the needs.
    """

    verbatims: int
    matched: tuple[int, ...]

    def __add__(self, other: "Tally") -> "Tally":
        """The two together."""
        matched = tuple(one + two for one, two in zip(self.matched, other.matched, strict=True))
        return Tally(self.verbatims + other.verbatims, matched)


@dataclass(frozen=True, slots=True)
class CodesVersion:
    """One published version.

    rules: fingerprint of the rules (or of what is known of words) and of the code that applies them; data: what
    was coded, such as `verbatims@5f0c2a9be1d3 about us`; blocks: fingerprints of the blocks, in order; tally: of
    all of them; kind: CODES or SUGGESTIONS.
    """

    rules: str
    data: str
    blocks: tuple[str, ...]
    tally: Tally
    kind: str = CODES

    @property
    def label(self) -> str:
        """The name that results give this version, such as `codes@5f0c2a9be1d3`: of its content alone."""
        content = "\n".join((self.rules, *self.blocks))
        return f"{self.kind}@{hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"


class CodesStore:
    """The codes, or the suggestions, beside the facts in `facts_folder`; nothing may be there yet."""

    def __init__(self, facts_folder: Path | str, kind: str = CODES) -> None:
        self.kind = kind
        self.folder = Path(facts_folder) / kind

    # --- reading

    def block(self, rules: str, name: str) -> Path:
        """Where what these rules found in a block stands, or will stand."""
        return self.folder / rules / f"{name}.parquet"

    def files(self, version: CodesVersion) -> tuple[Path, ...]:
        """The files of a version, in the order of its blocks."""
        return tuple(self.block(version.rules, name) for name in version.blocks)

    def version(self, label: str) -> CodesVersion | None:
        """The version of that name; None where it is not there as a whole."""
        return self._read(self.folder / f"{label}.json")

    def find(self, rules: str, data: str) -> CodesVersion | None:
        """What these rules found in these data; None where that is not there as a whole."""
        found = (self._read(path) for path in self._manifests())
        return next((one for one in found if one is not None and (one.rules, one.data) == (rules, data)), None)

    def newest(self) -> CodesVersion | None:
        """The version that was made last, of whatever data; None where there is none."""
        return next((one for path in self._manifests() if (one := self._read(path)) is not None), None)

    def _manifests(self) -> list[Path]:
        """The versions' files, the newest first."""
        return sorted(
            self.folder.glob(f"{self.kind}@*.json"), key=lambda path: (-path.stat().st_mtime_ns, path.name)
        )

    def _read(self, path: Path) -> CodesVersion | None:
        """A version, where its file can be read and each of its blocks is there; else it is as if it never was."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                return None
            tally = Tally(data["tally"]["verbatims"], tuple(data["tally"]["matched"]))
            version = CodesVersion(data["rules"], data["data"], tuple(data["blocks"]), tally, self.kind)
            there = {one.name for one in (self.folder / version.rules).iterdir()}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return version if {f"{name}.parquet" for name in version.blocks} <= there else None

    # --- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The folder held for one writer. Raises InputError where another holds it, or it can't be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with held(self.folder, LOCK):
                yield
        except OSError as error:
            raise not_written(self.folder, error) from error

    def publish(self, version: CodesVersion) -> None:
        """Keeps the version under its label, and removes what no version names any more."""
        content = {"format": FORMAT, **asdict(version)}
        replace_text(self.folder / f"{version.label}.json", json.dumps(content, indent=1) + "\n")
        self._clean()

    def _clean(self) -> None:
        """Versions beyond the newest, blocks that no version names, and what killed writers left half-written."""
        manifests, most = self._manifests(), MOST_VERSIONS[self.kind]
        for old in manifests[most:]:
            old.unlink(missing_ok=True)
        kept = [one for path in manifests[:most] if (one := self._read(path)) is not None]
        named = {path for one in kept for path in self.files(one)}
        for path in self.folder.glob("*/*"):
            if path not in named:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f".*{TEMPORARY}"):
            path.unlink(missing_ok=True)
        for folder in self.folder.iterdir():
            if folder.is_dir():
                with suppress(OSError):  # it still holds blocks
                    folder.rmdir()


def write_block(path: Path, columns: Mapping[str, Sequence[Any]], tally: Tally) -> None:
    """A block's rows with its tally as a file that is there as a whole or not at all. Raises OSError.

    columns: texts, whole numbers in `once`, `negated` and `lot`, a number in `score`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"once": pa.int32(), "negated": pa.int32(), "lot": pa.int64(), "score": pa.float64()}
    metadata = {_TALLY: json.dumps(asdict(tally)).encode()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns], metadata=metadata)
    table = pa.table(dict(columns), schema=schema)

    def write(temporary: Path) -> None:
        pq.write_table(table, temporary, compression="zstd")
        fsync(temporary)

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, write)


def tally_of(path: Path) -> Tally | None:
    """The tally of a block's file; None where it is not there or can't be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = json.loads((pq.read_schema(path).metadata or {})[_TALLY])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None
    return Tally(found["verbatims"], tuple(found["matched"]))


def not_written(path: Path, error: OSError) -> InputError:
    """What to say where the disk refuses."""
    advice = "free some space" if error.errno == 28 else "check that the folder is yours to write in"
    return InputError([Mistake(path, None, "", f"can't be written: {error.strerror}; {advice}")])
