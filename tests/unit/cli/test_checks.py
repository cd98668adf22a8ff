"""What `doctor` looks at on this machine."""

from ejsync.cli import checks
from ejsync.errors import Exit


def _states(found):
    return [check.state for check in found]


def test_a_store_that_is_not_there_yet_is_no_fault(tmp_path):
    """The first run makes it."""
    assert _states(checks.store_checks(tmp_path / "state" / "new.db")) == ["ok"]


def test_a_file_that_is_no_database_fails(tmp_path):
    """A damaged store is a configuration fault with a next step."""
    file = tmp_path / "x.db"
    file.write_bytes(b"no database at all" * 100)
    (check,) = checks.store_checks(file)
    assert (check.state, check.exit_code) == ("failed", Exit.CONFIGURATION)
    assert check.next_step


def test_a_sound_store_tells_version_disk_and_lease(lived):
    """Three lines, none of them failed."""
    assert "failed" not in _states(checks.store_checks(lived.home / "state" / "ejsync.db"))


def test_a_full_disk_is_doubtful(tmp_path, monkeypatch, lived):
    """Little room is no failure yet, but has a next step."""
    monkeypatch.setattr(checks, "LEAST_FREE_BYTES", 10**18)
    found = {check.state: check for check in checks.store_checks(lived.home / "state" / "ejsync.db")}
    assert found["warning"].next_step


def test_the_packaged_contracts_hold():
    """Every schema and example of this version is well."""
    assert checks.contracts_check().state == "ok"
