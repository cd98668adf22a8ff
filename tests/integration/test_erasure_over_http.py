"""An erasure at the simulated diary in a process of its own: what it held of the pupil is in its file no more."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ejsync.domain.erasure import Step
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.erase import advance, begin
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits
from tests.doubles.erasing import HIM, MATE, ORDER, TOKENS, filled, paperwork, read_all, spellings

pytestmark = pytest.mark.slow

PROGRAM = """
import sys, pathlib
from ejsync.sandbox.diary import run_diary
run_diary(host="127.0.0.1", port=0, database=pathlib.Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def announced(tmp_path_factory):
    """A diary in a process of its own, and what it announced."""
    database = tmp_path_factory.mktemp("diary") / "diary.db"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(database)], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture
def ed(world, announced, monkeypatch):
    """The real connector towards that diary, in the place of the world's double."""
    monkeypatch.setitem(os.environ, "DIARY_TOKEN", announced["token"])
    config = EdConfig.model_validate({"type": "ed", "base_url": announced["base_url"], "token": "env:DIARY_TOKEN"})
    sink = EdSink(config, clock=world.clock, limits=Limits())
    world.wiring = replace(world.wiring, sinks={"ed": sink})
    yield sink
    sink.close()


def held(announced, token):
    """Whether the diary's files hold a token."""
    database = Path(announced["database"])
    return [path.name for path in database.parent.iterdir() if any(f in path.read_bytes() for f in spellings(token))]


@pytest.mark.usefixtures("ed")
def test_the_diary_destroys_him_and_lets_him_come_back(world, announced):
    """Held before, gone after; a class-mate stays; with a new consent he is taken again, and nothing is stale."""
    filled(world, delivered=False)
    deliver(world.wiring, "ed")
    assert held(announced, TOKENS[0])
    number = begin(world.wiring, ORDER).number
    deliver(world.wiring, "ed")
    done = advance(world.wiring, number, paperwork(world))
    assert (done.step, done.told["ed"]["answer"]) == (Step.DONE, "confirmed")
    assert [token for token in (*TOKENS, HIM) if held(announced, token)] == []
    assert held(announced, MATE)
    world.consent(HIM)
    read_all(world)
    deliver(world.wiring, "ed")
    assert held(announced, TOKENS[0])
    [settled] = world.audit("batch.settled")[-1:]
    assert settled.details["counts"] == {"applied": 4}
