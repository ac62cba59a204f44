"""The report as slides for a meeting: the ring, the headlines, one slide a step, what to do next.

A slide holds what can be read from the back of a room; the whole sentences, methods and data versions stand in its
notes.
"""

import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from nonagon import __version__
from nonagon.charts.section import Chart, Section
from nonagon.deliverables.evidence import Finding
from nonagon.reports.canvas import Canvas, Deck, deck, shortened
from nonagon.reports.contents import FINDING_WORDS, Contents, StepPart, contents
from nonagon.reports.headlines import RANK, Headline
from nonagon.reports.html import plain, ring_of
from nonagon.reports.inputs import ReportInput
from nonagon.reports.letters import printable
from nonagon.reports.pictures import LETTERS, Picture, drawn, picture_of
from nonagon.reports.ring import STATE_WORDS
from nonagon.reports.tongue import Tongue

MOST_FINDINGS, MOST_OPEN, HEADLINES_A_SLIDE = 3, 2, 4
CHART, READABLE, DRAWN_LETTERS = (6.8, 4.4), 8.0, 12
"""The box of a chart in inches, the least size of its letters in points, and their size in a finished drawing."""

STATE_COLOURS = {"ready": "good", "in_work": "series-5", "not_started": "bad"}
KIND_COLOURS = {"shown": "good", "not_shown": "muted", "note": "muted", "warning": "bad"}


def slides_report(inp: ReportInput) -> bytes:
    """The whole report as a presentation (.pptx, 16:9). The same input gives the same bytes."""
    said = contents(inp)
    made = deck(mark=inp.mark, name=inp.cycle.name, tongue=inp.tongue)
    _title(made, inp, said)
    _effectiveness(made, inp, said)
    starts = range(0, len(said.headlines), HEADLINES_A_SLIDE)
    for number, at in enumerate(starts, 1):
        several = made.tongue.words("Headlines, {number} of {all}", number=number, all=len(starts))
        title = several if len(starts) > 1 else "Headlines"
        _headlines(made, said.headlines[at : at + HEADLINES_A_SLIDE], title, said)
    for one in said.steps:
        _step(made, one)
    _next(made, said)
    return _saved(made, inp)


def _title(made: Deck, inp: ReportInput, said: Contents) -> None:
    cycle, words = inp.cycle, inp.tongue.words
    slide = made.slide(cycle.name, size=40, top=2.0, height=1.3)
    under = " · ".join(one for one in (cycle.organization, cycle.scope) if one)
    slide.text(under, x=0.7, y=3.3, width=11.9, height=0.8, size=20, colour="muted")
    if cycle.period is not None:
        days = words("Looks at {start} to {end}", start=cycle.period.start, end=cycle.period.end)
        slide.text(days, x=0.7, y=4.1, width=11.9, height=0.4, size=16, colour="muted")
    slide.text(said.effectiveness.sentence, x=0.7, y=4.7, width=11.9, height=0.9, size=20, bold=True)
    slide.text(said.left_out, x=0.7, y=5.8, width=11.9, height=0.8, size=14, colour="muted")
    facts = ", ".join(inp.versions)
    last = f"Nonagon {__version__}. {words('Facts: {versions}.', versions=facts)}"
    slide.notes(f"{said.effectiveness.sentence}\n{said.left_out}\n{last}")


def _effectiveness(made: Deck, inp: ReportInput, said: Contents) -> None:
    state, words, spoken = said.effectiveness, inp.tongue.words, inp.tongue.said
    slide = made.slide("Effectiveness check")
    slide.text(
        "The nine are one chain: the weakest step is the strength of the whole.",
        x=0.7,
        y=1.2,
        width=11.9,
        height=0.4,
        size=16,
        colour="muted",
    )
    states = "; ".join(f"step {one.step} {STATE_WORDS[one.state]}" for one in state.steps)
    told = words("The ring of nine: {states}.", states=states)
    slide.picture(drawn(plain(ring_of(inp)), told), x=0.6, y=1.8, width=4.1, height=4.6)
    rows = [("step", "state", "criteria met", "gate")]
    for one in state.steps:
        name = STATE_WORDS[one.state]
        named = words("{state}, the weakest", state=name) if one.step in state.weakest else name
        gate = inp.sign_offs.get(one.step)
        kind = "" if gate is None else "waived" if gate.waived else "signed off"
        if gate is not None and gate.stale:
            kind = words("{gate}, stale", gate=kind)
        met = words("{met} of {of}", met=one.met, of=one.of)
        rows.append((f"{one.step} {spoken(one.title)}", named, met, kind))
    slide.table(rows, x=4.9, y=1.8, widths=(4.1, 1.75, 1.0, 1.05), size=12)
    gates = [
        words("Step {step}: {sentence} {more}", step=step, sentence=gate.sentence, more=gate.stale).rstrip()
        for step, gate in sorted(inp.sign_offs.items())
    ]
    slide.notes("\n".join([state.sentence, *gates]))


