"""Answers about other pupils than those who were asked for."""

from datetime import date

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Window
from ejsync.errors import SourceStrangers
from ejsync.sources.eljur.client.strangers import refuse_strangers

WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))


def page(students, *, pupils=("1001", "1002"), method="getmarks"):
    """A page that shows some students."""
    return Page(Window(Feed.MARKS, "10А#1", method, "bridge", WEEK, ("10А",), pupils), {"students": students})


@pytest.mark.parametrize(
    "students",
    [
        {"2001": {"name": "2001"}},
        {"2001": {"name": "2001"}, "2002": []},
        [{"name": 2001}],
        {"1001": {"name": "2001"}},
    ],
)
def test_a_page_about_others_only_is_refused(students):
    """Only strangers, by key or by name, in an object or a list: an error that counts them and names nobody."""
    with pytest.raises(SourceStrangers) as caught:
        refuse_strangers(page(students))
    assert caught.value.facts() == {"account": "bridge", "method": "getmarks", "asked": 2, "others": len(students)}


@pytest.mark.parametrize(
    "students",
    [
        {"1001": {"name": "1001"}, "2001": {"name": "2001"}},
        [{"name": "2001"}, {"name": 1002}],
        {"1002": []},
        {},
        [],
        None,
        "нет",
    ],
)
def test_a_page_about_anyone_asked_for_or_about_nobody_passes(students):
    """One pupil who was asked for is enough, and an empty page is judged elsewhere."""
    shown = page(students)
    assert refuse_strangers(shown) is shown


def test_a_page_that_asked_for_no_pupil_passes():
    """A read by class has no strangers."""
    shown = page({"2001": {}}, pupils=(), method="getschedule")
    assert refuse_strangers(shown) is shown
