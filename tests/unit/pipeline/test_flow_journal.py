"""The whole flow: what the journal says, and only that, reaches the diary."""

from datetime import timedelta

import pytest

from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Coverage, Days, Due, Heat, Reading
from ejsync.errors import SourceSuspiciouslyEmpty, SourceUnavailable
from tests.doubles.records import (
    DAY,
    MARK_KINDS,
    broken_mark,
    final_mark,
    finals,
    lesson,
    lessons,
    mark,
    marks,
    pupil,
    roster,
    school_class,
)
from tests.doubles.world import STRICT, YEAR

KEY = mark().key


@pytest.fixture
def consented(world):
    """Two pupils whose families agreed."""
    world.consent("1001", "1002")
    return world


def test_a_returned_mark_reaches_the_diary(consented):
    """A→B→A ends with A at the diary, each under a version of its own."""
    for raw in "5", "4", "5":
        consented.read(marks(["1001"], mark(raw=raw)))
        consented.deliver()
        assert consented.seen() == {KEY: raw}
    assert consented.ed.held["mark", KEY].version == 3


def test_a_change_taken_back_before_sending_sends_nothing(consented):
    """A→B→A between two deliveries leaves nothing to send."""
    consented.read(marks(["1001"], mark(raw="5")))
    consented.deliver()
    consented.read(marks(["1001"], mark(raw="4")))
    consented.read(marks(["1001"], mark(raw="5")))
    assert consented.waiting() == {}
    consented.deliver()
    assert len(consented.ed.requests) == 1


def test_a_change_taken_back_while_its_answer_is_lost_is_sent_back(consented):
    """A→B (answer lost)→A sends B once more under its key, and then A."""
    consented.read(marks(["1001"], mark(raw="5")))
    consented.deliver()
    consented.read(marks(["1001"], mark(raw="4")))
    consented.ed.faults.append("lost")
    consented.deliver()
    consented.read(marks(["1001"], mark(raw="5")))
    consented.settle_down()
    assert consented.seen() == {KEY: "5"}
    assert [request.key for request in consented.ed.requests].count(consented.ed.requests[1].key) == 2


def test_a_mark_that_becomes_an_absence_changes_its_kind(consented):
    """The same cell with another kind: the mark is retracted, the absence arrives."""
    consented.read(marks(["1001"], mark(raw="5")))
    consented.deliver()
    consented.read(marks(["1001"], mark(raw="н")))
    consented.deliver()
    assert set(consented.ed.live()) == {("absence", KEY)}
    consented.read(marks(["1001"], mark(raw="4")))
    consented.deliver()
    assert set(consented.ed.live()) == {("mark", KEY)}


def test_a_removed_mark_is_retracted(consented):
    """What a complete page no longer shows is retracted, and its payload is forgotten."""
    consented.read(marks(["1001"], mark(), mark(lesson_id="78")))
    consented.deliver()
    consented.read(marks(["1001"], mark()))
    consented.deliver()
    assert list(consented.seen()) == [KEY]
    with consented.tx() as tx:
        gone = tx.records.known_keys([(Kind.MARK, mark(lesson_id="78").key)])
        assert [row.gone for row in gone.values()] == [True]


def test_a_page_about_fewer_pupils_concludes_nothing_about_the_others(consented):
    """A pupil whom a page does not speak of keeps everything."""
    consented.read(marks(["1001", "1002"], mark(), mark("1002")))
    consented.read(marks(["1001"], mark()))
    consented.deliver()
    assert set(consented.seen()) == {KEY, mark("1002").key}


def test_an_empty_answer_concludes_nothing(consented):
    """A page with nothing where marks are known is suspicious, not a deletion; it is told and witnessed."""
    consented.read(marks(["1001"], mark()))
    report = consented.read(marks(["1001"]))
    assert [type(error) for error in report.errors] == [SourceSuspiciouslyEmpty]
    assert report.errors[0].known == 1
    consented.deliver()
    assert list(consented.seen()) == [KEY]
    assert consented.audit("window.read")[-1].details["suspicious"] == 1


def test_a_believable_empty_answer_retracts(consented):
    """An empty page with the structure of a real one means that the marks are gone."""
    consented.read(marks(["1001"], mark()))
    consented.deliver()
    consented.read(marks(["1001"], believable=True))
    consented.deliver()
    assert consented.seen() == {}


