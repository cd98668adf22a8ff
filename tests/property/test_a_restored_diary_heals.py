"""Whatever is edited, delivered, backed up and restored in between: the night's comparison makes the diary whole."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.records import Feed
from ejsync.pipeline.mend import Repair
from ejsync.pipeline.reconcile import Course, reconcile
from tests.doubles.lanes import lanes
from tests.doubles.records import mark, marks, pupil, roster
from tests.doubles.world import World

NIGHT = Course(repair=Repair.LOST)
COLUMNS = range(4)
EDIT = st.tuples(st.just("edit"), st.sampled_from(COLUMNS), st.sampled_from([None, "2", "3", "5"]))
STEPS = st.one_of(
    EDIT, EDIT, EDIT, *(st.tuples(st.just(name)) for name in ("deliver", "snapshot", "restore", "reconcile", "lost"))
)


class Played:
    """A school whose diary is backed up and restored; `journal` is the truth."""

    def __init__(self, folder):
        self.world, self.journal = World(folder, batch_items=3), {}
        self.world.consent("1001")
        self.world.read(roster(pupil()), feed=Feed.ROSTER)
        self.world.deliver()
        self.backup = self.world.ed.snapshot()

    def step(self, name, *what):
        """Play one step; a minute passes."""
        getattr(self, name)(*what)
        self.world.clock.move(minutes=1)

    def edit(self, column, raw):
        """Write, change or wipe out a mark, and read the journal."""
        self.journal[column] = raw
        shown = [mark(raw=text, column=number) for number, text in self.journal.items() if text is not None]
        self.world.read(marks(["1001"], *shown, believable=True))

    def deliver(self):
        """Send what is due."""
        self.world.deliver()

    def lost(self):
        """Let the next answer be lost after it was applied."""
        self.world.ed.faults.append("lost")

    def snapshot(self):
        """Back the diary up."""
        self.backup = self.world.ed.snapshot()

    def restore(self):
        """Bring the diary back as it was."""
        self.world.ed.restore(self.backup)

    def reconcile(self):
        """Compare as a night does."""
        reconcile(self.world.wiring, "ed", NIGHT)

    def close(self):
        """Let the store go."""
        self.world.close()

    def wanted(self):
        """What families shall see."""
        return {mark(column=number).key: text for number, text in self.journal.items() if text is not None}


def versions_sent(world):
    """The versions of each key in the order in which they were sent."""
    sent = {}
    for request in world.ed.requests:
        for item in request.items:
            sent.setdefault((item["kind"], item["key"]), []).append(item["version"])
    return sent


@lanes(fast=12, full=60)
def test_the_night_heals_a_restored_diary(examples):
    """In the end the diary shows the journal, a second comparison finds and sends nothing, and no version went back."""
    settings(deadline=None, max_examples=examples)(given(st.lists(STEPS, max_size=14))(heals))()


def heals(steps):
    """Play some steps, then let the night compare."""
    with TemporaryDirectory() as folder, closing(Played(Path(folder))) as played:
        world = played.world
        for name, *what in steps:
            played.step(name, *what)
        world.settle_down()
        played.step("reconcile")
        world.settle_down()
        assert world.seen() == played.wanted()
        requests = len(world.ed.requests)
        report = reconcile(world.wiring, "ed", NIGHT)
        world.settle_down(hours=1)
        assert (report.left, report.queued, report.under_way, len(world.ed.requests)) == (0, 0, 0, requests)
        assert all(versions == sorted(versions) for versions in versions_sent(world).values())
