"""What the ED must hold, worked out from the journal's raw facts alone: the fact sheet and `contracts/ed/v1`, anew.

Nothing of the flow is imported here, on purpose: this is the second opinion, and it must not repeat a mistake of the
first. It reads the dump of `GET /_control/state` of the simulated ElJur.

| kind         | key                                          | from the dump's                  | days       |
|--------------|----------------------------------------------|----------------------------------|------------|
| school_class | class                                        | `classes`                        |            |
| teacher      | ElJur id                                     | `teachers`                       |            |
| pupil        | ElJur id                                     | `pupils`                         |            |
| period       | class/school_year/period                     | `periods`                        |            |
| calendar_day | class/date                                   | `days`                           | timetable  |
| lesson       | class/date/number/group                      | `lessons`                        | timetable  |
| homework     | class/date/subject/group/index, or           | `homework`                       | homework   |
|              | pupil:id/date/subject/-/index for one pupil  |                                  |            |
| mark         | pupil/lesson_id/date/nm                      | `marks` but for `н`, `оп`, empty | marks      |
| absence      | pupil/lesson_id/date/nm                      | `marks` that are `н` or `оп`     | marks      |
| final_mark   | pupil/school_year/subject/period             | `finals`                         |            |

These keys say what the journal shows now. The ED may hold a mark under another number, and homework or a final mark
under a name that its subject had before; `comparison` pairs them by what they are.

Control works, clubs and lesson changes: `ejsync.sandbox.expected_days`; what follows from all of it, `reckoning`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.expected_days import clubs, control_works
from ejsync.sandbox.spelling import line, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

Json: TypeAlias = "dict[str, Any]"
Name: TypeAlias = tuple[str, str]
"""Kind and key of a record."""
Records: TypeAlias = "dict[Name, Json]"

_CANCELLED = "Cancel"
_NO_GROUP = "-"
_ATTENDANCE = {"н": "absent", "Н": "absent", "оп": "late", "ОП": "late"}
_CREDITS = {"зч", "зачёт", "зачет"}
_GRADE = re.compile(r"(?P<value>[12345])(?P<sign>[-+])?")
_PAIR = re.compile(r"(?P<value>[12345]) ?/ ?(?P<second>[12345])")
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
_PRIMARY_TO, _BASIC_TO, _SECONDARY_TO = 4, 9, 12


class TwoFactsOneKeyError(ValueError):
    """The journal holds two facts that the contract's keys cannot tell apart; names the kind."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, as `YYYY-MM-DD`."""

    first: str
    last: str

    def __contains__(self, day: str) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Covered:
    """Which days of the journal have been read, and on which day conclusions were drawn from them, if they were."""

    timetable: Span
    homework: Span
    marks: Span
    diary: Span
    concluded: str = ""


def expected(journal: Mapping[str, Any], *, permitted: Collection[str], covered: Covered) -> Records:
    """Return every record that the ED must hold, by kind and key.

    Args:
        journal: the journal's dump.
        permitted: ids of the pupils whose families have consented.
        covered: the days that were read.

    Raises:
        TwoFactsOneKeyError: two facts claim one key.
    """
    allowed = {None, *permitted}
    records: Records = {}
    for kind, key, data in _everything(journal, covered):
        # A record that names a pupil is his own; everything else is nobody's in particular.
        if data.get("pupil") not in allowed:
            continue
        if (kind, key) in records:
            raise TwoFactsOneKeyError(kind)
        records[kind, key] = data
    return records


def everyone(journal: Mapping[str, Any]) -> set[str]:
    """Return the ids of all pupils of the journal."""
    return {str(fact["id"]) for fact in journal["pupils"]}


def school_year(journal: Mapping[str, Any]) -> int:
    """Return the journal's school year: the year of its 1 September, out of `2026/2027`."""
    return int(journal["school_year"].partition("/")[0])


def _everything(journal: Mapping[str, Any], covered: Covered) -> Iterator[tuple[str, str, Json]]:
    forms = {str(fact["id"]): line(fact["class"]) for fact in journal["pupils"]}
    undated: dict[str, Callable[[Json], tuple[str, str, Json]]] = {
        "classes": _school_class,
        "teachers": _teacher,
        "pupils": _pupil,
    }
    for table, derive in undated.items():
        yield from map(derive, journal[table])
    year = school_year(journal)
    yield from (_period(fact, year) for fact in journal["periods"])
    yield from (_final(fact, year) for fact in journal["finals"])
    yield from (_day(fact) for fact in journal["days"] if fact["date"] in covered.timetable)
    yield from (lesson(fact) for fact in journal["lessons"] if fact["date"] in covered.timetable)
    of_pupils = (*control_works(journal), *clubs(journal))
    yield from (found for found in of_pupils if found[2]["date"] in covered.diary)
    yield from (_task(fact, forms) for fact in journal["homework"] if fact["date"] in covered.homework)
    # An empty value is a phantom that ElJur shows now and then: nothing stands in that cell.
    yield from (_cell(fact) for fact in journal["marks"] if fact["date"] in covered.marks and fact["value"].strip())


def _school_class(fact: Json) -> tuple[str, str, Json]:
    year = int(fact["parallel"])
    level = "primary" if year <= _PRIMARY_TO else "basic" if year <= _BASIC_TO else "secondary"
    known = 1 <= year <= _SECONDARY_TO
    name = line(fact["class"]) or ""
    return "school_class", name, {"name": name, "parallel": year if known else None, "level": level if known else None}


