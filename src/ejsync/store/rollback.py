"""Knowing a store that is older than what it already was, and what that makes doubtful.

An older copy may be put in the place of the store by `db restore`, by hand, or by a machine that is set back. What
came after it is known to the sinks and not to us: nothing that the copy says about them is believed any more.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, insert, literal, null, select, update
from sqlmodel import SQLModel

from ejsync.domain.batches import OPEN, BatchState, ItemState
from ejsync.domain.changes import Op, outbox_rank
from ejsync.domain.records import Kind
from ejsync.domain.standing import Priority
from ejsync.errors import AuditBroken
from ejsync.store.audit_table import AuditTable
from ejsync.store.heads import HeadFile, Heads, head_of, heads_of
from ejsync.store.mark_table import COPIED, EVERY_SCHOOL, HEAD_KEPT, ROLLED_BACK, MarkTable
from ejsync.store.outbox_table import UNKNOWN
from ejsync.store.progress_table import set_epoch
from ejsync.store.reading_tables import PageRow, ReadingRow
from ejsync.store.sealed_columns import shut
from ejsync.store.statements import table_of
from ejsync.store.tables import BatchItemRow, BatchTableRow, DeliveredRow, OutboxRow, RecordRow, SinkRow
from ejsync.store.withdrawals import WithdrawalFile
from ejsync.vault import Vault

KEYS_LOST = "keys_lost"
IS_COPY, NO_HEAD, OLD_EPOCH, BEHIND, OTHER = "copy", "head_missing", "epoch_behind", "audit_behind", "audit_differs"
B, I, D, O, R = (table_of(row).c for row in (BatchTableRow, BatchItemRow, DeliveredRow, OutboxRow, RecordRow))  # noqa: E741 - one letter a table


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside a store."""

    heads: HeadFile
    withdrawals: WithdrawalFile


def look_back(connection: Connection, beside: Beside, keys: Vault, at: datetime) -> Mapping[str, str]:
    """Find out whether a store just opened is an older copy, and if so doubt what it says; returns why, by school."""
    kept, marks = beside.heads.read(), MarkTable(connection, EVERY_SCHOOL)
    reasons = _reasons(connection, kept, marks)
    for school, reason in reasons.items():
        doubt(connection, school, beside.withdrawals, reason, at)
        shut(connection, school, keys.of(school))  # pupils whose keys were destroyed since this copy was made
    present = heads_of(connection)
    if kept is not None and present.epoch < kept.epoch:  # an instance of the lost time must not commit late
        set_epoch(connection, kept.epoch, pid=0, at=at)
    marks.drop(COPIED)
    if marks.get(HEAD_KEPT) is None:
        marks.put(HEAD_KEPT, "", at)
    if reasons or kept is None:
        beside.heads.write(replace(present, epoch=max(present.epoch, kept.epoch if kept else 0)))
    return reasons


def _reasons(connection: Connection, kept: Heads | None, marks: MarkTable) -> dict[str, str]:
    """Say of each school why its part of the store is older than it was; nothing where it is not."""
    present = heads_of(connection)
    schools = {*present.schools, *(kept.schools if kept else ())}
    of_all = _reason_for_all(present, kept, marks)
    if of_all is not None:
        return dict.fromkeys(sorted(schools), of_all)
    found = {school: _reason(connection, school, kept) for school in sorted(schools)} if kept else {}
    return {school: reason for school, reason in found.items() if reason is not None}


def _reason_for_all(present: Heads, kept: Heads | None, marks: MarkTable) -> str | None:
    if marks.get(COPIED) is not None:
        return IS_COPY
    if kept is None:
        return NO_HEAD if marks.get(HEAD_KEPT) is not None else None
    return OLD_EPOCH if present.epoch < kept.epoch else None


def _reason(connection: Connection, school: str, kept: Heads) -> str | None:
    if school not in kept.schools:
        return None
    seq, sealed = kept.schools[school]
    here = head_of(connection, school, seq)
    if here[0] == 0:
        return BEHIND
    return OTHER if here[1] != sealed else None


def doubt(connection: Connection, school: str, withdrawals: WithdrawalFile, reason: str, at: datetime) -> None:
    """Believe nothing that this copy says about sinks and reads; end again the consents that had ended."""
    ended = withdrawals.apply(connection, school)
    called_off = _call_off(connection, school, at)
    _doubt_sinks(connection, school, at)
    for model in (ReadingRow, PageRow):
        _delete_of(connection, model, school)
    marks = MarkTable(connection, school)
    marks.put(ROLLED_BACK, reason, at)
    marks.doubt(reason, at)
    details = {"reason": reason, "batches": called_off, "consents": ended}
    with suppress(AuditBroken):  # a chain that is broken says so when it is verified
        AuditTable(connection, school).append("store.rolled_back", details, at)


def _call_off(connection: Connection, school: str, at: datetime) -> int:
    """Cancel what was under way: what it brought may be long overtaken; all that is known is offered anew."""
    is_open = (B.school == school, B.state.in_([state.value for state in OPEN]))
    batches = list(connection.execute(select(B.batch).where(*is_open)).scalars())
    waiting = update(table_of(BatchItemRow)).where(I.batch.in_(select(B.batch).where(*is_open)))
    connection.execute(waiting.values(state=ItemState.REQUEUED.value))
    cancelling = update(table_of(BatchTableRow)).where(*is_open)
    connection.execute(
        cancelling.values(state=BatchState.CANCELLED.value, body=b"", settled_at=at, last_error=ROLLED_BACK)
    )
    return len(batches)


def _doubt_sinks(connection: Connection, school: str, at: datetime) -> None:
    """Let sinks join anew, as if they held every key with nobody knows what content; what is gone goes once more."""
    _delete_of(connection, SinkRow, school)
    rank = case(*((R.kind == kind.value, literal(outbox_rank(Op.RETRACT, kind))) for kind in Kind))
    gone = (
        select(
            D.school, D.sink, D.kind, D.key, R.pupil, literal(Op.RETRACT.value), R.version, R.fingerprint, rank,
            literal(int(Priority.NORMAL)), null(), literal(at, O.queued_at.type),
        )
        .join(table_of(RecordRow), (R.school == D.school) & (R.kind == D.kind) & (R.key == D.key))
        .where(D.school == school, R.gone, ~D.live | _called_off(at), ~_waits())  # the rest may have been refused
    )  # fmt: skip
    names = ("school", "sink", "kind", "key", "pupil", "op", "version", "fingerprint", "rank", "priority", "hold")
    connection.execute(insert(table_of(OutboxRow)).from_select([*names, "queued_at"], gone))
    doubting = update(table_of(DeliveredRow)).where(D.school == school)
    connection.execute(doubting.values(fingerprint=UNKNOWN, live=True))


def _called_off(at: datetime) -> ColumnElement[bool]:
    of_batch = (B.batch == I.batch, B.sink == D.sink, B.last_error == ROLLED_BACK, B.settled_at == at)
    return select(I.key).where(I.school == D.school, I.kind == D.kind, I.key == D.key, *of_batch).exists()


def _waits() -> ColumnElement[bool]:
    same = (O.school == D.school, O.sink == D.sink, O.kind == D.kind, O.key == D.key)
    return select(O.id).where(*same).exists()


def _delete_of(connection: Connection, model: type[SQLModel], school: str) -> None:
    table = table_of(model)
    connection.execute(delete(table).where(table.c.school == school))
