"""How a cycle looks."""

from datetime import UTC, datetime

from ejsync.cli.sync_tables import show_cycle
from ejsync.wording import use_language

FEED = {
    "feed": "timetable", "windows": 28, "created": 123456, "updated": 0, "retracted": 0, "unchanged": 123456,
    "withheld": 123456, "quarantined": 0, "held": 0, "failed": 0, "uncovered": {"getmarks": 3},
}  # fmt: skip
SINK = {"sink": "ed", "batches": 1, "delivered": 2, "dead": 0, "errors": [], "waits_until": None}


def test_the_tables_fit_a_terminal_in_both_languages(capsys):
    """Even with six digits no line is wider than eighty columns."""
    for language in ("ru", "en"):
        use_language(language)
        show_cycle({"school": "lyceum", "feeds": [FEED], "sinks": [SINK]})
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_what_is_uncovered_and_the_next_try_are_said(capsys):
    """Rights that lack are named below the table; a waiting sink says until when."""
    use_language("en")
    until = datetime(2026, 11, 23, tzinfo=UTC)
    show_cycle({"school": "lyceum", "feeds": [FEED], "sinks": [{**SINK, "waits_until": until}]})
    out = capsys.readouterr().out
    assert "getmarks 3" in out
    assert "2026-11-2" in out


def test_a_rehearsal_says_what_would_go(capsys):
    """By sink, operation and kind; or that there is nothing."""
    use_language("en")
    rows = [{"sink": "ed", "op": "upsert", "kind": "mark", "records": 7}]
    show_cycle({"school": "lyceum", "feeds": [], "would_send": rows})
    show_cycle({"school": "lyceum", "feeds": [], "would_send": []})
    out = capsys.readouterr().out
    assert "upsert" in out
    assert "nothing" in out
