"""What one row of an office's sheet says, kind by kind."""

from datetime import date

import orjson
import pytest

from ejsync.domain.columns import ABSENT, UNREADABLE
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_rows import BACKWARDS, SUPERFLUOUS, UNFITTING
from ejsync.domain.office_sheets import COLUMNS, parse
from tests.doubles.office import grid, school

CONTACT = {"pupil": 2001, "whose": "мать", "way": "e-mail", "address": "family@example.org", "form": "электронная",
           "valid_from": "01.09.2026"}  # fmt: skip
PLAN = {"class": "10А", "subject": "Алгебра", "period": "1 четверть", "hours": 34}
DEFERRAL = {"pupil": 2001, "period": "p1", "state": "отсрочка", "until": date(2026, 11, 15), "document": "Приказ № 12"}
ADVICE = {"pupil": 2001, "date": "16.11.2026", "teacher": "Пробная М. И.", "text": "Повторить\n§ 5"}
ROWS = {
    OfficeKind.CONTACT: CONTACT,
    OfficeKind.CURRICULUM: PLAN,
    OfficeKind.DEFERRAL: DEFERRAL,
    OfficeKind.RECOMMENDATION: ADVICE,
}


def _sheet(kind, **changed):
    cells = {**ROWS[kind], **changed}
    columns = COLUMNS[kind]
    heads = [column.heads[0] for column in columns]
    return parse(kind, grid(heads, [cells.get(column.name) for column in columns]), school())


def _one(kind, **changed):
    sheet = _sheet(kind, **changed)
    assert sheet.faults == ()
    (entry,) = sheet.entries
    return entry.key, orjson.loads(entry.payload)


def _faults(kind, **changed):
    return [(fault.column, fault.problem) for fault in _sheet(kind, **changed).faults]


def test_a_contact_is_keyed_without_its_address():
    """Whose, by which way, in which form, from when; the address stands in the payload only."""
    key, told = _one(OfficeKind.CONTACT)
    assert key == "2001/mother/email"
    assert told == {
        "pupil": "2001", "whose": "mother", "way": "email", "address": "family@example.org", "form": "electronic",
        "valid_from": "2026-09-01", "valid_until": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "number"),
    [("8 (900) 123-45-67", "+79001234567"), (79001234567, "+79001234567"), ("+375 29 123-45-67", "+375291234567"),
     ("900 123 45 67", "+79001234567")],
)  # fmt: skip
def test_telephone_numbers_are_written_one_way(written, number):
    """However a number was typed, it is kept as one that can be dialled."""
    assert _one(OfficeKind.CONTACT, way="телефон", address=written)[1]["address"] == number


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"address": "у мамы"}, ("Адрес или номер", UNFITTING)),
        ({"address": "a@b.ru, c@d.ru"}, ("Адрес или номер", UNFITTING)),
        ({"way": "СМС"}, ("Адрес или номер", UNFITTING)),
        ({"way": "письмо", "form": "бумажная", "address": "дома"}, ("Адрес или номер", UNFITTING)),
        ({"form": "бумажная"}, ("Согласованная форма", UNFITTING)),
        ({"whose": "сосед"}, ("Чей контакт", UNREADABLE)),
        ({"address": None}, ("Адрес или номер", ABSENT)),
        ({"valid_until": "31.08.2026"}, ("Действует до", BACKWARDS)),
        ({"valid_from": "9/1/26"}, ("Действует с", UNREADABLE)),
    ],
)
def test_a_contact_that_reaches_nobody_is_a_fault(changed, fault):
    """The address must fit its way, the form too, and the end may not come before the beginning."""
    assert _faults(OfficeKind.CONTACT, **changed) == [fault]


def test_a_plan_belongs_to_a_class():
    """Subject and period are the journal's own, hours are whole; the year is that of the class's periods."""
    key, told = _one(OfficeKind.CURRICULUM, control_works="3", subject="АЛГЕБРА")
    assert key == "10А/2026/Алгебра/-/p1"
    assert (told["hours"], told["control_works"], told["school_year"], told["group"]) == (34, 3, 2026, None)
    assert _one(OfficeKind.CURRICULUM, group="1 группа", period="год")[0] == "10А/2026/Алгебра/1 группа/year"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"hours": "половина"}, "Часов по плану"),
        ({"hours": 17.5}, "Часов по плану"),
        ({"hours": 2001}, "Часов по плану"),
        ({"control_works": 35}, "Контрольных работ"),
        ({"subject": "Химия"}, "Предмет"),
        ({"subject": None}, "Предмет"),
        ({"class": "11Ж"}, "Класс"),
    ],
)
def test_a_plan_for_what_is_not_taught_is_a_fault(changed, column):
    """Unknown subjects and classes, numbers that are none, more control works than lessons."""
    assert [found for found, _ in _faults(OfficeKind.CURRICULUM, **changed)] == [column]


def test_a_deferral_says_until_when_and_never_why():
    """No field of it could hold a reason; without a subject it is for all of them."""
    key, told = _one(OfficeKind.DEFERRAL)
    assert key == "2001/2026/-/p1"
    assert told == {
        "pupil": "2001", "school_year": 2026, "subject": None, "period": "p1", "state": "deferred",
        "until": "2026-11-15", "document": "Приказ № 12",
    }  # fmt: skip
    assert _one(OfficeKind.DEFERRAL, subject="физика", state="Освобождена", until=None)[0] == "2001/2026/Физика/p1"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"until": None}, ("Отсрочка до", ABSENT)),
        ({"state": "освобождение"}, ("Отсрочка до", SUPERFLUOUS)),
        ({"state": "болеет"}, ("Состояние", UNREADABLE)),
        ({"document": None}, ("Документ", ABSENT)),
    ],
)
def test_a_deferral_without_end_or_paper_is_a_fault(changed, fault):
    """What is put off has a day, who is exempt has none, and there is an order for it."""
    assert _faults(OfficeKind.DEFERRAL, **changed) == [fault]


def test_a_recommendation_is_for_a_pupil_or_for_a_class():
    """Where no pupil is named it is the class's; several of one day are numbered."""
    key, told = _one(OfficeKind.RECOMMENDATION)
    assert (key, told["pupil"], told["class"], told["text"]) == (
        "2001/2026-11-16/-/ПРОБНАЯМИ/1",
        "2001",
        None,
        "Повторить\n§ 5",
    )
    key, told = _one(OfficeKind.RECOMMENDATION, pupil=None, subject="Физика", **{"class": "10а"})
    assert (key, told["pupil"], told["class"]) == ("class:10А/2026-11-16/Физика/ПРОБНАЯМИ/1", None, "10А")


def test_a_recommendation_without_text_or_for_nobody_is_a_fault():
    """Somebody recommends something to somebody."""
    assert _faults(OfficeKind.RECOMMENDATION, text=None) == [("Рекомендация", ABSENT)]
    assert _faults(OfficeKind.RECOMMENDATION, pupil=None) == [("Класс", ABSENT)]
