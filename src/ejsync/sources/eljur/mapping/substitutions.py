"""Substitutions from `getreplaces` by class and day: ElJur says of a lesson that it is a replacement, not of what.

What it replaces is worked out from what was known of the class's lessons (`ejsync.domain.lesson_changes`).
"""

from ejsync.domain.lesson_changes import announced
from ejsync.domain.records import Kind, Record, owner_class
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import rows
from ejsync.sources.eljur.mapping.timetable import lesson, lesson_key, lesson_placed

_KINDS = frozenset({Kind.LESSON_CHANGE})
_LIST = "replace"


def read_substitutions(findings: Findings) -> None:
    """Read the replaced lessons of the day asked for; an answer without their list says nothing of the day."""
    days, owner = findings.window.days, owner_class(findings.school_class)
    if days is None or _LIST not in findings.result:
        return
    findings.cover(owner, _KINDS, believable=True)
    for item in rows(findings.result[_LIST]):
        data = lesson(findings.school_class, days.first.isoformat(), item)
        key, change = lesson_key(data, item), dict(announced(data))
        record = Record(Kind.LESSON_CHANGE, key, owner, None, days.first, change)
        findings.add(record, placed=lesson_placed(data, item))
