"""Signing what a log holds."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from ejsync.domain.checkpoints import OTHER, SHORTER, leaf_of
from ejsync.domain.merkle import Frontier
from ejsync.errors import AuditBroken
from ejsync.pipeline.witnessing import sign_log
from ejsync.signing import is_signed_by
from ejsync.store.backup import back_up
from ejsync.store.restoring import restore
from tests.doubles.vault import keys_of, sealed_store


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


def cut(world, entries):
    """Take the last entries out of the log, and every checkpoint that stands for them."""
    with world.tx() as tx:
        last = tx.audit.head()[0] - entries
        tx.audit.connection.execute(text(f"DELETE FROM audit_event WHERE seq > {last}"))
        tx.audit.connection.execute(text("DELETE FROM checkpoint"))


def test_a_cut_end_is_not_signed_over(world):
    """Who cuts the log with its checkpoints leaves the one beside the store: nothing is signed until people look."""
    grow(world, 5)
    sign(world)
    kept = world.store.kept_checkpoint("school-7")
    cut(world, 2)
    grow(world, 9)
    with pytest.raises(AuditBroken) as caught:
        sign(world)
    assert caught.value.reason == SHORTER
    assert world.store.kept_checkpoint("school-7") == kept


def test_the_file_beside_the_store_is_made_again(world):
    """A lost file of checkpoints comes back with the next look, though nothing new was signed."""
    grow(world, 5)
    made = sign(world)
    world.store.checkpoint_file.path.unlink()
    assert sign(world) == made
    assert world.store.kept_checkpoint("school-7") == made


def test_a_store_put_back_openly_is_signed_on(world):
    """Its log says that it is an older copy; the checkpoint of the lost time stays beside it as a remark."""
    grow(world, 3)
    backup = world.store.path.with_name("kept.copy")
    back_up(world.store.path, backup, world.clock.now())
    grow(world, 5)
    lost = sign(world)
    path = world.store.path
    world.store.close()
    restore(path, backup, world.clock, keys_of(path))
    world.store = sealed_store(path, world.clock)
    world.wiring = replace(world.wiring, store=world.store, epoch=world.store.acquire())
    assert sign(world).size == len(world.audit()) < lost.size + 3
    assert f"# {lost.line()}" in world.store.checkpoint_file.path.read_text()
