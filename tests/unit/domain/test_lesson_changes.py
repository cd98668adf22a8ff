"""Lesson changes: what differs from the plan, and what was first seen is the plan."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.lesson_changes import Edit, Reach, announced, announcements, lesson_changes, slot
from ejsync.domain.windows import Days
from tests.doubles.week import MONDAY, SATURDAY, TUESDAY, Flow, held, lesson, timetable


def test_the_first_sight_of_a_lesson_is_the_plan():
    """Neither the first reading nor a lesson that comes new to a known day is a change."""
    flow = Flow(lesson(1))
    assert flow.standing == {}
    assert flow.read(lesson(1), lesson(2, "Физика"), lesson(1, day=TUESDAY)) == {}


@pytest.mark.parametrize(
    "fields", [{"subject": "Физика"}, {"teacher": "Второй В. В."}, {"room": "17"}, {"room": None}, {"teacher": None}]
)
def test_another_subject_teacher_or_room_is_a_replacement(fields):
    """What, who and where stand there before and after."""
    flow = Flow(lesson())
    flow.read(lesson(**fields))
    [change] = flow.standing.values()
    place = {"class": "10А", "date": MONDAY, "number": 1, "group": None}
    assert change == {**place, "change": "replaced", "before": held(lesson()), "after": held(lesson(**fields))}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"starts_at": "08:30", "ends_at": "09:10"}),
        ({"teacher_id": "501"}, {"teacher_id": "501", "teacher": "Первый Пётр Петрович"}),
        ({"teacher_id": "501"}, {"teacher_id": None}),
    ],
)
def test_bells_and_spellings_are_no_change(before, after):
    """Another bell, another spelling of the same teacher, or an answer without his id tell nobody anything."""
    flow = Flow(lesson(**before))
    assert flow.read(lesson(**after)) == {}


def test_a_further_edit_keeps_the_plan_and_the_way_back_ends_the_change():
    """A→B→C tells A and C, and A again tells nothing any more."""
    flow = Flow(lesson())
    flow.read(lesson(room="17"))
    [(key, change)] = flow.read(lesson(room="18")).items()
    assert (change["before"]["room"], change["after"]["room"]) == ("42", "18")
    assert flow.read(lesson()) == {key: None}


@pytest.mark.parametrize("gone", [(), (lesson(subject=None),)], ids=["gone", "called Cancel"])
def test_a_lesson_that_is_not_held_is_cancelled(gone):
    """Gone from a listed day or called `Cancel`: what was planned is told, and that nothing comes after."""
    flow = Flow(lesson(), lesson(2))
    flow.read(lesson(2), *gone)
    [change] = flow.standing.values()
    assert (change["change"], change["before"], change["after"]) == ("cancelled", held(lesson()), None)
    flow.read(lesson(), lesson(2))
    assert flow.standing == {}


def test_what_was_never_seen_otherwise_than_cancelled_has_no_before():
    """Nobody guesses what a lesson was that was first seen as cancelled; named at last, it is the plan."""
    flow = Flow(lesson(2))
    flow.read(lesson(2), lesson(subject=None))
    [change] = flow.standing.values()
    assert (change["change"], change["before"], change["after"]) == ("cancelled", None, None)
    flow.read(lesson(2), lesson())
    assert flow.standing == {}
    flow.read(lesson(2), lesson(room="17"))
    assert flow.hows() == {f"10А/{MONDAY}/1/-": "replaced"}


@pytest.mark.parametrize("old_place", [(), (lesson(subject=None),)], ids=["gone", "called Cancel"])
@pytest.mark.parametrize("target", [lesson(5), lesson(3, day=TUESDAY), lesson(5, room="17", teacher="Второй В. В.")])
def test_a_lesson_that_comes_new_elsewhere_is_moved(old_place, target):
    """One record at the old place tells both; the new place has none, and going back ends it."""
    rest = (lesson(2, "Физика"), lesson(2, "Физика", day=TUESDAY))
    flow = Flow(lesson(), *rest)
    flow.read(target, *old_place, *rest)
    [(key, change)] = flow.standing.items()
    assert key == f"10А/{MONDAY}/1/-"
    assert (change["change"], change["before"], change["after"]) == ("moved", held(lesson()), held(target))
    flow.read(lesson(), *rest)
    assert flow.standing == {}


def test_a_move_may_be_made_in_two_steps():
    """A lesson taken out first and put elsewhere later is cancelled first and moved then."""
    flow = Flow(lesson(), lesson(2, "Физика"))
    flow.read(lesson(2, "Физика"))
    assert list(flow.hows().values()) == ["cancelled"]
    flow.read(lesson(2, "Физика"), lesson(5))
    assert list(flow.hows().values()) == ["moved"]


def test_a_moved_lesson_is_followed():
    """Edited where it went, `after` follows; another subject there, it is cancelled, and that subject is the plan."""
    flow = Flow(lesson(), lesson(2, "Физика"))
    flow.read(lesson(5), lesson(2, "Физика"))
    flow.read(lesson(5, room="17"), lesson(2, "Физика"))
    assert [(change["change"], change["after"]["room"]) for change in flow.standing.values()] == [("moved", "17")]
    flow.read(lesson(5, "Химия"), lesson(2, "Физика"))
    assert flow.hows() == {f"10А/{MONDAY}/1/-": "cancelled"}
    flow.read(lesson(), lesson(2, "Физика"))
    assert flow.hows() == {f"10А/{MONDAY}/5/-": "cancelled"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((lesson(1), lesson(2)), (lesson(5), lesson(6))),
        ((lesson(1),), (lesson(5), lesson(6))),
        ((lesson(1), lesson(2)), (lesson(5),)),
        ((lesson(1),), (lesson(5, "Физика"),)),
        ((lesson(1),), (lesson(5, group="И1"),)),
        ((lesson(1),), (lesson(5, day=SATURDAY),)),
    ],
    ids=["two and two", "one and two", "two and one", "another subject", "another group", "a day without lessons"],
)
def test_what_is_ambiguous_is_cancelled_not_guessed(before, after):
    """Where more than one lesson fits, or none does, nothing is called moved."""
    flow = Flow(*before, lesson(9, "Химия"))
    flow.read(*after, lesson(9, "Химия"))
    assert set(flow.hows().values()) == {"cancelled"}
    assert set(flow.hows()) == set(timetable(*before))


def test_a_teacher_tells_lessons_of_one_subject_apart():
    """Two lessons of a subject moved at once are paired by their teachers."""
    one, other = lesson(1, teacher="Первый П. П."), lesson(2, teacher="Второй В. В.")
    flow = Flow(one, other, lesson(9, "Химия"))
    flow.read(lesson(5, teacher="Второй В. В."), lesson(6, teacher="Первый П. П."), lesson(9, "Химия"))
    assert {key: change["after"]["number"] for key, change in flow.standing.items()} == {
        f"10А/{MONDAY}/1/-": 6,
        f"10А/{MONDAY}/2/-": 5,
    }


def test_only_days_that_were_read_can_have_lost_what_is_new():
    """A lesson cancelled on a day that this reading did not speak about is not found again in it."""
    rest = (lesson(2, "Физика"), lesson(2, "Физика", day=TUESDAY))
    flow = Flow(lesson(), *rest)
    flow.read(*rest)
    tuesday = Days(date(2026, 11, 17), date(2026, 11, 17))
    flow.read(*rest, lesson(3, day=TUESDAY), days=tuesday)
    assert list(flow.hows().values()) == ["cancelled"]


def test_a_lesson_told_apart_under_one_key_is_no_target():
    """What stands under a key with a suffix cannot be found again by its place, so nothing is moved there."""
    extra = {f"10А/{MONDAY}/5/-~2": Edit(None, lesson(5))}
    gone = {f"10А/{MONDAY}/1/-": Edit(lesson(), None)}
    told = lesson_changes(gone | extra, {}, Reach(None, {("class:10А", MONDAY)}, dict))
    assert [change["change"] for change in told.values()] == ["cancelled"]


GROUPS = lesson(group="И1"), lesson(group="И2", teacher="Второй В. В.")
REST = lesson(2, "Физика")


@pytest.mark.parametrize("first", [lesson(), lesson(room="17")], ids=["as planned", "changed before"])
def test_a_lesson_split_into_groups_or_joined_is_no_change(first):
    """It lives on in the groups, and they in the class: nothing is told, and what was told of it ends."""
    flow = Flow(lesson(), REST)
    flow.read(first, REST)
    flow.read(*GROUPS, REST)
    assert flow.standing == {}
    flow.read(GROUPS[0], lesson(group="И2", teacher="Третий Т. Т."), REST)
    assert flow.hows() == {f"10А/{MONDAY}/1/И2": "replaced"}
    flow.read(lesson(), REST)
    assert flow.standing == {}


def test_a_split_may_be_made_in_steps():
    """A lesson taken out first is cancelled, and is no more when its groups have come, also one after the other."""
    for steps in ([()], [(GROUPS[0],)], [(), (GROUPS[1],)]):
        flow = Flow(lesson(), REST)
        for step in steps:
            flow.read(*step, REST)
            assert flow.hows() == {f"10А/{MONDAY}/1/-": "cancelled"}
        flow.read(*GROUPS, REST)
        assert flow.standing == {}


def test_groups_taken_out_are_joined_later():
    """Groups that were cancelled live on in the class when it comes in their place."""
    flow = Flow(*GROUPS, REST)
    flow.read(GROUPS[1], REST)
    assert flow.hows() == {f"10А/{MONDAY}/1/И1": "cancelled"}
    flow.read(lesson(), REST)
    assert flow.standing == {}


@pytest.mark.parametrize(
    "instead",
    [
        (GROUPS[0],),
        (GROUPS[0], lesson(subject="Физика", group="И2")),
        (*GROUPS, lesson(subject=None)),
        (GROUPS[0], lesson(5, group="И2")),
        (lesson(subject="Физика", group="И1"), lesson(subject="Физика", group="И2")),
    ],
    ids=["one group", "half of the class", "called Cancel", "another number", "another subject"],
)
def test_what_is_no_split_is_cancelled(instead):
    """Where part of the class is left out, or the lesson is called off beside its groups, it is told as cancelled."""
    flow = Flow(lesson(), REST)
    flow.read(*instead, REST)
    assert flow.hows() == {f"10А/{MONDAY}/1/-": "cancelled"}


def test_what_came_by_a_split_is_no_target():
    """A group's lesson that is gone elsewhere has not moved into the halves of another."""
    flow = Flow(lesson(), lesson(3, group="И1"), REST)
    flow.read(*GROUPS, REST)
    assert flow.hows() == {f"10А/{MONDAY}/3/И1": "cancelled"}


