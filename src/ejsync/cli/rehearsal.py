"""A dry run: the whole cycle on a scratch copy of the store, with sinks that go nowhere."""

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring
    from ejsync.settings import School, Settings


@contextmanager
def rehearsed(settings: "Settings") -> "Iterator[Exchange]":
    """Open an exchange over a copy of the store; real store and diaries are not touched.

    Raises:
        StoreError: the store cannot be copied.
    """
    from ejsync.bootstrap import Outside, opened, vault_of
    from ejsync.store.drafts import draft_folder
    from ejsync.store.inspection import copy_database

    store = settings.store.path
    with draft_folder(store) as folder:
        copy = folder / "copy.db"
        if store.is_file():
            copy_database(store, copy)
        harmless = settings.model_copy(update={"schools": [_without_diaries(school) for school in settings.schools]})
        outside = Outside(store_path=copy, keys=vault_of(settings, in_memory=True))
        with opened(harmless, working=True, outside=outside) as exchange:
            yield exchange


def _without_diaries(school: "School") -> "School":
    """Replace every sink under its own name: what was delivered to it still counts."""
    from pydantic import TypeAdapter

    from ejsync.sinks import SinkConfig

    adapter: TypeAdapter[Any] = TypeAdapter(SinkConfig)
    sinks = [adapter.validate_python({"type": "dryrun", "name": sink.name}) for sink in school.sinks]
    return school.model_copy(update={"sinks": sinks})


def would_send(wiring: "Wiring") -> list[dict[str, Any]]:
    """Count what waits for each sink, in the outbox and in batches that are to go again, and what is held."""
    from ejsync.domain.batches import OPEN, BatchState

    found: Counter[tuple[str, str, str]] = Counter()
    held: Counter[tuple[str, str, str]] = Counter()
    with wiring.store.read(wiring.school) as tx:
        for sink in wiring.sinks:
            found.update({(sink, *what): count for what, count in tx.outbox.waiting_by_kind(sink).items()})  # type: ignore[attr-defined]  # a reading verb's query, not a port of the stages
            for batch in tx.batches.find(OPEN, sink=sink):
                found.update((sink, item.op.value, item.kind.value) for item in tx.batches.items(batch.batch))
            for batch in tx.batches.find((BatchState.HELD,), sink=sink):
                held.update((sink, one.op.value, one.kind.value) for one in tx.outbox.held_entries(batch.batch))
    return [
        {"sink": what[0], "op": what[1], "kind": what[2], "records": found[what], "held": held[what]}
        for what in sorted({*found, *held})
    ]
