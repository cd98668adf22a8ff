"""Classes, pupils and teachers from `getmessagereceivers` (fact sheet, section 1 and section 5, item 6)."""

import re
from collections.abc import Iterator

from ejsync.domain.records import SCHOOL, Kind, Record
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, handed, identity, keyed, rows, text

_OF_PUPILS = frozenset({Kind.SCHOOL_CLASS, Kind.PUPIL})
_OF_TEACHERS = frozenset({Kind.TEACHER})
_LEADING_NUMBER = re.compile(r"\d{1,2}")
_LEVELS = ((1, 4, "primary"), (5, 9, "basic"), (10, 12, "secondary"))
_UNKNOWN = "?"


def read_roster(findings: Findings) -> None:
    """Read who is at the school; what a list does not hold at all (no teachers, no classes) is not spoken about.

    Of an account that sees a part of the school only, who is missing is not gone: nothing is covered. A class without
    anybody is counted as `empty_class`.
    """
    groups = [(identity(group.get("key")) or key, group) for key, group in keyed(findings.result.get("groups"))]
    pupils = [group for key, group in groups if key == "students"]
    teachers = [group for key, group in groups if key == "teachers"]
    findings.passed_over["other_group"] += len(groups) - len(pupils) - len(teachers)
    kinds = (_OF_PUPILS if pupils else frozenset()) | (_OF_TEACHERS if teachers else frozenset())
    if findings.window.scope == SCHOOL and (kinds or not groups):
        findings.cover(SCHOOL, kinds or _OF_PUPILS | _OF_TEACHERS, believable=False)
    _add_classes(findings, pupils)
    _add_teachers(findings, teachers)


def _add_classes(findings: Findings, groups: list[Json]) -> None:
    subgroups = [row for group in groups for row in rows(group.get("subgroups"))]
    named = sorted(((text(row.get("name")), row) for row in subgroups), key=lambda pair: pair[0] or "")
    placed: dict[str, str | None] = {}
    for name in dict.fromkeys(name for name, _ in named):
        record = Record(Kind.SCHOOL_CLASS, name or _UNKNOWN, SCHOOL, None, None, school_class(name))
        findings.add(record, placed=name is not None)
    peopled = {name for name, row in named if rows(row.get("users"))}
    findings.passed_over["empty_class"] += len({name for name, _ in named} - peopled)
    for name, row in named:
        for user in rows(row.get("users")):
            _add_pupil(findings, placed, name, user)


def _add_pupil(findings: Findings, placed: dict[str, str | None], name: str | None, user: Json) -> None:
    """Add a pupil once: who stands in two classes stays in the first by name."""
    pupil = identity(user.get("name"))
    if pupil is not None and pupil in placed:
        findings.passed_over["duplicate" if placed[pupil] == name else "second_class"] += 1
        return
    if pupil is not None:
        placed[pupil] = name
    data = {"pupil": pupil, "class": name, **_names(user)}
    findings.add(Record(Kind.PUPIL, pupil or _UNKNOWN, SCHOOL, pupil, None, data), placed=pupil is not None)


def _add_teachers(findings: Findings, groups: list[Json]) -> None:
    seen: set[str] = set()
    for user in (user for group in groups for user in _users(group)):
        teacher = identity(user.get("name"))
        if teacher in seen:
            findings.passed_over["duplicate"] += 1
            continue
        seen.update({teacher} if teacher else ())
        data = {"teacher": teacher, **_names(user)}
        findings.add(Record(Kind.TEACHER, teacher or _UNKNOWN, SCHOOL, None, None, data), placed=teacher is not None)


def _users(group: Json) -> Iterator[Json]:
    yield from rows(group.get("users"))
    for subgroup in rows(group.get("subgroups")):
        yield from rows(subgroup.get("users"))


def _names(user: Json) -> Json:
    return {
        "last_name": text(user.get("lastname")),
        "first_name": text(user.get("firstname")),
        "middle_name": handed(text, user.get("middlename")),
    }


def school_class(name: str | None) -> Json:
    """Return a class: its year of study is the number its name begins with, its level follows from that."""
    match = _LEADING_NUMBER.match(name or "")
    parallel = int(match[0]) if match else 0
    level = next((level for first, last, level in _LEVELS if first <= parallel <= last), None)
    return {"name": name, "parallel": parallel if level else None, "level": level}
