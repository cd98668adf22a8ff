"""Reads that are tried again: while it helps, not too often, no longer than asked."""

from random import Random

from ejsync.errors import EjsyncError, SourceAuthFailed, SourceThrottled, SourceUnavailable
from ejsync.transport import Limits, retry_reads


class SleepClock:
    """A clock that only notes how long it was asked to wait."""

    def __init__(self):
        self.slept = []

    def sleep(self, seconds):
        """Note a wait."""
        self.slept.append(seconds)


def unavailable(reason):
    """Make our error of a reason."""
    return SourceUnavailable(host="https://school.example", method="auth", reason=reason)


def attempts(*outcomes, **limits):
    """Run a read that fails with each error in turn; return how often it ran, how it ended and what it slept."""
    left, clock, tried = list(outcomes), SleepClock(), []

    def _read():
        tried.append(1)
        if left:
            raise left.pop(0)
        return "read"

    try:
        ended = retry_reads(_read, limits=Limits(**limits), clock=clock, rng=Random(1))
    except EjsyncError as error:
        ended = error
    return len(tried), ended, clock.slept


def test_a_read_is_tried_again_while_its_error_says_so():
    """Transient errors are waited out with bounded jitter."""
    tried, ended, slept = attempts(unavailable("a"), unavailable("b"))
    assert (tried, ended) == (3, "read")
    assert all(0 <= wait <= bound for wait, bound in zip(slept, (1, 2), strict=True))


def test_attempts_are_bounded():
    """The last error comes out once the attempts are used up."""
    errors = [unavailable(str(number)) for number in range(9)]
    tried, ended, _ = attempts(*errors, attempts=3)
    assert (tried, ended) == (3, errors[2])


def test_an_error_for_good_is_not_tried_again():
    """Refused credentials halt at once, so that no account is locked."""
    error = SourceAuthFailed(host="h", account="a", reason="r")
    assert attempts(error) == (1, error, [])


def test_retry_after_is_obeyed():
    """The source's own wait replaces ours."""
    asked = [SourceThrottled(host="h", method="m", reason="r", retry_after_s=wait) for wait in (3.0, 20.0)]
    assert attempts(*asked, longest_wait_s=20.0) == (3, "read", [3.0, 20.0])


def test_a_wait_beyond_the_bound_is_neither_waited_nor_cut_short():
    """A source that asks for longer than one read may wait is left alone; the error says for how long."""
    asked = SourceThrottled(host="h", method="m", reason="r", retry_after_s=20.1)
    assert attempts(asked, longest_wait_s=20.0) == (1, asked, [])
