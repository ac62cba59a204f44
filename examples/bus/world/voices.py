"""What customers said: deep interviews, and comments from four channels in three languages."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from world.exports import Dialect, Folder
from world.people import People
from world.survey import Wave
from world.truth import Truth, read_words


@dataclass(frozen=True)
class Words:
    """The clauses by detail, and which need each detail belongs to."""

    all: dict[str, Any]

    @property
    def clauses(self) -> dict[str, list[str]]:
        """Detail -> clauses."""
        return {detail: said for need in self.all["details"].values() for detail, said in need.items()}

    def details(self, need: str) -> list[str]:
        """The details of one need."""
        return list(self.all["details"][need])


@dataclass(frozen=True)
class Said:
    """One comment, and what it was made to say."""

    text: str
    language: str
    needs: list[str]
    details: list[str]
    praise: bool


def chances(truth: Truth) -> dict[str, float]:
    """Chance of each detail to be mentioned in one interview: equally spaced quantiles of Beta(1, b)."""
    settings = truth["interviews"]
    a, b = settings["beta"]
    if a != 1:
        raise ValueError(f"the quantile is written for Beta(1, b); TRUTH.toml asks for Beta({a}, {b})")
    ranks = (np.arange(settings["universe"]) + 0.5) / settings["universe"]
    return dict(zip(settings["order"], (1 - (1 - ranks) ** (1 / b)).tolist(), strict=True))


def write_interviews(truth: Truth, people: People, folder: Folder) -> tuple[int, int]:
    """One row a mention, with the interviewer's note of the detail. Returns details heard and mentions."""
    draw, words, settings = truth.stream("interviews"), Words(read_words()), truth["interviews"]
    present = np.flatnonzero(people.individuals.present(truth.month(settings["starts"])))
    who = draw.choice(present, settings["units"], replace=False)
    rows: list[list[str]] = []
    heard: set[str] = set()
    for unit, position in enumerate(who, start=1):
        day = settings["starts"] + timedelta(days=int((unit - 1) * settings["days"] / settings["units"]))
        mentioned = [d for d, chance in chances(truth).items() if draw.random() < chance]
        for serial, detail in enumerate(draw.permutation(mentioned).tolist(), start=1):
            opener = _pick(draw, words.all["interview_openers"])
            text = _sentence(opener + _pick(draw, words.clauses[detail]))
            customer = str(people.individuals.ids[position])
            rows.append([f"IV{unit:02d}-{serial:02d}", f"IV{unit:02d}", customer, f"{day:%d %b %Y}", detail, text])
            heard.add(detail)
    header = ["quote", "interview", "customer", "held on", "interviewer's note", "said"]
    folder.text("voices/interviews.txt", header, rows, Dialect("|", "utf-8", "\n"))
    return len(heard), len(rows)


def write_comments(truth: Truth, people: People, waves: list[Wave], folder: Folder) -> None:
    """The comments as a compressed tab-separated file; what was planted in each goes to a file of its own."""
    draw, name = truth.stream("comments"), "voices/comments.tsv.gz"
    said = _make_comments(truth, draw)
    rows = [
        [f"V{serial:05d}", *_origin(truth, draw, people, waves, one.praise), one.language, one.text]
        for serial, one in enumerate(said, start=1)
    ]
    _one_comment_a_respondent(rows)
    planted = [
        [row[0], ";".join(one.needs), ";".join(one.details), "yes" if one.praise else "no"]
        for row, one in zip(rows, said, strict=True)
    ]
    order = draw.permutation(len(rows))
    shuffled = [rows[position] for position in order]
    for serial in range(truth.bad(name, "no_text")):
        like = shuffled[serial]
        shuffled.insert(300 * (serial + 1), [f"V9{serial:04d}", "", like[2], "", *like[4:7], "  "])
    header = ["id", "respondent", "customer", "wave", "date", "channel", "lang", "comment"]
    folder.text(name, header, shuffled, Dialect("\t", "utf-8", "\n"))
    folder.text("planted/comments.csv", ["id", "needs", "details", "praise"], planted, Dialect())


