"""`import list`, `show`, `undo`."""

import pytest

from tests.doubles.office import csv, furnish
from tests.doubles.world import World

PLAN = ("Класс", "Предмет", "Период", "Часы")


@pytest.fixture
def planned(home, run):
    """Two imports of a plan, the second of which changes a row and adds one."""
    furnish(made := World(home / "state"))
    made.close()
    for rows in ([("10А", "Алгебра", "p1", 34)], [("10А", "Алгебра", "p1", 35), ("10А", "Физика", "p1", 20)]):
        (home / "plan.csv").write_bytes(csv(PLAN, *rows))
        assert run("import", "curriculum", "plan.csv", "--yes").exit_code == 0
    return home


def test_imports_are_listed_newest_first(planned, run, ask):
    """Number, kind, when, counts; nothing of what they hold."""
    assert [(one["number"], one["counts"]["changed"]) for one in ask("import", "list")["imports"]] == [(2, 1), (1, 0)]
    shown = run("import", "list").stdout
    assert ("curriculum" in shown, "Алгебра" in shown) == (True, False)


def test_an_empty_register_says_so(home, run):
    """Before the first import there is nothing to list."""
    assert "Nothing was taken in yet." in run("import", "list").stdout


def test_one_import_shows_its_rows_and_which_are_live(planned, run, ask):
    """What a later import replaced is not live any more."""
    assert [one["live"] for one in ask("import", "show", 1)["entries"]] == [False]
    assert [one["live"] for one in ask("import", "show", 2)["entries"]] == [True, True]
    assert "Алгебра, p1, 35 h" in run("import", "show", 2).stdout
    assert "1 more" in run("import", "show", 2, "--limit", 1).stdout
    assert ask("import", "show", 99, code=2)["code"] == "EJ-802"


def test_an_undone_import_gives_back_what_was_before(planned, run, ask):
    """What would end and come back is said first; undone twice is refused; the audit holds."""
    shown = run("import", "undo", 2, "--yes").stdout
    assert "1 row ends" in shown
    assert "1 row is again what it was before" in shown
    assert [one["live"] for one in ask("import", "show", 1)["entries"]] == [True]
    assert "undone already" in run("import", "undo", 2, "--yes").stderr
    assert ask("audit", "verify")["ok"]
    assert ask("import", "undo", 1, "--yes")["gone"] == 1


def test_a_no_undoes_nothing(planned, run, ask, monkeypatch):
    """Asked on a terminal and refused, the import stands."""
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)
    assert "Nothing was done." in run("import", "undo", 2, answer="n\n").stderr
    assert ask("import", "list")["imports"][0]["undone_at"] is None
