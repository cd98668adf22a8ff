"""What is known, on disk."""

from dataclasses import replace
from datetime import date, timedelta

from ejsync.domain.changes import Fingerprinted, Op, retraction, upsert
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Coverage, Days
from tests.doubles.records import DAY, lesson, mark, marks, period, pupil, roster, school_class


def change(record, version=1):
    """The upsert of a record."""
    return upsert(Fingerprinted(record, canonical(record.data), "f" * 32), version)


def save(world, *changes):
    """Save changes."""
    with world.tx() as tx:
        tx.records.save(changes, world.clock.now())


def test_a_saved_record_is_known_with_its_payload(world):
    """Version, fingerprint and owner are known, the payload can be had."""
    save(world, change(mark()))
    key = (Kind.MARK, mark().key)
    with world.tx() as tx:
        row = tx.records.known_keys([key])[key]
        assert (row.version, row.owner, row.pupil, row.day, row.gone) == (1, "pupil:1001", "1001", DAY, False)
        assert tx.records.payloads([key]) == {key: canonical(mark().data)}


def test_a_gone_record_keeps_its_version_and_loses_its_payload(world):
    """A retraction keeps the row for the version's sake; what was personal is destroyed."""
    save(world, change(mark()))
    key = (Kind.MARK, mark().key)
    with world.tx() as tx:
        tx.records.save([retraction(tx.records.known_keys([key])[key])], world.clock.now())
        row = tx.records.known_keys([key])[key]
        assert (row.version, row.gone) == (2, True)
        assert tx.records.payloads([key]) == {}
        stored = tx.records.connection.exec_driver_sql("SELECT payload FROM record").scalar_one()
    assert stored == b""


def test_a_coverage_finds_what_it_speaks_of_gone_rows_too(world):
    """Kinds, owners and both border days decide; many owners are no matter."""
    rows = [mark(day=DAY + timedelta(days=days)) for days in (-1, 0, 6, 7)]
    save(world, *map(change, [*rows, mark("1002"), lesson()]))
    with world.tx() as tx:
        tx.records.save([retraction(*tx.records.known_keys([(Kind.MARK, rows[1].key)]).values())], world.clock.now())
        owners = ("pupil:1001", *(f"pupil:{number}" for number in range(5000, 7000)))
        days = Days(DAY, DAY + timedelta(days=6))
        found = tx.records.known_in([Coverage(frozenset({Kind.MARK}), owners, days)])
        assert {key for _, key in found} == {rows[1].key, rows[2].key}
        assert len(tx.records.known_in([Coverage(frozenset(Kind), ("pupil:1001",))])) == 4


def test_the_roster_knows_the_school_year_of_a_class_by_its_newest_periods(world):
    """Last year's periods stay beside this year's; one switched off or gone tells nothing."""
    ahead = period("p1", year=2028)
    off = period("exam", year=2028, of="11А")
    off = replace(off, data={**off.data, "disabled": True})
    save(world, *map(change, [period(year=2025), period(), period(year=2025, of="11А"), off, ahead]))
    with world.tx() as tx:
        tx.records.save([retraction(*tx.records.known_keys([(Kind.PERIOD, ahead.key)]).values())], world.clock.now())
        assert tx.records.roster().years == {"10А": 2026, "11А": 2025}


def test_the_current_period_begins_where_that_of_the_earliest_class_does(world):
    """Of each class the latest period begun counts, the year within its terms; the earliest of them is told."""

    def term(name, start, *, of="10А", **told):
        made = period(name, of=of)
        return replace(made, data={**made.data, "start": start, **told})

    with world.tx() as tx:
        assert tx.records.period_first(DAY) is None
    year = [term("year", "2026-09-01"), term("year", "2026-09-01", of="11А")]
    terms = [term("t1", "2026-09-01"), term("t2", "2026-11-05"), term("t3", "2027-01-12"), period("loose")]
    off = term("exam", "2026-11-10", disabled=True)
    save(world, *map(change, [*year, *terms, off, term("h1", "2026-11-01", of="11А")]))
    with world.tx() as tx:
        firsts = [tx.records.period_first(day) for day in (date(2026, 8, 31), date(2026, 9, 1), DAY, date(2027, 2, 1))]
        assert firsts == [None, date(2026, 9, 1), date(2026, 11, 1), date(2026, 11, 1)]
    save(world, retraction(*known(world, "11А")))
    with world.tx() as tx:
        assert tx.records.period_first(DAY) == date(2026, 9, 1)


