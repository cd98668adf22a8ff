"""Composition root: settings in, wired schools out (the only place where concretes are built)."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom

from ejsync.contracts import Contracts
from ejsync.domain.batch_sizes import SLOW_SHARE
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.reads import Demand, Sweep, ordered, urgency
from ejsync.domain.records import ASKED, Feed
from ejsync.errors import NotFound
from ejsync.pipeline.ports import Clock, Executor, Surroundings, Wiring
from ejsync.runtime import PoolExecutor, SystemClock
from ejsync.sealing import Seal
from ejsync.settings import Moment, School, Settings
from ejsync.signing import Signature
from ejsync.sinks import open_sink
from ejsync.sources import open_source
from ejsync.store import SqlStore, StoreMemory
from ejsync.transport import Limits, Wire
from ejsync.vault import Vault, master_of
from ejsync.wording import N_, say

PARALLEL_READS = 16


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything of one instance: its settings, its store, and each school wired."""

    settings: Settings
    store: SqlStore
    clock: Clock
    schools: Mapping[str, Wiring]

    def school(self, name: str | None) -> list[Wiring]:
        """Return the named school, or all of them.

        Raises:
            NotFound: the settings name no such school.
        """
        if name is None:
            return list(self.schools.values())
        if name not in self.schools:
            raise NotFound(what=say(N_("school")), name=name, listing="ejsync config show")
        return [self.schools[name]]

    def feeds(self) -> list[Feed]:
        """Return the feeds that are switched on, in the order a first cycle needs them."""
        return [feed for feed in Feed if self.settings.feeds.of(feed).enabled]

    def asked_feeds(self) -> list[Feed]:
        """Return the feeds that are switched on and ask the journal."""
        return [feed for feed in self.feeds() if feed in ASKED]

    def demands(
        self, wiring: Wiring, feed: Feed, sweep: Sweep = Sweep.ALL, *, patience: timedelta = timedelta(0)
    ) -> tuple[Demand, ...]:
        """Return what a cycle of a feed asks for now: as the settings say, and what operators ordered.

        Args:
            patience: how long a read stays good enough for what is read in every cycle.
        """
        now = self.clock.now()
        with self.store.read(wiring.school) as tx:
            first = tx.records.period_first(now.astimezone(wiring.zone).date())
            orders = tx.readings.orders(feed) if sweep is not Sweep.NOW else []
        moment = Moment(now, wiring.zone, first, patience)
        usual = self.settings.feeds.of(feed).demands(sweep, moment, self.settings.feeds.night_begins)
        return tuple(sorted([*usual, *map(ordered, orders)], key=urgency))

    def is_quiet(self, wiring: Wiring) -> bool:
        """Tell whether the school's clocks show hours in which nothing is read by schedule."""
        return self.settings.feeds.quiet_hours.contains(self.clock.now().astimezone(wiring.zone))

    def patience(self, feed: Feed) -> timedelta:
        """Return how long a read by schedule stays good: half a cycle, so that restarts ask for nothing twice."""
        return timedelta(minutes=self.settings.feeds.of(feed).every_minutes) / 2


def master_key(settings: Settings) -> bytes:
    """Read the master key: hex digits, or any text of enough bytes.

    Raises:
        ConfigError: it is missing or too short.
    """
    return master_of(settings.keys.master)


def vault_of(settings: Settings, store: Path | None = None, *, in_memory: bool = False) -> Vault:
    """Return the keys beside a store, by default that of the settings.

    Args:
        in_memory: leave the key file as it is, whatever becomes of the keys.
    """
    return Vault(store or settings.store.path, lambda: master_key(settings), in_memory=in_memory)


def limits(settings: Settings) -> Limits:
    """Return the bounds of one HTTP request."""
    http = settings.http
    return Limits(
        connect_s=http.connect_s,
        total_s=http.total_s,
        body_bytes=http.body_megabytes * 1_000_000,
        attempts=http.attempts,
        ca_bundle=http.ca_bundle,
    )


@dataclass(frozen=True, slots=True)
class Outside:
    """What an exchange is handed in the place of the machine's own; None stands for the machine's.

    Attributes:
        store_path: another database than the settings name (rehearsals on a copy).
        keys: other keys than those beside that database.
        wire: carries requests in the place of sockets.
    """

    clock: Clock | None = None
    rng: Random | None = None
    executor: Executor | None = None
    store_path: Path | None = None
    keys: Vault | None = None
    wire: Wire | None = None


@contextmanager
def opened(
    settings: Settings,
    *,
    working: bool = False,
    outside: Outside = Outside(),
) -> Iterator[Exchange]:
    """Open the store and wire every school.

    Args:
        working: take the lease, to read from sources and send to sinks; without it the exchange serves operators'
            verbs, which are safe beside a running daemon.
        outside: what stands in the place of the machine's own clock, threads, network and database.

    Raises:
        ConfigError: the master key is missing.
        StoreError: the database cannot be used.
        InstanceRunning: `working`, and another instance holds the store.
    """
    clock, rng = outside.clock or SystemClock(), outside.rng or SystemRandom()
    contracts, bounds = Contracts(), replace(limits(settings), wire=outside.wire)
    path = outside.store_path or settings.store.path
    vault = outside.keys or vault_of(settings, path)
    with ExitStack() as stack:
        store = stack.enter_context(closing(SqlStore(path, clock, vault)))
        keys, seal = Keyring(vault.own("fingerprint"), vault.own("pseudonym")), Seal(vault.own("sealing"))
        signer = Signature.from_seed(vault.own("signing"))
        epoch = store.acquire() if working else 0
        pool = outside.executor or stack.enter_context(closing(PoolExecutor(PARALLEL_READS)))

        def wire(school: School) -> Wiring:
            memory = StoreMemory(store, school.name, seal, clock)
            around = Surroundings(clock, rng, contracts, keys.fingerprint, memory, school.zone)
            source = open_source(school.source, around, bounds)
            stack.callback(source.close)
            sinks = {config.name: open_sink(config, clock=clock, limits=bounds) for config in school.sinks}
            for sink in sinks.values():
                stack.callback(sink.close)
            return Wiring(
                school=school.name,
                zone=school.zone,
                source=source,
                sinks=sinks,
                store=store,
                contracts=contracts,
                keyring=keys,
                signer=signer,
                clock=clock,
                rng=rng,
                executor=pool,
                guard=settings.guard.rule(),
                batch_items=settings.delivery.batch_items,
                epoch=epoch,
                contacts=school.contacts,
                slow_s=bounds.total_s * SLOW_SHARE,
            )

        yield Exchange(settings, store, clock, {school.name: wire(school) for school in settings.schools})
