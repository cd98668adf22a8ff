"""Sizing: groups grow while answers are small and quick, shrink where they are not, and are remembered."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Window
from ejsync.sources.eljur.client.sizing import BOUND_BYTES, BOUND_S, FIRST_PUPILS, GroupSizes
from tests.doubles.memory import DictMemory

SHORT = Days(date(2026, 11, 2), date(2026, 11, 16))
LONG = Days(date(2026, 9, 1), date(2026, 11, 16))


def group(pupils, *, days=SHORT, method="getmarks", part=False):
    """A window of so many pupils."""
    names = tuple(map(str, range(pupils)))
    return Window(Feed.MARKS, "10А#1", method, "a", days, ("10А",), names, part=part)


@pytest.fixture
def memory():
    """What is kept between runs."""
    return DictMemory()


@pytest.fixture
def sizes(memory):
    """Sizes of a school that lets many pupils be asked for at once."""
    return GroupSizes(most=100, memory=memory)


def size(sizes, days=SHORT, method="getmarks"):
    """How many pupils a request asks for now."""
    return sizes.size(method, (days.last - days.first).days + 1)


def test_a_method_begins_with_a_fixed_size_never_above_the_most(memory):
    """Before anything was learnt a request asks for 25 pupils, or for as many as the settings allow."""
    assert GroupSizes(most=100, memory=memory).size("getmarks", 14) == FIRST_PUPILS == 25
    assert GroupSizes(most=10, memory=memory).size("getmarks", 14) == 10


def test_a_full_group_answered_with_ease_lets_the_next_grow_by_a_half(sizes):
    """Half of both bounds is ease; a byte or a moment more is not."""
    sizes.answered(group(25), size_bytes=BOUND_BYTES // 2, seconds=BOUND_S / 2)
    assert size(sizes) == 38
    sizes.answered(group(38), size_bytes=BOUND_BYTES // 2 + 1, seconds=0)
    sizes.answered(group(38), size_bytes=0, seconds=BOUND_S / 2 + 0.1)
    assert size(sizes) == 38


def test_a_group_too_large_shrinks_to_what_would_have_fitted(sizes):
    """Twice the bytes or twice the seconds of a bound leave half of the pupils."""
    sizes.answered(group(24), size_bytes=2 * BOUND_BYTES, seconds=0)
    assert size(sizes) == 12
    sizes.answered(group(12), size_bytes=0, seconds=4 * BOUND_S)
    assert size(sizes) == 3


def test_a_group_without_answer_shrinks_by_half(sizes):
    """No answer may mean too large a question."""
    sizes.failed(group(25))
    assert size(sizes) == 12


def test_groups_cut_even_let_a_size_grow_again(sizes):
    """Thirty pupils at twelve a request go by tens: ease at ten that would be ease at twelve lets the size grow."""
    sizes.failed(group(25))
    sizes.answered(group(10), size_bytes=1000, seconds=0.3)
    assert size(sizes) == 19


def test_a_small_group_s_ease_says_nothing_of_a_full_one(sizes):
    """One pupil answered quickly, or ten whose answer would be too large at twenty-five, change nothing."""
    sizes.answered(group(1), size_bytes=100, seconds=0.1)
    sizes.answered(group(13), size_bytes=int(BOUND_BYTES * 0.4), seconds=0)
    assert size(sizes) == 25


@pytest.mark.parametrize("place", [0, 7, 23])
def test_one_pupil_who_is_never_answered_does_not_make_all_be_asked_one_by_one(sizes, place):
    """Wherever in a cycle his group stands, after many cycles the others still go in groups."""
    for _ in range(30):
        pupils = size(sizes)
        for number in range(24):
            if number == place:
                sizes.failed(group(pupils))
                for part in (pupils // 2, pupils // 4, pupils // 8, 1):
                    sizes.failed(group(part, part=True))
            else:
                sizes.answered(group(pupils), size_bytes=pupils * 20_000, seconds=0.5)
        assert size(sizes) >= 12


def test_sizes_are_learnt_by_method_and_by_length(sizes):
    """A year of marks teaches nothing about a fortnight of them, nor a diary about marks."""
    sizes.failed(group(25, days=LONG))
    assert (size(sizes, LONG), size(sizes), size(sizes, LONG, "getdiary")) == (12, 25, 25)


def test_reads_of_a_class_teach_nothing(sizes, memory):
    """Where no pupils are asked for there is no group to size."""
    window = Window(Feed.TIMETABLE, "10А", "getschedule", "a", SHORT, ("10А",))
    sizes.answered(window, size_bytes=9 * BOUND_BYTES, seconds=99)
    sizes.failed(window)
    assert memory.held == {}


def test_sizes_survive_a_restart(sizes, memory):
    """The next run asks for as many as the last one learnt, within its own settings."""
    sizes.failed(group(25))
    assert size(GroupSizes(most=100, memory=memory)) == 12
    assert size(GroupSizes(most=5, memory=memory)) == 5


@pytest.mark.parametrize("kept", [b"", b"{", b"[1]", b'"x"', b'{"getmarks/short": 0}', b'{"getmarks/short": "many"}'])
def test_what_cannot_be_read_was_never_learnt(memory, kept):
    """A damaged memory costs what was learnt and nothing else."""
    memory.keep("group-sizes", kept)
    assert size(GroupSizes(most=100, memory=memory)) == FIRST_PUPILS


lessons = st.tuples(
    st.integers(1, 60), st.integers(0, 50_000_000), st.floats(0, 600, allow_nan=False), st.booleans(), st.booleans()
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(lessons, max_size=30), st.integers(1, 60))
def test_no_size_ever_leaves_its_bounds(taught, most):
    """Whatever is learnt, at least one pupil and at most as many as the settings allow are asked for."""
    sizes = GroupSizes(most=most, memory=DictMemory())
    for pupils, size_bytes, seconds, answered, part in taught:
        window = group(pupils, part=part, days=Days(SHORT.first, SHORT.first + timedelta(days=pupils)))
        if answered:
            sizes.answered(window, size_bytes=size_bytes, seconds=seconds)
        else:
            sizes.failed(window)
        assert 1 <= size(sizes) <= most
        assert 1 <= size(sizes, LONG) <= most