def _names(fact: Json) -> Json:
    spelled = {"last_name": "lastname", "first_name": "firstname", "middle_name": "middlename"}
    return {ours: line(fact[theirs]) for ours, theirs in spelled.items()}


def _teacher(fact: Json) -> tuple[str, str, Json]:
    return "teacher", str(fact["id"]), {"teacher": str(fact["id"]), **_names(fact)}


def _pupil(fact: Json) -> tuple[str, str, Json]:
    return "pupil", str(fact["id"]), {"pupil": str(fact["id"]), "class": line(fact["class"]), **_names(fact)}


def _period(fact: Json, year: int) -> tuple[str, str, Json]:
    data = {
        "class": line(fact["class"]),
        "school_year": year,
        "period": fact["name"],
        "title": line(fact["fullname"]),
        "disabled": fact["disabled"],
        "ambiguous": fact["ambigious"],
        "start": fact["start"],
        "end": fact["end"],
        "weeks": [{**week, "title": line(week["title"])} for week in fact["weeks"]],
    }
    return "period", f"{data['class']}/{year}/{data['period']}", data


def _day(fact: Json) -> tuple[str, str, Json]:
    form, alert = line(fact["class"]), fact["alert"]
    status = alert if alert in ("vacation", "holiday") else "school"
    data = {"class": form, "date": fact["date"], "status": status, "title": line(fact["holiday_name"])}
    return "calendar_day", f"{form}/{fact['date']}", data


def lesson(fact: Json) -> tuple[str, str, Json]:
    """Return a lesson of a class."""
    form, group, name = line(fact["class"]), line(fact["grp"]), line(fact["name"])
    data = {
        "class": form,
        "pupil": None,
        "date": fact["date"],
        "number": int(fact["num"]),
        "group": group,
        "subject": None if name == _CANCELLED else name,
        "teacher": line(fact["teacher"]),
        "teacher_id": str(fact["teacher_id"]),
        "room": line(fact["room"]),
        "starts_at": fact["starttime"][:5],
        "ends_at": fact["endtime"][:5],
        "cancelled": name == _CANCELLED,
    }
    return "lesson", f"{form}/{fact['date']}/{fact['num']}/{group or _NO_GROUP}", data


def _task(fact: Json, forms: Mapping[str, str | None]) -> tuple[str, str, Json]:
    pupil, subject = fact["pupil"], line(fact["subject"])
    # What one pupil was given is read by pupil, and that answer names no group.
    group = None if pupil else line(fact["grp"])
    form = forms[pupil] if pupil else line(fact["class"])
    data = {
        "class": form,
        "pupil": pupil,
        "date": fact["date"],
        "subject": subject,
        "group": group,
        "index": fact["index"],
        "text": lines(fact["text"]) or "",
        "files": [{"name": line(file["filename"]), "link": file["link"]} for file in fact["files"]],
    }
    whose = f"pupil:{pupil}" if pupil else form
    return "homework", f"{whose}/{fact['date']}/{subject}/{group or _NO_GROUP}/{fact['index']}", data


def _cell(fact: Json) -> tuple[str, str, Json]:
    raw = fact["value"].strip()
    place = {
        "pupil": fact["pupil"],
        "subject": line(fact["subject"]),
        "lesson": fact["lesson_id"],
        "date": fact["date"],
        "column": int(fact["nm"]),
        "raw": raw,
    }
    key = f"{fact['pupil']}/{fact['lesson_id']}/{fact['date']}/{fact['nm']}"
    if raw in _ATTENDANCE:
        return "absence", key, {**place, "status": _ATTENDANCE[raw]}
    return "mark", key, {**place, **_worth(fact, raw)}


def _worth(fact: Json, raw: str) -> Json:
    work = fact["mtype"]
    return {
        "reading": _taken_for(raw, out_of=fact["max_mark"]),
        "weight": fact["weight"],
        "averaged": fact["count"],
        "work": {"title": line(work["type"]), "short": line(work["short"])} if work else None,
        "comment": lines(fact["comment"]),
        "lesson_comment": lines(fact["lesson_comment"]),
        "max_mark": fact["max_mark"],
    }


def _final(fact: Json, year: int) -> tuple[str, str, Json]:
    subject, raw = line(fact["subject"]), fact["value"].strip()
    data = {
        "pupil": fact["pupil"],
        "school_year": year,
        "subject": subject,
        "period": fact["period"],
        "raw": raw,
        "reading": _taken_for(raw),
        "comment": lines(fact["comment"]),
    }
    return "final_mark", f"{fact['pupil']}/{year}/{subject}/{fact['period']}", data


def _taken_for(raw: str, *, out_of: float | None = None) -> Json:
    """Read a value the way `contracts/ed/v1/mark.schema.json` and its examples describe the types."""
    nothing = {"value": None, "second": None, "sign": None}
    if out_of is None and (grade := _GRADE.fullmatch(raw)):
        return {**nothing, "type": "grade", "value": int(grade["value"]), "sign": grade["sign"]}
    if pair := _PAIR.fullmatch(raw):
        return {**nothing, "type": "double", "value": int(pair["value"]), "second": int(pair["second"])}
    if _NUMBER.fullmatch(raw):
        return {**nothing, "type": "points", "value": float(raw.replace(",", "."))}
    return {**nothing, "type": "pass" if raw.lower() in _CREDITS else "other"}
