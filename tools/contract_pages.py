"""What `docs/contracts.md` says of each contract, made from its schema; pure."""
# ruff: noqa: INP001 - a part of tools/contracts.py, not of a package

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ejsync.domain import records
from ejsync.domain.records import Kind

MARKER = "<!-- What follows is made from the schemas: `tools/contracts.py`. Do not edit. -->"
ROSTER, PERIODS, OWN = "roster (`getmessagereceivers`)", "periods (`getperiods`)", "derived"
TIMETABLE, DIARY = "timetable (`getschedule`)", "diary (`getdiary`, `getschedule`)"
MARKS, FINALS = "marks (`getmarks`, `getdiary`)", "finals (`getfinalassessments`)"
FEEDS = {
    Kind.PERIOD: PERIODS,
    Kind.SCHOOL_CLASS: ROSTER,
    Kind.TEACHER: ROSTER,
    Kind.PUPIL: ROSTER,
    Kind.CONTACT: f"{OWN}: the office's sheet",
    Kind.CALENDAR_DAY: TIMETABLE,
    Kind.LESSON: f"{TIMETABLE}; a pupil's own: {DIARY}",
    Kind.LESSON_CHANGE: "timetable, compared with itself; substitutions (`getreplaces`)",
    Kind.CLASS_TEACHER: f"{OWN}: from lessons",
    Kind.CONTROL_WORK: DIARY,
    Kind.HOMEWORK: "homework (`gethomework`)",
    Kind.MARK: MARKS,
    Kind.ABSENCE: MARKS,
    Kind.FINAL_MARK: FINALS,
    Kind.FINAL_STATE: f"{OWN}: from final marks and the office's deferrals",
    Kind.RECOMMENDATION: f"{OWN}: comments on marks and lessons, the office's sheet",
    Kind.FORECAST: f"{OWN}: from marks",
    Kind.LESSON_STATISTICS: f"{OWN}: from lessons, marks and the office's curriculum",
}
CONSENTS = dict.fromkeys(Kind, "results") | {
    Kind.CONTACT: "contacts",
    **dict.fromkeys((Kind.PERIOD, Kind.SCHOOL_CLASS, Kind.TEACHER, Kind.CALENDAR_DAY), "none (no pupil's data)"),
    **dict.fromkeys((Kind.LESSON_CHANGE, Kind.CLASS_TEACHER, Kind.LESSON_STATISTICS), "none (no pupil's data)"),
    **dict.fromkeys((Kind.LESSON, Kind.HOMEWORK, Kind.RECOMMENDATION), "results where it is a pupil's, else none"),
}
TOLERANCE = """\
ElJur promises no format: these schemas say what an answer must have to be understood. Whatever is not used is dropped
and counted, never stored."""
Schemas = Mapping[str, Mapping[str, Any]]


def generated(schemas: Schemas) -> str:
    """Return everything below the marker: records by kind, the documents they travel in, what is accepted, the audit.

    Args:
        schemas: every contract, by name.
    """
    keys = key_table()
    parts = ["## Records", *(_kind(kind, schemas[f"ed/v1/{kind}"], keys[kind]) for kind in Kind)]
    kinds = {f"ed/v1/{kind}" for kind in Kind}
    travelling = [name for name in schemas if name.startswith("ed/") and name not in kinds]
    parts += ["## What records travel in, and the answers of the ED", *(_other(schemas[name]) for name in travelling)]
    parts += ["## The audit log", *(_other(schemas[name]) for name in schemas if name.startswith("audit/"))]
    accepted = [name for name in schemas if name.startswith("eljur/")]
    parts += ["## What is accepted from ElJur", TOLERANCE, "\n".join(_methods(schemas, accepted))]
    return "\n\n".join(parts) + "\n"


def key_table() -> dict[str, tuple[str, str]]:
    """Return key and owner of each kind, as the docstring of `domain/records.py` lists them."""
    rows = re.findall(r"^(\S*) {2,}(\S.*?) {2,}(\S.*?)$", (records.__doc__ or "").split("owner\n")[1], re.MULTILINE)
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for kind, key, owner in (row for row in rows if "=" not in row[0]):
        name = kind or name
        found.setdefault(name, []).append((key.strip(), owner.strip()))
    return {
        kind: (", ".join(_key(key) for key, _ in told), "; ".join(own for _, own in told))
        for kind, told in found.items()
    }


def _key(told: str) -> str:
    word, joint, key = told.rpartition("or ")
    return f"{word}{joint}`{key}`"


def _kind(kind: Kind, schema: Mapping[str, Any], place: tuple[str, str]) -> str:
    facts = [
        f"* Key: {place[0]}; belongs to: {place[1]}",
        f"* Read in the feed: {FEEDS[kind]}",
        f"* Consent needed: {CONSENTS[kind]}",
    ]
    head = f"### `{kind}`\n\n{schema['description']}"
    return "\n\n".join([head, "\n".join(facts), "\n".join(_table(schema))])


def _other(schema: Mapping[str, Any]) -> str:
    name = schema["$id"].removeprefix("urn:ejsync:").replace(":", "/")
    return f"### `{name}`\n\n{schema['description']}\n\n" + "\n".join(_table(schema))


def _methods(schemas: Schemas, names: list[str]) -> Iterator[str]:
    yield "| contract | what it accepts |"
    yield "| --- | --- |"
    for name in names:
        yield f"| `{name}` | {_cell(schemas[name]['description'])} |"


def _table(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "| --- | --- | --- |"
    for name, field, needed in _fields(schema, schema):
        absent = "" if needed else "; may be absent"
        yield f"| `{name}` | {_cell(_type(field))}{absent} | {_cell(field.get('description', ''))} |"


def _fields(schema: Mapping[str, Any], document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any, bool]]:
    """Yield every field with its path, and whether it is always there; objects before their own fields."""
    for name, told in schema.get("properties", {}).items():
        field, path = _meant(told, document), f"{above}{name}"
        yield path, field, name in schema.get("required", ())
        yield from _fields(field, document, f"{path}.")
        if "items" in field:
            yield from _fields(_meant(field["items"], document), document, f"{path}[].")


def _meant(schema: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a reference; what stands beside it speaks louder."""
    target = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**document["$defs"][target], **schema} if target else dict(schema)


def _type(field: Mapping[str, Any]) -> str:
    if "const" in field:
        return f"always `{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{value}`" if value is not None else "null" for value in field["enum"])
    given = field.get("type", "any")
    return " or ".join(_named(name, field) for name in ([given] if isinstance(given, str) else given))


def _named(name: str, field: Mapping[str, Any]) -> str:
    match name:
        case "string":
            return str(
                field.get("format") or "text" + _span(field.get("minLength"), field.get("maxLength"), " characters")
            )
        case "integer" | "number":
            return name + _span(field.get("minimum"), field.get("maximum"), "")
        case "array":
            return "list" + _span(field.get("minItems"), field.get("maxItems"), "")
    return {"boolean": "yes or no"}.get(name, name)


def _span(least: float | None, most: float | None, unit: str) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f" from {least}{unit}"
    return f" {least if least is not None else 0} to {most}{unit}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
