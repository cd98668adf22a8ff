"""One simulated world: a school, its journal, the diary, the wire, the machine, an operator, and who watches them."""

import sqlite3
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from zoneinfo import ZoneInfo

import orjson

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.errors import EjsyncError, InstanceRunning, LeaseLost
from ejsync.pipeline.registering import register, withdraw
from tests.simulation.clock import Time
from tests.simulation.diary import Diary
from tests.simulation.journal import Journal
from tests.simulation.machine import SCHOOL, STORE, Killed, Machine
from tests.simulation.network import Network
from tests.simulation.oracle import Oracle
from tests.simulation.school import Hands, School, day_of


class World:
    """Everything of one seed.

    Attributes:
        chance: the world's own randomness; the service has another.
        reach: how often each fault, crash point, transition came about.
        faulted: something went wrong since it was last set to False.
        kill_after: how many more steps this life has, or None.
        freeze_after: likewise, until it is frozen and replaced.
        meddling: what teachers do while the journal is being read, by number of edits.
    """

    def __init__(self, seed, ground, variant):
        self.seed, self.ground, self.variant = seed, ground, variant
        self.chance, self.reach, self.log = Random(f"world {seed}"), Counter(), []
        self.zone = ZoneInfo(variant.zone)
        self.time = Time(variant.start)
        self.school = School.founded(self.chance, self.today(), pupils=variant.pupils)
        self.hands, self.journal, self.diary = Hands(self.school, self.chance), Journal(self.school), Diary(self.time)
        self.oracle, self.network = Oracle(), Network(self)
        self.diary.on_batch, self.diary.on_effect = self._batch, self._effect
        self.diary.on_conflict = self.oracle.conflicts
        self.diary.on_reuse = lambda: self.oracle.finds("another body came under a known key")
        self.faulted, self.kill_after, self.freeze_after, self.meddling = False, None, None, 0
        self.full_disk = self.locked = 0
        self.turn, self.kills, self.lives = "", 0, 0
        ground.world = self
        self.machine = Machine(self, ground, ground.settings(**variant.settings()), ground.folder / STORE)
        self.watch()

    # -- what everybody asks ------------------------------------------------------------------------------------------

    def today(self):
        """The school's date by the machine's clock."""
        return day_of(self.time.shown(), self.zone)

    def note(self, what):
        """Write a line of the event log."""
        self.log.append(f"{self.time.passed:.3f} {self.time.shown():%d %H:%M:%S} {what}")

    def watch(self):
        """Let the oracle take down what is true and permitted now."""
        self.oracle.observe(self.school.truth(periods=self.variant.periods), self.today(), self.time.passed)

    def _batch(self, key, items, mark):
        self.watch()
        for item in items:
            self.note(f"item {item['op']} {item['kind']} {item['key']} v{item['version']} under {key[:6]}")
        self.oracle.batch(key, items, mark, self.time.passed)

    def _effect(self, name, version, word):
        self.note(f"effect {name[0]} {name[1]} v{version} {word!r}")
        self.oracle.effect(name, version, word, self.time.passed)

    def edit(self, how, *args):
        """Let somebody edit the journal."""
        self.note(f"edit {how(self.today(), *args)}")
        self.watch()

    def school_heals(self):
        """Whatever could not be read in the journal is mended."""
        self.hands.heal()
        self.watch()

    def during_read(self, method):
        """Somebody edits while the journal is being read."""
        if self.meddling and method == "getmarks":
            self.meddling -= 1
            self.reach["fault edited_during_read"] += 1
            self.edit(self.hands.any)

    # -- steps, and what may happen at them ---------------------------------------------------------------------------

    def step(self, point):
        """The service comes to a point at which it may be killed or frozen."""
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                self.kill_after = None
                self.kills += 1
                self.reach[f"kill {self.turn} {point}"] += 1
                self.note(f"killed at {point}")
                raise Killed
        if self.freeze_after is not None and point not in {"tx.begun", "tx.before_commit"}:
            self.freeze_after -= 1
            if self.freeze_after < 0:
                self.freeze_after = None
                self._replaced(point)

    def _replaced(self, point):
        """The instance stands still, another takes over and works, then the first one goes on."""
        self.reach["fault frozen"] += 1
        self.note(f"frozen at {point}")
        turn, frozen = self.turn, self.machine
        self.edit(self.hands.mend)
        frozen.exchange.store.release()
        self.machine = Machine(self, self.ground, frozen.settings, frozen.path, fresh=False)
        self.oracle.forgets_pace("journal")
        try:
            self.machine.open()
            self.go("read", "marks")
            self.go("deliver")
        finally:
            self.turn = turn
        self.oracle.paced = False  # who stood still starts late, and not as far apart as he meant to
        self.note("thawed")

    @contextmanager
    def trouble(self, store):
        """A transaction meets a database that another process has locked."""
        if not self.locked:
            yield
            return
        self.locked -= 1
        self.reach["fault locked"] += 1
        self.faulted = True
        other = sqlite3.connect(store.path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()

    def squeeze(self, tx):
        """The disk is full: what a transaction writes last no longer fits."""
        if self.full_disk:
            self.full_disk -= 1
            self.faulted = True
            self.reach["fault disk_full"] += 1
            connection = tx.audit.connection
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            try:
                connection.exec_driver_sql("INSERT INTO sim_moves VALUES ('', '', hex(zeroblob(500000)))")
            finally:
                connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    # -- turns --------------------------------------------------------------------------------------------------------

    def go(self, turn, feed="marks"):
        """Let the service take one turn, as the daemon guards it; tells whether it lives on."""
        machine = self.machine
        if not machine.alive and not self.begin():
            return False
        self.turn = turn
        self.watch()
        self.note(f"{turn} {feed if turn != 'deliver' else ''}")
        try:
            machine.take(turn, feed)
        except Killed:
            self.oracle.forgets_pace("ed")  # it may have died before it could write down what it was asked
            self.end_life(machine)
        except LeaseLost:
            self.reach["outcome lease_lost"] += 1
            self.note("lease lost")
            self.end_life(machine)
        except EjsyncError as error:
            self.faulted = True
            self.reach[f"outcome {error.code}"] += 1
            self.note(f"{turn} failed: {error.code}")
            self.oracle.forgets_pace("ed")  # nor could this be written down
        except Exception as error:  # noqa: BLE001 - whatever the service stumbles over is a finding
            self.oracle.finds(f"{turn} stumbled: {type(error).__name__}: {error}")
            self.end_life(machine)
        if machine is not self.machine:
            self.oracle.forgets_pace("journal")
            self.oracle.paced = True
            if machine.alive:  # it was replaced and did not notice: it had nothing to commit
                self.end_life(machine)
        return self.machine.alive

    def begin(self):
        """Begin a life of the service."""
        self.turn = "open"
        self.oracle.forgets_pace("journal")
        try:
            self.machine.open()
        except Killed:
            self.end_life(self.machine)
        except EjsyncError as error:
            self.faulted = True
            self.note(f"open failed: {error.code}")
            self.end_life(self.machine)
        return self.machine.alive

    def end_life(self, machine):
        """A life is over."""
        self.faulted = True
        machine.end()

    def second(self):
        """Another instance tries to begin beside the first."""
        if self.machine.alive:
            other = Machine(self, self.ground, self.machine.settings, self.machine.path, fresh=False)
            try:
                other.open()
            except InstanceRunning:
                self.reach["fault second_instance"] += 1
                self.note("second instance refused")
            else:
                self.oracle.finds("two instances work at once")
                other.end()

    # -- families -----------------------------------------------------------------------------------------------------

    def decide(self, pupil, *, days=None):
        """A family consents, for some days or until it withdraws, and the office registers it."""
        self.decide_all({pupil: days})

    def decide_all(self, decided):
        """Families consent, and the office registers them together; `decided` are the days by pupil, None for ever."""
        first, today = self.today() - timedelta(days=30), self.today()
        last = {pupil: None if days is None else today + timedelta(days=days) for pupil, days in decided.items()}
        consents = [
            Consent(0, pupil, Scope.RESULTS, Decision.GRANTED, "parent", "1-К", first, until, None, self.time.shown())
            for pupil, until in last.items()
        ]
        self.operate("consent", lambda wiring: register(wiring, consents, origin="sim"))
        for pupil, until in last.items():
            self.oracle.decides(pupil, first, until or date.max)
        self.watch()

    def withdraw(self, pupil):
        """A family withdraws, and the office registers it."""
        if self.oracle.consents.get(pupil) is not None:
            self.operate("withdraw", lambda wiring: withdraw(wiring, pupil))
            self.oracle.decides(pupil, None, None, granted=False)
            self.watch()

    def operate(self, verb, act):
        """An operator's verb: a process of its own beside the service, which nobody kills half-way."""
        kill, freeze, full, locked = self.kill_after, self.freeze_after, self.full_disk, self.locked
        self.kill_after = self.freeze_after = None
        self.full_disk = self.locked = 0
        self.note(f"operator {verb}")
        try:
            if self.machine.alive:  # a process of its own costs a fortieth of a fortnight and finds the same database
                return act(self.machine.wiring)
            with self.machine.aside() as exchange:
                return act(exchange.schools[SCHOOL])
        finally:
            self.kill_after, self.freeze_after, self.full_disk, self.locked = kill, freeze, full, locked

    # -- what is looked up behind the service's back ------------------------------------------------------------------

    def rows(self, query, *values):
        """Read the database itself."""
        connection = sqlite3.connect(self.machine.path)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def waiting(self):
        """How much waits in the outbox and in open batches, held entries included."""
        [(entries,)] = self.rows("SELECT count(*) FROM outbox")
        [(batches,)] = self.rows("SELECT count(*) FROM batch WHERE state IN ('pending', 'in_flight', 'held')")
        return entries + batches

    def chain(self):
        """The audit chain, each entry as its contract shapes it."""
        columns = "school, seq, at, event, details, previous, hash"
        names = columns.split(", ")
        for row in self.rows(f"SELECT {columns} FROM audit_event ORDER BY seq"):
            entry = dict(zip(names, row, strict=True))
            yield {**entry, "details": orjson.loads(entry["details"])}

    def digest(self):
        """A hash of the event log."""
        return sha256("\n".join(self.log).encode()).hexdigest()
