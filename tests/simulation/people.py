"""What people do in the midst of it all: operators decide, families consent, teachers and pupils move things."""

from tests.simulation.faults import FAULTS, HOUR_S, fault

__all__ = ["FAULTS"]


@fault("operator_replays")
def _replays(story):
    """What was rejected is taken now, and an operator replays it, twice."""
    if not story.dead():
        FAULTS["poison"](story)
        story._round(("marks",))
    story.world.diary.poisoned.clear()
    story.world.diary.refusing.clear()
    story.replay()
    story.world.go("deliver")
    story.replay()


@fault("operator_approves")
def _approves(story):
    """A mass is meant, and an operator approves it."""
    world = story.world
    world.edit(world.hands.sweep_out)
    story._round(("marks",))
    if not any(name.startswith("lie") for name in story.plan):  # nobody approves what a lying journal caused
        story.approve()


@fault("operator_discards")
def _discards(story):
    """A mass is held, and an operator gives it up."""
    world = story.world
    world.edit(world.hands.sweep_out)
    if story.rng.random() < 0.5:
        FAULTS["poison"](story)
    story._round(("marks",))
    story.discard()


@fault("consent_withdrawn")
def _withdrawn(story):
    """A family withdraws its consent."""
    world = story.world
    world.reach["fault consent_withdrawn"] += 1
    world.withdraw(story.rng.choice(world.school.pupils()))


@fault("consent_given")
def _given(story):
    """A family consents, for ever or for a day or two."""
    world = story.world
    world.reach["fault consent_given"] += 1
    world.decide(story.rng.choice(world.school.pupils()), days=story.rng.choice((None, None, 1, 3)))


@fault("consent_swings")
def _swings(story):
    """A consent ends and begins again while a batch is on its way."""
    world = story.world
    world.reach["fault consent_swings"] += 1
    pupil = story.rng.choice(world.school.pupils())
    world.decide(pupil)
    story._round(("marks",))
    world.network.armed["ed"].extend(["reset_after"])
    world.edit(world.hands.mend)
    story._round(("marks",))
    world.withdraw(pupil)
    if story.rng.random() < 0.5:
        story._round(())
    world.decide(pupil)


@fault("consent_expires")
def _expires(story):
    """A consent ends at midnight while a batch waits for its next try, and nothing is read in between."""
    world = story.world
    world.reach["fault consent_expires"] += 1
    pupil = story.rng.choice(world.school.pupils())
    world.decide(pupil, days=0)
    world.meddling = 0
    story.hasten_finals()
    if world.oracle.owed():  # nobody stops asking for a day while a final mark is owed
        return
    world.edit(world.hands.mend_of, pupil)
    world.network.armed["ed"].extend(["reset_before"])
    story._round(("marks",))
    world.time.move(25 * HOUR_S)
    world.watch()
    world.time.move(HOUR_S)
    world.go("deliver")


@fault("swing_between_windows")
def _between(story):
    """A value goes there and back, and only another window saw it there."""
    world = story.world
    world.reach["fault swing_between_windows"] += 1
    world.go("read", "marks")
    pupil = story.rng.choice(world.school.pupils())
    kept = {place: cell.raw for place, cell in world.school.marks[pupil].items()}
    world.edit(world.hands.mend_of, pupil)
    world.time.move(3 * HOUR_S)
    world.go("sweep", "marks")
    world.edit(world.hands.put_back, pupil, kept)
    story.settles()


@fault("edited_during_read")
def _meddling(story):
    """Teachers write while the journal is being read."""
    story.world.meddling = story.rng.choice((1, 2, 3))


@fault("pupil_moves")
def _moves(story):
    """A pupil goes to another class."""
    story.world.reach["fault pupil_moves"] += 1
    story.world.edit(story.world.hands.move)
    story._round(("roster", "marks"))


@fault("pupil_leaves")
def _leaves(story):
    """A pupil leaves the school."""
    story.world.reach["fault pupil_leaves"] += 1
    story.world.edit(story.world.hands.leave)
    story._round(("roster",))


@fault("pupil_arrives")
def _arrives(story):
    """A pupil comes to the school."""
    story.world.reach["fault pupil_arrives"] += 1
    story.world.edit(story.world.hands.arrive)
    story._round(("roster", "marks"))


@fault("period_renamed")
def _renamed(story):
    """A study period gets another title."""
    if story.world.variant.periods:
        story.world.reach["fault period_renamed"] += 1
        story.world.edit(story.world.hands.rename)
        story._round(("periods",))


@fault("quarantine")
def _spoiled(story):
    """A cell holds what no contract takes, for a while."""
    world = story.world
    world.reach["fault quarantine"] += 1
    world.edit(world.hands.spoil)
    story._round(("marks",))
    if story.rng.random() < 0.5:
        world.school_heals()
