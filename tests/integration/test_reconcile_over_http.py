"""Comparing over loopback with the simulated diary: what it costs, and that a restored diary heals."""

import json
import subprocess
import sys
import tracemalloc

import httpx
import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import Kind
from ejsync.pipeline.mend import Repair
from ejsync.pipeline.offer import offer
from ejsync.pipeline.reconcile import Course, Scope, reconcile
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import Limits
from tests.doubles.records import homework
from tests.doubles.world import World

pytestmark = pytest.mark.slow

RECORDS, BATCH = 20_000, 1000
LARGEST_BYTES = 40_000_000
PROGRAM = """
import sys, pathlib
from ejsync.sandbox.diary import run_diary
run_diary(host="127.0.0.1", port=0, database=pathlib.Path(sys.argv[1]))
"""
NIGHT = Course(repair=Repair.LOST)


@pytest.fixture(scope="module")
def announced(tmp_path_factory):
    """A diary in a process of its own, and what it announced."""
    database = tmp_path_factory.mktemp("diary") / "diary.db"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(database)], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


class School:
    """A world whose one diary is the simulated service."""

    def __init__(self, folder, announced):
        self.control = announced["control"]
        self.world = World(folder, batch_items=BATCH)
        config = {"type": "ed", "base_url": announced["base_url"], "token": "env:DIARY_TOKEN"}
        self.sink = EdSink(EdConfig.model_validate(config), clock=self.world.clock, limits=Limits())
        self.world.sinks["ed"] = self.sink

    def asked(self):
        """How often the diary was asked for digests and for records."""
        counted = httpx.get(f"{self.control}/requests").json()["requests"]
        return [counted.get(f"GET /v1/schools/{{school}}/{what}", 0) for what in ("digest", "records")]

    def door(self, what):
        """Order something at the control door."""
        assert httpx.post(f"{self.control}/{what}").status_code == 204

    def write(self, numbers, version, text):
        """Say that the journal holds such homework, and queue it."""
        changes = []
        for number in numbers:
            record = homework(index=str(number), text=f"{text} {number}")
            payload = canonical(record.data)
            fingerprint = self.world.wiring.keyring.fingerprint(payload)
            changes.append(
                Change(
                    Op.UPSERT, record.kind, record.key, record.owner, None, record.day, version, fingerprint, payload
                )
            )
        with self.world.tx() as tx:
            tx.records.save(changes, self.world.clock.now())
            offer(self.world.wiring, tx, changes)


@pytest.fixture(scope="module")
def school(announced, tmp_path_factory):
    """A school with 20 000 records at the diary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIARY_TOKEN", announced["token"])
        made = School(tmp_path_factory.mktemp("store"), announced)
        made.write(range(RECORDS), 1, "§")
        made.world.deliver("ed")
        made.world.clock.move(hours=1)
        yield made
        made.sink.close()
        made.world.close()


def cost(school, course=NIGHT):
    """Compare, and say how many digests and pages that took."""
    before = school.asked()
    report = reconcile(school.world.wiring, "ed", course)
    school.world.clock.move(minutes=1)
    return report, [after - old for after, old in zip(school.asked(), before, strict=True)]


def test_equal_sides_cost_one_request(school):
    """Twenty thousand equal records cost one request."""
    report, asked = cost(school)
    assert (report.counts()["same"], report.left, asked) == (RECORDS, 0, [1, 0])


def test_a_restored_diary_is_found_and_healed(school):
    """Edits after the backup are lost by the restore; one comparison of 1 + 20 requests finds all of them."""
    school.door("snapshot")
    school.write(range(60), 2, "§§")
    school.write(range(RECORDS, RECORDS + 40), 1, "§")
    school.world.deliver("ed")
    school.world.clock.move(hours=1)
    assert cost(school)[1] == [1, 0]
    school.door("restore")
    report, asked = cost(school)
    counts = report.counts()
    assert (counts["differs"], counts["missing"], counts["queued"], counts["left"]) == (60, 40, 100, 0)
    assert asked == [1, RECORDS // BATCH]
    school.world.deliver("ed")
    school.world.clock.move(minutes=1)
    report, asked = cost(school)
    assert (report.counts()["same"], report.left, asked) == (RECORDS + 40, 0, [1, 0])
    state = httpx.get(f"{school.control}/state").json()
    assert (state["doubled"], state["version_regressions"]) == (0, 0)


def test_all_keys_cost_a_page_a_thousand_and_bounded_memory(school):
    """Comparing every key holds neither side in memory."""
    tracemalloc.start()
    report, asked = cost(school, Course(kinds=(Kind.HOMEWORK,), scope=Scope.ALL))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (report.left, asked) == (0, [1, 21])
    assert peak < LARGEST_BYTES
