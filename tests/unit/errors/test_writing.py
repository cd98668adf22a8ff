"""Errors of the writing side."""

import pytest

from ejsync.errors import (
    Disposition,
    Exit,
    SinkAuthFailed,
    SinkError,
    SinkRejected,
    SinkThrottled,
    SinkUnavailable,
    SinkUnclear,
)


@pytest.mark.parametrize(
    ("kind", "disposition", "exit_code"),
    [
        (SinkUnavailable, Disposition.RETRY, Exit.TEMPORARY),
        (SinkThrottled, Disposition.RETRY, Exit.TEMPORARY),
        (SinkUnclear, Disposition.RETRY, Exit.TEMPORARY),
        (SinkAuthFailed, Disposition.HALT, Exit.CONFIGURATION),
        (SinkRejected, Disposition.DEAD_LETTER, Exit.WITH_DEAD_ITEMS),
    ],
)
def test_what_happens_after_a_failed_push(kind, disposition, exit_code):
    """A batch that was not taken goes again; one that was refused for good does not."""
    assert (kind.disposition, kind.exit_code) == (disposition, exit_code)
    assert issubclass(kind, SinkError)


def test_a_sink_may_ask_to_wait():
    """Seconds are optional."""
    assert SinkThrottled(sink="ed", reason="429", retry_after_s=5.0).retry_after_s == 5.0
    assert SinkThrottled(sink="ed", reason="429").retry_after_s is None


def test_what_is_unclear_concerns_one_school_until_it_is_said_otherwise():
    """An outage is the host's, a strange answer need not be; neither is a timeout by itself."""
    assert SinkUnavailable(sink="ed", reason="503").of_host
    assert not SinkUnclear(sink="ed", reason="404").of_host
    assert not SinkUnavailable(sink="ed", reason="503").timed_out
