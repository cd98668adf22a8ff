"""What follows from a class is worked out when it changed, once a day, never of what is held, and leaves as it may."""

from dataclasses import replace
from datetime import date

import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.consent import Scope
from ejsync.domain.office import Entry, OfficeKind
from ejsync.domain.records import Feed, Kind, owner_class
from ejsync.errors import StoreError
from ejsync.pipeline import conclude as stage
from ejsync.pipeline.conclude import conclude
from ejsync.pipeline.filing import file_in
from ejsync.pipeline.registering import withdraw
from tests.doubles import records
from tests.doubles.world import STRICT, World

A, B = "10А", "10Б"
ONE, TWO, THREE = "1001", "1002", "1003"
CLASSMATES = {"1011": A, "1012": A, "1013": B, "1014": B}
"""Pupils of families who were not asked: figures of fewer than three pupils are nobody's class's."""
ADDRESS = b'{"address":"a@example.org","form":"electronic","pupil":"1001","valid_from":"2026-09-01","valid_until":null,'
ADDRESS += b'"way":"email","whose":"mother"}'


@pytest.fixture
def world(tmp_path):
    """Two classes with periods, lessons and marks; every family but that of the third pupil has consented."""
    made = World(tmp_path)
    made.consent(ONE, TWO)
    enrol(made, {ONE: A, TWO: A, THREE: B})
    terms = [term("q1", "2026-09-01", "2026-10-31", of=name) for name in (A, B)]
    made.read(records.periods((A, B), *terms), feed=Feed.PERIODS)
    made.read(records.lessons((A, B), *(records.lesson(of=name) for name in (A, B))), feed=Feed.TIMETABLE)
    for pupil in (ONE, TWO, THREE, *CLASSMATES):
        give(made, pupil, "4")
    made.clock.move(minutes=1)
    yield made
    made.close()


def enrol(world, class_of):
    """Let the journal show this roster."""
    people = [records.pupil(pupil, of=name) for pupil, name in {**class_of, **CLASSMATES}.items()]
    world.read(records.roster(*map(records.school_class, (A, B)), *people), feed=Feed.ROSTER)


def enrol_only(world, class_of):
    """Let the journal show these pupils and nobody else."""
    people = [records.pupil(pupil, of=name) for pupil, name in class_of.items()]
    world.read(records.roster(*map(records.school_class, (A, B)), *people), feed=Feed.ROSTER)


def retraction(known):
    """The change that takes a record away."""
    return Change(Op.RETRACT, known.kind, known.key, known.owner, known.pupil, known.day, known.version + 1, "", b"")


def term(name, first, last, *, of=A):
    """A period with bounds."""
    bare = records.period(name, of=of)
    return replace(bare, data={**bare.data, "start": first, "end": last})


def give(world, pupil, *raws):
    """Let the journal show these marks of a pupil."""
    marks = [records.mark(pupil, raw, column=number, day=date(2026, 9, 14)) for number, raw in enumerate(raws)]
    return world.read(records.marks([pupil], *marks, believable=True))


def worked_out(world):
    """Work out what is due, and return how many classes that were."""
    report = conclude(world.wiring)
    assert report.errors == []
    world.clock.move(minutes=1)
    return report.windows


def told(world, kind):
    """What the diary holds of a kind, by key."""
    world.deliver()
    return {key: data for (its, key), data in world.ed.live().items() if its == kind}


def forecasts(world):
    """The expected results that the diary holds, by pupil."""
    return {data["pupil"]: data["expected"] for data in told(world, "forecast").values()}


def hand_in(world, kind, key, payload, **whose):
    """Let the office hand in one row."""
    entry = Entry(kind, key, whose.get("pupil"), whose.get("school_class"), payload, 2)
    file_in(world.wiring, kind, [entry], origin="test")
    world.clock.move(minutes=1)


def test_every_class_is_worked_out_at_first(world):
    """Of every class what follows is told, as far as families allow; the class's own figures need nobody's consent."""
    assert worked_out(world) == 2
    assert forecasts(world) == {ONE: 4, TWO: 4}
    assert {data["class"] for data in told(world, "lesson_statistics").values()} == {A, B}


def test_nothing_is_worked_out_twice_a_day(world):
    """While nothing changes no class is due again on the same day; on the next every class is, and nothing is sent."""
    worked_out(world)
    forecasts(world)
    assert worked_out(world) == 0
    world.clock.move(days=1)
    sent = len(world.ed.requests)
    assert worked_out(world) == 2
    forecasts(world)
    assert len(world.ed.requests) == sent


