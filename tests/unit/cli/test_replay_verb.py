"""`batches replay`: a plan, a question, and dead letters that go again once."""

import pytest

from ejsync.domain.consent import Decision
from tests.doubles.records import mark, marks
from tests.doubles.world import World


def test_dead_letters_go_again_once(lived, ask):
    """A replay makes a new batch; a second one finds nothing dead."""
    (first,) = ask("batches", "replay", "--all-dead", "--yes")["replays"]
    assert (first["of"], first["sent"]) == (lived.dead_batch, 1)
    assert ask("batches", "replay", "--all-dead", "--yes")["replays"] == []
    assert ask("batches", "replay", lived.dead_batch[:8], "--yes")["replays"][0]["sent"] == 0


@pytest.mark.parametrize("words", [(), ("x", "--all-dead")])
def test_replay_wants_to_know_which(home, run, words):
    """Neither batches nor a choice, or batches and all of them, is a wrong use."""
    assert run("batches", "replay", *words).exit_code == 2


@pytest.mark.parametrize("asked", [("--reason", "poison"), ("--kind", "mark"), ("--since", "2026-11-16")])
def test_a_choice_needs_no_ids(lived, ask, asked):
    """Reason, kind or time alone say what goes again."""
    assert [one["of"] for one in ask("batches", "replay", *asked, "--yes")["replays"]] == [lived.dead_batch]


@pytest.mark.parametrize("asked", [("--reason", "no-such"), ("--kind", "lesson"), ("--until", "2026-11-15")])
def test_what_is_not_chosen_stays_dead(lived, ask, asked):
    """A choice that fits nothing does nothing; nor does it to the items of a batch that is named."""
    assert ask("batches", "replay", *asked, "--yes")["replays"] == []
    assert len(ask("batches", "list", "--dead")["batches"]) == 1


def test_a_dry_run_shows_the_plan_and_does_nothing(lived, ask, run):
    """Batches, and items by kind, reason and fate; the dead letter is dead as before."""
    fates = {"sent": 1, "superseded": 0, "withheld": 0, "held": 0}
    place = {"school": "school-7", "sink": "ed", "kind": "mark", "reason": "poison"}
    for words in (("--all-dead",), (lived.dead_batch[:8],)):
        plan = ask("batches", "replay", *words, "--dry-run")["plan"]
        assert plan == {"batches": 1, "items": [place | fates]}
    text = run("batches", "replay", "--all-dead", "--dry-run").stdout
    assert "Batches with dead letters: 1" in text
    assert len(ask("batches", "list", "--dead")["batches"]) == 1


def test_a_plan_tells_what_will_not_go(lived, ask):
    """Edited meanwhile, a dead letter is superseded; without consent it is withheld."""
    world = World(lived.home / "state", seed=1)
    world.read(marks(["1001"], mark(), mark(column=1, raw="2")))
    world.close()
    (place,) = ask("batches", "replay", "--all-dead", "--dry-run")["plan"]["items"]
    assert (place["sent"], place["superseded"]) == (0, 1)
    world = World(lived.home / "state", seed=1)
    world.consent("1001", decision=Decision.REFUSED)
    world.close()
    (place,) = ask("batches", "replay", "--all-dead", "--dry-run")["plan"]["items"]
    assert (place["superseded"], place["withheld"]) == (0, 1)


def test_it_asks_on_a_terminal_and_wants_yes_in_a_pipe(lived, run, ask, monkeypatch):
    """The question counts what goes; a no leaves all as it was; where nobody can be asked nothing is done."""
    assert run("batches", "replay", "--all-dead").exit_code == 2
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)
    refused = run("batches", "replay", "--all-dead", answer="n\n")
    assert "Send 1 dead letter again?" in refused.stderr
    assert len(ask("batches", "list", "--dead")["batches"]) == 1
    done = run("batches", "replay", "--all-dead", answer="y\n")
    assert "1 dead letter goes again. The running ejsync sends them by itself; without one: ejsync sync" in done.stdout


def test_nothing_to_send_is_said(lived, run):
    """With no dead letters left, by name or by choice."""
    run("batches", "replay", "--all-dead", "--yes")
    for words in ((lived.dead_batch,), ("--all-dead",)):
        again = run("batches", "replay", *words, "--yes").stdout
        assert "There was nothing to send again." in again
        assert "ejsync sync" not in again


def test_a_diary_that_is_gone_from_the_settings_gets_nothing(lived, run, ask):
    """Named, its batch is refused with the next command; chosen, it is not even planned."""
    settings = lived.home / "ejsync.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('name = "ed"', 'name = "new"'), encoding="utf-8")
    refused = run("batches", "replay", lived.dead_batch, "--yes")
    assert (refused.exit_code, "ejsync config show" in refused.stderr) == (2, True)
    assert ask("batches", "replay", "--all-dead", "--dry-run")["plan"] == {"batches": 0, "items": []}
