"""Reading a school's sheet of consents."""

from datetime import UTC, date, datetime

import pytest

from ejsync import sheets
from ejsync.domain.columns import ABSENT, EMPTY, MISSING, TWICE, UNREADABLE
from ejsync.domain.consent import Decision, Scope
from ejsync.domain.consent_sheet import BACKWARDS, REPEATED, parse
from ejsync.sheets.refusals import NOT_TABLE, NOT_TEXT, NOT_WHOLE
from tests.doubles.office import xlsx

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
RUSSIAN = "Ученик;Область;Решение;Кем дано;Документ;Действует с;Действует до\n"
ENGLISH = "pupil,scope,decision,given_by,document,valid_from,valid_until\n"
ROW = "1001;результаты;согласие;родитель;1-К;01.09.2026;31.08.2027\n"


def _parse(text, encoding="utf-8"):
    return parse(sheets.read(text.encode(encoding)), AT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_a_russian_sheet_is_read_in_either_encoding(encoding):
    """Excel's own CSV and UTF-8 give the same decision."""
    sheet = _parse(RUSSIAN + ROW, encoding)
    (one,) = sheet.consents
    assert (one.pupil, one.scope, one.decision, one.given_by) == ("1001", Scope.RESULTS, Decision.GRANTED, "parent")
    assert (one.valid_from, one.valid_until, one.document) == (date(2026, 9, 1), date(2027, 8, 31), "1-К")
    assert (one.registered_at, one.withdrawn_at) == (AT, None)


def test_an_english_sheet_with_commas_is_read():
    """English heads and words, ISO dates, no last day."""
    (one,) = _parse(ENGLISH + "1001,contacts,refused,guardian,d.pdf,2026-09-01,\n").consents
    assert (one.scope, one.decision, one.given_by) == (Scope.CONTACTS, Decision.REFUSED, "guardian")
    assert one.valid_until is None


def test_other_columns_order_spaces_and_empty_rows_do_no_harm():
    """Columns are found by their heads; unknown ones and blank rows are passed over; row numbers stay Excel's."""
    text = "Фамилия; Решение ;ученик;область;кем  дано;документ;действует с\n\n;;;;;;\n"
    sheet = _parse(
        text + "Иванов;Согласие;1001;Результаты;РОДИТЕЛЬ;1;1.9.2026\nX;да;1;результаты;родитель;1;1.9.2026\n"
    )
    assert [(fault.row, fault.column) for fault in sheet.faults] == [(5, "Решение")]


def test_every_bad_cell_is_named_and_none_is_repeated():
    """Each fault has row, column, problem and expectation; the values themselves appear nowhere."""
    sheet = _parse(RUSSIAN + "Иванов Иван;оценки;да;мама;;31.02.2026;вчера\n" + ROW)
    assert sheet.consents == ()
    assert {(fault.row, fault.problem) for fault in sheet.faults} == {(2, UNREADABLE), (2, ABSENT)}
    assert len(sheet.faults) == 7
    assert not any(word in str(sheet.faults) for word in ("Иванов", "мама", "вчера"))
    assert all(fault.expected for fault in sheet.faults)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [EMPTY]),
        (RUSSIAN, [EMPTY]),
        (RUSSIAN + "\n;;\n", [EMPTY]),
        (RUSSIAN.replace("Решение", "Итог") + ROW, [MISSING]),
        (RUSSIAN.strip() + ";ученик\n" + ROW, [TWICE]),
        (RUSSIAN + ROW + ROW, [REPEATED]),
        (RUSSIAN + ROW.replace("31.08.2027", "31.08.2026"), [BACKWARDS]),
        (RUSSIAN + "1001;результаты\n", [ABSENT] * 4),
        (RUSSIAN + ROW.replace("01.09.2026", "2026-9-1"), [UNREADABLE]),
        (RUSSIAN + ROW.replace("1-К", "x" * 201), [UNREADABLE]),
    ],
)
def test_a_faulty_sheet_gives_nothing(text, problems):
    """Whatever is wrong, no decision of the file is used."""
    sheet = _parse(text)
    assert [fault.problem for fault in sheet.faults] == problems
    assert sheet.consents == ()


@pytest.mark.parametrize(("content", "problem"), [(b"PK\x03\x04\0\0\0\0", NOT_WHOLE), (b"\x98\xff\0", NOT_TEXT)])
def test_a_file_that_is_no_sheet_is_said_to_be_none(content, problem):
    """A damaged spreadsheet, or bytes of something else, is refused with one sentence."""
    assert [fault.problem for fault in parse(sheets.read(content), AT).faults] == [problem]


def test_a_quote_that_is_never_closed_is_a_fault_of_the_sheet():
    """A file that swallows itself in one endless cell is refused with one sentence."""
    sheet = _parse(RUSSIAN + '"' + ROW * 4000)
    assert [(fault.row, fault.problem) for fault in sheet.faults] == [(0, NOT_TABLE)]
    assert sheet.consents == ()


def test_both_scopes_of_one_pupil_are_two_decisions():
    """The same pupil may stand once for each scope."""
    assert len(_parse(RUSSIAN + ROW + ROW.replace("результаты", "контакты")).consents) == 2


def test_a_spreadsheet_gives_the_same_decision_as_its_csv():
    """Numbers, days and words of an XLSX cell mean what their texts mean."""
    heads = RUSSIAN.strip().split(";")
    made = xlsx(heads, (1001, "результаты", "согласие", "родитель", "1-К", date(2026, 9, 1), date(2027, 8, 31)))
    assert parse(sheets.read(made), AT) == _parse(RUSSIAN + ROW)
