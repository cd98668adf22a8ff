"""`audit show --record`: a record followed through the log."""

from types import SimpleNamespace

import click
import pytest

from ejsync.cli.audit_record import followed, identity
from ejsync.domain.records import Feed
from tests.doubles.records import mark, marks, pupil, roster, school_class


def test_a_record_is_named_by_kind_and_key():
    """A key may hold colons; an unknown kind, no key and no kind are a wrong use."""
    assert identity("mark:1001/77:1/0") == "mark:1001/77:1/0"
    for wrong in ("weather:1", "mark:", "mark", ":1", ""):
        with pytest.raises(click.UsageError):
            identity(wrong)


def test_every_batch_of_the_record_is_told_and_no_other(world):
    """Both times it left are found with what came of them; what other records went through is left out."""
    world.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    world.consent("1001", "1002")
    world.deliver()
    first, other = mark(), mark("1002")
    world.read(marks(["1001", "1002"], first, other))
    world.deliver()
    world.read(marks(["1002"], mark("1002", raw="2")))
    world.deliver()
    world.read(marks(["1001"], mark(raw="2")))
    world.deliver()
    exchange = SimpleNamespace(store=world.store)
    told = list(followed(exchange, [world.wiring], f"mark:{first.key}"))
    assert [event["event"] for event in told] == ["window.read", "batch.claimed", "batch.settled"] * 2
    assert [[item[3] for item in event["details"]["items"]] for event in told[1::3]] == [[1], [2]]
    assert list(followed(exchange, [world.wiring], "mark:none")) == []
