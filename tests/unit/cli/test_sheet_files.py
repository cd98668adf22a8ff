"""Files of sheets: bounded when they are read, written by their name."""

from ejsync import sheets
from ejsync.cli.sheet_files import hand_out, take_in
from ejsync.sheets.refusals import TOO_LARGE
from ejsync.sheets.written import Head, Leaf
from tests.doubles.office import csv

LEAF = Leaf("Лист", [Head("Класс"), Head("Телефон")], [("10А", "+79001234567")])


def test_a_huge_file_is_not_read_whole(tmp_path):
    """A file without end costs no more memory than the largest that may be read."""
    file = tmp_path / "huge.xlsx"
    with file.open("wb") as out:
        out.truncate(100_000_000)
    whole, grid = take_in(file, None, "")
    assert (len(whole), grid.faults[0].problem) == (sheets.LARGEST_BYTES + 1, TOO_LARGE)


def test_the_name_of_the_file_decides_what_is_written(tmp_path, capsys):
    """XLSX with its further sheets, CSV for everything else, a dash for the terminal; all hold the same cells."""
    for name in ("a.xlsx", "a.csv"):
        hand_out(tmp_path / name, LEAF, Leaf("Пояснения", [Head("a")], [("b",)]), force=False)
        _, grid = take_in(tmp_path / name, None, "")
        assert [cells for _, cells in grid.rows] == [("Класс", "Телефон"), ("10А", "+79001234567")]
    hand_out(type(tmp_path)("-"), LEAF, force=False)
    assert capsys.readouterr().out == csv(
        ("Класс", "Телефон"), ("10А", "'+79001234567"), encoding="utf-8"
    ).decode().replace("\r", "")
