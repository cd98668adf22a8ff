"""scrubbing: a pupil's rows are found and deleted in any copy."""

import os
import sqlite3
from contextlib import closing

import pytest

from ejsync.store.backup import back_up, place_for
from ejsync.store.scrubbing import HIS, scrub_copy, values_of
from tests.doubles.erasing import HIM, MATE, filled


@pytest.fixture
def copy(world):
    """A backup of a store that knows two pupils."""
    filled(world)
    place = place_for(world.store.path, world.clock.now())
    back_up(world.store.path, place, world.clock.now())
    return place


def counts(copy, pupil):
    """His rows by table."""
    with closing(sqlite3.connect(copy)) as connection:
        values = values_of("school-7", pupil)
        found = {
            name: connection.execute(f"SELECT count(*) FROM {name} WHERE {where}", values).fetchone()[0]
            for name, where in HIS.items()
        }
    return {name: count for name, count in found.items() if count}


def test_his_rows_go_and_those_of_others_stay(copy):
    """By table; the file is as old as it was, and names nobody any more."""
    others, stat = counts(copy, MATE), copy.stat()
    assert counts(copy, HIM).keys() >= {"record", "delivered", "batch_item", "quarantine", "office_row", "consent"}
    assert scrub_copy(copy, "school-7", HIM) > 10
    assert counts(copy, HIM) == {}
    assert counts(copy, MATE) == others
    assert copy.stat().st_mtime_ns == stat.st_mtime_ns
    assert HIM.encode() not in copy.read_bytes()


def test_twice_is_once(copy):
    """Nothing is left for a second time."""
    scrub_copy(copy, "school-7", HIM)
    assert scrub_copy(copy, "school-7", HIM) == 0


def test_an_old_copy_without_some_tables_is_scrubbed_too(copy):
    """Tables that came later are passed over."""
    with closing(sqlite3.connect(copy)) as connection:
        for name in ("office_row", "owed", "reading", "page"):
            connection.execute(f"DROP TABLE {name}")
        connection.commit()
    assert scrub_copy(copy, "school-7", HIM) > 5


def test_a_number_that_begins_alike_is_another_pupil(copy):
    """`90017743` has no rows where `900177431` has."""
    assert counts(copy, HIM[:-1]) == {}


def test_what_is_no_store_is_refused(copy):
    """A damaged file raises, and is left to a person."""
    os.truncate(copy, 5000)
    with pytest.raises(sqlite3.Error):
        scrub_copy(copy, "school-7", HIM)
