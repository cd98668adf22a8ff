"""Conclusions: all that follows from what is known of one class and its pupils on a school day.

Forecasts, states of final marks, statistics of lessons, who teaches what, recommendations and contacts are worked out
by functions of their own; here they are given what they need, for every period of the school year that has begun.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ejsync.domain.derived import (
    class_teacher_record,
    contact_record,
    final_state_record,
    forecast_record,
    renewed,
    statistics_record,
)
from ejsync.domain.final_states import FinalState, Term, final_states
from ejsync.domain.forecast import Course, forecast
from ejsync.domain.lesson_accounts import Lessons, Taught
from ejsync.domain.period_sorts import PeriodSort, sort_of
from ejsync.domain.recommendations import of_lessons, of_marks, of_office
from ejsync.domain.records import Kind, Record
from ejsync.domain.school_days import is_over, school_days, smallest
from ejsync.domain.statistics import Achievements, Register, lesson_statistics
from ejsync.domain.studies import studies
from ejsync.domain.teaching import class_teachers
from ejsync.domain.windows import school_year_start

OF_PUPILS = frozenset({Kind.FORECAST, Kind.FINAL_STATE, Kind.CONTACT, Kind.RECOMMENDATION})
OF_CLASSES = frozenset({Kind.CLASS_TEACHER, Kind.LESSON_STATISTICS, Kind.RECOMMENDATION})
CONCLUDED = OF_PUPILS | OF_CLASSES
GROUNDS = frozenset(
    {
        Kind.PERIOD,
        Kind.CALENDAR_DAY,
        Kind.LESSON,
        Kind.LESSON_CHANGE,
        Kind.CONTROL_WORK,
        Kind.MARK,
        Kind.ABSENCE,
        Kind.FINAL_MARK,
    }
)
"""The kinds that conclusions are drawn from."""

MISSING_AFTER = timedelta(days=3)
"""So long after the end of a period a final mark that is not set yet is not called missing: it is being entered."""

FEWEST = 3
"""Pupils behind the figures of a class, at least; fewer could be told apart."""

_SAID = frozenset({FinalState.DEFERRED, FinalState.EXEMPT, FinalState.MISSING})
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Office:
    """What the school's office holds of a class: live payloads by key, of those kinds that are wanted."""

    contacts: Mapping[str, Any] = field(default_factory=dict)
    curriculum: Mapping[str, Any] = field(default_factory=dict)
    deferrals: Mapping[str, Any] = field(default_factory=dict)
    recommendations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassBook:
    """What is known of one class.

    Attributes:
        facts: live payloads of `GROUNDS` by kind and key, of the class and of its pupils.
        concluded: live payloads of `CONCLUDED`, as they were last worked out, by kind and key.
    """

    school_class: Any
    pupils: tuple[str, ...]
    as_of: date
    facts: Mapping[Kind, Mapping[str, Any]]
    office: Office = field(default_factory=Office)
    concluded: Mapping[tuple[Kind, str], Payload] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[Any]:
        """Return the payloads of a kind."""
        return list(self.facts.get(kind, {}).values())

    def lessons(self) -> list[Any]:
        """Return the lessons of the class, without those of single pupils."""
        return [lesson for lesson in self.of(Kind.LESSON) if lesson["pupil"] is None]

    def periods(self) -> list[Any]:
        """Return the periods of this school year that have begun."""
        year, today = school_year_start(self.as_of).year, self.as_of.isoformat()
        return [
            one for one in self.of(Kind.PERIOD) if one["school_year"] == year and one["start"] and one["start"] <= today
        ]

    def examinations(self) -> list[Any]:
        """Return the examinations of this school year that have no days: results may be put off all the same."""
        year = school_year_start(self.as_of).year
        undated = (one for one in self.of(Kind.PERIOD) if one["school_year"] == year and not one["start"])
        return [one for one in undated if sort_of(one) is PeriodSort.EXAMINATION]


def conclusions(book: ClassBook) -> list[Record]:
    """Return every record that follows from what is known; what only grew older stays what it was."""
    studied = studies(book.pupils, book.lessons(), _traces(book))
    forecasts = list(_forecasts(book, studied))
    found = [
        *map(forecast_record, forecasts),
        *_final_states(book, studied),
        *map(statistics_record, _statistics(book, forecasts)),
        *map(class_teacher_record, class_teachers(_name(book), book.lessons(), book.of(Kind.LESSON_CHANGE))),
        *of_marks(book.facts.get(Kind.MARK, {})),
        *of_lessons(_name(book), book.of(Kind.MARK), {(row["subject"], row["date"]) for row in book.lessons()}),
        *of_office(book.office.recommendations),
        *map(contact_record, _contacts(book)),
    ]
    return [_renewed(book, record) for record in found]


