"""Records of an invented school, and readings made of them; every payload keeps its contract."""

from datetime import date

from ejsync.domain.readings import attendance, reading
from ejsync.domain.records import SCHOOL, Kind, Record, owner_class, owner_pupil
from ejsync.domain.windows import Coverage, Reading, school_year_days

DAY = date(2026, 11, 16)
ROSTER_KINDS = frozenset({Kind.SCHOOL_CLASS, Kind.PUPIL, Kind.TEACHER})
MARK_KINDS = frozenset({Kind.MARK, Kind.ABSENCE})


def school_class(name="10А"):
    """A class."""
    return Record(Kind.SCHOOL_CLASS, name, SCHOOL, None, None, {"name": name, "parallel": 10, "level": "secondary"})


def pupil(number="1001", *, of="10А", last_name="Тестова"):
    """A pupil with an invented name."""
    data = {"pupil": number, "class": of, "last_name": last_name, "first_name": "Анна", "middle_name": None}
    return Record(Kind.PUPIL, number, SCHOOL, number, None, data)


def teacher(number="501"):
    """A teacher with an invented name."""
    data = {"teacher": number, "last_name": "Пробная", "first_name": "Мария", "middle_name": None}
    return Record(Kind.TEACHER, number, SCHOOL, None, None, data)


def lesson(number=1, *, of="10А", day=DAY, subject="Алгебра"):
    """A lesson of a class."""
    data = {
        "class": of, "pupil": None, "date": day.isoformat(), "number": number, "group": None, "subject": subject,
        "teacher": None, "teacher_id": None, "room": "42", "starts_at": None, "ends_at": None, "cancelled": False,
    }  # fmt: skip
    return Record(Kind.LESSON, f"{of}/{day.isoformat()}/{number}/-", owner_class(of), None, day, data)


def lesson_change(number, how, *, before, after, of="10А", day=DAY):
    """How a lesson of a class differs from its plan: the subject before; number and subject after."""
    place, subject = after
    sides = {
        "before": lesson(number, of=of, day=day, subject=before).data if before else None,
        "after": lesson(place, of=of, day=day, subject=subject).data if subject else None,
    }
    names = ("subject", "teacher", "teacher_id", "room", "number", "date")
    held = {side: {name: data[name] for name in names} if data else None for side, data in sides.items()}
    data = {"class": of, "date": day.isoformat(), "number": number, "group": None, "change": how, **held}
    return Record(Kind.LESSON_CHANGE, lesson(number, of=of, day=day).key, owner_class(of), None, day, data)


def mark(who="1001", raw="5", *, lesson_id="77", column=0, day=DAY, subject="Алгебра"):
    """What stands in one cell of the journal: an absence where the text is one of its codes, else a mark."""
    key = f"{who}/{lesson_id}/{day.isoformat()}/{column}"
    place = {"pupil": who, "subject": subject, "lesson": lesson_id, "date": day.isoformat(), "column": column}
    status = attendance(raw)
    if status is not None:
        data = {**place, "raw": raw, "status": status}
        return Record(Kind.ABSENCE, key, owner_pupil(who), who, day, data)
    rest = {"weight": None, "averaged": None, "work": None, "comment": None, "lesson_comment": None, "max_mark": None}
    data = {**place, "raw": raw, "reading": reading(raw), **rest}
    return Record(Kind.MARK, key, owner_pupil(who), who, day, data)


def broken_mark(who="1001", *, lesson_id="77", column=0, day=DAY):
    """A mark whose text is no text: it breaks its contract at /raw."""
    well = mark(who, lesson_id=lesson_id, column=column, day=day)
    return Record(well.kind, well.key, well.owner, well.pupil, well.day, {**well.data, "raw": 5})


def final_mark(who="1001", raw="5", *, period="p1", subject="Алгебра", year=2026):
    """A final mark of a school year."""
    data = {
        "pupil": who, "school_year": year, "subject": subject, "period": period, "raw": raw,
        "reading": reading(raw), "comment": None,
    }  # fmt: skip
    key = f"{who}/{year}/{subject}/{period}"
    return Record(Kind.FINAL_MARK, key, owner_pupil(who), who, date(year, 9, 1), data)


def period(name="p1", *, of="10А", year=2026):
    """A period of a class in a school year."""
    data = {
        "class": of, "school_year": year, "period": name, "title": name, "disabled": False, "ambiguous": False,
        "start": None, "end": None, "weeks": [],
    }  # fmt: skip
    return Record(Kind.PERIOD, f"{of}/{year}/{name}", owner_class(of), None, date(year, 9, 1), data)


def homework(subject="Алгебра", text="§ 5", *, of="10А", group=None, index="1"):
    """A homework of a class."""
    data = {
        "class": of, "pupil": None, "date": DAY.isoformat(), "subject": subject, "group": group, "index": index,
        "text": text, "files": [],
    }  # fmt: skip
    key = f"{of}/{DAY.isoformat()}/{subject}/{group or '-'}/{index}"
    return Record(Kind.HOMEWORK, key, owner_class(of), None, DAY, data)


def roster(*records, believable=False):
    """A reading of the whole roster."""
    return Reading(tuple(records), (Coverage(ROSTER_KINDS, (SCHOOL,), None, believable),))


def marks(pupils, *records, days=None, believable=False):
    """A reading of the marks of some pupils: what is missing is gone."""
    owners = tuple(map(owner_pupil, pupils))
    return Reading(tuple(records), (Coverage(MARK_KINDS, owners, days, believable),))


def finals(pupils, *records, year=2026, believable=False):
    """A reading of the final marks of some pupils in a school year."""
    kinds, owners = frozenset({Kind.FINAL_MARK}), tuple(map(owner_pupil, pupils))
    return Reading(tuple(records), (Coverage(kinds, owners, school_year_days(year), believable),))


def periods(names, *records, year=2026):
    """A reading of the periods of some classes in a school year."""
    kinds, owners = frozenset({Kind.PERIOD}), tuple(map(owner_class, names))
    return Reading(tuple(records), (Coverage(kinds, owners, school_year_days(year)),))


def homeworks(names, *records, believable=False):
    """A reading of the homework of some classes."""
    owners = tuple(map(owner_class, names))
    return Reading(tuple(records), (Coverage(frozenset({Kind.HOMEWORK}), owners, None, believable),))


def lessons(names, *records, days=None, believable=False):
    """A reading of the timetable of some classes."""
    owners = tuple(map(owner_class, names))
    return Reading(tuple(records), (Coverage(frozenset({Kind.LESSON}), owners, days, believable),))
