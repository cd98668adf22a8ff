"""A command line to run in this process, and a school that has lived through everything worth looking at."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from ejsync.cli.entry import cli
from ejsync.domain.records import Feed
from tests.doubles import records
from tests.doubles.world import STRICT, World

SETTINGS = """
[store]
path = "state/ejsync.db"
[keys]
master = "file:master.key"
[[schools]]
name = "school-7"
title = "Школа № 7"
timezone = "Europe/Moscow"
[schools.source]
type = "recorded"
folder = "pages"
[[schools.sinks]]
type = "dryrun"
name = "ed"
"""


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch):
    """No setting of this machine decides about language, colour or configuration."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "FORCE_COLOR", "EJSYNC_CONFIG", "EJSYNC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "")


@pytest.fixture
def run():
    """Run a command line in English and return its result."""

    def go(*words, answer=None):
        return CliRunner().invoke(cli, ["--lang", "en", *map(str, words)], input=answer)

    return go


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with settings, a key and no store; it is the working folder."""
    (tmp_path / "ejsync.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "master.key").write_bytes(b"k" * 32)
    (tmp_path / "pages").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ask(home, run):
    """Run a reading verb with --json and return its document; nothing else may stand on stdout."""

    def go(*words, code=0):
        result = run(*words, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    return go


@pytest.fixture
def lived(home):
    """The same folder after some days: delivered, dead, quarantined, held and withheld records."""
    world = World(home / "state")
    people = (records.school_class(), records.pupil("1001"), records.pupil("1002"), records.teacher())
    world.read(records.roster(*people), feed=Feed.ROSTER)
    world.consent("1001")
    dead = records.mark(column=1)
    world.ed.reject["mark", dead.key] = "poison"
    week = [records.lesson(number) for number in range(1, 7)]
    world.read(records.lessons(["10А"], *week), feed=Feed.TIMETABLE)
    world.read(records.marks(["1001"], records.mark(), dead, records.broken_mark(column=2)))
    world.deliver()
    world.guarded(STRICT)
    world.read(records.lessons(["10А"], week[0]), feed=Feed.TIMETABLE)
    (died,), (held,) = world.batches("partial"), world.batches("held")
    world.close()
    return SimpleNamespace(home=home, dead_batch=died.batch, held_batch=held.batch, pupil="1001", withheld="1002")


@pytest.fixture
def page(home):
    """Put a recorded page of the journal where the settings look for it."""

    def put(name, feed, *rows, kinds=(), owners=()):
        told = [
            {"kind": r.kind, "key": r.key, "owner": r.owner, "pupil": r.pupil, "day": r.day, "data": r.data}
            for r in rows
        ]
        coverage = [{"kinds": list(kinds), "owners": list(owners)}] if kinds else []
        whole = {"feed": feed, "scope": name, "records": told, "coverages": coverage}
        (home / "pages" / f"{name}.json").write_text(json.dumps(whole, default=str), encoding="utf-8")

    return put
