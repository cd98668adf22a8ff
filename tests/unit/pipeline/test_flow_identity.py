"""The whole flow: what a school does to its journal reaches families as just that, under keys that stay."""

from datetime import timedelta

import pytest

from ejsync.domain.guard import GuardRule
from ejsync.domain.records import Feed
from ejsync.domain.windows import school_year_days
from ejsync.pipeline.replay import approve
from tests.doubles.records import (
    DAY,
    broken_mark,
    final_mark,
    finals,
    homework,
    homeworks,
    lesson,
    lessons,
    mark,
    marks,
    period,
    periods,
    pupil,
    roster,
    school_class,
)

USUAL = GuardRule(retracted_share=0.3, changed_share=0.8, least_count=25, most_count=1000, wiped_count=5)
NEW = "Алгебра и начала анализа"


@pytest.fixture
def school(world):
    """Two pupils whose families agreed; what the diary was told last."""
    world.consent("1001", "1002")
    return world


def told(world):
    """Deliver, and return operation, kind and key of what the diary was told."""
    before = len(world.ed.requests)
    world.deliver()
    return [(i["op"], i["kind"], i["key"]) for request in world.ed.requests[before:] for i in request.items]


def cell(*raws, **fields):
    """The marks of one cell, as ElJur counts them."""
    return marks(["1001"], *(mark(raw=raw, column=nm, **fields) for nm, raw in enumerate(raws)))


def of(kind, record):
    """Kind and key, as the diary has them."""
    return (kind, record.key)


def test_the_first_of_two_marks_removed_is_one_retraction(school):
    """Families lose the five and keep their four, which is not told to have changed, then or later."""
    school.read(cell("5", "4"))
    school.deliver()
    school.read(cell("4"))
    assert told(school) == [("retract", "mark", mark().key)]
    school.read(cell("4"))
    school.read(cell("4", "2"))
    assert told(school) == [("upsert", "mark", mark(column=2).key)]
    assert school.seen() == {mark(column=1).key: "4", mark(column=2).key: "2"}
    assert school.ed.live()["mark", mark(column=1).key]["column"] == 1


def test_a_removed_mark_that_is_set_again_is_only_that(school):
    """What was removed by mistake returns beside its neighbour, who is told nothing."""
    school.read(cell("5", "4"))
    school.deliver()
    school.read(cell("4"))
    school.deliver()
    school.read(cell("4", "5"))
    assert [op for op, _, _ in told(school)] == ["upsert"]
    assert sorted(school.seen().values()) == ["4", "5"]


def test_a_mark_and_an_absence_share_a_cell(school):
    """The mark before an absence is removed, then the absence itself; each is one retraction."""
    school.read(cell("5", "н"))
    school.deliver()
    school.read(cell("н"))
    assert told(school) == [("retract", "mark", mark().key)]
    school.read(marks(["1001"], believable=True))
    assert told(school) == [("retract", "absence", mark(column=1).key)]


def test_a_survivor_that_breaks_its_contract_is_not_taken_for_gone(school):
    """It waits in quarantine under its own key, and its mended form leaves it there."""
    school.read(cell("5", "4"))
    school.deliver()
    school.read(cell("4"))
    school.deliver()
    school.read(marks(["1001"], broken_mark()))
    assert told(school) == []
    with school.tx() as tx:
        assert [row.broken.key for row in tx.quarantine.find()] == [mark(column=1).key]
    assert school.read(cell("3")).counts["mended"] == 1
    assert told(school) == [("upsert", "mark", mark(column=1).key)]


def test_a_mass_of_renumbered_marks_is_no_mass_rewriting(school):
    """The first mark of many cells removed: under the strict guard nothing but retractions is judged."""
    school.guarded(GuardRule(retracted_share=0.9, changed_share=0.1, least_count=0, most_count=99, wiped_count=99))
    many = [mark(raw=raw, column=nm, lesson_id=str(n)) for n in range(5) for nm, raw in enumerate("543")]
    school.read(marks(["1001"], *many))
    rest = [mark(raw=raw, column=nm, lesson_id=str(n)) for n in range(5) for nm, raw in enumerate("43")]
    assert school.read(marks(["1001"], *rest)).counts["updated"] == 0
    assert school.batches("held") == []