def test_only_the_class_that_changed_is_worked_out_again(world):
    """A mark in one class makes that class due, and its figures follow."""
    worked_out(world)
    give(world, ONE, "4", "5", "5")
    assert worked_out(world) == 1
    assert forecasts(world) == {ONE: 5, TWO: 4}


def test_a_pupil_who_leaves_takes_his_with_him(world):
    """Nothing of a pupil who left is told any more, and the figures of his class are worked out without him."""
    worked_out(world)
    before = next(data for data in told(world, "lesson_statistics").values() if data["class"] == A)
    enrol(world, {ONE: A, THREE: B})
    world.clock.move(minutes=1)
    assert worked_out(world) == 1
    assert forecasts(world) == {ONE: 4}
    after = next(data for data in told(world, "lesson_statistics").values() if data["class"] == A)
    assert (before["results"]["pupils"], after["results"]["pupils"]) == (4, 3)


def test_while_the_roster_waits_for_approval_nothing_follows_from_it(world):
    """Who is in a class is not decided yet: no figure without the missing ones leaves, and a healed roster goes on."""
    worked_out(world)
    told(world, "lesson_statistics")
    world.guarded(STRICT)
    enrol_only(world, {ONE: A})
    world.clock.move(minutes=1)
    assert worked_out(world) == 0
    assert {data["results"]["pupils"] for data in told(world, "lesson_statistics").values()} == {4, 3}
    enrol(world, {ONE: A, TWO: A, THREE: B})
    for pupil in (ONE, TWO, THREE, *CLASSMATES):
        give(world, pupil, "4")
    world.clock.move(minutes=1)
    assert worked_out(world) == 2
    assert forecasts(world) == {ONE: 4, TWO: 4}
    assert world.batches("held") == []


def test_figures_of_one_or_two_pupils_are_not_the_class_s(world):
    """A class in which two have marks has no statistic: it would be theirs, whatever their families decided."""
    give(world, "1011")
    give(world, "1012")
    world.clock.move(minutes=1)
    worked_out(world)
    assert {data["class"] for data in told(world, "lesson_statistics").values()} == {B}


def test_a_pupil_whose_class_is_not_known_stops_nobody(world):
    """A class without a record of its own is left out, and the others are worked out."""
    forecasts(world)
    with world.tx() as tx:
        gone = tx.records.known_keys([(Kind.SCHOOL_CLASS, B)]).values()
        tx.records.save([retraction(known) for known in gone], world.clock.now())
    assert worked_out(world) == 1
    assert set(forecasts(world)) == {ONE, TWO}


def test_a_pupil_who_goes_and_returns_is_worked_out_each_time(world):
    """A class that is again what it was is due again: what was told meanwhile was told of others."""
    worked_out(world)
    enrol(world, {ONE: A, TWO: B, THREE: B})
    world.clock.move(minutes=1)
    assert worked_out(world) == 2
    enrol(world, {ONE: A, TWO: A, THREE: B})
    world.clock.move(minutes=1)
    assert worked_out(world) == 2


def test_a_class_of_which_anything_is_held_waits(world):
    """While a mass change waits for approval nothing is concluded from it; once the journal heals, all is as before."""
    give(world, ONE, "5", "5", "5", "5")
    worked_out(world)
    before = forecasts(world)
    world.guarded(STRICT)
    give(world, ONE)
    world.clock.move(minutes=1)
    assert worked_out(world) == 0
    assert forecasts(world) == before
    give(world, ONE, "5", "5", "5", "5")
    assert worked_out(world) == 1
    assert forecasts(world) == before


def test_the_office_makes_every_class_due(world):
    """An import of the office is reckoned with at once: the planned hours stand in the statistic."""
    worked_out(world)
    plan = b'{"class":"10\xd0\x90","control_works":null,"group":null,"hours":9,"period":"q1","school_year":2026,'
    plan += '"subject":"Алгебра"}'.encode()
    hand_in(world, OfficeKind.CURRICULUM, f"{A}/2026/Алгебра/-/q1", plan, school_class=A)
    assert worked_out(world) == 2
    planned = {data["class"]: data["lessons"][0]["planned_hours"] for data in told(world, "lesson_statistics").values()}
    assert planned == {A: 9, B: None}


