"""witnessing: sign what a school's audit log holds, so that nobody can change it later without being found out."""

from itertools import islice

from ejsync.domain.audit import GENESIS, instant, unbroken
from ejsync.domain.checkpoints import SHORTER, Checkpoint, leaf_of, signed
from ejsync.errors import AuditBroken
from ejsync.pipeline.ports import Transaction, Wiring


def sign_log(wiring: Wiring, tx: Transaction) -> Checkpoint | None:
    """Make a checkpoint of all that the log holds, if it has grown since the newest one.

    Only what is behind the newest checkpoint is read, and nothing is signed that does not follow it unbroken, nor while
    a checkpoint is kept beside the store that the log does not know: its end was cut off, or an older store put back
    behind our back.

    Returns:
        The newest checkpoint; None for a log without entries.

    Raises:
        AuditBroken: the log ends before its newest checkpoint, or is broken behind it.
    """
    newest, frontier = tx.checkpoints.newest(), tx.checkpoints.frontier()
    kept = wiring.store.kept_checkpoint(wiring.school)
    if kept is not None and kept.key == wiring.signer.public and (newest is None or kept.number > newest.number):
        raise AuditBroken(school=wiring.school, seq=tx.audit.head()[0] + 1, reason=SHORTER)
    before = _entry(wiring, tx, frontier.size)
    new = unbroken(wiring.school, tx.audit.walk(frontier.size), before)
    grown = frontier.grown(map(leaf_of, new))
    if grown.size == frontier.size:
        if newest is not None and kept is None:
            wiring.store.keep_checkpoint(newest)
        return newest
    number = newest.number + 1 if newest else 1
    made = signed(wiring.school, number, grown, instant(wiring.clock.now()), wiring.signer)
    tx.checkpoints.save(made, grown)
    return made


def _entry(wiring: Wiring, tx: Transaction, seq: int) -> tuple[int, str]:
    """Return number and hash of the entry at which the newest checkpoint ends."""
    if seq == 0:
        return 0, GENESIS
    for event in islice(tx.audit.walk(seq - 1), 1):
        if event.seq == seq:
            return seq, event.hash
    raise AuditBroken(school=wiring.school, seq=tx.audit.head()[0] + 1, reason=SHORTER)
