"""Finding a column by its header, over files whose headers drift.

A header is trimmed, and blanks inside it count as one. The exact spelling wins over another case.
`#3` names the third column whatever its header says.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\ufeff"))


def clean(header: object) -> str:
    """A header as it is compared: without blanks around it and without invisible marks.

    >>> clean(" Min  Delay\\n")
    'Min Delay'
    """
    return " ".join(str(header if header is not None else "").translate(_INVISIBLE).split())


class NotFound(Exception):
    """No header answers to the names; the message says which headers there are."""


class Ambiguous(Exception):
    """More than one header answers to a name; the message says which."""


def position_of(names: Sequence[str], header: Sequence[str]) -> int:
    """The position, from 0, of the first of `names` that the header has.

    names: alternatives, in order of preference; header: cleaned headers. Raises NotFound where no name is
    there, Ambiguous where it stands twice.

    >>> position_of(["Min Delay", "Delay"], ["Route", "delay"])
    1
    """
    found = find(names, header)
    if found is None:
        raise NotFound(_not_there(names, header))
    return found


def find(names: Sequence[str], header: Sequence[str]) -> int | None:
    """As `position_of`, but None where no name is there."""
    for fold in (False, True):
        for name in names:
            position = _find_one(name, header, fold=fold)
            if position is not None:
                return position
    return None


def _find_one(name: str, header: Sequence[str], *, fold: bool) -> int | None:
    by_place = re.fullmatch(r"#(\d+)", name)
    if by_place and 1 <= int(by_place[1]) <= len(header):
        return int(by_place[1]) - 1
    wanted = clean(name).casefold() if fold else clean(name)
    places = [place for place, title in enumerate(header) if (title.casefold() if fold else title) == wanted]
    if len(places) > 1:
        where = " and ".join(f"#{place + 1}" for place in places)
        raise Ambiguous(
            f"{name!r} stands {len(places)} times in the header; name the one you mean by its place: {where}"
        )
    return places[0] if places else None


def _not_there(names: Sequence[str], header: Sequence[str]) -> str:
    wanted = " or ".join(repr(name) for name in names)
    titles = [title for title in header if title]
    folded = {title.casefold(): title for title in titles}
    near = [folded[match] for name in names for match in get_close_matches(clean(name).casefold(), folded, n=3)]
    hint = f"; did you mean {' or '.join(repr(title) for title in dict.fromkeys(near))}?" if near else ""
    shown = ", ".join(titles[:40]) + (f" and {len(titles) - 40} more" if len(titles) > 40 else "")
    return f"has no column {wanted}{hint} (its columns: {shown or 'none'})"
