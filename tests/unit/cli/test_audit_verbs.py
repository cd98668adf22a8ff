"""`audit`: read and followed."""

import json
import sqlite3

from tests.doubles import records


def test_tail_ends_with_the_newest_entry(lived, ask):
    """The last entries come, oldest first, and no more than were asked for."""
    events = ask("audit", "tail", "-n", "3")["events"]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert len(events) == 3


def test_tail_is_a_table_for_people(lived, run):
    """Without --json people get an aligned table with a head."""
    assert "Event" in run("audit", "tail").stdout.splitlines()[0]


def test_a_pupil_is_followed_by_his_pseudonym(lived, ask, run):
    """The id finds every entry about the pupil, and stands in none of them."""
    told = ask("audit", "show", "--pupil", lived.pupil)["events"]
    assert {"consent.registered", "batch.claimed"} <= {event["event"] for event in told}
    assert f'"{lived.pupil}"' not in json.dumps(told)
    assert "consent.registered" in run("audit", "show", "--pupil", lived.pupil, "--full").stdout
    assert run("audit", "show", "--pupil", "Ivanov").exit_code == 2


def test_a_batch_is_followed_by_the_beginning_of_its_id(lived, ask):
    """Claim and settlement of a batch are found by eight characters of its id."""
    told = ask("audit", "show", lived.dead_batch[:8])["events"]
    assert [event["event"] for event in told] == ["batch.claimed", "batch.settled"]


def test_an_entry_is_found_by_its_number(lived, ask):
    """A number names one entry."""
    assert [event["seq"] for event in ask("audit", "show", "2")["events"]] == [2]


def test_what_is_not_there_is_said(lived, ask, run):
    """An unknown batch ends in code EJ-802; a number and a pupil together, or neither, are a wrong use."""
    assert ask("audit", "show", "ffff-no", code=2)["code"] == "EJ-802"
    assert run("audit", "show").exit_code == 2
    assert run("audit", "show", "2", "--record", "mark:1").exit_code == 2
    assert run("audit", "show", "f").exit_code == 2


def test_one_byte_of_the_details_is_enough(lived, run, ask):
    """A changed byte in an entry's details is EJ-701 with exit 8 in every verb, and no export is left behind."""
    with sqlite3.connect(lived.home / "state" / "ejsync.db") as database:
        database.execute("UPDATE audit_event SET details = CAST(X'7BFF7D' AS TEXT) WHERE seq = 2")
    database.close()
    for words in (("verify",), ("tail", "-n", "999"), ("show", "2"), ("show", "--pupil", "1001"), ("export", "x.log")):
        result = run("audit", *words)
        assert (result.exit_code, "EJ-701" in result.stderr, "entry 2" in result.stderr) == (8, True, True), words
    assert not (lived.home / "x.log").exists()
    assert ask("audit", "verify", code=8)["code"] == "EJ-701"


def test_an_altered_entry_is_not_shown_as_if_it_were_well(lived, run):
    """Where the altered details are good JSON, their entry is still refused by show and tail."""
    with sqlite3.connect(lived.home / "state" / "ejsync.db") as database:
        database.execute("UPDATE audit_event SET details = '{}' WHERE seq = 2")
    database.close()
    for words in (("tail", "-n", "999"), ("show", "2")):
        assert run("audit", *words).exit_code == 8


def test_a_record_is_followed_through_its_batches(lived, ask, run):
    """Kind and key find the claim that carried the record and what came of it, without other records' lines."""
    told = ask("audit", "show", "--record", f"mark:{records.mark(column=1).key}")["events"]
    assert [event["event"] for event in told if event["details"].get("batch")] == ["batch.claimed", "batch.settled"]
    claimed, settled = told[-2:]
    assert (len(claimed["details"]["items"]), len(settled["details"]["rejected"])) == (1, 1)
    assert run("audit", "show", "--record", "mark:none").exit_code == 2