def known(world, of):
    """What is known of a class's half-year."""
    with world.tx() as tx:
        return tx.records.known_keys([(Kind.PERIOD, period("h1", of=of).key)]).values()


def test_the_records_of_an_owner_are_live_unless_asked(world):
    """Gone ones are shown only if asked for."""
    save(world, change(mark()), change(mark(lesson_id="78")))
    with world.tx() as tx:
        tx.records.save([retraction(*tx.records.known_keys([(Kind.MARK, mark().key)]).values())], world.clock.now())
        assert len(tx.records.known_of("pupil:1001")) == 1
        assert len(tx.records.known_of("pupil:1001", gone=True)) == 2
        assert tx.records.live_counts() == {Kind.MARK: 1}


def test_live_records_are_paged_in_the_order_of_kind_and_key(world):
    """Page after page names every live record once, and no gone one."""
    rows = [mark(lesson_id=str(number)) for number in range(4)]
    save(world, *map(change, [*rows, lesson(), school_class()]))
    with world.tx() as tx:
        tx.records.save([retraction(*tx.records.known_keys([(Kind.MARK, rows[1].key)]).values())], world.clock.now())
        found, after = [], None
        while page := tx.records.live_after(after, 2):
            found += page
            after = (page[-1].kind, page[-1].key)
    names = [(row.kind, row.key) for row in found]
    assert names == sorted(names)
    assert {key for _, key in names} == {lesson().key, school_class().key, *(rows[n].key for n in (0, 2, 3))}


def test_raising_a_version_leaves_everything_else(world):
    """A bump touches the version alone, of the named keys alone."""
    save(world, change(mark()), change(mark(lesson_id="78")))
    with world.tx() as tx:
        tx.records.bump([], world.clock.now())
        tx.records.bump([replace(change(mark(), version=9), op=Op.RETRACT, payload=b"")], world.clock.now())
        known = tx.records.known_of("pupil:1001")
        assert sorted((row.version, row.gone) for row in known) == [(1, False), (9, False)]
        assert len(tx.records.payloads([(Kind.MARK, mark().key)])) == 1


def test_the_roster_knows_empty_classes_and_classes_of_pupils_only(world):
    """A class without pupils stands in the roster, and a pupil's class even if it has no record of its own."""
    save(world, *map(change, [school_class("11А"), pupil("1002"), pupil("1001")]))
    with world.tx() as tx:
        assert dict(tx.records.roster().classes) == {"10А": ("1001", "1002"), "11А": ()}


def test_withheld_counts_records_and_pupils_without_permission(world):
    """What is live and may not leave is counted; what is nobody's is not."""
    world.consent("1002")
    world.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    world.read(marks(["1001", "1002"], mark(), mark("1002")))
    with world.tx() as tx:
        assert tx.records.withheld() == (2, 1)


def test_another_school_knows_nothing_of_it(world):
    """The same key in two schools is two records."""
    save(world, change(mark()))
    with world.store.begin("school-8") as tx:
        assert tx.records.known_keys([(Kind.MARK, mark().key)]) == {}
        assert tx.records.live_counts() == {}
        tx.records.save([change(mark(), version=5)], world.clock.now())
    with world.tx() as tx:
        assert next(iter(tx.records.known_of("pupil:1001"))).version == 1


def test_what_is_live_and_what_went_lately_is_counted_by_owner(world):
    """Live ones of the days, and those gone since an instant; a version that is only raised went when it went."""
    first, second, later = mark(), mark(lesson_id="78"), mark(lesson_id="79", day=DAY + timedelta(days=1))
    save(world, change(first), change(second), change(later))
    key = (Kind.MARK, first.key)
    with world.tx() as tx:
        tx.records.save([retraction(tx.records.known_keys([key])[key])], world.clock.now())
    went_at = world.clock.now()
    world.clock.move(minutes=5)
    with world.tx() as tx:
        tx.records.bump([replace(change(first), version=3)], world.clock.now())
        mine = (Kind.MARK, "pupil:1001")
        lately = {"owners": ["pupil:1001", "pupil:1002"], "kinds": [Kind.MARK]}
        assert tx.records.lately(**lately, days=None, since=went_at) == {mine: (2, 1)}
        assert tx.records.lately(**lately, days=Days(DAY, DAY), since=went_at) == {mine: (1, 1)}
        assert tx.records.lately(**lately, days=None, since=world.clock.now()) == {mine: (2, 0)}
        assert tx.records.known_keys([key])[key].version == 3
