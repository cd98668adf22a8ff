"""Which class and period are meant."""

from datetime import date

import pytest

from ejsync.errors import NotFound
from ejsync.reports.choosing import chosen_class, chosen_period, class_order, in_order
from tests.doubles import class_journal, office

SPANS = {
    "p1": ("1 четверть", "2026-09-01", "2026-10-25"),
    "p2": ("2 четверть", "2026-11-02", "2026-12-27"),
    "y": ("Год", "2026-09-01", "2027-05-26"),
}


def _periods(*names, year=2026, **more):
    return [
        {
            **class_journal.QUARTER,
            "period": name,
            "school_year": year,
            "title": title,
            "start": start,
            "end": end,
            **more,
        }
        for name, (title, start, end) in SPANS.items()
        if name in (names or SPANS)
    ]


def _period(written, today, periods=None):
    found = chosen_period(office.school(), "10А", _periods() if periods is None else periods, written, today)
    return found["period"]


def test_a_class_may_be_spelt_as_people_spell_it():
    """10а, 10-А and 10 «А» are the class 10А."""
    assert {chosen_class(office.school(), name) for name in ("10А", "10а", "10-А", "10 «А»")} == {"10А"}


def test_an_unknown_class_is_answered_with_the_known_ones():
    """The error lists the classes from the first form to the last; where none is known the roster must be read."""
    with pytest.raises(NotFound) as caught:
        chosen_class(office.school(), "7В")
    assert caught.value.remedy() == "--class with one of: 5Б, 10А"
    with pytest.raises(NotFound, match="EJ-802") as caught:
        chosen_class(office.school(people=(), classes={}), "7В")
    assert caught.value.remedy() == "ejsync sync --feed roster"


@pytest.mark.parametrize(
    ("today", "period"),
    [(date(2026, 10, 1), "p1"), (date(2026, 10, 28), "p1"), (date(2026, 11, 2), "p2"), (date(2026, 8, 20), "p1")],
)
def test_without_a_name_the_current_period_is_meant(today, period):
    """The quarter of the day; in the holidays the one that has ended; before the year its first; never the year."""
    assert _period(None, today) == period


@pytest.mark.parametrize("written", ["p2", "2 четверть", "II четверть"])
def test_a_period_may_be_named_by_id_or_title(written):
    """Its id and its title, also with a Roman number, mean the same period."""
    assert _period(written, date(2026, 10, 1)) == "p2"


def test_of_two_years_the_newer_one_is_meant():
    """Where the journal still holds last year's periods, the name means this year's."""
    found = chosen_period(office.school(), "10А", [*_periods(year=2025), *_periods()], "p1", date(2026, 10, 1))
    assert found["school_year"] == 2026


def test_an_unknown_period_is_answered_with_the_known_ones():
    """The error lists ids with titles; a period that is switched off is none of them."""
    with pytest.raises(NotFound) as caught:
        _period("9", date(2026, 10, 1), [*_periods("p1"), *_periods("p2", disabled=True)])
    assert caught.value.remedy() == "--period with one of: p1 (1 четверть)"
    with pytest.raises(NotFound) as caught:
        _period(None, date(2026, 10, 1), [])
    assert caught.value.remedy() == "ejsync sync --feed periods"


def test_periods_without_days_can_be_reported_on_too():
    """Where ElJur names no days, the first period is as good as any."""
    assert _period(None, date(2026, 10, 1), _periods("p2", start=None, end=None)) == "p2"


def test_classes_stand_in_the_order_of_their_forms():
    """2А comes before 10А, and a class without a number first."""
    assert in_order(["10А", "2Б", "2А", "Подготовительная"]) == ["Подготовительная", "2А", "2Б", "10А"]
    assert class_order("10А") == (10, "10А")