def test_a_renamed_subject_updates_what_families_have(school):
    """Marks, homework and finals keep their keys and carry the new name; a second read changes nothing."""
    for subject in "Алгебра", NEW, NEW:
        school.read(marks(["1001"], mark(subject=subject), mark(raw="4", column=1, subject=subject)))
        school.read(finals(["1001"], final_mark(subject=subject)), feed=Feed.FINALS)
        school.read(homeworks(["10А"], homework(subject)), feed=Feed.HOMEWORK)
        changes = told(school)
    assert changes == []
    assert set(school.ed.live()) == {
        of("mark", mark()),
        of("mark", mark(column=1)),
        of("final_mark", final_mark()),
        of("homework", homework()),
    }
    assert {data["subject"] for data in school.ed.live().values()} == {NEW}
    assert {holding.version for holding in school.ed.held.values()} == {2}


def test_a_subject_that_takes_an_old_name_is_another(school):
    """A new subject under the name that another had before gets its own records."""
    school.read(homeworks(["10А"], homework()), feed=Feed.HOMEWORK)
    school.read(homeworks(["10А"], homework(NEW)), feed=Feed.HOMEWORK)
    for _ in range(2):
        school.read(homeworks(["10А"], homework(NEW), homework(text="§ 1")), feed=Feed.HOMEWORK)
        changes = told(school)
    assert changes == []
    shown = sorted((data["subject"], data["text"]) for data in school.ed.live().values())
    assert shown == [("Алгебра", "§ 1"), (NEW, "§ 5")]


def test_a_pupil_who_moves_keeps_all_he_has(school):
    """Another class is an update of the pupil; his marks stay under the journals they were given in."""
    ten, eleven = school_class("10А"), school_class("10Б")
    school.read(roster(ten, eleven, pupil("1001"), pupil("1002", of="10Б")), feed=Feed.ROSTER)
    school.read(marks(["1001"], mark()))
    school.deliver()
    school.read(roster(ten, eleven, pupil("1001", of="10Б"), pupil("1002", of="10Б")), feed=Feed.ROSTER)
    school.read(marks(["1001"], mark(), mark(lesson_id="88", raw="4")))
    assert told(school) == [("upsert", "pupil", "1001"), ("upsert", "mark", mark(lesson_id="88").key)]


def test_namesakes_are_two_people(school):
    """Two pupils of one name in one class: each has his own, and when one leaves the other keeps everything."""
    school.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    school.read(marks(["1001", "1002"], mark(), mark("1002")))
    school.deliver()
    assert school.ed.live()["pupil", "1001"]["last_name"] == school.ed.live()["pupil", "1002"]["last_name"]
    school.read(roster(school_class(), pupil("1001")), feed=Feed.ROSTER)
    assert set(told(school)) == {("retract", "pupil", "1002"), ("retract", "mark", mark("1002").key)}


def half(group):
    """A lesson of a subgroup."""
    whole = lesson()
    key = f"{whole.key.rpartition('/')[0]}/{group}"
    return whole.__class__(whole.kind, key, whole.owner, None, whole.day, {**whole.data, "group": group})


def test_a_class_split_into_groups_has_two_lessons_for_one(school):
    """The lesson of all is retracted and those of the groups created, homework likewise; joined again, the reverse."""
    whole, halves = lesson(), [half("И1"), half("И2")]
    task, tasks = homework(), [homework(group="И1"), homework(group="И2")]
    for shown, given in ([whole], [task]), (halves, tasks), ([whole], [task]):
        school.read(lessons(["10А"], *shown), feed=Feed.TIMETABLE)
        school.read(homeworks(["10А"], *given), feed=Feed.HOMEWORK)
        school.deliver()
        expected = {of("lesson", one) for one in shown} | {of("homework", one) for one in given}
        assert {name for name in school.ed.live() if name[0] in {"lesson", "homework"}} == expected
    assert school.ed.held["lesson", whole.key].version == 3


