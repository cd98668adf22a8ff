"""Checkpoints on disk."""

import pytest
from sqlalchemy import text

from ejsync.domain.checkpoints import leaf_of
from ejsync.domain.merkle import Frontier
from ejsync.errors import AuditBroken
from tests.doubles.audit_file import log_of

SCHOOL = "gymnasium-0"
EVENTS, (FIRST, SECOND, THIRD) = log_of(SCHOOL)


def tree(size):
    """The tree over the first entries."""
    return Frontier().grown(map(leaf_of, EVENTS[:size]))


def table(world, school=SCHOOL):
    """A transaction's checkpoints of a school."""
    return world.store.begin(school)


@pytest.fixture
def signed(world):
    """A school with three checkpoints."""
    for made in (FIRST, SECOND, THIRD):
        with table(world) as tx:
            tx.checkpoints.save(made, tree(made.size))
    return world


def tampered(world, statement):
    """What reading says after somebody has written into the table."""
    with table(world) as tx:
        tx.checkpoints.connection.execute(text(statement))
    with table(world) as tx, pytest.raises(AuditBroken):
        tx.checkpoints.frontier()


def test_before_the_first_there_is_nothing(world):
    """No checkpoint, and a tree without entries."""
    with table(world) as tx:
        assert (tx.checkpoints.newest(), list(tx.checkpoints.every())) == (None, [])
        assert tx.checkpoints.frontier() == Frontier()


def test_the_newest_and_all_come_back(signed):
    """Checkpoints come back in their order, and only those of the school that is asked for."""
    with table(signed) as tx:
        assert tx.checkpoints.newest() == THIRD
        assert list(tx.checkpoints.every()) == [FIRST, SECOND, THIRD]
    with table(signed, "lyceum-2") as tx:
        assert tx.checkpoints.newest() is None


def test_the_tree_grows_on_from_the_newest(signed):
    """The tree of the newest checkpoint is kept, and of no other."""
    with table(signed) as tx:
        assert tx.checkpoints.frontier() == tree(THIRD.size)
        kept = tx.checkpoints.connection.execute(text("SELECT peaks FROM checkpoint ORDER BY number")).scalars().all()
    assert [len(peaks) for peaks in kept] == [0, 0, 64 * THIRD.size.bit_count()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoint SET line = 'x'",
        "UPDATE checkpoint SET line = CAST(X'FF' AS TEXT)",
        "UPDATE checkpoint SET peaks = ''",
        "UPDATE checkpoint SET peaks = 'zz'",
        "UPDATE checkpoint SET peaks = CAST(X'FF' AS TEXT)",
        "UPDATE checkpoint SET peaks = replace(peaks, substr(peaks, 1, 2), '77') WHERE number = 3",
        "DELETE FROM checkpoint WHERE number = 3",
    ],
)
def test_what_was_tampered_with_is_found(signed, statement):
    """A line or a tree that is not what was written is an error of the audit, never another answer."""
    tampered(signed, statement)


def test_what_is_saved_is_kept_beside_the_store(signed):
    """The newest checkpoint of each school stands in the file beside the store once it is committed."""
    assert signed.store.checkpoint_file.read() == {SCHOOL: THIRD}
    rolling_back = table(signed, "lyceum-2")
    rolling_back.__enter__().checkpoints.save(log_of("lyceum-2")[1][0], Frontier())
    assert not rolling_back.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert signed.store.checkpoint_file.read() == {SCHOOL: THIRD}