def test_contacts_leave_only_with_their_own_consent_and_if_switched_on(world):
    """A consent to results moves no contact, nor does one to contacts in a school that does not carry them."""
    hand_in(world, OfficeKind.CONTACT, f"{ONE}/mother/email", ADDRESS, pupil=ONE)
    world.consent(ONE, scope=Scope.CONTACTS)
    worked_out(world)
    assert told(world, "contact") == {}
    world.withdraw(ONE)
    world.wiring = replace(world.wiring, contacts=True)
    world.clock.move(days=1)
    worked_out(world)
    assert list(told(world, "contact")) == [f"{ONE}/mother/email"]
    assert forecasts(world) == {TWO: 4}


def test_withdrawing_the_consent_to_contacts_calls_back_contacts_only(world):
    """What a family takes back goes, and the results that it still allows stay."""
    world.wiring = replace(world.wiring, contacts=True)
    hand_in(world, OfficeKind.CONTACT, f"{ONE}/mother/email", ADDRESS, pupil=ONE)
    worked_out(world)
    assert told(world, "contact") == {}
    world.consent(ONE, scope=Scope.CONTACTS)
    assert list(told(world, "contact")) == [f"{ONE}/mother/email"]
    withdraw(world.wiring, ONE, Scope.CONTACTS)
    assert told(world, "contact") == {}
    assert forecasts(world) == {ONE: 4, TWO: 4}


def test_a_contact_holds_on_its_days_only(world):
    """A contact whose days are over is called back when the next day begins."""
    world.wiring = replace(world.wiring, contacts=True)
    ending = ADDRESS.replace(b'"valid_until":null', b'"valid_until":"2026-11-16"')
    hand_in(world, OfficeKind.CONTACT, f"{ONE}/mother/email", ending, pupil=ONE)
    world.consent(ONE, scope=Scope.CONTACTS)
    worked_out(world)
    assert len(told(world, "contact")) == 1
    world.clock.move(days=1)
    worked_out(world)
    assert told(world, "contact") == {}


def test_a_run_killed_before_its_work_is_taken_in_loses_nothing(world, monkeypatch):
    """What was worked out and not taken in is worked out again by the next instance."""

    class Killed(BaseException):
        """Nothing catches it."""

    def kill(*_):
        raise Killed

    monkeypatch.setattr(stage, "absorb", kill)
    with pytest.raises(Killed):
        conclude(world.wiring)
    monkeypatch.undo()
    world.restart()
    assert worked_out(world) == 2
    assert forecasts(world) == {ONE: 4, TWO: 4}


def test_a_replaced_instance_takes_nothing_in(world):
    """Whoever no longer holds the store cannot commit what he worked out."""
    old = world.wiring
    world.restart()
    with pytest.raises(StoreError):
        conclude(old)


def test_one_class_that_upsets_us_leaves_the_others_alone(world, monkeypatch):
    """A class in which our own code stumbles is told as an error, stays due, and the feed does not count as read."""
    real = stage.conclusions

    def stumble(book):
        if book.school_class["name"] == B:
            raise ZeroDivisionError
        return real(book)

    monkeypatch.setattr(stage, "conclusions", stumble)
    report = conclude(world.wiring)
    assert [error.code for error in report.errors] == ["EJ-206"]
    assert forecasts(world) == {ONE: 4, TWO: 4}
    with world.tx() as tx:
        assert tx.marks.feed(Feed.DERIVED).read_at is None
    monkeypatch.undo()
    assert worked_out(world) == 1


def test_it_stops_between_two_classes_when_it_is_told_to(world):
    """A run that is stopped has taken in what it finished, and the rest stays due."""
    report = conclude(world.wiring, stopped=lambda: True)
    assert (report.stopped, report.well) == (True, 1)
    assert worked_out(world) == 1


def test_progress_is_told_class_by_class(world):
    """Whoever watches learns how many classes there are and how many are done."""
    seen = []
    conclude(world.wiring, progress=lambda _window, done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_what_was_drawn_is_audited_without_names(world):
    """The chain tells of how many classes conclusions were drawn, and nothing of a day without any."""
    worked_out(world)
    worked_out(world)
    entries = world.audit("conclusions.drawn")
    assert [entry.details["classes"] for entry in entries] == [2]
    with world.tx() as tx:
        assert {known.kind for known in tx.records.known_of(owner_class(A))} >= {Kind.LESSON_STATISTICS}
