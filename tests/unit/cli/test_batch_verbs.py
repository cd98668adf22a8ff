"""`batches`: looked at, sent again, decided about."""


def test_the_list_may_be_narrowed(lived, ask):
    """State, dead letters, sink and limit each narrow the list."""
    assert [row["batch"] for row in ask("batches", "list", "--state", "held")["batches"]] == [lived.held_batch]
    assert [row["batch"] for row in ask("batches", "list", "--dead")["batches"]] == [lived.dead_batch]
    assert ask("batches", "list", "--sink", "other")["batches"] == []
    assert len(ask("batches", "list", "--limit", "1")["batches"]) == 1


def test_the_table_fits_a_terminal(lived, run):
    """Ids are shortened: no line is wider than eighty columns."""
    result = run("batches", "list")
    assert lived.dead_batch[:8] in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_nothing_is_said_in_words(home, run):
    """An empty list says that there is none."""
    assert "None." in run("batches", "list").stdout


def test_one_batch_shows_answers_and_no_content(lived, ask, run):
    """Items come with key, version and answer, and nothing of their payload."""
    whole = ask("batches", "show", lived.dead_batch[:8])
    (dead,) = [item for item in whole["contents"] if item["state"] == "dead"]
    assert (dead["kind"], dead["code"]) == ("mark", "poison")
    assert "data" not in dead
    assert "Тестова" not in run("batches", "show", lived.dead_batch).stdout


def test_a_held_batch_shows_what_waits_in_it(lived, ask):
    """The changes that wait for approval are listed though they were never sent."""
    whole = ask("batches", "show", lived.held_batch)
    assert {item["state"] for item in whole["contents"]} == {"held"}
    assert len(whole["contents"]) == 5


def test_an_unknown_batch_is_named(lived, run):
    """EJ-802 names it and says where to look."""
    result = run("batches", "show", "ffff")
    assert result.exit_code == 2
    assert "EJ-802" in result.stderr
    assert "→ ejsync batches list" in result.stderr


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
    assert ask("status")["schools"][0]["sinks"][0]["waiting"] == 5
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
    assert "1 item" in run("batches", "discard", lived.dead_batch, "--yes").stdout
    assert ask("batches", "list", "--dead")["batches"] == []
