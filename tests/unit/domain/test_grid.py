"""Sheets before they are understood: places and spellings."""

import pytest

from ejsync.domain.grid import CellFault, fold, letters


@pytest.mark.parametrize(("place", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (0, "")])
def test_columns_are_named_as_excel_names_them(place, name):
    """After Z comes AA."""
    assert letters(place) == name


def test_a_fault_has_an_address_only_where_it_is_one_cell():
    """B7 is row 7, second column; a whole row or file has none."""
    assert CellFault(7, "Класс", "p", "e", 2).address() == "B7"
    assert CellFault(7, "Класс", "p", "e").address() == ""
    assert CellFault(0, "", "p", "e").address() == ""


@pytest.mark.parametrize("spelling", ["Чётный  день", "четный день", "ЧЕТНЫЙ-ДЕНЬ", "чётныйдень", " Чётный день: "])
def test_spellings_of_one_word_are_the_same(spelling):
    """Case, spaces, punctuation and ё (also of two code points) make no difference."""
    assert fold(spelling) == "четныйдень"
