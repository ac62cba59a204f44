"""Short ids as the models declare them: which places of a document give a record its id, and which name one by it.

A field says so in its type, `need: NeedId` or `id: Annotated[str, Defines("need")]`, in lists and in the keys of
tables too. One walk over the models gives every such place. From it follow the faults about unknown ids, what
inputs suggest, and what a renaming changes; so there is no second list of fields to keep.
"""

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel

Path = tuple[str | int, ...]
Id = tuple[str, str]
"""A kind of record and an id of that kind."""


@dataclass(frozen=True, slots=True)
class Defines:
    """The place gives a record of `kind` its id. in_data: the data know the record by it, so it has to stay."""

    kind: str
    in_data: bool = False


@dataclass(frozen=True, slots=True)
class Refers:
    """The place names a record by its id.

    kinds: of the records that it may name; none where ids stand in it only behind a prefix; behind: prefix -> kind
    of the id that follows it, such as `opp-` and the id of a need; between: what stands between two ids in one
    text; besides: texts that name no record; checked: whether an unknown id is said in the common words.
    """

    kinds: tuple[str, ...] = ()
    behind: tuple[tuple[str, str], ...] = ()
    between: str = ""
    besides: tuple[str, ...] = ()
    checked: bool = True


ItemId = Annotated[str, Refers(("item",))]
ClassId = Annotated[str, Refers(("class",))]
NeedId = Annotated[str, Refers(("need",))]
CharacteristicId = Annotated[str, Refers(("characteristic",))]
OpportunityId = Annotated[str, Refers(("opportunity",), behind=(("opp-", "need"),))]
ObjectiveId = Annotated[str, Refers(("objective",))]
ProjectId = Annotated[str, Refers(("project",))]
ActivityId = Annotated[str, Refers(("activity",))]
ControlItemId = Annotated[str, Refers(("control_item",))]
FollowUpId = Annotated[str, Refers(("follow_up",))]
EffectId = Annotated[str, Refers(("effect",))]


@dataclass(frozen=True, slots=True)
class Place:
    """One place that gives or names ids: where it is, its text, and what its model declares of it.

    is_key: the text is the key of a table, the last part of `path`.
    """

    path: Path
    text: str
    mark: Defines | Refers
    is_key: bool = False

    def ids(self) -> Iterator[Id]:
        """The ids that the text gives or may name.

        >>> behind = Refers(("opportunity",), behind=(("opp-", "need"),))
        >>> list(Place(("plan", 0, "opportunity"), "opp-fast", behind).ids())
        [('opportunity', 'opp-fast'), ('need', 'fast')]
        """
        return (one for meanings in self.meanings() for one in meanings)

    def meanings(self) -> Iterator[tuple[Id, ...]]:
        """For each name in the text the ids that it may be: of several kinds, or what stands behind a prefix."""
        mark = self.mark
        if isinstance(mark, Defines):
            yield ((mark.kind, self.text),)
            return
        for text in self._parts():
            if text.strip() in mark.besides:
                continue
            plain = [(kind, text.strip()) for kind in mark.kinds]
            behind = [(kind, text.removeprefix(prefix)) for prefix, kind in mark.behind if text.startswith(prefix)]
            if plain or behind:
                yield (*plain, *behind)

    def renamed(self, kind: str, old: str, new: str) -> str:
        """The text with the id `new` where the record of `kind` was named `old`.

        >>> pair = Refers(("characteristic",), between="/")
        >>> Place(("accepted_conflicts", "a/ b"), "a/ b", pair, is_key=True).renamed("characteristic", "b", "c")
        'a/ c'
        """
        if (kind, old) not in self.ids():
            return self.text
        if isinstance(self.mark, Defines):
            return new
        return self.mark.between.join(self._one_renamed(text, kind, old, new) for text in self._parts())

    def _parts(self) -> list[str]:
        between = self.mark.between if isinstance(self.mark, Refers) else ""
        return self.text.split(between, 1) if between else [self.text]

    def _one_renamed(self, text: str, kind: str, old: str, new: str) -> str:
        assert isinstance(self.mark, Refers)
        if kind in self.mark.kinds and text.strip() == old:
            return text.replace(old, new)
        for prefix, of_kind in self.mark.behind:
            if (of_kind, text) == (kind, prefix + old):
                return prefix + new
        return text


def places(document: BaseModel) -> Iterator[Place]:
    """Every place of a document that gives or names ids, as it is written, in the order of the fields.

    >>> class Task(BaseModel):
    ...     id: Annotated[str, Defines("activity")]
    ...     after: tuple[ActivityId, ...] = ()
    >>> [(one.path, one.text) for one in places(Task(id="b", after=("a",)))]
    [(('id',), 'b'), (('after', 0), 'a')]
    """
    return _model_places(document, ())


