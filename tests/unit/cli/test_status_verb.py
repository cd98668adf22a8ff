"""`status`: one screen, and whether promises are kept."""

from types import SimpleNamespace

from ejsync.domain.records import SCHOOL
from tests.doubles import records


def test_one_screen_says_what_waits_for_whom(lived, run):
    """Held, dead, quarantined: each with the command to type."""
    text = run("status").stdout
    for command in ("batches list --state held", "batches list --dead", "quarantine list", "consent list"):
        assert f"ejsync {command}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_late_feeds_are_named_with_exit_6(lived, run, ask):
    """A feed that was never read breaks its promise."""
    result = run("status", "--check")
    assert result.exit_code == 6
    assert "finals was never read well" in result.stdout
    assert {"finals", "homework"} <= {one["what"] for one in ask("status", "--check", code=6)["broken"]}


def test_kept_promises_are_well(home, run, page):
    """Once every feed was read the check is passed."""
    page("roster", "roster", records.school_class(), kinds=["school_class"], owners=[SCHOOL])
    assert run("sync").exit_code == 0
    result = run("status", "--check")
    assert (result.exit_code, "kept" in result.stdout) == (0, True)


def test_an_unknown_school_is_named(home, ask):
    """EJ-802 with the command that lists schools."""
    told = SimpleNamespace(**ask("status", "--school", "none", code=2))
    assert (told.code, told.next_step) == ("EJ-802", "ejsync config show")
