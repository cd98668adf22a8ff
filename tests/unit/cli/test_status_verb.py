"""`status`: one screen, and whether promises are kept."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ejsync.cli.desk import Desk
from ejsync.domain.records import SCHOOL, Kind
from tests.doubles import records


def test_one_screen_says_what_waits_for_whom(lived, run):
    """Held, dead, quarantined: each with the command to type."""
    text = run("status").stdout
    for command in ("batches list --state held", "batches list --dead", "quarantine list", "consent list"):
        assert f"ejsync {command}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_late_feeds_are_named_with_exit_6(lived, run, ask):
    """A feed that was never read breaks its promise."""
    result = run("status", "--check")
    assert result.exit_code == 6
    assert "finals was never read well" in result.stdout
    assert {"finals", "homework"} <= {one["what"] for one in ask("status", "--check", code=6)["broken"]}


def test_kept_promises_are_well(home, run, page):
    """Once every feed was read the check is passed."""
    page("roster", "roster", records.school_class(), kinds=["school_class"], owners=[SCHOOL])
    assert run("sync").exit_code == 0
    result = run("status", "--check")
    assert (result.exit_code, "kept" in result.stdout) == (0, True)


def test_an_unknown_school_is_named(home, ask):
    """EJ-802 with the command that lists schools."""
    told = SimpleNamespace(**ask("status", "--school", "none", code=2))
    assert (told.code, told.next_step) == ("EJ-802", "ejsync config show")


@pytest.fixture
def owing(lived):
    """Let the diary be owed a final mark since some hours."""

    def since(hours):
        with Desk().exchange() as exchange:
            wiring = exchange.schools["school-7"]
            with wiring.store.begin(wiring.school) as tx:
                tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", 1)], datetime.now(UTC) - timedelta(hours=hours))

    return since


@pytest.mark.parametrize(("hours", "shown"), [(1, "22 h"), (13, "10 h"), (25, "late since 20")])
def test_the_clock_of_final_results_is_on_the_screen(owing, run, hours, shown):
    """How many are owed, since when, and how much time is left or since when they are late, in 80 columns."""
    owing(hours)
    text = run("status").stdout
    [row] = [line for line in text.partition("Final results")[2].splitlines() if line.startswith("ed ")]
    assert shown in row
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(("hours", "broken", "warned"), [(1, 0, 0), (13, 0, 1), (25, 1, 0)])
def test_the_check_warns_at_half_time_and_fails_when_late(owing, ask, hours, broken, warned):
    """A late final result breaks a promise; half of its time gone is a warning that fails nothing."""
    owing(hours)
    told = ask("status", "--check", code=6)  # feeds are late in this school anyhow
    assert sum("final result" in one["sentence"] for one in told["broken"]) == broken
    assert [one["what"] for one in told["warnings"]] == ["ed"] * warned
    assert told["schools"][0]["sinks"][0]["final_results"]["late"] == broken


def test_a_warning_alone_is_said_and_well(home, run, page):
    """With every promise kept a warning leaves the exit code at 0."""
    page("roster", "roster", records.school_class(), kinds=["school_class"], owners=[SCHOOL])
    run("sync")
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        with wiring.store.begin(wiring.school) as tx:
            tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", 1)], datetime.now(UTC) - timedelta(hours=13))
    result = run("status", "--check")
    assert (result.exit_code, "1 final result waits for ed; 10 h 59 min left" in result.stdout) == (0, True)