def _headlines(made: Deck, group: Sequence[Headline], title: str, said: Contents) -> None:
    slide = made.slide(title)
    for place, one in enumerate(group):
        x, y = 0.7 + 6.05 * (place % 2), 1.4 + 2.65 * (place // 2)
        slide.panel(x=x, y=y, width=5.85, height=2.45)
        words, title = made.tongue.words, made.tongue.said(one.title)
        step = f" {words('(step {step})', step=one.step)}" if one.step is not None else ""
        heading = f"{one.number} {title}{step}"
        slide.text(heading, x=x + 0.15, y=y + 0.1, width=5.55, height=0.35, size=14, bold=True)
        slide.text(one.sentences[0].sentence, x=x + 0.15, y=y + 0.5, width=5.55, height=1.85, size=16)
    spoken = made.tongue.said
    lines = [
        f"{one.number} {spoken(one.title)}: {spoken(each.sentence)}" for one in group for each in one.sentences
    ]
    slide.notes("\n".join([*lines, said.left_out]))


def _step(made: Deck, one: StepPart) -> None:
    section, state = one.section, one.state
    slide = made.slide(section.title, size=28)
    if state is not None:
        met = made.tongue.words(
            "Step {step} · {state} · {met} of {of} exit criteria met",
            step=section.step,
            state=STATE_WORDS[state.state],
            met=state.met,
            of=state.of,
        )
        colour = STATE_COLOURS[state.state]
        slide.text(met, x=0.7, y=1.15, width=11.9, height=0.35, size=14, colour=colour, bold=True)
    shown = _main_chart(section, made.tongue.language)
    wide = 4.9 if shown is not None else 11.9
    found = sorted(one.findings, key=lambda finding: RANK[finding.kind])[:MOST_FINDINGS]
    if found:
        _findings(slide, found, wide)
    else:
        text = next((getattr(block, "text", "") for block in section.blocks if hasattr(block, "text")), "")
        slide.text(text or section.purpose, x=0.7, y=1.65, width=wide, height=3.0, size=16)
    if shown is not None:
        chart, picture = shown
        slide.text(chart.title, x=5.85, y=1.65, width=6.8, height=0.6, size=14, bold=True)
        slide.picture(picture, x=5.85, y=2.25, width=CHART[0], height=CHART[1])
    _gate(slide, one, wide)
    slide.notes(_notes(one, shown[0] if shown is not None else None, made.tongue))


def _main_chart(section: Section, language: str) -> tuple[Chart, Picture] | None:
    """The first chart that a room can read; the first of all where none can be."""
    first: tuple[Chart, Picture] | None = None
    for block in section.blocks:
        if not isinstance(block, Chart):
            continue
        found = block, picture_of(block, language)
        letters = LETTERS if block.spec is not None else DRAWN_LETTERS
        if found[1].points(width=CHART[0], height=CHART[1], letters=letters) >= READABLE:
            return found
        first = first or found
    return first


def _findings(slide: Canvas, found: Sequence[Finding], wide: float) -> None:
    each = 3.9 / MOST_FINDINGS
    for place, finding in enumerate(found):
        y = 1.6 + place * each
        slide.bar(x=0.7, y=y + 0.05, height=each - 0.2, colour=KIND_COLOURS[finding.kind])
        kind = FINDING_WORDS[finding.kind]
        slide.text(kind, x=0.85, y=y, width=wide - 0.15, height=0.22, size=11, colour="muted")
        slide.text(finding.sentence, x=0.85, y=y + 0.22, width=wide - 0.15, height=each - 0.29, size=14)


def _gate(slide: Canvas, one: StepPart, wide: float) -> None:
    """How the gate was passed, what makes it stale, and what is open."""
    y = 5.55
    if one.sign_off is not None:
        slide.text(one.sign_off.sentence, x=0.7, y=y, width=wide, height=0.5, size=12, bold=one.sign_off.waived)
        y += 0.5
        slide.text(one.sign_off.stale, x=0.7, y=y, width=wide, height=0.3, size=12, colour="bad", bold=True)
        y += 0.3 if one.sign_off.stale else 0
    unmet = [each.sentence for each in one.state.criteria if not each.met] if one.state is not None else []
    if unmet:
        words = slide.tongue.words
        more = f" {words('And {count} more.', count=len(unmet) - MOST_OPEN)}" if len(unmet) > MOST_OPEN else ""
        shown = words("Open: {criteria}", criteria=" ".join(unmet[:MOST_OPEN]))
        slide.text(f"{shown}{more}", x=0.7, y=y, width=wide, height=6.6 - y, size=12, colour="muted")


def _notes(one: StepPart, chart: Chart | None, tongue: Tongue) -> str:
    said, words = tongue.said, tongue.words
    parts = [one.section.purpose]
    if one.sign_off is not None:
        parts.append(f"{said(one.sign_off.sentence)} {said(one.sign_off.stale)}".rstrip())
    for finding in one.findings:
        origin = one.reference(finding.origin)
        kind = said(FINDING_WORDS[finding.kind])
        parts.append(f"{kind}: {said(finding.sentence)}" + (f" [{origin}]" if origin else ""))
    if chart is not None:
        origin = one.reference(chart.table.origin)
        told = words("Chart: {chart}", chart=chart.alt)
        parts.append(told + (f" [{origin}]" if origin else "") + f" {said(chart.table.note)}".rstrip())
    if one.state is not None:
        for each in one.state.criteria:
            parts.append(f"{said('Met' if each.met else 'Not met')}: {said(each.sentence)} {said(each.reason)}.")
    for number, origin_of in one.origins:
        data = f"; {words('data {versions}', versions=', '.join(origin_of.data))}" if origin_of.data else ""
        variant = f", {said(origin_of.variant)}" if origin_of.variant else ""
        rows = f"; {words('rows: {rows}', rows=origin_of.filter)}" if origin_of.filter else ""
        parts.append(f"[{one.section.step}.{number}] {origin_of.method}{variant}{data}{rows}")
    return "\n".join(parts)


def _next(made: Deck, said: Contents) -> None:
    slide = made.slide("Do this next")
    if not said.next_ones:
        text = "Every exit criterion is met: review the results with management and carry what stays open over."
        slide.text(text, x=0.7, y=1.6, width=11.9, height=1.0, size=20)
        slide.notes(said.effectiveness.sentence)
        return
    why = "The first open exit criteria along the chain; each later step rests on the ones before."
    slide.text(why, x=0.7, y=1.2, width=11.9, height=0.4, size=16, colour="muted")
    lines = []
    for place, (step, criterion) in enumerate(said.next_ones):
        y = 1.9 + 1.5 * place
        slide.bar(x=0.7, y=y + 0.05, height=1.2, colour="series-5")
        words = made.tongue.words
        named = words("Step {step}: {sentence}", step=step, sentence=criterion.sentence)
        slide.text(named, x=0.95, y=y, width=11.6, height=0.65, size=18, bold=True)
        slide.text(criterion.reason, x=0.95, y=y + 0.65, width=11.6, height=0.6, size=16, colour="muted")
        lines.append(
            words(
                "Step {step}: {sentence} {reason}. Mend it in: {mend}.",
                step=step,
                sentence=criterion.sentence,
                reason=criterion.reason,
                mend=criterion.mend or "its page",
            )
        )
    slide.notes("\n".join([said.effectiveness.sentence, *lines]))


def _saved(made: Deck, inp: ReportInput) -> bytes:
    """The file with the day of the copy as its own, and the same bytes for the same slides."""
    about = made.presentation.core_properties
    day = datetime(inp.day.year, inp.day.month, inp.day.day)
    about.title, about.subject = (
        shortened(printable(one), 200) for one in (inp.cycle.name, inp.cycle.organization)
    )
    about.author = about.last_modified_by = "Nonagon"
    about.language, about.created, about.modified, about.revision = inp.language, day, day, 1
    written = BytesIO()
    made.presentation.save(written)
    return _undated(written.getvalue())


def _undated(file: bytes) -> bytes:
    """The same parts, each with the same time in the archive."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(file)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            named = zipfile.ZipInfo(part.filename, date_time=(1980, 1, 1, 0, 0, 0))
            named.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(named, old.read(part))
    return out.getvalue()