def test_one_silent_pupil_does_not_hide_the_other(consented):
    """Doubt is per pupil: beside a silent one, a removed mark of a speaking one is still retracted."""
    consented.read(marks(["1001", "1002"], mark(), mark(lesson_id="78"), mark("1002")))
    report = consented.read(marks(["1001", "1002"], mark()))
    assert report.errors[0].known == 1
    consented.deliver()
    assert set(consented.seen()) == {KEY, mark("1002").key}


def test_only_the_days_of_the_window_may_vanish(consented):
    """What lies outside the days of a page stays, on both sides and on the border inside."""
    early, inside, late = (mark(day=DAY + timedelta(days=days)) for days in (-8, 0, 8))
    consented.read(marks(["1001"], early, inside, late))
    consented.read(marks(["1001"], days=Days(DAY - timedelta(days=1), DAY), believable=True))
    consented.deliver()
    assert set(consented.seen()) == {early.key, late.key}


def test_one_page_may_cover_an_owner_twice(consented):
    """Two coverages of one owner with different days both count."""
    first, second, between = (mark(day=DAY + timedelta(days=days)) for days in (0, 14, 7))
    consented.read(marks(["1001"], first, second, between))
    owner = ("pupil:1001",)
    spans = [Days(DAY, DAY), Days(second.day, second.day)]
    consented.read(Reading((), tuple(Coverage(MARK_KINDS, owner, days, believable_when_empty=True) for days in spans)))
    consented.deliver()
    assert set(consented.seen()) == {between.key}


def test_a_failed_window_leaves_everything_as_it_was(consented):
    """A window that raised concludes nothing, its neighbours go on, and the feed says so."""
    consented.read(marks(["1001"], mark()))
    error = SourceUnavailable(host="journal", method="getmarks", reason="HTML")
    report = consented.read(error, marks(["1002"], mark("1002")))
    assert report.errors == [error]
    consented.deliver()
    assert set(consented.seen()) == {KEY, mark("1002").key}


def test_a_duplicate_in_one_reading_counts_once(consented):
    """Of two records under one key in one reading the last counts, under one version."""
    report = consented.read(marks(["1001"], mark(raw="4"), mark(raw="5")))
    assert report.counts["created"] == 1
    consented.deliver()
    assert consented.seen() == {KEY: "5"}
    assert consented.read(marks(["1001"], mark(raw="4"), mark(raw="5"))).counts["unchanged"] == 1


def test_a_quarantined_record_is_not_retracted(consented):
    """A record that breaks its contract is set aside: the diary keeps the last good one, neighbours go on."""
    consented.read(marks(["1001"], mark(), mark(lesson_id="78")))
    report = consented.read(marks(["1001"], broken_mark(), mark(raw="3", lesson_id="78")))
    assert report.counts["quarantined"] == 1
    consented.deliver()
    assert consented.seen() == {KEY: "5", mark(lesson_id="78").key: "3"}


def test_a_quarantined_record_that_vanishes_is_retracted_and_let_go(consented):
    """Once the journal no longer shows a broken record, it is gone from the diary and from quarantine."""
    consented.read(marks(["1001"], mark(), mark(lesson_id="78")))
    consented.read(marks(["1001"], broken_mark(), mark(lesson_id="78")))
    consented.read(marks(["1001"], mark(lesson_id="78")))
    consented.deliver()
    assert set(consented.seen()) == {mark(lesson_id="78").key}
    with consented.tx() as tx:
        assert tx.quarantine.count() == 0


def test_a_mended_record_leaves_quarantine_and_arrives(consented):
    """A broken record mended in the journal goes its way by itself."""
    consented.read(marks(["1001"], broken_mark()))
    report = consented.read(marks(["1001"], mark(raw="3")))
    assert report.counts["mended"] == 1
    consented.deliver()
    assert consented.seen() == {KEY: "3"}


