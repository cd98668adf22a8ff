"""Every kind of fault by its name: what it does to a story when its time has come."""

from collections.abc import Callable

from tests.simulation.network import OF_DIARY, SERVED

HOUR_S = 3600.0
FAULTS: dict[str, Callable] = {}
LIES = ("empty", "shrunken", "strangers", "rights")


def fault(name):
    """Enter a fault into the catalogue."""

    def enter(act):
        FAULTS[name] = act
        return act

    return enter


def _arm(host, kind):
    def act(story):
        """The next requests to a host meet a fault: one, or enough to use up every try."""
        times = story.rng.choice((1, 1, 2, 5))
        story.world.network.armed[host].extend([""] * story.rng.choice((0, 0, 1, 2)) + [kind] * times)

    return act


for _host, _kinds in (("journal", SERVED), ("ed", SERVED + OF_DIARY)):
    for _kind in _kinds:
        FAULTS[f"{_host}_{_kind}"] = _arm(_host, _kind)


def _out(host):
    def act(story):
        """A host is out of order for hours; the service goes on asking, and so do teachers on writing."""
        world = story.world
        kind = story.rng.choice(("unreached", "html", "http_500", "reset_after", "503_seconds", "silent"))
        hours = story.rng.choice((2, 7, 19))
        world.reach[f"fault {host}_outage"] += 1
        world.network.outage[host] = kind
        for _ in range(2):
            story._round(("marks",) if story.rng.random() < 0.5 else ())
            world.time.move(hours * HOUR_S / 2)
            world.edit(world.hands.any)
        world.network.outage[host] = ""
        world.time.move(2400.0)
        story._round(("marks", "finals"))

    return act


FAULTS["journal_outage"], FAULTS["ed_outage"] = _out("journal"), _out("ed")


def _lie(kind):
    def act(story):
        """The journal says less than is true, or of others."""
        world = story.world
        story._round(("marks", "finals"))
        world.reach[f"fault journal_{kind}"] += 1
        world.journal.lie = kind
        if kind == "rights":
            world.time.move(HOUR_S + 60)
        story._round(story.rng.sample(("roster", "marks", "finals") if kind == "empty" else ("marks", "finals"), 2))
        world.time.move(story.rng.choice((30.0, 900.0)))
        if story.rng.random() < 0.5:
            world.go("deliver")
        world.journal.lie = ""
        world.time.move(HOUR_S if kind == "rights" else 60.0)
        story._round(("marks", "finals"))

    return act


for _kind in LIES:
    FAULTS[f"lie_{_kind}"] = _lie(_kind)


@fault("journal_token_expired")
def _journal_token(story):
    """The journal's token runs out before its time."""
    story.world.reach["fault journal_token_expired"] += 1
    story.world.journal.expire()


@fault("ed_token_expired")
def _ed_token(story):
    """The diary's token runs out before its time."""
    story.world.reach["fault ed_token_expired"] += 1
    story.world.diary.expire()


@fault("kill")
def _kill(story):
    """The process is killed some steps from now."""
    story.world.kill_after = story.rng.randrange(0, 24)


@fault("kill_and_kill")
def _kill_again(story):
    """It is killed again and again."""
    world = story.world
    for _ in range(2):
        world.kill_after = story.rng.randrange(0, 16)
        world.edit(world.hands.any)
        story._round(("marks",))
    world.kill_after = story.rng.randrange(0, 16)


@fault("kill_delivery")
def _kill_delivery(story):
    """The process is killed while it delivers."""
    world = story.world
    for _ in range(3):
        world.edit(world.hands.mend)
    world.go("read", "marks")
    world.kill_after = story.rng.randrange(0, 14)
    world.go("deliver")


@fault("kill_reading")
def _kill_reading(story):
    """The process is killed while it takes a page in, and the next one finds the page as it was."""
    world = story.world
    for _ in range(3):
        world.edit(world.hands.mend)
    world.kill_after = story.rng.randrange(4, 24)
    world.go("read", "marks")
    world.kill_after = None
    story.settles()


