"""Where a cycle's files lie; the process knows it, since steps read facts too."""

from dataclasses import replace
from pathlib import Path

from nonagon.basics.errors import Mistake
from nonagon.process.places import files_of, folder_of, out_of

__all__ = ["files_of", "folder_of", "known_place", "out_of"]


def known_place(mistake: Mistake, home: Path) -> Mistake:
    """The mistake with its file as people know it: not where it lies on the server."""
    inside, name = f"{home.resolve()}/", str(mistake.file)
    message = mistake.message.replace(inside, "").replace(str(home.resolve()), "files").replace(f"{home}/", "")
    return replace(mistake, file=name.removeprefix(inside).removeprefix(f"{home}/"), message=message)
