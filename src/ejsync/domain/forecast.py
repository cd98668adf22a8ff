"""Forecast: what a pupil's result in a subject will be at the end of a period (method `weighted-mean/1`).

Usual practice of Russian schools: a period's result is the weighted mean of its marks,

    mean = Σ value·weight / Σ weight,    expected = mean rounded half up (4.5 is 5), at least 2,

of the marks that `domain/scales.py` lets into a mean, dated inside the period. The exact mean is rounded, never the
two digits that are shown. A school may decide otherwise: a final mark that is set takes the forecast's place.

**Range.** The weight still to come is F = max(Σ weight · left / passed, control works ahead): the pupil's own pace over
the school days of the period, each planned control work counted with weight 1 because nobody knows its weight yet. All
twos give the lowest result, (Σ value·weight + 2F) / (Σ weight + F), all fives the highest. F is not rounded to whole
marks: rounding would let a five lower the range.

**Settled.** Only one result is left in the range, the final mark is set, or the period is over.

**Next marks.** For each higher result the fewest further fives of weight 1 that reach it; the fewest twos of weight 1
in a row that lower the result. None where the range does not reach so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ejsync.domain.derived_payloads import Forecast, Outlook, Target
from ejsync.domain.payloads import Absence, ControlWork, FinalMark, Mark, Period, SchoolClass
from ejsync.domain.rounding import mean
from ejsync.domain.scales import Scale, grade_of, scale_of, values_of
from ejsync.domain.school_days import SchoolDays, is_over, lies_in
from ejsync.domain.tally import BEST, WORST, Tally, tally_of

METHOD = "weighted-mean/1"


class State(StrEnum):
    """Why a forecast says what it says."""

    EXPECTED = "expected"
    ASSIGNED = "assigned"
    UNMARKED = "unmarked"
    NOT_SCALED = "not_scaled"


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one pupil in one subject; what lies outside of the period is left out by itself.

    Attributes:
        final: his final mark of this subject and period, once it is set.
    """

    pupil: str
    subject: str
    school_class: SchoolClass
    period: Period
    marks: Sequence[Mark] = ()
    absences: Sequence[Absence] = ()
    control_works: Sequence[ControlWork] = ()
    final: FinalMark | None = None


def forecast(course: Course, days: SchoolDays) -> Forecast:
    """Work out the forecast of one pupil, subject and period.

    Args:
        days: how far the period has come, as `school_days` counts it.
    """
    marks = [mark for mark in course.marks if lies_in(mark, course.period)]
    scale = scale_of(course.school_class, [row["reading"] for row in (*marks, course.final) if row])
    tally = tally_of(marks) if scale is Scale.FIVE else Tally()
    values = [values_of(mark) for mark in marks] if scale is Scale.FIVE else [()] * len(marks)
    return {
        "pupil": course.pupil,
        "level": course.school_class["level"],
        "school_year": course.period["school_year"],
        "period": course.period["period"],
        "subject": course.subject,
        "scale": scale.value,
        "mean": mean(tally.total, tally.weight),
        **_outlook(course, days, scale, tally),
        "counted": sum(map(len, values)),
        "left_out": sum(not found for found in values),
        "absences": sum(row["status"] == "absent" and lies_in(row, course.period) for row in course.absences),
        "method": METHOD,
        "as_of": days.as_of.isoformat(),
    }


def _outlook(course: Course, days: SchoolDays, scale: Scale, tally: Tally) -> Outlook:
    """Return state, result, range and what the next marks would have to be."""
    if course.final is not None:
        return _fixed(State.ASSIGNED, grade_of(course.final["reading"]), settled=True)
    if tally.weight:
        return _expected(tally, _range(course, days, tally))
    state = State.NOT_SCALED if scale in (Scale.POINTS, Scale.PASS) else State.UNMARKED
    return _fixed(state, None, settled=is_over(course.period, days.as_of))


def _fixed(state: State, result: int | None, *, settled: bool) -> Outlook:
    """Return the outlook of what further marks do not move."""
    return {
        "state": state.value,
        "expected": result,
        "lowest": result,
        "highest": result,
        "settled": settled,
        "needed": [],
        "lowering_twos": None,
    }


def _range(course: Course, days: SchoolDays, tally: Tally) -> tuple[int, int]:
    """Return the lowest and the highest result that the rest of the period may bring."""
    today = days.as_of.isoformat()
    works = sum(work["date"] > today and lies_in(work, course.period) for work in course.control_works)
    ahead = max(tally.weight * days.left / max(days.passed, 1), Fraction(works))
    return tally.after(WORST, ahead).result, tally.after(BEST, ahead).result


def _expected(tally: Tally, reach: tuple[int, int]) -> Outlook:
    (lowest, highest), result = reach, tally.result
    needed: list[Target] = [
        {"result": better, "fives": tally.fives_for(better) if better <= highest else None}
        for better in range(result + 1, BEST + 1)
    ]
    return {
        "state": State.EXPECTED.value,
        "expected": result,
        "lowest": lowest,
        "highest": highest,
        "settled": lowest == highest,
        "needed": needed,
        "lowering_twos": tally.twos_below(result) if lowest < result else None,
    }
