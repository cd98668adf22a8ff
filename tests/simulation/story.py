"""What happens in one seed's fortnight: a few of all faults, in episodes, and a quiet end that must be perfect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ejsync.pipeline.mend import Repair
from ejsync.pipeline.reconcile import Course, Scope, reconcile
from ejsync.pipeline.replay import approve, discard, replay
from tests.simulation.chain import faults_of
from tests.simulation.clock import utc
from tests.simulation.people import FAULTS
from tests.simulation.world import World

FORTNIGHT_S = 14 * 86_400.0
HOUR_S = 3600.0
QUIET_S = (5.0, 660.0, 1500.0, 2400.0, 3540.0)
"""When the service is looked at again after the faults are over, until nothing waits: within an hour."""
FINALS_S = (2900.0, 3000.0, 3000.0, 3000.0, 8000.0, 8000.0, 12_000.0)
"""Between the readings of final marks while any are owed; after the first they lean on a fresh roster."""
DEAD = "SELECT kind, key FROM batch_item WHERE state = 'dead'"
"""What the diary rejected, and nobody but a person sends again."""


@dataclass(frozen=True)
class Variant:
    """What kind of school, where and when."""

    zone: str
    start: datetime
    pupils: int
    group: int
    batch_items: int
    derived: bool
    periods: bool

    def settings(self):
        """What of it stands in the settings."""
        switched = {"derived": str(self.derived).lower(), "periods": str(self.periods).lower()}
        return {"zone": self.zone, "group": self.group, "batch_items": self.batch_items, **switched}


STARTS = (utc(2026, 11, 16, 5), utc(2026, 9, 28, 4), utc(2027, 2, 1, 6))
CLOCK_CHANGES = (utc(2026, 10, 19, 5), utc(2027, 3, 22, 5))


def variant_of(seed):
    """The variant of a seed: mostly small schools, every eighth larger, every fifth where clocks change."""
    rng = Random(f"variant {seed}")
    changing = seed % 5 == 3
    zone = "Europe/Berlin" if changing else rng.choice(("Europe/Moscow", "Asia/Kamchatka"))
    start = rng.choice(CLOCK_CHANGES if changing else STARTS)
    large = seed % 10 == 7
    return Variant(
        zone, start, 9 if large else 5, 25 if seed % 6 else 2, 8 if seed % 3 else 40, seed % 16 == 5, seed % 4 == 1
    )


def plan_of(seed):
    """The faults of a seed: a random few."""
    rng = Random(f"plan {seed}")
    chosen = rng.sample(sorted(FAULTS), rng.choice((3, 4, 5, 6, 8)))
    return [*chosen, rng.choice(("kill", "kill_reading", "kill_delivery", "kill_delivery"))] if seed % 2 else chosen


class Story:
    """One seed, from the first read to the perfect end."""

    def __init__(self, seed, ground):
        self.seed, self.rng, self.plan = seed, Random(f"story {seed}"), plan_of(seed)
        self.world = World(seed, ground, variant_of(seed))

    def run(self):
        """Live the fortnight; the world's oracle holds what was found."""
        world = self.world
        people = [pupil for pupil in [*world.school.pupils(), *world.school.away] if self.rng.random() < 0.85]
        world.begin()
        world.decide_all({pupil: self.rng.choice((None, None, None, 2, 5, 11)) for pupil in people})
        if world.seed % 6 == 0:
            self._episode()
        self._round(
            ("roster", "periods", "marks", "finals") if world.variant.periods else ("roster", "marks", "finals")
        )
        moments = sorted(self.rng.random() * (FORTNIGHT_S - 26 * HOUR_S) for _ in range(self.rng.choice((1, 2, 2))))
        for moment in moments:
            world.time.move(max(0.0, moment - world.time.passed))
            self._episode()
        world.time.move(max(0.0, FORTNIGHT_S - 2 * HOUR_S - world.time.passed))
        self._end()
        if world.variant.zone == "Europe/Berlin":
            world.reach["fault clocks_change"] += 1
        return world

    # -- episodes -----------------------------------------------------------------------------------------------------

    def _episode(self):
        """Some edits, one to three faults, and what the service makes of them."""
        world = self.world
        for _ in range(self.rng.choice((1, 2, 3))):
            world.edit(world.hands.any)
        for name in self.rng.sample(self.plan, min(len(self.plan), self.rng.choice((1, 1, 2, 3)))):
            world.note(f"fault {name}")
            FAULTS[name](self)
        self._round(self._feeds())
        for _ in range(2):
            if not world.faulted:
                break
            world.time.move(self.rng.choice((20.0, 90.0, 400.0, 1300.0, 2400.0)))
            if self.rng.random() < 0.4:
                world.edit(world.hands.any)
            self._round(("marks",) if self.rng.random() < 0.3 else ())
        self.calm()
        self.hasten_finals()

    def hasten_finals(self):
        """A service that lives reads final marks every hour: let it do so where any are owed."""
        world = self.world
        self.excuse()
        for seconds in FINALS_S:
            if not world.oracle.owed():
                break
            world.time.move(seconds)
            self._round(("finals",) if seconds == FINALS_S[0] else ("roster", "finals"))

    def settles(self):
        """A quarter of an hour later, if nothing stands in the way, the diary shows the marks of the last days."""
        world = self.world
        world.time.move(900.0)  # what was read just now is not read again
        world.faulted, before = False, len(world.log)
        world.go("read", "marks")
        world.go("deliver")
        read = any("getmarks well" in line for line in world.log[before:])
        if not read or world.faulted or world.waiting():
            return
        recent = (world.today() - timedelta(days=10)).isoformat()
        waits_for_people = set(world.rows(DEAD))
        for kind, key in world.oracle.differs(world.diary.live()):
            pupil, _, rest = key.partition("/")
            if (kind, key) in waits_for_people:
                continue
            if kind in {"mark", "absence"} and rest.split("/")[1] > recent and pupil in world.school.pupils():
                world.oracle.finds(f"a {kind} was left as it was before")

    def _feeds(self):
        feeds = ["marks"]
        for feed, share in (("finals", 0.4), ("roster", 0.15), ("periods", 0.1), ("derived", 0.5)):
            if self.rng.random() < share and getattr(self.world.variant, feed, True):
                feeds.insert(0 if feed == "roster" else len(feeds), feed)
        return feeds

    def _round(self, feeds):
        """Read some feeds, then deliver, until it is done or a life ended."""
        world = self.world
        world.faulted = False
        for feed in feeds:
            world.go("read", feed)
        if self.rng.random() < 0.08:
            world.go("sweep", "marks")
        world.go("deliver")

    def calm(self):
        """The faults of an episode are over, save those that last."""
        world = self.world
        world.kill_after = world.freeze_after = None
        world.meddling = world.full_disk = world.locked = 0
        for armed in world.network.armed.values():
            armed.clear()

    # -- the operator -------------------------------------------------------------------------------------------------

    def batches(self, where):
        """Batches by a condition of SQL."""
        return [
            batch for (batch,) in self.world.rows(f"SELECT batch FROM batch WHERE {where} ORDER BY created_at, batch")
        ]

    def dead(self):
        """Batches with dead letters."""
        return self.batches("batch IN (SELECT batch FROM batch_item WHERE state = 'dead')")

    def excuse(self):
        """No 24 hours run for what waits for a person: what is held, what died."""
        slow = self.world.oracle.slow
        slow |= set(self.world.rows("SELECT kind, key FROM outbox WHERE hold IS NOT NULL"))
        slow |= set(self.world.rows(DEAD))

    def approve(self):
        """Approve what is held."""
        self.excuse()
        for batch in self.batches("state = 'held'"):
            self.world.reach["fault operator_approves"] += 1
            self.world.operate("approve", lambda wiring, batch=batch: approve(wiring, batch))

    def replay(self):
        """Replay dead letters."""
        self.excuse()
        for batch in self.dead():
            self.world.reach["fault operator_replays"] += 1
            self.world.operate("replay", lambda wiring, batch=batch: replay(wiring, batch))

    def discard(self):
        """Give up what is held and what died: what it would have changed is not ours any more."""
        for batch in self.dead():
            dead = self.world.rows("SELECT kind, key FROM batch_item WHERE state = 'dead' AND batch = ?", batch)
            self.world.oracle.excused |= set(dead)
            self.world.operate("discard", lambda wiring, batch=batch: discard(wiring, batch))
        for batch in self.batches("state = 'held'"):
            self.world.reach["fault operator_discards"] += 1
            self.world.oracle.excused |= set(self.world.rows("SELECT kind, key FROM outbox WHERE hold = ?", batch))
            self.world.operate("discard", lambda wiring, batch=batch: discard(wiring, batch))

    # -- the end ------------------------------------------------------------------------------------------------------

    def _end(self):
        """Everything is well again: within an hour the diary shows what families may know, and nothing waits."""
        world = self.world
        self.calm()
        world.network.outage.update(journal="", ed="")
        world.journal.lie = ""
        world.school_heals()
        world.diary.poisoned.clear()
        world.diary.refusing.clear()
        world.diary.most_items = 1000
        world.time.set_right()
        world.oracle.forgets_pace("journal", "ed")
        world.note("faults are over")
        world.watch()
        began = world.time.passed
        for number, moment in enumerate(QUIET_S):
            world.time.move(max(0.0, began + moment - world.time.passed))
            self._look(all_of_it=number > 0)
            if not world.oracle.differs(world.diary.live()) and not world.waiting():
                break
        world.watch()
        world.oracle.ends(world.diary.live(), world.waiting(), world.time.passed)
        for sentence in faults_of(world.chain(), world.oracle.sent):
            world.oracle.finds(sentence)
        for what, old, new in world.rows("SELECT what, old, new FROM sim_moves"):
            world.reach[f"{what} {old} > {new}"] += 1
        world.machine.end()

    def _look(self, *, all_of_it):
        """Read what every hour reads, and what is read more rarely where that is not enough."""
        world = self.world
        kinds = {kind for kind, _ in world.oracle.differs(world.diary.live())}
        if all_of_it or kinds & {"pupil", "school_class", "teacher"} or self.rng.random() < 0.2:
            world.go("read", "roster")
        if "period" in kinds:
            world.go("read", "periods")
        world.go("read", "marks")
        world.go("read", "finals")
        if all_of_it:
            world.go("sweep", "marks")
            self.approve()  # not before everything was read once more: what a lying journal caused heals by itself
        self.replay()
        if world.oracle.lost:
            course = Course(Scope.SAMPLE, Repair.ALL)
            done = world.operate("reconcile", lambda wiring: reconcile(wiring, "ed", course))
            if done.error is not None:
                world.oracle.finds(f"a sound diary could not be compared: {done.error.code}")
            world.oracle.slow |= world.oracle.lost
            world.oracle.compared()
        world.go("deliver")


def run(seed, ground):
    """Live one seed and return its world."""
    return Story(seed, ground).run()
