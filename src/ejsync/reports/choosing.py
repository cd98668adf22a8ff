"""Which class and which period a report is about: named by people, or the current one; never a guess."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ejsync.domain.office_people import School
from ejsync.domain.school_days import smallest
from ejsync.errors import NotFound
from ejsync.wording import N_, say


def chosen_class(school: School, written: str) -> str:
    """Return the class that is meant; spelt 10а or 10-А it is the same.

    Raises:
        NotFound: there is no such class, or several may be meant; names those that there are.
    """
    found = school.classes_called(written)
    if len(found) == 1:
        return found[0]
    known = found or sorted(school.classes, key=class_order)
    advice = say(N_("--class with one of: {known}"), known=", ".join(known)) if known else "ejsync sync --feed roster"
    raise NotFound(what=say(N_("class")), name=written, listing=advice)


def chosen_period(school: School, of_class: str, periods: Sequence[Any], written: str | None, today: date) -> Any:
    """Return the period that is meant by id or title, or the current one.

    Args:
        periods: the payloads of the class's periods.

    Raises:
        NotFound: the class has no such period; names those that it has.
    """
    usable = sorted((one for one in periods if not one["disabled"]), key=_place)
    found = _current(usable, today) if written is None else _called(school, of_class, usable, written)
    if found is not None:
        return found
    known = ", ".join(f"{one['period']} ({one['title']})" for one in usable)
    advice = say(N_("--period with one of: {known}"), known=known) if known else "ejsync sync --feed periods"
    raise NotFound(what=say(N_("period of class {name}"), name=of_class), name=written or "-", listing=advice)


def _place(period: Any) -> tuple[int, str, str]:
    return period["school_year"], period["start"] or "", period["period"]


def _called(school: School, of_class: str, periods: Sequence[Any], written: str) -> Any | None:
    """Return the newest period that is called so."""
    for period in reversed(periods):
        names = {term.period for term in school.terms_called(written, of_class, period["school_year"])}
        if period["period"] in names:
            return period
    return None


def _current(periods: Sequence[Any], today: date) -> Any | None:
    """Return the quarter or half-year that began last, in the holidays after it too; before all of them the first."""
    small = smallest(periods)
    begun = [one for one in small if (one["start"] or "") <= today.isoformat()]
    return (begun[-1:] or small or periods or [None])[0]


def class_order(name: str) -> tuple[int, str]:
    """Sort 2А before 10А."""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return int(digits or 0), name


def in_order(names: Iterable[str]) -> list[str]:
    """Return classes from the first form to the last."""
    return sorted(names, key=class_order)
