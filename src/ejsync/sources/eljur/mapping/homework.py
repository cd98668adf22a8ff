"""Homework from `gethomework`: of a class by class, of one pupil alone by pupil (fact sheet, 4.4).

The fact sheet does not say whether a day without homework is listed, and a service written in PHP leaves such a day
out. So a day that is missing beside days that are listed has no homework; else the last homework of a day could never
be taken back. An answer that lists no day at all concludes nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ejsync.domain.records import Kind, Record, owner_class, owner_pupil
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import (
    Json,
    as_object,
    flag,
    folded,
    handed,
    identity,
    legible,
    prose,
    rows,
    scalar,
    text,
)

_KINDS = frozenset({Kind.HOMEWORK})


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Where homework stands: whose it is, the day it is due, the subject and its group."""

    school_class: str
    pupil: str | None
    day: date | None
    spelled: str
    subject: str | None
    group: str | None
    legible: bool

    @classmethod
    def of(cls, whose: tuple[str, str | None], when: tuple[date | None, str], item: Json, key: str = "") -> "_Lesson":
        """Read where an item of homework stands; a pupil's stands under its subject's name."""
        group = None if whose[1] else item.get("grp")
        subject = text(item.get("name")) or text(key)
        placed = bool(when[0] and subject) and legible(item.get("name"), group)
        return cls(*whose, *when, subject, text(group), placed)

    @property
    def owner(self) -> str:
        return owner_pupil(self.pupil) if self.pupil else owner_class(self.school_class)

    def key(self, index: str) -> str:
        head = self.owner if self.pupil else self.school_class
        return f"{head}/{self.spelled}/{folded(self.subject)}/{folded(self.group) or '-'}/{index}"


def read_homework(findings: Findings) -> None:
    """Read homework by class, or by pupil where the window names pupils."""
    if findings.window.pupils:
        _read_individual(findings)
    else:
        _read_class(findings)


def _read_class(findings: Findings) -> None:
    name = findings.school_class
    findings.cover_told(owner_class(name), _KINDS, findings.result)
    for day, spelled, held in findings.days(findings.result):
        for item in rows(held.get("items")):
            _add_tasks(findings, _Lesson.of((name, None), (day, spelled), item), item)


def _read_individual(findings: Findings) -> None:
    classes = findings.roster.class_of()
    findings.doubt_silence(findings.asked_owners(), _KINDS)
    for pupil, student in findings.pupils():
        name = classes.get(pupil) or findings.school_class
        findings.cover_told(owner_pupil(pupil), _KINDS, student)
        for day, spelled, held in findings.days(student):
            for key, item in as_object(held.get("items")).items():
                if row := as_object(item):
                    _add_tasks(findings, _Lesson.of((name, pupil), (day, spelled), row, key), row)


def _add_tasks(findings: Findings, lesson: _Lesson, item: Json) -> None:
    """Add what is the owner's own: a class's homework is read by class, a pupil's alone by pupil."""
    tasks = [(key, row) for key, held in as_object(item.get("homework")).items() if (row := as_object(held))]
    files = rows(as_object(item.get("files")).get("file", item.get("files")))
    # An only task has every file of its item, `toid` or not, unless some may belong to a task that is not shown.
    alone = len(tasks) == 1 and not flag(item.get("individual_exists"))
    for key, row in tasks:
        if bool(flag(row.get("individual"))) != bool(lesson.pupil):
            # A pupil's read repeats the whole class's homework; only the other way round is it worth a count.
            findings.passed_over["individual"] += not lesson.pupil
            continue
        own = files if alone else [file for file in files if _joins(file, row)]
        _add(findings, lesson, identity(row.get("id")) or identity(key) or "", (row, own))
    if not alone:
        findings.passed_over["loose_file"] += sum(not any(_joins(file, row) for _, row in tasks) for file in files)


def _joins(file: Json, task: Json) -> bool:
    """Tell whether a file belongs to a task: `toid` joins it to the task's id."""
    task_id = identity(task.get("id"))
    return task_id is not None and identity(file.get("toid")) == task_id


def _wording(value: Any) -> Any:
    worded = handed(prose, value)
    return "" if worded is None else worded


def _add(findings: Findings, lesson: _Lesson, index: str, held: tuple[Json, list[Json]]) -> None:
    task, files = held
    data = {
        "class": lesson.school_class,
        "pupil": lesson.pupil,
        "date": lesson.spelled,
        "subject": lesson.subject,
        "group": lesson.group,
        "index": index,
        "text": _wording(task["value"]) if "value" in task else None,
        "files": [{"name": text(file.get("filename")), "link": scalar(file.get("link"))} for file in files],
    }
    placed = lesson.legible and bool(index) and legible(task.get("id"))
    findings.add(Record(Kind.HOMEWORK, lesson.key(index), lesson.owner, lesson.pupil, lesson.day, data), placed=placed)
