"""What a period is for."""

import pytest

from ejsync.domain.period_sorts import PeriodSort, sort_of
from tests.doubles import class_journal


def _period(title, name="p9", start=None, end=None):
    return {**class_journal.QUARTER, "title": title, "period": name, "start": start, "end": end}


@pytest.mark.parametrize(
    ("title", "name", "sort"),
    [
        ("Экзамен", "exam", PeriodSort.EXAMINATION),
        ("Годовой экзамен", "year", PeriodSort.EXAMINATION),
        ("Экз.", "p9", PeriodSort.EXAMINATION),
        ("Результат ОГЭ", "p9", PeriodSort.EXAMINATION),
        ("ЕГЭ", "p9", PeriodSort.EXAMINATION),
        ("Государственная итоговая аттестация", "p9", PeriodSort.EXAMINATION),
        ("Год", "p9", PeriodSort.YEAR),
        ("Годовая", "p9", PeriodSort.YEAR),
        ("Итоговая отметка", "p9", PeriodSort.YEAR),
        ("Оценка", "year", PeriodSort.YEAR),
        ("1 четверть", "chetvert_1", PeriodSort.PART),
        ("2 полугодие", "p9", PeriodSort.PART),
        ("Итоги полугодия", "p9", PeriodSort.PART),
        ("III триместр 2026/27 года", "p9", PeriodSort.PART),
        ("Погода и природа", "p9", PeriodSort.PART),
        ("Промежуточная", "p9", PeriodSort.PART),
    ],
)
def test_the_words_of_schools_tell_what_a_period_is_for(title, name, sort):
    """An examination before a part before the year; what says nothing is a part."""
    assert sort_of(_period(title, name)) is sort


def test_without_a_word_the_days_decide():
    """More than half a year is the year, less is a part."""
    assert sort_of(_period("Всё", start="2026-09-01", end="2027-05-31")) is PeriodSort.YEAR
    assert sort_of(_period("Осень", start="2026-09-01", end="2026-12-28")) is PeriodSort.PART