SUBJECTS = st.sampled_from(["Алгебра", "Алгебра", "Физика", "Химия", None])
PLACES = st.tuples(st.integers(1, 3), st.sampled_from([MONDAY, TUESDAY]), st.sampled_from([None, "И1", "И2"]))
STATES = st.lists(
    st.one_of(
        st.dictionaries(PLACES, st.tuples(SUBJECTS, st.sampled_from("ПВ")), max_size=6),
        st.sampled_from(["rename", "split", "join", "empty"]),
    ),
    max_size=9,
)


def turned(what, lessons):
    """What a school makes of its timetable at one stroke."""
    if what == "empty":
        return []
    if what == "rename":
        return [{**one, "subject": one["subject"] and f"{one['subject']}+"} for one in lessons]
    if what == "split":
        return [
            {**one, "group": group} for one in lessons for group in ([one["group"]] if one["group"] else ["И1", "И2"])
        ]
    return [{**one, "group": None} for one in lessons]


def new_names(last, seen, planned):
    """The new names of subjects, by the old, as two whole readings show them."""
    was = {one["subject"] for one in last.values()} | planned
    now = {one["subject"] for one in seen.values()}
    pairs = Counter()
    for key in last.keys() & seen.keys():
        old, new = last[key], seen[key]
        if None not in (old["subject"], new["subject"]) and old["subject"] != new["subject"]:
            pairs[old["subject"], new["subject"]] += old["teacher"] == new["teacher"]
    pairs = +pairs
    single = {old: new for old, new in pairs if [other for other, _ in pairs].count(old) == 1}
    return {old: new for old, new in single.items() if old not in now and new not in was and pairs[old, new] > 1}


