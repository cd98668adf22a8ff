"""Ends of consents, kept beside the store."""

import stat

import pytest

from ejsync.domain.consent import Decision
from ejsync.store.withdrawals import Ended, WithdrawalFile


@pytest.fixture
def file(world):
    """The file beside the world's store."""
    return WithdrawalFile(world.store.path)


def ended(file):
    """Whose consents ended, as the file tells."""
    return [(one.pupil, one.scope) for one in file.of("school-7")]


def test_a_withdrawal_and_a_refusal_end_what_was_granted(world, file):
    """Both are kept by pupil and scope, for this school alone; a refusal of what was never granted ends nothing."""
    world.consent("1001", "1002")
    world.withdraw("1001")
    world.consent("1002", "1003", decision=Decision.REFUSED)
    assert ended(file) == [("1001", "results"), ("1002", "results")]
    assert list(file.of("lyceum")) == []
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_it_is_kept_before_the_commit(world, file):
    """Of a withdrawal that fails to commit a line is left: one too many ends a consent, one too few reveals a pupil."""
    world.consent("1001")
    with world.tx() as tx:
        tx.consents.withdraw([1], world.clock.now())
        assert ended(file) == []
    assert ended(file) == [("1001", "results")]


def test_a_torn_line_hides_no_other(file):
    """What a power cut left unfinished is passed over."""
    line = b'["school-7","1001","results","2026-10-01T08:00:00+00:00","2026-10-02T08:00:00+00:00"]\n'
    file.path.write_bytes(line + b'["school-7","10\n' + line)
    assert len(ended(file)) == 2


def test_what_is_written_after_a_torn_line_is_read(file, world):
    """An end that is kept after a power cut does not hang on the unfinished line before it."""
    file.path.write_bytes(b'["school-7","10')
    file.add("school-7", [Ended("1001", "results", world.clock.now(), world.clock.now())])
    assert [one.pupil for one in file.of("school-7")] == ["1001"]


def test_only_the_very_consent_that_ended_is_ended_again(world, file):
    """Applied to a store where it stands, it is withdrawn; one that the family gave later stands, and twice is once."""
    world.consent("1001")
    world.withdraw("1001")
    world.clock.move(hours=1)
    world.consent("1001")
    with world.tx() as tx:
        tx.records.connection.exec_driver_sql("UPDATE consent SET withdrawn_at = NULL")
        assert file.apply(tx.records.connection, "school-7") == 1
        assert file.apply(tx.records.connection, "school-7") == 0
        first, second = tx.consents.of()["1001"]
    assert first.withdrawn_at is not None
    assert second.withdrawn_at is None
