"""Who may open which door: every address of the application, with the permission that it needs.

A new address fails `test_every_address_is_in_the_table` until it has a row in DOORS. A row says the route as the
resolver writes it, what it needs, what to send, and what who may gets; the rest follows for every role, for an
anonymous visitor, and for the owner of another organization, who must not learn that anything here exists:

    Door("c/<slug:key>/needs/seal/", Permission.EDIT, post={}, gives=302)

needs: a permission, OPEN (anybody) or SIGNED_IN (anybody with an account). post: a form, json: a body; without
either it is a GET; method: another one. gives: the status for who may. words: values of the route's parts other
than those of `place`. team: only the plan's team (here the owner alone) gets `gives`; everybody else in the
organization gets 403. Operations of the API have a row for each method; they say 401 where pages lead to sign in.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from pypdf import PdfReader

from builders.web import ROLES, Silent, member, signed_in
from nonagon.accounts.access import ALLOWED, Actor, Permission
from nonagon.accounts.invitations import invite
from nonagon.accounts.keys import create_key
from nonagon.accounts.models import Membership, Person
from nonagon.process import documents
from nonagon.process.edits import Edit
from nonagon.process.models import Job, PlanReader
from nonagon.workspace.api.root import api
from nonagon.workspace.compute import compute_cycle
from nonagon.workspace.copies import ENDINGS, ask_for_copy, make_copy

OPEN, SIGNED_IN = "open", "signed in"
VIEW, EDIT, MEASURE, SIGN, UPLOAD, EXPORT, MANAGE = (
    Permission.VIEW,
    Permission.EDIT,
    Permission.MEASURE,
    Permission.SIGN,
    Permission.UPLOAD,
    Permission.EXPORT,
    Permission.MANAGE,
)


@dataclass(frozen=True)
class Door:
    """One row; see the module."""

    route: str
    needs: str
    gives: int | tuple[int, ...] = 200
    post: dict[str, Any] | None = None
    json: Any = None
    method: str = ""
    upload: tuple[str, bytes] | None = None
    """name and content of a file that is sent as `file`"""
    words: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    team: bool = False
    anywhere: bool = False
    """the permission in any organization of one's own is enough: the address names none"""
    refused: int = 403
    """what a member gets who may not"""
    roles: frozenset[str] | None = None
    """the roles that may, where it is not as the permission says"""

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.method or ("GET" if (self.post, self.json, self.upload) == (None, None, None) else "POST")

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.verb != "GET"

    @property
    def is_api(self) -> bool:
        """Whether programs ask for it."""
        return self.route.startswith(A)

    @property
    def anonymous(self) -> int:
        """What a visitor without an account gets: 302 leads to the sign-in page."""
        return 401 if self.is_api else 302


NOBODYS = "00000000-0000-4000-8000-000000000000"


def edit(path: list[Any], value: Any) -> dict[str, Any]:
    """One edit, as the pages send it."""
    return {"base": 1, "edits": [{"op": "set", "path": path, "value": value}]}


SPLIT = {
    "base": 1,
    "need": "fast",
    "id": "queue",
    "name": "Queue",
    "rules": [],
    "verbatims": [],
    "beside": True,
    "coder": "",
}
C, O = "c/<slug:key>/", "o/<slug:slug>/"  # noqa: E741
ACCOUNT, A = "accounts/", "api/v1/"
AC, AO = A + "cycles/<key>", A + "organizations/<slug>"

