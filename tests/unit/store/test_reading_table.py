"""Which days of whom were read and when, pages taken in, and orders."""

from datetime import date, timedelta

from ejsync.domain.reads import History, Order, PageMark, Read
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 16)
FORTNIGHT, DAY = Days(FIRST, LAST), Days(LAST, LAST)


def test_reads_of_many_owners_are_remembered_for_each(world):
    """Days and instant come back for every owner and feed; a later read lies on top, of those it is about."""
    at = world.clock.now()
    later, owners = at + timedelta(hours=1), [f"pupil:{number}" for number in range(1200)]
    with world.tx() as tx:
        tx.readings.note("marks", owners, Read(FORTNIGHT, at))
        tx.readings.note("marks", owners[:1], Read(DAY, later))
        tx.readings.note("finals", owners[:1], Read(None, at))
        history = tx.readings.history("marks")
        assert tx.readings.history("finals") == {"pupil:0": History((Read(None, at),))}
    assert len(history) == 1200
    assert history["pupil:1199"] == History((Read(FORTNIGHT, at),))
    assert history["pupil:0"] == History((Read(Days(FIRST, date(2026, 11, 15)), at), Read(DAY, later)))


def test_the_last_change_outlives_reads_that_change_nothing(world):
    """When a page last changed anything of an owner is kept until another one does."""
    at = world.clock.now()
    with world.tx() as tx:
        for hours, changed in ((0, False), (1, True), (2, False)):
            then = at + timedelta(hours=hours)
            tx.readings.note("marks", ["pupil:1"], Read(DAY, then), changed_at=then if changed else None)
        assert tx.readings.history("marks")["pupil:1"] == History(
            (Read(DAY, at + timedelta(hours=2)),), at + timedelta(hours=1)
        )


def test_forgetting_an_owner_makes_all_his_days_due_in_every_feed(world):
    """Nothing is left of him in any feed of his school; others keep everything."""
    read = Read(DAY, world.clock.now())
    with world.store.begin("school-8") as tx:
        tx.readings.note("marks", ["pupil:1"], read)
    with world.tx() as tx:
        for feed in "marks", "diary":
            tx.readings.note(feed, ["pupil:1", "pupil:2"], read)
        tx.readings.forget(["pupil:1", "pupil:9"])
        assert [set(tx.readings.history(feed)) for feed in ("marks", "diary")] == [{"pupil:2"}] * 2
    with world.store.begin("school-8") as tx:
        assert set(tx.readings.history("marks")) == {"pupil:1"}


def test_nobody_is_noted_nobody_forgotten(world):
    """An empty list of owners is no fault."""
    with world.tx() as tx:
        tx.readings.note("marks", [], Read(DAY, world.clock.now()))
        tx.readings.forget([])
        assert tx.readings.history("marks") == {}


def test_pages_are_kept_by_feed_until_they_are_old(world):
    """A page replaces the one before it; what was taken in before an instant is forgotten, in that feed alone."""
    at = world.clock.now()
    later = at + timedelta(days=1)
    with world.tx() as tx:
        tx.readings.keep_page("marks", "w1", PageMark("a", at))
        tx.readings.keep_page("marks", "w2", PageMark("b", at))
        tx.readings.keep_page("marks", "w1", PageMark("c", later))
        tx.readings.keep_page("finals", "w3", PageMark("d", at))
        assert tx.readings.pages("marks") == {"w1": PageMark("c", later), "w2": PageMark("b", at)}
        tx.readings.drop_pages("marks", later)
        assert tx.readings.pages("marks") == {"w1": PageMark("c", later)}
        assert tx.readings.pages("finals") == {"w3": PageMark("d", at)}


def test_an_order_keeps_its_first_instant_until_it_is_fulfilled(world):
    """The same days ordered again are the same order; others stand beside it; fulfilled it is gone."""
    at = world.clock.now()
    first = Order(Feed.MARKS, FORTNIGHT, at)
    with world.tx() as tx:
        assert tx.readings.order(first) == first
        assert tx.readings.order(Order(Feed.MARKS, FORTNIGHT, at + timedelta(days=1))) == first
        second = tx.readings.order(Order(Feed.MARKS, DAY, at + timedelta(days=1)))
        third = tx.readings.order(Order(Feed.DIARY, FORTNIGHT, at + timedelta(days=2)))
        assert tx.readings.orders() == [first, second, third]
        assert tx.readings.orders("marks") == [first, second]
        tx.readings.fulfil(first)
        assert tx.readings.orders() == [second, third]
    with world.store.begin("school-8") as tx:
        assert tx.readings.orders() == []


def test_days_ordered_of_several_feeds_are_forgotten_together(world):
    """A feed that is read keeps its order's instant as long as another of the same days is not: resumed, it rests."""
    at = world.clock.now()
    marks, diary = Order(Feed.MARKS, FORTNIGHT, at), Order(Feed.DIARY, FORTNIGHT, at)
    again = Order(Feed.MARKS, FORTNIGHT, at + timedelta(hours=1))
    with world.tx() as tx:
        assert [tx.readings.order(marks), tx.readings.order(diary)] == [marks, diary]
        tx.readings.fulfil(marks)
        assert (tx.readings.orders(), tx.readings.order(again)) == ([diary], marks)
        tx.readings.fulfil(diary)
        assert (tx.readings.orders(), tx.readings.order(again)) == ([], again)
