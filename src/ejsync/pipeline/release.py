"""release: take a quarantined record in after all, once it keeps its contract."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from ejsync.domain.records import Feed, Record
from ejsync.domain.windows import Window
from ejsync.errors import ContractViolation
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.normalise import normalise
from ejsync.pipeline.ports import Wiring


def release(wiring: Wiring, number: int) -> Mapping[str, int]:
    """Check a quarantined record again and, if it is well now, let it go its way; returns the counts of that.

    Raises:
        NotFound: nothing is quarantined under this number.
        ContractViolation: it still breaks its contract.
    """
    with wiring.store.begin(wiring.school) as tx:
        row = tx.quarantine.get(number)
        broken = row.broken
        data: dict[str, Any] = orjson.loads(broken.payload)
        day = date.fromisoformat(broken.day) if broken.day else None
        normal = normalise(wiring, [Record(broken.kind, broken.key, broken.owner, broken.pupil, day, data)])
        if normal.broken:
            raise ContractViolation(contract=broken.contract, pointers=normal.broken[0].pointers)
        window = Window(Feed(row.feed), f"quarantine {number}", "release")
        absorbed = absorb(wiring, tx, window, (), normal)
        tx.audit.append("quarantine.released", {"number": number, "kind": broken.kind.value}, wiring.clock.now())
    return absorbed.counts
