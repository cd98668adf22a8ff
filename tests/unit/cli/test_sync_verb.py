"""`sync`: one cycle, or its rehearsal."""

from datetime import date

import pytest

from ejsync.domain.records import SCHOOL
from tests.doubles import records

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


def test_one_day_asked_for_does_not_make_a_feed_look_read(home, roster, page, ask):
    """A read of a single day leaves the last good time of a feed with days as it was."""
    ask("sync", "--feed", "roster")
    ask("sync", "--feed", "timetable", "--from", "2026-10-01", "--to", "2026-10-01")
    feeds = {feed["feed"]: feed for feed in ask("status")["schools"][0]["feeds"]}
    assert feeds["roster"]["read_at"] is not None
    assert feeds["timetable"]["read_at"] is None
