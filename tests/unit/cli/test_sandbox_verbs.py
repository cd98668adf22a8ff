"""`sandbox`: the options reach the simulated services."""

from datetime import date

import pytest

from ejsync.sandbox import diary, journal


@pytest.fixture
def started(monkeypatch):
    """Catch what the services are started with."""
    caught = {}
    monkeypatch.setattr(journal, "run_journal", lambda **options: caught.update(options))
    monkeypatch.setattr(diary, "run_diary", lambda **options: caught.update(options))
    return caught


def test_the_journal_is_started_as_asked(run, started):
    """Every option arrives, the day as a date."""
    words = ("--port", "8801", "--pupils", "40", "--seed", "9", "--today", "2026-11-16", "--density", "2")
    assert run("sandbox", "journal", *words).exit_code == 0
    wanted = {"host": "127.0.0.1", "port": 8801, "pupils": 40, "seed": 9, "today": date(2026, 11, 16), "density": 2.0}
    assert started == wanted


def test_its_today_is_ours_by_default(run, started):
    """Without --today a date is taken from this machine."""
    run("sandbox", "journal")
    assert isinstance(started["today"], date)


def test_the_diary_is_started_as_asked(run, started):
    """Host, port, file and seed arrive."""
    assert run("sandbox", "diary", "--database", "d.db").exit_code == 0
    assert (started["host"], str(started["database"])) == ("127.0.0.1", "d.db")


def test_a_school_without_pupils_is_a_wrong_use(run, started):
    """Bounds are checked before anything starts."""
    assert run("sandbox", "journal", "--pupils", "0").exit_code == 2
    assert started == {}
