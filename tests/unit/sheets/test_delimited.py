"""CSV in every spelling, and written so that no text becomes a formula."""

import tracemalloc
from datetime import date

import pytest

from ejsync.sheets.delimited import read_text, shown, text_lines
from ejsync.sheets.refusals import NOT_TABLE, NOT_TEXT
from tests.doubles.office import csv


def _cells(content):
    return [cells for _, cells in read_text(content).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_excels_encodings_and_separators_give_the_same_cells(encoding, delimiter):
    """Whatever Excel chose when it saved the file."""
    content = csv(("Класс", "Часы"), ("10А", 34), encoding=encoding, delimiter=delimiter)
    assert _cells(content) == [("Класс", "Часы"), ("10А", "34")]


def test_empty_rows_are_left_out_and_numbers_stay_excels():
    """Rows between are passed over; cells of spaces are empty."""
    assert read_text(b"a;b\n\n ; \n1;\xc2\xa0\n").rows == ((1, ("a", "b")), (4, ("1", None)))


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"\x98\xff\0", NOT_TEXT), (b'a;b\n"' + b"1;2\n" * 40_000, NOT_TABLE), (b"\xff\xfea", NOT_TEXT)],
)
def test_what_is_no_text_or_no_table_is_one_fault(content, problem):
    """Bytes of something else, a quote without end, half a letter."""
    grid = read_text(content)
    assert ([fault.problem for fault in grid.faults], grid.rows) == ([problem], ())


@pytest.mark.parametrize("text", ["=1+1", "+79001234567", "-5", "@x", "'=x", "''+1"])
def test_what_looks_like_a_formula_is_written_behind_an_apostrophe_and_comes_back(text):
    """A spreadsheet shows it as a text, and reading takes the apostrophe off."""
    (written,) = text_lines([(text,)])
    assert written == f"'{text}"
    assert _cells(f"h\n{written}\n".encode())[1] == (text,)


def test_other_values_are_written_plainly():
    """Numbers are numbers, also negative ones; days and fractions are written as in Russia, quotes are doubled."""
    assert list(text_lines([(1, -2.5, None, date(2026, 9, 1), 'a;"b"', "'a")])) == ['1;-2,5;;01.09.2026;"a;""b""";\'a']
    assert shown(34) == "34"


def test_a_file_of_empty_lines_holds_nothing_in_memory():
    """Rows are taken one after another: ten million of them took gigabytes."""
    tracemalloc.start()
    assert read_text(b"\n" * 300_000).rows == ()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
