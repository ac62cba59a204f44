"""Letters that an office file can hold."""


def printable(text: str) -> str:
    """Without the control characters that no office file may hold; line ends and tabs stay.

    >>> printable("a\\x07b\\nc")
    'a b\\nc'
    """
    return "".join(one if _fits(one) else " " for one in text)


def _fits(one: str) -> bool:
    return one in "\n\t" or (one >= " " and one not in "\ufffe\uffff" and not "\ud800" <= one <= "\udfff")
