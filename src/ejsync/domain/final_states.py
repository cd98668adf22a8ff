"""States of final marks: what each pupil has, or why not, in each subject of a period.

The first that fits:

1. `assigned`: a final mark is set, н/а (not attested) too; one that says осв is `exempt`;
2. `exempt`: the office has registered it, for the subject or for all;
3. `deferred`: the office has registered it, and the day until which it holds has not passed (none named: it holds);
4. `not_due`: the first year is taught without marks, or the period is not over, or has no bounds;
5. `missing`: all the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ejsync.domain.office import WHOLE_YEAR, Deferral
from ejsync.domain.payloads import FinalMark, Period, SchoolClass
from ejsync.domain.results import is_exempt
from ejsync.domain.scales import UNMARKED_PARALLEL
from ejsync.domain.school_days import is_called, is_over


class FinalState(StrEnum):
    """What is to be said of a final mark."""

    ASSIGNED = "assigned"
    EXEMPT = "exempt"
    DEFERRED = "deferred"
    NOT_DUE = "not_due"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Standing:
    """One cell of the summary sheet: the state, the final mark if there is one, the last day of a deferral."""

    state: FinalState
    final: FinalMark | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A period of a class, looked at on a school day."""

    school_class: SchoolClass
    period: Period
    as_of: date

    def waits(self) -> bool:
        """Tell whether no final mark is due yet."""
        return self.school_class["parallel"] == UNMARKED_PARALLEL or not is_over(self.period, self.as_of)


def final_states(
    term: Term, studied: Mapping[str, AbstractSet[str]], finals: Sequence[FinalMark], deferrals: Sequence[Deferral]
) -> dict[tuple[str, str], Standing]:
    """Return the standing of each pupil and subject of a class; other pupils, years and periods are left out.

    Args:
        studied: the subjects of each pupil (`domain/studies.py`); where a final mark is set, it stands too.
    """
    period = term.period["period"], term.period["school_year"]
    given = {
        (row["pupil"], row["subject"]): row
        for row in finals
        if (row["period"], row["school_year"]) == period and row["pupil"] in studied
    }
    wanted = {(pupil, subject) for pupil, subjects in studied.items() for subject in subjects} | given.keys()
    registered = [row for row in deferrals if row["school_year"] == period[1] and _holds_in(row, term.period)]
    return {
        (pupil, subject): _standing(term, given.get((pupil, subject)), _about(pupil, subject, registered))
        for pupil, subject in sorted(wanted)
    }


def _holds_in(row: Deferral, period: Period) -> bool:
    """Tell whether a row is about this period; who is exempt for the whole year is so in each part of it."""
    whole_year = row["state"] == FinalState.EXEMPT and row["period"] == WHOLE_YEAR
    return whole_year or is_called(period, row["period"])


def _about(pupil: str, subject: str, deferrals: Iterable[Deferral]) -> list[Deferral]:
    return [row for row in deferrals if row["pupil"] == pupil and row["subject"] in (None, subject)]


def _standing(term: Term, final: FinalMark | None, registered: list[Deferral]) -> Standing:
    if final is not None:
        return Standing(FinalState.EXEMPT if is_exempt(final) else FinalState.ASSIGNED, final)
    if any(row["state"] == FinalState.EXEMPT for row in registered):
        return Standing(FinalState.EXEMPT)
    today = term.as_of.isoformat()
    holding = [row["until"] or "" for row in registered if not row["until"] or row["until"] >= today]
    if holding:
        return Standing(FinalState.DEFERRED, until=None if "" in holding else max(holding))
    return Standing(FinalState.NOT_DUE if term.waits() else FinalState.MISSING)
