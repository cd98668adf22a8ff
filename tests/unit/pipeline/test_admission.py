"""admission: one breaker for all schools that send to a host."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ejsync.domain.breaker import OPENS_AFTER, PROBE_S, BreakerState, Signal
from ejsync.domain.records import Feed
from ejsync.errors import EjsyncError, SinkAuthFailed, SinkRejected, SinkThrottled, SinkUnavailable, SinkUnclear
from ejsync.pipeline.admission import signal_of
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.hasten import impatient
from ejsync.pipeline.sync import sync_feed
from tests.doubles.records import final_mark, finals, lesson, lessons
from tests.doubles.sink import Killed, StrictSink
from tests.doubles.world import WANTED, World

COUNT = OPENS_AFTER + 3


class Region:
    """Several schools on one store that send to one host, each to its own diary there."""

    def __init__(self, folder):
        self.world = World(folder, batch_items=20)
        self.clock, self.schools = self.world.clock, []
        for number in range(COUNT):
            diary = StrictSink("ed", self.clock)
            self.schools.append(replace(self.world.wiring, school=f"school-{number}", sinks={"ed": diary}))

    def read(self, number, count=1):
        """The journal of a school shows some lessons."""
        wiring = self.schools[number]
        wiring.source.script(Feed.TIMETABLE, lessons(["10А"], *(lesson(n + 1) for n in range(count))))
        sync_feed(wiring, Feed.TIMETABLE, WANTED)

    def send(self, number, fault=None):
        """Let a school deliver, perhaps into a fault; returns how many requests its diary saw."""
        diary = self.schools[number].sinks["ed"]
        before = len(diary.requests)
        diary.faults.extend([fault] if fault else [])
        report = deliver(self.schools[number], "ed")
        diary.faults.clear()
        return len(diary.requests) - before, report

    def breaker(self):
        """The breaker as it stands."""
        with self.world.tx() as tx:
            return tx.breakers.get("ed", "https://ed.invalid")

    def fall(self, fault="unavailable"):
        """As many schools as it takes meet a host that is away."""
        for number in range(OPENS_AFTER):
            self.read(number)
            assert self.send(number, fault)[0] == 1

    def witnessed(self, event):
        """In how many schools' audit an event stands."""
        found = 0
        for wiring in self.schools:
            with wiring.store.read(wiring.school) as tx:
                found += sum(entry.event == event for entry in tx.audit.walk())
        return found


@pytest.fixture
def region(tmp_path):
    """Schools of one region."""
    made = Region(tmp_path)
    yield made
    made.world.close()


@pytest.mark.parametrize(
    ("error", "signal"),
    [
        (None, Signal.ANSWERED),
        (SinkRejected(sink="ed", reason="422"), Signal.ANSWERED),
        (SinkUnavailable(sink="ed", reason="no connection"), Signal.AWAY),
        (SinkThrottled(sink="ed", reason="429"), Signal.AWAY),
        (SinkUnclear(sink="ed", reason="500", of_host=True), Signal.AWAY),
        (SinkUnclear(sink="ed", reason="404"), Signal.OWN),
        (SinkAuthFailed(sink="ed", reason="401"), Signal.OWN),
        (EjsyncError(), Signal.OWN),
    ],
)
def test_each_end_of_a_request_tells_one_thing_of_its_host(error, signal):
    """A refusal is an answer; what concerns one school tells nothing."""
    assert signal_of(error) is signal


def test_a_host_that_is_away_is_left_in_peace_by_all_schools(region):
    """After five failures no school asks for half a minute; one that has nothing to send is not told to wait."""
    region.fall()
    assert region.breaker().state is BreakerState.OPEN
    assert region.witnessed("breaker.opened") == 1
    region.read(OPENS_AFTER)
    asked, report = region.send(OPENS_AFTER)
    assert (asked, report.waits_until) == (0, region.clock.now() + timedelta(seconds=30))
    assert region.send(OPENS_AFTER + 1)[1].waits_until is None


def test_then_one_batch_of_one_school_asks_for_all(region):
    """Its answer closes the breaker, and the others go at once."""
    region.fall()
    region.clock.move(seconds=30)
    region.read(OPENS_AFTER)
    region.read(OPENS_AFTER + 1)
    asked = []
    others = region.schools[OPENS_AFTER].sinks["ed"]
    others.on_request = lambda _items: asked.append(region.send(OPENS_AFTER + 1)[0])
    assert region.send(OPENS_AFTER)[0] == 1
    assert asked == [0], "another school asked beside the probe"
    assert region.breaker().state is BreakerState.CLOSED
    assert region.witnessed("breaker.closed") == 1
    assert region.send(OPENS_AFTER + 1)[0] == 1


