"""The second opinion's lessons: counted, given and learnt, worked out by hand."""

from ejsync.sandbox.reckoning_lessons import accounts, is_given_by_another, learnt, teachers

TERM = {"period": "q1", "school_year": 2026, "start": "2026-09-01", "end": "2026-10-31"}
DAY = "2026-09-16"


def lesson(day, number=1, subject="Алгебра", *, group=None, who="501", cancelled=False):
    """A lesson of the class."""
    return {
        "date": day, "number": number, "group": group, "subject": None if cancelled else subject,
        "teacher": f"Пробный {who}", "teacher_id": who, "cancelled": cancelled,
    }  # fmt: skip


def change(how, before, after):
    """How a lesson differs from its plan, told where it was planned."""
    place = before or after
    return {
        **{name: place[name] for name in ("date", "number", "group")},
        "change": how,
        "before": before,
        "after": after,
    }


def counted(lessons, changes=(), works=(), plan=(), subject="Алгебра"):
    """The accounts of a subject."""
    return accounts(subject, TERM, DAY, {"lessons": lessons, "changes": changes, "works": works}, plan)


def test_an_account_worked_out_by_hand():
    """Five lessons were planned: two held, of them one by somebody else, one cancelled, one moved, one to come."""
    planned = [lesson(f"2026-09-{day}") for day in ("14", "15", "16", "17", "18")]
    other, moved = lesson("2026-09-15", who="502"), lesson("2026-09-21")
    standing = [planned[0], other, lesson("2026-09-16", cancelled=True), moved, planned[4]]
    changes = [
        change("replaced", planned[1], other), change("cancelled", planned[2], None),
        change("moved", planned[3], moved),
    ]  # fmt: skip
    works = [lesson("2026-09-18"), lesson("2026-09-18"), lesson("2026-11-18")]
    plan = [{"subject": "Алгебра", "school_year": 2026, "period": "q1", "group": None, "hours": 6, "control_works": 2}]
    assert counted(standing, changes, works, plan) == [
        {
            "group": None, "planned_hours": 6, "in_timetable": 5, "held": 2, "replaced": 1, "cancelled": 1,
            "to_come": 2, "control_works": 1, "planned_control_works": 2,
        }
    ]  # fmt: skip


def test_a_lesson_given_to_another_subject_is_lost_to_the_one_and_won_by_the_other():
    """What stands in place of a subject is cancelled for it, and held and replaced for the other."""
    before, after = lesson("2026-09-14"), lesson("2026-09-14", subject="Физика")
    changes = [change("replaced", before, after)]
    [lost], [won] = counted([after], changes), counted([after], changes, subject="Физика")
    assert (lost["cancelled"], lost["held"], lost["in_timetable"]) == (1, 0, 1)
    assert (won["cancelled"], won["held"], won["replaced"]) == (0, 1, 1)


def test_groups_have_accounts_of_their_own_and_share_the_plan():
    """Two groups are two accounts, whose plan is that of the class where they have none of their own."""
    plan = [
        {
            "subject": "Алгебра",
            "school_year": 2026,
            "period": "q1",
            "group": group,
            "hours": hours,
            "control_works": None,
        }
        for group, hours in ((None, 6), ("И2", 5))
    ]
    found = counted([lesson("2026-09-14", group="И1"), lesson("2026-09-14", group="И2")], plan=plan)
    assert [(one["group"], one["planned_hours"], one["held"]) for one in found] == [("И1", 6, 1), ("И2", 5, 1)]
    assert [one["group"] for one in counted([])] == [None]


def test_who_substitutes_is_known_by_id_else_by_name():
    """Another spelling under the same id is the same person; an unknown plan was another."""
    one = lesson("2026-09-14")
    assert not is_given_by_another(change("replaced", one, {**one, "teacher": "Пробный П. П."}))
    assert is_given_by_another(change("replaced", one, {**one, "teacher": "Другой", "teacher_id": None}))
    assert is_given_by_another(change("replaced", None, one))
    assert not is_given_by_another(change("cancelled", one, None))


def test_those_teach_who_do_so_in_the_last_two_weeks():
    """Of earlier weeks nobody counts, nor who stood in once; where one stood in, who was planned counts."""
    early = [lesson("2026-09-01", who="509")]
    last = [lesson(day) for day in ("2026-09-07", "2026-09-08", "2026-09-14")]
    stand_in = lesson("2026-09-15", who="502")
    changes = [change("replaced", lesson("2026-09-15"), stand_in)]
    assert teachers([*early, *last, stand_in], changes) == {
        ("Алгебра", None): [{"teacher": "Пробный 501", "teacher_id": "501"}]
    }
    shared = [lesson("2026-09-07"), lesson("2026-09-08", who="502")]
    assert [one["teacher_id"] for one in teachers(shared, ())["Алгебра", None]] == ["501", "502"]


def test_what_groups_have_is_not_for_those_who_are_seen_in_its_rival():
    """Some learn German while others learn French; who is seen in neither is taken to learn both."""
    lessons = [
        lesson("2026-09-14"), lesson("2026-09-14", 2, "Немецкий", group="Н"),
        lesson("2026-09-14", 2, "Французский", group="Ф"),
    ]  # fmt: skip
    assert learnt(["1", "2"], lessons, {"1": {"Немецкий"}}) == {
        "1": {"Алгебра", "Немецкий"},
        "2": {"Алгебра", "Немецкий", "Французский"},
    }
