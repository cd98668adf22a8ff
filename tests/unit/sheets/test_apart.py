"""Workbooks that would fill the memory, read where they can fill nothing of ours."""

import io
import subprocess
import sys
import zipfile

import pytest

from ejsync import sheets
from ejsync.sheets.apart import read_apart
from ejsync.sheets.refusals import NOT_WHOLE, TOO_LARGE
from ejsync.sheets.workbooks import read_workbook
from tests.doubles.office import repacked, xlsx

SHEET = "xl/worksheets/sheet1.xml"
SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
NAMES = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table"))
LAST = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="900000000"/>'


def _cells(rows):
    """An XLSX file of which a sheet was written by nobody's Excel."""
    made = b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (SPACE, rows)
    return repacked(xlsx(("a",)), SHEET, lambda _: made)


def _ods(row):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        table = f'<table:table table:name="1">{row}</table:table>'
        body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        made.writestr("content.xml", f"<office:document-content{NAMES}>{body}</office:document-content>")
    return file.getvalue()


CORNERS = {
    "in small letters": _cells(b'<row r="1"><c r="a1"><v>1</v></c><c r="xfd1048576"><v>1</v></c></row>'),
    "far along and far down": _cells(b'<row r="1"><c r="A1"><v>1</v></c><c r="ALK199999"><v>1</v></c></row>'),
    "repeated in ODS": _ods(f"<table:table-row>{LAST}</table:table-row>"),
}


@pytest.mark.parametrize("content", CORNERS.values(), ids=CORNERS)
def test_a_few_bytes_that_claim_a_huge_sheet_are_one_fault(content):
    """The reader's process ends, ours goes on."""
    assert [fault.problem for fault in sheets.read(content).faults] == [TOO_LARGE]


@pytest.mark.parametrize("row", ["<table:table-row>", "</table:table><x>"])
def test_a_table_without_an_end_is_a_damaged_file(row):
    """The library looks for its end for ever, so it is looked for beforehand."""
    assert [fault.problem for fault in read_workbook(_ods(row)).faults] == [NOT_WHOLE]


def test_a_sheet_means_the_same_in_its_own_process():
    """Values of every kind, faults and their places come back whole."""
    made = xlsx(("a", "б"), (1, 2.5), dress=lambda book, sheet: sheet.merge_range("A3:B4", "x"))
    assert read_apart(made) == read_workbook(made)
    assert read_apart(made, "нет").faults == read_workbook(made, "нет").faults


def test_our_own_mistakes_are_no_fault_of_the_file(monkeypatch):
    """Only a process that was ended tells of the file; one that stumbles is told as what it is."""
    monkeypatch.setattr("ejsync.sheets.apart._PROGRAM", "raise LookupError")
    with pytest.raises(subprocess.CalledProcessError):
        read_apart(b"PK")


def test_the_process_has_an_end_to_its_memory():
    """What needs more than a school's sheet ever did is ended, and no core is left behind."""
    program = "import resource; from ejsync.sheets.apart import MOST_BYTES, bound; bound(); bytearray(MOST_BYTES)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr
