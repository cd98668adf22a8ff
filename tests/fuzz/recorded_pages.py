"""Target: recorded pages, which rehearsals write by hand."""

import tempfile
from functools import cache
from pathlib import Path

from ejsync.domain.records import Feed
from ejsync.domain.windows import Roster, Window
from ejsync.errors import ContractViolation, SourceError
from ejsync.pipeline.normalise import normalise
from ejsync.sources.recorded.client import RecordedSource
from ejsync.sources.recorded.config import RecordedConfig
from tests.doubles.journal import WAYS, PaperJournal
from tests.fuzz.journal_answers import WIRING
from tests.fuzz.mutation import CANARY, grafted, marked, spelt, torn
from tests.fuzz.running import MEMORY, Target

_NONE = Roster({})


@cache
def corpus():
    """What an invented school says, as recorded pages."""
    journal = PaperJournal(1)
    return tuple(_page(journal.reading(journal.window(way)), way.feed) for way in WAYS)


def _page(reading, feed):
    records = [
        {"kind": one.kind, "key": one.key, "owner": one.owner, "pupil": one.pupil,
         "day": one.day.isoformat() if one.day else None, "data": marked(one.data)}
        for one in reading.records[:3]
    ]  # fmt: skip
    coverages = [
        {"kinds": sorted(one.kinds), "owners": list(one.owners[:3]),
         "days": {"first": "2026-11-16", "last": "2026-11-22"}}
        for one in reading.coverages[:2]
    ]  # fmt: skip
    days = {"first": "2026-11-16", "last": "2026-11-22"}
    return {"feed": feed, "scope": "school", "days": days, "records": records, "coverages": coverages}


def mutant(rng):
    """A page with a mistake in it."""
    page = rng.choice(corpus())
    records = [{**one, "data": grafted(rng, one["data"])} for one in page["records"]]
    body = spelt(rng, {**page, "records": records} if rng.random() < 0.6 else grafted(rng, page))
    return torn(rng, body) if rng.random() < 0.1 else body


def _extremes():
    head = b'{"feed":"marks","scope":"x","records":[{"kind":"mark","key":"k","owner":"o","data":'
    for data in (
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"a":' * 150 + b"1" + b"}" * 150, b'{"a":' + b"9" * 5000 + b"}"),
        *(b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}', b'{"a":123456789012345678901234567890}'),
    ):
        yield head + data + b"}]}"
    yield from (b"", b"\0", b"\xff", b'{"%s":1}' % CANARY.encode(), b'{"feed":"%s"}' % CANARY.encode())


@cache
def _folder():
    return tempfile.TemporaryDirectory(prefix="ejsync-fuzz-", dir=MEMORY)


def execute(body):
    """Read a page from its file, and normalise it."""
    folder = Path(_folder().name)
    (folder / "page.json").write_bytes(body)
    source = RecordedSource(RecordedConfig(type="recorded", folder=folder))
    source.plan(Feed.MARKS, lambda _: (), _NONE)
    reading = source.read(source.fetch(Window(Feed.MARKS, "school", "page")), _NONE)
    return str([one.pointers for one in normalise(WIRING, reading.records).broken])


def target():
    """Recorded pages."""
    return Target("recorded", (SourceError, ContractViolation), tuple(_extremes()), mutant, execute)
