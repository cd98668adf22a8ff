"""normalise: well records are fingerprinted, broken ones set aside."""

import json
from dataclasses import replace

import pytest

from ejsync.domain.fingerprints import canonical
from ejsync.pipeline.normalise import faults_of, normalise
from tests.doubles.records import broken_mark, mark


def test_a_well_record_is_fingerprinted_by_its_canonical_form(world):
    """The payload is canonical JSON and the fingerprint its keyed hash."""
    [entry] = normalise(world.wiring, [mark()]).entries
    assert entry.payload == canonical(mark().data)
    assert entry.fingerprint == world.wiring.keyring.fingerprint(entry.payload)


def test_a_broken_record_is_set_aside_with_pointers_and_its_neighbours_go_on(world):
    """A broken record names contract and places, never values."""
    found = normalise(world.wiring, [mark(), broken_mark(lesson_id="78"), mark(lesson_id="79")])
    assert len(found.entries) == 2
    [broken] = found.broken
    assert (broken.contract, broken.pointers) == ("ed/v1/mark", ("/raw",))
    assert (broken.pupil, broken.day) == ("1001", "2026-11-16")


def test_of_two_records_under_one_key_the_last_counts(world):
    """A duplicate in one reading is one entry."""
    [entry] = normalise(world.wiring, [mark(raw="2"), mark(raw="5")]).entries
    assert entry.record.data["raw"] == "5"


def test_the_order_of_fields_makes_no_difference(world):
    """The same fields in another order have the same fingerprint."""
    record = mark()
    turned = record.__class__(
        record.kind, record.key, record.owner, record.pupil, record.day, dict(reversed(record.data.items()))
    )
    first, second = (normalise(world.wiring, [one]).entries[0].fingerprint for one in (record, turned))
    assert first == second


def test_an_unknown_field_is_a_fault(world):
    """What the contract does not list may not pass."""
    assert faults_of(world.wiring, "mark", {**mark().data, "reason": "x"}) == ("/reason",)


@pytest.mark.parametrize(
    ("field", "value", "pointers"),
    [
        ("raw", "5\ud800", ("",)),
        ("weight", 2**70, ("",)),
        ("column", 2**70, ("/column",)),
        ("work", {"a set"}, ("",)),
        ("work", {1: 2}, ("",)),
    ],
)
def test_a_record_that_json_has_no_word_for_is_broken_and_its_neighbours_go_on(world, field, value, pointers):
    """Half a character, a number beyond 64 bits, a foreign type: the record is set aside, readable, with its place."""
    odd = replace(mark(lesson_id="78"), data={**mark(lesson_id="78").data, field: value})
    found = normalise(world.wiring, [mark(), odd, mark(lesson_id="79")])
    assert len(found.entries) == 2
    [broken] = found.broken
    assert (broken.key, broken.pointers) == (odd.key, pointers)
    assert json.loads(broken.payload)["lesson"] == "78"
