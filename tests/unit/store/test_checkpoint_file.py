"""The newest checkpoints, beside the store."""

import stat

import pytest

from ejsync.store.checkpoint_file import CheckpointFile
from tests.doubles.audit_file import log_of

(_, (OLD, NEW, _)), (_, (OTHER, _)) = log_of("gymnasium-0"), log_of("lyceum-2")


@pytest.fixture
def file(tmp_path):
    """A file that is not there yet."""
    return CheckpointFile(tmp_path / "ejsync.db")


def test_each_school_has_its_last_one(file):
    """A school's checkpoint takes the place of its last, and leaves the others where they are."""
    assert file.read() == {}
    for made in (OLD, OTHER, NEW):
        file.keep(made)
    assert file.read() == {"gymnasium-0": NEW, "lyceum-2": OTHER}
    assert file.path.name == "ejsync.db.checkpoints"


def test_the_later_of_two_stays(file):
    """Who signed first and writes last puts no older one back."""
    for made in (NEW, OLD):
        file.keep(made)
    assert file.read() == {"gymnasium-0": NEW}


def test_what_is_put_aside_is_a_remark(file):
    """It counts no more, another school's does, and people still find it."""
    for made in (NEW, OTHER):
        file.keep(made)
    file.put_aside("gymnasium-0")
    assert file.read() == {"lyceum-2": OTHER}
    file.keep(OLD)
    assert file.read() == {"gymnasium-0": OLD, "lyceum-2": OTHER}
    assert f"# {NEW.line()}\n" in file.path.read_text()


def test_it_is_the_owners_and_leaves_nothing_behind(file):
    """Only its owner reads it; what it was written in beside is gone."""
    file.keep(NEW)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]


def test_what_cannot_be_read_tells_nothing(file):
    """A torn or foreign line is passed over, whole ones are read."""
    file.path.write_bytes(b"\xff\n" + NEW.line().encode() + b"\nhalf a li")
    assert file.read() == {"gymnasium-0": NEW}


def test_a_folder_that_takes_nothing_harms_nobody(file):
    """That nothing can be kept is no error: what it belongs to is committed."""
    CheckpointFile(file.path.parent / "gone" / "ejsync.db").keep(NEW)
    assert not file.path.exists()
