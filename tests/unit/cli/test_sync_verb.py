"""`sync`: one cycle, or its rehearsal."""

from datetime import date, datetime

import pytest

from ejsync.cli.sync_verb import Asked
from ejsync.domain.records import SCHOOL
from tests.doubles import records
from tests.doubles.clock import VirtualClock
from tests.doubles.vault import sealed_store

KINDS = ["school_class", "pupil", "teacher"]


@pytest.fixture
def roster(page):
    """A journal with a class, a pupil and a teacher."""
    page("roster", "roster", records.school_class(), records.pupil(), records.teacher(), kinds=KINDS, owners=[SCHOOL])


def test_a_cycle_reads_and_delivers(home, roster, ask):
    """What is new is told by feed, what went by sink; a pupil without consent is withheld; a second cycle is empty."""
    (school,) = ask("sync")["schools"]
    assert school["feeds"][0]["feed"] == "roster"
    assert (school["feeds"][0]["created"], school["feeds"][0]["withheld"]) == (3, 1)
    assert school["sinks"][0]["delivered"] == 2
    (again,) = ask("sync")["schools"]
    assert (again["feeds"][0]["unchanged"], again["sinks"][0]["delivered"]) == (3, 0)


def test_a_rehearsal_keeps_and_sends_nothing(home, roster, ask, run):
    """It says what would go, and leaves no store behind."""
    told = ask("sync", "--dry-run")
    assert told["dry_run"] is True
    assert {row["kind"]: row["records"] for row in told["schools"][0]["would_send"]} == {
        "school_class": 1,
        "teacher": 1,
    }
    assert not (home / "state").exists()
    assert "rehearsal" in run("sync", "--dry-run").stdout


def test_a_rehearsal_knows_what_was_delivered(home, roster, ask):
    """After a real cycle nothing would be sent again."""
    ask("sync")
    assert ask("sync", "--dry-run")["schools"][0]["would_send"] == []


def test_feeds_and_days_are_chosen(home, roster, ask, run):
    """Only the feed that was asked for, over the days that were asked for."""
    words = ("--feed", "roster", "--from", "2026-10-01", "--to", "05.10.2026")
    (feed,) = ask("sync", *words)["schools"][0]["feeds"]
    assert (feed["from"], feed["to"]) == ("2026-10-01", "2026-10-05")
    assert run("sync", "--from", "2026-10-02", "--to", "2026-10-01").exit_code == 2


def test_a_quarantined_record_ends_with_exit_3(home, roster, page, ask):
    """One broken record is quarantined, its neighbours go on."""
    page("marks", "marks", records.mark(), records.broken_mark(column=1))
    assert ask("sync", code=3)["exit_code"] == 3


def test_a_journal_that_is_away_ends_with_exit_5(home, run):
    """Every feed fails for one reason: one complaint on stderr."""
    (home / "pages").rmdir()
    result = run("sync", "--feed", "roster", "--feed", "marks")
    assert result.exit_code == 5
    assert "EJ-201" in result.stderr


def test_a_mass_change_ends_with_exit_7(home, page, ask):
    """Half of a class's lessons vanish at once: held for approval."""
    days = [date(2026, 11, day) for day in (16, 17, 18)]
    week = [records.lesson(number, day=day) for day in days for number in range(1, 21)]
    page("roster", "roster", records.school_class(), kinds=KINDS, owners=[SCHOOL])
    page("lessons", "timetable", *week, kinds=["lesson"], owners=["class:10А"])
    ask("sync")
    page("lessons", "timetable", *week[:10], kinds=["lesson"], owners=["class:10А"])
    assert ask("sync", code=7)["exit_code"] == 7


def test_a_rehearsal_shows_what_a_new_diary_would_get(home, roster, ask):
    """A diary added later would be sent all that is known."""
    ask("sync")
    settings = home / "ejsync.toml"
    more = '[[schools.sinks]]\ntype = "dryrun"\nname = "late"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    rows = ask("sync", "--dry-run")["schools"][0]["would_send"]
    assert {(row["sink"], row["kind"]): row["records"] for row in rows} == {
        ("late", "school_class"): 1,
        ("late", "teacher"): 1,
    }


@pytest.fixture
def marks(page):
    """A journal with marks of a pupil."""
    page("marks", "marks", records.mark(), kinds=["mark", "absence"], owners=["pupil:1001"])


def orders(home):
    """What is ordered and not read yet."""
    store = sealed_store(home / "state/ejsync.db", VirtualClock())
    with store.read("school-7") as tx:
        found = [(order.feed, str(order.days)) for order in tx.readings.orders()]
    store.close()
    return found


def test_days_by_order_are_read_and_the_order_is_done(home, roster, marks, ask):
    """With --from and --to those days are read, and what every cycle reads before them; nothing stays ordered."""
    (school,) = ask("sync", "--from", "2026-10-01", "--to", "2026-10-05")["schools"]
    assert "substitutions" not in {feed["feed"] for feed in school["feeds"]}
    assert {(feed["from"], feed["to"]) for feed in school["feeds"]} == {("2026-10-01", "2026-10-05")}
    assert orders(home) == []
    feeds = {feed["feed"]: feed for feed in ask("status")["schools"][0]["feeds"]}
    assert feeds["roster"]["read_at"] is not None


def test_beside_a_running_instance_days_are_left_to_it_as_an_order(home, roster, marks, ask, run):
    """Nothing is read twice side by side: the days are ordered, and the next cycle of whoever works reads them."""
    running = sealed_store(home / "state/ejsync.db", VirtualClock())
    running.acquire()
    try:
        words = ("sync", "--feed", "marks", "--from", "2026-10-01", "--to", "2026-10-05")
        assert ask(*words) == {"ok": True, "exit_code": 0, "ordered": True, "schools": []}
        assert "The instance that is running reads these days" in run(*words).stdout
        assert run("sync").exit_code == 10
    finally:
        running.release()
        running.close()
    assert orders(home) == [("marks", "2026-10-01..2026-10-05")]
    ask("sync")
    assert orders(home) == []


def test_a_rehearsal_of_days_orders_nothing(home, roster, marks, ask):
    """What is tried out on a copy leaves no order behind."""
    ask("sync")
    ask("sync", "--dry-run", "--from", "2026-10-01", "--to", "2026-10-05")
    assert orders(home) == []


@pytest.mark.parametrize(
    ("words", "days"),
    [
        (("--from", "2026-10-01"), "2026-10-01..2026-11-16"),
        (("--to", "2026-10-05"), "2026-09-01..2026-10-05"),
        (("--to", "2026-08-05"), "2025-09-01..2026-08-05"),
        (("--from", "2026-12-01"), "2026-12-01..2026-12-01"),
    ],
)
def test_an_end_that_is_not_named_is_the_school_year_s_or_today(words, days):
    """Without --from the days begin on 1 September, without --to they end today, or where they begin."""
    first, last = (dict(zip(words[::2], words[1::2], strict=True)).get(name) for name in ("--from", "--to"))
    asked = Asked(first=first and datetime.fromisoformat(first), last=last and datetime.fromisoformat(last))
    assert str(asked.days(date(2026, 11, 16))) == days
