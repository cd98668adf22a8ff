"""Errors of the reading side."""

import pytest

from ejsync.errors import (
    ContractViolation,
    Disposition,
    Exit,
    SourceAuthFailed,
    SourceElsewhere,
    SourceError,
    SourceForbidden,
    SourceOversized,
    SourceStrangers,
    SourceSuspiciouslyEmpty,
    SourceThrottled,
    SourceUnavailable,
    SourceUnreadable,
)


@pytest.mark.parametrize(
    ("kind", "disposition", "exit_code"),
    [
        (SourceUnavailable, Disposition.RETRY, Exit.TEMPORARY),
        (SourceThrottled, Disposition.RETRY, Exit.TEMPORARY),
        (SourceElsewhere, Disposition.RETRY, Exit.TEMPORARY),
        (SourceOversized, Disposition.HALT, Exit.CONFIGURATION),
        (SourceStrangers, Disposition.HALT, Exit.TEMPORARY),
        (SourceAuthFailed, Disposition.HALT, Exit.CONFIGURATION),
        (SourceForbidden, Disposition.HALT, Exit.CONFIGURATION),
        (SourceSuspiciouslyEmpty, Disposition.HALT, Exit.TEMPORARY),
        (SourceUnreadable, Disposition.HALT, Exit.TEMPORARY),
        (ContractViolation, Disposition.QUARANTINE, Exit.WITH_DEAD_ITEMS),
    ],
)
def test_what_happens_after_a_failed_read(kind, disposition, exit_code):
    """Only what may pass by itself is tried again; lost rights and odd answers halt; broken data wait."""
    assert (kind.disposition, kind.exit_code) == (disposition, exit_code)


def test_all_but_broken_data_are_source_errors():
    """A caller may catch everything the journal did."""
    assert all(issubclass(kind, SourceError) for kind in (SourceUnavailable, SourceAuthFailed, SourceForbidden))
    assert not issubclass(ContractViolation, SourceError)


def test_waiting_is_optional():
    """A journal may ask to wait without saying how long."""
    assert SourceThrottled(host="h", method="m", reason="r").retry_after_s is None
