"""How an item of a batch stands now, and what a replay does with it."""

from dataclasses import replace

import pytest

from ejsync.domain.batches import ItemState
from ejsync.domain.changes import Op
from ejsync.domain.decisions import AtSink, Fate, Now, Standing, at_sink, fate, now
from ejsync.domain.records import Kind

FREE = Standing(
    batch="b", sink="ed", position=0, op=Op.UPSERT, kind=Kind.MARK, key="k", version=3, fingerprint="f",
    state=ItemState.DEAD, reason="poison", known=3, gone=False, allowed=True, hold=None, waits=None, travels=None,
    there=None, there_live=False, there_content="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ({}, Fate.SENT),
        ({"known": 4}, Fate.SUPERSEDED),
        ({"known": None}, Fate.SUPERSEDED),
        ({"waits": 3}, Fate.SUPERSEDED),
        ({"travels": 3}, Fate.SUPERSEDED),
        ({"travels": 4}, Fate.SUPERSEDED),
        ({"travels": 2}, Fate.SENT),
        ({"hold": "h", "known": 4}, Fate.HELD),
        ({"allowed": False}, Fate.WITHHELD),
        ({"allowed": False, "hold": "h"}, Fate.WITHHELD),
        ({"allowed": False, "op": Op.RETRACT}, Fate.SENT),
    ],
)
def test_only_what_is_newest_free_and_alone_is_sent(stands, expected):
    """Consent is asked first, then approval, then whether this version is the last and nobody else brings it."""
    assert fate(replace(FREE, **stands)) is expected


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ({}, Now.UNCHANGED),
        ({"known": 4}, Now.SUPERSEDED),
        ({"known": 4, "gone": True}, Now.GONE),
        ({"op": Op.RETRACT, "gone": True}, Now.UNCHANGED),
        ({"op": Op.RETRACT, "known": 4}, Now.SUPERSEDED),
        ({"allowed": False, "gone": True}, Now.CONSENT_ENDED),
    ],
)
def test_what_was_carried_is_compared_with_what_is_known(stands, expected):
    """The end of a consent is told before a disappearance, that before a newer version."""
    assert now(replace(FREE, **stands)) is expected


@pytest.mark.parametrize(
    ("version", "live", "content", "expected"),
    [
        (None, False, "", AtSink.NOTHING),
        (4, False, "f", AtSink.NOTHING),
        (3, True, "f", AtSink.THIS),
        (2, True, "f", AtSink.OLDER),
        (4, True, "f", AtSink.NEWER),
        (3, True, "", AtSink.UNKNOWN),
    ],
)
def test_what_was_carried_is_compared_with_the_sink(version, live, content, expected):
    """By version, where anybody knows what the sink holds and families see it."""
    assert at_sink(replace(FREE, there=version, there_live=live, there_content=content)) is expected
