"""Files past their time."""

import os
from datetime import UTC, datetime

import pytest

from ejsync.settings import Retention
from ejsync.store.old_files import acts_of, old_files, remove

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_old_backups_and_acts_go_and_young_ones_stay(tmp_path):
    """A backup is as old as its file with its companions, an act as the day in its name; nothing else is touched."""
    store, folder = tmp_path / "ejsync.db", tmp_path / "backups"
    folder.mkdir()
    acts_of(store).mkdir()
    old, young = folder / "ejsync-replaced-1.db", folder / "ejsync-2.db"
    for path in (old, young, folder / "ejsync-replaced-1.db-wal", folder / "ejsync.keys"):
        path.touch()
    os.utime(old, (0, 0))
    names = (
        "act-school-7-1-ab12-20230101T080000Z.pdf",
        "act-school-7-2-ab12-20260101T080000Z.pdf",
        "note-20200101.pdf",
        "act-x.pdf",
    )
    for name in names:
        (acts_of(store) / name).touch()
    found = old_files(store, Retention().cutoffs(NOW))
    assert [path.name for path in found] == [old.name, "ejsync-replaced-1.db-wal", names[0]]
    assert remove(found) == (3, [])
    assert old_files(store, Retention().cutoffs(NOW)) == []
    assert young.exists()


def test_without_folders_there_is_nothing(tmp_path):
    """A store without backups and acts has no old files."""
    assert old_files(tmp_path / "ejsync.db", Retention().cutoffs(NOW)) == []


@pytest.mark.parametrize(
    "name", ["act-1-2.pdf", "act-school-7-1-20261399T080000Z.pdf", "act-school-7-1-20200101T080000Z-2.pdf"]
)
def test_an_odd_name_among_the_acts_stops_nothing(tmp_path, name):
    """What a person copied there under a name of his own is left alone, and what is past its time is still found."""
    store = tmp_path / "ejsync.db"
    acts_of(store).mkdir()
    for one in (name, "act-school-7-1-20200101T080000Z.json"):
        (acts_of(store) / one).touch()
    assert [path.name for path in old_files(store, Retention().cutoffs(NOW))] == [
        "act-school-7-1-20200101T080000Z.json"
    ]


def test_a_file_that_cannot_be_deleted_stops_no_other(tmp_path):
    """It is told, and the rest goes."""
    stuck, other = tmp_path / "stuck", tmp_path / "other"
    stuck.mkdir()
    other.touch()
    assert remove([stuck, other]) == (1, [stuck])
    assert not other.exists()
