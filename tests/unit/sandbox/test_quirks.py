"""Truths about the switches: which there are, that they are off unless asked for, and that they are repeatable."""

import pytest

from ejsync.sandbox.quirks import ALL, QUIRKS, Quirks, UnknownQuirkError, chosen

RESULT = {
    "students": {"1001": {"name": "1001", "title": "Тестова Алёна", "lessons": [{"name": "Алгебра", "marks": []}]}}
}


def test_without_switches_nothing_is_touched():
    """A journal without quirks tells the very result, and a numeric state."""
    state, told = Quirks(seed=1).told("getmarks", {}, RESULT)
    assert (state, told is RESULT) == (200, True)


def test_the_journal_itself_is_never_changed():
    """What is told is a copy: the invented journal stays as it was invented."""
    before = repr(RESULT)
    assert Quirks(seed=1, names=[ALL]).told("getmarks", {}, RESULT)[1] != RESULT
    assert repr(RESULT) == before


def test_seed_and_question_decide():
    """The same seed and question are answered alike, whoever asks; another seed or question maybe otherwise."""

    def told(seed, **params):
        return repr(Quirks(seed=seed, names=[ALL]).told("getmarks", params, RESULT))

    assert told(1, student="1001", auth_token="a") == told(1, student="1001", auth_token="b")
    assert len({told(seed, student="1001") for seed in range(9)}) > 1
    assert len({told(1, student=str(pupil)) for pupil in range(9)}) > 1


def test_switches_stand_in_the_order_of_application():
    """However they are named, switches are applied in their own order; `all` means every one."""
    assert chosen(["php_empty", "yo"]) == ("yo", "php_empty")
    assert chosen([ALL]) == tuple(QUIRKS)


def test_an_unknown_switch_changes_nothing():
    """A name that does not exist is refused with those that do, and what was on stays on."""
    quirks = Quirks(seed=1, names=["yo"])
    with pytest.raises(UnknownQuirkError, match="php_empty"):
        quirks.switch(["yo", "typo"])
    assert quirks.names == ("yo",)
