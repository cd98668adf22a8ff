"""What no contract names never reaches the disk: a page with fields of its own goes through the real mapping."""

from datetime import date

import pytest
from sqlalchemy import text

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Roster, Window
from ejsync.sources.eljur.mapping import read
from tests.doubles.erasing import spellings

WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))
TOKENS = [f"лишнее-{number}-поле" for number in range(6)]
MARK = {
    "value": "5", "weight": 2, "weight_float": "2.00", "countas": "5", "count": True, "comment": "", "max_mark": None,
    "mtype": {"id": 3, "type": "Контрольная", "short": "КР", "author": TOKENS[0]}, "lesson_comment": None,
    "date": "2026-11-16", "lesson_id": "77", "nm": "0", "teacher_note": TOKENS[1],
}  # fmt: skip
ABSENCE = {**MARK, "value": "н", "nm": "1", "reason": TOKENS[2], "mtype": None}
BROKEN = {**MARK, "value": "5" * 400, "nm": "2", "diagnosis": TOKENS[3]}
STUDENTS = {
    "1001": {
        "name": "1001", "title": "Тестова Анна", "passport": TOKENS[4], TOKENS[5]: 1,
        "lessons": [{"name": "Алгебра", "lesson_id": "77", "marks": [MARK, ABSENCE, BROKEN]}],
    },
}  # fmt: skip


@pytest.fixture
def absorbed(world):
    """The page, read by the mapping and taken into the store."""
    roster = Roster({"10А": ("1001",)})
    window = Window(Feed.MARKS, "10А", "getmarks", "bridge", WEEK, ("10А",), ("1001",))
    found = read(Page(window, {"students": STUDENTS}, day=date(2026, 11, 16)), roster)
    world.consent("1001")
    report = world.read(found)
    assert report.counts["created"] + report.counts["quarantined"] >= 2
    world.deliver()
    return found


def opened(world):
    """Every column of every row, with what is sealed opened."""
    with world.tx() as tx:
        connection = tx.erasures.connection
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        for name in names:
            for row in connection.execute(text(f"SELECT * FROM {name}")).mappings():
                yield repr(dict(row))
        for known in tx.erasures.known_of("1001"):
            yield from (payload.decode() for payload in tx.records.payloads([(known.kind, known.key)]).values())
        yield from (one.broken.payload.decode() for one in tx.quarantine.find())


@pytest.mark.usefixtures("absorbed")
def test_fields_that_no_contract_names_are_nowhere(world):
    """Neither in a payload, opened, nor in any byte of any file beside the store; nor did they reach the diary."""
    everything = list(opened(world))
    assert any("Алгебра" in row for row in everything)
    assert [token for token in TOKENS if any(token in row for row in everything)] == []
    files = [path.read_bytes() for path in world.store.path.parent.rglob("*") if path.is_file()]
    sent = [request.body for request in world.ed.requests]
    forms = [form for token in TOKENS for form in spellings(token)]
    assert not any(form in content for form in forms for content in (*files, *sent))
    assert sent


@pytest.mark.usefixtures("absorbed")
def test_raw_pages_are_not_kept(world):
    """Of an answer a keyed digest is all that stays: no table has a place for it."""
    with world.tx() as tx:
        columns = tx.erasures.connection.execute(text("PRAGMA table_info(page)")).all()
    assert {column[1] for column in columns} == {"school", "window", "feed", "digest", "at"}
