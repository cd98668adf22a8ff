"""What stands in a pupil's extract, as plain data for its template: texts translated, nothing left to work out. Pure.

Absences and lateness are counted and never explained. Homework, control works and lesson changes are those ahead; what
is meant for a group names it, because ElJur does not say who belongs to which group.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ejsync.domain.final_states import FinalState
from ejsync.domain.records import Kind
from ejsync.domain.scales import values_of
from ejsync.reports.class_records import ClassRecords, Person
from ejsync.reports.extract_words import labels
from ejsync.reports.mean_course import course, levels
from ejsync.reports.outlook_words import meaning
from ejsync.reports.phrases import DASH, language, number, page_of, reach, short_day, span, state, weekday, weight
from ejsync.wording import N_, say, say_count


def booklet(records: ClassRecords, people: Sequence[Person]) -> dict[str, Any]:
    """Return the data of one document with the extracts of some pupils of a class."""
    return {
        "language": language(),
        "labels": labels(),
        "page_of": page_of(),
        "levels": levels(),
        "school": records.school,
        "class": records.name,
        "period": records.period["title"],
        "span": span(records.period),
        "issued": records.today.strftime("%d.%m.%Y"),
        "pupils": [extract(records, person) for person in people],
    }


def extract(records: ClassRecords, person: Person) -> dict[str, Any]:
    """Return what is told of one pupil."""
    mine = _Mine(records, person.pupil)
    return {
        "number": person.pupil,
        "name": person.full,
        "short": person.short,
        "subjects": [mine.subject(name) for name in mine.subjects],
        "attendance": mine.attendance(),
        "concluding": mine.concluding(),
        **_outlook(list(mine.outlook())),
        "control_works": [_work(row) for row in records.ahead(Kind.CONTROL_WORK) if row["pupil"] == person.pupil],
        "changes": [_change(row) for row in records.ahead(Kind.LESSON_CHANGE) if mine.concerns(row)],
        "homework": [_task(row) for row in records.ahead(Kind.HOMEWORK) if mine.concerns(row)],
        "advice": [_advice(row) for row in reversed(records.of(Kind.RECOMMENDATION)) if mine.concerns(row)],
    }


class _Mine:
    """What belongs to one pupil of a class."""

    def __init__(self, records: ClassRecords, pupil: str) -> None:
        self.records, self.pupil = records, pupil
        self.marks, self.absences, finals, states, forecasts = (
            records.of(kind, pupil)
            for kind in (Kind.MARK, Kind.ABSENCE, Kind.FINAL_MARK, Kind.FINAL_STATE, Kind.FORECAST)
        )
        self.finals, self.states, self.forecasts = map(_by_subject, (finals, states, forecasts))
        traces = {row["subject"] for row in (*self.marks, *self.absences)}
        self.subjects = sorted({*traces, *self.finals, *self.states, *self.forecasts})
        self.studied = records.studied.get(pupil, frozenset()) | set(self.subjects)

    def subject(self, name: str) -> dict[str, Any]:
        """Return one line of the table of marks."""
        given = [mark for mark in self.marks if mark["subject"] == name]
        counts = Counter(row["status"] for row in self.absences if row["subject"] == name)
        awaited = self.forecasts.get(name)
        return {
            "name": name,
            "teacher": _teachers(self.records, name),
            "marks": [_mark(mark) for mark in given],
            "course": course(given, self.records.period) if awaited and awaited["mean"] else [],
            "mean": number(awaited["mean"] if awaited else None),
            "absent": counts["absent"],
            "late": counts["late"],
            "final": self._final(name),
        }

    def _final(self, name: str) -> dict[str, Any]:
        """Return a final mark, else why there is none; nothing where nothing is to be said."""
        if name in self.finals:
            return {"mark": self.finals[name]["raw"], "state": ""}
        told = self.states.get(name)
        return {"mark": "", "state": state(FinalState(told["state"]), told["until"]) if told else ""}

    def concluding(self) -> dict[str, Any]:
        """Return the results of the year and of examinations: a row for each subject, a column for each period."""
        mine = [(title, row) for title, row in self.records.concluding if row["pupil"] == self.pupil]
        given = {(row["subject"], title): row["raw"] for title, row in mine}
        heads = list(dict.fromkeys(title for title, _ in mine))
        subjects = sorted({subject for subject, _ in given})
        return {"heads": heads, "rows": [[one, *(given.get((one, head), "") for head in heads)] for one in subjects]}

    def attendance(self) -> str:
        """Count missed lessons and lateness in words."""
        counts = Counter(row["status"] for row in self.absences)
        missed = say_count("{count} lesson missed", "{count} lessons missed", counts["absent"])
        late = say_count("late {count} time", "late {count} times", counts["late"])
        return f"{missed}, {late}."

    def outlook(self) -> Iterator[dict[str, str]]:
        """Yield the forecasts of those subjects where a result is expected or why none is."""
        for name in self.subjects:
            row = self.forecasts.get(name)
            if row and row["state"] != "assigned" and name not in self.finals:
                expected = DASH if row["expected"] is None else str(row["expected"])
                yield {"subject": name, "expected": expected, "reach": reach(row), "meaning": meaning(row)}

    def concerns(self, row: Any) -> bool:
        """Tell whether a row is meant for this pupil: his own, or his class's in a subject that he studies."""
        if row.get("pupil") is not None:
            return bool(row["pupil"] == self.pupil)
        told = row.get("subject") or next((side["subject"] for side in _sides(row)), None)
        return told is None or not self.studied or told in self.studied


