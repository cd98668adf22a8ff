"""What must follow from journal and office, worked out anew: the conclusions of every class, for the comparator.

| kind              | key                                         | from                                            |
|-------------------|---------------------------------------------|-------------------------------------------------|
| forecast          | pupil/school_year/subject/period            | marks, absences, control works, calendar, finals |
| final_state       | pupil/school_year/subject/period            | finals that are not there, deferrals            |
| lesson_statistics | class/school_year/subject/period            | lessons, changes, curriculum, marks, finals     |
| class_teacher     | class/subject/group                         | lessons and their changes                       |
| recommendation    | mark/its key                                | comments on marks                               |
|                   | lesson/class/lesson_id/date/number          | comments on lessons                             |
|                   | office/pupil or class:name/date/subject/…   | rows of the office                              |
| contact           | pupil/whose/way                             | rows of the office                              |

It starts from what the ED must hold of the journal (`expectation`), of all pupils and of the days that were read: more
cannot be known. What a lesson was planned to be is no fact of the journal: it is what the ED was told
(`expected_days`). Of a recommendation of the office the key's end is a secret of the school's; it is judged by its
content.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.reckoning_finals import cells
from ejsync.sandbox.reckoning_lessons import accounts, learnt, teachers
from ejsync.sandbox.reckoning_marks import UNMARKED_YEAR, Course, forecast, spread_of_marks, spread_of_results
from ejsync.sandbox.reckoning_terms import ENTERED_WITHIN_DAYS, begun, is_over, pace, smallest, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Json: TypeAlias = "dict[str, Any]"
Name: TypeAlias = tuple[str, str]
Found: TypeAlias = "Iterator[tuple[str, str, Json]]"

CONCLUDED = frozenset({"forecast", "final_state", "lesson_statistics", "class_teacher", "recommendation", "contact"})
OFFICE = ("contacts", "curriculum", "deferrals", "recommendations")

_OF_CLASSES = {"school_class": "name", "period": "class", "calendar_day": "class", "lesson_change": "class"}
_TRACES = ("mark", "absence", "control_work", "final_mark")
_ADDRESSED = ("pupil", "whose", "way", "address", "form")


@dataclass(frozen=True, slots=True)
class Book:
    """One class on a day: its rows by kind and key, the rows of its office, its pupils and what each learns."""

    form: Json
    day: str
    pupils: list[str]
    rows: Mapping[str, dict[str, Json]]
    office: Mapping[str, list[Json]]
    learnt: dict[str, set[str]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Json]:
        """Return the rows of a kind."""
        return list(self.rows.get(kind, {}).values())

    def terms(self) -> list[Json]:
        """Return the periods that have begun."""
        return begun(self.of("period"), self.day)

    def examinations(self) -> list[Json]:
        """Return the examinations in use that have no days."""
        named = [term for term in self.of("period") if "экзамен" in term["title"].lower()]
        return [term for term in named if not term["start"] and not term["disabled"]]


def reckoned(records: Mapping[Name, Json], office: Mapping[str, list[Json]], day: str) -> dict[Name, Json]:
    """Return every conclusion that must be drawn on a day, by kind and key.

    Args:
        records: what the journal says of all pupils, as the ED must hold it, lesson changes too.
        office: the rows that its office has handed in, by `OFFICE`; what is not there is empty.
    """
    return {(kind, key): data for book in books(records, office, day) for kind, key, data in _all_of(book)}


def books(records: Mapping[Name, Json], office: Mapping[str, list[Json]], day: str) -> list[Book]:
    """Return the book of each class."""
    home = {data["pupil"]: data["class"] for (kind, _), data in records.items() if kind == "pupil"}
    rows: defaultdict[str, defaultdict[str, dict[str, Json]]] = defaultdict(lambda: defaultdict(dict))
    for (kind, key), data in records.items():
        if kind == "lesson":
            form = None if data["pupil"] else data["class"]
        else:
            form = data[_OF_CLASSES[kind]] if kind in _OF_CLASSES else home.get(data.get("pupil"))
        if form is not None:
            rows[form][kind][key] = data
    handed_in: defaultdict[str, defaultdict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for name in OFFICE:
        for row in office.get(name, ()):
            form = home.get(row["pupil"]) if row.get("pupil") else row.get("class")
            handed_in[form or ""][name].append(row)
    return [_book(found, handed_in[form], day) for form, found in sorted(rows.items()) if found["school_class"]]


def _book(rows: Mapping[str, dict[str, Json]], office: Mapping[str, list[Json]], day: str) -> Book:
    (form,) = rows["school_class"].values()
    pupils = [data["pupil"] for data in rows.get("pupil", {}).values()]
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for kind in _TRACES:
        for data in rows.get(kind, {}).values():
            seen[data["pupil"]].add(data["subject"])
    taught = learnt(pupils, rows.get("lesson", {}).values(), seen)
    return Book(form, day, pupils, rows, {name: office.get(name, []) for name in OFFICE}, taught)


def _all_of(book: Book) -> Found:
    forecasts = list(forecasts_of(book))
    for data in forecasts:
        yield "forecast", _result_key(data["pupil"], data), data
    yield from _states(book)
    for data in statistics_of(book, forecasts):
        yield "lesson_statistics", _result_key(data["class"], data), data
    yield from _teachers(book)
    yield from _recommendations(book)
    for row in book.office["contacts"]:
        if row["valid_from"] <= book.day <= (row["valid_until"] or book.day):
            yield "contact", f"{row['pupil']}/{row['whose']}/{row['way']}", {name: row[name] for name in _ADDRESSED}


def _result_key(whose: str, data: Json) -> str:
    return f"{whose}/{data['school_year']}/{_plain(data['subject'])}/{data['period']}"


def _plain(name: str) -> str:
    return name.replace("ё", "е").replace("Ё", "Е")


def forecasts_of(book: Book) -> Iterator[Json]:
    """Yield the forecast of each pupil, subject and smallest period that has begun."""
    marks, absences, works = (_by(book.of(kind), "pupil", "subject") for kind in ("mark", "absence", "control_work"))
    finals = _by(book.of("final_mark"), "pupil", "subject", "school_year", "period")
    for term in smallest(book.terms()):
        days = pace(term, book.of("calendar_day"), book.day)
        for pupil, subjects in book.learnt.items():
            for subject in subjects:
                one = (pupil, subject)
                final = next(iter(finals[*one, term["school_year"], term["period"]]), None)
                course = Course(*one, marks[one], absences[one], works[one], final)
                yield forecast(course, book.form, term, days, book.day)


def _by(rows: Iterable[Json], *names: str) -> defaultdict[tuple[Any, ...], list[Json]]:
    found: defaultdict[tuple[Any, ...], list[Json]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def sheet_of(book: Book, term: Json) -> dict[tuple[str, str], Json]:
    """Return the cells of the summary sheet of a period."""
    told = {"finals": book.of("final_mark"), "deferrals": book.office["deferrals"]}
    return cells(book.form, term, book.day, book.learnt, told)


def _states(book: Book) -> Found:
    for term in (*book.terms(), *book.examinations()):
        entered = is_over(term, book.day, since_days=ENTERED_WITHIN_DAYS)
        for (pupil, subject), cell in sheet_of(book, term).items():
            told = cell["state"] in {"deferred", "exempt"} or (cell["state"] == "missing" and entered)
            if told and cell["final"] is None:
                data = {
                    "pupil": pupil,
                    "school_year": term["school_year"],
                    "subject": subject,
                    "period": term["period"],
                    "state": cell["state"],
                    "until": cell["until"],
                }
                yield "final_state", _result_key(pupil, data), data


def statistics_of(book: Book, forecasts: Iterable[Json]) -> Iterator[Json]:
    """Yield the statistics of each subject that the class is taught or is to be taught."""
    expected = _by(forecasts, "subject", "period")
    taught = {row["subject"] for row in (*book.of("lesson"), *book.office["curriculum"])} - {None}
    for term in smallest(book.terms()):
        for subject in taught:
            data = _statistics(book, term, subject, expected[subject, term["period"]])
            whose = {row["pupil"] for row in book.of("mark") if row["subject"] == subject and within(row, term)}
            # Figures of one or two pupils would be those pupils' own.
            if not {len(whose), data["results"]["pupils"]} & {1, _TOO_FEW}:
                yield data


def _statistics(book: Book, term: Json, subject: str, expected: Iterable[Json]) -> Json:
    marks, absences = (
        [row for row in book.of(kind) if row["subject"] == subject and within(row, term)]
        for kind in ("mark", "absence")
    )
    finals = {
        row["pupil"]: row
        for row in book.of("final_mark")
        if (row["subject"], row["school_year"], row["period"]) == (subject, term["school_year"], term["period"])
    }
    lessons = {name: book.of(kind) for name, kind in _COUNTED.items()}
    marked = book.form["parallel"] != UNMARKED_YEAR
    by_pupil = {row["pupil"]: row for row in expected}
    return {
        "class": book.form["name"],
        "school_year": term["school_year"],
        "period": term["period"],
        "subject": subject,
        "lessons": accounts(subject, term, book.day, lessons, book.office["curriculum"]),
        "works": _works(marks),
        "marks": spread_of_marks(marks if marked else []),
        "results": spread_of_results(finals, by_pupil) if marked else spread_of_results({}, {}),
        "absences": sum(row["status"] == "absent" for row in absences),
        "late": sum(row["status"] == "late" for row in absences),
        "as_of": book.day,
    }


_TOO_FEW = 2
_COUNTED = {"lessons": "lesson", "changes": "lesson_change", "works": "control_work"}


def _works(marks: Iterable[Json]) -> list[Json]:
    found: defaultdict[str, list[Name]] = defaultdict(list)
    for mark in marks:
        if mark["work"]:
            found[mark["work"]["title"]].append((mark["lesson"], mark["date"]))
    return [
        {"title": title, "lessons": len(set(columns)), "marks": len(columns)}
        for title, columns in sorted(found.items())
    ]


def _teachers(book: Book) -> Found:
    form = book.form["name"]
    for (subject, group), found in teachers(book.of("lesson"), book.of("lesson_change")).items():
        data = {"class": form, "subject": subject, "group": group, "teachers": found}
        yield "class_teacher", f"{form}/{_plain(subject)}/{_plain(group or '-')}", data


def _recommendations(book: Book) -> Found:
    """Yield the comments on marks, those on lessons once for the class, and what the office has handed in."""
    form = book.form["name"]
    on_lessons: defaultdict[Name, dict[str, Json]] = defaultdict(dict)
    beside: defaultdict[tuple[Name, str], set[str]] = defaultdict(set)
    held = {(row["subject"], row["date"]) for row in book.of("lesson")}
    for key, mark in book.rows.get("mark", {}).items():
        if mark["comment"]:
            data = {"source": "mark", **_told(mark, mark["comment"]), "pupil": mark["pupil"]}
            yield "recommendation", f"mark/{key}", data
        if mark["lesson_comment"] and (mark["subject"], mark["date"]) in held:
            place = mark["lesson"] or _plain(mark["subject"]), mark["date"]
            on_lessons[place][mark["lesson_comment"]] = mark
            beside[place, mark["lesson_comment"]].add(mark["pupil"])
    for (journal, day), texts in on_lessons.items():
        # What stands beside one pupil's marks only may be about him.
        for number, text in enumerate(sorted(text for text in texts if len(beside[(journal, day), text]) > 1)):
            data = {"source": "lesson", **_told(texts[text], text), "class": form}
            yield "recommendation", f"lesson/{form}/{journal}/{day}/{number}", data
    for number, row in enumerate(book.office["recommendations"]):
        whose = row["pupil"] or f"class:{row['class']}"
        key = f"office/{whose}/{row['date']}/{row['subject'] or '-'}/{number}"
        yield "recommendation", key, {"source": "office", **row}


def _told(mark: Json, text: str) -> Json:
    nobody = dict.fromkeys(("pupil", "class", "teacher"))
    return {**nobody, "subject": mark["subject"], "date": mark["date"], "text": text}
