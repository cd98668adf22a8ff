"""pull: outcomes in the order of the plan, errors in the place of pages, groups without answer in halves."""

from dataclasses import replace
from math import ceil, log2

import pytest

from ejsync.domain.records import Feed, owner_pupil
from ejsync.domain.windows import Page, Window
from ejsync.errors import ContractViolation, SourceForbidden, SourceOversized, SourceThrottled, SourceUnavailable
from ejsync.pipeline.pull import pull
from ejsync.runtime import PoolExecutor
from tests.doubles.records import mark, marks
from tests.doubles.source import DutifulSource

AWAY = SourceUnavailable(host="journal", method="getmarks", reason="no answer in time")
LARGE = SourceOversized(host="journal", method="getmarks", reason="too large")


def scripted(world, *answers):
    """Let the journal answer so; return the windows."""
    world.source.script(Feed.MARKS, *answers)
    return [window for window, _ in world.source.answers[Feed.MARKS]]


def test_outcomes_come_in_order_and_an_error_stands_where_it_happened(world):
    """A failed window yields its error; those after it are read all the same."""
    reading = marks(["1001"], mark())
    windows = scripted(world, reading, AWAY, reading)
    outcomes = list(pull(world.wiring, windows, {}))
    assert [pulled.window for pulled in outcomes] == windows
    assert [pulled.done for pulled in outcomes] == [1, 2, 3]
    assert outcomes[1].outcome is AWAY
    assert [pulled.outcome.payload for pulled in outcomes[::2]] == [reading, reading]


def test_reads_side_by_side_keep_the_order(world):
    """With a pool of threads the outcomes are the same as one after another."""
    error = SourceForbidden(host="journal", account="a", method="getmarks")
    windows = scripted(world, *([marks(["1001"], mark()), error] * 10))
    world.source.at_once = 4
    pool = PoolExecutor(4)
    outcomes = list(pull(replace(world.wiring, executor=pool), windows, {}))
    pool.close()
    assert [pulled.window for pulled in outcomes] == windows
    assert [pulled.outcome is error for pulled in outcomes] == [False, True] * 10


def test_an_unforeseen_error_fails_its_window_by_name_and_those_after_it_are_read(world):
    """A bug in one read is told by its class alone, with its cause behind it, and stops no other window."""
    bug = KeyError("Тестова")
    reading = marks(["1001"], mark())
    windows = scripted(world, bug, reading)
    failed, well = (pulled.outcome for pulled in pull(world.wiring, windows, {}))
    assert failed.facts() == {"feed": "marks", "window": windows[0].label(), "reason": "KeyError"}
    assert failed.__cause__ is bug
    assert well.payload == reading


def test_an_answer_is_as_old_as_its_question(world, monkeypatch):
    """However long an answer takes, its days are as fresh as the moment at which it was asked for."""
    windows, before = scripted(world, marks(["1001"])), world.clock.now()
    fetch = world.source.fetch
    monkeypatch.setattr(world.source, "fetch", lambda *asked: world.clock.move(minutes=3) or fetch(*asked))
    (pulled,) = pull(world.wiring, windows, {})
    assert pulled.asked_at == before


def test_the_source_is_told_the_digest_that_is_known_of_a_window(world, monkeypatch):
    """Of each window its own digest, and nothing where none is known."""
    windows, told = scripted(world, marks(["1001"]), marks(["1002"])), []
    windows = [replace(window, pupils=(str(number),)) for number, window in enumerate(windows)]
    monkeypatch.setattr(world.source, "fetch", lambda window, known: told.append(known) or Page(window, None))
    list(pull(world.wiring, windows, {windows[1].key(): "abc"}))
    assert told == ["", "abc"]


@pytest.fixture
def journal(world):
    """A journal in which single pupils can be poisoned."""
    source = DutifulSource()
    return source, replace(world.wiring, source=source)


def group(size, first=0, **more):
    """A window of so many pupils."""
    pupils = tuple(str(number) for number in range(first, first + size))
    return Window(
        Feed.ROSTER, f"#{first}", "getmarks", "a", None, (), pupils, owners=tuple(map(owner_pupil, pupils)), **more
    )


@pytest.mark.parametrize("size", [2, 3, 7, 16, 25, 33])
@pytest.mark.parametrize("error", [AWAY, LARGE])
def test_one_pupil_who_cannot_be_read_is_found_in_few_reads(journal, size, error):
    """Of n pupils the others are all read with at most 2·⌈log₂ n⌉ further requests, and he alone is left without."""
    for poisoned in range(size):
        source, wiring = journal
        source.poisoned, source.fetched = {str(poisoned): error}, []
        outcomes = list(pull(wiring, [group(size)], {}))
        assert len(source.fetched) - 1 <= 2 * ceil(log2(size))
        assert [one.window.pupils for one in outcomes if one.outcome is error] == [(str(poisoned),)]
        assert sorted(int(who) for one in outcomes for who in one.window.pupils) == list(range(size))


def test_what_was_answered_comes_before_what_was_not(journal):
    """Of two halves the one with an answer is told first, so that whoever stops there has taken something in."""
    source, wiring = journal
    source.poisoned = {"0": AWAY}
    outcomes = list(pull(wiring, [group(8)], {}))
    assert [one.window.pupils[0] for one in outcomes] == ["4", "2", "1", "0"]
    assert [one.done for one in outcomes] == [0, 0, 0, 1]


def test_a_host_that_is_gone_is_not_pressed(journal):
    """Where both halves of the first group get no answer either, no group is cut any more: two requests in all."""
    source, wiring = journal
    source.poisoned = {str(number): AWAY for number in range(100)}
    outcomes = list(pull(wiring, [group(25, first) for first in (0, 25, 50, 75)], {}))
    assert len(source.fetched) == 4 + 2
    assert [one.outcome for one in outcomes] == [AWAY] * 5
    assert [one.done for one in outcomes] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "error",
    [
        SourceThrottled(host="journal", method="getmarks", reason="HTTP 429", retry_after_s=9.0),
        SourceForbidden(host="journal", account="a", method="getmarks"),
        ContractViolation(contract="eljur/v1/getmarks", pointers=("/x",)),
    ],
)
def test_what_a_smaller_question_would_not_help_is_not_cut(journal, error):
    """Whoever asks us to wait, refuses us or answers nonsense is not asked again."""
    source, wiring = journal
    source.poisoned = {"3": error}
    (failed,) = pull(wiring, [group(8)], {})
    assert failed.outcome is error
    assert len(source.fetched) == 1


def test_a_window_counts_as_done_with_its_last_part_only(journal):
    """Whoever stops in the midst of a group knows that the group is not done, and what is not taken is not asked."""
    source, wiring = journal
    source.poisoned = {"7": AWAY}
    outcomes = pull(wiring, [group(8), group(2, 8)], {})
    first = next(outcomes)
    assert (first.window.pupils, first.done) == (("0", "1", "2", "3"), 0)
    assert len(source.fetched) == 3
    assert [one.done for one in outcomes] == [0, 0, 1, 2]


def test_what_a_consumer_does_not_take_is_not_asked_for(journal):
    """Told to stop, pull asks for nothing more."""
    source, wiring = journal
    outcomes = pull(wiring, [group(2, first) for first in range(0, 20, 2)], {})
    next(outcomes)
    outcomes.close()
    assert len(source.fetched) == 1