def living_on(plan, last, seen, named):
    """What is planned and gone, and taught in other groups of which one came now."""

    def place(one):
        return one["date"], one["number"], one["subject"]

    came = {place(seen[key]) for key in named if not (key in last and last[key]["subject"])}
    groups = {}
    for key in named:
        groups.setdefault(place(seen[key]), set()).add(seen[key]["group"])
    found = set()
    for key, one in plan.items():
        others = groups.get(place(one), set())
        whole = key.endswith("/-")
        if key not in seen and place(one) in came and (len(others) > 1 if whole else None in others):
            found.add(key)
    return found


@settings(max_examples=600, deadline=None)
@given(STATES)
def test_what_stands_is_the_difference_between_the_plan_and_now(states):
    """After any readings, renamings and regroupings, each difference from the plan is told once: the plan, and now."""
    flow, plan = Flow(), {}
    for state in states:
        last, before = flow.seen, flow.standing
        if isinstance(state, str):
            now = turned(state, last.values())
        else:
            now = [lesson(n, subject, day=day, group=g, teacher=who) for (n, day, g), (subject, who) in state.items()]
        flow.read(*timetable(*now).values())
        standing, seen = flow.standing, timetable(*now)
        names = new_names(last, seen, {change["before"]["subject"] for change in before.values() if change["before"]})
        plan = {key: {**one, "subject": names.get(one["subject"], one["subject"])} for key, one in plan.items()}
        went = {key: change["after"] for key, change in standing.items() if change["change"] == "moved"}
        targets = {slot("10А", to["date"], to["number"], standing[key]["group"]) for key, to in went.items()}
        named = {key for key, one in seen.items() if not one["cancelled"]}
        ended = living_on(plan, last, seen, named) - went.keys()
        plan = {key: one for key, one in plan.items() if key not in ended}
        plan = {key: held(seen[key]) for key in named - targets} | plan
        assert targets <= named - plan.keys()
        assert len(targets) == len(went)
        different = {key for key in plan if key not in named or held(seen[key]) != plan[key]}
        unknown = {key for key, one in seen.items() if one["cancelled"] and key not in plan}
        assert set(standing) == different | unknown
        for key, change in standing.items():
            assert change["before"] == plan.get(key)
            after = held(seen[key]) if key in named else went.get(key)
            assert change["after"] == after
            assert (change["change"] == "replaced") == (key in named)
            if key in went:
                assert change["after"]["subject"] == change["before"]["subject"]


