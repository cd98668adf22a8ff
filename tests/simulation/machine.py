"""The service of a world, as it lives: opened, killed at any step, frozen, taken over, opened again."""

import os
import shutil
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from random import Random

from sqlalchemy import create_engine as real_create_engine

from ejsync import bootstrap
from ejsync.contracts import Contracts
from ejsync.domain.records import Feed
from ejsync.rounds import Rounds
from ejsync.runtime import InlineExecutor
from ejsync.settings import load
from ejsync.store import SqlStore, connecting
from ejsync.vault import vault
from ejsync.vault.key_file import KeyFile
from tests.doubles.vault import sealed_store
from tests.simulation.clock import Time, utc

SCHOOL = "school-7"
SECRETS = {"SIM_MASTER": "5e" * 32, "SIM_DEVKEY": "dev", "SIM_PASSWORD": "pass", "SIM_CLIENT": "client"}
STORE = Path("world/ejsync.db")
BESIDE = ("", ".head", ".keys")
TEMPLATE = """
[store]
path = "{store}"
[keys]
master = "env:SIM_MASTER"
[delivery]
batch_items = {batch_items}
[guard]
least_count = 4
wiped_count = 0
[[schools]]
name = "school-7"
title = "Школа 7"
timezone = "{zone}"
[schools.source]
type = "eljur"
base_url = "http://journal.sim/apiv3"
vendor = "school-7"
devkey = "env:SIM_DEVKEY"
pupils_per_request = {group}
accounts = [{{ name = "reader", login = "ejsync", password = "env:SIM_PASSWORD" }}]
[[schools.sinks]]
type = "ed"
name = "ed"
base_url = "http://ed.sim/api"
token_url = "http://ed.sim/api/oauth/token"
client_id = "ejsync"
client_secret = "env:SIM_CLIENT"
[feeds]
timetable = {{ enabled = false }}
substitutions = {{ enabled = false }}
diary = {{ enabled = false }}
homework = {{ enabled = false }}
derived = {{ enabled = {derived} }}
periods = {{ enabled = {periods} }}
"""
TRIGGERS = """
CREATE TABLE sim_moves (what TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL);
CREATE TRIGGER sim_batch AFTER UPDATE OF state ON batch WHEN old.state <> new.state
BEGIN INSERT INTO sim_moves VALUES ('batch', old.state, new.state); END;
CREATE TRIGGER sim_item AFTER UPDATE OF state ON batch_item WHEN old.state <> new.state
BEGIN INSERT INTO sim_moves VALUES ('item', old.state, new.state); END;
"""


class Killed(BaseException):
    """The process ended here: nothing that follows is executed."""


class Ground:
    """What worlds of one process share: settings, contracts, compiled statements, an empty database.

    To make them anew would take longer than a virtual week.
    """

    def __init__(self, folder: Path):
        self.folder, self._settings = folder, {}
        os.environ.update(SECRETS)
        self.contracts = Contracts()
        mark = self.contracts.mark()
        self.contracts.mark = lambda: mark
        self.world = None
        self._engines, self._free = {}, []
        bootstrap.Contracts = lambda: self.contracts
        bootstrap.SqlStore = self._store
        connecting.create_engine = self._engine
        self.empty = self._made_empty()
        vault.KeyFile = lambda path: WatchedKeyFile(self, path)

    def settings(self, **variant):
        """The settings of a variant, read once."""
        key = tuple(sorted(variant.items()))
        if key not in self._settings:
            file = self.folder / "ejsync.toml"
            file.write_text(TEMPLATE.format(store=STORE, **variant))
            self._settings[key] = load(file)
        return self._settings[key]

    def _made_empty(self):
        path = self.folder / "empty.db"
        sealed_store(path, Time(utc(2026, 9, 1)).clock(), bytes.fromhex(SECRETS["SIM_MASTER"])).close()
        connection = sqlite3.connect(path)
        connection.executescript(TRIGGERS)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return {ending: Path(f"{path}{ending}").read_bytes() for ending in BESIDE}

    def _store(self, path, clock, keys):
        return WatchedStore(self, path, clock, keys)

    def _engine(self, url, **options):
        """Hand an engine out again: its compiled statements are worth more than everything else in a world."""
        path = url.removeprefix("sqlite:///")
        engine = self._free.pop() if self._free else None
        if engine is None:
            cell = {}
            engine = real_create_engine(
                "sqlite:////", creator=lambda: sqlite3.connect(cell["path"], timeout=0, check_same_thread=False)
            )
            engine.sim_cell = cell
            dispose = engine.dispose

            def hand_back(*args, **more):
                dispose(*args, **more)
                if engine not in self._free:
                    self._free.append(engine)

            engine.dispose = hand_back
        engine.sim_cell["path"] = path
        return engine


class WatchedStore(SqlStore):
    """The real store; every transaction's beginning and end is a step at which the world may end it."""

    def __init__(self, ground, path, clock, keys):
        self._ground = ground
        super().__init__(path, clock, keys)

    @contextmanager
    def begin(self, school):
        """Open a writing transaction."""
        world = self._ground.world
        world.step("tx.before")
        with world.trouble(self), super().begin(school) as tx:
            world.step("tx.begun")
            yield tx
            world.squeeze(tx)
            world.step("tx.before_commit")
        world.step("tx.committed")


class WatchedKeyFile(KeyFile):
    """The real file of keys; a change of it begins and ends with a step."""

    def __init__(self, ground, path):
        self._ground = ground
        super().__init__(path)

    @contextmanager
    def writing(self):
        """Change the file."""
        self._ground.world.step("keys.before")
        with super().writing():
            yield
        self._ground.world.step("keys.written")


class Machine:
    """One life after another of the service over one database."""

    def __init__(self, world, ground, settings, path, *, fresh=True):
        self._world, self._ground, self.settings, self.path = world, ground, settings, path
        if fresh:
            shutil.rmtree(path.parent, ignore_errors=True)
            path.parent.mkdir()
            for ending, content in ground.empty.items():
                Path(f"{path}{ending}").write_bytes(content)
        self.exchange = self._opening = self.rounds = self.wiring = None

    def open(self):
        """Begin a life. Raises EjsyncError."""
        world = self._world
        world.lives += 1
        outside = bootstrap.Outside(
            world.time.clock(), Random(f"{world.seed}/{world.lives}"), InlineExecutor(), wire=world.network
        )
        opening = bootstrap.opened(self.settings, working=True, outside=outside)
        self.exchange = opening.__enter__()
        self._opening = opening
        self.rounds = Rounds(self.exchange, lambda: False)
        self.wiring = self.exchange.schools[SCHOOL]

    def take(self, turn, feed):
        """Take one turn. Raises what it raises."""
        act = getattr(self.rounds, turn)
        act(self.wiring, *{"deliver": ["ed"], "checkpoint": []}.get(turn, [Feed(feed)]))

    def aside(self):
        """Open the exchange as an operator's verb does, beside the service."""
        world = self._world
        world.lives += 1
        chance = Random(f"{world.seed}/{world.lives}")
        outside = bootstrap.Outside(world.time.clock(), chance, InlineExecutor(), wire=world.network)
        return bootstrap.opened(self.settings, outside=outside)

    def end(self):
        """End this life without a farewell: what is let go of is what the system itself would let go of."""
        opening, self.exchange, self._opening, self.rounds, self.wiring = self._opening, None, None, None, None
        if opening is not None:
            opening.gen.close()

    @property
    def alive(self):
        """Whether a life is under way."""
        return self.exchange is not None
