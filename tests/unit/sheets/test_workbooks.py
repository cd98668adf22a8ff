"""Spreadsheets as offices send them; whatever is wrong is said, nothing is raised."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from ejsync import sheets
from ejsync.sheets.innards import VALUELESS
from ejsync.sheets.refusals import HIDDEN, NO_SHEET, NOT_WHOLE, PROTECTED, SEVERAL, TOO_LARGE
from ejsync.sheets.workbooks import EXPLAINED, MERGED, read_workbook
from tests.doubles.office import csv, repacked, xlsx

HEADS, ROW = ("Класс", "Часы"), ("10А", 34)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
CORNER = b'r="XFD1048576" '


def _rows(content, *asked, **how):
    grid = sheets.read(content, *asked, **how)
    assert grid.faults == ()
    return [cells for _, cells in grid.rows]


def test_cells_come_as_what_they_are():
    """Whole numbers, fractions, days, yes, texts without the spaces around; empty cells and rows are nothing."""
    made = xlsx(HEADS, (), (" 10А\xa0", 34.0, 0.5, date(2026, 9, 1), True, None))
    assert sheets.read(made).rows == ((1, (*HEADS, None, None, None)), (3, ("10А", 34, 0.5, date(2026, 9, 1), True)))


def test_a_day_with_a_clock_stays_one():
    """Midnight is a day, noon is not."""

    def dress(book, sheet):
        form = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        noon = datetime(2026, 9, 1, 12, tzinfo=UTC).replace(tzinfo=None)
        sheet.write_datetime("A1", noon, form)
        sheet.write_number("B1", 0.5, book.add_format({"num_format": "hh:mm"}))

    ((noon, clock),) = _rows(xlsx(dress=dress))
    assert (isinstance(noon, datetime), clock) == (True, "12:00:00")


def test_the_value_of_a_formula_is_used():
    """What Excel saved as its result is what is read."""
    made = xlsx(HEADS, dress=lambda book, sheet: sheet.write_formula("B2", "=30+4", None, 34))
    assert _rows(made)[1] == (None, 34)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (xlsx(HEADS, ROW)[:900], NOT_WHOLE),
        (b"PK\x03\x04" + b"\0" * 40, NOT_WHOLE),
        (repacked(xlsx(HEADS), "xl/worksheets/sheet1.xml", lambda data: data[:-40]), NOT_WHOLE),
        (repacked(xlsx(HEADS), "xl/workbook.xml", lambda data: b"<x>"), NOT_WHOLE),
        (repacked(xlsx(HEADS), "xl/workbook.xml", lambda data: data.replace(b"UTF-8", b"UTF-B")), NOT_WHOLE),
        (repacked(xlsx(HEADS), "xl/worksheets/sheet1.xml", lambda data: data.replace(b'r="A1" ', CORNER)), TOO_LARGE),
        (OLE + b"\0" * 600, NOT_WHOLE),
        (LOCKED, PROTECTED),
        (b"  <html><table><tr><td>1</td></tr></table></html>", NOT_WHOLE),
        (b"x" * (sheets.LARGEST_BYTES + 1), TOO_LARGE),
    ],
    ids=["cut", "bare", "torn-sheet", "torn-book", "encoding", "corner", "ole", "locked", "web", "huge"],
)
def test_a_file_that_cannot_be_used_is_one_fault(content, problem):
    """Damaged, protected, a web page under another name, too large: one sentence, no traceback."""
    found = sheets.read(content)
    assert ([fault.problem for fault in found.faults], found.rows) == ([problem], ())


def test_merged_cells_are_told_with_their_range():
    """Whoever merged cells must take them apart: which value belongs where is not guessed."""
    (fault,) = sheets.read(xlsx(HEADS, ROW, dress=lambda book, sheet: sheet.merge_range("A3:B4", "10А"))).faults
    assert (fault.problem, fault.address(), fault.values) == (MERGED, "A3", {"span": "A3:B4"})


def test_a_formula_without_a_value_is_a_fault_of_its_cell():
    """It cannot be told from an empty cell by its value."""
    made = xlsx(HEADS, dress=lambda book, sheet: sheet.write_formula("B2", "=C2", None, ""))
    assert [(fault.problem, fault.address()) for fault in sheets.read(made).faults] == [(VALUELESS, "B2")]


def test_the_one_sheet_that_holds_something_is_read():
    """Empty sheets, hidden ones and our own explanations are passed over; hidden ones are counted."""
    made = xlsx(
        HEADS, ROW, further=(("Лист2", ()), (EXPLAINED, (HEADS,)), ("Старое", (HEADS,))),
        dress=lambda book, sheet: None,
    )  # fmt: skip
    hidden = repacked(
        made, "xl/workbook.xml", lambda data: data.replace(b'sheetId="4" ', b'sheetId="4" state="hidden" ')
    )
    assert (_rows(hidden), sheets.read(hidden).hidden) == ([HEADS, ROW], 1)
    assert [fault.problem for fault in sheets.read(hidden, "Старое").faults] == [HIDDEN]


def test_of_several_sheets_one_must_be_named():
    """The name of a template's sheet is enough; else --sheet says which, in any case of letters."""
    made = xlsx(HEADS, ROW, title="10А", further=(("11А", (HEADS, ("11А", 5))),))
    assert [fault.problem for fault in sheets.read(made).faults] == [SEVERAL]
    assert _rows(made, "11а")[1] == ("11А", 5)
    assert _rows(made, preferred="10А")[1] == ROW
    assert [fault.problem for fault in sheets.read(made, "12А").faults] == [NO_SHEET]


def test_a_sheet_of_libreoffice_is_read():
    """ODS: the same cells, the same rows."""
    cells = "".join(f"<table:table-row>{row}</table:table-row>" for row in (_ods("Класс", "Часы"), _ods("10А", 34)))
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    table = f'<table:table table:name="1">{cells}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        made.writestr("content.xml", f"<office:document-content{spaces}>{body}</office:document-content>")
    assert _rows(file.getvalue()) == [HEADS, ROW]


def _ods(*values):
    kinds = {str: 'office:value-type="string"', int: 'office:value-type="float" office:value="{}"'}
    return "".join(
        f"<table:table-cell {kinds[type(value)].format(value)}><text:p>{value}</text:p></table:table-cell>"
        for value in values
    )


def test_a_csv_comes_the_same_way():
    """What is no spreadsheet is read as text."""
    assert _rows(csv(HEADS, ROW)) == [HEADS, ("10А", "34")]


def test_a_panic_of_the_reader_is_a_damaged_file_and_an_interruption_is_not(monkeypatch):
    """Only what the Rust reader ends in is taken for the file's fault."""

    class PanicException(BaseException):
        pass

    def ending(error):
        def end(*_):
            raise error

        return end

    monkeypatch.setattr("ejsync.sheets.workbooks._only", ending(PanicException()))
    assert read_workbook(xlsx(HEADS)).faults[0].problem == NOT_WHOLE
    monkeypatch.setattr("ejsync.sheets.workbooks._only", ending(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        read_workbook(xlsx(HEADS))
