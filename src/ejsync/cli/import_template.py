"""`import template`: an empty sheet of a kind, the pupils filled in, every column explained with an example."""

from pathlib import Path
from typing import TYPE_CHECKING

from ejsync.cli import showing
from ejsync.cli.consent_import import class_order, unread
from ejsync.cli.office_words import TITLES
from ejsync.cli.sheet_files import STDOUT, hand_out
from ejsync.errors import BadInput
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejsync.domain.columns import Column
    from ejsync.domain.grid import Cells
    from ejsync.domain.office import OfficeKind
    from ejsync.pipeline.ports import Wiring
    from ejsync.sheets.written import Head, Leaf

_DAYS = frozenset({"valid_from", "valid_until", "until", "date"})
_TEXTS = frozenset({"pupil", "address", "document"})
_WIDE = {"name": 32, "address": 36, "text": 60, "teacher": 32, "subject": 26, "document": 26, "class": 8}
_MEANING = {
    "pupil": N_("the pupil's number in ElJur; or leave it empty and give name and class"),
    "name": N_("the pupil's full name as ElJur has it, if his number is not given"),
    "class": N_("the class as ElJur spells it"),
    "whose": N_("whose contact it is"),
    "way": N_("how the family is reached"),
    "address": N_("one e-mail address, one telephone number or one postal address"),
    "form": N_("the form that was agreed with the family"),
    "valid_from": N_("the first day it holds"),
    "valid_until": N_("the last day it holds; empty: until further notice"),
    "subject": N_("the subject as ElJur spells it"),
    "group": N_("the group of the class, if the plan is for one"),
    "school_year": N_("empty: the year that ElJur's periods are of"),
    "period": N_("a period as ElJur calls it, or год for the whole year"),
    "hours": N_("lessons planned for the period"),
    "control_works": N_("how many of them are control works"),
    "state": N_("put off until a day, or exempt"),
    "until": N_("the day until which it is put off; empty for who is exempt"),
    "document": N_("number of the order; never a reason: ejsync takes in nothing about health"),
    "date": N_("the day it was given"),
    "teacher": N_("who gives it"),
    "text": N_("what is recommended"),
}
_EXAMPLE = {
    "pupil": "1001", "class": "10А", "whose": "мать", "way": "электронная почта", "address": "family@example.org",
    "form": "электронная", "valid_from": "01.09.2026", "subject": "Алгебра", "period": "1 четверть", "hours": "34",
    "control_works": "3", "state": "отсрочка", "until": "15.11.2026", "document": "Приказ № 12", "date": "16.11.2026",
    "school_year": "2026/2027", "teacher": "Пробная М. И.", "text": "Повторить квадратные уравнения, §§ 5–7.",
}  # fmt: skip


def write_template(wiring: "Wiring", kind: str, path: Path, *, force: bool) -> None:
    """Write a sheet with a row for each pupil that the journal knows, where rows are about pupils.

    Raises:
        BadInput: the journal has not been read yet, or the file cannot be written.
    """
    from ejsync.domain.office import OfficeKind
    from ejsync.domain.office_sheets import CHOICES, COLUMNS
    from ejsync.sheets.written import Leaf

    with wiring.store.read(wiring.school) as tx:
        roster = tx.records.roster()
    if not roster.classes:
        raise BadInput(what=str(path), faults=(unread(),))
    wanted = OfficeKind(kind)
    columns, choices = COLUMNS[wanted], CHOICES[wanted]
    heads = [_head(column, choices.get(column.name, ())) for column in columns]
    rows = _rows(columns, roster.class_of())
    hand_out(path, Leaf(TITLES[kind], heads, rows), explained(wanted), force=force)
    if str(path) != STDOUT:
        showing.line(say_count("{count} row written to {path}", "{count} rows written to {path}", len(rows), path=path))


def _head(column: "Column", choices: tuple[str, ...]) -> "Head":
    from ejsync.sheets.written import Head

    name = column.name
    return Head(column.heads[0], _WIDE.get(name, 18), choices, days=name in _DAYS, text=name in _TEXTS)


def _rows(columns: "Sequence[Column]", class_of: dict[str, str]) -> "list[Cells]":
    """Return number and class of each pupil; nothing where rows are not about pupils."""
    if not any(column.name == "pupil" for column in columns):
        return []
    ordered = sorted(class_of.items(), key=lambda entry: (class_order(entry[1]), entry[0]))
    return [tuple({"pupil": pupil, "class": form}.get(column.name) for column in columns) for pupil, form in ordered]


def explained(kind: "OfficeKind") -> "Leaf":
    """Return the sheet that explains each column, with an example row told downwards."""
    from ejsync.domain.office_sheets import CHOICES, COLUMNS
    from ejsync.sheets.workbooks import EXPLAINED
    from ejsync.sheets.written import Head, Leaf

    heads = [
        Head(say(N_("Column")), 24), Head(say(N_("Must be filled in")), 18), Head(say(N_("What stands in it")), 60),
        Head(say(N_("Example")), 36),
    ]  # fmt: skip
    rows: list[Cells] = []
    for column in COLUMNS[kind]:
        meaning = _meaning(column, CHOICES[kind].get(column.name, ()))
        needed = say(N_("no")) if column.optional else say(N_("yes"))
        rows.append((column.heads[0], needed, meaning, _EXAMPLE.get(column.name, "")))
    return Leaf(EXPLAINED, heads, rows)


def _meaning(column: "Column", words: tuple[str, ...]) -> str:
    """Say what stands in a column: its words if it has some, and what an empty cell means where that matters."""
    told = say(_MEANING[column.name])
    if column.name == "subject" and column.optional:
        return say(N_("{told}; empty: all subjects"), told=told)
    return f"{told}: {', '.join(words)}" if words else told
