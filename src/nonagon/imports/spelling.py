"""Names and words as people of several languages write them: ids in plain letters, texts that mean "no value".

Standard library only.
"""

import re
import unicodedata

# What the letters of one language become where they are written without their marks; a mark that changes no
# spelling (an accent, a cedilla) is dropped.
_SPELLED = str.maketrans(
    {
        **{"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "å": "aa"},
        **{"ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"},
    }
)
LONGEST_ID = 40

_MISSING = frozenset(
    """
    na|n/a|#n/a|n.a.|null|#null!|nan|none|nil|-|--|---|–|—|.|..|?|not available|not applicable|not answered
    no answer|no opinion|don't know|dont know|do not know|prefer not to say|missing
    k.a.|k/a|ka|keine angabe|keine angaben|keine antwort|ohne angabe|o.a.|weiß nicht|weiss nicht|weiß ich nicht
    keine meinung|nicht beantwortet|nicht zutreffend|trifft nicht zu|entfällt|fehlt
    n.d.|nd|nsp|ne sait pas|sans réponse|sans objet|non renseigné|sans avis|non applicable
    ns/nc|no sabe|no contesta|sin respuesta|no aplica|no procede|sin datos|n.c.|s/d
    non so|nessuna risposta|non risponde|non applicabile|non disponibile
    n.v.t.|nvt|weet niet|geen antwoord|geen mening|niet van toepassing
    não sabe|não se aplica|sem resposta|vet ej|vet inte|ej svar|ved ikke|nie wiem|brak|brak odpowiedzi|nie dotyczy
    لا ينطبق|غير متوفر|غير متاح|لا أعرف|لا اعرف|بدون إجابة|لا إجابة|لا يوجد|нет ответа|не знаю|затрудняюсь ответить
    bilmiyorum|cevap yok|不适用|无|不知道|該当なし|無回答|わからない
    """.strip()
    .replace("\n", "|")
    .split("|")
)
_MISSING_WRITTEN = frozenset(re.sub(r"\s+", "", word.strip()) for word in _MISSING)

_TOTAL = (
    r"(?:grand |sub)?totals?|sum|(?:gesamt|zwischen)?summe|gesamt|insgesamt|somme|total g[ée]n[ée]ral|suma|somma|"
    r"totale|totaal|som|razem|المجموع|الإجمالي|итого|всего|toplam|合计|总计|合計"
)
_MEAN = (
    r"mean|average|avg|median|mittelwerte?|mittel|durchschnitt|schnitt|[øØ⌀]|moyenne|m[ée]diane?|promedio|media|"
    r"mediana|gemiddelde|mediaan|m[ée]dia|gennemsnit|medelv[äa]rde|[śs]rednia|المتوسط|среднее|ortalama|平均"
)
_OTHER = (
    r"std|sd|stdev|standard deviation|standardabweichung|stabw|varianz|variance|min|max|minimum|maximum|"
    r"n|anzahl|count"
)
_SUMMARY = re.compile(
    rf"(?:(?P<sum>{_TOTAL})|(?P<mean>{_MEAN})|(?P<other>{_OTHER}))(?: .{{0,20}})?[:.]?", re.IGNORECASE
)


def plain_id(text: str) -> str | None:
    """An id in small letters, digits and underscores; None where most of the text is in another script.

    >>> plain_id("Pünktlichkeit der Straßenbahn"), plain_id("Qualité (générale)"), plain_id("النظافة")
    ('puenktlichkeit_der_strassenbahn', 'qualite_generale', None)
    """
    small = unicodedata.normalize("NFC", text).lower().translate(_SPELLED)
    letters = sum(one.isalpha() for one in small)
    bare = "".join(one for one in unicodedata.normalize("NFKD", small) if not unicodedata.combining(one))
    slug = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")[:LONGEST_ID].strip("_")
    kept = sum(one.isalpha() for one in slug)
    if kept < 0.5 * letters or not slug:
        return None
    return slug if slug[0].isalpha() else f"q_{slug}"


def means_no_value(text: str) -> bool:
    """Whether a cell says that there is no value, in one of a dozen languages.

    >>> [means_no_value(text) for text in ("k. A.", "keine Angabe", "N/A", "–", "0", "keine Klagen")]
    [True, True, True, True, False, False]
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text).lower()) in _MISSING_WRITTEN


def is_short_code(text: str) -> bool:
    """Whether a text that means "no value" may as well be a code of two or three letters, such as a state's.

    >>> [is_short_code(text) for text in ("KA", "nd", "NA", "k.A.")]
    [True, True, False, False]
    """
    return text.isalpha() and len(text) <= 3 and text.lower() not in ("na", "nan")


def kind_of_summary(text: str) -> str:
    """What a row beginning with `text` sums up: "total", "mean" or "summary"; "" where it seems to be none.

    >>> [kind_of_summary(text) for text in ("Mittelwert", "Total:", "Standardabweichung", "Meander")]
    ['mean', 'total', 'summary', '']
    """
    found = _SUMMARY.fullmatch(unicodedata.normalize("NFC", text).strip())
    if found is None:
        return ""
    return "total" if found["sum"] else "mean" if found["mean"] else "summary"
