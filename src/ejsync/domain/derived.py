"""Records of derived facts: their keys and owners, and how a fact that only grew older stays what it was."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ejsync.domain.consent import Scope, subject_of
from ejsync.domain.derived_payloads import ClassTeacher, FinalState, Forecast, LessonStatistics
from ejsync.domain.payloads import Contact
from ejsync.domain.records import Kind, Record, owner_class, owner_pupil, unaccented


def forecast_record(data: Forecast) -> Record:
    """Return the record of a forecast; like a final mark it lies on the first day of its school year."""
    pupil, year = data["pupil"], data["school_year"]
    key = f"{pupil}/{year}/{unaccented(data['subject'])}/{data['period']}"
    return Record(Kind.FORECAST, key, owner_pupil(pupil), pupil, date(year, 9, 1), data)


def statistics_record(data: LessonStatistics) -> Record:
    """Return the record of a class's statistics; like a period it lies on the first day of its school year."""
    of_class, year = data["class"], data["school_year"]
    key = f"{of_class}/{year}/{unaccented(data['subject'])}/{data['period']}"
    return Record(Kind.LESSON_STATISTICS, key, owner_class(of_class), None, date(year, 9, 1), data)


def final_state_record(data: FinalState) -> Record:
    """Return the record of why a final mark is not set; like the mark it lies on the first day of its school year."""
    pupil, year = data["pupil"], data["school_year"]
    key = f"{pupil}/{year}/{unaccented(data['subject'])}/{data['period']}"
    return Record(Kind.FINAL_STATE, key, owner_pupil(pupil), pupil, date(year, 9, 1), data)


def class_teacher_record(data: ClassTeacher) -> Record:
    """Return the record of who teaches a subject in a class or group; it has no day: it is so now."""
    key = f"{data['class']}/{unaccented(data['subject'])}/{unaccented(data['group'] or '-')}"
    return Record(Kind.CLASS_TEACHER, key, owner_class(data["class"]), None, None, data)


def contact_record(data: Contact) -> Record:
    """Return the record of a contact; it has no day, and leaves with a consent of its own only."""
    pupil, key = data["pupil"], f"{data['pupil']}/{data['whose']}/{data['way']}"
    return Record(Kind.CONTACT, key, owner_pupil(pupil), subject_of(pupil, Scope.CONTACTS), None, data)


def renewed(known: Mapping[str, Any] | None, fresh: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was known where nothing but `as_of` differs: no day alone makes a change. Else the fresh one."""
    if known is None:
        return fresh
    return known if {**known, "as_of": None} == {**fresh, "as_of": None} else fresh