def test_a_pupil_who_leaves_takes_everything_along(consented):
    """With a pupil his marks, absences and final marks are retracted; his classmates stay."""
    consented.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    consented.read(marks(["1001", "1002"], mark(), mark("1002")))
    consented.read(marks(["1001"], mark(), mark(raw="н", column=1)))
    consented.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    consented.deliver()
    consented.read(roster(school_class(), pupil("1002")), feed=Feed.ROSTER)
    consented.deliver()
    assert set(consented.ed.live()) == {
        ("school_class", "10А"),
        ("pupil", "1002"),
        ("mark", mark("1002").key),
    }


def test_a_pupil_who_comes_back_is_complete_again(consented):
    """A pupil who left and returned is there with all his marks, under newer versions."""
    full, empty = roster(school_class(), pupil("1001"), pupil("1002")), roster(school_class(), pupil("1002"))
    for reading in full, empty, full:
        consented.read(reading, feed=Feed.ROSTER)
        consented.deliver()
        consented.read(marks(["1001"], mark()))
        consented.deliver()
    assert ("pupil", "1001") in consented.ed.live()
    assert consented.seen() == {KEY: "5"}
    assert consented.ed.regressions == []


def test_a_class_that_closes_takes_its_lessons_along(consented):
    """With a class its lessons are retracted."""
    consented.read(roster(school_class("10А"), school_class("11А")), feed=Feed.ROSTER)
    consented.read(lessons(["10А", "11А"], lesson(of="10А"), lesson(of="11А")), feed=Feed.TIMETABLE)
    consented.read(roster(school_class("11А")), feed=Feed.ROSTER)
    consented.deliver()
    assert set(consented.ed.live()) == {("school_class", "11А"), ("lesson", lesson(of="11А").key)}


def test_parents_go_before_children_within_a_batch(consented):
    """Within a batch classes and pupils stand before marks, final results too, and retractions in reverse."""
    consented.read(finals(["1001"], final_mark()), feed=Feed.FINALS)
    consented.read(marks(["1001"], mark()))
    consented.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    consented.deliver()
    assert [item["kind"] for item in consented.ed.requests[0].items] == [
        "school_class",
        "pupil",
        "mark",
        "final_mark",
    ]
    consented.read(roster(school_class()), feed=Feed.ROSTER)
    consented.deliver()
    assert [item["kind"] for item in consented.ed.requests[-1].items] == ["final_mark", "mark", "pupil"]


def test_what_is_unchanged_is_neither_sent_nor_witnessed_twice(consented):
    """Reading the same page again sends nothing and adds one feed entry only."""
    consented.read(marks(["1001"], mark()))
    consented.deliver()
    before = len(consented.audit())
    assert consented.read(marks(["1001"], mark())).counts["unchanged"] == 1
    consented.deliver()
    assert len(consented.ed.requests) == 1
    assert [entry.event for entry in consented.audit()[before:]] == ["feed.read"]


def test_what_is_due_reaches_the_source(consented):
    """The source is told what is due of each owner, with the roster as last read."""
    consented.read(roster(school_class(), pupil()), feed=Feed.ROSTER)
    consented.read(marks(["1001"], mark()))
    assert consented.source.dues[-1]("pupil:1001") == (Due(Heat.HOT, YEAR),)
    assert dict(consented.source.rosters[-1].classes) == {"10А": ("1001",)}


def test_a_mass_that_heals_before_approval_needs_nobody(consented):
    """Marks that vanish in a mass are held; once they are back, nothing was sent and nothing is held."""
    consented.guarded(STRICT)
    many = [mark(lesson_id=str(number)) for number in range(10)]
    consented.read(marks(["1001"], *many))
    consented.deliver()
    consented.read(marks(["1001"], believable=True))
    consented.deliver()
    assert len(consented.seen()) == 10
    consented.read(marks(["1001"], *many))
    consented.deliver()
    assert len(consented.seen()) == 10
    assert len(consented.ed.requests) == 1
    assert [row.state for row in consented.batches() if row.state == "held"] == []


def test_what_is_read_of_a_pupil_after_he_left_goes_too(consented):
    """Marks that a late page still showed of a pupil who is gone are retracted with the next roster."""
    consented.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    consented.read(roster(school_class(), pupil("1002")), feed=Feed.ROSTER)
    consented.read(marks(["1001"], mark()))
    consented.deliver()
    consented.read(roster(school_class(), pupil("1002")), feed=Feed.ROSTER)
    consented.deliver()
    assert consented.seen() == {}
