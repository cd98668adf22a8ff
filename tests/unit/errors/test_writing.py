"""Errors of the writing side."""

import pytest

from ejsync.errors import Disposition, Exit, SinkAuthFailed, SinkError, SinkRejected, SinkThrottled, SinkUnavailable


@pytest.mark.parametrize(
    ("kind", "disposition", "exit_code"),
    [
        (SinkUnavailable, Disposition.RETRY, Exit.TEMPORARY),
        (SinkThrottled, Disposition.RETRY, Exit.TEMPORARY),
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
    assert SinkUnavailable(sink="ed", reason="503").retry_after_s is None
