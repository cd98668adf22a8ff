"""Whom, which class, subject and period a row of a sheet means; what is not certain is a fault and never a guess."""

import re
from typing import Any

from ejsync.domain.cell_values import line, text
from ejsync.domain.columns import ABSENT, Row
from ejsync.domain.grid import Value
from ejsync.domain.office import WHOLE_YEAR
from ejsync.domain.office_people import Person, School, means_year
from ejsync.wording import N_

STRANGER = N_("the journal, as last read, has no such pupil")
NAMESAKES = N_("several pupils of the class are called so")
OTHER_CLASS = N_("the journal has this pupil in another class")
OTHER_NAME = N_("the pupil of this number is called otherwise")
NO_CLASS = N_("the journal, as last read, has no such class")
TWIN_CLASSES = N_("several classes may be meant")
NO_SUBJECT = N_("the class has no such subject in the journal")
NO_TERM = N_("the class has no such period in the journal")

_PUPIL = re.compile(r"[0-9]{1,40}")
_YEARS = re.compile(r"(20\d\d)(?:\s*[/\-–—]\s*(\d\d|20\d\d))?(?:\s*(?:уч\.?\s*)?(?:год|г\.?))?", re.IGNORECASE)
_LONGEST_NAME = 200
_WHOM = N_("the pupil's number in ElJur, or his full name and his class")
_A_CLASS = N_("a class as the journal spells it, for instance 10А")
_A_SUBJECT = N_("a subject as the journal spells it")
_ONE_OF = N_("one of: {known}")


def matching_person(row: Row, school: School) -> Person | None:
    """Find the pupil of a row by his number, else by his full name and class; note a fault where he is not certain."""
    number, name = _given(row)
    if number is None and name is None:
        column = "name" if "name" in row.places and "pupil" not in row.places else "pupil"
        row.fault(column, ABSENT, _WHOM)
        return None
    if number is None:
        return _by_name(row, school, str(name))
    person = school.people.get(number)
    if person is None:
        row.fault("pupil", STRANGER, _WHOM)
        return None
    return _agreeing(row, school, person, name)


def _given(row: Row) -> tuple[str | None, str | None]:
    """Return number and name as they stand; a name in the place of the number is a name."""
    first, name = (_text(row, column) for column in ("pupil", "name"))
    if first is not None and not _PUPIL.fullmatch(first):
        return None, name or first
    return first, name


def _text(row: Row, name: str) -> str | None:
    value = row.cells.get(name)
    return None if value is None else row.take(name, text, _WHOM)


def _agreeing(row: Row, school: School, person: Person, name: str | None) -> Person | None:
    """Make sure that name and class, where they stand too, are those of the pupil."""
    if name is not None and person not in school.people_called(name, person.school_class):
        row.fault("name", OTHER_NAME, _WHOM)
        return None
    if row.cells.get("class") is not None:
        written = row.take("class", text, _A_CLASS)
        if written is None or person.school_class not in school.classes_called(written):
            row.fault("class", OTHER_CLASS, N_("{known}, or an empty cell"), known=person.school_class)
            return None
    return person


def _by_name(row: Row, school: School, name: str) -> Person | None:
    school_class = matching_class(row, school)
    if school_class is None:
        return None
    found = school.people_called(name, school_class)
    column = "name" if row.cells.get("name") is not None else "pupil"
    if len(found) > 1:
        numbers = ", ".join(sorted(person.pupil for person in found))
        row.fault(column, NAMESAKES, N_("the number of the one who is meant: {numbers}"), numbers=numbers)
        return None
    if not found:
        row.fault(column, STRANGER, _WHOM)
        return None
    return found[0]


def matching_class(row: Row, school: School) -> str | None:
    """Find the class of a row."""
    if row.cells.get("class") is None:
        row.fault("class", ABSENT, _A_CLASS)
        return None
    written = row.take("class", text, _A_CLASS)
    found = school.classes_called(written) if written is not None else []
    if len(found) > 1:
        row.fault("class", TWIN_CLASSES, _ONE_OF, known=", ".join(found))
    elif written is not None and not found:
        row.fault("class", NO_CLASS, _A_CLASS)
    return found[0] if len(found) == 1 else None


def matching_subject(row: Row, school: School, school_class: str | None) -> str | None:
    """Find the subject of a row among those of its class; where its column is optional an empty cell means all."""
    written = row.take("subject", line(_LONGEST_NAME), _A_SUBJECT)
    if written is None or school_class is None:
        return None
    found = school.subject_called(written, school_class)
    if found is None and (near := school.nearest_subjects(written, school_class)):
        row.fault("subject", NO_SUBJECT, N_("perhaps one of: {near}"), near=", ".join(near))
    elif found is None:
        row.fault("subject", NO_SUBJECT, _A_SUBJECT)
    return found


def matching_period(row: Row, school: School, school_class: str | None) -> tuple[int, str]:
    """Find school year and period of a row among the periods of its class.

    Returns:
        The year of its 1 September and ElJur's id of the period; zero and nothing where a fault was noted.
    """
    expected = N_("a period of the class as the journal calls it, or год")
    written = row.take("period", text, expected)
    stated = row.cells.get("school_year") is not None
    year = row.take("school_year", _year, "2026/2027") if stated else school.years.get(school_class or "")
    if written is None or school_class is None or (stated and year is None):
        return 0, ""
    if year is None:
        row.fault("period", NO_TERM, N_("first: ejsync sync --feed periods"))
        return 0, ""
    found = school.terms_called(written, school_class, year)
    if len(found) == 1:
        return year, found[0].period
    if not found and means_year(written):
        return year, WHOLE_YEAR
    known: dict[str, Any] = {"known": ", ".join(term.title for term in school.terms(school_class)) or "-"}
    row.fault("period", NO_TERM, _ONE_OF, **known)
    return 0, ""


def _year(value: Value) -> int | None:
    """Read 2026, 2026/27, 2026-2027 or 2026/2027 уч. год: the year of the 1 September."""
    match = _YEARS.fullmatch(str(value)) if isinstance(value, str | int) else None
    if match is None:
        return None
    first, last = int(match[1]), match[2]
    return first if last is None or int(last) % 100 == (first + 1) % 100 else None
