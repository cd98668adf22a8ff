"""Signing what a log holds."""

import pytest
from sqlalchemy import text

from ejsync.domain.checkpoints import OTHER, SHORTER, leaf_of
from ejsync.domain.merkle import Frontier
from ejsync.errors import AuditBroken
from ejsync.pipeline.witnessing import sign_log
from ejsync.signing import is_signed_by


def grow(world, count):
    """Append entries."""
    with world.tx() as tx:
        for number in range(count):
            tx.audit.append("feed.read", {"number": number}, world.clock.now())


def sign(world):
    """Sign, and return what that gives."""
    with world.tx() as tx:
        return sign_log(world.wiring, tx)


def tampered(world, statement):
    """What signing says after somebody has written into the log."""
    with world.tx() as tx:
        tx.audit.connection.execute(text(statement))
    with pytest.raises(AuditBroken) as caught:
        sign(world)
    return caught.value.seq, caught.value.reason


def test_an_empty_log_is_not_signed(world):
    """Where nothing happened there is nothing to sign."""
    assert sign(world) is None


def test_a_checkpoint_stands_for_every_entry_so_far(world):
    """Number by number each checkpoint is signed with our key over the root of the whole log."""
    for number, count in enumerate((3, 1, 4, 9), start=1):
        grow(world, count)
        made = sign(world)
        whole = Frontier().grown(map(leaf_of, world.audit()))
        assert (made.number, made.size, made.root) == (number, whole.size, whole.root().hex())
        assert is_signed_by(world.wiring.signer.public, made)


def test_what_has_not_grown_is_not_signed_again(world):
    """The newest checkpoint is returned as it is, however late."""
    grow(world, 2)
    made = sign(world)
    world.clock.move(hours=5)
    assert sign(world) == made


def test_only_what_is_new_is_read(world, monkeypatch):
    """Entries before the newest checkpoint are not read again, but for the one that it ends with."""
    grow(world, 50)
    sign(world)
    grow(world, 2)
    read = []
    monkeypatch.setattr("ejsync.pipeline.witnessing.leaf_of", lambda event: read.append(event.seq) or leaf_of(event))
    sign(world)
    assert read == [51, 52]


def test_nothing_is_signed_that_was_tampered_with(world):
    """An entry altered, removed or cut off since the newest checkpoint is named, and no checkpoint is made."""
    grow(world, 4)
    kept = sign(world)
    grow(world, 4)
    assert tampered(world, "UPDATE audit_event SET event = 'x' WHERE seq = 6")[0] == 6
    assert tampered(world, "DELETE FROM audit_event WHERE seq = 5")[0] == 5
    assert tampered(world, "DELETE FROM audit_event WHERE seq > 3") == (4, SHORTER)
    with world.tx() as tx:
        assert tx.checkpoints.newest() == kept
    assert tampered(world, "UPDATE checkpoint SET peaks = ''") == (4, OTHER)
