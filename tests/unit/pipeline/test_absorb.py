"""absorb: one reading is one transaction."""

from uuid import UUID

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Window
from ejsync.pipeline.absorb import absorb, new_id
from ejsync.pipeline.normalise import normalise
from tests.doubles.records import broken_mark, mark, marks
from tests.doubles.world import STRICT

WINDOW = Window(Feed.MARKS, "10А", "getmarks")


def take_in(world, tx, reading):
    """Absorb one reading inside a transaction."""
    return absorb(world.wiring, tx, WINDOW, reading.coverages, normalise(world.wiring, reading.records))


def test_every_fate_of_a_record_is_counted(world):
    """Created, updated, retracted, unchanged, quarantined, mended, queued and withheld are told apart."""
    world.consent("1001")
    with world.tx() as tx:
        first = take_in(world, tx, marks(["1001"], mark(), mark(lesson_id="78"), broken_mark(lesson_id="79")))
        second = take_in(world, tx, marks(["1001"], mark(raw="4"), mark(lesson_id="79")))
        third = take_in(world, tx, marks(["1002"], mark("1002")))
    assert dict(+first.counts) == {"created": 2, "quarantined": 1, "queued": 2}
    assert dict(+second.counts) == {"created": 1, "updated": 1, "retracted": 1, "mended": 1, "queued": 2}
    assert dict(+third.counts) == {"created": 1, "withheld": 1}


def test_all_moves_together_or_not_at_all(world):
    """If anything in the transaction fails, neither records nor outbox nor audit have moved."""
    world.consent("1001")
    before = len(world.audit())

    def cut_off():
        with world.tx() as tx:
            take_in(world, tx, marks(["1001"], mark(), broken_mark(lesson_id="79")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    assert world.waiting() == {}
    assert len(world.audit()) == before
    with world.tx() as tx:
        assert tx.records.live_counts() == {}
        assert tx.quarantine.count() == 0


def test_a_reading_is_witnessed_with_its_changes(world):
    """The audit names the window, the counts, and each change by pseudonym and version."""
    with world.tx() as tx:
        take_in(world, tx, marks(["1001"], mark()))
    [entry] = world.audit("window.read")
    pseudonym = world.wiring.keyring.pseudonym(f"mark:{mark().key}")
    assert entry.details["window"] == WINDOW.label()
    assert entry.details["changes"] == [["upsert", "mark", pseudonym, 1]]


def test_an_unchanged_reading_is_not_witnessed(world):
    """Nothing changed, nothing written."""
    for _ in range(2):
        with world.tx() as tx:
            take_in(world, tx, marks(["1001"], mark()))
    assert len(world.audit("window.read")) == 1


def test_a_hold_is_witnessed_when_opened_and_when_healed(world):
    """A hold leaves one entry for its opening and one for its end."""
    world.consent("1001")
    many = [mark(lesson_id=str(number)) for number in range(5)]
    world.read(marks(["1001"], *many))
    world.deliver()
    world.guarded(STRICT)
    world.read(marks(["1001"], believable=True))
    [opened] = world.audit("batch.held")
    assert opened.details["mass"] == "retract mark"
    world.read(marks(["1001"], *many))
    assert {"batch": opened.details["batch"], "reason": "healed"} in [
        entry.details for entry in world.audit("batch.cancelled")
    ]


def test_ids_are_uuids_out_of_the_given_randomness(world, tmp_path):
    """The same seed gives the same ids, and they are well-formed."""
    from tests.doubles.world import World

    twin = World(tmp_path / "twin")
    first, second = new_id(world.wiring), new_id(twin.wiring)
    assert first == second
    assert UUID(first).version == 4
    twin.close()
