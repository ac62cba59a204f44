"""How many of those invited took part: outcome rates of a survey.

Question: what are the response, cooperation, refusal and contact rates that a survey must report?
Used by: step 3 (survey quality sheet) and step 9.
Source: American Association for Public Opinion Research, Standard Definitions: Final Dispositions of Case Codes
and Outcome Rates for Surveys (9th edition, 2016); estimated eligibility e by the proportional method (CASRO).
Checked against: the formulas computed in R (tests/reference).
"""

from dataclasses import dataclass

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import at_least, fraction

Rates = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class AaporRates:
    """Outcome rates as fractions of one by AAPOR's names: RR1 to RR6, COOP1 to COOP4, REF1 to REF3, CON1 to CON3.

    eligibility: e, the share of cases of unknown eligibility taken as eligible; eligibility_estimated: whether
    by CASRO from the data. A rate is None where its denominator is 0 (nobody of that kind).
    """

    complete: float
    partial: float
    refusal: float
    non_contact: float
    other: float
    unknown_household: float
    unknown_other: float
    not_eligible: float
    eligibility: float | None
    eligibility_estimated: bool
    rates: Rates

    def describe(self) -> str:
        """One sentence with the caveat."""
        first, third = self.rates["RR1"], self.rates["RR3"]
        shown = "not defined" if first is None else f"{first:.1%}"
        with_e = "" if third is None else f", {third:.1%} when unknown cases count as eligible by e (RR3)"
        return (
            f"The response rate is {shown} at least (RR1){with_e}; a high rate does not by itself show that "
            "those who "
            "answered are like those who did not."
        )


def aapor_rates(
    *,
    complete: float,
    partial: float = 0,
    refusal: float = 0,
    non_contact: float = 0,
    other: float = 0,
    unknown_household: float = 0,
    unknown_other: float = 0,
    not_eligible: float = 0,
    eligibility: float | None = None,
) -> AaporRates:
    """All outcome rates from the numbers of final dispositions.

    complete (I), partial (P), refusal and break-off (R), non-contact (NC), other (O), unknown whether an
    eligible household (UH), unknown other (UO), not eligible (NE): counts of at least 0. eligibility: e from 0
    to 1, or None for the proportional (CASRO) estimate: eligible cases among those of known eligibility.
    Not for open links, where nobody was invited: report the number of answers there.
    Raises ArgumentError for a value outside its range, NotEnoughData where no case is eligible or unknown.

    >>> rates = aapor_rates(complete=620, partial=80, refusal=240, non_contact=310, other=40,
    ...                     unknown_household=500, unknown_other=100, not_eligible=210).rates
    >>> round(rates["RR1"], 4), round(rates["RR3"], 4)
    (0.328, 0.3433)
    """
    given = {
        "complete": complete,
        "partial": partial,
        "refusal": refusal,
        "non_contact": non_contact,
        "other": other,
        "unknown_household": unknown_household,
        "unknown_other": unknown_other,
        "not_eligible": not_eligible,
    }
    counts = {name: at_least(name, value, 0) for name, value in given.items()}
    eligible = complete + partial + refusal + non_contact + other
    unknown = unknown_household + unknown_other
    if eligible + unknown == 0:
        raise NotEnoughData("no case is eligible or of unknown eligibility: rates need at least one invitation")
    known = eligible + not_eligible
    e = fraction("eligibility", eligibility, closed=True) if eligibility is not None else _share(eligible, known)
    return AaporRates(
        **counts,
        eligibility=e,
        eligibility_estimated=eligibility is None,
        rates=_rates(complete, partial, refusal, non_contact, other, unknown, e),
    )


def _rates(
    complete: float,
    partial: float,
    refusal: float,
    non_contact: float,
    other: float,
    unknown: float,
    e: float | None,
) -> Rates:
    answered, reached = complete + partial, complete + partial + refusal + other
    eligible = reached + non_contact
    every = eligible + unknown
    likely = None if e is None else eligible + e * unknown
    return {
        "RR1": _share(complete, every),
        "RR2": _share(answered, every),
        "RR3": _share(complete, likely),
        "RR4": _share(answered, likely),
        "RR5": _share(complete, eligible),
        "RR6": _share(answered, eligible),
        "COOP1": _share(complete, reached),
        "COOP2": _share(answered, reached),
        "COOP3": _share(complete, answered + refusal),
        "COOP4": _share(answered, answered + refusal),
        "REF1": _share(refusal, every),
        "REF2": _share(refusal, likely),
        "REF3": _share(refusal, eligible),
        "CON1": _share(reached, every),
        "CON2": _share(reached, likely),
        "CON3": _share(reached, eligible),
    }


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None