def _make_comments(truth: Truth, draw: np.random.Generator) -> list[Said]:
    settings, words = truth["comments"], Words(read_words())
    said: list[Said] = []
    for need, count in settings["first_need"].items():
        praise = settings["better"].get(need, 0)
        for number in range(count):
            if need == "nothing":
                said.append(Said(_about_nothing(draw, words.all["nothing"]), "en", [], [], False))
            elif number < praise:
                said.append(Said(_sentence(_pick(draw, words.all["better"][need])), "en", [need], [], True))
            else:
                said.append(_complaint(truth, draw, words, need))
    return said


def _complaint(truth: Truth, draw: np.random.Generator, words: Words, need: str) -> Said:
    settings = truth["comments"]
    languages = settings["languages"]
    language = str(draw.choice(list(languages), p=list(languages.values())))
    if language != "en":
        return Said(_pick(draw, words.all["other"][language][need]), language, [need], [], False)
    detail = _detail(truth, draw, words, need)
    text, needs, details = _pick(draw, words.clauses[detail]), [need], [detail]
    if draw.random() < settings["two_needs"] and need not in truth["unasked"]["needs"]:
        others = {n: c for n, c in settings["first_need"].items() if n in truth.needs and n != need}
        second = str(draw.choice(list(others), p=np.array(list(others.values())) / sum(others.values())))
        details.append(_detail(truth, draw, words, second))
        needs.append(second)
        text += _pick(draw, words.all["joiners"]) + _pick(draw, words.clauses[details[-1]])
    text = _sentence(_pick(draw, words.all["openers"]) + text + _pick(draw, words.all["closers"]))
    if draw.random() < settings["typos"]:
        text = _slip(draw, text)
    if draw.random() < 0.06:
        text = text.replace(", ", ",\n", 1)
    if draw.random() < 0.05:
        text = f'"{text}"'
    return Said(text, language, needs, details, False)


def _detail(truth: Truth, draw: np.random.Generator, words: Words, need: str) -> str:
    """One detail of the need; the more often it is mentioned in interviews, the more often in comments."""
    unasked = need in truth["unasked"]["needs"]
    least = truth["comments"]["least_chance"]
    chance = {d: p for d, p in chances(truth).items() if d in words.details(need) and (p >= least or unasked)}
    return str(draw.choice(list(chance), p=np.array(list(chance.values())) / sum(chance.values())))


def _about_nothing(draw: np.random.Generator, nothing: dict[str, list[str]]) -> str:
    if draw.random() < 0.4:
        return _pick(draw, nothing["short"])
    return " ".join(_pick(draw, nothing[part]) for part in ("subjects", "verbs", "places"))


def _slip(draw: np.random.Generator, text: str) -> str:
    """Two neighbouring letters of one longer word change places, or one is lost."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long:
        return text
    place = int(draw.choice(long))
    word, cut = words[place], int(draw.integers(1, len(words[place]) - 2))
    swapped = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    words[place] = swapped if draw.random() < 0.5 else word[:cut] + word[cut + 1 :]
    return " ".join(words)


def _origin(truth: Truth, draw: np.random.Generator, people: People, waves: list[Wave], praise: bool) -> list[str]:
    """Respondent, customer, wave, date and channel. Praise comes after the programme's start."""
    settings, start = truth["comments"], truth["improvements"]["punctuality"]["start"]
    channel = str(draw.choice(list(settings["channels"]), p=list(settings["channels"].values())))
    if channel == "survey":
        later = [wave for wave in waves if not praise or wave.days[0] >= start]
        wave = later[int(draw.integers(len(later)))]
        place = int(draw.integers(len(wave.respondents)))
        return [wave.respondents[place], wave.customers[place], wave.id, f"{wave.days[place]:%Y-%m-%d}", channel]
    first = start if praise else settings["starts"]
    last = settings["starts"] + timedelta(days=settings["days"])
    day: date = first + timedelta(days=int(draw.integers((last - first).days)))
    present = np.flatnonzero(people.individuals.present(truth.month(day)))
    customer = str(people.individuals.ids[int(draw.choice(present))])
    known = channel != "review"
    return ["", customer if known else "", "", f"{day:%Y-%m-%d}", channel]


def _one_comment_a_respondent(rows: list[list[str]]) -> None:
    """A questionnaire has one comment field: where a respondent came up twice, the later one came by itself."""
    seen: set[str] = set()
    for row in rows:
        if row[1] and row[1] in seen:
            row[1], row[3], row[5] = "", "", "ticket"
        seen.add(row[1])


def _pick(draw: np.random.Generator, among: list[str]) -> str:
    return among[int(draw.integers(len(among)))]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
