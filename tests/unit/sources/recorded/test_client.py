"""Playing recorded pages."""

import json
from datetime import date

import pytest

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Due, Heat, Roster, Window
from ejsync.errors import ContractViolation, SourceUnavailable
from ejsync.sources.recorded.client import RecordedSource
from ejsync.sources.recorded.config import RecordedConfig

NOBODY = Roster({})
MONDAY = {"first": "2026-11-16", "last": "2026-11-16"}


def wanting(days):
    """Days are due of everyone."""
    return lambda _owner: (Due(Heat.HOT, days),)


@pytest.fixture
def folder(tmp_path):
    """Write pages into a folder."""

    def write(**pages):
        for stem, page in pages.items():
            (tmp_path / f"{stem}.json").write_text(page if isinstance(page, str) else json.dumps(page))
        return RecordedSource(RecordedConfig(type="recorded", folder=tmp_path))

    return write


def test_pages_of_a_feed_and_its_days_are_windows(folder, week):
    """A plan lists the feed's pages that have no days or share some with those asked for, by name."""
    source = folder(
        marks_b={"feed": "marks", "scope": "10А", "days": MONDAY},
        marks_a={"feed": "marks", "scope": "2Б"},
        marks_c={"feed": "marks", "scope": "2Б", "days": {"first": "2026-01-01", "last": "2026-01-31"}},
        roster={"feed": "roster", "scope": "school"},
    )
    assert [(w.method, w.scope, w.days, w.owners) for w in source.plan(Feed.MARKS, wanting(week), NOBODY).windows] == [
        ("marks_a", "2Б", None, ("page:marks_a",)),
        ("marks_b", "10А", Days(date(2026, 11, 16), date(2026, 11, 16)), ("page:marks_b",)),
    ]


def test_a_page_is_read_for_the_most_urgent_reason_and_not_when_nothing_of_it_is_due(folder, week):
    """Each page is an owner of its own: what is due of it decides whether it is read, and why."""
    source = folder(a={"feed": "marks", "scope": "10А", "days": MONDAY}, b={"feed": "marks", "scope": "2Б"})
    due = {"page:a": (Due(Heat.WARM, week), Due(Heat.COLD, week)), "page:b": ()}
    windows = source.plan(Feed.MARKS, due.__getitem__, NOBODY).windows
    assert [(window.method, window.heat) for window in windows] == [("a", Heat.WARM)]
    assert (source.failures, source.at_once) == ({}, 1)


def test_a_page_may_change_between_two_reads(folder, week):
    """Every read opens its file anew."""
    record = {"kind": "teacher", "key": "501", "owner": "school", "data": {"teacher": "501"}}
    source = folder(people={"feed": "roster", "scope": "school"})
    (window,) = source.plan(Feed.ROSTER, wanting(None), NOBODY).windows
    assert source.read(source.fetch(window), NOBODY).records == ()
    folder(people={"feed": "roster", "scope": "school", "records": [record]})
    assert [one.key for one in source.read(source.fetch(window), NOBODY).records] == ["501"]


def test_a_missing_folder_is_an_outage(tmp_path, week):
    """Without its folder a recorded source is unavailable, like any other."""
    source = RecordedSource(RecordedConfig(type="recorded", folder=tmp_path / "none"))
    with pytest.raises(SourceUnavailable):
        source.plan(Feed.MARKS, wanting(week), NOBODY)
    with pytest.raises(SourceUnavailable):
        source.fetch(Window(Feed.MARKS, "10А", "marks"))


@pytest.mark.parametrize(
    ("page", "pointers"),
    [
        ("{", ("",)),
        ({"feed": "marks"}, ("/scope",)),
        ({"feed": "moods", "scope": "x"}, ("/feed",)),
        ({"feed": "marks", "scope": "x", "records": [{"kind": "mood"}]}, ("/records/0/kind",)),
    ],
)
def test_a_broken_page_names_its_places(folder, week, page, pointers):
    """A file that is no recorded page is a broken contract, told by pointers."""
    with pytest.raises(ContractViolation) as caught:
        folder(page=page).plan(Feed.MARKS, wanting(week), NOBODY)
    assert set(pointers) <= set(caught.value.pointers)


def test_the_name_of_an_unknown_field_is_not_repeated(folder, week):
    """It may be a pupil's."""
    with pytest.raises(ContractViolation) as caught:
        folder(page={"feed": "marks", "scope": "x", "Анна": 1}).plan(Feed.MARKS, wanting(week), NOBODY)
    assert caught.value.pointers == ("/*",)
