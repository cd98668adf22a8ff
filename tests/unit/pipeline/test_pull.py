"""pull: outcomes in the order of the plan, errors in the place of pages."""

from dataclasses import replace

from ejsync.domain.records import Feed
from ejsync.errors import SourceForbidden, SourceUnavailable
from ejsync.pipeline.pull import pull
from ejsync.runtime import PoolExecutor
from tests.doubles.records import mark, marks


def test_outcomes_come_in_order_and_an_error_stands_where_it_happened(world):
    """A failed window yields its error; those after it are read all the same."""
    error = SourceUnavailable(host="journal", method="getmarks", reason="HTML")
    reading = marks(["1001"], mark())
    world.source.script(Feed.MARKS, reading, error, reading)
    windows = [window for window, _ in world.source.answers[Feed.MARKS]]
    outcomes = list(pull(world.wiring, windows))
    assert [pulled.window for pulled in outcomes] == windows
    assert outcomes[1].outcome is error
    assert [pulled.outcome.payload for pulled in outcomes[::2]] == [reading, reading]


def test_reads_side_by_side_keep_the_order(world):
    """With a pool of threads the outcomes are the same as one after another."""
    error = SourceForbidden(host="journal", account="a", method="getmarks")
    world.source.script(Feed.MARKS, *([marks(["1001"], mark()), error] * 10))
    windows = [window for window, _ in world.source.answers[Feed.MARKS]]
    pool = PoolExecutor(4)
    outcomes = list(pull(replace(world.wiring, executor=pool), windows))
    pool.close()
    assert [pulled.window for pulled in outcomes] == windows
    assert [pulled.outcome is error for pulled in outcomes] == [False, True] * 10


def test_an_unforeseen_error_fails_its_window_by_name_and_those_after_it_are_read(world):
    """A bug in one read is told by its class alone, with its cause behind it, and stops no other window."""
    bug = KeyError("Тестова")
    reading = marks(["1001"], mark())
    world.source.script(Feed.MARKS, bug, reading)
    windows = [window for window, _ in world.source.answers[Feed.MARKS]]
    failed, well = (pulled.outcome for pulled in pull(world.wiring, windows))
    assert failed.facts() == {"feed": "marks", "window": windows[0].label(), "reason": "KeyError"}
    assert failed.__cause__ is bug
    assert well.payload == reading
