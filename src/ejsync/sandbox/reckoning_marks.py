"""Forecasts and results, for the second opinion: worked out from marks by the written formulas, in exact fractions.

| figure     | formula                                                                                               |
|------------|-------------------------------------------------------------------------------------------------------|
| mean       | Σ value·weight / Σ weight of grades and doubles that are averaged; weight 1 where none is named       |
| expected   | the mean rounded half up, at least 2                                                                  |
| range      | the weight F still to come all twos, and all fives; F is the pace so far over the school days left,  |
|            | but at least the number of control works ahead                                                        |
| needed     | fives one by one until a higher result is reached, if the range reaches it; twos likewise             |
| quality    | fours and fives / all who have a result, those not attested among them                               |
| progress   | threes, fours and fives / the same                                                                    |
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.reckoning_terms import is_over, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ejsync.sandbox.reckoning_terms import Pace

Json: TypeAlias = "dict[str, Any]"

UNMARKED_YEAR = 1
NOT_ATTESTED = 0
METHOD = "weighted-mean/1"

_HALF = Fraction(1, 2)
_LEAST, _MOST = 2, 5
_GOOD, _PASSED = 4, 3
_GRADES = {"grade", "double"}
_SAID_NOT_ATTESTED = {"н/а", "не аттестован", "не аттестована"}


@dataclass(frozen=True, slots=True)
class Course:
    """One pupil in one subject: all his rows of it, whatever the period; `final` is that of the period asked for."""

    pupil: str
    subject: str
    marks: Sequence[Json] = field(default_factory=list)
    absences: Sequence[Json] = field(default_factory=list)
    works: Sequence[Json] = field(default_factory=list)
    final: Json | None = None


def forecast(course: Course, form: Json, term: Json, pace: Pace, day: str) -> Json:
    """Return the forecast of a course at the end of a period, as it stands on a day."""
    marks = [mark for mark in course.marks if within(mark, term)]
    scale = _scale(form, [*marks, *([course.final] if course.final else [])])
    weighed = [pair for mark in marks for pair in _weighed(mark)] if scale == "five" else []
    total = sum((value * weight for value, weight in weighed), Fraction(0))
    weight = sum((weight for _, weight in weighed), Fraction(0))
    works = sum(work["date"] > day and within(work, term) for work in course.works)
    ahead = max(weight * pace.ahead / max(pace.behind, 1), Fraction(works))
    counted_marks = sum(bool(list(_weighed(mark))) for mark in marks) if scale == "five" else 0
    return {
        "pupil": course.pupil,
        "level": form["level"],
        "school_year": term["school_year"],
        "period": term["period"],
        "subject": course.subject,
        "scale": scale,
        "mean": written(total / weight, 2) if weight else None,
        **_outlook(course, scale, (total, weight), ahead, over=is_over(term, day)),
        "counted": len(weighed),
        "left_out": len(marks) - counted_marks,
        "absences": sum(row["status"] == "absent" for row in course.absences if within(row, term)),
        "method": METHOD,
        "as_of": day,
    }


def _scale(form: Json, marked: Iterable[Json]) -> str:
    if form["parallel"] == UNMARKED_YEAR:
        return "none"
    types = {row["reading"]["type"] for row in marked}
    if types & _GRADES:
        return "five"
    return "points" if "points" in types else "pass" if "pass" in types else "five"


def _weighed(mark: Json) -> Iterator[tuple[int, Fraction]]:
    """Yield each value of a mark that enters a mean, with its weight."""
    weight = Fraction(1) if mark["weight"] is None else Fraction(repr(mark["weight"]))
    reading = mark["reading"]
    if mark["averaged"] is not False and weight and reading["type"] in _GRADES:
        yield from ((int(reading[name]), weight) for name in ("value", "second") if reading[name] is not None)


def _outlook(course: Course, scale: str, sums: tuple[Fraction, Fraction], ahead: Fraction, *, over: bool) -> Json:
    if course.final is not None:
        reading = course.final["reading"]
        return _fixed("assigned", int(reading["value"]) if reading["type"] == "grade" else None, settled=True)
    if scale in {"points", "pass"}:
        return _fixed("not_scaled", None, settled=over)
    if not sums[1]:
        return _fixed("unmarked", None, settled=over)
    result = _result(*sums)
    lowest, highest = (_result(*_with(sums, value, ahead)) for value in (_LEAST, _MOST))
    return {
        "state": "expected",
        "expected": result,
        "lowest": lowest,
        "highest": highest,
        "settled": over or lowest == highest,
        "needed": [
            {"result": better, "fives": _fives(sums, better) if better <= highest else None}
            for better in range(result + 1, _MOST + 1)
        ],
        "lowering_twos": _twos(sums, result) if lowest < result else None,
    }


def _fixed(state: str, result: int | None, *, settled: bool) -> Json:
    range_ = dict.fromkeys(("expected", "lowest", "highest"), result)
    return {"state": state, **range_, "settled": settled, "needed": [], "lowering_twos": None}


def _with(sums: tuple[Fraction, Fraction], value: int, weight: Fraction | int) -> tuple[Fraction, Fraction]:
    return sums[0] + value * weight, sums[1] + weight


def _result(total: Fraction, weight: Fraction) -> int:
    return max(_LEAST, floor(total / weight + _HALF))


def _fives(sums: tuple[Fraction, Fraction], result: int) -> int:
    """Add fives one by one, as a pupil would."""
    count = 0
    while _result(*_with(sums, _MOST, count)) < result:
        count += 1
    return count


def _twos(sums: tuple[Fraction, Fraction], result: int) -> int:
    count = 0
    while _result(*_with(sums, _LEAST, count)) >= result:
        count += 1
    return count


def spread_of_marks(marks: Iterable[Json]) -> Json:
    """Count the values that enter a mean, each once, and take their plain mean."""
    values = [value for mark in marks for value, _ in _weighed(mark)]
    return {
        "distribution": _distribution(values),
        "count": len(values),
        "mean": written(Fraction(sum(values), len(values)), 2) if values else None,
    }


def spread_of_results(finals: Mapping[str, Json], forecasts: Mapping[str, Json]) -> Json:
    """Count what pupils have in the end: the final mark that is set, else what is expected.

    Args:
        finals: by pupil, as are the forecasts.
    """
    found = {pupil: ("forecast", row["expected"]) for pupil, row in forecasts.items()}
    found |= {pupil: ("finals", result_of(final)) for pupil, final in finals.items()}
    results = [result for _, result in found.values() if result is not None]
    bases = {basis for basis, result in found.values() if result is not None}
    return {
        "basis": bases.pop() if len(bases) == 1 else "mixed" if bases else "none",
        "distribution": _distribution(results),
        "not_attested": results.count(NOT_ATTESTED),
        "pupils": len(results),
        "quality": share(results, _GOOD),
        "progress": share(results, _PASSED),
    }


def result_of(final: Json) -> int | None:
    """Return the grade of a final mark, 0 for one not attested; None for what is counted nowhere."""
    if final["reading"]["type"] == "grade":
        return int(final["reading"]["value"])
    said = final["raw"].lower().replace("ё", "е").strip(" .")
    return NOT_ATTESTED if said in _SAID_NOT_ATTESTED else None


def share(results: Sequence[int], least: int) -> str | None:
    """Write which share of results is at least so good, with four digits; None where there is none."""
    return written(Fraction(sum(result >= least for result in results), len(results)), 4) if results else None


def written(value: Fraction, digits: int) -> str:
    """Write a number with so many digits after the point, rounded half up."""
    shifted = str(floor(value * 10**digits + _HALF)).zfill(digits + 1)
    return f"{shifted[:-digits]}.{shifted[-digits:]}"


def _distribution(values: Iterable[int]) -> dict[str, int]:
    counts = Counter(values)
    return {str(value): counts[value] for value in range(1, _MOST + 1)}
