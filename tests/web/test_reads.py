"""Rows that belong to an organization are read through accounts.access, or in a service that has asked it.

A view, selector, template tag or API function that wrote `Cycle.objects.filter(…)` itself could show one house's
rows to another. The source is looked through for it.
"""

import ast
from pathlib import Path

import pytest
from django.apps import apps

import nonagon

SOURCE = Path(nonagon.__file__).parent
ALLOWED = (
    "accounts/access.py",
    "accounts/services.py",
    "accounts/invitations.py",
    "accounts/keys.py",
    "process/*.py",
    "workspace/services.py",
    "workspace/next_cycle.py",
    # the worker's own writes to the cycle that its job names
    "workspace/jobs.py",
    "steps/*/services.py",
)
"""Files that may: services, which check the actor before they write, and what runs below them."""
HARMLESS = {"none"}
"""Managers' methods that read nothing."""


def guarded() -> frozenset[str]:
    """Names of the models that belong to an organization."""
    return frozenset(model.__name__ for model in apps.get_models() if hasattr(model, "organization_path"))


def reads(source: str, models: frozenset[str]) -> list[str]:
    """Where a source text reaches past accounts.access: line and text."""
    found = []
    tree = ast.parse(source)
    harmless = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in HARMLESS and isinstance(node.value, ast.Attribute)
    }
    for node in ast.walk(tree):
        is_manager = isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
        if not is_manager or id(node) in harmless:
            continue
        owner = node.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else "?"
        if name in models or node.attr == "_default_manager":
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    for node in ast.walk(tree):
        shortcut = isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}
        if shortcut:
            found.append(f"line {node.lineno}: {node.id}")
    return found


def test_every_model_of_ours_says_where_it_belongs() -> None:
    ours = {model for model in apps.get_models() if model.__module__.startswith("nonagon.")}
    without = {model.__name__ for model in ours if not hasattr(model, "organization_path")}
    assert without == {"Person", "Setup"}, "name the path to the organization in `organization_path`"


def test_paths_lead_to_the_organization() -> None:
    from nonagon.accounts.models import Organization

    for model in apps.get_models():
        path = getattr(model, "organization_path", None)
        if path is None or model is Organization:
            continue
        at = model
        for part in path.split("__"):
            at = at._meta.get_field(part).related_model
        assert at is Organization, model.__name__


def test_no_page_reads_past_the_access_rules() -> None:
    models = guarded()
    assert {"Cycle", "Result", "Job", "AuditEntry", "Membership"} <= models
    wrong = {}
    for file in sorted(SOURCE.rglob("*.py")):
        place = file.relative_to(SOURCE)
        if "migrations" in place.parts or any(place.match(pattern) for pattern in ALLOWED):
            continue
        found = reads(file.read_text(encoding="utf-8"), models)
        if found:
            wrong[str(place)] = found
    assert not wrong, "read these by accounts.access.rows or get_or_404, or by a selector of nonagon.process"


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("Cycle.objects.filter(key=1)", 1),
        ("models.Cycle.objects.all()", 1),
        ("Cycle._default_manager.get(pk=1)", 1),
        ("get_object_or_404(Cycle, pk=1)", 1),
        ("found = Cycle.objects", 1),
        ("Cycle.objects.none()", 0),
        ("Person.objects.get(pk=1)", 0),
        ("rows(actor, Cycle).filter(key=1)", 0),
    ],
)
def test_the_search_finds_what_it_is_for(source: str, count: int) -> None:
    assert len(reads(source, frozenset({"Cycle"}))) == count
