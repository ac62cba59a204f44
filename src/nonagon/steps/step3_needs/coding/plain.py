"""Words made comparable: case, accents and spelling variants are set aside, in Latin and Arabic script."""

import re
import sys
import unicodedata
from functools import cache

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# As written, vowel signs and other marks belong to the letter before them.
_LETTER = r"[^\W_][\u0300-\u036f\u064b-\u065f\u0670]*"
_WRITTEN = re.compile(rf"(?:{_LETTER})+(?:'(?:{_LETTER})+)*")
_SENTENCE_END = re.compile(r"(?:[.!?…;؟؛。]+(?=\s|$))|[\r\n]+|<br\s*/?>")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))
# One letter stands for what writers of Arabic do not keep apart: hamza seats, final ya, ta marbuta; tatweel goes.
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ـ": None}
)
_GERMAN = frozenset(
    {"der", "das", "und", "ist", "nicht", "ein", "eine", "ich", "mit", "auf", "kein", "keine", "zu"}
)
# What is written together with the word that follows: the article, and, with, for, like.
_PROCLITICS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ك", "ل")


def plain(text: str) -> str:
    """Lower case without accents, vowel signs and spelling variants; punctuation stays.

    >>> plain("Zu SPÄT, très cher"), plain("الحافِلة متأخّرة")
    ('zu spat, tres cher', 'الحافله متاخره')
    """
    if text.isascii():  # nothing to decompose, which is what takes the time
        return text.replace("`", "'").lower()
    # Decomposed on both sides of the folding: letters such as a bold A become plain ones first.
    folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return unicodedata.normalize("NFKD", folded).translate(_bare())


@cache
def _bare() -> dict[int, str | None]:
    """What becomes of letters: marks that combine with the letter before go, and Arabic variants become one."""
    every = (chr(code) for code in range(sys.maxunicode + 1))
    return {ord(letter): None for letter in every if unicodedata.combining(letter)} | _ARABIC


def sentences(text: str) -> list[str]:
    """The sentences of a text, as written; a number such as 7.40 holds together.

    >>> sentences("Late again! The 7.40 left early.")
    ['Late again', 'The 7.40 left early']
    """
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def words(text: str) -> list[str]:
    """The words of a text in their plain form; an apostrophe inside holds them together.

    >>> words("It isn’t LATE, is it?")
    ['it', "isn't", 'late', 'is', 'it']
    """
    return words_of_plain(plain(text))


def words_of_plain(flat: str) -> list[str]:
    """The words of a text that is plain already.

    >>> words_of_plain("zu spat, 7.40")
    ['zu', 'spat', '7', '40']
    """
    return _WORD.findall(flat)


def spellings(text: str) -> tuple[str, ...]:
    """The words of a text as they are written, one for each of `words`; the plain ones where the two do not match.

    >>> spellings("Heiß im Frühling!")
    ('Heiß', 'im', 'Frühling')
    """
    written = unicodedata.normalize("NFC", text.translate(_APOSTROPHES))
    found = tuple(_WRITTEN.findall(written))
    flat = words(text)
    return found if [plain(one) for one in found] == flat else tuple(flat)


def capitals(sentence: str) -> frozenset[str] | None:
    """Plain words that are written with a capital inside the sentence, as names are; None where that says nothing.

    It says nothing in German, where every noun has one, and where most words are capitalized.

    >>> sorted(capitals("Yesterday Selma drove to Port Selma by USB") or ())
    ['port', 'selma']
    >>> capitals("Der Bus hatte keine Steckdose") is None
    True
    """
    written = _WORD.findall(sentence.translate(_APOSTROPHES))[1:]
    if not written or _GERMAN.intersection(words(sentence)):
        return None
    found = [word for word in written if word[0].isupper() and not (word.isupper() and len(word) > 1)]
    if 2 * len(found) > len(written) and len(written) > 2:
        return None
    return frozenset(plain(word) for word in found)


def forms(word: str) -> tuple[str, ...]:
    """A plain word and, in Arabic, what it is without the particles written in front of it.

    >>> forms("late"), forms("والحافله")
    (('late',), ('والحافله', 'حافله', 'الحافله'))
    """
    if not word or not "\u0600" <= word[0] <= "\u06ff":
        return (word,)
    bare = [word.removeprefix(particle) for particle in _PROCLITICS if word.startswith(particle)]
    return (word, *dict.fromkeys(one for one in bare if len(one) >= 3))
