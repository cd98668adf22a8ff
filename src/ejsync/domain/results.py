"""Results of pupils counted together: how many of each, «качество знаний» and «успеваемость».

Formulas as school offices use them (for instance lyc.zelenogorsk.ru, "Формулы показателей успеваемости"):

    quality  = (fives + fours) / pupils,    progress = (fives + fours + threes) / pupils,

where pupils are all who have a result: those not attested (н/а) count among them, those exempt and those without a
result do not. The degree of learning (СОУ) is left out: its weights differ from source to source.
"""

from collections import Counter
from collections.abc import Iterable
from typing import cast

from ejsync.domain.derived_payloads import Forecast, Values
from ejsync.domain.payloads import FinalMark
from ejsync.domain.rounding import share
from ejsync.domain.scales import grade_of

GOOD, PASSED = 4, 3
NOT_ATTESTED = 0
"""Stands for н/а among results."""

_NOT_ATTESTED = {"н/а", "не аттестован", "не аттестована"}
_EXEMPT = {"осв", "освобожден", "освобождена"}


def plain(raw: str) -> str:
    """Return a code as it is compared: no case, no `ё`, no full stop."""
    return raw.casefold().replace("ё", "е").strip(". ")


def is_exempt(final: FinalMark) -> bool:
    """Tell whether a final mark says that the pupil is exempt (осв)."""
    return plain(final["raw"]) in _EXEMPT


def result_of(final: FinalMark) -> int | None:
    """Return the grade of a final mark, `NOT_ATTESTED` for н/а, None for what is counted nowhere (зч, осв, points)."""
    grade = grade_of(final["reading"])
    if grade is None and plain(final["raw"]) in _NOT_ATTESTED:
        return NOT_ATTESTED
    return grade


def outcome_of(final: FinalMark | None, forecast: Forecast | None) -> tuple[int | None, str | None]:
    """Return the result of one pupil and what it rests on: his final mark if it is set, else his forecast."""
    if final is not None:
        return result_of(final), "finals"
    return (None, None) if forecast is None else (forecast["expected"], "forecast")


def spread(values: Iterable[int]) -> Values:
    """Count how many there are of each value from 1 to 5."""
    counted = Counter(values)
    return cast("Values", {str(value): counted[value] for value in range(1, 6)})


def quality(results: Iterable[int]) -> str | None:
    """Return the share of fours and fives; None where nobody has a result."""
    found = list(results)
    return share(sum(result >= GOOD for result in found), len(found))


def progress(results: Iterable[int]) -> str | None:
    """Return the share of threes, fours and fives; None where nobody has a result."""
    found = list(results)
    return share(sum(result >= PASSED for result in found), len(found))
