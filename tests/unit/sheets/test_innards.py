"""What an XLSX file holds beside its values."""

import re

import pytest

from ejsync.domain.grid import EPOCH, EPOCH_1904
from ejsync.sheets.innards import BROKEN, VALUELESS, TooFar, innards
from tests.doubles.office import repacked, xlsx

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def _formulas(book, sheet):
    sheet.write_formula("B2", "=1+1", None, 2)
    sheet.write_formula("C2", '=""', None, "")
    sheet.write_formula("D2", "=1/0", None, "#DIV/0!")


def test_formulas_without_a_value_and_errors_are_told_by_their_cell():
    """A formula that was never worked out has nothing to read; one that ends in an error neither."""
    made = xlsx(("a",), dress=_formulas)
    assert [(fault.address(), fault.problem) for fault in innards(made).faults("Лист1")] == [
        ("C2", VALUELESS),
        ("D2", BROKEN),
    ]
    bare = repacked(made, SHEET, lambda data: re.sub(rb"</f><v>2</v>", b"</f>", data))
    assert ("B2", VALUELESS) in [(fault.address(), fault.problem) for fault in innards(bare).faults("Лист1")]


def test_the_day_counted_from_is_the_workbooks():
    """Old Macintosh workbooks count from 1904."""
    made = xlsx(("a",))
    assert innards(made).epoch == EPOCH
    old = repacked(made, BOOK, lambda data: data.replace(b"<workbookPr ", b'<workbookPr date1904="1" '))
    assert innards(old).epoch == EPOCH_1904


def test_what_is_no_package_has_no_innards():
    """An XLS, a sheet of another name: nothing is known of them."""
    assert innards(b"\xd0\xcf\x11\xe0").faults("x") == ()
    assert innards(xlsx(("a",))).faults("x") == ()


@pytest.mark.parametrize("cell", [b"XFD1", b"A1048576"])
def test_a_cell_far_out_is_found_before_the_sheet_is_loaded(cell):
    """One cell in the last corner would make every cell between take memory."""
    far = repacked(xlsx(("a",)), SHEET, lambda data: data.replace(b'r="A1" ', b'r="' + cell + b'" '))
    with pytest.raises(TooFar):
        innards(far).faults("Лист1")


def test_a_file_that_unpacks_to_more_than_any_school_has_is_not_unpacked(monkeypatch):
    """What its parts claim to be is added up first."""
    monkeypatch.setattr("ejsync.sheets.innards._LARGEST_PARTS_BYTES", 1000)
    with pytest.raises(TooFar):
        innards(xlsx(("a",)))