@fault("frozen")
def _frozen(story):
    """It stands still some steps from now, and is replaced."""
    story.world.freeze_after = story.rng.randrange(0, 14)


@fault("second_instance")
def _second(story):
    """Another instance tries to begin."""
    story.world.second()


@fault("disk_full")
def _disk_full(story):
    """The disk is full for some transactions."""
    story.world.full_disk = story.rng.choice((1, 2, 4))


@fault("locked")
def _locked(story):
    """Another process holds the database for some transactions."""
    story.world.locked = story.rng.choice((1, 2, 4))


@fault("clock_forward")
def _clock_forward(story):
    """The machine's clock is put on, and mostly put right again."""
    world = story.world
    world.reach["fault clock_forward"] += 1
    jump = story.rng.choice((70.0, HOUR_S, 30 * HOUR_S))
    world.time.jump(jump)
    world.oracle.forgets_pace("journal", "ed")
    story._round(story._feeds())
    if jump > 70.0 or story.rng.random() < 0.7:  # a wait that was set by a clock an hour ahead outlasts the end
        world.time.set_right()
        world.oracle.forgets_pace("journal", "ed")


@fault("clock_back")
def _clock_back(story):
    """The machine's clock is set back, and mostly put right again."""
    world = story.world
    world.reach["fault clock_back"] += 1
    world.time.jump(-story.rng.choice((70.0, HOUR_S, 30 * HOUR_S)))
    world.oracle.forgets_pace("journal", "ed")
    story._round(story._feeds())
    if story.rng.random() < 0.7:
        world.time.set_right()


@fault("ed_restored")
def _restored(story):
    """The diary is restored from a backup some hours old."""
    world = story.world
    kept = world.diary.backup()
    world.time.move(story.rng.choice((HOUR_S, 9 * HOUR_S)))
    world.edit(world.hands.any)
    world.edit(world.hands.any)
    story._round(("marks", "finals"))
    world.reach["fault ed_restored"] += 1
    before = dict(world.diary.held)
    world.diary.restore(kept)
    world.oracle.restored(before, kept[0])


@fault("ed_ahead")
def _ahead(story):
    """The diary holds higher versions than ours: our store is the older one."""
    world = story.world
    world.reach["fault ed_ahead"] += 1
    live = sorted(name for name in world.diary.live() if name[0] in {"mark", "absence", "final_mark"})
    ahead = story.rng.sample(live, min(len(live), 8))
    world.diary.get_ahead(ahead)
    world.oracle.ahead |= set(ahead)
    for _ in range(3):
        world.edit(world.hands.mend)


@fault("poison")
def _poison(story):
    """Some items are rejected one by one."""
    world = story.world
    world.reach["fault poison"] += 1
    names = [name for name, words in world.oracle.history.items() if words[-1] and name[0] in {"mark", "final_mark"}]
    world.diary.poisoned |= set(story.rng.sample(sorted(names), min(len(names), 5)))
    for _ in range(3):
        world.edit(world.hands.mend)


@fault("refused_whole")
def _refused_whole(story):
    """Some items make the diary refuse their whole batch."""
    world = story.world
    world.reach["fault refused_whole"] += 1
    for _ in range(3):
        world.edit(world.hands.mend)
    names = [name for name, words in world.oracle.history.items() if words[-1] and name[0] in {"mark", "absence"}]
    world.diary.refusing |= set(story.rng.sample(sorted(names), min(len(names), 6)))


@fault("ed_413")
def _too_many(story):
    """The diary takes a few items at once only."""
    world = story.world
    world.reach["fault ed_413"] += 1
    world.diary.most_items = story.rng.choice((1, 2, 3))
    for _ in range(4):
        world.edit(world.hands.any)
    story._round(("marks", "finals"))
    world.diary.most_items = 1000