def _outlook(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return the table of forecasts; where all of several say the same and expect nothing, that once instead."""
    said = {row["meaning"] for row in rows if row["expected"] == DASH}
    alike = len(rows) > 1 and len(said) == 1 and all(row["expected"] == DASH for row in rows)
    return {"outlook": [] if alike else rows, "outlook_note": said.pop() if alike else ""}


def _by_subject(rows: Iterable[Any]) -> dict[str, Any]:
    return {row["subject"]: row for row in rows}


def _sides(row: Any) -> list[Any]:
    return [side for side in (row.get("before"), row.get("after")) if side]


def _teachers(records: ClassRecords, subject: str) -> str:
    """Name who teaches a subject; of groups each with its own teacher."""
    found = [row for row in records.of(Kind.CLASS_TEACHER) if row["subject"] == subject]
    return ", ".join(dict.fromkeys(one["teacher"] for row in found for one in row["teachers"]))


def _mark(mark: Any) -> dict[str, Any]:
    counts = bool(values_of(mark))
    return {"raw": mark["raw"], "day": short_day(mark["date"]), "weight": weight(mark["weight"]), "counts": counts}


def _work(row: Any) -> dict[str, str]:
    return {"day": weekday(row["date"]), "subject": _named(row), "text": row["topic"] or ""}


def _task(row: Any) -> dict[str, str]:
    files = ", ".join(file["name"] for file in row["files"])
    told = [row["text"], say(N_("Files: {names}"), names=files) if files else ""]
    return {"day": weekday(row["date"]), "subject": _named(row), "text": "\n".join(filter(None, told))}


def _advice(row: Any) -> dict[str, str]:
    return {
        "day": short_day(row["date"]),
        "subject": row["subject"] or "",
        "text": row["text"],
        "by": row["teacher"] or "",
    }


def _named(row: Any) -> str:
    return f"{row['subject']} ({row['group']})" if row["group"] else str(row["subject"])


def _change(row: Any) -> dict[str, str]:
    # A lesson that was cancelled when it was first seen has no subject: nobody knows what was planned.
    held = row["before"] or row["after"]
    subject = _named({"subject": held["subject"], "group": row["group"]}) if held else row["group"] or DASH
    return {"day": weekday(row["date"]), "subject": subject, "text": _changed(row)}


def _changed(row: Any) -> str:
    """Say what becomes of a lesson."""
    how, before, after = row["change"], row["before"], row["after"]
    lesson = say(N_("lesson {number}"), number=row["number"]) if row["number"] else ""
    if how == "cancelled" or after is None:
        told = say(N_("is cancelled"))
    elif how == "moved":
        when = weekday(after["date"])
        told = say(N_("is moved to {day}, lesson {number}"), day=when, number=after["number"] or DASH)
    else:
        told = say(N_("will be: {lesson}"), lesson=_replacement(before, after))
    return " ".join(filter(None, [lesson, told]))


def _replacement(before: Any | None, after: Any) -> str:
    """Name what is new of a lesson: subject, teacher, room."""
    room = say(N_("room {room}"), room=after["room"]) if after["room"] else None
    parts = {"subject": after["subject"], "teacher": after["teacher"], "room": room}
    fresh = [text for name, text in parts.items() if text and (before is None or before[name] != after[name])]
    return ", ".join(fresh) or str(after["subject"])
