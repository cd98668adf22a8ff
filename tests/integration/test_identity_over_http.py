"""What schools do to their journal, over HTTP: a simulated ElJur is edited, a diary is told just that."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import httpx
import pytest

from ejsync.domain.reads import Demand
from ejsync.domain.records import ASKED
from ejsync.domain.windows import Days, Heat
from ejsync.pipeline.ports import Surroundings
from ejsync.pipeline.replay import approve
from ejsync.pipeline.sync import sync_feed
from ejsync.sandbox.comparison import compare
from ejsync.sandbox.expectation import Covered, Span, everyone
from ejsync.sources import EljurConfig, open_source
from ejsync.transport import Limits
from tests.doubles.memory import DictMemory
from tests.doubles.world import STRICT, World

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from datetime import date
from ejsync.sandbox.journal import run_journal
run_journal(host="127.0.0.1", port=0, pupils=int(sys.argv[1]), seed=11, today=date(2026, 11, 16))
"""
ONE_CLASS, TWO_CLASSES = 25, 50
RENAMED = "Алгебра и начала анализа"
READ = {2026: Days(date(2026, 10, 1), date(2026, 11, 29)), 2027: Days(date(2027, 9, 1), date(2027, 9, 19))}
"""The days that are read of each school year."""


class Exchange:
    """A school whose journal is the simulated one, and all that its diary was told."""

    def __init__(self, world, announced):
        self.world, self.announced, self.year = world, announced, 2026

    def edit(self, *edits):
        """Let the school change something."""
        answer = httpx.post(self.announced["control"] + "/edit", json=list(edits), timeout=60)
        assert answer.status_code == 200, answer.text
        self.world.clock.move(days=1)  # by then it is asked anew who may read whom

    def state(self):
        """Return the journal as flat lists of raw facts."""
        return httpx.get(self.announced["control"] + "/state", timeout=60).json()

    def cycle(self):
        """Read all the days once, deliver, and count what the diary was told, by operation and kind."""
        before = len(self.world.ed.requests)
        for feed in ASKED:
            wanted = [Demand(Heat.HOT, READ[self.year], datetime.max.replace(tzinfo=UTC))]
            report = sync_feed(self.world.wiring, feed, wanted)
            assert report.errors == [], feed
        self.deliver()
        told = [item for request in self.world.ed.requests[before:] for item in request.items]
        return Counter((item["op"], item["kind"]) for item in told)

    def deliver(self):
        """Send all that is due."""
        while self.world.waiting().get("ed"):
            before = self.world.waiting()
            self.world.deliver()
            if self.world.waiting() == before:
                return

    def live(self, kind):
        """Return what families see of a kind, by key."""
        return {key: data for (its, key), data in self.world.ed.live().items() if its == kind}

    def compared(self, **more):
        """Compare the diary with the journal by the second opinion."""
        records = [{"kind": kind, "key": key, "data": data} for (kind, key), data in self.world.ed.live().items()]
        days = READ[self.year]
        span = Span(days.first.isoformat(), days.last.isoformat())
        journal = self.state()
        found = compare(
            journal,
            {"records": records, "doubled": 0},
            permitted=everyone(journal),
            covered=Covered(span, span, span, span),
            **more,
        )
        return found.equal, found.missing[:3], found.differing[:3], found.unexpected[:3]


RIGHT = (True, (), (), ())


@pytest.fixture
def exchange(tmp_path, monkeypatch, request):
    """A journal of one class, or as many pupils as a test asks for, read whole and delivered."""
    pupils = str(getattr(request, "param", ONE_CLASS))
    with subprocess.Popen([sys.executable, "-c", PROGRAM, pupils], stdout=subprocess.PIPE, text=True) as process:
        announced = json.loads(process.stdout.readline())
        world = World(tmp_path / "world", batch_items=5000)
        source = opened(announced, world, monkeypatch)
        world.wiring = replace(world.wiring, source=source)
        made = Exchange(world, announced)
        world.consent(*everyone(made.state()), valid_from=date(2025, 9, 1))
        made.cycle()
        yield made
        source.close()
        world.close()
        process.terminate()


def opened(announced, world, monkeypatch):
    """Open the journal with all of its accounts."""
    monkeypatch.setenv("DEVKEY", announced["devkey"])
    accounts = []
    for number, account in enumerate(announced["accounts"]):
        monkeypatch.setenv(f"PASSWORD_{number}", account["password"])
        accounts.append({"name": account["name"], "login": account["login"], "password": f"env:PASSWORD_{number}"})
    settings = {
        "type": "eljur",
        "base_url": announced["base_url"] + "/apiv3",
        "vendor": announced["vendor"],
        "devkey": "env:DEVKEY",
        "request_pause_ms": 0,
        "accounts": accounts,
    }
    config = EljurConfig.model_validate(settings)
    wiring = world.wiring
    digest = wiring.keyring.fingerprint
    around = Surroundings(wiring.clock, Random(1), wiring.contracts, digest, DictMemory(), wiring.zone)
    return open_source(config, around, Limits())


