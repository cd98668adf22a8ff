"""Payloads of one invented class, as short as tests of derived facts want them."""

from ejsync.domain.readings import reading

CLASS = {"name": "10А", "parallel": 10, "level": "secondary"}
FIRST_FORM = {"name": "1А", "parallel": 1, "level": "primary"}
QUARTER = {
    "class": "10А", "school_year": 2026, "period": "q1", "title": "1 четверть", "disabled": False, "ambiguous": False,
    "start": "2026-09-01", "end": "2026-10-31", "weeks": [],
}  # fmt: skip


def mark(raw="5", weight=1, *, who="1001", day="2026-09-14", subject="Алгебра", **more):
    """A mark of the class's journal 77, averaged, without comments."""
    usual = {"column": 0, "averaged": True, "work": None, "comment": None, "lesson_comment": None, "max_mark": None}
    place = {"pupil": who, "subject": subject, "lesson": "77", "date": day}
    taken = reading(raw, max_mark=more.get("max_mark"))
    return {**place, "raw": raw, "reading": taken, "weight": weight, **usual, **more}


def absence(status="absent", *, who="1001", day="2026-09-15", subject="Алгебра"):
    """An absence or lateness."""
    place = {"pupil": who, "subject": subject, "lesson": "77", "date": day, "column": 0}
    return {**place, "raw": "н" if status == "absent" else "оп", "status": status}


def final(raw="5", *, who="1001", subject="Алгебра", period="q1", year=2026):
    """A final mark."""
    place = {"pupil": who, "school_year": year, "subject": subject, "period": period}
    return {**place, "raw": raw, "reading": reading(raw), "comment": None}


def lesson(day="2026-09-14", number=1, *, subject="Алгебра", group=None, teacher="Пробный П. П.", **more):
    """A lesson of the class."""
    usual = {"pupil": None, "teacher_id": None, "room": "42", "starts_at": None, "ends_at": None, "cancelled": False}
    place = {"class": "10А", "date": day, "number": number, "group": group}
    return {**place, "subject": subject, "teacher": teacher, **usual, **more}


def held(row, **other):
    """What a lesson change says of a lesson, or of another in its place."""
    names = ("subject", "teacher", "teacher_id", "room", "number", "date")
    return {**{name: row[name] for name in names}, **other}


def change(how, before, after, *, at):
    """A lesson change in the place of a lesson."""
    place = {name: at[name] for name in ("class", "date", "number", "group")}
    return {**place, "change": how, "before": before, "after": after}


def control_work(day="2026-10-20", number=1, *, who="1001", subject="Алгебра", group=None):
    """A control work of a pupil."""
    place = {"pupil": who, "class": "10А", "date": day, "number": number, "group": group}
    return {**place, "subject": subject, "lesson": "77", "topic": None}


def planned(hours=10, *, subject="Алгебра", group=None, period="q1", works=None):
    """A row of the curriculum."""
    place = {"class": "10А", "school_year": 2026, "subject": subject, "group": group, "period": period}
    return {**place, "hours": hours, "control_works": works}
