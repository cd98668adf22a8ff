"""A dry run touches nothing."""

from ejsync.cli.desk import Desk
from ejsync.cli.rehearsal import rehearsed, would_send


def _lessons(**counts):
    """What a wiped timetable sends: lessons go, and each leaves the change that is derived of it."""
    gone = {"sink": "ed", "op": "retract", "kind": "lesson", **counts}
    return [gone, {"sink": "ed", "op": "upsert", "kind": "lesson_change", **counts}]


def test_the_copy_knows_what_the_store_knows_and_gives_nothing_back(lived):
    """The copy holds the records; what is written to it never reaches the store; it is gone afterwards."""
    store = lived.home / "state" / "ejsync.db"
    before = store.read_bytes()
    with rehearsed(Desk().settings()) as exchange:
        assert exchange.store.path != store
        (wiring,) = exchange.school(None)
        with wiring.store.begin(wiring.school) as tx:
            tx.outbox.release(lived.held_batch, wiring.clock.now())
        assert would_send(wiring) == _lessons(records=5, held=0)
    assert store.read_bytes() == before
    assert not list((lived.home / "state").glob(".*draft*"))


def test_without_a_store_it_starts_from_nothing(home):
    """Before the first cycle a rehearsal makes no store."""
    with rehearsed(Desk().settings()) as exchange:
        assert would_send(exchange.school(None)[0]) == []
    assert not (home / "state").exists()


def test_no_configured_diary_is_left(home):
    """Every sink is replaced under its own name."""
    with rehearsed(Desk().settings()) as exchange:
        assert [type(sink).__name__ for sink in exchange.school(None)[0].sinks.values()] == ["DryRunSink"]


def test_what_is_held_is_told_apart_from_what_would_go(lived):
    """Held changes are counted by themselves, by operation and kind."""
    with rehearsed(Desk().settings()) as exchange:
        assert would_send(exchange.school(None)[0]) == _lessons(records=0, held=5)
