"""What a cell means, and what nobody may guess."""

from datetime import date, datetime

import pytest

from ejsync.domain.cell_values import day, line, lines, text, whole
from ejsync.domain.grid import EPOCH_1904

FIRST = date(2026, 9, 1)
NOON = datetime(2026, 9, 1, 12)  # noqa: DTZ001 - a sheet knows no zones
YES = True


@pytest.mark.parametrize(
    "value",
    [FIRST, 46266, "01.09.2026", "1.9.2026", "01.09.2026 г.", "1 сентября 2026", "1 Сентября 2026 г.",
     "1 сентября 2026 года", "2026-09-01"],
)  # fmt: skip
def test_a_day_is_read_however_a_school_writes_it(value):
    """A day, Excel's number of it, and unambiguous Russian texts all mean the same day."""
    assert day()(value) == FIRST


@pytest.mark.parametrize(
    "value",
    ["01.09.26", "9/1/2026", "01-09-2026", "31.02.2026", "1 мартобря 2026", "сентябрь 2026", "01.09", "вчера", "46266",
     1, 10**9, 46266.5, True, NOON, date(1926, 9, 1), "2026-9-1", "20260901"],
)  # fmt: skip
def test_what_may_be_two_days_or_none_is_no_day(value):
    """Short years, American order, days that are not, numbers out of any school's time: nothing is guessed."""
    assert day()(value) is None


def test_a_number_of_a_day_is_counted_from_the_workbooks_own_beginning():
    """In a workbook of an old Macintosh the same day has another number."""
    assert day(EPOCH_1904)(46266 - 1462) == FIRST


@pytest.mark.parametrize(("value", "number"), [(34, 34), ("34", 34), ("34,0", 34), ("34.00", 34), (0, 0)])
def test_a_whole_number_may_be_typed_as_a_text(value, number):
    """34 is 34 whether Excel took it for a number or not."""
    assert whole(value) == number


@pytest.mark.parametrize("value", [-1, 0.5, "0,5", "тридцать", "1e3", "+5", True, FIRST, "34 ч"])
def test_halves_and_words_are_no_number_of_lessons(value):
    """A lesson is held or not."""
    assert whole(value) is None


def test_a_number_was_a_text_to_who_typed_it():
    """1001 is a pupil's number; a day, a fraction, a yes are no texts."""
    assert (text(1001), text("x"), text(FIRST), text(1.5), text(YES)) == ("1001", "x", None, None, None)


def test_texts_have_their_length_and_no_control_characters():
    """One line is one line; a text of several keeps them."""
    assert (line(3)("abc"), line(3)("abcd"), line(9)("a\nb"), line(9)(FIRST)) == ("abc", None, None, None)
    assert (lines(3)("a\nb"), lines(2)("a\nb"), lines(9)("a\x00b"), lines(9)(FIRST)) == ("a\nb", None, None, None)