def told(said, standing=(), known=()):
    """What `getreplaces` leaves standing, as (how, before, after) by number."""
    standing = {slot("10А", MONDAY, number, None): change for number, change in dict(standing).items()}
    said = {key: announced(one) for key, one in timetable(*said).items()}
    found = announcements(said, standing, timetable(*known))
    return {change["number"]: (change["change"], change["before"], change["after"]) for change in found.values()}


def change(how, before, after):
    """A change of the first lesson."""
    return {"class": "10А", "date": MONDAY, "number": 1, "group": None, "change": how, "before": before, "after": after}


NEW = lesson(subject="Физика", room="17")


@pytest.mark.parametrize(
    ("known", "before"),
    [([], None), ([NEW], None), ([lesson()], held(lesson()))],
    ids=["nothing", "itself", "the plan"],
)
def test_a_replacement_replaces_what_was_known(known, before):
    """`before` is what the timetable shows otherwise; where it shows the replacement itself, nobody knows."""
    assert told([NEW], known=known) == {1: ("replaced", before, held(NEW))}


def test_a_replacement_called_cancel_is_cancelled():
    """So it is said; what was known is told."""
    assert told([lesson(subject=None)]) == {1: ("cancelled", None, None)}
    assert told([lesson(subject=None)], known=[lesson()]) == {1: ("cancelled", held(lesson()), None)}


def test_what_the_timetable_has_told_stays():
    """A replacement whose plan is known keeps it; a moved lesson stays moved; and what is not announced stays too."""
    replaced = change("replaced", held(lesson()), held(NEW))
    assert told([NEW], {1: replaced}, [NEW]) == {1: ("replaced", held(lesson()), held(NEW))}
    assert told([], {1: replaced}, [NEW]) == {1: ("replaced", held(lesson()), held(NEW))}
    moved = change("moved", held(lesson()), held(lesson(5)))
    assert told([NEW], {1: moved}) == told([], {1: moved}) == {1: ("moved", held(lesson()), held(lesson(5)))}
    assert told([lesson()], {1: replaced}, [NEW]) == {1: ("replaced", held(lesson()), held(NEW))}
    cancelled = change("cancelled", None, None)
    assert told([], {1: cancelled}, [lesson(subject=None)]) == {1: ("cancelled", None, None)}


@pytest.mark.parametrize(
    ("stands", "known"),
    [
        (change("replaced", None, held(NEW)), [NEW]),
        (change("replaced", None, held(NEW)), []),
        (change("replaced", held(lesson()), held(NEW)), [lesson()]),
        (change("cancelled", held(lesson()), None), [lesson()]),
    ],
)
def test_what_only_was_announced_ends_with_the_announcement(stands, known):
    """Where the timetable shows no difference, nothing stands that nobody announces any more."""
    assert told([], {1: stands}, known) == {}


def test_an_announced_replacement_is_followed_by_the_timetable():
    """Read again, the timetable keeps an announcement, follows its edits, and takes the form first seen as its plan."""
    flow = Flow(NEW)
    [key] = flow.seen
    flow.standing = announcements({key: announced(NEW)}, {}, flow.seen)
    flow.read({**NEW, "starts_at": "08:30"})
    assert flow.standing[key]["before"] is None
    flow.read({**NEW, "room": "18"})
    assert (flow.standing[key]["before"]["room"], flow.standing[key]["after"]["room"]) == ("17", "18")
    late = Flow()
    late.standing = announcements({key: announced(NEW)}, {}, {})
    assert late.read(NEW) == {}