def test_last_year_s_results_stay_when_the_new_year_begins(school):
    """The new year's periods and finals come beside last year's, which nobody shows any more; neither is retracted."""
    school.read(periods(["10А"], period()), feed=Feed.PERIODS)
    school.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    school.deliver()
    school.read(periods(["10А"], period(year=2027), year=2027), feed=Feed.PERIODS)
    school.read(finals(["1001"], year=2027, believable=True), feed=Feed.FINALS)
    assert told(school) == [("upsert", "period", period(year=2027).key)]
    school.read(finals(["1001"], final_mark(raw="3", year=2027), year=2027), feed=Feed.FINALS)
    school.deliver()
    assert school.ed.live()["final_mark", final_mark().key]["raw"] == "5"
    assert school.ed.live()["final_mark", final_mark(year=2027).key]["raw"] == "3"


def test_a_final_mark_taken_back_within_its_year_is_retracted(school):
    """What the answer of a school year no longer shows of that year is gone."""
    school.read(finals(["1001"], final_mark(), final_mark(period="p2")), feed=Feed.FINALS)
    school.deliver()
    school.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    assert told(school) == [("retract", "final_mark", final_mark(period="p2").key)]


@pytest.fixture
def may(world):
    """A school in May: fifty pupils of 10А and fifty of 11А with a mark each, at the diary, under the usual guard."""
    world.tenth = [str(number) for number in range(1000, 1050)]
    world.eleventh = [str(number) for number in range(2000, 2050)]
    everyone = world.tenth + world.eleventh
    world.consent(*everyone, *(str(number) for number in range(3000, 3050)))
    people = [pupil(who) for who in world.tenth] + [pupil(who, of="11А") for who in world.eleventh]
    world.read(roster(school_class("10А"), school_class("11А"), *people), feed=Feed.ROSTER)
    world.read(marks(everyone, *map(mark, everyone)))
    world.settle_down()
    world.guarded(USUAL)
    return world


def september(world):
    """The roster of the new year: one class has moved up, one has left, one has come."""
    people = [pupil(who, of="11А") for who in world.tenth]
    people += [pupil(str(number)) for number in range(3000, 3050)]
    return roster(school_class("10А"), school_class("11А"), *people)


def test_the_rollover_waits_for_an_operator_who_sees_one_held_change(may):
    """Leavers with all their records and newcomers are held together; nothing reaches families before approval."""
    counts = may.read(september(may), feed=Feed.ROSTER).counts
    [held] = may.batches("held")
    assert "retract pupil" in held.reason
    assert "roster" in held.reason
    before = may.ed.live().keys()
    may.settle_down()
    assert may.ed.live().keys() == before
    assert counts["retracted"] == 100, "leavers and their marks"


def test_the_rollover_goes_whole_once_it_is_approved(may):
    """One approval: leavers and all of theirs are gone, the class has moved up with its marks, newcomers are there."""
    may.read(september(may), feed=Feed.ROSTER)
    approve(may.wiring, may.batches("held")[0].batch)
    may.settle_down()
    live = may.ed.live()
    assert {key for kind, key in live if kind == "mark"} == {mark(who).key for who in may.tenth}
    assert {live["pupil", who]["class"] for who in may.tenth} == {"11А"}
    assert sum(kind == "pupil" for kind, _ in live) == 100
    assert may.batches("held") == []


def test_last_year_s_marks_stay_with_those_who_moved_up(may):
    """The days of the new year are read, and none of the old: the marks of the year before are not gone."""
    may.read(september(may), feed=Feed.ROSTER)
    approve(may.wiring, may.batches("held")[0].batch)
    may.read(
        marks(
            may.tenth, mark(may.tenth[0], day=DAY + timedelta(days=365)), days=school_year_days(2027), believable=True
        )
    )
    may.settle_down()
    assert mark(may.tenth[0]).key in may.seen()
    assert len(may.seen()) == 51