def _name(book: ClassBook) -> str:
    return str(book.school_class["name"])


def _renewed(book: ClassBook, record: Record) -> Record:
    data = renewed(book.concluded.get((record.kind, record.key)), record.data)
    return Record(record.kind, record.key, record.owner, record.pupil, record.day, data)


def _traces(book: ClassBook) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind in (Kind.MARK, Kind.ABSENCE, Kind.CONTROL_WORK, Kind.FINAL_MARK):
        for row in book.of(kind):
            found[row["pupil"]].add(row["subject"])
    return found


def _by_course(rows: Iterable[Any]) -> defaultdict[tuple[str, str], list[Any]]:
    found: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row["pupil"], row["subject"]].append(row)
    return found


def _forecasts(book: ClassBook, studied: Mapping[str, set[str]]) -> Iterator[Any]:
    marks, absences, works = (_by_course(book.of(kind)) for kind in (Kind.MARK, Kind.ABSENCE, Kind.CONTROL_WORK))
    finals = {
        (row["pupil"], row["subject"], row["school_year"], row["period"]): row for row in book.of(Kind.FINAL_MARK)
    }
    calendar, begun = book.of(Kind.CALENDAR_DAY), book.periods()
    for period in smallest(begun):
        days = school_days(period, calendar, book.as_of)
        for pupil, subjects in studied.items():
            for subject in sorted(subjects):
                place = (pupil, subject)
                course = Course(
                    pupil,
                    subject,
                    book.school_class,
                    period,
                    marks[place],
                    absences[place],
                    works[place],
                    finals.get((*place, period["school_year"], period["period"])),
                )
                yield forecast(course, days)


def _final_states(book: ClassBook, studied: Mapping[str, set[str]]) -> Iterator[Record]:
    """Yield why there is no final mark; where one is set, it speaks for itself."""
    finals, deferrals = book.of(Kind.FINAL_MARK), list(book.office.deferrals.values())
    for period in (one for one in (*book.periods(), *book.examinations()) if not one["disabled"]):
        settled = is_over(period, book.as_of - MISSING_AFTER)
        standings = final_states(Term(book.school_class, period, book.as_of), studied, finals, deferrals)
        for (pupil, subject), standing in standings.items():
            said = standing.state in _SAID and (standing.state is not FinalState.MISSING or settled)
            if standing.final is None and said:
                yield final_state_record(
                    {
                        "pupil": pupil,
                        "school_year": period["school_year"],
                        "subject": subject,
                        "period": period["period"],
                        "state": standing.state.value,
                        "until": standing.until,
                    }
                )


def _statistics(book: ClassBook, forecasts: Iterable[Any]) -> Iterator[Any]:
    lessons, works = _by_subject(book.lessons()), _by_subject(book.of(Kind.CONTROL_WORK))
    marks, absences = _by_subject(book.of(Kind.MARK)), _by_subject(book.of(Kind.ABSENCE))
    finals, expected = _by_result(book.of(Kind.FINAL_MARK)), _by_result(forecasts)
    curriculum, changes = list(book.office.curriculum.values()), book.of(Kind.LESSON_CHANGE)
    subjects = sorted({*lessons, *(row["subject"] for row in curriculum)} - {None})
    for period in smallest(book.periods()):
        for subject in subjects:
            result = (subject, period["school_year"], period["period"])
            taught = Taught(subject, book.school_class, period, book.as_of)
            register = Register(
                Lessons(lessons[subject], changes, works[subject], curriculum),
                Achievements(marks[subject], absences[subject], finals[result], expected[result]),
            )
            found = lesson_statistics(taught, register)
            marked = {row["pupil"] for row in taught.of(marks[subject])}
            # Figures of one or two pupils are those pupils' own, and not the class's to tell.
            if not any(0 < count < FEWEST for count in (len(marked), found["results"]["pupils"])):
                yield found


def _by_subject(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["subject"]].append(row)
    return found


def _by_result(rows: Iterable[Any]) -> defaultdict[tuple[str, int, str], list[Any]]:
    found: defaultdict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row["subject"], row["school_year"], row["period"]].append(row)
    return found


def _contacts(book: ClassBook) -> Iterator[Any]:
    """Yield the contacts that hold on this day, without what only the office needs to know."""
    today = book.as_of.isoformat()
    for row in book.office.contacts.values():
        if row["valid_from"] <= today <= (row["valid_until"] or today):
            yield {name: row[name] for name in ("pupil", "whose", "way", "address", "form")}
