"""What operators decide: dead letters go again or are given up, held changes are sent or given up."""

import pytest

from ejsync.cli.decision_verbs import place_of


def test_dead_letters_go_again_once(lived, ask):
    """A replay makes a new batch; a second one finds nothing dead."""
    (first,) = ask("batches", "replay", "--all-dead")["replays"]
    assert (first["of"], first["sent"]) == (lived.dead_batch, 1)
    assert ask("batches", "replay", "--all-dead")["replays"] == []
    assert ask("batches", "replay", lived.dead_batch[:8])["replays"][0]["sent"] == 0


def test_replay_wants_to_know_which(lived, run):
    """Neither batches nor --all-dead, or both, is a wrong use; a table answers a right one."""
    assert run("batches", "replay").exit_code == 2
    assert run("batches", "replay", "x", "--all-dead").exit_code == 2
    assert "ejsync sync" in run("batches", "replay", "--all-dead").stdout


def test_a_held_batch_is_approved_once(lived, run, ask):
    """Approved, the changes are free; a second approval is an illegal transition with a next command."""
    assert run("batches", "approve", lived.held_batch[:8], "--yes").exit_code == 0
    assert ask("status")["schools"][0]["sinks"][0]["waiting"] == 10
    again = run("batches", "approve", lived.held_batch, "--yes")
    assert again.exit_code == 2
    assert "EJ-504" in again.stderr


def test_in_a_pipe_a_decision_needs_yes(lived, run):
    """Where nobody can be asked nothing is decided."""
    assert "--yes" in run("batches", "discard", lived.held_batch).stderr
    assert run("batches", "approve", lived.held_batch).exit_code == 2


def test_a_no_changes_nothing(lived, run, ask, monkeypatch):
    """Asked on a terminal and refused, the batch stays as it was."""
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)
    result = run("batches", "discard", lived.dead_batch, answer="n\n")
    assert "Nothing was done." in result.stderr
    assert len(ask("batches", "list", "--dead")["batches"]) == 1


def test_dead_letters_are_given_up(lived, run, ask):
    """Discarded, they are no longer listed as dead."""
    done = run("batches", "discard", lived.dead_batch, "--yes").stdout
    assert "1 item given up; the diary “ed” keeps what it has" in done
    assert ask("batches", "list", "--dead")["batches"] == []


@pytest.fixture
def terminal(monkeypatch):
    """Somebody sits at the terminal."""
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)


def test_the_question_of_approval_says_direction_what_and_where(lived, run, terminal):
    """How many changes go to which diary, what is retracted and what written there, and of which reading."""
    asked = run("batches", "approve", lived.held_batch, answer="n\n").stderr
    assert "Send 10 held changes to the diary “ed”? Retracted there: lesson 5 (timetable" in asked
    assert "Written there: lesson change 5 (timetable" in asked


def test_the_question_of_discard_says_its_consequence(lived, run, terminal):
    """The diary keeps what it has, of held changes and of dead letters."""
    held = run("batches", "discard", lived.held_batch, answer="n\n").stderr
    dead = run("batches", "discard", lived.dead_batch, answer="n\n").stderr
    assert "Give up 10 held changes (timetable" in held
    assert "Give up 1 dead letter?" in dead
    assert held.count("keeps what it has") == dead.count("keeps what it has") == 1


def test_what_cannot_be_decided_is_not_asked_about(lived, run, terminal):
    """A batch that is not held is refused before any question; so is one without dead letters."""
    assert "EJ-504" in run("batches", "approve", lived.dead_batch).stderr
    run("batches", "replay", lived.dead_batch)
    assert "EJ-504" in run("batches", "discard", lived.dead_batch).stderr


def test_what_was_decided_and_who_sends_it_is_said(lived, run):
    """An approval names what is free to go and who sends it; a replay without anything to send says so."""
    done = run("batches", "approve", lived.held_batch, "--yes").stdout
    assert "10 changes are free to go to the diary “ed”" in done
    assert "without one: ejsync sync" in done
    assert "without one: ejsync sync" in run("batches", "replay", lived.dead_batch).stdout
    for words in ((lived.dead_batch,), ("--all-dead",)):
        again = run("batches", "replay", *words).stdout
        assert "There was nothing to send again." in again
        assert "ejsync sync" not in again


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        ("timetable/getschedule/5А/2026-11-23..2026-12-06: retract lesson", "timetable 5А, 2026-11-23..2026-12-06"),
        ("roster/getrules/all: retract pupil", "roster all"),
        ("changes", "changes"),
    ],
)
def test_the_place_is_feed_class_and_days(reason, place):
    """Out of the reason of a held batch, without the journal's method."""
    assert place_of(reason) == place
