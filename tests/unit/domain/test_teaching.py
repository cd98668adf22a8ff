"""Who teaches what."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.contracts import Contracts
from ejsync.domain.teaching import class_teachers
from tests.doubles.class_journal import change, held, lesson

CONTRACTS = Contracts()
WEEKS = ["2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21"]


def names(found):
    """Subject, group and the names of who teaches."""
    return [(row["subject"], row["group"], [who["teacher"] for who in row["teachers"]]) for row in found]


def test_who_teaches_by_hand():
    """A subject of the class and one of two groups, each with its own teacher, in the order of subject and group."""
    lessons = [
        lesson(teacher="А."), lesson(number=2, subject="Англ. яз.", group="И2", teacher="В."),
        lesson(number=2, subject="Англ. яз.", group="И1", teacher="Б.", teacher_id="502"),
    ]  # fmt: skip
    found = class_teachers("10А", lessons, [])
    assert names(found) == [("Алгебра", None, ["А."]), ("Англ. яз.", "И1", ["Б."]), ("Англ. яз.", "И2", ["В."])]
    assert found[1]["teachers"] == [{"teacher": "Б.", "teacher_id": "502"}]
    assert all(CONTRACTS.faults("ed/v1/class_teacher", row) == () for row in found)


def test_the_latest_weeks_win():
    """Who taught until two weeks ago is a teacher of the class no more."""
    lessons = [lesson(day, teacher="А." if day < WEEKS[2] else "Б.") for day in WEEKS]
    assert names(class_teachers("10А", lessons, [])) == [("Алгебра", None, ["Б."])]


def test_a_substitute_is_no_teacher_of_the_class():
    """However many lessons somebody else gives, the one who was planned is the teacher."""
    lessons = [lesson(day, teacher="Б.") for day in WEEKS]
    changes = [change("replaced", held(row, teacher="А."), held(row), at=row) for row in lessons]
    assert names(class_teachers("10А", lessons, changes)) == [("Алгебра", None, ["А."])]


def test_a_substitute_for_nobody_knows_whom_does_not_count():
    """Where ElJur only says that a lesson is a replacement, nothing is learned from it."""
    row = lesson()
    assert class_teachers("10А", [row], [change("replaced", None, held(row), at=row)]) == []


def test_another_room_changes_no_teacher():
    """A lesson in another room is as good a witness as any."""
    row = lesson(teacher="А.")
    changes = [change("replaced", held(row, room="1"), held(row), at=row)]
    assert names(class_teachers("10А", [row], changes)) == [("Алгебра", None, ["А."])]


def test_the_teacher_of_another_subject_in_its_place_is_not_learned_from_it():
    """Physics in the place of algebra is a lesson of the algebra teacher that was planned."""
    physics = lesson(subject="Физика", teacher="Б.")
    changes = [change("replaced", held(physics, subject="Алгебра", teacher="А."), held(physics), at=physics)]
    assert names(class_teachers("10А", [physics], changes)) == [("Алгебра", None, ["А."])]


def test_what_moved_away_says_nothing_of_the_lesson_in_its_place():
    """Where algebra went elsewhere and physics came, the teacher of physics is the one who gives it."""
    physics = lesson(subject="Физика", teacher="Б.")
    left = held(physics, subject="Алгебра", teacher="А.")
    changes = [change("moved", left, {**left, "number": 7, "teacher": "В."}, at=physics)]
    assert names(class_teachers("10А", [physics], changes)) == [("Физика", None, ["Б."])]


def test_two_who_share_a_class_both_teach_it():
    """Two with as many lessons are both named; one who appears once in a while is not."""
    lessons = [lesson(day, number, teacher=who) for day in WEEKS[2:] for number, who in ((1, "А."), (2, "Б."))]
    lessons.append(lesson("2026-09-25", 1, teacher="В."))
    assert names(class_teachers("10А", lessons, [])) == [("Алгебра", None, ["А.", "Б."])]


def test_a_teacher_is_known_by_id_and_shown_as_last_written():
    """Two spellings of one id are one teacher under the later spelling."""
    lessons = [lesson(day, teacher=f"Пробный {day}", teacher_id="501") for day in WEEKS[2:]]
    assert names(class_teachers("10А", lessons, [])) == [("Алгебра", None, [f"Пробный {WEEKS[3]}"])]


def test_nothing_is_said_where_nobody_is_named():
    """Cancelled lessons, lessons of one pupil and lessons without a teacher say nothing."""
    rows = [lesson(teacher=None), lesson(pupil="1001"), {**lesson(), "cancelled": True, "subject": None}]
    assert class_teachers("10А", rows, []) == []


LESSONS = st.builds(
    lesson, st.sampled_from(WEEKS), st.integers(1, 6), subject=st.sampled_from(["Алгебра", "Физика"]),
    group=st.sampled_from([None, "И1"]), teacher=st.sampled_from(["А.", "Б.", None]),
)  # fmt: skip


@settings(derandomize=True, deadline=None)
@given(st.lists(LESSONS), st.randoms(use_true_random=False))
def test_order_does_not_matter(lessons, random):
    """Shuffled lessons name the same teachers, and each subject and group once."""
    found = class_teachers("10А", lessons, [])
    assert class_teachers("10А", random.sample(lessons, len(lessons)), []) == found
    assert len({(row["subject"], row["group"]) for row in found}) == len(found)
