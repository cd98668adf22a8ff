"""Deeds on many batches: one after another, interruptible, and what is left is said."""

import os
import signal
from types import SimpleNamespace

import pytest

from ejsync.cli.batch_by_batch import Done, carry_out, tell_left
from ejsync.cli.batch_choice import Asked, When
from ejsync.errors import IllegalTransition

BATCHES = [(None, SimpleNamespace(batch=f"b{number}")) for number in range(5)]


def test_ctrl_c_ends_after_the_batch_under_way():
    """The third deed is finished, the fourth not begun; the exit code is that of an interruption."""
    begun, before = [], signal.getsignal(signal.SIGINT)

    def deed(_wiring, row):
        begun.append(row.batch)
        if row.batch == "b2":
            os.kill(os.getpid(), signal.SIGINT)
        return row.batch

    done = carry_out(BATCHES, deed, "", strictly=False)
    assert [result for _, result in done.results] == begun == ["b0", "b1", "b2"]
    assert [row.batch for row in done.left] == ["b3", "b4"]
    assert (done.exit_code, done.document()["left"]) == (130, 2)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def at_a_terminal():
    """Ctrl-C reaches the program, even where the tests run behind a shell that ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("at_a_terminal")
def test_a_second_ctrl_c_ends_at_once():
    """What is under way then is not finished, and Python's own handler stands again."""

    def deed(_wiring, _row):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        carry_out(BATCHES, deed, "", strictly=False)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_was_decided_about_meanwhile_is_passed_over_unless_it_was_named():
    """Of a choice the others go on; a named batch is refused aloud."""

    def deed(_wiring, row):
        if row.batch == "b1":
            raise IllegalTransition(batch=row.batch, current="in_flight", wanted="discarded")

    done = carry_out(BATCHES, deed, "", strictly=False)
    assert (len(done.results), done.passed_over, done.exit_code) == (4, 1, 0)
    with pytest.raises(IllegalTransition):
        carry_out(BATCHES, deed, "", strictly=True)


@pytest.mark.parametrize(
    ("named", "command"),
    [
        (False, "→ ejsync batches replay --school lyceum --sink 'e d' --kind mark --since 2h --state dead"),
        (True, "→ ejsync batches replay --school lyceum b3 b4"),
    ],
)
def test_the_command_to_go_on_is_told(named, command, capsys, monkeypatch):
    """How many are done and left, and the same choice once more, or the ids that are left."""
    monkeypatch.setenv("LANGUAGE", "en")
    done = Done(results=[(None, None)] * 3, left=[row for _, row in BATCHES[3:]], passed_over=1)
    asked = Asked(sink="e d", kind="mark", since=When("2h"), states=("dead",))
    tell_left(done, "replay", asked, named=named, more=["--school", "lyceum"])
    passed, sentence, told = capsys.readouterr().err.splitlines()
    assert "1 batches were passed over" in passed
    assert sentence == "Stopped: 3 batches are done, 2 are left. To go on:"
    assert told == command


def test_of_what_was_done_whole_nothing_is_said(capsys):
    """Nothing left, nothing passed over, nothing on stderr."""
    tell_left(Done(results=[(None, None)]), "replay", Asked(), named=False)
    assert capsys.readouterr().err == ""
