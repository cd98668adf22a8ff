"""The last chapters: each says no when the ED holds other figures, or more than families allow."""

from collections import Counter
from random import Random

import pytest

from ejsync.sandbox import owed
from ejsync.sandbox.cast import Cast
from ejsync.sandbox.chapters import Tale
from ejsync.sandbox.stage import Round, Sight, StageClock

FORECAST = ("forecast", "1/2026/Алгебра/q1")
STATE = ("final_state", "1/2026/Алгебра/q1")
STATISTIC = ("lesson_statistics", "10А/2026/Алгебра/q1")
CONTACT = ("contact", "1/mother/email")
ROW = {"pupil": "1", "whose": "mother", "way": "email"}


def records():
    """What an ED holds of one pupil and class."""
    account = {"planned_hours": 9, "held": 5, "replaced": 0, "cancelled": 1, "to_come": 3}
    return {
        FORECAST: {
            "pupil": "1", "mean": "4.00", "expected": 4, "lowest": 3, "highest": 5, "as_of": "2026-11-20",
            "method": "weighted-mean/1", "needed": [{"result": 5, "fives": 3}],
        },
        STATE: {"state": "deferred", "until": "2026-12-01"},
        STATISTIC: {"class": "10А", "lessons": [account], "results": {"pupils": 2, "quality": "1", "progress": "1"}},
    }  # fmt: skip


def steps(held, due):
    """The steps that show figures, by name."""
    book = owed._Book(held, due)
    return {step.name: step for step in (owed._forecast(book), owed._deferral(book), owed._statistic(book))}


def test_figures_that_are_as_they_must_be_are_told():
    """A forecast, a deferral and a statistic are shown with their numbers."""
    told = steps(records(), records())
    assert all(step.ok for step in told.values())
    assert (told["forecast"].facts["mean"], told["forecast"].facts["fives"]) == ("4.00", 3)
    assert told["deferral"].facts == {"deferred": 1, "until": "2026-12-01", "missing": 0}
    assert (told["statistic"].facts["planned_hours"], told["statistic"].facts["class"]) == (9, "10А")


@pytest.mark.parametrize(
    ("name", "record", "field", "value"),
    [
        ("forecast", FORECAST, "mean", "4.01"),
        ("deferral", STATE, "until", None),
        ("statistic", STATISTIC, "results", {"pupils": 3}),
    ],
)
def test_a_figure_that_is_off_is_noticed(name, record, field, value):
    """One that differs by a digit makes its step a failure, and so does one that is not due at all."""
    due = records()
    due[record] = {**due[record], field: value}
    told = steps(records(), due)
    assert [step.name for step in told.values() if not step.ok] == [name]
    without = {one: data for one, data in records().items() if one != record}
    assert not steps(records(), without)[name].ok


def test_a_diary_without_figures_proves_nothing():
    """Where nothing is held no step is well."""
    assert not any(step.ok for step in steps({}, records()).values())


class Stage:
    """A stage whose looks are written beforehand."""

    wiring = None
    clock = StageClock()

    def __init__(self, *looks):
        self._looks = list(looks)

    def look(self):
        """The next look."""
        return self._looks.pop(0)

    def deliver(self):
        """One round."""
        return Round(answers=Counter())


def sight(*names):
    """A look at an ED that holds these records of pupil 1."""
    return Sight(dict.fromkeys(names, 1), dict.fromkeys(names, "1"), {})


def contacts(monkeypatch, before, *looks):
    """Play the chapter of contacts; returns whether its two steps were well."""
    monkeypatch.setattr(owed, "register", lambda *_, **__: None)
    monkeypatch.setattr(owed, "withdraw", lambda *_: None)
    tale = Tale(Stage(*looks), Random(1), Cast({"1"}, [], []), before, {"contacts": [ROW]})
    return [step.ok for step in owed.contacts(tale)]


def test_contacts_leave_when_families_agree_and_come_back(monkeypatch):
    """Nothing before, the contact after, nothing again: both steps are well."""
    assert contacts(monkeypatch, sight(FORECAST), sight(FORECAST, CONTACT), sight(FORECAST)) == [True, True]


@pytest.mark.parametrize(
    ("before", "looks", "well"),
    [
        (sight(CONTACT), [sight(CONTACT), sight()], [False, True]),
        (sight(), [sight(), sight()], [False, False]),
        (sight(), [sight(CONTACT), sight(CONTACT)], [True, False]),
        (sight(FORECAST), [sight(FORECAST, CONTACT), sight()], [True, False]),
    ],
    ids=["left before", "never left", "stayed", "took results with it"],
)
def test_contacts_that_move_otherwise_are_noticed(monkeypatch, before, looks, well):
    """A contact that left unasked, not at all, that stayed, or took results with it makes a step a failure."""
    assert contacts(monkeypatch, before, *looks) == well
