"""Every page of the application that can be asked for, found from its addresses: new pages are tested unasked."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

NO_PAGES = {
    "answers with a file": ("report.", ".zip", ".csv", ".json", "improvements/copy."),
    "a door for scripts, not a page": ("/edit", "/undo", "/redo", "/jobs/", "/api/", "openapi", "/health"),
    "asks to post": ("/decide", "/sign", "/withdraw", "/compute", "/cancel", "logout", "i18n", "/setlang"),
    "goes elsewhere or needs a secret": ("/setup/", "/invitation/", "oidc", "social", "3rdparty", "static"),
}
"""Parts of addresses that no person looks at as a page, by reason."""

CHOSEN = (
    "/c/{key}/aftersales/case/k1/",
    "/c/{key}/control/measure/?item=ci_waiting",
    "/c/{key}/customers/register/?class=north",
    "/c/{key}/customers/register/?page=2",
    "/c/{key}/customers/register/?search=c00",
    "/c/{key}/needs/verbatims/?need=fast",
    "/c/{key}/needs/verbatims/?need=fast&q=slow",
    "/c/{key}/trace/?kind=need&id=fast",
)
"""Pages of the small cycle (builders/folder.py) with a record chosen, a search, or another part of a long list."""


@cache
def addresses() -> tuple[str, ...]:
    """Every address of the application without arguments, or with nothing but the cycle and the organization.

    `{key}` and `{organization}` stand for these; `filled` puts them in.
    """
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for one in patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, path)
            elif isinstance(one, URLPattern):
                yield path

    found = set()
    for raw in walk(get_resolver("nonagon.app.urls").url_patterns, "/"):
        path = raw.replace("<slug:key>", "{key}").replace("<slug:slug>", "{organization}")
        if re.search(r"[<(\^\\]", path) or any(part in path for parts in NO_PAGES.values() for part in parts):
            continue
        found.add(path)
    return tuple(sorted(found))


def filled(path: str, key: str) -> str:
    """The address for a cycle of the organization `ticket-office`."""
    return path.format(key=key, organization="ticket-office")
