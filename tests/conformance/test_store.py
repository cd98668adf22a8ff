"""What every store promises to the stages; another database is added as one more parameter of `store`."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ejsync.domain.audit import verify
from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.changes import Change, Op
from ejsync.domain.consent import Consent, Decision, Ground, Permission, Scope
from ejsync.domain.delays import Moments
from ejsync.domain.reads import History, Order, PageMark, Read
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import BatchRow, Broken, FeedMark, ItemRow, OutboxEntry, SinkMark
from ejsync.domain.windows import Coverage, Days
from ejsync.errors import IllegalTransition, InstanceRunning, LeaseLost, NotFound, StoreError
from tests.doubles.clock import VirtualClock
from tests.doubles.vault import sealed_store

CLOCK = VirtualClock()
AT, DAY = CLOCK.now(), date(2026, 11, 16)
DAY_BEFORE = AT - timedelta(days=1)
KEY = (Kind.MARK, "k")


def sqlite(folder):
    """A way to open the same SQLite store again and again."""
    return lambda: sealed_store(folder / "ejsync.db", CLOCK)


STORES = {"sqlite": sqlite}


@pytest.fixture(params=STORES)
def reopen(request, tmp_path):
    """Open the store under test once more; all are closed at the end."""
    opened, opening = [], STORES[request.param](tmp_path)

    def make():
        opened.append(opening())
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen):
    """The store under test."""
    return reopen()


def change(version=1, op=Op.UPSERT, key="k", fingerprint="a" * 32):
    """A change of a mark."""
    payload = b'{"raw":"5"}' if op is Op.UPSERT else b""
    return Change(op, Kind.MARK, key, "pupil:1001", "1001", DAY, version, fingerprint, payload)


def entry(version=1, op=Op.UPSERT, key="k", **fields):
    """Its outbox entry."""
    return OutboxEntry(Kind.MARK, key, "1001", op, version, "a" * 32, **fields)


def item(version=1, op=Op.UPSERT, state=ItemState.WAITING):
    """Its item of a batch."""
    return ItemRow(0, op, Kind.MARK, "k", "1001", version, "a" * 32, state)


def batch(name="b", state=BatchState.PENDING):
    """A batch."""
    return BatchRow(name, "one", "ed", state, f"key-{name}", "changes", AT, AT)


def test_what_is_committed_survives_the_store(store, reopen):
    """Everything written in a block is there for the next instance that opens the store."""
    with store.begin("one") as tx:
        tx.records.save([change()], AT)
        tx.outbox.put("ed", [entry(moments=Moments(hidden_at=DAY_BEFORE))], AT)
        tx.batches.add(batch(), [replace(item(), moments=Moments(AT, DAY_BEFORE))], b"bytes", "gzip")
        tx.quarantine.keep("marks", [Broken(*KEY, "pupil:1001", "1001", "2026-11-16", "c", ("/raw",), b"{}")], AT)
        tx.marks.save_feed(FeedMark("marks", AT, None))
        tx.marks.save_sink(SinkMark("ed", AT, 1, "EJ-401", None))
        tx.audit.append("event", {"n": 1}, AT)
        tx.readings.note("marks", ["pupil:1001"], Read(Days(DAY, DAY), AT), changed_at=AT)
        tx.readings.keep_page("marks", "window", PageMark("digest", AT))
        tx.readings.order(Order(Feed.MARKS, Days(DAY, DAY), AT))
    store.close()
    with reopen().begin("one") as tx:
        assert tx.records.payloads([KEY]) == {KEY: b'{"raw":"5"}'}
        assert [sendable.entry for sendable in tx.outbox.take("ed", 9)] == [entry(moments=Moments(AT, DAY_BEFORE))]
        assert (tx.batches.get("b"), tx.batches.items("b"), tx.batches.parcel("b").body) == (
            batch(),
            [replace(item(), moments=Moments(AT, DAY_BEFORE))],
            b"bytes",
        )
        assert tx.quarantine.count() == 1
        assert tx.marks.feed("marks").read_at == tx.marks.sink("ed").retry_at == AT
        assert verify("one", tx.audit.walk())[0] == 1
        assert tx.readings.history("marks") == {"pupil:1001": History((Read(Days(DAY, DAY), AT),), AT)}
        assert tx.readings.pages("marks") == {"window": PageMark("digest", AT)}
        assert tx.readings.orders() == [Order(Feed.MARKS, Days(DAY, DAY), AT)]


def test_a_block_that_raises_leaves_nothing(store):
    """Whatever a block wrote before it raised is not there afterwards."""

    def cut_off():
        with store.begin("one") as tx:
            tx.records.save([change()], AT)
            tx.audit.append("event", {}, AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    with store.read("one") as tx:
        assert (tx.records.live_counts(), list(tx.audit.walk())) == ({}, [])


def test_schools_do_not_see_one_another(store):
    """The same keys in two schools are two things, in every family of tables."""
    for school in "one", "two":
        with store.begin(school) as tx:
            tx.records.save([change()], AT)
            tx.outbox.put("ed", [entry()], AT)
            tx.audit.append("event", {}, AT)
            tx.consents.put_in_effect({"1001": Permission(school == "one", Ground.GRANTED, 1)}, AT)
    with store.begin("one") as tx:
        tx.outbox.drop("ed", [KEY])
        tx.records.save([change(2, Op.RETRACT)], AT)
    with store.begin("two") as tx:
        assert (tx.outbox.waiting(), tx.records.live_counts()) == ({"ed": 1}, {Kind.MARK: 1})
        assert tx.audit.head()[0] == 1
        assert not tx.consents.in_effect()["1001"].allowed


def test_versions_outlive_their_records(store):
    """A gone record keeps its version and nothing of its content."""
    with store.begin("one") as tx:
        tx.records.save([change(1)], AT)
        tx.records.save([change(2, Op.RETRACT)], AT)
        row = tx.records.known_keys([KEY])[KEY]
        assert (row.version, row.gone, tx.records.payloads([KEY])) == (2, True, {})
        assert tx.records.known_of("pupil:1001") == []
        assert tx.records.known_of("pupil:1001", gone=True) == [row]


@pytest.mark.parametrize(
    ("days", "found"), [(None, True), (Days(DAY, DAY), True), (Days(date(2026, 9, 1), date(2026, 11, 15)), False)]
)
def test_a_coverage_knows_its_days(store, days, found):
    """Border days are inside; without days everything of the owner is."""
    with store.begin("one") as tx:
        tx.records.save([change()], AT)
        assert bool(tx.records.known_in([Coverage(frozenset({Kind.MARK}), ("pupil:1001",), days)])) is found


def test_one_key_waits_once_and_leaves_once(store):
    """A newer change replaces the waiting one, and is handed out once."""
    with store.begin("one") as tx:
        tx.records.save([change()], AT)
        tx.outbox.put("ed", [entry(1)], AT)
        tx.outbox.put("ed", [entry(2)], AT)
        assert [sendable.entry.version for sendable in tx.outbox.take("ed", 9)] == [2]
        assert tx.outbox.take("ed", 9) == []


def test_what_a_sink_holds_never_goes_back(store):
    """Older answers change nothing; doubt stands until a later answer."""
    with store.begin("one") as tx:
        tx.outbox.settle("ed", [item(3)], AT)
        tx.outbox.settle("ed", [item(2, Op.RETRACT)], AT)
        assert tx.outbox.delivered("ed", [KEY])[KEY].live
        tx.outbox.doubt("ed", {KEY: 2}, AT)
        assert tx.outbox.delivered("ed", [KEY])[KEY].fingerprint == "a" * 32
        tx.outbox.doubt("ed", {KEY: 4}, AT)
        assert tx.outbox.delivered("ed", [KEY])[KEY].fingerprint == ""


def test_holds_keep_until_decided(store):
    """Held entries are not handed out; released they are, discarded they are gone."""
    with store.begin("one") as tx:
        tx.records.save([change(), change(key="l")], AT)
        tx.outbox.put("ed", [entry(hold="h"), entry(key="l", hold="g")], AT)
        assert tx.outbox.take("ed", 9) == []
        assert (tx.outbox.release("h", AT), tx.outbox.discard("g")) == (1, 1)
        assert [sendable.entry.hold for sendable in tx.outbox.take("ed", 9)] == [None]


def test_a_batch_moves_only_as_the_table_and_its_epoch_allow(store):
    """Illegal moves, and moves by whoever holds an old picture, are refused."""
    with store.begin("one") as tx:
        tx.batches.add(batch(), [item()], b"bytes", "gzip")
        flying = tx.batches.move(batch(), BatchState.IN_FLIGHT, epoch=1)
        with pytest.raises(IllegalTransition):
            tx.batches.move(flying, BatchState.HELD)
        with pytest.raises(LeaseLost):
            tx.batches.move(batch(), BatchState.CANCELLED)
        tx.batches.move(flying, BatchState.DELIVERED)
        assert tx.batches.parcel("b").body == b""
        with pytest.raises(NotFound):
            tx.batches.get("c")


def test_one_key_names_one_batch_for_ever(store):
    """An idempotency key cannot be stored twice."""
    with store.begin("one") as tx:
        tx.batches.add(batch(), [], b"", "")
    with pytest.raises(StoreError), store.begin("one") as tx:
        tx.batches.add(replace(batch("c"), idempotency_key="key-b"), [], b"", "")


def test_consents_are_numbered_and_withdrawn_one_by_one(store):
    """The store numbers decisions; a withdrawal touches the named ones only."""
    given = Consent(0, "1001", Scope.RESULTS, Decision.GRANTED, "parent", "1", DAY, None, None, AT)
    with store.begin("one") as tx:
        tx.consents.register([given, given])
        first, second = tx.consents.of(["1001"])["1001"]
        tx.consents.withdraw([first.number], AT)
        assert [found.withdrawn_at for found in tx.consents.of()["1001"]] == [AT, None]
        assert first.number < second.number


def test_one_instance_works_and_epochs_rise(store, reopen):
    """A second instance is refused while the first holds the lease; each taking has the next epoch."""
    first, other = store.acquire(), reopen()
    with pytest.raises(InstanceRunning):
        other.acquire()
    store.release()
    second = other.acquire()
    assert second == first + 1
    with store.begin("one") as tx:
        tx.marks.require_epoch(second)
        with pytest.raises(LeaseLost):
            tx.marks.require_epoch(first)


def test_writers_wait_for_one_another(store):
    """Blocks of several threads follow one another: the chain has no gap and no fork."""

    def work():
        for _ in range(5):
            with store.begin("one") as tx:
                tx.audit.append("event", {}, AT)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read("one") as tx:
        assert verify("one", tx.audit.walk())[0] == 20
