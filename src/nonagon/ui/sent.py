"""Edits of decisions as the pages send them."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from nonagon.process.edits import OPS, Edit
from nonagon.ui.answers import BadRequest


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page sends. base: the version that it shows; known: later ones that it made or was told of."""

    base: int
    edits: list[Edit]
    known: frozenset[int]


def edits_from(body: bytes) -> Sent:
    """Of a JSON body `{"base": 12, "known": [14], "edits": [{"op", "path", "value", "to"}]}`."""
    try:
        sent = json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadRequest(_("The body must be JSON; %(why)s.") % {"why": error}) from error
    if not isinstance(sent, dict) or type(sent.get("base")) is not int or not isinstance(sent.get("edits"), list):
        raise BadRequest(_("The body must hold “base” (the version that was seen) and “edits” (a list)."))
    known = sent.get("known", [])
    if not isinstance(known, list) or not all(type(one) is int for one in known):
        raise BadRequest(_("“known” must be a list of numbers of versions."))
    return Sent(sent["base"], [_edit(one) for one in sent["edits"]], frozenset(known))


def _edit(sent: Any) -> Edit:
    if not isinstance(sent, dict) or sent.get("op") not in OPS:
        raise BadRequest(_("Each edit must name its “op”: one of %(ops)s.") % {"ops": ", ".join(OPS)})
    path, to = sent.get("path"), sent.get("to")
    if not isinstance(path, list) or not all(type(part) in {str, int} for part in path):
        raise BadRequest(_("Each edit must hold a “path”: a list of names and positions."))
    if to is not None and type(to) is not int:
        raise BadRequest(_("“to” must be a whole number; got %(got)s.") % {"got": json.dumps(to)})
    return Edit(sent["op"], tuple(path), sent.get("value"), to)
