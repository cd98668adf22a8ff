"""`source coverage`: what is read by whom, what by nobody, what was lost, and what to ask for."""

from datetime import UTC, date, datetime

import pytest

from ejsync.domain.reads import Read
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Plan, Uncovered, Window
from ejsync.errors import SourceAuthFailed
from tests.doubles.clock import VirtualClock
from tests.doubles.source import ScriptedSource
from tests.doubles.vault import sealed_store

READ_AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
DIARY = Window(Feed.DIARY, "10А#1", "getdiary", "bridge", classes=("10А",), pupils=("1001",))
BY_CLASS = Uncovered("getschedule", "10А", ("class:10А",))


def by_pupil(*pupils, method="getmarks"):
    """Pupils whom nobody may read."""
    return Uncovered(method, "10А", tuple(f"pupil:{pupil}" for pupil in pupils))


class Partial(ScriptedSource):
    """A journal with rights of its own for each feed; counts how often it was asked anew."""

    def __init__(self):
        super().__init__()
        self.plans, self.renewed = {}, 0

    def renew(self):
        """Count."""
        self.renewed += 1

    def plan(self, feed, due, roster):
        """What was set for the feed."""
        return self.plans.get(feed, Plan(()))


@pytest.fixture
def journal(lived, monkeypatch):
    """Stand in for the journal of the school that lived."""
    source = Partial()
    monkeypatch.setattr("ejsync.bootstrap.open_source", lambda *_: source)
    return source


def was_read(lived, *owners):
    """Remember that marks of these owners were read."""
    store = sealed_store(lived.home / "state" / "ejsync.db", VirtualClock())
    with store.begin("school-7") as tx:
        tx.readings.note(Feed.MARKS, owners, Read(Days(date(2026, 9, 1), date(2026, 9, 2)), READ_AT))
    store.close()


def told(ask):
    """The one school of the document."""
    (school,) = ask("source", "coverage")["schools"]
    return school


def test_rights_are_asked_for_anew(journal, ask):
    """Nothing remembered within the hour hides a right that went a minute ago."""
    told(ask)
    assert journal.renewed == 1


def test_all_is_covered(journal, run):
    """Where there is no gap it says so, and asks the school for nothing."""
    shown = run("source", "coverage").stdout
    assert "Every read of 2 pupils is covered." in shown
    assert "Ask the school" not in shown


def test_a_gap_by_class_is_one_of_all_its_pupils(journal, ask):
    """A class whose timetable nobody may read is missing with every pupil of it."""
    journal.plans[Feed.TIMETABLE] = Plan((), (BY_CLASS,))
    (gap,) = told(ask)["gaps"]
    assert (gap["class"], gap["missing_pupils"], gap["pupils"], gap["lost_pupils"]) == ("10А", 2, 2, 0)
    (wanted,) = told(ask)["ask_for"]
    assert wanted.startswith("getschedule for the classes 10А")


def test_a_lost_right_is_told_apart_from_one_never_had(journal, lived, ask, run):
    """Of two pupils whom nobody may read, the one who was read before counts as lost, with the instant."""
    was_read(lived, "pupil:1001")
    journal.plans[Feed.MARKS] = Plan((), (by_pupil("1001", "1002"),))
    (gap,) = told(ask)["gaps"]
    assert (gap["missing_pupils"], gap["lost_pupils"], gap["last_read_at"]) == (2, 1, "2026-11-16T08:00:00Z")
    shown = run("source", "coverage").stdout
    assert "2026-11-16 11:00" in shown
    assert "grows old" in shown


def test_what_was_never_read_was_not_lost(journal, run):
    """A gap without history has no last read and no talk of loss."""
    journal.plans[Feed.MARKS] = Plan((), (by_pupil("1001"),))
    shown = run("source", "coverage").stdout
    assert "1 of 2" in shown
    assert "grows old" not in shown


def test_the_same_pupils_are_asked_for_once(journal, ask):
    """Methods that are wanted of the very same pupils stand in one sentence, others in their own."""
    journal.plans[Feed.MARKS] = Plan((), (by_pupil("1001"),))
    journal.plans[Feed.HOMEWORK] = Plan((), (by_pupil("1001", method="gethomework:student"),))
    journal.plans[Feed.FINALS] = Plan((), (by_pupil("1001", "1002", method="getfinalassessments"),))
    heads = [sentence.partition(":")[0] for sentence in told(ask)["ask_for"]]
    assert sorted(heads) == ["getfinalassessments for 2 pupils of 10А", "gethomework, getmarks for 1 pupil of 10А"]


def test_an_account_is_one_line_whatever_it_reads(journal, ask, run):
    """Reads of one method in several feeds are added up by pupil; the table names an account once."""
    other = Window(Feed.MARKS, "10А#1", "getdiary", "bridge", classes=("10А",), pupils=("1001", "1002"))
    finals = Window(Feed.FINALS, "10А#1", "getfinalassessments", "bridge", classes=("10А",), pupils=("1002",))
    journal.plans = {Feed.DIARY: Plan((DIARY,)), Feed.MARKS: Plan((other,)), Feed.FINALS: Plan((finals,))}
    assert told(ask)["accounts"] == [
        {"account": "bridge", "method": "getdiary", "classes": 1, "pupils": 2},
        {"account": "bridge", "method": "getfinalassessments", "classes": 1, "pupils": 1},
    ]
    assert run("source", "coverage").stdout.count("bridge") == 1


def test_an_account_that_fails_explains_the_gaps(journal, ask, run):
    """Its error stands with the next step, and that its rights are unknown: the school is not blamed alone."""
    journal.failures = {"r2": SourceAuthFailed(host="h", account="r2", reason="wrong password")}
    journal.plans[Feed.MARKS] = Plan((), (by_pupil("1001"),))
    assert [error["code"] for error in told(ask)["failed_accounts"]] == ["EJ-203"]
    shown = run("source", "coverage").stdout
    assert "EJ-203" in shown
    assert "is not known, and counts as read by nobody" in shown


def test_before_the_first_roster_nobody_is_known(home, run, monkeypatch):
    """An empty store leads to the first read of the roster."""
    monkeypatch.setattr("ejsync.bootstrap.open_source", lambda *_: Partial())
    assert "→ ejsync sync --feed roster" in run("source", "coverage").stdout
