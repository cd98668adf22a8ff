"""`quarantine`: looked at and released."""

import sqlite3
from contextlib import closing

import orjson

from ejsync.domain.records import Kind
from ejsync.store.quarantine_table import place_of
from tests.doubles import records
from tests.doubles.vault import keys_of


def _number(ask):
    return ask("quarantine", "list")["quarantined"][0]["number"]


def test_the_list_names_places_and_no_content(lived, ask, run):
    """Contract and pointers are told; the payload is not."""
    (row,) = ask("quarantine", "list")["quarantined"]
    assert (row["contract"], row["pointers"]) == ("ed/v1/mark", ["/raw"])
    assert "payload" not in row
    assert row["wrong"] == {"/raw": "wrong type; expected: text"}
    assert "/raw: wrong type" in run("quarantine", "list").stdout
    assert "/raw: wrong type" in run("quarantine", "show", row["number"]).stdout


def test_nothing_is_said_in_words(home, run):
    """An empty quarantine says so."""
    assert "None." in run("quarantine", "list").stdout


def test_the_content_is_shown_only_to_who_insists(lived, ask, run):
    """In a pipe --payload needs --yes."""
    number = _number(ask)
    assert "payload" not in ask("quarantine", "show", number)
    assert run("quarantine", "show", number, "--payload").exit_code == 2
    assert ask("quarantine", "show", number, "--payload", "--yes")["payload"]["raw"] == 5
    assert "release" in run("quarantine", "show", number).stdout
    assert '"raw": 5' in run("quarantine", "show", number, "--payload", "--yes").stdout


def test_an_unknown_number_is_named(lived, run):
    """EJ-802 and where to look."""
    assert "EJ-802" in run("quarantine", "show", "999").stderr


def test_what_is_still_broken_stays(lived, ask, run):
    """A release is a second check: exit 3 and the pointers."""
    number = _number(ask)
    result = run("quarantine", "release", number)
    assert result.exit_code == 3
    assert "EJ-301" in result.stderr
    assert "at /raw." in result.stderr
    assert _number(ask) == number


def test_what_is_well_now_is_taken_in(lived, ask, run):
    """A record that keeps its contract leaves the quarantine and goes its way."""
    well, store = orjson.dumps(records.mark(column=2).data), lived.home / "state" / "ejsync.db"
    with sqlite3.connect(store) as database, closing(keys_of(store)) as vault:
        ((kind, key, pupil),) = database.execute("SELECT kind, key, pupil FROM quarantine")
        sealed = vault.of("school-7").close(well, pupil, *place_of(Kind(kind), key))
        database.execute("UPDATE quarantine SET payload = ?", (sealed,))
    database.close()
    assert ask("quarantine", "release", _number(ask))["released"][0]["counts"]["created"] == 1
    assert ask("quarantine", "list")["quarantined"] == []
