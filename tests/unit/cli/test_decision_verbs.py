"""What operators decide: held changes are sent or given up, and so is what a diary will never take."""

import pytest

from tests.doubles.records import mark, marks
from tests.doubles.world import World


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
    run("batches", "discard", lived.dead_batch, "--yes")
    assert "EJ-504" in run("batches", "discard", lived.dead_batch).stderr


def test_what_was_decided_and_who_sends_it_is_said(lived, run):
    """An approval names what is free to go and who sends it."""
    done = run("batches", "approve", lived.held_batch, "--yes").stdout
    assert "10 changes are free to go to the diary “ed”" in done
    assert "without one: ejsync sync" in done


def test_a_choice_of_batches_to_discard_means_dead_letters(lived, ask, run):
    """Held changes are given up by a choice only where it asks for that state; the plan is what is then done."""
    plan = ask("batches", "discard", "--sink", "ed", "--dry-run")["plan"]
    place = {"school": "school-7", "sink": "ed", "what": "dead", "kind": "mark", "reason": "poison", "items": 1}
    assert plan == {"batches": 1, "items": [place]}
    assert "dead letters" in run("batches", "discard", "--sink", "ed", "--dry-run").stdout
    held = ask("batches", "discard", "--state", "held", "--yes")
    assert held["decided"] == [{"batch": lived.held_batch, "sink": "ed", "items": 10}]
    assert len(ask("batches", "list", "--dead")["batches"]) == 1


def test_a_choice_that_finds_nothing_gives_nothing_up(lived, ask, run):
    """Nothing found is said, and is no failure; no choice at all is a wrong use."""
    assert ask("batches", "discard", "--reason", "no-such", "--yes")["decided"] == []
    assert "There is nothing to give up." in run("batches", "discard", "--kind", "homework", "--yes").stdout
    assert run("batches", "discard").exit_code == 2


@pytest.fixture
def stuck(lived):
    """A batch that was tried once and found no diary."""
    world = World(lived.home / "state", seed=1)
    world.ed.faults.append("unavailable")
    world.read(marks(["1001"], mark(), mark(lesson_id="90")))
    world.deliver()
    (pending,) = world.batches("pending")
    world.close()
    return pending.batch


def test_a_batch_that_fails_for_ever_may_be_given_up(stuck, ask, run, terminal):
    """By name or by its state; the question says that nobody knows what the diary has."""
    asked = run("batches", "discard", stuck, answer="n\n")
    assert "1 item that was tried 1 times for the diary “ed” (EJ-" in asked.stderr
    assert "later changes of it are sent" in asked.stderr
    assert "waiting after a failure" in asked.stdout
    assert ask("batches", "discard", "--state", "pending", "--yes")["decided"][0]["items"] == 1
    assert ask("batches", "show", stuck)["state"] == "cancelled"


def test_what_was_tried_and_given_up_is_not_said_to_be_as_it_was(stuck, run):
    """Whether the diary has it, nobody knows."""
    assert "nobody knows" in run("batches", "discard", stuck, "--yes").stdout


def test_many_batches_are_asked_about_and_told_together(lived, run, terminal, monkeypatch):
    """Beyond a few the question and the outcome name totals."""
    monkeypatch.setattr("ejsync.cli.discard_plan.LISTED", 0)
    monkeypatch.setattr("ejsync.cli.decision_verbs.LISTED", 0)
    result = run("batches", "discard", lived.dead_batch, answer="y\n")
    assert "Give up 1 item of 1 batches? The diaries keep what they have." in result.stderr
    assert result.stdout.splitlines()[-1] == "1 item given up"
    done = run("batches", "approve", lived.held_batch, "--yes").stdout
    assert "10 changes are free to go\n" in done


def test_decisions_are_told_as_documents(lived, ask):
    """An approval says how many changes it freed, and what is left."""
    told = ask("batches", "approve", lived.held_batch, "--yes")
    assert told == {
        "ok": True, "done": 1, "left": 0, "passed_over": 0,
        "decided": [{"batch": lived.held_batch, "sink": "ed", "items": 10}],
    }  # fmt: skip
