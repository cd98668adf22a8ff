"""The dry-run sink: takes everything, sends nothing."""

from ejsync.domain.batches import Item, Parcel, Status
from ejsync.domain.changes import Op
from ejsync.domain.comparing import SILENT
from ejsync.domain.records import Kind
from ejsync.sinks.dryrun.client import DryRunSink


def test_everything_is_applied_and_nothing_is_sent():
    """Each item is answered with applied; there is nothing to reach and nothing to close."""
    items = tuple(Item(position, Op.UPSERT, Kind.MARK, "k", None, 1, "f") for position in range(3))
    sink = DryRunSink()
    answers = sink.push("school-7", Parcel("b", "k", b"", "identity", items, 1))
    assert [(answer.position, answer.status) for answer in answers] == [(n, Status.APPLIED) for n in range(3)]
    sink.ping("school-7")
    assert sink.erase("school-7", "1001") is SILENT
    assert sink.newest_checkpoint("school-7") is SILENT
    sink.close()
