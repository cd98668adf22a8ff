"""The sheets of an office: their columns, and what each row of them says; every bad cell is named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ejsync.domain.columns import Column, Row, all_faults, readable
from ejsync.domain.fingerprints import canonical
from ejsync.domain.grid import CellFault, Grid
from ejsync.domain.office import Entry, OfficeKind
from ejsync.domain.office_people import School
from ejsync.domain.office_rows import (
    FORMS,
    STATES,
    WAYS,
    WHOSE,
    Told,
    contact,
    curriculum,
    deferral,
    recommendation,
)
from ejsync.wording import N_

_PUPIL = Column(
    "pupil", ("Номер ученика", "№ ученика", "ID ученика", "Номер в ЭлЖур", "Код ученика", "Ученик"), optional=True
)
_NAME = Column(
    "name", ("ФИО", "ФИО ученика", "ФИО обучающегося", "Фамилия, имя, отчество", "Фамилия имя"), optional=True
)
_CLASS = Column("class", ("Класс", "Класс ученика", "Учебный класс"), optional=True)
_SUBJECT = Column("subject", ("Предмет", "Учебный предмет", "Дисциплина", "Наименование предмета"), optional=True)
_YEAR = Column("school_year", ("Учебный год", "Уч. год"), optional=True)
_PERIOD = Column("period", ("Период", "Учебный период", "Четверть", "Полугодие", "Триместр", "Четверть или год"))
_DOCUMENT = Column("document", ("Документ", "Приказ", "Номер приказа", "Номер документа", "Реквизиты документа"))

COLUMNS: Mapping[OfficeKind, tuple[Column, ...]] = {
    OfficeKind.CONTACT: (
        _PUPIL,
        _NAME,
        _CLASS,
        Column("whose", ("Чей контакт", "Чей", "Кто", "Кем приходится", "Степень родства", "Родство")),
        Column("way", ("Способ связи", "Способ", "Вид связи", "Канал связи")),
        Column("address", ("Адрес или номер", "Контакт", "Адрес", "Номер телефона", "Телефон", "Электронная почта")),
        Column("form", ("Согласованная форма", "Форма", "Форма получения", "Форма информирования")),
        Column("valid_from", ("Действует с", "С какого числа", "Дата начала", "С")),
        Column("valid_until", ("Действует до", "По какое число", "Дата окончания", "По"), optional=True),
    ),
    OfficeKind.CURRICULUM: (
        Column("class", _CLASS.heads),
        Column("subject", _SUBJECT.heads),
        Column("group", ("Группа", "Подгруппа", "Учебная группа"), optional=True),
        _YEAR,
        _PERIOD,
        Column("hours", ("Часов по плану", "Часы", "Количество часов", "Кол-во часов", "Часов", "Уроков по плану")),
        Column(
            "control_works",
            ("Контрольных работ", "Контрольные работы", "Кол-во контрольных работ", "КР"),
            optional=True,
        ),
    ),
    OfficeKind.DEFERRAL: (
        _PUPIL,
        _NAME,
        _CLASS,
        _SUBJECT,
        _YEAR,
        _PERIOD,
        Column("state", ("Состояние", "Решение", "Вид", "Статус")),
        Column("until", ("Отсрочка до", "До какого числа", "Срок", "До"), optional=True),
        _DOCUMENT,
    ),
    OfficeKind.RECOMMENDATION: (
        _PUPIL,
        _NAME,
        _CLASS,
        _SUBJECT,
        Column("date", ("Дата", "Дата рекомендации", "Число")),
        Column("teacher", ("Учитель", "ФИО учителя", "Педагог", "Преподаватель")),
        Column("text", ("Рекомендация", "Текст рекомендации", "Текст", "Рекомендации")),
    ),
}
"""The columns of each kind in the order of templates."""

CHOICES: Mapping[OfficeKind, Mapping[str, tuple[str, ...]]] = {
    OfficeKind.CONTACT: {"whose": tuple(WHOSE)[:4], "way": tuple(WAYS)[:3], "form": tuple(FORMS)[:2]},
    OfficeKind.CURRICULUM: {},
    OfficeKind.DEFERRAL: {"state": tuple(STATES)[:2]},
    OfficeKind.RECOMMENDATION: {},
}
"""The words that templates offer, the plainest of each meaning."""
PREFILLED = frozenset({"pupil", "name", "class"})
"""Columns that templates fill in: a row with nothing else is not filled in yet, and is passed over."""

REPEATED = N_("what this row is about stands in a row above already")
_READERS: Mapping[OfficeKind, Callable[[Row, School, Told], None]] = {
    OfficeKind.CONTACT: contact,
    OfficeKind.CURRICULUM: curriculum,
    OfficeKind.DEFERRAL: deferral,
    OfficeKind.RECOMMENDATION: recommendation,
}


@dataclass(frozen=True, slots=True)
class OfficeSheet:
    """What a sheet says: entries in their order, and every fault; with a fault nothing of it may be used.

    Attributes:
        passed_over: the numbers of columns that ejsync does not know.
        unfilled: how many rows name somebody and say nothing.
        hidden: how many hidden sheets were passed over.
    """

    kind: OfficeKind
    entries: tuple[Entry, ...] = ()
    faults: tuple[CellFault, ...] = ()
    passed_over: tuple[int, ...] = ()
    unfilled: int = 0
    hidden: int = 0


def parse(kind: OfficeKind, grid: Grid, school: School) -> OfficeSheet:
    """Read a sheet, whole, against what the journal knows of the school."""
    found = readable(grid, COLUMNS[kind], no_reasons=True)
    filled = [row for row in found.rows if _filled(row, kind)]
    told = [_told(kind, row, school, grid) for row in filled]
    entries = _entries(kind, filled, told)
    faults = sorted((*found.faults, *all_faults(filled)), key=lambda fault: (fault.row, fault.place))
    unfilled = len(found.rows) - len(filled)
    return OfficeSheet(kind, () if faults else entries, tuple(faults), found.passed_over, unfilled, grid.hidden)


def _filled(row: Row, kind: OfficeKind) -> bool:
    prefilled = PREFILLED if kind is not OfficeKind.CURRICULUM else frozenset({"class"})
    return any(value is not None and name not in prefilled for name, value in row.cells.items())


def _told(kind: OfficeKind, row: Row, school: School, grid: Grid) -> Told:
    told = Told(epoch=grid.epoch)
    _READERS[kind](row, school, told)
    return told


def _entries(kind: OfficeKind, rows: Sequence[Row], told: Sequence[Told]) -> tuple[Entry, ...]:
    """Make entries; those of one key are numbered where several may be, and a fault where one may be."""
    seen: dict[str, int] = {}
    entries = []
    for row, one in zip(rows, told, strict=True):
        if row.faults:
            continue
        count = seen[one.key] = seen.get(one.key, 0) + 1
        if kind is not OfficeKind.RECOMMENDATION and count > 1:
            row.fault("class" if kind is OfficeKind.CURRICULUM else "pupil", REPEATED, N_("one row for each"))
        key = f"{one.key}/{count}" if kind is OfficeKind.RECOMMENDATION else one.key
        entries.append(Entry(kind, key, one.pupil, one.school_class, canonical(one.payload), row.number))
    return tuple(entries)
