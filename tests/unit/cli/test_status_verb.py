"""`status`: one screen, and whether promises are kept."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from ejsync.cli.desk import Desk
from ejsync.domain.breaker import Breaker, BreakerState
from ejsync.domain.changes import Op
from ejsync.domain.comparing import Comparison
from ejsync.domain.delays import Moments
from ejsync.domain.records import SCHOOL, Kind
from ejsync.domain.standing import OutboxEntry
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


@pytest.fixture
def school(lived):
    """Open a writing transaction of the school."""

    @contextmanager
    def opened():
        with Desk().exchange() as exchange:
            wiring = exchange.schools["school-7"]
            with wiring.store.begin(wiring.school) as tx:
                yield tx, wiring

    return opened


def _row(text, first):
    [row] = [line for line in text.splitlines() if line.startswith(first)]
    return row


def test_delays_stand_beside_their_feed(school, run):
    """Median, 95th percentile, what that is at most, and the worst: seconds, minutes, hours and days, in 80 columns."""
    now = datetime.now(UTC)
    spans = [(Kind.HOMEWORK, 50, 90), (Kind.MARK, 5000, 5000), (Kind.PERIOD, 40_000, 40_000), (Kind.LESSON, 9e5, 9e5)]
    with school() as (tx, wiring):
        for kind, seconds, most in spans:
            moments = Moments(now - timedelta(seconds=seconds), now - timedelta(seconds=most))
            tx.delays.note("ed", [(kind, moments)], now, wiring.zone)
    text = run("status").stdout
    table = text.partition("Sink")[0]
    assert _row(table, "homework").split()[-9:-1] == ["50", "s", "50", "s", "86", "s", "50", "s"]
    assert _row(table, "marks").split()[-9:-1:2] == ["83", "83", "87", "83"]
    assert _row(table, "periods").split()[-8:-1:2] == ["h"] * 4
    assert _row(table, "timetable").split()[-3:-1] == ["10", "d"]
    assert max(map(len, text.splitlines())) <= 80


def test_what_is_late_is_named_with_its_promise(school, run, ask):
    """Since when, how many, and what was promised; the check exits 6 and names the next command."""
    seen = datetime.now(UTC) - timedelta(hours=2)
    with school() as (tx, _wiring):
        tx.outbox.put("ed", [OutboxEntry(Kind.HOMEWORK, "late", None, Op.UPSERT, 1, "f")], seen)
    result = run("status", "--check")
    moment = seen.astimezone(ZoneInfo("Europe/Moscow")).strftime("%Y-%m-%d %H:%M")
    row = " ".join(_row(result.stdout.partition("Promised in")[2], "homework").split())
    assert row == f"homework ed 1 0 {moment} 60 min"
    assert "change of homework is late for ed: 120 min old, promised within 60 min" in result.stdout
    assert {"→ ejsync doctor", "→ ejsync batches list --dead"} <= set(result.stdout.splitlines())
    assert result.exit_code == 6
    told = [one for one in ask("status", "--check", code=6)["broken"] if "is late for" in one["sentence"]]
    assert [one["next_step"] for one in told] == ["ejsync doctor", "ejsync batches list --dead"]


def test_what_is_in_time_is_not_named(home, run):
    """Where nothing is late there is no table of it."""
    assert "Promised in" not in run("status").stdout


def test_a_host_that_is_away_is_told_below_its_sink(school, run, monkeypatch):
    """Since when nobody asks it, why, and when it is asked next."""
    at = datetime(2026, 11, 16, 8, tzinfo=UTC)
    with school() as (tx, wiring):
        tx.breakers.save(
            Breaker("ed", "https://ed.example", at, BreakerState.OPEN, 7, at + timedelta(minutes=10), "EJ-401")
        )
        monkeypatch.setattr(type(wiring.sinks["ed"]), "host", "https://ed.example")
    told = "ed: https://ed.example is away (EJ-401) since 2026-11-16 11:00; next asked at 2026-11-16 11:10"
    assert told in run("status").stdout.splitlines()


@pytest.mark.parametrize(
    ("counts", "error", "shown"),
    [
        ({"missing": 2, "differs": 1, "same": 900}, None, "3 ejsync reconcile"),
        ({"same": 900}, None, "0"),
        ({}, "EJ-401", "EJ-401 ejsync reconcile"),
    ],
)
def test_the_last_comparison_is_told(school, run, counts, error, shown):
    """How many keys differ, or why nobody knows; with the command where there is something to do."""
    at = datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert "Differences" not in run("status").stdout
    with school() as (tx, _wiring):
        tx.comparisons.save(Comparison("ed", at, "sample", counts, error))
    row = _row(run("status").stdout, "Differences at ed, compared 2026-11-16 11:00")
    assert " ".join(row.split()[6:]) == shown