def cells_of_two(state):
    """Places of cells in which two marks stand that a teacher has set, of different values."""
    cells = {}
    for mark in state["marks"]:
        if mark["value"].strip() and mark["date"] >= READ[2026].first.isoformat():
            cells.setdefault((mark["pupil"], mark["lesson_id"], mark["date"]), []).append(mark["value"])
    return [place for place, values in sorted(cells.items()) if len(set(values)) == len(values) == 2]


def test_every_cell_loses_its_first_mark(exchange):
    """Teachers remove the first of two marks in many cells: each is one retraction and nothing else."""
    places = cells_of_two(exchange.state())[:20]
    removed = [{"op": "mark_removed", "pupil": p, "lesson_id": c, "date": d, "nm": 0} for p, c, d in places]
    exchange.edit(*removed)
    told = exchange.cycle()
    assert sum(told.values()) == sum(count for (op, _), count in told.items() if op == "retract") == len(places) > 5
    assert exchange.cycle() == {}
    assert exchange.compared() == RIGHT
    second = [{"op": "mark_added", "pupil": p, "lesson_id": c, "date": d, "value": "2"} for p, c, d in places]
    exchange.edit(*second)
    assert exchange.cycle() == {("upsert", "mark"): len(places)}
    assert exchange.compared() == RIGHT


def test_a_subject_gets_another_name(exchange):
    """A renamed subject retracts nothing and creates nothing: families see the new name where the old one stood."""
    keys = {kind: set(exchange.live(kind)) for kind in ("mark", "absence", "homework", "final_mark", "lesson")}
    changed = set(exchange.live("lesson_change"))
    exchange.edit({"op": "subject_renamed", "class": "10А", "subject": "Алгебра", "name": RENAMED})
    told = exchange.cycle()
    assert {op for op, _ in told} == {"upsert"}
    assert set(exchange.live("lesson_change")) == changed
    assert {kind: set(exchange.live(kind)) for kind in keys} == keys
    for kind in keys:
        named = {data["subject"] for data in exchange.live(kind).values() if data.get("class") == "10А"}
        assert "Алгебра" not in named
    assert exchange.cycle() == {}
    assert exchange.compared() == RIGHT


@pytest.mark.parametrize("exchange", [TWO_CLASSES], indirect=True)
def test_pupils_move_and_classes_are_split_and_joined(exchange):
    """Whatever is regrouped, the diary ends as the journal is."""
    state = exchange.state()
    pupil = next(pupil["id"] for pupil in state["pupils"] if pupil["class"] == "10А")
    other = next(form["class"] for form in state["classes"] if form["class"] != "10А")
    marks = {key for key in exchange.live("mark") if key.startswith(f"{pupil}/")}
    exchange.edit({"op": "pupil_moved", "pupil": pupil, "class": other})
    exchange.cycle()
    assert marks <= set(exchange.live("mark"))
    assert exchange.live("pupil")[pupil]["class"] == other
    assert exchange.compared() == RIGHT
    split = {"class": "10А", "subject": "Алгебра", "since": "2026-11-17"}
    before, changed = set(exchange.live("lesson")), set(exchange.live("lesson_change"))
    exchange.edit({"op": "class_split", **split})
    exchange.cycle()
    assert set(exchange.live("lesson_change")) <= changed
    assert exchange.compared() == RIGHT
    assert len(set(exchange.live("lesson"))) > len(before)
    exchange.edit({"op": "class_joined", **split})
    exchange.cycle()
    assert set(exchange.live("lesson")) == before
    assert set(exchange.live("lesson_change")) <= changed
    assert exchange.compared() == RIGHT


def test_the_school_year_rolls_over(exchange):
    """A class moves up: approved, its old name is gone with its lessons; what its pupils had stays beside the new."""
    before = dict(exchange.world.ed.live())
    exchange.edit({"op": "year_rolled_over"})
    exchange.year = 2027
    exchange.world.clock.move(days=(date(2027, 9, 1) - date(2026, 11, 17)).days)
    exchange.world.consent(*everyone(exchange.state()), valid_from=date(2026, 9, 1))
    exchange.world.guarded(STRICT)
    exchange.cycle()
    [held] = exchange.world.batches("held")
    assert "getmessagereceivers" in held.reason
    assert approve(exchange.world.wiring, held.batch) > 100
    exchange.cycle()
    assert exchange.cycle() == {}
    assert exchange.compared(judged_from="2027-09-01") == RIGHT
    after = exchange.world.ed.live()
    results = {name: data for name, data in before.items() if name[0] in {"mark", "absence", "final_mark"}}
    assert results.items() <= after.items()
    assert {key.split("/")[1] for key in exchange.live("period")} == {"2027"}
    assert not [key for kind, key in after if kind == "lesson" and key.startswith("10А")]
