"""Which records of the customers are one person: kept beside the facts, versioned, with what became of each id.

    facts/identity/
      identity.json         the manifest; replacing it is what publishes, in one step for all three tables
      pairs/ people/ history/   Delta tables

The customers table itself never changes, so every merge can be taken back: a later version says otherwise.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.facts.files import replace_text

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "identity"
MANIFEST = "identity.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class IdentityVersion:
    """One published version.

    number: counts up; label: such as `identities@5f0c2a9be1d3`, of the content of `people`; pairs_key: fingerprint
    of all that the pairs were scored from; pairs, people, history: the Parquet files, relative to the store of
    facts; joined: records that are one person with another record; repeated: all records less all people; active:
    whether the cycle asks for it.
    """

    number: int
    label: str
    pairs_key: str
    pairs: tuple[str, ...]
    people: tuple[str, ...]
    history: tuple[str, ...]
    joined: int
    repeated: int
    active: bool = True


class IdentityStore:
    """The identities beside the facts in `facts_folder`; nothing may be there yet."""

    def __init__(self, facts_folder: Path | str) -> None:
        self.facts_folder = Path(facts_folder).resolve()
        self.folder = self.facts_folder / FOLDER

    def newest(self) -> IdentityVersion | None:
        """The newest version, active or not. Raises InputError for a damaged manifest."""
        path = self.folder / MANIFEST
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("format") != FORMAT:
                raise ValueError("its format is of another version of this program")
            lists = {name: tuple(data[name]) for name in ("pairs", "people", "history")}
            return IdentityVersion(**{**data, **lists})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            message = f"is damaged ({error}); remove the folder, the next run makes it anew with new ids"
            raise InputError([Mistake(path, None, "", message)]) from error

    def active(self) -> IdentityVersion | None:
        """The newest version where the cycle asks for one."""
        found = self.newest()
        return found if found is not None and found.active else None

    def read(self, files: Sequence[str]) -> "pa.Table | None":
        """The rows of one of a version's tables; None where it has none."""
        import pyarrow.parquet as pq

        return pq.read_table([str(self.facts_folder / name) for name in files]) if files else None

    def write(self, name: str, rows: "pa.Table") -> tuple[str, ...]:
        """A new Delta version of the table `name`, not published yet: its files, relative to the store."""
        from deltalake import DeltaTable, write_deltalake
        from deltalake.exceptions import DeltaError

        place = self.folder / name
        try:
            place.mkdir(parents=True, exist_ok=True)
            write_deltalake(str(place), rows, mode="overwrite")
            files = DeltaTable(str(place)).file_uris() if rows.num_rows else []
        except (DeltaError, OSError) as error:
            message = f"can't be written: {error}; free some space, or check that the folder is yours to write in"
            raise InputError([Mistake(place, None, "", message)]) from error
        return tuple(f"{FOLDER}/{name}/{Path(one).name}" for one in sorted(files))

    def publish(self, version: IdentityVersion) -> None:
        """Makes it the newest version, in one step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        data: Mapping[str, Any] = {"format": FORMAT, **asdict(version)}
        replace_text(self.folder / MANIFEST, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    def switch_off(self) -> None:
        """The cycle does not ask for identities any more; the ids are kept for when it does again."""
        found = self.active()
        if found is not None:
            self.publish(replace(found, active=False))