def changed_texts(
    document: BaseModel, found: Sequence[Place], kind: str, old: str, new: str
) -> Iterator[tuple[Path, Any]]:
    """Where a document changes when the record of `kind` named `old` is named `new`, and what stands there then.

    found: the places of the document.

    Lists of ids and tables whose keys are ids change as a whole, so that their order is kept.
    """
    whole: dict[Path, None] = {}
    for one in found:
        text = one.renamed(kind, old, new)
        if text == one.text:
            continue
        if one.is_key or isinstance(one.path[-1], int):
            whole[one.path[:-1]] = None
        else:
            yield one.path, text
    for path in whole:
        here = {one.path[-1]: one.renamed(kind, old, new) for one in found if one.path[:-1] == path}
        value = _at(document, path)
        if isinstance(value, dict):
            yield path, {here.get(key, key): one for key, one in value.items()}
        else:
            yield path, [here.get(place, one) for place, one in enumerate(value)]


def defined_at(model: type[BaseModel], path: Sequence[str | int]) -> Defines | None:
    """What the model declares of the id at a path, whose parts name entries or count them; None for other places.

    >>> class Task(BaseModel):
    ...     id: Annotated[str, Defines("activity")]
    >>> class Plan(BaseModel):
    ...     tasks: tuple[Task, ...] = ()
    >>> defined_at(Plan, ("tasks", "@hire", "id"))
    Defines(kind='activity', in_data=False)
    """
    here: Any = model
    marks: tuple[Any, ...] = ()
    for part in path:
        here, marks = _below(here, part)
    return next((one for one in marks if isinstance(one, Defines)), None)


def reference_in(annotation: Any, metadata: Sequence[Any] = ()) -> Refers | None:
    """What a field of text, or a list of texts, declares to name; None where it declares nothing.

    >>> reference_in(tuple[NeedId, ...] | None).kinds
    ('need',)
    """
    found = next((one for one in metadata if isinstance(one, Refers)), None)
    if found is not None or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return found
    if typing.get_origin(annotation) is Annotated:
        inner, *marks = typing.get_args(annotation)
        return reference_in(inner, marks)
    inside = (reference_in(one) for one in typing.get_args(annotation) if one is not Ellipsis)
    return next((one for one in inside if one is not None), None)


# --- the walk: for each annotation a function that gives the places of a value, made once


Walk = Callable[[Any, Path], Iterator[Place]]


def _model_places(value: Any, path: Path) -> Iterator[Place]:
    if value is None:
        return
    model: type[BaseModel] = type(value)
    for name, walk in _walks(model):
        yield from walk(getattr(value, name), (*path, name))


@cache
def _walks(model: type[BaseModel]) -> tuple[tuple[str, Walk], ...]:
    """The fields of a model below which ids stand, each with its walk."""
    found = ((name, _walk(one.annotation, tuple(one.metadata))) for name, one in model.model_fields.items())
    return tuple((name, walk) for name, walk in found if walk is not None)


def _walk(annotation: Any, metadata: tuple[Any, ...] = ()) -> Walk | None:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _walk(arguments[0], (*metadata, *arguments[1:]))
    if origin in {typing.Union, types.UnionType}:
        return next((walk for one in arguments if (walk := _walk(one, metadata)) is not None), None)
    if origin is tuple:
        return _each(_walk(arguments[0]))
    if origin is dict:
        return _table(_walk(arguments[0]), _walk(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model_places if _walks(annotation) else None
    marks = tuple(one for one in metadata if isinstance(one, Defines | Refers))
    return _leaf(marks) if marks else None


def _leaf(marks: tuple[Defines | Refers, ...]) -> Walk:
    def walk(value: Any, path: Path) -> Iterator[Place]:
        if value is not None:
            yield from (Place(path, value, mark) for mark in marks)

    return walk


def _each(inner: Walk | None) -> Walk | None:
    def walk(value: Any, path: Path) -> Iterator[Place]:
        assert inner is not None
        for place, one in enumerate(value or ()):
            yield from inner(one, (*path, place))

    return walk if inner is not None else None


def _table(keys: Walk | None, values: Walk | None) -> Walk | None:
    def walk(value: Any, path: Path) -> Iterator[Place]:
        for key, one in value.items():
            if keys is not None:
                yield from (Place(here.path, key, here.mark, is_key=True) for here in keys(key, (*path, key)))
            if values is not None:
                yield from values(one, (*path, key))

    return walk if keys is not None or values is not None else None


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = getattr(value, str(part)) if isinstance(value, BaseModel) else value[part]
    return value


def _below(annotation: Any, part: str | int) -> tuple[Any, tuple[Any, ...]]:
    """The annotation of what stands at `part` of a value so annotated, with what is declared beside it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _below(arguments[0], part)
    if origin in {typing.Union, types.UnionType}:
        found = (_below(one, part) for one in arguments)
        return next((one for one in found if one[0] is not None), (None, ()))
    if origin is tuple:
        return arguments[0], ()
    if origin is dict:
        return arguments[1], ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and part in annotation.model_fields:
        field = annotation.model_fields[str(part)]
        return field.annotation, tuple(field.metadata)
    return None, ()
