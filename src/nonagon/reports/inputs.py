"""What every format of the report takes: the cycle's results, who the copy is for, and what was signed off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from nonagon.charts.section import Section, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.effectiveness import Effectiveness
from nonagon.deliverables.evidence import Deliverable
from nonagon.deliverables.trace import Trace
from nonagon.reports.tongue import Tongue


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a copy is made for, and on which day: printed on every page, slide and sheet.

    >>> Audience("Board of Crescent Lines", date(2026, 11, 24)).mark
    'Copy for Board of Crescent Lines, 2026-11-24'
    """

    name: str
    on: date

    @property
    def mark(self) -> str:
        """The words that mark the copy."""
        return f"Copy for {self.name}, {self.on.isoformat()}"


@dataclass(frozen=True, slots=True)
class SignOff:
    """How a step's gate was passed.

    sentence: such as "Signed off by Ann on 2026-05-02" or "Waived by Ann on 2026-05-02: no budget for a second
    wave"; waived: it was passed without its criteria; stale: what changed under it since, "" for nothing.
    """

    sentence: str
    waived: bool = False
    stale: str = ""


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything that a report shows.

    sections and deliverables: of the steps that ran; effectiveness and trace: of the whole cycle; versions: the
    fact tables' labels; intake: what was read and what was not taken.
    audience: who the copy is for, None for the team's own; without_plan: step 6's plan is left out, for readers
    outside the team; sign_offs: by step, what stays visible in every format; language: of the report, English
    unless given.
    """

    cycle: Cycle
    sections: Sequence[Section]
    deliverables: Mapping[int, Deliverable]
    effectiveness: Effectiveness
    trace: Trace
    versions: Sequence[str]
    intake: Sequence[Table] = ()
    audience: Audience | None = None
    without_plan: bool = False
    sign_offs: Mapping[int, SignOff] = field(default_factory=dict)
    language: str = "en"

    @property
    def tongue(self) -> Tongue:
        """What says the report's words. Raises ArgumentError for a language that there is not."""
        return Tongue(self.language)

    @property
    def mark(self) -> str:
        """The mark of the copy, "" where it is the team's own."""
        return "" if self.audience is None else self.audience.mark

    @property
    def day(self) -> date:
        """The day that a file names as its own: of the copy, else the last day that the cycle looks at.

        A report holds no clock, so that the same input gives the same bytes.
        """
        if self.audience is not None:
            return self.audience.on
        return date(2000, 1, 1) if self.cycle.period is None else self.cycle.period.end
