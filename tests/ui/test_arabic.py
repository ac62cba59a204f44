"""Arabic: complete for what the pages say, the same places in every translation, and right to left."""

import importlib.util
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from nonagon.ui import catalogue as catalogues
from nonagon.ui.catalogue import END, ISOLATE, Catalogue
from nonagon.ui.drawings import SAID_FIELD, drawing_in, spec_in, times_in
from nonagon.ui.sentences import said, said_text

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\(\w+\)[a-z]|(?<!\{)\{\w+\}|%[sd]")
TYPED = re.compile(r"^nonagon\.|@[0-9a-f]{12}|[0-9a-f]{12}|^Nonagon|@.*\.example|^PDF$|^ABC$|^English$|· Nonagon$")
"""Names of methods, versions, addresses and the product, which every language writes alike."""

LEAST_SAID = 0.995
"""Share of the texts of a computed cycle's pages that are Arabic or what people wrote.

What is left are amounts in units that people gave, such as EUR.
"""


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    found = importlib.util.spec_from_file_location("messages", ROOT / "assets" / "messages.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fresh(messages: ModuleType) -> dict[str, Any]:
    return messages.fresh()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A request leaves its language behind in the thread; the next test begins as the server does."""
    yield
    translation.deactivate()


def forms(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


@pytest.mark.parametrize("domain", ["django", "sentences"])
def test_every_message_has_arabic(messages: ModuleType, fresh: dict[str, Any], domain: str) -> None:
    held = messages.held(domain)
    missing = [
        one.id
        for one in fresh[domain]
        if one.id and ((known := held.get(forms(one.id)[0])) is None or not messages.is_translated(known))
    ]
    assert not missing, "run `make messages`, then write the Arabic in src/nonagon/ui/locale/ar"


@pytest.mark.parametrize("domain", ["django", "sentences"])
def test_translations_have_the_places_of_their_message_and_none_is_a_guess(
    messages: ModuleType, domain: str
) -> None:
    wrong = []
    for one in messages.held(domain):
        if one.id and messages.is_translated(one):
            wanted = set(PLACE.findall(forms(one.id)[-1]))
            wrong += [(one.id, each) for each in forms(one.string) if set(PLACE.findall(each)) != wanted]
        assert not one.fuzzy, one.id
    assert not wrong


def test_arabic_is_written_in_arabic(messages: ModuleType) -> None:
    """Only names, such as PDF, may stay as they are."""
    same = [
        one.id
        for one in messages.held("django")
        if one.id
        and forms(one.string)[0] == forms(one.id)[0]
        and " " in PLACE.sub("", forms(one.id)[0]).strip(" .:,")
    ]
    assert not same


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    texts = {
        "{met} of {of} classes have customers": "في {met} من {of} فئات عملاء",
        "{name} moved{where}.": "انتقل {name}{where}.",
        "in {place} of all places": "في {place} من كل الأماكن",
        "{count} needs": "{count} من الاحتياجات",
        "{rule}; got {got}": "{rule}؛ والوارد {got}",
        "must be {what}; got {got}": "يجب أن يكون {what}؛ والوارد {got}",
    }
    made = [catalogues.pattern(*one) for one in texts.items()]
    fixed = {
        "not shown": "لم يثبت",
        "the market": "السوق",
        "to": "إلى",
        "of": "من",
        "points": "نقاط",
        "without an owner": "بلا مسؤول",
        "must be a whole number": "يجب أن يكون عدداً صحيحاً",
        "is missing; add it": "مفقود؛ أضِفه",
    }
    known = Catalogue(fixed, tuple(one for one in made if one))
    monkeypatch.setattr(catalogues, "catalogue", lambda language: known)
    catalogues.translated.cache_clear()
    yield known
    catalogues.translated.cache_clear()


@pytest.mark.usefixtures("small")
def test_a_stored_sentence_is_said_with_its_numbers_and_names() -> None:
    with translation.override("ar"):
        assert said_text("3 of 5 classes have customers") == f"في {ISOLATE}3{END} من {ISOLATE}5{END} فئات عملاء"
        assert said_text("Not shown") == "لم يثبت"
        assert said_text("the market moved.") == "انتقل السوق."
        assert said_text("Coach moved. the market moved.").startswith("انتقل")


def apart(text: str) -> str:
    return f"{ISOLATE}{text}{END}"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("3.84 (3.73 to 3.95)", f"{apart('3.84')} ({apart('3.73')} إلى {apart('3.95')})"),
        ("−0.1 points (−0.2 to +0.1)", f"{apart('−0.1')} نقاط ({apart('−0.2')} إلى {apart('+0.1')})"),
        ("8 to 9 min", f"{apart('8')} إلى {apart('9')} {apart('min')}"),
        ("71 of 75", f"{apart('71')} من {apart('75')}"),
    ],
)
def test_numbers_keep_their_signs_beside_the_word_between_them(english: str, arabic: str) -> None:
    with translation.override("ar"):
        assert said_text(english) == arabic


@pytest.mark.usefixtures("small")
def test_a_fault_is_said_with_its_place_and_the_value_that_was_given() -> None:
    with translation.override("ar"):
        # `must be {what}` has more fixed text, but leaves English words: the other pattern says all of it
        wrong = f"يجب أن يكون عدداً صحيحاً؛ والوارد {apart('12,5')}"
        assert said_text("must be a whole number; got 12,5") == wrong
        place = apart("cycle.toml:3: currency:")
        assert said_text("cycle.toml:3: currency: is missing; add it").endswith(f"{place} مفقود؛ أضِفه")
        assert said_text("without an owner: Sales, Depot") == f"بلا مسؤول: {apart('Sales, Depot')}"


@pytest.mark.usefixtures("small")
def test_a_count_is_a_number_so_that_no_sentence_of_people_is_taken_for_one() -> None:
    with translation.override("ar"):
        assert said_text("3 needs") == "\u200f" + f"{apart('3')} من الاحتياجات"
        assert said_text("What the driver needs") == "What the driver needs"


@pytest.mark.usefixtures("small")
def test_a_chart_is_said_without_a_change_of_its_data() -> None:
    svg = '<svg aria-label="the market"><text x="1">not shown</text><text>Coach</text></svg>'
    assert (
        drawing_in("ar", svg)
        == '<svg aria-label="السوق"><text x="1">\u202bلم يثبت\u202c</text><text>Coach</text></svg>'
    )
    assert drawing_in("en", svg) == svg
    spec = {
        "data": {"values": [{"series": "the market"}]},
        "encoding": {
            "x": {"field": "day", "type": "quantitative", "title": "points"},
            "color": {"field": "series", "type": "nominal"},
        },
    }
    said_in_arabic = spec_in("ar", spec)
    assert said_in_arabic["data"] == spec["data"]
    assert said_in_arabic["encoding"]["x"]["title"] == "\u202bنقاط\u202c"
    legend = said_in_arabic["encoding"]["color"]["legend"]["labelExpr"]
    assert "'the market': '\u202bالسوق\u202c'" in legend
    assert legend.endswith("[datum.value] || datum.label")
    assert spec_in("en", spec) == spec


@pytest.mark.usefixtures("small")
def test_what_has_no_arabic_stays_english_and_says_so() -> None:
    with translation.override("ar"):
        assert said("A <b> of its own.") == '<span lang="en" dir="ltr">A &lt;b&gt; of its own.</span>'
        assert said("3 of 5 classes have customers. Else.").endswith('<span lang="en" dir="ltr">Else.</span>')
        assert said("الدقة في المواعيد") == "الدقة في المواعيد"
        assert said("42 %") == "42 %"
    with translation.override("en"):
        assert said("Not shown") == "Not shown"


@pytest.mark.usefixtures("small")
def test_a_name_with_markup_is_escaped_where_a_sentence_carries_it() -> None:
    from django.template import Context, Template

    with translation.override("ar"):
        shown = Template("{% load ui_tags %}{{ text|said }}").render(Context({"text": "<i>Bus</i> moved here."}))
    assert "<i>" not in shown
    assert "&lt;i&gt;" in shown


@pytest.mark.django_db
def test_the_language_is_kept_with_the_person(client_of: Any, person_of: Any) -> None:
    client: Client = client_of("viewer")
    assert client.post("/i18n/setlang/", {"language": "ar", "next": "/"}).status_code == 302
    page = client.get("/").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "main.rtl.css" in page
    person = person_of("viewer")
    person.refresh_from_db()
    assert person.language == "ar"


@pytest.mark.django_db
def test_a_stranger_reads_in_the_language_of_the_browser() -> None:
    page = Client().get("/accounts/login/", headers={"accept-language": "ar,en;q=0.5"}).content.decode()
    assert 'dir="rtl"' in page
    assert "كلمة المرور" in page


@pytest.mark.django_db
def test_what_a_step_stored_is_shown_in_arabic(client_of: Any, computed_cycle: Any) -> None:
    client: Client = client_of("owner")
    client.post("/i18n/setlang/", {"language": "ar", "next": "/"})
    page = client.get(f"/c/{computed_cycle.key}/customers/").content.decode()
    assert "من هم العملاء، وإلى أي فئات ينقسمون" in page
    assert "تعرف المنظمة من هم عملاؤها." in page
    assert "معايير الخروج" in page


class Words(HTMLParser):
    """The texts of a page that people see or hear; not those inside of drawings, which one label tells."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.inside: list[str] = []
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "svg", "textarea"}:
            self.inside.append(tag)
        if not self.inside:
            self.found += [str(value) for name, value in attrs if name in {"aria-label", "title", "data-alt"}]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


@pytest.mark.django_db
def test_pages_of_a_computed_cycle_are_arabic_but_for_what_people_wrote(
    client_of: Any, computed_cycle: Any, tmp_path: Path
) -> None:
    from builders.folder import write_cycle
    from nonagon.process import registry

    typed = "\n".join(file.read_text("utf-8") for file in write_cycle(tmp_path / "small").rglob("*.*"))
    typed = typed.lower().replace("_", " ")

    def is_typed(text: str) -> bool:
        parts = re.split(r", | · | → |; |: | \(|\)", text.lower().replace("_", " "))
        return bool(TYPED.search(text)) or all(
            one.strip(" …*")[:30] in typed or not re.search("[a-z]{2}", one) for one in parts
        )

    client: Client = client_of("owner")
    client.post("/i18n/setlang/", {"language": "ar", "next": "/"})
    words = [registry.room(step).word for step in range(1, 10)]
    texts: list[str] = []
    for place in ["", *[f"{word}/" for word in words], "data/", "trace/", "history/", "reports/", "settings/"]:
        page = client.get(f"/c/{computed_cycle.key}/{place}")
        assert page.status_code == 200, place
        found = [one.strip() for one in Words(page.content.decode()).found]
        texts += [one for one in found if re.search(r"[^\W\d_]{2}", one)]
    left = [one for one in texts if not re.search("[\u0600-\u06ff]", one) and not is_typed(one)]
    assert len(texts) > 3000
    assert len(left) <= (1 - LEAST_SAID) * len(texts), sorted(set(left))


OWN_WORDS = {
    "home line is C1 or C3": "هو C1 أو C3",
    "ticket type is monthly pass and network is city": "هو monthly pass و",
    "age band is 65 and over": "هو 65 and over",
    "against Coast Coach +0.46 points (+0.24 to +0.68)": "Coast Coach +0.46 نقاط (+0.24 إلى +0.68)",
    "Our score from 3.62 to 3.84": "من 3.62 إلى 3.84",
    "of 250 000 EUR": "من 250 000 EUR",
    "amount must be a number": "يجب أن يكون المبلغ عدداً",
    "Net promoter score, by wave: Our score from −18.5 to −8.9.": "حسب الموجة: Our score من −18.5 إلى −8.9.",
    "Clean buses on time (must-be); Seats (attractive)": "Clean buses on time (أساسي)؛ Seats (جذاب)",
}
"""Texts of the rooms, and what of them must be read in Arabic; names and values stay as people gave them."""


@pytest.mark.parametrize("english", OWN_WORDS)
def test_rules_intervals_and_lists_are_said_around_the_names_in_them(english: str) -> None:
    with translation.override("ar"):
        # whatever sets names and numbers apart does not show
        shown = re.sub("[\u2066-\u2069\u200e\u200f]", "", str(catalogues._carried("ar", english)))
    assert OWN_WORDS[english] in shown


@pytest.mark.parametrize(
    "typed",
    [
        "Specify what passengers must be told, and when",
        "five departures a day",
        "Price is fair",
        "the bus is late and the driver is rude",
    ],
)
def test_a_sentence_of_people_is_not_taken_for_one_of_the_rooms(typed: str) -> None:
    """Each was once shown half in Arabic, by a pattern with few words of its own."""
    with translation.override("ar"):
        assert said_text(typed) == typed


def test_axes_of_time_have_the_names_of_months_in_arabic() -> None:
    assert times_in("en") == {}
    times = times_in("ar")
    assert (len(times["months"]), len(times["days"])) == (12, 7)
    assert times["months"][4] == "مايو"  # May, as the calendar of the pages writes it
    assert times["days"][0] == "الأحد"  # d3 begins with Sunday


@pytest.mark.usefixtures("small")
def test_letters_in_a_chart_are_said_from_a_field_beside_the_data() -> None:
    text = {"mark": "text", "encoding": {"text": {"field": "label", "type": "nominal"}}}
    spec = {"data": {"values": [{"label": "the market"}]}, "layer": [text]}
    (layer,) = spec_in("ar", spec)["layer"]
    assert layer["encoding"]["text"]["field"] == SAID_FIELD
    assert layer["transform"][-1]["calculate"].endswith("[datum['label']] || datum['label']")
    assert "السوق" in layer["transform"][-1]["calculate"]
    assert spec["layer"][0]["encoding"]["text"]["field"] == "label"


def test_a_unit_in_front_does_not_turn_an_interval_from_left_to_right() -> None:
    with translation.override("ar"):
        assert said_text("0 EUR (0 to 433)").startswith("\u200f")
        assert not said_text("4.5 (4.1 to 4.9)").startswith("\u200f")
