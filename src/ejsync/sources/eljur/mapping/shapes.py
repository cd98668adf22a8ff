"""The known shape of ElJur's answers (fact sheet, sections 3 to 5): which keys stand where, and what they hold.

Where the fact sheet shows a key without saying what it holds, any plain value is known; where it shows two spellings of
one method (by class, by pupil), both are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON_TYPES: Mapping[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
    type(None): "null",
}
"""What JSON calls the type of a parsed value."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain value.

    Attributes:
        types: what it may be.
        wanted: the same in the words of JSON.
    """

    types: frozenset[type]
    wanted: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Things of one shape: a list, or an object keyed by id, day, subject or position (section 5, items 1 and 3)."""

    of: "Fields"


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with known keys.

    Attributes:
        listed: what the rows look like where a list comes in its place; None where none may.
    """

    fields: Mapping[str, "Shape"]
    listed: "Fields | None" = None


Shape = Plain | Rows | Fields


def strict(shape: Shape) -> dict[str, Any]:
    """Return a JSON Schema that only what is known keeps; it may refuse what is known too, never the reverse."""
    match shape:
        case Plain(types):
            known = sorted({JSON_TYPES[kind] for kind in types} | {"array", "object"})
            return {"type": known, "maxItems": 0, "maxProperties": 0}
        case Rows(of):
            row = strict(of)
            return {"type": ["array", "null", "object"], "items": row, "additionalProperties": row}
        case Fields(fields, listed):
            lists = strict(listed) if listed else False
            known_keys = {key: strict(inner) for key, inner in fields.items()}
            return {
                "type": ["array", "null", "object"],
                "properties": known_keys,
                "additionalProperties": False,
                "items": lists,
            }


def _plain(*names: str) -> Plain:
    """Return a plain value of some JSON types; of none, it is a container that was only ever seen empty."""
    types = frozenset(kind for kind, name in JSON_TYPES.items() if name in {*names, "null"})
    return Plain(types, "|".join(names) or "empty")


_TEXT, _NUMBER, _TRUTH = _plain("string"), _plain("number"), _plain("boolean")
_DRIFTING = _plain("string", "number")
"""An id, or one of the numbers that also come as strings (section 5, items 2 and 3)."""
_UNTOLD = _plain("string", "number", "boolean")
_NEVER_FILLED = _plain()

_LESSON: Mapping[str, Shape] = {
    **dict.fromkeys(("name", "num", "room", "teacher", "grp", "grp_short", "starttime", "endtime", "topic"), _TEXT),
    **dict.fromkeys(("sort", "teacher_id"), _DRIFTING),
}
_MARK: Mapping[str, Shape] = {
    **dict.fromkeys(("value", "date", "nm", "comment"), _TEXT),
    **dict.fromkeys(("weight", "weight_float", "countas", "lesson_id"), _DRIFTING),
    "count": _TRUTH,
    "convert": _NUMBER,
}
_MTYPE: Mapping[str, Shape] = {"id": _DRIFTING, "type": _TEXT, "short": _TEXT}
_FILE = Fields({"toid": _DRIFTING, "filename": _TEXT, "link": _TEXT})
_FILES = Fields({"file": Rows(_FILE)}, listed=_FILE)
_HOMEWORK = Rows(Fields({"id": _DRIFTING, "value": _TEXT, "individual": _UNTOLD}))
_PERSON = Fields({"name": _DRIFTING, **dict.fromkeys(("lastname", "firstname", "middlename"), _TEXT)})
_PERIOD: Mapping[str, Shape] = {
    "name": _DRIFTING,
    **dict.fromkeys(("fullname", "start", "end"), _TEXT),
    "disabled": _UNTOLD,
    "ambigious": _plain("boolean", "string"),
    "weeks": Rows(Fields(dict.fromkeys(("start", "end", "title"), _TEXT))),
}


def _days(**lists: Shape) -> Mapping[str, Shape]:
    head = {"name": _DRIFTING, **dict.fromkeys(("title", "alert", "holiday_name"), _TEXT)}
    return {"days": Rows(Fields({**head, **lists}))}


def _students(fields: Mapping[str, Shape]) -> Mapping[str, Shape]:
    return {"students": Rows(Fields({"name": _DRIFTING, "title": _TEXT, **fields}))}


_TIMETABLE = _days(items=Rows(Fields(_LESSON)), items_extday=Rows(Fields(_LESSON)))
_DIARY_LESSON: Mapping[str, Shape] = {
    **_LESSON,
    "lesson_id": _DRIFTING,
    "is_control": _UNTOLD,
    "homework": _HOMEWORK,
    "files": _FILES,
    "resources": _NEVER_FILLED,
    "assessments": Rows(Fields({**_MARK, "control_type": _TEXT, "control_type_short": _TEXT})),
}
_COURSE: Mapping[str, Shape] = {
    "name": _TEXT,
    "lesson_id": _DRIFTING,
    "average": _TEXT,
    "averageConvert": _NUMBER,
    "marks": Rows(
        Fields(
            {
                **_MARK,
                "mtype": Fields(_MTYPE, listed=Fields(_MTYPE)),
                "lesson_comment": _TEXT,
                "max_mark": _UNTOLD,
            }
        )
    ),
}
_TASK: Mapping[str, Shape] = {
    "name": _TEXT,
    "grp": _TEXT,
    "individual_exists": _UNTOLD,
    "homework": _HOMEWORK,
    "files": _FILES,
}
_FINAL: Mapping[str, Shape] = {
    "period": _DRIFTING,
    **dict.fromkeys(("value", "comment", "color_hex"), _TEXT),
    "convert": _UNTOLD,
}
_HOMEWORK_DAYS = _days(items=Rows(Fields(_TASK)))

SHAPES: Mapping[str, Fields] = {
    "getmessagereceivers": Fields(
        {
            "groups": Rows(
                Fields(
                    {
                        "key": _TEXT,
                        "name": _TEXT,
                        "users": Rows(_PERSON),
                        "subgroups": Rows(Fields({"name": _TEXT, "users": Rows(_PERSON)})),
                    }
                )
            )
        }
    ),
    "getperiods": Fields(_students({"periods": Rows(Fields(_PERIOD))})),
    "getschedule": Fields({**_TIMETABLE, **_students(_TIMETABLE)}),
    "getreplaces": Fields({"replace": Rows(Fields(_LESSON))}),
    "gethomework": Fields({**_HOMEWORK_DAYS, **_students(_HOMEWORK_DAYS)}),
    "getmarks": Fields(_students({"lessons": Rows(Fields(_COURSE))})),
    "getdiary": Fields(_students(_days(items=Rows(Fields(_DIARY_LESSON)), items_extday=Rows(Fields(_DIARY_LESSON))))),
    "getfinalassessments": Fields(
        _students({"items": Rows(Fields({"name": _TEXT, "assessments": Rows(Fields(_FINAL))}))})
    ),
}
"""The `result` of each method that is read for its data."""