def test_a_probe_that_meets_nobody_doubles_the_rest(region):
    """The others wait on, and nothing more is witnessed: it never closed."""
    region.fall()
    region.clock.move(seconds=30)
    region.read(OPENS_AFTER)
    region.send(OPENS_AFTER, "unavailable")
    assert region.breaker().retry_at == region.clock.now() + timedelta(seconds=60)
    assert region.witnessed("breaker.opened") == 1


@pytest.mark.parametrize("fault", ["auth", "unclear"])
def test_another_schools_sick_diary_delays_nobody(region, fault):
    """However often one school is refused its token or its address, the others go on as if nothing were."""
    region.read(0)
    for _ in range(2 * OPENS_AFTER):
        assert region.send(0, fault)[0] == 1
        region.clock.move(hours=1)
    assert region.breaker() is None or region.breaker().state is BreakerState.CLOSED
    region.read(1)
    assert region.send(1)[0] == 1


def test_one_answer_to_anybody_is_enough(region):
    """A school whose own requests fail while another's succeed waits by its own schedule only."""
    region.read(0)
    for count in range(1, 2 * OPENS_AFTER):
        region.read(1, count)
        assert region.send(0, "unavailable")[0] == 1
        assert region.send(1)[0] == 1
        region.clock.move(hours=1)
    assert region.breaker().state is BreakerState.CLOSED


def test_what_the_host_asks_for_holds_for_all_schools(region):
    """Opened by a wish to wait, it is never asked sooner, not even because a person asks."""
    region.fall("throttled:900")
    region.clock.move(seconds=899)
    region.read(OPENS_AFTER)
    with region.world.store.begin(region.schools[OPENS_AFTER].school) as tx:
        assert impatient(region.schools[OPENS_AFTER], tx, "ed") == 0
    assert region.send(OPENS_AFTER)[0] == 0
    region.clock.move(seconds=1)
    assert region.send(OPENS_AFTER)[0] == 1


def test_a_person_may_ask_once_in_spite_of_it(region):
    """His batch is the probe; if it meets nobody, all wait again."""
    region.fall()
    wiring = region.schools[OPENS_AFTER]
    region.read(OPENS_AFTER)
    with wiring.store.begin(wiring.school) as tx:
        impatient(wiring, tx, "ed")
    assert region.send(OPENS_AFTER, "unavailable")[0] == 1
    region.read(OPENS_AFTER + 1)
    assert region.send(OPENS_AFTER + 1)[0] == 0


def test_a_probe_whose_process_died_is_given_up(region):
    """The state survives the kill; after two minutes another school asks."""
    region.fall()
    region.clock.move(seconds=30)
    region.read(OPENS_AFTER)
    with pytest.raises(Killed):
        region.send(OPENS_AFTER, "kill_before")
    region.world.restart()
    region.schools = [replace(one, epoch=region.world.wiring.epoch) for one in region.schools]
    region.read(OPENS_AFTER + 1)
    assert region.send(OPENS_AFTER + 1)[0] == 0
    region.clock.move(seconds=PROBE_S)
    assert region.send(OPENS_AFTER + 1)[0] == 1
    assert region.breaker().state is BreakerState.CLOSED


def test_a_probe_refused_its_token_lets_another_school_ask(region):
    """It tells nothing of the host: the next school need not wait."""
    region.fall()
    region.clock.move(seconds=30)
    region.read(OPENS_AFTER)
    region.read(OPENS_AFTER + 1)
    region.send(OPENS_AFTER, "auth")
    assert region.send(OPENS_AFTER + 1)[0] == 1


def test_final_results_go_first_when_the_host_is_back(region):
    """They wait like everything else while nobody is there, and are in the very first batch afterwards."""
    region.fall()
    number = OPENS_AFTER
    wiring = region.schools[number]
    region.read(number)
    _allow(region, wiring)
    wiring.source.script(Feed.FINALS, finals(["1001"], final_mark()))
    sync_feed(wiring, Feed.FINALS, WANTED)
    assert region.send(number)[0] == 0
    region.clock.move(seconds=30)
    region.send(number)
    assert final_mark().key in {item["key"] for item in wiring.sinks["ed"].requests[0].items}


def _allow(region, wiring):
    """The family of pupil 1001 agrees."""
    mine, region.world.wiring = region.world.wiring, wiring
    region.world.consent("1001")
    region.world.wiring = mine


def test_a_sink_without_a_host_has_no_breaker(region):
    """A dry run is never away."""
    region.schools[0].sinks["ed"].host = ""
    region.read(0)
    for _ in range(2 * OPENS_AFTER):
        assert region.send(0, "unavailable")[0] == 1
        region.clock.move(hours=1)
    with region.world.tx() as tx:
        assert tx.breakers.all() == []
