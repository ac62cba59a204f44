"""In which line of a TOML text a key stands, so that a mistake can name file, line and key.

The standard library parses TOML but forgets the lines. This reads the text once more, only as far as is
needed to know which key begins where: headers, keys, and where a value ends.
"""

from collections.abc import Iterator

Path = tuple[str | int, ...]


def line_of(text: str, path: Path) -> int | None:
    """The line, counted from 1, of the key at `path`, or of the nearest key that encloses it.

    text: a TOML document. path: keys and positions as pydantic's `loc` gives them; a position counts the
    tables of an array of tables from 0. A key inside an inline table or an array, or one that is not
    there, gives the line of the nearest enclosing key; None where not even the first part is known.

    >>> line_of('name = "x"\\n[data.sales]\\ntable = "sales"', ("data", "sales", "table"))
    3
    >>> line_of('[[project]]\\nid = "a"\\n[[project]]\\nid = "b"', ("project", 1, "id"))
    4
    >>> line_of('[data.sales]\\ntable = "sales"', ("data", "sales", "files")), line_of("", ("name",))
    (1, None)
    """
    lines = key_lines(text)
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def key_lines(text: str) -> dict[Path, int]:
    """The line of every key outside inline tables and arrays, counted from 1.

    >>> key_lines('name = "x"\\n[a.b]\\nc.d = 1')
    {('name',): 1, ('a',): 2, ('a', 'b'): 2, ('a', 'b', 'c'): 3, ('a', 'b', 'c', 'd'): 3}
    """
    lines: dict[Path, int] = {}
    tables_seen: dict[Path, int] = {}
    table: Path = ()
    for line, kind, keys in _statements(text):
        if kind == "key":
            _note(lines, table, keys, line)
            continue
        table = _resolved(keys[:-1], tables_seen)
        if kind == "array":
            place = (*table, keys[-1])
            tables_seen[place] = tables_seen.get(place, -1) + 1
            lines.setdefault(place, line)
            table = (*place, tables_seen[place])
            lines[table] = line
        else:
            table = _resolved(keys, tables_seen)
            _note(lines, (), table, line)
    return lines


def _note(lines: dict[Path, int], table: Path, keys: Path, line: int) -> None:
    for length in range(1, len(keys) + 1):
        lines.setdefault((*table, *keys[:length]), line)


def _resolved(keys: Path, tables_seen: dict[Path, int]) -> Path:
    """`keys` with the position of the newest table after each key that names an array of tables."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in tables_seen:
            path = (*path, tables_seen[path])
    return path


def _statements(text: str) -> Iterator[tuple[int, str, Path]]:
    """Each header and key: its line, `table`, `array` or `key`, and its dotted parts."""
    position, line = 0, 1
    while position < len(text):
        character = text[position]
        if character == "\n":
            line += 1
            position += 1
        elif character in " \t\r":
            position += 1
        elif character == "#":
            position = _end_of_line(text, position)
        elif character == "[":
            brackets = 2 if text.startswith("[[", position) else 1
            keys, position = _dotted(text, position + brackets)
            yield line, "array" if brackets == 2 else "table", keys
            position = _end_of_line(text, position)
        else:
            begin = position
            keys, position = _dotted(text, position)
            if keys:
                yield line, "key", keys
            position = _end_of_value(text, max(position, begin))
            line += text.count("\n", begin, position)


def _dotted(text: str, position: int) -> tuple[Path, int]:
    """The parts of a dotted key that begins at `position`, and where it ends."""
    keys: list[str] = []
    while position < len(text):
        character = text[position]
        if character in " \t.":
            position += 1
        elif character in "\"'":
            end = _end_of_string(text, position)
            keys.append(_unescaped(text[position + 1 : end - 1], character))
            position = end
        elif character.isalnum() or character in "-_":
            end = position
            while end < len(text) and (text[end].isalnum() or text[end] in "-_"):
                end += 1
            keys.append(text[position:end])
            position = end
        else:
            break
    return tuple(keys), position


def _unescaped(key: str, quote: str) -> str:
    if quote == "'" or "\\" not in key:
        return key
    return key.replace('\\"', '"').replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\")


def _end_of_value(text: str, position: int) -> int:
    """Where the value after a key ends: at the end of a line that is in no bracket and in no string."""
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "\"'":
            position = _end_of_string(text, position)
            continue
        if character == "#":
            position = _end_of_line(text, position)
            continue
        if character == "\n" and depth <= 0:
            return position
        depth += (character in "[{") - (character in "]}")
        position += 1
    return position


def _end_of_string(text: str, position: int) -> int:
    """The position after the string that opens at `position`; a one-line string ends with its line."""
    quote = text[position]
    if text.startswith(quote * 3, position):
        end = text.find(quote * 3, position + 3)
        while quote == '"' and end > 0 and _is_escaped(text, end):
            end = text.find(quote * 3, end + 1)
        if end < 0:
            return len(text)
        end += 3
        while end < len(text) and text[end] == quote:  # up to two quotes may stand before the closing three
            end += 1
        return end
    end = position + 1
    while end < len(text) and text[end] != "\n":
        if text[end] == quote and not (quote == '"' and _is_escaped(text, end)):
            return end + 1
        end += 1
    return end


def _is_escaped(text: str, position: int) -> bool:
    begin = position
    while begin and text[begin - 1] == "\\":
        begin -= 1
    return (position - begin) % 2 == 1


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
