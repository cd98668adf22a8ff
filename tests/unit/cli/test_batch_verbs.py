"""`batches`: looked at; what is listed is what waits or is left now."""

from collections import Counter

import pytest


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
    """The changes that wait are listed though they were never sent: lessons that went, and what is derived of each."""
    whole = ask("batches", "show", lived.held_batch)
    assert {item["state"] for item in whole["contents"]} == {"held"}
    assert Counter(item["kind"] for item in whole["contents"]) == {"lesson": 5, "lesson_change": 5}


def test_an_unknown_batch_is_named(lived, run):
    """EJ-802 names it and says where to look."""
    result = run("batches", "show", "ffff")
    assert result.exit_code == 2
    assert "EJ-802" in result.stderr
    assert "→ ejsync batches list" in result.stderr


def test_a_held_batch_is_listed_with_what_waits_in_it(lived, ask, run):
    """Its items are the changes that wait for approval; once approved, those that were freed."""
    (held,) = ask("batches", "list", "--state", "held")["batches"]
    assert held["items"] == 10
    run("batches", "approve", lived.held_batch, "--yes")
    assert ask("batches", "list", "--state", "approved")["batches"][0]["items"] == 10


@pytest.mark.parametrize("asked", [("--dead",), ("--state", "dead")])
def test_a_partial_batch_is_dead_until_somebody_decides(lived, ask, asked):
    """Both ways to ask list a batch with dead letters left, and none of which all were sent again."""
    (dead,) = ask("batches", "list", *asked)["batches"]
    assert (dead["batch"], dead["state"], dead["dead_left"]) == (lived.dead_batch, "partial", 1)
    ask("batches", "replay", "--all-dead", "--yes")
    assert ask("batches", "list", *asked)["batches"] == []


def test_dead_batches_may_be_asked_for_among_others(lived, ask):
    """A batch that fits two of the states asked for is listed once."""
    found = [row["batch"] for row in ask("batches", "list", "--state", "dead", "--state", "partial")["batches"]]
    assert found == [lived.dead_batch]


@pytest.mark.parametrize(("verb", "word"), [(("replay", "--yes"), "replayed"), (("discard", "--yes"), "discarded")])
def test_a_batch_without_dead_letters_left_is_named_after_the_decision(lived, run, verb, word):
    """The list calls it replayed or discarded and counts no dead letter."""
    run("batches", *verb, lived.dead_batch)
    (line,) = [line for line in run("batches", "list").stdout.splitlines() if line.startswith(lived.dead_batch[:8])]
    assert word in line
    assert line.split()[4] == "0"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("--kind", "mark"), ["dead"]),
        (("--kind", "lesson_change"), ["held"]),
        (("--reason", "poison"), ["dead"]),
        (("--reason", "no-such"), []),
        (("--since", "1h"), []),
        (("--since", "2026-11-16", "--until", "2026-11-16"), ["held", "dead"]),
        (("--until", "2026-11-15"), []),
        (("--state", "dead", "--state", "held"), ["held", "dead"]),
        (("--dead", "--state", "held"), []),
    ],
)
def test_batches_are_chosen_by_what_is_in_them_and_when_they_were_made(lived, ask, asked, found):
    """Kind and reason look into items and what waits, days are those of the school's calendar, states add up."""
    names = {lived.held_batch: "held", lived.dead_batch: "dead"}
    told = ask("batches", "list", *asked)["batches"]
    assert sorted(names[row["batch"]] for row in told) == sorted(found)


@pytest.mark.parametrize("when", ["yesterday", "2026-13-01", "2w", ""])
def test_a_moment_that_is_none_is_refused(home, run, when):
    """Neither so long ago nor a day: exit 2, with both forms named."""
    result = run("batches", "list", "--since", when)
    assert (result.exit_code, "2h or 3d" in result.stderr) == (2, True)
