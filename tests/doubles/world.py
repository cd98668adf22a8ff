"""One school on a virtual clock: scripted journal, strict diaries, a real store; what a test asks of the flow."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from ejsync.contracts import Contracts
from ejsync.domain.audit import verify
from ejsync.domain.batches import BatchState
from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.guard import GuardRule
from ejsync.domain.reads import Demand
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Heat
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.ports import Wiring
from ejsync.pipeline.registering import register, withdraw
from ejsync.pipeline.sync import sync_feed
from ejsync.runtime import InlineExecutor
from ejsync.signing import Signature
from tests.doubles.clock import VirtualClock
from tests.doubles.sink import StrictSink
from tests.doubles.source import ScriptedSource
from tests.doubles.vault import sealed_store

YEAR = Days(date(2026, 9, 1), date(2027, 5, 31))
WANTED = (Demand(Heat.HOT, YEAR, datetime.max.replace(tzinfo=UTC)),)
LAX = GuardRule(retracted_share=1.0, changed_share=1.0, least_count=1000, most_count=1000, wiped_count=1000)
STRICT = GuardRule(retracted_share=0.3, changed_share=0.8, least_count=2, most_count=1000, wiped_count=1000)


@cache
def contracts():
    """The compiled contracts, once for all tests."""
    return Contracts()


@cache
def _empty_store():
    """The bytes of a store that was only just made: migrations are run once for all tests of a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        made = sealed_store(path, VirtualClock())
        made.keys.own("signing")  # as whoever opens an exchange does first of all
        made.close()
        return {end: Path(f"{path}{end}").read_bytes() for end in ("", ".head", ".keys")}


def opened_store(path, clock):
    """Open a store; a new one begins as a copy of one just made, which is what it would be after its migrations."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for end, content in _empty_store().items():
            name = Path(f"{path}{end}")
            name.touch(mode=0o600)
            name.write_bytes(content)
    return sealed_store(path, clock)


class World:
    """A school; `restart` is what happens after a kill: the next instance under the next epoch."""

    def __init__(self, folder, *, sinks=("ed",), guard=LAX, batch_items=50, seed=0, source=None):
        self.clock, self.source = VirtualClock(), source or ScriptedSource()
        self.sinks = {name: StrictSink(name, self.clock) for name in sinks}
        self.store = opened_store(folder / "ejsync.db", self.clock)
        self.wiring = Wiring(
            school="school-7", zone=ZoneInfo("Europe/Moscow"), source=self.source, sinks=self.sinks, store=self.store,
            contracts=contracts(), keyring=Keyring.from_master(b"k" * 32), clock=self.clock, rng=Random(seed),
            signer=Signature.from_seed(self.store.keys.own("signing")),
            executor=InlineExecutor(), guard=guard, batch_items=batch_items, epoch=self.store.acquire(),
        )  # fmt: skip

    @property
    def ed(self):
        """The first diary."""
        return next(iter(self.sinks.values()))

    def restart(self):
        """Begin again as another instance."""
        self.store.release()
        self.wiring = replace(self.wiring, epoch=self.store.acquire())

    def guarded(self, guard=STRICT):
        """Use another mass-change guard from now on."""
        self.wiring = replace(self.wiring, guard=guard)

    def close(self):
        """Let the store go."""
        self.store.close()

    def consent(self, *pupils, decision=Decision.GRANTED, scope=Scope.RESULTS, **fields):
        """Register a decision of each pupil's family."""
        at = self.clock.now()
        given = {"valid_from": date(2026, 9, 1), "valid_until": None, **fields}
        decided = [
            Consent(0, pupil, scope, decision, "parent", "1-К", given["valid_from"], given["valid_until"], None, at)
            for pupil in pupils
        ]
        return register(self.wiring, decided, origin="test")

    def withdraw(self, pupil):
        """Withdraw a family's consent."""
        return withdraw(self.wiring, pupil)

    def read(self, *readings, feed=Feed.MARKS):
        """Let the journal answer so and read the feed once."""
        self.source.script(feed, *readings)
        return sync_feed(self.wiring, feed, WANTED)

    def deliver(self, sink=None):
        """Send what is due to one diary, by default the first."""
        return deliver(self.wiring, sink or self.ed.name)

    def settle_down(self, hours=3):
        """Let time pass until every retry has had its turn."""
        for _ in range(hours * 2):
            for sink in self.sinks:
                self.deliver(sink)
            self.clock.move(minutes=40)
        for sink in self.sinks:
            self.deliver(sink)

    def tx(self):
        """A transaction to look around in or to prepare a state in."""
        return self.store.begin(self.wiring.school)

    def batches(self, *states):
        """The batches in some states, newest first."""
        with self.tx() as tx:
            return tx.batches.find([BatchState(state) for state in states])

    def items(self, batch):
        """The items of a batch."""
        with self.tx() as tx:
            return tx.batches.items(batch)

    def waiting(self):
        """How many entries wait, by sink."""
        with self.tx() as tx:
            return tx.outbox.waiting()

    def audit(self, event=None):
        """The audit chain, verified, as a list."""
        with self.tx() as tx:
            chain = list(tx.audit.walk())
        verify(self.wiring.school, chain)
        return [entry for entry in chain if event in (None, entry.event)]

    def seen(self, sink=None):
        """What families see of marks and absences: raw text by key."""
        holding = self.sinks[sink or self.ed.name].live()
        return {key: data["raw"] for (kind, key), data in holding.items() if kind in {"mark", "absence"}}
