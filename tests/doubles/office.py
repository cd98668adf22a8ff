"""An invented school for the sheets of its office, and files as offices make them."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import xlsxwriter

from ejsync.domain.grid import Grid
from ejsync.domain.office_people import Person, School, Term
from ejsync.domain.records import Feed
from tests.doubles import records

PEOPLE = (
    Person("2001", "10А", ("Ёжикова", "Алёна", "Семёновна")),
    Person("2002", "10А", ("Образцов", "Пётр", "Ильич")),
    Person("2003", "5Б", ("Примерный", "Иван", "Львович")),
    Person("2004", "5Б", ("Примерный", "Иван", "Юрьевич")),
)
TERMS = (Term(2026, "p1", "1 четверть"), Term(2026, "p2", "2 четверть"))
SUBJECTS = {"10А": ("Алгебра", "Англ. яз.", "Физика"), "5Б": ("Математика",)}


def school(**changed):
    """What the journal knows of it."""
    known = {
        "years": {"10А": 2026, "5Б": 2026},
        "terms": lambda name: TERMS,
        "subjects": lambda name: SUBJECTS[name],
        "pseudonym": str.upper,
    }
    return School(changed.pop("people", PEOPLE), changed.pop("classes", SUBJECTS), **{**known, **changed})


def grid(heads, *rows, **rest):
    """A sheet that is there already: heads, and rows of cells, as a file would give them."""
    whole = [tuple(heads), *map(tuple, rows)]
    return Grid(tuple((number, row) for number, row in enumerate(whole, start=1) if any(row)), **rest)


def furnish(world):
    """Let the journal tell of the school, so that the store knows it."""
    pupils = []
    for person in PEOPLE:
        told = records.pupil(person.pupil, of=person.school_class)
        last, first, middle = person.name
        named = {**told.data, "last_name": last, "first_name": first, "middle_name": middle}
        pupils.append(replace(told, data=named))
    world.read(records.roster(*map(records.school_class, SUBJECTS), *pupils), feed=Feed.ROSTER)
    spans = [records.period(term.period, of=name) for name in SUBJECTS for term in TERMS]
    titles = {term.period: term.title for term in TERMS}
    titled = [replace(one, data={**one.data, "title": titles[one.data["period"]]}) for one in spans]
    world.read(records.periods(SUBJECTS, *titled), feed=Feed.PERIODS)
    taught = [
        records.lesson(number, of=name, subject=subject)
        for name, subjects in SUBJECTS.items()
        for number, subject in enumerate(subjects, start=1)
    ]
    world.read(records.lessons(SUBJECTS, *taught), feed=Feed.TIMETABLE)
    return world


def xlsx(*rows, title="Лист1", dress=None, further=()):
    """An XLSX file of rows; `dress(book, sheet)` does to it what offices do, `further` are more sheets of rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, body in ((title, rows), *further):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(body):
                for place, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(number, place, datetime.combine(value, datetime.min.time()), day)
                    elif value is not None:
                        sheet.write(number, place, value)
            if dress and name == title:
                dress(book, sheet)
    return file.getvalue()


def repacked(content, part, change):
    """The same file with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return out.getvalue()


def csv(*rows, encoding="utf-8-sig", delimiter=";"):
    """A CSV file of rows."""
    lines = (delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows)
    return ("\r\n".join(lines) + "\r\n").encode(encoding)
