"""Printable copies of the confidential plan of step 6: each page bears its reader's name and a code.

Whoever finds a copy can find out in the plan's vault whose it was and who handed it out.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.process import audit, registry, results, vault
from nonagon.process.models import Cycle, PlanReader, Result

ENDINGS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
STYLES = {"html": ("report.css", "copy.css"), "pdf": ("report.css", "copy.css", "pdf.css")}


@dataclass(frozen=True, slots=True)
class PlanCopy:
    """A copy as a file; mark: the line that stands on each of its pages."""

    content: bytes
    media_type: str
    file: str
    mark: str


def plan_copy(*, actor: Actor, cycle: Cycle, ending: str, reader: PlanReader | None = None) -> PlanCopy | None:
    """The plan as last computed; None where it was not computed yet.

    ending: one of ENDINGS. reader: of the plan, for whom somebody of the team takes the copy; else it is the
    actor's own. Raises PermissionDenied, MissingLibrary.
    """
    require(actor, cycle, Permission.EXPORT)
    what = _("copy of the plan, %(ending)s") % {"ending": ending}
    if reader is not None or not vault.may_read(actor, cycle):
        vault.require_reader(actor, cycle, what=what)
    if reader is not None and reader.pk not in vault.readers(cycle).values_list("pk", flat=True):
        raise PermissionDenied(_("This reader does not see the plan any more."))
    step = next(room.number for room in registry.rooms() if room.confidential)
    found = results.latest(cycle, step)
    if found is None:
        return None
    _make_ready(ending)
    mark = vault.new_mark(actor, cycle, what, reader=reader)
    text = _page(cycle, found, mark, ending)
    content = _pdf(text) if ending == "pdf" else text.encode("utf-8")
    audit.note(actor, "plan.copy", cycle=cycle, subject=ending, mark=mark)
    return PlanCopy(content, ENDINGS[ending], f"{cycle.key}-plan.{ending}", mark)


def _make_ready(ending: str) -> None:
    """Before the copy is noted, so that none is noted that could not be made."""
    from nonagon.reports.formats import make_ready  # noqa: PLC0415

    if ending == "pdf":
        make_ready("pdf")


def _page(cycle: Cycle, found: Result, mark: str, ending: str) -> str:
    from nonagon.reports.html import css_string  # noqa: PLC0415

    styles = "\n".join(_style(name) for name in STYLES[ending])
    # In the margin of each sheet of paper; at the top of the window on a screen.
    styles += (
        f"\n@page {{ @bottom-left {{ content: {css_string(mark)}; font: 8pt sans-serif; color: #5d6679; }} }}"
    )
    return render_to_string(
        "workspace/plan_copy.html",
        {
            "cycle": cycle,
            "section": found.section,
            "findings": found.findings,
            "blocks": [_block(one, printed=ending == "pdf") for one in found.section["blocks"]],
            "mark": mark,
            "computed": found.computed_at,
            "today": timezone.localdate(),
            "styles": mark_safe(styles),  # our own style sheets, and the mark as a string of CSS
        },
    )


def _style(name: str) -> str:
    return (files("nonagon.reports") / "templates" / name).read_text(encoding="utf-8")


def _block(one: dict[str, Any], *, printed: bool) -> dict[str, Any]:
    if one["kind"] != "chart":
        return one
    return {**one, "drawing": _drawing(one["svg"], printed)}


def _drawing(svg: str, printed: bool) -> SafeString:
    """The stored drawing, which is our own; on paper in plain colours."""
    from nonagon.reports.html import plain  # noqa: PLC0415
    from nonagon.reports.letters import printable  # noqa: PLC0415

    return mark_safe(printable(plain(svg)) if printed else svg)


def _pdf(text: str) -> bytes:
    from nonagon.reports.pdf import TAGGED, load  # noqa: PLC0415

    html, fetcher = load()
    document = html(string=text, base_url=None, url_fetcher=fetcher)
    fingerprint = hashlib.sha256(text.encode("utf-8")).digest()[:16]
    made: bytes = document.write_pdf(pdf_variant=TAGGED, pdf_identifier=fingerprint)
    return made
