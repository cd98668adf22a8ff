"""`sandbox`: the options reach the simulated services."""

from datetime import date

import pytest

from ejsync.sandbox import diary, journal
from ejsync.sandbox.quirks import ALL, QUIRKS


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
    assert started == {**wanted, "rights": "full", "many_schools": False, "quirks": ()}


def test_the_manner_of_the_journal_arrives(run, started):
    """Partial rights and the host of many schools are asked for by options of their own."""
    assert run("sandbox", "journal", "--rights", "partial", "--many-schools").exit_code == 0
    assert (started["rights"], started["many_schools"]) == ("partial", True)


def test_quirks_are_named_with_commas(run, started):
    """Quirks arrive in the order in which they are applied, and `all` means every one."""
    assert run("sandbox", "journal", "--quirks", "php_empty, scalar_drift").exit_code == 0
    assert started["quirks"] == ("scalar_drift", "php_empty")
    assert run("sandbox", "journal", "--quirks", "all").exit_code == 0
    assert started["quirks"] == tuple(QUIRKS)


def test_an_unknown_quirk_is_a_wrong_use(run, started):
    """A quirk that does not exist starts nothing, and those that do are listed."""
    answer = run("sandbox", "journal", "--quirks", "php_empty,typo")
    assert (answer.exit_code, started) == (2, {})
    assert "lists_and_objects" in answer.stderr


def test_the_help_names_every_quirk(run):
    """Whoever asks for help learns every switch."""
    shown = run("sandbox", "journal", "--help").stdout
    assert [name for name in (*QUIRKS, ALL) if name not in shown] == []


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


def test_the_office_writes_its_sheets(run, tmp_path):
    """Four workbooks are written into a folder that need not be there, and never over others unasked."""
    words = ("sandbox", "office", "--pupils", "20", "--today", "2026-11-20", "--out", str(tmp_path / "office"))
    assert run(*words).exit_code == 0
    names = {"contact.xlsx", "curriculum.xlsx", "deferral.xlsx", "recommendation.xlsx"}
    assert {path.name for path in (tmp_path / "office").iterdir()} == names
    assert run(*words).exit_code == 2
    assert run(*words, "--force").exit_code == 0
