"""How a cycle looks."""

from datetime import UTC, datetime

from ejsync.cli.sync_tables import show_cycle
from ejsync.wording import use_language

FEED = {
    "feed": "timetable", "windows": 28, "created": 123456, "updated": 0, "retracted": 0, "unchanged": 123456,
    "withheld": 123456, "quarantined": 0, "held": 0, "failed": 0, "uncovered": {"getmarks": 3},
}  # fmt: skip
SINK = {"sink": "ed", "batches": 1, "delivered": 2, "dead": 0, "errors": [], "waits_until": None, "last_error": None}
SCHOOL = {"school": "lyceum", "timezone": "Asia/Omsk", "decisions": 1}


def test_the_tables_fit_a_terminal_in_both_languages(capsys):
    """Even with six digits no line is wider than eighty columns."""
    for language in ("ru", "en"):
        use_language(language)
        show_cycle({**SCHOOL, "feeds": [FEED], "sinks": [SINK]})
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_what_is_uncovered_and_the_next_try_are_said(capsys):
    """Rights that lack are named below the table; a waiting sink says until when, by the school's clock, and why."""
    use_language("en")
    until = datetime(2026, 11, 23, 20, tzinfo=UTC)
    show_cycle({**SCHOOL, "feeds": [FEED], "sinks": [{**SINK, "waits_until": until, "last_error": "EJ-403"}]})
    out = capsys.readouterr().out
    assert "getmarks 3" in out
    assert "ed: waits until 2026-11-24 02:00 (Asia/Omsk) after the error EJ-403" in out


def test_a_rehearsal_says_what_would_go(capsys):
    """By sink, operation and kind; or that there is nothing."""
    use_language("en")
    rows = [{"sink": "ed", "op": "upsert", "kind": "mark", "records": 7, "held": 0}]
    show_cycle({**SCHOOL, "feeds": [], "would_send": rows})
    show_cycle({**SCHOOL, "feeds": [], "would_send": []})
    out = capsys.readouterr().out
    assert "upsert" in out
    assert "nothing" in out
    assert "the diary has it all" in out


def test_a_rehearsal_says_what_would_be_held(capsys):
    """What waits for approval is counted, and then the diary has not got it all."""
    use_language("en")
    rows = [{"sink": "ed", "op": "retract", "kind": "lesson", "records": 0, "held": 152}]
    show_cycle({**SCHOOL, "feeds": [], "would_send": rows})
    out = capsys.readouterr().out
    assert "152 changes would be held for approval" in out
    assert "the diary has it all" not in out


def test_a_cycle_ends_with_the_next_commands(capsys):
    """One for each thing that waits for a person; a register that has decisions needs no import."""
    use_language("en")
    feed = {**FEED, "quarantined": 1, "held": 2}
    school = {**SCHOOL, "feeds": [feed], "sinks": [{**SINK, "dead": 1}]}
    show_cycle({**school, "decisions": 0})
    steps = [line for line in capsys.readouterr().out.splitlines() if line.startswith("→")]
    assert steps == [
        "→ ejsync quarantine list",
        "→ ejsync batches list --state dead",
        "→ ejsync batches list --state held",
        "→ ejsync consent import FILE.csv",
    ]
    show_cycle(school)
    assert "consent import" not in capsys.readouterr().out
