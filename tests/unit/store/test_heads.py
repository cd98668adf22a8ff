"""How far a store has come, kept beside it."""

import stat

import pytest

from ejsync.store.heads import HeadFile, Heads, head_of, heads_of


@pytest.fixture
def file(tmp_path):
    """A head file that is not there yet."""
    return HeadFile(tmp_path / "ejsync.db")


def test_what_was_never_kept_or_cannot_be_read_is_nothing(file):
    """No file and a torn one both tell nothing."""
    assert file.read() is None
    for content in (b"", b"{", b'{"epoch":"x"}', b'{"epoch":1,"schools":{"a":[1]}}', b"[]", b"\xff\xfe"):
        file.path.write_bytes(content)
        assert file.read() is None


def test_a_head_only_goes_forward(file):
    """A school's head is raised, never lowered; another school's and the epoch stay as they were."""
    file.write(Heads(3, {"a": (5, "x" * 64)}))
    file.advance("a", (4, "old"))
    file.advance("b", (1, "y"))
    file.raise_epoch(2)
    assert file.read() == Heads(3, {"a": (5, "x" * 64), "b": (1, "y")})
    file.raise_epoch(4)
    assert file.read().epoch == 4


def test_what_is_kept_may_become_shorter(file):
    """Behind shorter content nothing of a longer one is read."""
    file.write(Heads(1, {name * 40: (1, "x" * 64) for name in "abc"}))
    file.write(Heads(2))
    assert file.read() == Heads(2)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_head_that_cannot_be_kept_takes_nothing_back(file):
    """What is committed stays committed when the file beside it cannot be written."""
    file.path.mkdir()
    file.advance("a", (1, "x"))
    file.settle()


def test_each_commit_is_kept_at_once(world):
    """Behind every transaction the file tells the store's last audit entry, and after a taking its epoch."""
    with world.tx() as tx:
        tx.audit.append("x", {}, world.clock.now())
        head = tx.audit.head()
        assert head_of(tx.audit.connection, "school-7") == head
        assert head_of(tx.audit.connection, "school-7", 99) == (0, "")
    kept = HeadFile(world.store.path).read()
    assert kept == Heads(world.wiring.epoch, {"school-7": head})
    with world.tx() as tx:
        assert heads_of(tx.audit.connection) == kept


def test_a_commit_that_fails_is_not_kept(world):
    """The file is never ahead of the store."""

    def cut_off():
        with world.tx() as tx:
            tx.audit.append("x", {}, world.clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    assert HeadFile(world.store.path).read().schools == {}
