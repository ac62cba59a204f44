"""Arabic: complete for what the pages say, the same places in every translation, and right to left."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from nonagon.ui import sentences
from nonagon.ui.sentences import END, ISOLATE, Catalogue, said, said_text

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\(\w+\)[a-z]|(?<!\{)\{\w+\}|%[sd]")
ALWAYS_SAID = {"label", "choice", "help"}
"""What the catalogue marks of the decisions' models; all of it has Arabic."""


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


def test_every_message_of_the_pages_has_arabic(messages: ModuleType, fresh: dict[str, Any]) -> None:
    held = messages.held("django")
    missing = [
        one.id
        for one in fresh["django"]
        if one.id and ((known := held.get(forms(one.id)[0])) is None or not messages.is_translated(known))
    ]
    assert not missing, "run `make messages`, then write the Arabic in src/nonagon/ui/locale/ar"


def test_labels_help_and_choices_of_decisions_have_arabic(messages: ModuleType, fresh: dict[str, Any]) -> None:
    held = messages.held("sentences")
    missing = [
        one.id
        for one in fresh["sentences"]
        if one.id
        and ALWAYS_SAID & set(one.auto_comments)
        and re.search(r"[A-Za-z]{2}", one.id)
        and ((known := held.get(one.id)) is None or not messages.is_translated(known))
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
    }
    made = [sentences._pattern(*one) for one in texts.items()]
    known = Catalogue({"not shown": "لم يثبت", "the market": "السوق"}, tuple(one for one in made if one))
    monkeypatch.setattr(sentences, "catalogue", lambda language: known)
    sentences._said.cache_clear()
    yield known
    sentences._said.cache_clear()


@pytest.mark.usefixtures("small")
def test_a_stored_sentence_is_said_with_its_numbers_and_names() -> None:
    with translation.override("ar"):
        assert said_text("3 of 5 classes have customers") == f"في {ISOLATE}3{END} من {ISOLATE}5{END} فئات عملاء"
        assert said_text("Not shown") == "لم يثبت"
        assert said_text("the market moved.") == "انتقل السوق."
        assert said_text("Coach moved. the market moved.").startswith("انتقل")


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
