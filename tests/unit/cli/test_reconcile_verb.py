"""`reconcile`: what differs, what it means, and the exit code."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from ejsync.cli.desk import Desk
from ejsync.domain.comparing import SILENT
from ejsync.domain.records import Feed
from tests.doubles.records import homework, homeworks, mark, marks, pupil, roster
from tests.doubles.sink import Holding
from tests.doubles.world import STRICT

FIRST, SECOND = mark(), mark(column=1)


@pytest.fixture
def taught(world, monkeypatch):
    """A pupil with two marks at the diary, behind the command line of this process."""
    world.read(roster(pupil()), feed=Feed.ROSTER)
    world.consent("1001")
    world.read(marks(["1001"], FIRST, SECOND))
    world.deliver()
    world.clock.move(hours=1)

    @contextmanager
    def opened(_desk, **_how):
        yield SimpleNamespace(school=lambda _name: [world.wiring], store=world.store)

    monkeypatch.setattr(Desk, "exchange", opened)
    return world


def test_a_diary_that_holds_what_it_should_is_well(taught, run):
    """Equal sides end with exit 0 and one sentence."""
    result = run("reconcile")
    assert result.exit_code == 0, result.output
    assert "The diary holds what it should." in result.stdout


def test_differences_are_shown_with_their_signs_and_left(taught, run, ask):
    """Each sign stands with its kind, its key and both versions; exit 3 while anything is left."""
    del taught.ed.held["mark", FIRST.key]
    taught.ed.held["mark", "zz"] = Holding(4, "c" * 32, {"raw": "5"})
    told = ask("reconcile", code=3)
    [diary] = told["diaries"]
    assert diary["kinds"]["mark"] == {"=": 1, "-": 1, "+": 1}
    assert diary["differences"] == [
        {"sign": "-", "kind": "mark", "key": FIRST.key, "here": 1, "there": None},
        {"sign": "+", "kind": "mark", "key": "zz", "here": None, "there": 4},
    ]
    shown = run("reconcile").stdout
    assert "1 record there was never ours" in shown
    assert "2 differences are left." in shown
    assert "ejsync reconcile --repair" in shown


def test_a_repair_queues_and_is_well(taught, run):
    """What is missing is queued, nothing is left, and who sends it is named."""
    del taught.ed.held["mark", FIRST.key]
    result = run("reconcile", "--repair")
    assert (result.exit_code, taught.waiting()) == (0, {"ed": 1})
    assert "1 change is queued." in result.stdout
    assert "ejsync sync" in result.stdout


def test_all_and_kind_choose_what_is_asked(taught, run):
    """--all --kind asks for the keys of that kind, whatever the digests say, and no other."""
    assert run("reconcile", "--all", "--kind", "mark").exit_code == 0
    assert taught.ed.reads == [("digest", None), ("records", "mark")]


def test_a_diary_that_is_away_is_temporary(taught, run, ask):
    """Exit 5, with code and cause, and no word that all is well."""
    taught.ed.unread = "HTTP 503"
    assert ask("reconcile", code=5)["diaries"][0]["error"]["code"] == "EJ-406"
    result = run("reconcile")
    assert "EJ-406" in result.stderr
    assert "holds what it should" not in result.stdout


def test_a_diary_that_cannot_be_read_back_is_said_plainly(taught, run, monkeypatch):
    """Nothing is claimed to be the same where nothing could be asked."""
    monkeypatch.setattr(taught.ed, "digest", lambda _school, _kinds: SILENT)
    result = run("reconcile")
    assert (result.exit_code, "cannot be read back" in result.stdout) == (0, True)
    assert "holds what it should" not in result.stdout


def test_a_mass_of_retractions_is_held(taught, run):
    """Exit 7, and the command that shows what waits."""
    tasks = [homework(index=str(number)) for number in range(1, 7)]
    taught.read(homeworks(["10А"], *tasks), feed=Feed.HOMEWORK)
    taught.deliver()
    backup = taught.ed.snapshot()
    taught.read(homeworks(["10А"], believable=True), feed=Feed.HOMEWORK)
    taught.deliver()
    taught.clock.move(minutes=1)
    taught.ed.restore(backup)
    taught.guarded(STRICT)
    result = run("reconcile", "--repair")
    assert result.exit_code == 7, result.output
    assert "6 retractions wait for approval" in result.stdout
    assert "ejsync batches list --state held" in result.stdout


def test_keys_are_shown_up_to_a_limit(taught, run):
    """Counts are of all, keys of some."""
    del taught.ed.held["mark", FIRST.key], taught.ed.held["mark", SECOND.key]
    shown = run("reconcile", "--limit", "1").stdout
    assert (FIRST.key in shown, SECOND.key in shown, "2 differences" in shown) == (True, False, True)


def test_what_is_under_way_is_told_as_no_difference(taught, run):
    """A change that waits explains itself."""
    taught.read(marks(["1001"], mark(raw="2"), SECOND))
    del taught.ed.held["mark", FIRST.key]
    result = run("reconcile")
    assert (result.exit_code, "1 record is under way" in result.stdout) == (0, True)


def test_an_unknown_diary_is_no_silence(taught, run):
    """--sink of nobody is EJ-802."""
    result = run("reconcile", "--sink", "none")
    assert (result.exit_code, "EJ-802" in result.stderr) == (2, True)


def test_an_unreadable_version_is_a_question_mark(taught, run):
    """What could not be read is shown as that."""
    taught.ed.garbled["mark", FIRST.key] = (FIRST.key, None, None)
    shown = run("reconcile", "--all").stdout
    assert any(line.split()[:4] == ["!", "mark", "1", "?"] for line in shown.splitlines())
