"""The chapters of mishaps: each says no when the mishap was not survived as promised."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest

from ejsync.domain.batches import BatchState
from ejsync.errors import SinkUnavailable, SourceSuspiciouslyEmpty
from ejsync.sandbox import trials
from ejsync.sandbox.cast import Cast, mark_key
from ejsync.sandbox.chapters import Tale
from ejsync.sandbox.stage import Round, Sight

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
MARKS = [{"pupil": "1", "lesson_id": "77", "date": f"2026-11-{day}", "nm": "0", "value": "5"} for day in range(10, 20)]
EMPTY = SourceSuspiciouslyEmpty(feed="marks", scope="marks/10А", known=9)


@dataclass
class Server:
    """A server that takes every order."""

    orders: list = field(default_factory=list)

    def order(self, **fault):
        """Note the order."""
        self.orders.append(fault)

    def clear_faults(self):
        """Note that all is called off."""
        self.orders.append("cleared")


class Stage:
    """A stage whose looks, rounds and batches are written beforehand."""

    def __init__(self, *, looks=(), rounds=(), batches=()):
        self._looks, self._rounds, self._batches = list(looks), list(rounds), list(batches)
        self.journal, self.diary, self.wiring = Server(), Server(), None
        self.clock = SimpleNamespace(reach=lambda moment: None)
        self.quarantine, self.dead = [], [0]

    def look(self):
        """The next look."""
        return self._looks.pop(0)

    def cycle(self, *feeds):
        """The next round."""
        return self._rounds.pop(0)

    def deliver(self, done=None):
        """The next round of deliveries."""
        return self._rounds.pop(0)

    def batches(self):
        """The next state of the batches; the last one stays."""
        found = self._batches.pop(0) if len(self._batches) > 1 else self._batches[0]
        return {row.batch: row for row in found}

    def edit(self, *edits):
        """Take edits."""
        return list(edits)

    def quarantined(self):
        """The next count."""
        return self.quarantine.pop(0)

    def dead_items(self):
        """The next count."""
        return self.dead.pop(0) if len(self.dead) > 1 else self.dead[0]


def sight(*marks, version=1, **counts):
    """A look at an ED that holds these marks."""
    counted = Counter(applied=0, effects=0, doubled=0, batches=0, replayed=0) + Counter(counts)
    names = [("mark", mark_key(mark)) for mark in marks]
    return Sight(dict.fromkeys(names, version), dict.fromkeys(names, "1"), counted)


def batch(name, state=BatchState.DELIVERED, *, attempts=1, replay_of=None):
    """A batch as the chapters look at it."""
    return SimpleNamespace(batch=name, state=state, attempts=attempts, replay_of=replay_of)


def tale(stage, before=None):
    """A tale in the middle; the last mark of the list is played first."""
    cast = Cast({"1"}, [], [], journal={"lessons": [{"date": "2026-11-23", "name": "Алгебра", "class": "10А"}]})
    cast._marks = list(MARKS)
    return Tale(stage, Random(1), cast, before or sight())


def failed():
    """A round whose delivery failed and waits."""
    return Round(push_errors=[SinkUnavailable(sink="ed", reason="HTTP 503")], waits_until=NOW + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("middle", "after", "well"),
    [
        (sight(), sight(*MARKS[-2:], applied=2, effects=2, batches=2), True),
        (sight(MARKS[-1]), sight(*MARKS[-2:], applied=2, effects=2, batches=2), False),
        (sight(), sight(MARKS[-1], applied=1, effects=1, batches=2), False),
        (sight(), sight(*MARKS[-2:], applied=2, effects=2, batches=2, doubled=1), False),
        (sight(), sight(*MARKS[-2:], applied=2, effects=2, batches=3), False),
    ],
    ids=["well", "early", "lost", "doubled", "another-key"],
)
def test_an_outage_is_survived_only_if_all_arrives_once(middle, after, well):
    """Nothing during the outage, both changes after it, once, under the keys of the first attempts."""
    rounds = [failed(), Round(waits_until=NOW), Round()]
    fresh = [batch("a", attempts=2), batch("b")]
    stage = Stage(looks=[middle, after], rounds=rounds, batches=[[], fresh])
    (step,) = trials.outage(tale(stage))
    assert step.ok is well
    assert stage.diary.orders == [{"kind": "outage", "times": -1}, "cleared"]


@pytest.mark.parametrize(("replayed", "effects", "well"), [(1, 1, True), (0, 1, False), (1, 2, False)])
def test_a_lost_answer_has_one_effect(replayed, effects, well):
    """The same batch again must be answered from the stored receipt, with one effect in all."""
    looks = [sight(MARKS[-1]), sight(MARKS[-1], replayed=replayed, effects=effects)]
    stage = Stage(looks=looks, rounds=[failed(), Round()], batches=[[], [batch("a", attempts=2)]])
    (step,) = trials.lost_answer(tale(stage))
    assert step.ok is well


@pytest.mark.parametrize(("arrived", "well"), [(MARKS[-4:-1], True), (MARKS[-4:], False), (MARKS[-4:-2], False)])
def test_a_poison_item_dies_alone(monkeypatch, arrived, well):
    """All its batch-mates arrive, and it does not."""
    monkeypatch.setattr(trials, "replay", lambda _wiring, _batch: SimpleNamespace(sent=1))
    rejected = Round(answers=Counter(applied=3, rejected=1))
    stage = Stage(looks=[sight(*arrived)], rounds=[rejected], batches=[[], [batch("a", BatchState.PARTIAL)]])
    stage.dead = [1]
    assert next(trials.poison(tale(stage))).ok is well


@pytest.mark.parametrize(("sent", "well"), [([1, 0], True), ([1, 1], False)])
def test_a_replay_sends_once(monkeypatch, sent, well):
    """Replaying twice in a row sends once, in a batch linked to the old one."""
    monkeypatch.setattr(trials, "replay", lambda _wiring, _batch: SimpleNamespace(sent=sent.pop(0)))
    old = batch("a", BatchState.PARTIAL)
    stage = Stage(looks=[sight(MARKS[0])], rounds=[Round()], batches=[[old, batch("b", replay_of="a")]])
    step = trials._replayed(tale(stage), [old], {("upsert", "mark", mark_key(MARKS[0]))})
    assert step.ok is well


@pytest.mark.parametrize(
    ("arrived", "waiting", "well"), [((MARKS[-2],), 1, True), (MARKS[-2:], 1, False), ((), 1, False)]
)
def test_a_broken_record_waits_alone(arrived, waiting, well):
    """The broken record is in quarantine and not at the ED; its neighbour is."""
    stage = Stage(looks=[sight(*arrived)], rounds=[Round()], batches=[[]])
    stage.quarantine = [waiting, waiting]
    assert next(trials.broken_contract(tale(stage))).ok is well


@pytest.mark.parametrize(("after", "well"), [(sight(MARKS[0]), True), (sight(), False)])
def test_a_wiped_timetable_takes_nothing_with_it(after, well):
    """The mass is held and the ED keeps all; a single record gone is a failure."""
    stage = Stage(looks=[after], rounds=[Round(read=Counter(held=60))], batches=[[], [batch("h", BatchState.HELD)]])
    assert next(trials.wiped_timetable(tale(stage, sight(MARKS[0])))).ok is well


@pytest.mark.parametrize(("state", "well"), [(BatchState.CANCELLED, True), (BatchState.HELD, False)])
def test_a_healed_glitch_calls_the_held_batch_off(state, well):
    """Once the timetable is back the held batch must be called off by itself."""
    known = sight(MARKS[0])
    batches = [[], [batch("h", BatchState.HELD)], [batch("h", state)]]
    stage = Stage(looks=[known, known], rounds=[Round(read=Counter(held=60)), Round()], batches=batches)
    *_, healed = trials.wiped_timetable(tale(stage, known))
    assert healed.ok is well


@pytest.mark.parametrize(("errors", "well"), [([EMPTY], True), ([], False)])
def test_an_empty_answer_must_not_be_believed(errors, well):
    """Nothing is concluded from emptiness, and it is told."""
    stage = Stage(looks=[sight()], rounds=[Round(errors=list(errors))], batches=[[]])
    (step,) = trials.empty_answers(tale(stage))
    assert step.ok is well
    assert stage.journal.orders[-1] == "cleared"


def test_waiting_ends():
    """A batch that never arrives is not waited for endlessly."""
    stage = Stage(rounds=[failed() for _ in range(20)], batches=[[]])
    assert trials._delivered_in_time(stage, failed()).waits_until is not None
