"""A recorded page is what it says."""

from datetime import date

from ejsync.domain.records import Feed, Kind, Record
from ejsync.domain.windows import Coverage, Days, Page, Window
from ejsync.sources.recorded.mapping import RecordedPage, read

PAGE = {
    "feed": "marks",
    "scope": "10А",
    "records": [
        {
            "kind": "mark",
            "key": "1001/77/2026-11-16/0",
            "owner": "pupil:1001",
            "pupil": "1001",
            "day": "2026-11-16",
            "data": {"raw": "5"},
        }
    ],
    "coverages": [
        {
            "kinds": ["mark", "absence"],
            "owners": ["pupil:1001"],
            "days": {"first": "2026-11-16", "last": "2026-11-22"},
            "believable_when_empty": True,
        }
    ],
}


def test_records_and_coverages_come_out_as_written():
    """Nothing is added to a recorded page and nothing judged."""
    reading = read(Page(Window(Feed.MARKS, "10А", "marks"), RecordedPage.model_validate(PAGE)))
    assert reading.records == (
        Record(Kind.MARK, "1001/77/2026-11-16/0", "pupil:1001", "1001", date(2026, 11, 16), {"raw": "5"}),
    )
    days = Days(date(2026, 11, 16), date(2026, 11, 22))
    kinds = frozenset({Kind.MARK, Kind.ABSENCE})
    assert reading.coverages == (Coverage(kinds, ("pupil:1001",), days, believable_when_empty=True),)