DOORS = [
    # ------------------------------------------------ all cycles
    Door("", SIGNED_IN),
    Door("cycles/new/", SIGNED_IN),
    Door("cycles/import/", SIGNED_IN),
    Door("cycles/import/", SIGNED_IN, post={}, gives=422),
    # ------------------------------------------------ one cycle
    Door(C, VIEW),
    Door(C + "settings/", VIEW),
    Door(C + "data/", VIEW),
    Door(C + "reports/", EXPORT),
    Door(C + "reports/make", EXPORT, post={"format": "html"}, gives=302),
    Door(C + "reports/<int:job>/", EXPORT, gives=404),
    Door(C + "data/upload", UPLOAD, post={}, gives=302),
    Door(C + "data/settle", UPLOAD, post={"token": "gone"}, gives=302),
    Door(C + "data/map/", UPLOAD, query="?source=shop"),
    Door(C + "data/map/", UPLOAD, post={"do": "look", "table": "sales", "files": "data/sales.csv"}),
    Door(C + "data/import", UPLOAD, post={}, gives=302),
    Door(C + "data/items", UPLOAD, post={}, gives=302),
    Door(C + "data/remove-file", UPLOAD, post={"name": "gone.csv"}, gives=302),
    Door(C + "data/source/<str:source>/newer", UPLOAD, post={}, gives=302, words={"source": "shop"}),
    Door(C + "data/source/<str:source>/remove", UPLOAD, post={}, gives=302, words={"source": "shop"}),
    Door(C + "data/rejects/", UPLOAD),
    Door(C + "data/rejects.csv", UPLOAD),
    Door(C + "archive.zip", EXPORT),
    Door(C + "history/", VIEW),
    Door(C + "trace/", VIEW),
    Door(C + "next/", EDIT),
    Door(C + "next/", EDIT, post={"name": "Next"}, gives=302),
    Door(C + "jobs/<int:job>/", VIEW),
    Door(C + "jobs/<int:job>/cancel", EDIT, post={}, gives=302),
    Door(C + "compute", EDIT, post={}, gives=302),
    Door(C + "rename", EDIT, query="?kind=need&id=fast"),
    Door(C + "rename", EDIT, post={"kind": "need", "id": "fast", "to": "swift"}),
    Door(C + "rename", EDIT, query="?kind=project&id=counter", team=True),
    Door(C + "rename", EDIT, post={"kind": "project", "id": "counter", "to": "swift"}, team=True),
    Door(C + "<slug:word>/edit", EDIT, json=edit(["unknown_limit"], 0.3)),
    Door(C + "<slug:word>/edit", EDIT, json=edit(["name"], "Renamed"), words={"word": "settings"}),
    Door(C + "<slug:word>/edit", EDIT, json=edit(["budget"], 1), words={"word": "improvements"}, team=True),
    Door(C + "<slug:word>/undo", EDIT, post={}, gives=(200, 409)),
    Door(C + "<slug:word>/undo", EDIT, post={}, gives=(200, 409), words={"word": "improvements"}, team=True),
    Door(C + "<slug:word>/redo", EDIT, post={}, gives=409),
    Door(C + "<slug:word>/redo", EDIT, post={}, gives=409, words={"word": "improvements"}, team=True),
    Door(C + "<slug:word>/sign", SIGN, post={"reason": "told by the head of quality"}, gives=302),
    Door(C + "<slug:word>/withdraw", SIGN, post={}, gives=302),
    # ------------------------------------------------ the nine steps
    Door(C + "customers/", VIEW),
    Door(C + "customers/count", EDIT, post={}, gives=(200, 400, 422)),
    Door(C + "customers/register/", EDIT),
    Door(C + "customers/duplicates/", EDIT),
    Door(C + "customers/duplicates/decide", EDIT, post={"verdict": "perhaps"}, gives=302),
    Door(C + "market/", VIEW),
    Door(C + "needs/", VIEW),
    Door(C + "needs/tree/", VIEW),
    Door(C + "needs/verbatims/", VIEW, query="?need=fast"),
    Door(C + "needs/queue/", EDIT),
    Door(C + "needs/code/", EDIT, json={"verbatim": "v000", "needs": ["fast"], "coder": "first"}),
    Door(C + "needs/merge/", EDIT, query="?need=clean&into=kind"),
    Door(C + "needs/merge/", EDIT, json={"need": "clean", "into": "kind"}),
    Door(C + "needs/remove/", EDIT, query="?need=clean"),
    Door(C + "needs/remove/", EDIT, json={"need": "clean"}, gives=422),
    Door(C + "needs/split/", EDIT, json=SPLIT),
    Door(C + "needs/seal/", SIGN, post={"base": "1"}, gives=302),
    Door(C + "needs/open/", SIGN, post={"reason": "sealed by mistake"}, gives=302),
    Door(C + "characteristics/", VIEW),
    Door(C + "characteristics/preview", VIEW, json={}, gives=422),
    Door(C + "characteristics/pairs", VIEW, json={}, gives=422),
    Door(C + "opportunities/", VIEW),
    Door(C + "opportunities/charter/approve", SIGN, post={"version": "1", "base": "1"}, gives=302),
    Door(C + "opportunities/charter/<str:version>/", VIEW, words={"version": "none"}, gives=404, refused=404),
    Door(C + "improvements/", VIEW, team=True),
    Door(C + "improvements/copy.<slug:ending>", EXPORT, words={"ending": "html"}, team=True),
    Door(C + "improvements/copy", EXPORT, post={"reader": "{reader}", "ending": "html"}, team=True),
    Door(C + "improvements/preview", VIEW, json={"base": 0, "edits": []}, team=True),
    Door(C + "improvements/vault/", VIEW, team=True),
    Door(C + "improvements/vault/admit", EDIT, post={}, gives=422, team=True),
    Door(C + "improvements/vault/outsider", EDIT, post={}, gives=422, team=True),
    Door(C + "improvements/vault/remove", EDIT, post={"reader": "0"}, gives=(302, 404), team=True),
    Door(C + "control/", VIEW),
    Door(C + "control/explain", EDIT, post={}, gives=(200, 302, 422)),
    Door(C + "control/deviation", EDIT, post={}, gives=(200, 302, 422), team=True),
    Door(C + "control/measure/", MEASURE),
    Door(C + "control/measure/paste", MEASURE, post={}, gives=(200, 302, 400, 422)),
    Door(
        C + "control/measure/<uuid:typed>/withdraw",
        MEASURE,
        post={},
        gives=404,
        words={"typed": NOBODYS},
        refused=404,
    ),
    Door(C + "aftersales/", VIEW),
    Door(C + "aftersales/cases/", VIEW),
    Door(C + "aftersales/case/<path:case>/", VIEW, words={"case": "k1"}),
    Door(C + "aftersales/cases/new/", MEASURE),
    Door(C + "aftersales/cases/new/", MEASURE, post={"kind": "none"}, gives=422),
    Door(C + "aftersales/cases/edit", MEASURE, json=edit(["cases", "@k1", "wish"], "a seat")),
    Door(C + "aftersales/cases/step", MEASURE, post={"case": "k3", "step": "closed"}, gives=302),
    Door(C + "aftersales/cases/low-scores/", MEASURE),
    Door(C + "aftersales/cases/low-scores/", MEASURE, post={}, gives=302),
    Door(C + "results/", VIEW),
    Door(C + "results/seal", EDIT, post={"effect": "e1"}, gives=302),
    Door(C + "results/carry", EDIT, post={"need": "clean", "reason": "later"}, gives=302),
    Door(C + "results/review/", VIEW),
    Door(C + "results/review/sign", SIGN, post={"by": "", "seen": ""}, gives=302),
    # ------------------------------------------------ organizations
    Door("o/new/", MANAGE, anywhere=True),
    Door("o/new/", MANAGE, anywhere=True, post={"name": "New"}, gives=302),
    Door(O, VIEW),
    Door(O + "invite", MANAGE, post={"email": "new@example.org", "role": "viewer"}),
    Door(O + "invitations/<int:invitation>/withdraw", MANAGE, post={}, gives=302),
    Door(O + "members/<int:member>/role", MANAGE, post={"role": "analyst"}, gives=302),
    Door(O + "members/<int:member>/remove", MANAGE, post={}, gives=302),
    Door(O + "settings/", MANAGE),
    Door(O + "settings/", MANAGE, post={"name": "Renamed"}, gives=302),
    Door(O + "keys/", VIEW),
    # who signed in a while ago types the password again first; then the organization is looked up
    Door(O + "keys/new/", SIGNED_IN, gives=302),
    Door(O + "keys/<int:key_id>/withdraw", VIEW, post={}, gives=302, roles=frozenset({"owner"})),
    Door(O + "audit/", MANAGE),
    Door(O + "audit.csv", MANAGE),
    # ------------------------------------------------ for programs
    Door(A + "openapi.json", OPEN),
    Door(A, OPEN, gives=404),
    Door(A + "organizations", SIGNED_IN),
    Door(A + "organizations", MANAGE, anywhere=True, json={"name": "New"}, gives=201),
    Door(AO + "/members", VIEW),
    Door(AO + "/members/<member>", MANAGE, method="PUT", json={"role": "analyst"}),
    Door(AO + "/members/<member>", MANAGE, method="DELETE"),
    Door(AO + "/invitations", MANAGE),
    Door(AO + "/invitations", MANAGE, json={"email": "new@example.org", "role": "viewer"}, gives=201),
    Door(AO + "/invitations/<invitation>", MANAGE, method="DELETE"),
    Door(AO + "/keys", VIEW),
    Door(AO + "/keys", VIEW, json={"name": "k", "scopes": ["view"]}, gives=403),
    Door(
        AO + "/keys/<key>",
        VIEW,
        method="DELETE",
        words={"key": "{key_id}"},
        roles=frozenset({"owner"}),
        refused=404,
    ),
    Door(AO + "/audit", MANAGE),
    Door(AO + "/cycles/import", UPLOAD, upload=("cycle.zip", b"no archive"), gives=422),
    Door(A + "cycles", SIGNED_IN),
    Door(A + "cycles", EDIT, json={"organization": "ticket-office", "name": "New"}, gives=201),
    Door(AC, VIEW),
    Door(AC, EDIT, method="PATCH", json={"name": "Renamed"}),
    Door(AC + "/overview", VIEW),
    Door(AC + "/steps/<step>", VIEW),
    Door(AC + "/steps/<step>", VIEW, words={"step": 6}, team=True),
    Door(AC + "/steps/<step>/deliverable", VIEW),
    Door(AC + "/steps/<step>/deliverable", VIEW, words={"step": 6}, team=True),
    Door(AC + "/steps/<step>/sign-off", SIGN, json={"evidence": "old", "reason": ""}, gives=409),
    Door(AC + "/steps/<step>/sign-off", SIGN, method="DELETE", gives=409),
    Door(A + "documents/<step>/schema", SIGNED_IN),
    Door(AC + "/documents/<step>", VIEW),
    Door(AC + "/documents/<step>", VIEW, words={"step": 0}),
    Door(AC + "/documents/<step>", VIEW, words={"step": 6}, team=True),
    Door(AC + "/documents/<step>", EDIT, method="PUT", json={"base": 1, "document": {}}),
    Door(
        AC + "/documents/<step>",
        EDIT,
        method="PUT",
        json={"base": 1, "document": {}},
        words={"step": 6},
        team=True,
    ),
    Door(AC + "/documents/<step>", EDIT, method="PATCH", json=edit(["unknown_limit"], 0.3)),
    Door(AC + "/documents/<step>", EDIT, method="PATCH", json=edit(["budget"], 1), words={"step": 6}, team=True),
    Door(AC + "/documents/<step>/undo", EDIT, json={}, gives=(200, 409)),
    Door(AC + "/documents/<step>/undo", EDIT, json={}, gives=(200, 409), words={"step": 6}, team=True),
    Door(AC + "/documents/<step>/redo", EDIT, json={}, gives=409),
    Door(AC + "/documents/<step>/redo", EDIT, json={}, gives=409, words={"step": 6}, team=True),
    Door(AC + "/rename", EDIT, query="?kind=need&id=fast"),
    Door(AC + "/rename", EDIT, json={"kind": "need", "id": "fast", "to": "swift"}),
    Door(AC + "/rename", EDIT, query="?kind=activity&id=hire", team=True),
    Door(AC + "/rename", EDIT, json={"kind": "project", "id": "counter", "to": "swift"}, team=True),
    Door(AC + "/documents/<step>/versions", VIEW),
    Door(AC + "/documents/<step>/versions", VIEW, words={"step": 6}, team=True),
    Door(AC + "/documents/<step>/versions/<number>", VIEW),
    Door(AC + "/documents/<step>/versions/<number>", VIEW, words={"step": 6}, team=True),
    Door(AC + "/plan/readers", VIEW, team=True),
    Door(
        AC + "/plan/readers",
        EDIT,
        json={"kind": "team", "email": "analyst@ticket-office.example"},
        gives=201,
        team=True,
    ),
    Door(AC + "/plan/readers/<reader>", EDIT, method="DELETE", gives=422, team=True),
    Door(AC + "/plan/log", VIEW, team=True),
    Door(AC + "/plan/exposure", VIEW, team=True),
    Door(AC + "/trace", VIEW, query="?kind=need&id=fast"),
    Door(AC + "/trace", VIEW, query="?kind=project&id=counter", team=True),
    Door(AC + "/trace/breaks", VIEW),
    Door(AC + "/reports", EXPORT, json={"format": "html"}, gives=202),
    Door(AC + "/reports/<job>", EXPORT, gives=404),
    Door(AC + "/audit", VIEW),
    Door(AC + "/facts", VIEW),
    Door(AC + "/rejects.csv", UPLOAD),
    Door(AC + "/files", UPLOAD),
    Door(AC + "/files", UPLOAD, upload=("more.csv", b"a,b\n1,2\n"), gives=201),
    Door(AC + "/files", UPLOAD, method="DELETE", query="?name=none.csv", gives=(404, 422)),
    Door(AC + "/sources", UPLOAD),
    Door(AC + "/sources/<name>", UPLOAD, method="PUT", json={}, gives=422),
    Door(AC + "/sources/<name>", UPLOAD, method="DELETE"),
    Door(AC + "/import", UPLOAD, json={}, gives=202),
    Door(AC + "/compute", EDIT, json={}, gives=202),
    Door(AC + "/jobs", VIEW),
    Door(AC + "/jobs/<job>", VIEW),
    Door(AC + "/jobs/<job>/cancel", EDIT, json={}),
    Door(AC + "/archive.zip", EXPORT),
    Door(A + "me", SIGNED_IN),
    Door(A + "me", SIGNED_IN, method="PATCH", json={"name": "Ada"}),
    Door(AO, MANAGE),
    Door(AO, MANAGE, method="PUT", json={"name": "Renamed", "requires_second_factor": False}),
    Door(AO + "/cycles/import-folder", UPLOAD, json={"folder": "/srv"}, gives=422),
    Door(AC + "/next", EDIT),
    Door(AC + "/next", EDIT, json={"name": "Next"}, gives=201),
    Door(AC + "/reports", EXPORT),
    Door(AC + "/files/waiting", UPLOAD),
    Door(AC + "/files/waiting/<token>", UPLOAD, json={"choice": "drop"}, gives=422, words={"token": "gone"}),
    Door(AC + "/files/guess", UPLOAD, query="?name=none.csv", gives=404),
    Door(AC + "/sources/<name>/try", UPLOAD, json={}, gives=422),
    Door(AC + "/sources/<name>/file", UPLOAD, upload=("newer.csv", b"a,b"), gives=422, words={"name": "gone"}),
    Door(AC + "/items/new", UPLOAD),
    Door(AC + "/items", UPLOAD, json=[{"id": "q99", "text": "How was it?"}]),
    Door(AC + "/plan/past-readers", VIEW, team=True),
    Door(AC + "/plan/marks/<mark>", VIEW, words={"mark": "00000000"}, gives=404, team=True),
    Door(AC + "/plan/copies", EXPORT, json={"format": "html"}, team=True),
    # ------------------------------------------------ for programs: the rooms
    Door(AC + "/customers/count", EDIT, json={"classes": []}),
    Door(AC + "/customers/register", EDIT),
    Door(AC + "/needs/verbatims", VIEW, query="?need=fast"),
    Door(AC + "/needs/queue", EDIT),
    Door(AC + "/needs/codes", EDIT, json={"verbatim": "v000", "needs": ["fast"], "coder": "first"}),
    Door(AC + "/needs/merge", EDIT, query="?need=clean&into=kind"),
    Door(AC + "/needs/merge", EDIT, json={"need": "clean", "into": "kind"}),
    Door(AC + "/needs/remove", EDIT, query="?need=clean"),
    Door(AC + "/needs/remove", EDIT, json={"need": "clean"}, gives=422),
    Door(AC + "/needs/split", EDIT, json=SPLIT),
    Door(AC + "/needs/seal", SIGN, json={"base": 1}, gives=(200, 422)),
    Door(AC + "/needs/open", SIGN, json={"reason": "sealed by mistake"}, gives=(200, 422)),
    Door(AC + "/characteristics/preview", VIEW, json={"relationships": [[[9]]], "importance": [1]}),
    Door(AC + "/characteristics/pairs", VIEW, json={"needs": 2, "pairs": [[0, 1, 3]]}),
    Door(
        AC + "/opportunities/charter/approve",
        SIGN,
        json={"base": 1, "version": "9", "approved_by": "head"},
        gives=(200, 422),
    ),
    Door(AC + "/improvements/preview", VIEW, json={}, team=True),
    Door(AC + "/control/items", VIEW),
    Door(AC + "/control/measurements", VIEW),
    Door(
        AC + "/control/measurements",
        MEASURE,
        json={"key": NOBODYS, "item": "ci_waiting", "value": 4.5},
        gives=201,
    ),
    Door(
        AC + "/control/measurements/many",
        MEASURE,
        json={"key": NOBODYS, "readings": [{"item": "ci_waiting", "value": 4.5}]},
        gives=201,
    ),
    Door(
        AC + "/control/measurements/<typed>",
        MEASURE,
        method="PUT",
        json={"key": NOBODYS, "item": "ci_waiting", "value": 4.5},
        words={"typed": NOBODYS},
        gives=404,
    ),
    Door(AC + "/control/measurements/<typed>/withdraw", MEASURE, json={}, words={"typed": NOBODYS}, gives=404),
    Door(AC + "/control/signals", VIEW),
    Door(
        AC + "/control/explanations",
        EDIT,
        json={
            "item": "ci_waiting",
            "first": "2025-03-01",
            "last": "2025-03-02",
            "kind": "special_cause",
            "cause": "a strike",
        },
    ),
    Door(
        AC + "/control/deviations",
        EDIT,
        json={"activity": "a1", "deviation": "late", "owner": "head of the hall"},
        team=True,
    ),
    Door(AC + "/aftersales/cases", VIEW),
    Door(AC + "/aftersales/cases", MEASURE, json={"key": NOBODYS, "said": "no seat"}, gives=201),
    Door(AC + "/aftersales/cases", MEASURE, method="PATCH", json=edit(["cases", "@k1", "wish"], "a seat")),
    Door(AC + "/aftersales/case", VIEW, query="?id=k1"),
    Door(AC + "/aftersales/case/step", MEASURE, json={"step": "acknowledged"}, query="?id=k1"),
    Door(AC + "/aftersales/low-scores", MEASURE),
    Door(
        AC + "/aftersales/low-scores", MEASURE, json={"scores": [{"respondent": "none", "item": "q"}]}, gives=201
    ),
    Door(AC + "/results/designs", VIEW),
    Door(AC + "/results/seal", EDIT, json={"effect": "e1"}, gives=(200, 422)),
    Door(AC + "/results/open-needs", VIEW),
    Door(AC + "/results/carry", EDIT, json={"need": "clean", "reason": "later"}, gives=(200, 422)),
    Door(AC + "/results/review", VIEW),
    Door(AC + "/results/review/signature", SIGN, json={"seen": "none", "by": "head"}, gives=422),
    Door(AC + "/results/review/signature", SIGN, method="DELETE"),
    # ------------------------------------------------ the door itself
    Door("setup/", OPEN, gives=403),
    Door("invitation/<str:secret>/", OPEN),
    Door("invitation/<str:secret>/", OPEN, words={"secret": "wrong"}, gives=404),
    Door("i18n/setlang/", OPEN, post={"language": "ar"}, gives=302),
    Door("profile/", SIGNED_IN),
    Door(ACCOUNT + "login/", OPEN, gives=(200, 302)),
    Door(ACCOUNT + "logout/", OPEN, gives=(200, 302)),
    Door(ACCOUNT + "inactive/", OPEN),
    Door(ACCOUNT + "signup/", OPEN, gives=(200, 302)),
    Door(ACCOUNT + "reauthenticate/", SIGNED_IN),
    Door(ACCOUNT + "email/", SIGNED_IN),
    Door(ACCOUNT + "confirm-email/", OPEN),
    Door(ACCOUNT + r"^confirm-email/(?P<key>[-:\w]+)/$", OPEN, words={"key": "wrong"}),
    Door(ACCOUNT + "password/change/", SIGNED_IN),
    Door(ACCOUNT + "password/set/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "password/reset/", OPEN),
    Door(ACCOUNT + "password/reset/done/", OPEN),
    Door(ACCOUNT + "password/reset/key/done/", OPEN),
    Door(
        ACCOUNT + r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        OPEN,
        words={"uidb36": "1", "key": "wrong"},
    ),
    Door(ACCOUNT + "login/code/confirm/", OPEN, gives=302),
    Door(ACCOUNT + "2fa/", SIGNED_IN),
    Door(ACCOUNT + "2fa/authenticate/", OPEN, gives=302),
    Door(ACCOUNT + "2fa/reauthenticate/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "2fa/totp/activate/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "2fa/totp/deactivate/", SIGNED_IN, gives=404),
    Door(ACCOUNT + "2fa/recovery-codes/", SIGNED_IN, gives=404),
    Door(ACCOUNT + "2fa/recovery-codes/generate/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "2fa/recovery-codes/download/", SIGNED_IN, gives=404),
    Door(ACCOUNT + "2fa/webauthn/", SIGNED_IN),
    Door(ACCOUNT + "2fa/webauthn/add/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "2fa/webauthn/reauthenticate/", SIGNED_IN, gives=302),
    Door(ACCOUNT + "2fa/webauthn/keys/<int:pk>/remove/", SIGNED_IN, gives=302, words={"pk": 1}),
    Door(ACCOUNT + "2fa/webauthn/keys/<int:pk>/edit/", SIGNED_IN, gives=302, words={"pk": 1}),
    Door(ACCOUNT + "2fa/webauthn/login/", OPEN, gives=(200, 302)),
    Door(ACCOUNT + "3rdparty/", SIGNED_IN),
    Door(ACCOUNT + "3rdparty/login/cancelled/", OPEN),
    Door(ACCOUNT + "3rdparty/login/error/", OPEN, gives=401),
    Door(ACCOUNT + "3rdparty/signup/", OPEN, gives=302),
    Door(ACCOUNT + "social/login/cancelled/", OPEN, gives=301),
    Door(ACCOUNT + "social/login/error/", OPEN, gives=301),
    Door(ACCOUNT + "social/signup/", OPEN, gives=301),
    Door(ACCOUNT + "social/connections/", OPEN, gives=301),
    Door(ACCOUNT + "oidc/^(?P<provider_id>[^/]+)/login/", OPEN, words={"provider_id": "x"}, gives=404),
    Door(ACCOUNT + "oidc/^(?P<provider_id>[^/]+)/login/callback/", OPEN, words={"provider_id": "x"}, gives=404),
    Door(ACCOUNT + "sessions/", SIGNED_IN),
]


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    """Every route that the resolver knows."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def operations() -> Iterator[tuple[str, str]]:
    """Method and route of every operation of the API."""
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, A + path.lstrip("/").replace("{", "<").replace("}", ">")


def test_every_operation_of_the_api_is_in_the_table() -> None:
    known = {(door.verb, door.route) for door in DOORS if door.is_api}
    missing = sorted(set(operations()) - known)
    assert not missing, "add rows to DOORS in tests/app/test_urls.py, with `method` where it is not GET or POST"


def test_every_address_is_in_the_table() -> None:
    there, known = set(routes(get_resolver().url_patterns)), {door.route for door in DOORS}
    missing = "\n".join(f'    Door("{route}", Permission.…),' for route in sorted(there - known))
    assert not missing, f"add a row to DOORS in tests/app/test_urls.py for:\n{missing}"
    gone = "\n".join(sorted(known - there))
    assert not gone, f"these rows of DOORS name addresses that are not there any more:\n{gone}"


@dataclass
class World:
    """A computed cycle, its people, and what the routes' parts stand for."""

    place: dict[str, Any]
    visitors: dict[str, Any]
    """role, "stranger" or "anonymous": a browser"""


@pytest.fixture
def world(computed_cycle: Any, organization: Any, stranger: Any) -> World:
    visitors = {role: signed_in(member(organization, role)) for role in ROLES}
    visitors |= {"stranger": signed_in(stranger), "anonymous": Client()}
    owner = Actor(member(organization, "owner"))
    guest = Person.objects.create_user("guest@ticket-office.example")
    joined = Membership.objects.create(person=guest, organization=organization, role="viewer")
    asked, secret = invite(actor=owner, organization=organization, email="asked@example.org", role="viewer")
    key, _secret = create_key(
        actor=owner, organization=organization, name="nightly", scopes=["view"], expires_at=None
    )
    job = Job.objects.create(kind="compute", organization=organization, cycle=computed_cycle)
    place = {
        "key": computed_cycle.key,
        "slug": organization.slug,
        "word": "needs",
        "job": job.pk,
        "member": joined.pk,
        "invitation": asked.pk,
        "secret": secret,
        "key_id": key.pk,
        "step": 3,
        "number": 1,
        "name": "survey",
        "reader": PlanReader.objects.get(cycle=computed_cycle).pk,
    }
    return World(place, visitors)


def address(door: Door, place: dict[str, Any]) -> str:
    """The route with its parts filled in."""
    words = {**place, **door.words}
    if words["key"] == "{key_id}":
        words["key"] = place["key_id"]
    route = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda found: str(words[found[1]]), door.route)
    route = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(words[found[1]]), route)
    return "/" + route.replace("^", "").rstrip("$") + door.query


def ask(client: Any, door: Door, place: dict[str, Any]) -> tuple[Any, bytes]:
    """Asks for it, and takes back what it did; gives the answer and its whole body."""
    where = address(door, place)
    with transaction.atomic():
        if door.upload is not None:
            answer = client.post(where, {"file": SimpleUploadedFile(*door.upload)})
        elif door.post is not None:
            filled = {name: place["reader"] if value == "{reader}" else value for name, value in door.post.items()}
            answer = client.post(where, filled)
        elif door.json is not None:
            body = json.dumps(door.json)
            answer = client.generic(door.verb, where, body, content_type="application/json")
        else:
            answer = client.generic(door.verb, where)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answer.close()
        transaction.set_rollback(True)
    return answer, body


def expected(door: Door, visitor: str) -> int | tuple[int, ...]:
    """The status that the visitor has to get."""
    if door.needs == OPEN:
        return door.gives
    if visitor == "anonymous":
        return door.anonymous
    if door.needs == SIGNED_IN:
        return door.gives
    if visitor == "stranger":
        return door.gives if door.anywhere else 404
    allowed = door.roles if door.roles is not None else {r for r in ROLES if door.needs in ALLOWED[r]}  # type: ignore[index]
    if visitor not in allowed or (door.team and visitor != "owner"):
        return door.refused
    return door.gives


def names(door: Door) -> str:
    """What a row is called in the output."""
    return f"{door.verb} /{door.route}{door.query}" + (f" {door.words}" if door.words else "")


PARTS = {
    "cycles": lambda door: door.route.startswith((C, "cycles/")) or door.route == "",
    "organizations": lambda door: door.route.startswith("o/"),
    "programs": lambda door: door.is_api,
    "accounts": lambda door: door.route.startswith(ACCOUNT),
}


def part_of(door: Door) -> str:
    """Which part of the application the door leads into."""
    return next((name for name, holds in PARTS.items() if holds(door)), "others")


@pytest.mark.parametrize("part", [*PARTS, "others"])
def test_who_may_open_it(part: str, world: World, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        if part_of(door) == part:
            with subtests.test(names(door)):
                assert not wrong_answers(door, world), f"{names(door)} needs {door.needs}"


def wrong_answers(door: Door, world: World) -> dict[str, str]:
    """Which visitors get something else than they should."""
    wrong = {}
    for visitor, client in world.visitors.items():
        if door.needs in {OPEN, SIGNED_IN} and visitor not in {"anonymous", "stranger", "viewer"}:
            continue  # no role makes a difference
        answer, _body = ask(client, door, world.place)
        wanted = expected(door, visitor)
        if answer.status_code not in (wanted if isinstance(wanted, tuple) else (wanted,)):
            wrong[visitor] = f"{answer.status_code} where it must be {wanted}"
        elif visitor == "anonymous" and door.needs != OPEN and not door.is_api:
            assert answer["Location"].startswith("/accounts/login/")
    return wrong


WRITES = [door for door in DOORS if door.is_write]


def test_a_form_of_another_site_changes_nothing(world: World, owner: Any, subtests: pytest.Subtests) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for door in WRITES:
        with subtests.test(names(door)):
            assert ask(client, door, world.place)[0].status_code == 403


def test_what_changes_something_is_not_done_by_a_link(world: World, subtests: pytest.Subtests) -> None:
    read = {door.route for door in DOORS if not door.is_write}
    for door in WRITES:
        if door.is_api or door.route in read:
            continue
        with subtests.test(names(door)):
            answer = world.visitors["owner"].get(address(door, world.place))
            # the language chooser leads back and changes nothing
            assert answer.status_code == (302 if door.route == "i18n/setlang/" else 405)


SECRETS = ("Zugspitze", "Wendelstein", "Watzmann", "54321", "54\u202f321", "54,321", "54 321", "54.321")
"""Words that stand in the plan alone: a project, an activity, its owner, the budget as it may be written."""


@pytest.fixture
def secretive(computed_cycle: Any, owner: Any) -> None:
    """The plan holds the secrets, and everything is computed with them."""
    edits = [
        Edit("set", ("projects", "@counter", "name"), "Zugspitze"),
        Edit("set", ("activities", "@a1", "name"), "Wendelstein"),
        Edit("set", ("activities", "@a1", "owner"), "Watzmann"),
        Edit("set", ("budget",), 54321),
    ]
    documents.edit(actor=Actor(owner), cycle=computed_cycle, step=6, edits=edits, base=1)
    compute_cycle(computed_cycle, Silent())


def told(body: bytes) -> set[str]:
    """The secrets that a body holds: as it is, inside an archive, or inside a page's data."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return {word for name in archive.namelist() for word in told(archive.read(name))}
    text = body.decode("utf-8", "replace")
    if body[:5] == b"%PDF-":
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return {word for word in SECRETS if word in text or json.dumps(word)[1:-1] in text}


def reads() -> list[Door]:
    """Every door that is read, the API's for each of the nine steps."""
    found = [
        door
        for door in DOORS
        if not door.is_write and (door.route.startswith((C, O, AC, AO)) or door.route in {"", A + "cycles"})
    ]
    several = [door for door in found if "<step>" in door.route and not door.team]
    return found + [replace(door, words={"step": step}) for door in several for step in range(1, 10)]


def copies(actor: Actor, cycle: Any) -> dict[str, bytes]:
    """The report in every format, as the worker makes it for the actor."""
    found = {}
    for ending in ENDINGS:
        job = ask_for_copy(actor=actor, cycle=cycle, ending=ending)
        made = make_copy(job)
        found[f"report.{ending}"] = made.content
    return found


def test_the_plan_leaks_through_no_door(
    world: World, secretive: None, computed_cycle: Any, organization: Any
) -> None:
    """For an owner who may do everything but is not on the plan's team."""
    person = Person.objects.create_user("second@ticket-office.example", name="Second")
    Membership.objects.create(person=person, organization=organization, role="owner")
    client = signed_in(person)
    leaks = {names(door): words for door in reads() if (words := told(ask(client, door, world.place)[1]))}
    leaks |= {name: words for name, body in copies(Actor(person), computed_cycle).items() if (words := told(body))}
    assert not leaks


def test_the_team_sees_its_plan(world: World, secretive: None, computed_cycle: Any, owner: Any) -> None:
    """Else the test above would find nothing anywhere."""
    client = world.visitors["owner"]
    wanted = {
        "GET /c/<slug:key>/improvements/",
        "GET /c/<slug:key>/archive.zip",
        "GET /api/v1/cycles/<key>/documents/<step> {'step': 6}",
    }
    doors = [door for door in reads() if names(door) in wanted]
    assert {names(door) for door in doors if told(ask(client, door, world.place)[1])} == wanted
    assert {name for name, body in copies(Actor(owner), computed_cycle).items() if told(body)} >= {
        "report.html",
        "report.pdf",
        "report.xlsx",
        "report.pptx",
    }


def test_a_plan_is_closed_to_an_owner_who_is_not_on_its_team(world: World, organization: Any) -> None:
    person = Person.objects.create_user("second@ticket-office.example")
    Membership.objects.create(person=person, organization=organization, role="owner")
    client = signed_in(person)
    closed = [door for door in DOORS if door.team]
    assert closed
    for door in closed:
        assert ask(client, door, world.place)[0].status_code == 403, names(door)


TOKENS = re.compile(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]+"')


def test_what_does_not_exist_and_what_is_not_yours_look_the_same(world: World) -> None:
    client = world.visitors["stranger"]
    for mine, nobodys in (
        (f"/c/{world.place['key']}/", "/c/no-such-cycle/"),
        (f"/o/{world.place['slug']}/", "/o/no-such-organization/"),
    ):
        answers = [client.get(where) for where in (mine, nobodys)]
        assert [answer.status_code for answer in answers] == [404, 404]
        seen = [
            TOKENS.sub("", answer.content.decode().replace(where, ""))
            for answer, where in zip(answers, (mine, nobodys), strict=True)
        ]
        assert seen[0] == seen[1]
